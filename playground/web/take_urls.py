"""Takes, and the links that show them to others."""

from __future__ import annotations

from django.urls import path

from playground.web import share_pages, share_views, take_views

urlpatterns = [
    path("takes/<uuid:take_id>", take_views.take, name="take"),
    path("takes/<uuid:take_id>/menu", take_views.menu, name="take-menu"),
    path("takes/<uuid:take_id>/share", share_views.take_share, name="take-share"),
    path("collections/<uuid:collection_id>/share", share_views.collection_share, name="collection-share"),
    path("shares", share_views.shares, name="shares"),
    path("shares/<uuid:share_id>/revoke", share_views.revoke, name="share-revoke"),
    path("s/<str:token>", share_pages.shared, name="shared"),
    path("s/<str:token>/<uuid:take_id>", share_pages.shared_take, name="shared-take"),
]
