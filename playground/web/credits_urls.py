"""/credits: what there is and what was spent, budgets, adding, the proof."""

from __future__ import annotations

from django.urls import path

from playground.web import budget_views, credits_views, funding_views, proof_views

urlpatterns = [
    path("credits", credits_views.credits, name="credits"),
    path("credits.csv", credits_views.credits_csv, name="credits-csv"),
    path("credits/add", funding_views.add_credits, name="credits-add"),
    path("credits/rate", funding_views.set_rate, name="credits-rate"),
    path("credits/budgets", budget_views.budgets, name="budgets"),
    path("credits/budgets/<int:budget_id>", budget_views.budget, name="budget"),
    path("credits/budgets/<int:budget_id>/remove", budget_views.budget_removal, name="budget-removal"),
    path("credits/proof", proof_views.ledger_proof, name="credits-proof"),
    path("credits/proof/check", proof_views.check_now, name="credits-check"),
]
