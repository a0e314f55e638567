from __future__ import annotations

from django.urls import path, re_path

from playground.api import common, dry_run, families, health, hooks, jobs, larger, models, modkie, openapi_view, uploads
from playground.api.actions import views as actions

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("hooks/<str:provider>/<str:token>", hooks.hook, name="hook"),
    path("api/v1/jobs/createTask", jobs.create_task, name="api-create-task"),
    path("api/v1/jobs/validateTask", dry_run.validate_task, name="api-validate-task"),
    path("api/v1/jobs/recordInfo", jobs.record_info, name="api-record-info"),
    path("api/v1/veo/generate", families.veo_generate, name="api-veo-generate"),
    path("api/v1/veo/extend", families.veo_extend, name="api-veo-extend"),
    path("api/v1/veo/record-info", families.veo_record, name="api-veo-record"),
    path("api/v1/veo/get-1080p-video", larger.get_1080p, name="api-veo-1080p"),
    # The name of the documentation's page, which some clients took for the address.
    path("api/v1/veo/get-veo-3-1080-p-video", larger.get_1080p, name="api-veo-1080p-by-its-page"),
    path("api/v1/veo/get-4k-video", larger.get_4k, name="api-veo-4k"),
    path("api/v1/runway/generate", families.runway_generate, name="api-runway-generate"),
    path("api/v1/runway/extend", families.runway_extend, name="api-runway-extend"),
    path("api/v1/runway/record-detail", families.runway_record, name="api-runway-record"),
    path("api/v1/aleph/generate", families.aleph_generate, name="api-aleph-generate"),
    path("api/v1/aleph/record-info", families.aleph_record, name="api-aleph-record"),
    path("api/v1/models", models.models, name="api-models"),
    # An id has slashes, so its own address comes last; no card's id ends like one of those before it.
    path("api/v1/models/<path:model_id>/schema", models.schema, name="api-model-schema"),
    path("api/v1/models/<path:model_id>/price", models.price, name="api-model-price"),
    path("api/v1/models/<path:model_id>/success-rate", models.success_rate, name="api-model-success-rate"),
    path("api/v1/models/<path:model_id>", models.model, name="api-model"),
    path("api/v1/chat/credit", common.credit, name="api-credit"),
    path("api/v1/common/download-url", common.download_url, name="api-download-url"),
    path("api/openapi.json", openapi_view.openapi, name="api-openapi"),
    path("api/file-stream-upload", uploads.stream, name="api-upload-stream"),
    path("api/file-base64-upload", uploads.by_base64, name="api-upload-base64"),
    path("api/file-url-upload", uploads.by_url, name="api-upload-url"),
    path("api/actions", actions.actions, name="api-actions"),
    path("api/actions/<str:name>", actions.run, name="api-action"),
    path("api/actions/<str:name>/schema", actions.schema, name="api-action-schema"),
    path("modkie/api/v1/jobs/createTask", modkie.create_task, name="modkie-create-task"),
    path("modkie/api/v1/jobs/recordInfo", modkie.record_info, name="modkie-record-info"),
    path("modkie/api/v1/models", modkie.models, name="modkie-models"),
    path("modkie/api/v1/chat/credit", common.credit, name="modkie-credit"),
    re_path(r"^api/", common.not_found, name="api-not-found"),
    re_path(r"^modkie/api/", common.not_found, name="modkie-not-found"),
]
