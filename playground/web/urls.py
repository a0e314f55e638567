from __future__ import annotations

from django.urls import include, path

from playground.web import account_views, credits_views, gallery_views, model_views, shell_views, signin, upload_views

urlpatterns = [
    path("", model_views.home, name="home"),
    path("prefs", shell_views.prefs, name="prefs"),
    # /login and the person
    path("login", signin.sign_in, name="sign-in"),
    # The name under which allauth looks for its own page.
    path("login", signin.sign_in, name="account_login"),
    path("logout", account_views.sign_out, name="sign-out"),
    path("sign-in/<str:token>", account_views.sign_in_link, name="sign-in-link"),
    path("account/password", account_views.password, name="password"),
    # /models
    path("models", model_views.models, name="models"),
    path("models/<slug:gateway>/<path:model_id>/poster.webp", model_views.poster, name="model-poster"),
    path("models/<slug:gateway>/<path:model_id>/preview.mp4", model_views.preview, name="model-preview"),
    # What there is
    path("gallery", gallery_views.gallery, name="gallery"),
    path("credits", credits_views.credits, name="credits"),
    # Files that people give as input
    path("uploads", upload_views.upload, name="upload"),
    path("uploads/<uuid:upload_id>/fix", upload_views.fix, name="upload-fix"),
    path("uploads/<uuid:upload_id>/thumb.webp", upload_views.thumb, name="upload-thumb"),
    path("uploads/<uuid:upload_id>/<str:name>", upload_views.content, name="upload-content"),
    # The playground, its jobs and their files; its model addresses match whatever is left under /models
    path("", include("playground.web.playground_urls")),
]
