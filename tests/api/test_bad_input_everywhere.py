"""Every endpoint × every kind of bad request: an envelope with the right code, never a 500, and nothing written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import override_settings

from playground.accounts.access import forget_keys
from playground.accounts.models import ApiKey
from playground.api.actions.catalogue import ACTIONS
from playground.core import clock
from tests.api.client import Program, world

pytestmark = [pytest.mark.django_db, pytest.mark.once]
V1 = "/api/v1"
POSTS = [
    f"{V1}/jobs/createTask", f"{V1}/jobs/validateTask", f"{V1}/veo/generate", f"{V1}/veo/extend", f"{V1}/veo/get-4k-video",
    f"{V1}/runway/generate", f"{V1}/runway/extend", f"{V1}/aleph/generate", f"{V1}/common/download-url", "/api/file-stream-upload",
    "/api/file-base64-upload", "/api/file-url-upload", f"/modkie{V1}/jobs/createTask", *(action.path for action in ACTIONS.values()),
]  # fmt: skip
GETS = [
    f"{V1}/jobs/recordInfo", f"{V1}/veo/record-info", f"{V1}/veo/get-1080p-video", f"{V1}/veo/get-veo-3-1080-p-video",
    f"{V1}/runway/record-detail", f"{V1}/aleph/record-info", f"{V1}/chat/credit", f"{V1}/models", f"{V1}/models/veo3/success-rate",
    f"/modkie{V1}/jobs/recordInfo", f"/modkie{V1}/chat/credit", f"/modkie{V1}/models", "/api/actions", "/api/actions/models.list/schema",
]  # fmt: skip
# What asks for nothing is answered, and a quote of nothing says what is missing.
SATISFIED = ["/api/actions/ai.video.quote", "/api/actions/credits.balance", "/api/actions/models.list"]
JSON = [path for path in POSTS if "stream" not in path]
BODIES: dict[str, tuple[bytes, set[int]]] = {
    "empty": (b"", {400}),
    "no JSON": (b"a=b&c=d", {400}),
    "cut off": (b'{"prompt": "x', {400}),
    "a list": (b"[]", {400}),
    "nested deeply": (b'{"a":' * 5000 + b"1" + b"}" * 5000, {400}),
    "not UTF-8": (b'{"prompt": "\xff"}', {400}),
    "a name twice": (b'{"prompt": "a", "prompt": "b"}', {400}),
    "nothing in it": (b"{}", {400, 422}),
    "nulls": (json.dumps(dict.fromkeys(("model", "input", "prompt", "taskId", "url", "uploadPath", "callBackUrl"))).encode(), {400, 422}),
    "lists everywhere": (json.dumps({name: [{}] for name in ("model", "input", "prompt", "taskId", "url")}).encode(), {400, 422}),
    "hostile texts": (json.dumps(dict.fromkeys(("model", "prompt", "taskId", "url", "uploadPath"), "\x00�")).encode(), {400, 422}),
    "huge numbers": (json.dumps(dict.fromkeys(("duration", "seeds", "index", "taskId", "prompt"), 10 ** 400)).encode(), {400, 422}),
}  # fmt: skip


def code_of(response: Any) -> int:
    body = json.loads(response.content)
    assert response.status_code in (200, body["code"])
    return int(body["code"])


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_none(program: Program, case: str) -> None:
    raw, codes = BODIES[case]
    before = world()

    asked = [path for path in JSON if raw != b"{}" or path not in SATISFIED]
    found = {path: code_of(program.post(raw=raw, path=path)) for path in asked}

    assert set(found.values()) <= codes, found
    assert world() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "\xe9"])
def test_a_body_of_another_type(program: Program, kind: str) -> None:
    headers = {"Authorization": f"Bearer {program.secret}"}
    before = world()

    found = {path: code_of(program.http.generic("POST", path, b"--x", content_type=kind, headers=headers)) for path in POSTS}

    assert set(found.values()) == {400}, found
    assert world() == before


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=2000, UPLOAD_MAX_BYTES=2000)
def test_a_body_that_is_too_large(program: Program) -> None:
    raw = json.dumps({"prompt": "x" * 15_000_000}).encode()

    found = {path: code_of(program.post(raw=raw, path=path)) for path in POSTS}

    assert set(found.values()) == {413}, found


@pytest.mark.parametrize("task_id", ["x", "0" * 32, "\x00", "' OR 1=1 --", "0" * 10_000, "{}", "%", "٣" * 32])
def test_a_task_that_is_none(program: Program, task_id: str) -> None:
    before = world()

    found = {path: code_of(program.http.get(path, {"taskId": task_id}, headers={"Authorization": f"Bearer {program.secret}"}))
             for path in GETS if "record" in path or "1080" in path}  # fmt: skip

    assert {path: code for path, code in found.items() if code != 422} == dict.fromkeys(
        (f"{V1}/runway/record-detail", f"{V1}/aleph/record-info"), 200
    )
    assert world() == before


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method(program: Program, method: str) -> None:
    headers = {"Authorization": f"Bearer {program.secret}"}
    wrong = {"GET": POSTS, "POST": GETS}.get(method, POSTS + GETS)

    found = {path: code_of(program.http.generic(method, path, b"{}", headers=headers)) for path in wrong}

    assert set(found.values()) == {405}, found


@pytest.mark.parametrize("case", ["none", "unknown", "revoked", "expired"])
def test_a_key_that_opens_nothing(program: Program, case: str, settings: Any) -> None:
    settings.FAILED_KEYS_PER_MINUTE = 1000
    if case in ("revoked", "expired"):
        ApiKey.objects.update(**{"revoked_at" if case == "revoked" else "expires_at": clock.now()})
        forget_keys()
    secret = {"none": "", "unknown": "sk-test-unknown"}.get(case, program.secret)
    headers = {"Authorization": f"Bearer {secret}"}

    answers = [program.http.generic("POST", path, b"{}", headers=headers) for path in POSTS]
    answers += [program.http.get(path, headers=headers) for path in GETS]

    assert {code_of(answer) for answer in answers} == {401}
    assert all("data" not in json.loads(answer.content) for answer in answers)
