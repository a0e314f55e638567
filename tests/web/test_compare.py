"""Compare: one prompt, several models, one sum; all of them run or none."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from playground.accounts.models import Role
from playground.catalog import common, registry, schema
from playground.catalog.roles import field_for
from playground.credits import services as ledger
from playground.credits.prices import set_price
from playground.gallery.models import Collection, Comparison
from playground.jobs.models import FailReason, Job, State
from tests.factories import KLING, VEO, Personas, make_job
from tests.web.playground import HTMX, add_take, finished, nonce_of, put_in_state

pytestmark = pytest.mark.django_db
BOTH: dict[str, Any] = {"m": [f"modkie/{VEO}", f"modkie/{KLING}"]}
FIELDS: dict[str, Any] = BOTH | {"prompt": "A calm sea at dusk, slow pan", "ratio": "16:9", "duration": "5", "audio": "on"}
KLING_2_6, SEEDANCE, HAILUO = "kie/kling-2.6/text-to-video", "kie/bytedance/seedance-2-mini", "kie/hailuo/02-text-to-video-pro"


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def page_of(client: Client, *models: str, **more: str) -> str:
    return client.get("/compare", {**more, "m": list(models)}).text


def values_of(page: str, name: str) -> list[str]:
    """What can be chosen in a control in common."""
    radios = re.findall(rf'<input type="radio" name="{name}" value="([^"]*)"', page)
    listed = re.search(rf'<select class="chip" name="{name}">(.*?)</select>', page, re.DOTALL)
    return radios or (re.findall(r'value="([^"]*)"', listed[1]) if listed else [])


def column_of(page: str, title: str) -> str:
    found = next(part for part in page.split("<article")[1:] if f'aria-label="{title}"' in part)
    return found.split("</article>")[0]


def facts_of(column: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", column, re.DOTALL)
    return {name: unescape(re.sub(r"<[^>]+>|\s+", " ", words)).strip() for name, words in pairs}


def run(client: Client, fields: dict[str, Any] | None = None, *, nonce: str | None = None, **headers: Any) -> Any:
    wanted = fields or FIELDS
    token = nonce or nonce_of(client.post("/compare/quote", wanted))
    return client.post("/compare/run", wanted | {"nonce": token}, **headers)


def comparison_page(client: Client) -> str:
    return f"/compare/{Comparison.objects.get().pk}"


def test_every_model_that_is_offered_runs_on_a_prompt_alone() -> None:
    cards = [card for card in registry.live_cards() if common.takes_words_alone(card)]
    assert len(cards) > 20
    for card in cards:
        payload = {**card.defaults, **(common.start_of(card) or {}), field_for(card, "prompt") or "": "A calm sea at dusk"}
        assert schema.validate(card, payload) == [], card.key


def test_controls_hold_only_what_all_models_take(alice: Client) -> None:
    page = page_of(alice, f"modkie/{VEO}", "kie/kling-3.0/video", SEEDANCE)
    # Veo takes 5 and 8 seconds, Kling 3 to 15, Seedance 4 to 15; Veo has no resolution to choose.
    assert values_of(page, "duration") == ["5", "8"]
    assert values_of(page, "ratio") == ["16:9", "9:16", "1:1"]
    assert values_of(page, "resolution") == []
    assert "0 / 1,000</span>, shortest limit of the three" in page


def test_one_value_reaches_each_model_under_its_own_name_and_spelling(alice: Client) -> None:
    models = [KLING_2_6, "kie/kling-3.0/video", SEEDANCE]
    run(alice, {"m": models, "prompt": "A calm sea", "ratio": "9:16", "duration": "5", "audio": "on"})
    sent = {job.model_id: job.payload for job in Job.objects.all()}
    assert sent["kling-2.6/text-to-video"]["duration"] == "5"
    assert sent["bytedance/seedance-2-mini"]["duration"] == 5
    assert [payload["aspect_ratio"] for payload in sent.values()] == ["9:16"] * 3
    assert sent["kling-3.0/video"]["sound"] is True
    assert sent["bytedance/seedance-2-mini"]["generate_audio"] is True


def test_what_a_model_does_otherwise_stands_in_its_column(alice: Client) -> None:
    page = page_of(alice, "kie/kling-3.0/video", SEEDANCE, HAILUO)
    assert facts_of(column_of(page, "Hailuo 02 Pro text to video"))["Audio"] == "Not supported, skipped"
    assert facts_of(column_of(page, "Hailuo 02 Pro text to video"))["Duration"] == "6 s"
    assert facts_of(column_of(page, "Kling 3.0"))["Resolution"] == "1080p"
    assert facts_of(column_of(page, "Kling 3.0"))["Audio"] == "Yes"


def test_a_first_visit_has_two_models_and_a_later_one_those_used_last(alice: Client, personas: Personas) -> None:
    assert len(re.findall("<article", alice.get("/compare").text)) == 2
    make_job(personas.bob)
    make_job(personas.alice, model_id=KLING, payload={"prompt": "Dunes", "aspect_ratio": "16:9", "duration": 5})
    shown = re.findall(r'name="m" value="([^"]+)"', alice.get("/compare").text)
    assert shown == [f"modkie/{KLING}", f"modkie/{VEO}"]


def test_what_cannot_be_compared_is_left_out_and_said(alice: Client) -> None:
    page = page_of(alice, f"modkie/{VEO}", "kie/grok-imagine/extend", "kie/no-such", KLING_2_6, SEEDANCE, HAILUO, "kie/veo3")
    assert "needs more than a prompt" in page
    assert "There is no model kie/no-such" in page
    assert "is left out: at most 4 models" in page
    assert len(re.findall("<article", page)) == 4


def test_a_model_comes_and_goes_with_everything_typed_kept(alice: Client) -> None:
    added = alice.post("/compare/quote", FIELDS | {"_add": SEEDANCE, "duration": "8"}, headers=HTMX)
    assert added.headers["HX-Push-Url"] == f"/compare?m=modkie/{VEO}&m=modkie/{KLING}&m={SEEDANCE}"
    assert "A calm sea at dusk, slow pan" in added.text
    assert 'value="8" checked' in added.text
    left = alice.post("/compare/quote", FIELDS | {"_drop": f"modkie/{KLING}"})
    assert re.findall(r'name="m" value="([^"]+)"', left.text) == [f"modkie/{VEO}"]
    assert "A calm sea at dusk, slow pan" in left.text
    assert "Add a second model" in left.text


def test_the_settings_of_a_take_can_be_compared(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, prompt="Dunes in the first light")
    page = page_of(alice, *BOTH["m"], **{"from": str(job.number)})
    assert "Dunes in the first light" in page
    assert 'name="duration" value="8" checked' in page
    assert alice.get("/compare?from=99").status_code == 404


def test_a_quote_is_one_sum_and_a_price_for_each(alice: Client) -> None:
    answer = alice.post("/compare/quote", FIELDS, headers=HTMX).text
    assert "95 test credits" in answer
    assert "9,905 left after · each model charged only if it succeeds" in answer
    assert "60 credits" in column_of(answer, "Veo 3.1")
    assert "35 credits" in column_of(answer, "Kling 3.0")


def test_a_prompt_that_is_too_long_for_one_model_names_it(alice: Client) -> None:
    fields = FIELDS | {"m": [f"modkie/{VEO}", KLING_2_6], "prompt": "x" * 1_010}
    assert "Kling 2.6 text to video: " in alice.post("/compare/quote", fields, headers=HTMX).text
    refused = run(alice, fields)
    assert refused.status_code == 422
    problems = refused.text.split('id="problems"')[1].split("</ul>")[0]
    assert "Kling 2.6" in problems
    assert "Veo 3.1" not in problems
    assert "x" * 1_010 in refused.text
    assert Job.objects.count() == 0


def test_running_without_a_prompt_says_so_for_each_model(alice: Client) -> None:
    refused = run(alice, FIELDS | {"prompt": " "}, headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#cmp")
    assert refused.text.split('id="problems"')[1].split("</ul>")[0].count("<li>") == 2


def test_run_all_leads_to_the_columns_of_the_jobs(alice: Client, personas: Personas) -> None:
    answer = run(alice)
    assert answer.status_code == 303
    assert answer.headers["Location"] == comparison_page(alice)
    page = alice.get(comparison_page(alice)).text
    assert [title for title in ("Veo 3.1", "Kling 3.0") if "held" in column_of(page, title)] == ["Veo 3.1", "Kling 3.0"]
    assert set(Job.objects.values_list("source", flat=True)) == {"compare"}
    assert "A calm sea at dusk, slow pan" in page
    assert 'http-equiv="refresh"' in page


def test_with_htmx_the_columns_come_at_once_and_the_address_follows(alice: Client) -> None:
    answer = run(alice, headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == comparison_page(alice)
    assert "on=compare" in unescape(answer.text)


def test_a_double_click_is_one_comparison(alice: Client) -> None:
    nonce = nonce_of(alice.get("/compare", BOTH))
    assert run(alice, nonce=nonce).headers["Location"] == run(alice, nonce=nonce).headers["Location"]
    assert Job.objects.count() == 2


def test_too_few_credits_for_the_sum_start_nothing_and_say_what_is_missing(alice: Client, personas: Personas) -> None:
    nonce = nonce_of(alice.get("/compare", BOTH))
    ledger.adjust(team=personas.alice.team, mode="test", millicredits=-9_930_000, note="spent elsewhere")
    refused = run(alice, nonce=nonce, headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (402, "#foot")
    assert "You have 70. 25 more needed." in refused.text
    assert Job.objects.count() == 0
    assert ledger.balance_of(personas.alice.team_id, "test") == 70_000


def test_a_price_that_rose_is_refused_with_the_model_and_both_prices(alice: Client, personas: Personas) -> None:
    nonce = nonce_of(alice.get("/compare", BOTH))
    set_price(team=personas.alice.team, card=registry.get(VEO, "modkie"), actor=personas.alice.user, credits=Decimal(70))
    refused = run(alice, nonce=nonce)
    assert refused.status_code == 409
    assert "Veo 3.1 is 70 now, not 60." in refused.text
    assert "Run all for 105" in refused.text
    assert Job.objects.count() == 0


@pytest.mark.parametrize("nonce", ["", "made:up"])
def test_a_form_without_its_promise_starts_nothing(alice: Client, nonce: str) -> None:
    assert alice.post("/compare/run", FIELDS | {"nonce": nonce}).status_code == 409
    assert Job.objects.count() == 0


def test_a_promise_for_other_models_or_another_person_starts_nothing(alice: Client, personas: Personas) -> None:
    nonce = nonce_of(alice.get("/compare", {"m": [f"modkie/{VEO}", SEEDANCE]}))
    assert run(alice, nonce=nonce).status_code == 409
    mine = nonce_of(alice.get("/compare", BOTH))
    alice.force_login(personas.bob.user)
    assert run(alice, nonce=mine).status_code == 409
    assert Job.objects.count() == 0


def test_too_many_runs_have_to_wait_and_start_nothing(alice: Client, settings: Any) -> None:
    settings.CREATE_TASKS_PER_MINUTE = 1
    refused = run(alice)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert Job.objects.count() == 0


def test_a_viewer_looks_and_does_not_run_or_pick(alice: Client, personas: Personas) -> None:
    run(alice)
    url, nonce = comparison_page(alice), nonce_of(alice.get("/compare", BOTH))
    personas.bob.role = Role.VIEWER
    personas.bob.save()
    alice.force_login(personas.bob.user)
    assert alice.get(url).status_code == 200
    assert run(alice, nonce=nonce).status_code == 403
    assert alice.post(f"{url}/pick", {"job": Job.objects.first().pk}).status_code == 403  # type: ignore[union-attr]


def test_the_heartbeat_brings_the_column_that_changed_and_no_other(alice: Client) -> None:
    run(alice)
    page = alice.get(comparison_page(alice)).text
    veo, kling = Job.objects.get(model_id=VEO), Job.objects.get(model_id=KLING)
    add_take(put_in_state(veo, State.SUCCESS))
    found = re.search(r'id="pulse" hx-get="([^"]+)"', page)
    assert found
    answer = alice.get(unescape(found[1]), headers=HTMX).text
    assert f'id="cmp-{veo.pk}" hx-swap-oob="true"' in answer
    assert "<video" in column_of(answer, "Veo 3.1")
    assert f"cmp-{kling.pk}" not in answer


def test_a_column_that_failed_says_why_and_what_came_back(alice: Client) -> None:
    run(alice)
    job = Job.objects.get(model_id=VEO)
    put_in_state(job, State.FAIL, fail_reason=FailReason.INPUT_TEXT, fail_message="Input may contain a real person.")
    column = column_of(alice.get(comparison_page(alice)).text, "Veo 3.1")
    assert "Input may contain a real person." in column
    assert "60 credits returned" in column
    assert " disabled" in column.split('id="picks-')[1].split(">")[0]


def test_a_pick_is_shown_and_counted_on_the_models_page(alice: Client) -> None:
    run(alice)
    for job in Job.objects.all():
        add_take(put_in_state(job, State.SUCCESS))
    url, kling = comparison_page(alice), Job.objects.get(model_id=KLING)
    assert "picked once" not in alice.get("/models").text
    assert alice.post(f"{url}/pick", {"job": kling.pk}).status_code == 303
    assert "Picked" in column_of(alice.get(url).text, "Kling 3.0")
    models = alice.get("/models?sort=picked&page=99").text
    assert "picked once" in models
    assert models.index("Kling 3.0") < models.index("Veo 3.1")
    picked = alice.post(f"{url}/pick", {"job": Job.objects.get(model_id=VEO).pk}, headers=HTMX).text
    assert re.findall(r'aria-pressed="(\w+)"', picked) == ["true", "false"]


def test_the_takes_of_a_comparison_are_shared_together(alice: Client) -> None:
    run(alice)
    url = comparison_page(alice)
    assert alice.post(f"{url}/share")["Location"] == url
    assert "There is no take to share yet." in alice.get(url).text
    for job in Job.objects.all():
        add_take(put_in_state(job, State.SUCCESS))

    page = alice.post(f"{url}/share")["Location"]
    assert alice.post(f"{url}/share")["Location"] == page
    assert page.startswith("/collections/")
    assert page.endswith("/share")
    assert "Compared: takes 1, 2" in alice.get(page).text
    assert Collection.objects.get().items.count() == 2


def test_comparisons_of_others_are_not_there(alice: Client, personas: Personas) -> None:
    run(alice)
    url, job = comparison_page(alice), Job.objects.first()
    assert job
    alice.force_login(personas.charlie.user)
    assert alice.get(url).status_code == 404
    assert alice.post(f"{url}/pick", {"job": job.pk}).status_code == 404
