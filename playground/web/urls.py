from __future__ import annotations

from django.urls import include, path

from playground.web import docs_views, model_views, provider_keys_views, provider_views, search_views, shell_views, upload_views

urlpatterns = [
    path("", model_views.home, name="home"),
    path("prefs", shell_views.prefs, name="prefs"),
    # /login, /account and the person
    path("", include("playground.web.account_urls")),
    # /models
    path("models", model_views.models, name="models"),
    path("models/<slug:gateway>/<path:model_id>/poster.webp", model_views.poster, name="model-poster"),
    path("models/<slug:gateway>/<path:model_id>/preview.mp4", model_views.preview, name="model-preview"),
    # What there is
    path("", include("playground.web.gallery_urls")),
    path("", include("playground.web.take_urls")),
    path("", include("playground.web.compare_urls")),
    path("", include("playground.web.tasks_urls")),
    path("search", search_views.search, name="search"),
    path("", include("playground.web.credits_urls")),
    path("docs", docs_views.docs, name="docs"),
    path("docs/models", docs_views.models, name="docs-models"),
    path("docs/models/<slug:gateway>/<path:model_id>", docs_views.model, name="docs-model"),
    path("providers", provider_views.providers, name="providers"),
    path("providers/<str:name>/key", provider_keys_views.key, name="provider-key"),
    path("providers/<str:name>/check", provider_keys_views.check, name="provider-check"),
    # Files that people give as input
    path("uploads", upload_views.upload, name="upload"),
    path("uploads/<uuid:upload_id>/fix", upload_views.fix, name="upload-fix"),
    path("uploads/<uuid:upload_id>/thumb.webp", upload_views.thumb, name="upload-thumb"),
    path("uploads/<uuid:upload_id>/<str:name>", upload_views.content, name="upload-content"),
    # The team, its keys, its log
    path("", include("playground.web.team_urls")),
    # The playground, its jobs and their files; its model addresses match whatever is left under /models
    path("", include("playground.web.playground_urls")),
]
