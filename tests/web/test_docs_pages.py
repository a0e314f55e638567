from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from playground.catalog import registry
from playground.jobs.models import FailReason
from playground.web import docs_code
from playground.web.codeview import COOKIES
from playground.wire.callbacks import signature, standard_signature
from tests.api.client import VALIDATE, Program, envelope
from tests.factories import Personas, make_key

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def reader(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def page(client: Client, address: str = "/docs") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.text)


def test_the_page_is_found_from_every_page(reader: Client) -> None:
    assert '<a href="/docs">API</a>' in page(reader, "/models")


def test_it_has_a_section_for_everything_and_the_index_leads_to_each(reader: Client) -> None:
    text = page(reader)
    for section in ("start", "tasks", "families", "files", "actions", "cli", "callbacks", "limits", "errors", "modkie"):
        assert f'href="#{section}"' in text
        assert f'id="{section}"' in text


@pytest.mark.parametrize(
    ("language", "mark"), [("curl", "--data"), ("python", "import os, httpx"), ("javascript", "await fetch"), ("cli", "ads credits")]
)
def test_a_language_that_was_chosen_once_holds_on_every_page(reader: Client, language: str, mark: str) -> None:
    assert mark in page(reader, f"/docs?in={language}")
    assert mark in page(reader)
    assert f'href="?in={language}" aria-current="true"' in page(reader, "/docs/models/kie/kling-3.0/video")


def test_a_language_that_nobody_writes_is_not_kept(reader: Client) -> None:
    assert "curl" in page(reader, "/docs?in=cobol")
    assert COOKIES["in"] not in reader.cookies


def test_each_model_has_a_page_with_its_fields_and_a_way_to_try_it(reader: Client) -> None:
    listed = set(re.findall(r'href="(/docs/models/[^"]+)"', page(reader, "/docs/models")))
    assert listed == {f"/docs/models/{card.gateway}/{card.id}" for card in registry.live_cards()}

    card = registry.get("kling-3.0/video")
    text = page(reader, "/docs/models/kie/kling-3.0/video")
    assert 'href="/models/kie/kling-3.0/video"' in text
    for name in card.properties:
        assert f'<span class="mono">{name}</span>' in text


def test_a_model_that_is_not_there_has_no_page(reader: Client) -> None:
    assert reader.get("/docs/models/kie/no-such-model").status_code == 404


def test_each_code_and_each_failure_says_what_people_read(reader: Client) -> None:
    text = page(reader, "/docs/models/kie/kling-3.0/video")
    for code in (400, 401, 402, 403, 404, 413, 422, 429, 500):
        assert f'class="mono">{code}</th>' in text
    for reason in FailReason:
        assert f'class="mono">{reason.value}</th>' in text
    assert "KIE could not make this" in text


def test_the_pages_are_light(reader: Client) -> None:
    for address in ("/docs", "/docs/models", "/docs/models/kie/kling-3.0/video"):
        assert len(gzip.compress(reader.get(address).content, 6)) <= 20_000, address


@pytest.mark.parametrize("key", ["create", "modkie"])
def test_the_bodies_of_the_examples_are_fine(personas: Personas, key: str) -> None:
    program = Program(make_key(personas.alice))
    verdict: dict[str, Any] = envelope(program.post(docs_code.CALLS[key].body, path=VALIDATE))["data"]
    assert verdict["errors"] == []


@pytest.mark.parametrize("key", ["start", "record", "veo", "upload", "action"])
def test_the_addresses_of_the_examples_are_there(personas: Personas, key: str) -> None:
    program, call = Program(make_key(personas.alice)), docs_code.CALLS[key]
    response = program.http.generic("GET", call.path.partition("?")[0], headers={"Authorization": f"Bearer {program.secret}"})
    assert json.loads(response.content)["code"] == (405 if call.method == "POST" else 400 if key == "record" else 200)


SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
BODY = json.dumps({"code": 200, "msg": "success", "data": {"taskId": "t1", "state": "success", "words": "it’s “done”"}}, ensure_ascii=False)


def signed(at: int, *, body: str = BODY, task: str = "t1") -> dict[str, str]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,AAAA {standard_signature(key, 'msg_1', str(at), body)}",
        "x-webhook-timestamp": str(at),
        "x-webhook-signature": signature(SECRET, task, str(at)),
    }


def verdict_of(language: str, headers: dict[str, str], folder: Path) -> bool:
    """What the printed checker says, run as it is printed."""
    code = docs_code.checker(language).text
    given = json.dumps([SECRET, headers, BODY])
    if language == "python":
        (folder / "check.py").write_text(f"{code}\nimport sys\nprint(is_ours(*json.loads(sys.argv[1])))\n", "utf-8")
        command = [sys.executable, "check.py", given]
    else:
        (folder / "check.mjs").write_text(f"{code}\nconsole.log(isOurs(...JSON.parse(process.argv[2])));\n", "utf-8")
        command = ["node", "check.mjs", given]
    done = subprocess.run(command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, timeout=300, check=True)
    return done.stdout.strip().lower() == "true"


@pytest.mark.parametrize(
    "language", ["python", pytest.param("javascript", marks=pytest.mark.skipif(not shutil.which("node"), reason="no node"))]
)
def test_the_printed_checker_takes_our_callbacks_and_refuses_others(language: str, tmp_path: Path) -> None:
    now = int(time.time())
    Webhook(SECRET).verify(BODY, signed(now))

    assert verdict_of(language, signed(now), tmp_path) is True
    assert verdict_of(language, signed(now - 3600), tmp_path) is False
    assert verdict_of(language, signed(now, body="{}"), tmp_path) is False
    assert verdict_of(language, signed(now, task="t2"), tmp_path) is False


def test_the_checker_is_python_where_the_reader_uses_a_shell() -> None:
    assert docs_code.checker("cli") == replace(docs_code.checker("curl"))


API_TAB = "/models/kie/kling-3.0/video?tab=api"


@pytest.mark.parametrize(
    ("contract", "language", "address"),
    [
        ("jobs", "curl", "/api/v1/jobs/createTask"),
        ("modkie", "python", "/modkie/api/v1/jobs/createTask"),
        ("actions", "javascript", "/api/actions/ai.video.generate"),
        ("jobs", "cli", "ads video generate --model kie/kling-3.0/video"),
    ],
)
def test_the_playground_s_code_is_in_the_language_and_contract_that_was_chosen(
    reader: Client, contract: str, language: str, address: str
) -> None:
    assert address in page(reader, f"{API_TAB}&_in={language}&_as={contract}")
    # Without a script the choice is kept as well, and an edit is answered in it.
    quoted = unescape(reader.post("/models/kie/kling-3.0/video/quote", {"prompt": "A calm sea"}, headers={"HX-Request": "true"}).text)
    assert address in quoted


def test_choosing_answers_with_the_code_for_what_is_typed(reader: Client) -> None:
    sent = {"prompt": "A calm sea", "_in": "python", "_as": "actions"}
    quoted = unescape(reader.post("/models/kie/kling-3.0/video/quote", sent, headers={"HX-Request": "true"}).text)
    assert 'id="code" hx-swap-oob="true"' in quoted
    assert 'api.post("/api/actions/ai.video.generate"' in quoted
    assert '"prompt": "A calm sea"' in quoted
