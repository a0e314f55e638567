"""Tasks: every job of the team with its times and credits, under filters that are the address, alive, and unfolding in place."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from playground.accounts.models import ApiKey
from playground.core import clock
from playground.jobs import services, tasklist
from playground.jobs.models import FailReason, Job, State
from playground.web import tasks_views
from playground.webhooks.models import Delivery, DeliveryState
from tests.factories import KLING, Personas, make_job, make_key
from tests.web.playground import HTMX, add_take, finished, put_in_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def rows_of(page: str) -> list[list[str]]:
    """The text of each task's cells."""
    found = re.findall(r'<tr id="row-[^>]*>(.*?)</tr>', page, re.DOTALL)
    return [[unescape(re.sub(r"<[^>]+>|\s+", " ", cell)).strip() for cell in row.split("<td")[1:]] for row in found]


def prompts(client: Client, query: str = "") -> list[str]:
    return [cells[1].split(">", 1)[-1].strip() for cells in rows_of(client.get(f"/tasks?{query}").text)]


def cells_of(client: Client, query: str = "") -> list[str]:
    """The newest task's cells, without what is left of their tags."""
    return [cell.split(">", 1)[-1].strip() for cell in rows_of(client.get(f"/tasks?{query}").text)[0]]


def job_of(personas: Personas, prompt: str, **changes: Any) -> Job:
    return make_job(personas.alice, payload={"prompt": prompt, "aspect_ratio": "16:9", "duration": 5}, **changes).job


def failed(personas: Personas, prompt: str, reason: FailReason = FailReason.INPUT_TEXT) -> Job:
    job, words = job_of(personas, prompt), "Input may contain a real person."
    services.fail(job.pk, origins=(State.QUEUED,), reason=reason, code="422", words=words)
    return job


def csv_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response: Any = client.get(f"/tasks.csv?{query}")
    return list(csv.DictReader(io.StringIO(b"".join(response).decode(), newline="")))


def test_a_finished_task_has_its_times_and_what_it_cost(alice: Client, personas: Personas) -> None:
    finished(personas.alice, prompt="A calm sea at dusk")
    status, take, model, by, source, _created, queue, generate, credits, _ = cells_of(alice)
    assert (status, take, model, by, source) == ("Done", "A calm sea at dusk", "Veo 3.1", "Alice", "Web")
    assert (queue, generate, credits) == ("9 s", "60 s", "60")


def test_credits_are_held_then_charged_or_returned(alice: Client, personas: Personas) -> None:
    failed(personas, "the failed one")
    job_of(personas, "the waiting one")
    waiting, lost = rows_of(alice.get("/tasks").text)
    assert waiting[8].endswith("60 held")
    assert lost[8].endswith("0, 60 returned")


def test_the_heading_counts_what_runs_and_the_last_30_days(alice: Client, personas: Personas) -> None:
    job_of(personas, "one")
    Job.objects.filter(pk=failed(personas, "old").pk).update(created_at=clock.now() - timedelta(days=40))
    assert "1</span> running, 1 in the last 30 days" in alice.get("/tasks").text


def test_each_filter_leaves_what_it_names(alice: Client, personas: Personas) -> None:
    make_key(personas.alice, name="production")
    key = ApiKey.objects.get(name="production")
    finished(personas.alice, prompt="done by Alice")
    failed(personas, "refused")
    failed(personas, "given up", FailReason.CANCELLED)
    make_job(personas.bob, model_id=KLING, payload={"prompt": "Kling of Bob", "aspect_ratio": "16:9", "duration": 5})
    job_of(personas, "by key", key_id=key.pk, source="api")
    assert prompts(alice, "status=waiting") == ["by key", "Kling of Bob"]
    assert prompts(alice, "status=done") == ["done by Alice"]
    assert prompts(alice, "status=failed") == ["refused"]
    assert prompts(alice, "status=cancelled") == ["given up"]
    assert prompts(alice, f"member={personas.bob.user_id}") == ["Kling of Bob"]
    assert prompts(alice, f"m=modkie/{KLING}") == ["Kling of Bob"]
    assert prompts(alice, f"key={key.pk}") == ["by key"]
    assert prompts(alice, "source=api") == ["by key"]
    assert prompts(alice, f"status=waiting&member={personas.alice.user_id}") == ["by key"]


def test_what_cannot_be_read_in_a_filter_is_left_out(alice: Client, personas: Personas) -> None:
    job_of(personas, "one")
    assert prompts(alice, "status=nonsense&member=x&key=-1&m=nothing&days=7000&source=fax") == ["one"]
    assert prompts(alice, "after=99999999999999999999") == ["one"]


def test_older_tasks_are_shown_when_asked_for(alice: Client, personas: Personas) -> None:
    Job.objects.filter(pk=job_of(personas, "forty days old").pk).update(created_at=clock.now() - timedelta(days=40))
    job_of(personas, "new")
    assert prompts(alice) == ["new"]
    assert prompts(alice, "days=90") == prompts(alice, "days=all") == ["new", "forty days old"]


def test_words_and_ids_are_searched_together_with_the_other_filters(alice: Client, personas: Personas) -> None:
    swell = job_of(personas, "Low camera above the swell")
    failed(personas, "A swell that failed")
    job_of(personas, "Dunes at dawn")
    assert prompts(alice, "q=swell") == ["A swell that failed", "Low camera above the swell"]
    assert prompts(alice, "q=swell&status=failed") == ["A swell that failed"]
    assert prompts(alice, f"q={swell.pk}") == prompts(alice, f"q={swell.pk.hex}") == ["Low camera above the swell"]
    assert "Low camera above the swell" in prompts(alice, f"q={str(swell.pk)[:13]}")
    assert "Nothing matches" in alice.get("/tasks?q=zeppelin").text


def test_the_next_rows_follow_without_a_gap_or_a_repetition(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_views, "PAGE_SIZE", 2)
    for number in range(5):
        job_of(personas, f"task {number}")
    for filters in ("", "q=task", "status=waiting", f"member={personas.alice.user_id}"):
        seen, page = [], alice.get(f"/tasks?{filters}").text
        while True:
            seen += [cells[1].split(">", 1)[-1].strip() for cells in rows_of(page)]
            older = re.search(r'hx-get="(/tasks\?[^"]*after=\d+)"', page)
            if older is None:
                break
            page = alice.get(unescape(older[1]), headers=HTMX).text
        assert seen == [f"task {number}" for number in (4, 3, 2, 1, 0)], filters


def test_a_rare_filter_looks_back_only_so_far_and_says_where_to_go_on(
    alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasklist, "WALK", 3)
    job_of(personas, "the only one by API", source="api")
    for number in range(6):
        job_of(personas, f"by hand {number}")
    page = alice.get("/tasks?source=api").text
    assert rows_of(page) == []
    older = re.search(r'href="(\?[^"]*after=\d+)"', page)
    assert older
    further = alice.get(f"/tasks{unescape(older[1])}").text
    assert [cells[1].split(">", 1)[-1].strip() for cells in rows_of(further)] == ["the only one by API"]
    assert [row["prompt"] for row in csv_of(alice, "source=api")] == ["the only one by API"]


def test_a_change_of_filter_comes_with_its_address_and_its_export(alice: Client, personas: Personas) -> None:
    failed(personas, "refused")
    answer = alice.get("/tasks?status=failed&days=30&q=", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/tasks?status=failed"
    assert 'href="/tasks.csv?status=failed"' in answer.text
    assert "<html" not in answer.text


def test_the_export_has_every_task_that_the_filters_let_through(alice: Client, personas: Personas) -> None:
    finished(personas.alice, prompt="=HYPERLINK(1)")
    failed(personas, "refused")
    lost, done = csv_of(alice)
    assert (lost["status"], lost["charged"], lost["failure"]) == ("Failed", "0", "Input may contain a real person.")
    assert (done["status"], done["charged"], done["generate seconds"], done["source"]) == ("Done", "60", "60", "Web")
    assert done["prompt"].startswith("'=")
    assert [row["prompt"] for row in csv_of(alice, "status=failed")] == ["refused"]


def test_a_row_unfolds_to_what_happened_and_folds_again(alice: Client, personas: Personas) -> None:
    job = failed(personas, "refused")
    delivery = Delivery(team=personas.alice.team, job_id=job.pk, url="https://example.com/hook", body="{}", state=DeliveryState.DEAD)
    delivery.attempts, delivery.last_status = 6, 500
    delivery.save()
    details = alice.get(f"/tasks/{job.pk}/row", headers=HTMX).text
    assert "The prompt was refused" in details
    assert "“Input may contain a real person.”" in details
    assert "60 credits returned" in details
    assert "Callback to https://example.com/hook: given up" in details
    assert "answered 500, 6 tries" in details
    assert f"?from={job.number}" in details
    assert 'aria-expanded="true"' in details
    assert 'aria-expanded="false"' in alice.get(f"/tasks/{job.pk}/row?folded=1", headers=HTMX).text


def test_without_script_a_row_leads_to_the_page_of_the_task(alice: Client, personas: Personas) -> None:
    job = job_of(personas, "one")
    assert f'href="/tasks/{job.pk}"' in alice.get("/tasks").text
    assert alice.get(f"/tasks/{job.pk}/row").headers["Location"] == f"/tasks/{job.pk}"


def test_only_what_waits_here_can_be_cancelled_and_that_costs_nothing(alice: Client, personas: Personas) -> None:
    waiting, sent = job_of(personas, "waiting"), put_in_state(job_of(personas, "sent"), State.RUNNING)
    details = alice.get(f"/tasks/{waiting.pk}/row", headers=HTMX).text
    assert "Cancel, costs nothing" in details
    assert "60 credits come back" in details
    other = alice.get(f"/tasks/{sent.pk}/row", headers=HTMX).text
    assert "Cancel" not in other
    assert "cannot be cancelled any more" in other


def test_a_member_does_not_cancel_the_task_of_another(alice: Client, personas: Personas) -> None:
    job = job_of(personas, "of Alice")
    alice.force_login(personas.bob.user)
    assert "Cancel, costs nothing" not in alice.get(f"/tasks/{job.pk}/row", headers=HTMX).text


def test_the_raw_reply_is_for_those_who_may_see_it(alice: Client, personas: Personas) -> None:
    job = put_in_state(job_of(personas, "one"), State.FAIL, fail_reason=FailReason.CAPACITY, raw_reply='{"secret": "words"}')
    assert "secret" in alice.get(f"/tasks/{job.pk}/row", headers=HTMX).text
    alice.force_login(personas.bob.user)
    assert "secret" not in alice.get(f"/tasks/{job.pk}/row", headers=HTMX).text


def pulse_of(page: str) -> str:
    found = re.search(r'id="pulse" hx-get="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def test_the_heartbeat_brings_rows_that_changed_and_new_ones_of_the_team_on_top(alice: Client, personas: Personas) -> None:
    job = job_of(personas, "first")
    pulse = pulse_of(alice.get("/tasks").text)
    add_take(put_in_state(job, State.SUCCESS))
    new = make_job(personas.bob).job
    answer = alice.get(pulse, headers=HTMX).text
    assert f'<tr id="row-{job.pk}" hx-swap-oob="true">' in answer
    assert re.search(rf'<tbody hx-swap-oob="afterbegin:#rows"><tr id="row-{new.pk}">', answer)
    assert "row-" not in alice.get(pulse_of(answer), headers=HTMX).text


def test_under_filters_nothing_new_is_put_in(alice: Client, personas: Personas) -> None:
    job_of(personas, "first")
    pulse = pulse_of(alice.get("/tasks?status=waiting").text)
    make_job(personas.bob)
    assert alice.get(pulse, headers=HTMX).status_code == 204


def test_tasks_of_others_and_of_the_other_mode_are_not_there(alice: Client, personas: Personas) -> None:
    theirs = make_job(personas.charlie).job
    Job.objects.filter(pk=job_of(personas, "live").pk).update(mode="live")
    assert prompts(alice, "days=all") == []
    assert alice.get(f"/tasks/{theirs.pk}/row", headers=HTMX).status_code == 404
    assert csv_of(alice, "days=all") == []


def test_without_script_a_link_brings_the_news_while_something_runs(alice: Client, personas: Personas) -> None:
    link = '<noscript><a class="btn sm" href="/tasks?q=sea">Reload</a></noscript>'
    failed(personas, "Calm sea")
    assert link not in alice.get("/tasks?q=sea").text
    job_of(personas, "Rough sea")
    assert link in alice.get("/tasks?q=sea").text
