"""A task as the actions answer it, and what is said about it in words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from playground.api.envelopes import answer
from playground.core.money import credits_number
from playground.jobs.models import Job
from playground.jobs.outbox import record_for
from playground.wire.envelope import envelope
from playground.wire.modkie import state_word


def task_data(job: Job) -> dict[str, Any]:
    record = record_for(job)
    status = state_word(record.state)
    charged = (job.charged_millicredits or 0) if job.is_final else 0
    held = job.price_millicredits
    return {
        "taskId": record.task_id,
        "status": status,
        "videoUrl": record.result_urls[0] if status == "success" and record.result_urls else None,
        "videoUrls": list(record.result_urls) if status == "success" else [],
        "scene": job.scene,
        "provider": job.gateway,
        "model": job.model_id,
        "progress": record.progress,
        "credits": {
            "held": credits_number(0 if job.is_final else held),
            "charged": credits_number(charged),
            "returned": credits_number(held - charged if job.is_final else 0),
        },
        "error": _error(job, record.fail_code, record.fail_message) if status == "fail" else None,
        "createTime": record.created_ms,
        "completeTime": record.completed_ms,
        "expectedSeconds": job.typical_seconds,
        "sandbox": record.sandbox,
    }


def _error(job: Job, code: str | None, message: str | None) -> dict[str, str]:
    return {"reason": job.fail_reason or "unknown", "code": code or "501", "message": message or "It failed."}


def told(job: Job, *, is_new: bool = True, **more: Any) -> HttpResponse:
    return _answered("success", task_data(job) | more, is_new)


def told_after_waiting(job: Job, timeout_ms: int, *, is_new: bool) -> HttpResponse:
    """The end, with its reason where it is a failure; or that the task goes on."""
    data = task_data(job) | {"timedOut": not job.is_final}
    if not job.is_final:
        words = f"The task is not finished after {timeout_ms / 1000:g} s and goes on. Ask ai.video.query for taskId {data['taskId']}."
    elif data["error"]:
        returned = data["credits"]["returned"]
        fate = f"{returned:,} credits were returned." if returned else "Nothing was charged."
        words = f"The task failed: {data['error']['message'].rstrip('. ')}. {fate}"
    else:
        words = "success"
    return _answered(words, data, is_new)


def _answered(words: str, data: dict[str, Any], is_new: bool) -> HttpResponse:
    response = answer(envelope(200, words, data))
    if not is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return response
