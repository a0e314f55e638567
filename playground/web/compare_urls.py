from __future__ import annotations

from django.urls import path

from playground.web import compare_views

urlpatterns = [
    path("compare", compare_views.compare, name="compare"),
    path("compare/quote", compare_views.compare_quote, name="compare-quote"),
    path("compare/run", compare_views.compare_run, name="compare-run"),
    path("compare/<uuid:comparison_id>", compare_views.comparison, name="comparison"),
    path("compare/<uuid:comparison_id>/pick", compare_views.comparison_pick, name="comparison-pick"),
    path("compare/<uuid:comparison_id>/share", compare_views.comparison_share, name="comparison-share"),
]
