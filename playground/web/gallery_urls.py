"""The gallery's addresses."""

from __future__ import annotations

from django.urls import path

from playground.web import bulk_views, collection_views, gallery_views

urlpatterns = [
    path("gallery", gallery_views.gallery, name="gallery"),
    path("takes/bulk", bulk_views.bulk_action, name="takes-bulk"),
    path("takes/restore", bulk_views.restore, name="takes-restore"),
    path("takes/<uuid:take_id>/favourite", bulk_views.favourite, name="take-favourite"),
    path("collections", collection_views.create, name="collections"),
    path("collections/<uuid:collection_id>", collection_views.rename, name="collection"),
    path("collections/<uuid:collection_id>/delete", collection_views.delete, name="collection-delete"),
]
