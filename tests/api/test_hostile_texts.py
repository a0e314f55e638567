"""Texts from outside are data: they come back from the API as they went in, and write no log line of their own."""

from __future__ import annotations

import json
import logging

import pytest

from playground.credits import services as ledger
from playground.jobs import services
from playground.jobs.models import FailReason, Job, State
from playground.logs import OneLineFormatter
from tests.api.client import INPUT, RECORD, Program, request_body, world

pytestmark = pytest.mark.django_db

HOSTILE = {
    "both quotes": 'it\'s "both" \\\' \\"',
    "shell": "$(id) `id` ${PATH} ; rm -rf / && | > <",
    "script": "</script><script>alert(1)</script><!--",
    "attribute": "\" onmouseover=alert(1) x='",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "terminal markup": "[link=http://evil.example]x[/link][bold]",
    "escape": "\x1b[2J\x1b]8;;http://evil.example\x07x",
    "line breaks": "a\r\nSet-Cookie: x=1\r\n\r\n2026-01-01 ERROR forged",
    "other line breaks": "a\u2028b\u2029c\x85d\x0be",
    "right to left": "\u202egnp.exe",
    "template": "{{ 7 * 7 }} {% debug %} %s %(x)s {0}",
    "emoji and combining": "👩‍👩‍👧 e\u0301 \ufeff",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_prompt_comes_back_as_it_went_in(program: Program, case: str) -> None:
    task_id = program.create_id(input=INPUT | {"prompt": HOSTILE[case]})

    data = program.record(task_id)["data"]
    assert json.loads(json.loads(data["param"])["input"])["prompt"] == HOSTILE[case]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_failure_message_comes_back_as_the_provider_said_it(program: Program, case: str) -> None:
    job = Job.objects.get(pk=program.create_id())
    services.fail(job.pk, origins=(State.QUEUED,), reason=FailReason.INPUT_TEXT, code=HOSTILE[case][:60], words=HOSTILE[case])

    data = program.record(job.pk.hex)["data"]
    assert (data["state"], data["failMsg"], data["failCode"]) == ("fail", HOSTILE[case], HOSTILE[case][:60])
    assert ledger.verify() == []


@pytest.mark.parametrize("case", HOSTILE)
def test_answers_are_json_that_a_browser_will_not_take_for_a_page(program: Program, case: str) -> None:
    task_id = program.create_id(input=INPUT | {"prompt": HOSTILE[case]})
    response = program.http.get(RECORD, {"taskId": task_id}, headers={"Authorization": f"Bearer {program.secret}"})

    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content.isascii()
    assert all(name.isascii() and "\n" not in value for name, value in response.headers.items())


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_model_field_or_id_is_refused_in_one_line(program: Program, case: str) -> None:
    before = world()
    answers = [
        program.create(request_body(model=HOSTILE[case])),
        program.create(request_body(gateway=HOSTILE[case])),
        program.create(request_body(callBackUrl=HOSTILE[case])),
        program.create(request_body(input=INPUT | {HOSTILE[case]: 1})),
        program.create(request_body(input=INPUT | {"aspect_ratio": HOSTILE[case]})),
        program.record(HOSTILE[case]),
    ]

    assert [answer["code"] for answer in answers] == [422] * 6
    assert world() == before


@pytest.mark.parametrize("case", HOSTILE)
def test_a_log_line_stays_one_line_without_control_characters(case: str) -> None:
    formatter = OneLineFormatter("{levelname} {name} {message}", style="{")
    record = logging.LogRecord("jobs", logging.WARNING, __file__, 1, "the provider said %s", (HOSTILE[case],), None)

    line = formatter.format(record)

    assert line.startswith("WARNING jobs the provider said ")
    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_a_traceback_s_message_cannot_forge_a_log_line_either() -> None:
    try:
        raise ValueError("a\n2026-01-01 ERROR forged\x1b[2J")
    except ValueError as error:
        exc_info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("jobs", logging.ERROR, __file__, 1, "failed", (), exc_info)

    text = OneLineFormatter("{levelname} {message}", style="{").format(record)

    assert "\x1b" not in text
    assert not any(line.startswith("2026") for line in text.splitlines())
