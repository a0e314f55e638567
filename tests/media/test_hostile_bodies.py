"""Malformed and hostile bodies, by form and by API: a refusal in words, never an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from playground.accounts.models import Membership
from playground.jobs.models import Job
from tests.api.client import CREATE, VALIDATE, Program
from tests.factories import Personas, make_key
from tests.media.test_hostile_uploads import resident_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MODEL, PAGE = "bytedance/seedance-2-5", "/models/kie/bytedance/seedance-2-5"
TEXTS = (
    "\x00",
    "a\x00b", "\ud800", "\u202e\u2066", "\x1b[31m", "'; DROP TABLE jobs_job; --", "{{ 7*7 }}{% load x %}", "${jndi:ldap://127.0.0.1/a}",
    "</script><script>alert(1)</script>", "%s%n%x", "../../../etc/passwd",
    "A" * 50_000, "=cmd|' /C calc'!A0", "\r\nSet-Cookie: a=b", "𒐫" * 9000,
)  # fmt: skip
URLS = (
    "javascript:alert(1)", "data:text/html,<script>1</script>", "file:///etc/passwd", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/",
    "//x", "http://", "gopher://127.0.0.1:70/", "http://testserver/uploads/00000000-0000-4000-8000-000000000000/a.jpg",
    "http://a b/", "\x00",
    "http://user:word@example.com/", "http://example.com:99999/", "http://testserver/uploads/../../etc/passwd", "x" * 3000,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    True, -1, 0, 10**30, 1e308, -1e308, [], {}, [[]], [{}],
    {"$ne": 1}, {"a": {"b": {"c": []}}}, ["x"] * 500, [None], b"".decode(),
    list(range(2000)), {str(n): n for n in range(500)},
)  # fmt: skip
RAW = (
    b"", b"{", b"[]", b"null", b"1", b'"text"', b"\xff\xfe{}", b"\x00", b"{}" * 100, b'{"model":', b'{"a":1,"a":2}', b"NaN", b"[" * 50_000,
    b'{"input":' * 5000, b'{"model": NaN}', b'{"model": 1e99999}', b"<xml/>", b"model=a&input=b", b'{"model":"\\ud800"}', b"\xef\xbb\xbf{}",
    b'{"model":"' + b"a" * 500_000 + b'"}', b"%00", b'{"model": [[[[[[[[]]]]]]]]}', b"{\"model\": 'x'}", b"9" * 100_000,
)  # fmt: skip


@pytest.fixture
def alice(client: Client, personas: Personas, settings: LazySettings) -> Client:
    settings.QUOTES_PER_MINUTE = settings.CREATE_TASKS_PER_MINUTE = 1_000_000
    client.force_login(personas.alice.user)
    return client


def program_of(membership: Membership) -> Program:
    return Program(make_key(membership))


def bodies() -> list[dict[str, Any]]:
    """Bodies of createTask with one thing wrong, or many."""
    good: dict[str, Any] = {"prompt": "A calm sea at dusk"}
    inputs: list[Any] = [{"prompt": value} for value in VALUES]
    inputs += [good | {"duration": value} for value in VALUES if value not in (None, 0, -1)]
    lists: tuple[Any, ...] = ("x", [1], [[]], [{"url": "x"}], ["x"] * 99, {"0": "x"}, True)
    inputs += [good | {"reference_image_urls": value} for value in lists]
    inputs += [good | {text[:40]: "x"} for text in TEXTS] + list(VALUES[2:]) + [{"prompt": "A" * 200_000}]
    found: list[dict[str, Any]] = [{"model": MODEL, "gateway": "kie", "input": value} for value in inputs]
    found += [{"model": value, "input": good} for value in (*VALUES, *TEXTS)]
    odd: tuple[Any, ...] = ("nowhere", 1, [], {}, "x" * 9000, "../kie")
    found += [{"model": MODEL, "gateway": value, "input": good} for value in odd]
    return found


def test_hostile_json_gets_a_code_and_words(personas: Personas, settings: LazySettings) -> None:
    settings.CREATE_TASKS_PER_MINUTE = 1_000_000
    program, before, wrong = program_of(personas.alice), resident_bytes(), []
    raws = [*RAW, *(json.dumps(body).encode() for body in bodies())]
    assert len(raws) >= 120
    for raw in raws:
        for path in (CREATE, VALIDATE):
            response = program.post(raw=raw, path=path)
            answer = response.json()
            refused = answer["code"] == 200 and path == VALIDATE and answer["data"]["valid"] is False and answer["data"]["errors"]
            if response.status_code != 200 or not (refused or (400 <= answer["code"] < 500 and answer["msg"])):
                wrong.append((path, raw[:120], response.status_code, response.content[:120]))
    assert wrong == []
    assert resident_bytes() - before <= 300 * 1024**2
    assert not Job.objects.exists()


def test_odd_addresses_are_never_an_error_and_never_somebody_else_s_upload(personas: Personas) -> None:
    """In test mode an address that cannot be fetched may stand; one that looks like an upload of ours may not."""
    program = program_of(personas.alice)
    for url in URLS:
        for field in ("first_frame_url", "callBackUrl"):
            body: dict[str, Any] = {"model": MODEL, "gateway": "kie", "input": {"prompt": "A calm sea at dusk"}}
            (body["input"] if field == "first_frame_url" else body)[field] = url
            answer = program.post(body, path=VALIDATE).json()
            assert answer["code"] in (200, 400, 422) and answer["msg"]
            if "testserver/uploads/0" in url and field == "first_frame_url":
                assert [error["pointer"] for error in answer["data"]["errors"]] == ["/input/first_frame_url"]


def test_hostile_forms_get_a_page_and_no_job(alice: Client) -> None:
    fields = (
        "prompt",
        "duration",
        "first_frame_url",
        "reference_image_urls",
        "aspect_ratio",
        "nonce",
        "_edited",
        "_upload",
        "_rows",
        "_fix",
    )
    before, wrong = resident_bytes(), []
    for field in fields:
        for text in (*TEXTS, *URLS):
            for path in ("quote", "run"):
                data = {"prompt": "A calm sea at dusk", field: text.encode("utf-8", "replace").decode()}
                response = alice.post(f"{PAGE}/{path}", data, headers={"HX-Request": "true"})
                if not 200 <= response.status_code < 500 or (path == "run" and response.status_code < 400):
                    wrong.append((path, field, text[:40], response.status_code))
    assert wrong == []
    assert resident_bytes() - before <= 300 * 1024**2
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "application/json", "", "x" * 500]
)
@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b"\x00" * 1000, b"a=b&" * 2000, b"%", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"]
)
def test_broken_bodies_are_a_refusal(alice: Client, content_type: str, body: bytes) -> None:
    for path in ("/uploads", f"{PAGE}/quote", f"{PAGE}/run"):
        response = alice.generic("POST", path, body, content_type=content_type)
        assert 200 <= response.status_code < 500
        assert path == f"{PAGE}/quote" or response.status_code >= 400
    assert not Job.objects.exists()
