from __future__ import annotations

from django.urls import path, re_path

from playground.api import common, dry_run, health, jobs

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/jobs/createTask", jobs.create_task, name="api-create-task"),
    path("api/v1/jobs/validateTask", dry_run.validate_task, name="api-validate-task"),
    path("api/v1/jobs/recordInfo", jobs.record_info, name="api-record-info"),
    path("api/v1/chat/credit", common.credit, name="api-credit"),
    re_path(r"^api/", common.not_found, name="api-not-found"),
]
