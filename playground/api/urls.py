from __future__ import annotations

from django.urls import path, re_path

from playground.api import common, dry_run, health, jobs, models

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/jobs/createTask", jobs.create_task, name="api-create-task"),
    path("api/v1/jobs/validateTask", dry_run.validate_task, name="api-validate-task"),
    path("api/v1/jobs/recordInfo", jobs.record_info, name="api-record-info"),
    path("api/v1/models", models.models, name="api-models"),
    # An id has slashes, so its own address comes last; no card's id ends like one of the two before it.
    path("api/v1/models/<path:model_id>/schema", models.schema, name="api-model-schema"),
    path("api/v1/models/<path:model_id>/price", models.price, name="api-model-price"),
    path("api/v1/models/<path:model_id>", models.model, name="api-model"),
    path("api/v1/chat/credit", common.credit, name="api-credit"),
    re_path(r"^api/", common.not_found, name="api-not-found"),
]
