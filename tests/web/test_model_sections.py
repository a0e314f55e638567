"""What a model's page says below the playground, what is left of a retired model, and the step to another model."""

from __future__ import annotations

import gzip
import html
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.catalog import registry
from playground.catalog.card import Card
from playground.jobs.models import Job
from playground.web.codeview import code_for
from tests.factories import KLING, VEO, Personas
from tests.web.playground import HTMX, KLING_FIELDS, VEO_FIELDS, VEO_PAGE, finished, open_form

pytestmark = pytest.mark.django_db
SEEDANCE = "/models/kie/bytedance/seedance-2"
RETIRED = "/models/kie/sora-2-text-to-video"
ALL = [pytest.param(card, id=f"{card.gateway}-{card.id}") for card in registry.all_cards()]


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("card", ALL)
def test_every_card_can_be_read_about(alice: Client, card: Card) -> None:
    page = alice.get(f"/models/{card.gateway}/{card.id}/about")
    assert page.status_code == 200
    words = text_of(page.text)
    assert all(name in words for name in card.properties)
    assert all(str(rule["message"]) in words for rule in card.rules)
    assert all(text in words for text in (card.summary, *card.good_at, *card.use_cases))
    assert card.pricing["as_of"] in words
    assert len(gzip.compress(page.content, 6)) <= 20_000
    # No named check without words, no placeholder left in them.
    assert not re.search(r"\{[a-z]+\}|None\b", words.partition("Rules")[2].partition("From key")[0])


def test_the_playground_s_page_links_to_its_sections_and_loads_them_when_seen(alice: Client) -> None:
    page = alice.get(SEEDANCE).text
    assert f'hx-get="{SEEDANCE}/about" hx-trigger="intersect once"' in page
    assert f'href="{SEEDANCE}/about"' in page
    part = alice.get(f"{SEEDANCE}/about", headers=HTMX).text
    assert "<html" not in part
    assert 'id="about"' in part


def test_every_row_of_the_price_table_has_credits_and_dollars(alice: Client) -> None:
    page = alice.get(f"{SEEDANCE}/about").text
    prices = page[page.index('id="a-price"') : page.index('id="a-fields"')]
    rows = [text_of(row).split() for row in re.findall(r"<tr>(?:(?!</tr>).)*<td.*?</tr>", prices)]
    assert ["480p", "no", "19", "≈", "$0.10"] in rows
    assert ["4k", "yes", "128", "≈", "$0.64"] in rows
    assert len(rows) == len(registry.get("bytedance/seedance-2").pricing["credits"])


def test_owners_are_led_to_setting_a_price_and_members_are_not(alice: Client, personas: Personas) -> None:
    assert f'href="{VEO_PAGE}/price"' in alice.get(f"{VEO_PAGE}/about").text
    alice.force_login(personas.bob.user)
    assert f"{VEO_PAGE}/price" not in alice.get(f"{VEO_PAGE}/about").text


def test_a_price_that_nobody_publishes_is_said_to_be_unknown(alice: Client) -> None:
    assert "Nobody publishes a price" in alice.get("/models/kie/wan/2-6-flash-image-to-video/about").text


def test_earlier_prices_keep_their_date(alice: Client) -> None:
    page = text_of(alice.get("/models/kie/grok-imagine/extend/about").text)
    assert "Earlier prices, as of 2026-06-30" in page


def test_fields_say_what_is_allowed_and_what_they_do_to_the_price(alice: Client) -> None:
    page = text_of(alice.get(f"{SEEDANCE}/about").text)
    assert "4 to 15 s" in page
    assert "per second" in page
    assert "up to 9; JPEG, PNG, WebP" in page
    assert "300 to 6,000 px a side" in page
    assert "Reference videos may last 15 s together." in page


def test_a_length_that_is_left_open_is_no_length(alice: Client) -> None:
    assert "up to 30 s, or the model’s choice with -1" in text_of(alice.get("/models/kie/wan/3-0-video/about").text)
    assert "or the input’s length with 0" in text_of(alice.get("/models/kie/wan/2-7-videoedit/about").text)


def test_the_example_request_is_the_one_that_the_playground_would_print(alice: Client) -> None:
    card = registry.get(VEO, "modkie")
    page = html.unescape(alice.get(f"{VEO_PAGE}/about").text)
    code = code_for(card, card.example)
    for snippet in (code.request, *code.languages):
        assert "\n".join(line.text for line in snippet.lines) in page
    assert "manage.py create_key --name first --mode test" in page


def test_pictures_are_labelled_until_the_team_has_takes(alice: Client, personas: Personas) -> None:
    assert "without any AI" in alice.get(f"{VEO_PAGE}/about").text
    finished(personas.bob)
    finished(personas.charlie)
    page = alice.get(f"{VEO_PAGE}/about").text
    assert "Newest takes of the team" in page
    assert page.count('alt="Take ') == 1


def test_a_retired_model_can_be_read_about_and_not_run(alice: Client, personas: Personas) -> None:
    page = alice.get(RETIRED)
    assert page.status_code == 200
    assert "Retired." in page.text
    assert 'id="run"' not in page.text
    assert 'id="f"' not in page.text
    assert "create_key" not in page.text


def test_a_retired_model_s_takes_stay(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    Job.objects.filter(pk=job.pk).update(gateway="kie", model_id="sora-2-text-to-video")
    page = alice.get(f"{RETIRED}?take={job.number}").text
    assert "<video" in page
    assert "Remix" not in page


def test_a_retired_model_cannot_be_run_by_hand(alice: Client) -> None:
    answer = alice.post(f"{RETIRED}/run", {"prompt": "A calm sea at dusk", "nonce": open_form(alice)}, headers=HTMX)
    assert answer.status_code == 409
    assert not Job.objects.exists()


def test_an_id_of_two_gateways_means_kie(alice: Client) -> None:
    assert alice.get("/models/bytedance/seedance-2-mini?tab=api")["Location"] == "/models/kie/bytedance/seedance-2-mini?tab=api"
    assert alice.get(f"/models/{KLING}")["Location"] == f"/models/modkie/{KLING}"


def test_an_alias_leads_to_the_model_s_own_address(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    card = registry.get(VEO, "modkie")
    real = registry.get
    monkeypatch.setattr(registry, "get", lambda name, gateway=None: card if name == "veo-by-another-name" else real(name, gateway))
    assert alice.get("/models/modkie/veo-by-another-name?tab=json")["Location"] == f"{VEO_PAGE}?tab=json"
    assert alice.get("/models/veo-by-another-name")["Location"] == VEO_PAGE


def test_live_says_honestly_that_a_gateway_is_not_connected(alice: Client, settings: Settings) -> None:
    settings.MODKIE_API_KEY = "set"
    page = text_of(alice.get("/models").text)
    assert re.search(r"ModKie\s+live", page)
    assert re.search(r"KIE\s+test only", page)


# The switcher


def items(page: str) -> list[str]:
    return re.findall(r'formaction="([^"?]+)', page)


def test_the_switcher_lists_the_models_of_the_same_scene(alice: Client) -> None:
    page = alice.get(f"{VEO_PAGE}/switcher", headers=HTMX).text
    same = [card for card in registry.live_cards() if "text-to-video" in card.scenes and card.key != ("modkie", VEO)]
    assert sorted(items(page)) == sorted(f"/models/{card.gateway}/{card.id}/switch" for card in same)
    assert "35 credits" in page
    assert "Kuaishou · ModKie" in page


def test_typing_narrows_the_switcher(alice: Client) -> None:
    page = alice.get(f"{VEO_PAGE}/switcher?_q=kling+modkie", headers=HTMX).text
    assert set(items(page)) == {f"/models/modkie/{KLING}/switch", "/models/modkie/kling/v2-1/switch"}
    assert "“&lt;i&gt;”" in alice.get(f"{VEO_PAGE}/switcher?_q=<i>", headers=HTMX).text


def switch(client: Client, target: str, fields: dict[str, Any], *, of: str = f"modkie/{VEO}", **headers: Any) -> Any:
    return client.post(f"{target}/switch?of={of}", fields, **headers)


def test_what_was_typed_goes_along_to_the_other_model(alice: Client) -> None:
    prompt = "A very long prompt, " * 200
    answer = switch(alice, f"/models/modkie/{KLING}", VEO_FIELDS | {"prompt": prompt, "aspect_ratio": "9:16", "duration": "8"})
    assert answer.status_code == 302
    page = alice.get(answer["Location"]).text
    assert prompt.strip() in page
    assert re.search(r'value="9:16"[^>]*checked', page)
    assert 'name="duration" value="8"' in page
    assert alice.get(answer["Location"]).text.count(prompt.strip()) >= 1, "a reload keeps it"


def test_without_script_the_switcher_is_a_page_that_holds_what_was_typed(alice: Client) -> None:
    page = alice.post(f"{VEO_PAGE}/switcher", VEO_FIELDS | {"prompt": "Fog <i>between</i> pines", "nonce": "of another page"}).text
    assert "<h1>Other models beside Veo 3.1</h1>" in page
    assert f"/models/modkie/{KLING}/switch" in items(page)
    typed = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition('id="f"')[2].partition("</form>")[0]))
    assert typed.pop("csrfmiddlewaretoken")
    assert typed == {**VEO_FIELDS, "prompt": "Fog &lt;i&gt;between&lt;/i&gt; pines"}


def test_what_the_other_model_does_not_take_stays_behind(alice: Client) -> None:
    answer = switch(alice, "/models/kie/veo3", KLING_FIELDS | {"aspect_ratio": "21:9", "resolution": "480p"}, of=f"modkie/{KLING}")
    page = alice.get(answer["Location"]).text
    assert "21:9" not in page
    assert "480p" not in page
    assert KLING_FIELDS["prompt"] in page


def test_htmx_is_sent_to_the_other_page_and_nothing_is_run(alice: Client) -> None:
    answer = switch(alice, f"/models/modkie/{KLING}", VEO_FIELDS, headers=HTMX)
    assert answer["HX-Redirect"] == f"/models/modkie/{KLING}?prompt=carried"
    assert not Job.objects.exists()


def test_what_went_along_to_one_model_is_not_shown_at_another(alice: Client) -> None:
    switch(alice, f"/models/modkie/{KLING}", VEO_FIELDS | {"prompt": "Only for one of them"})
    assert "Only for one of them" not in alice.get(f"{SEEDANCE}?prompt=carried").text


def test_scene_tabs_lead_to_the_member_of_the_family_that_is_most_alike(alice: Client) -> None:
    page = alice.get("/models/kie/kling-3.0/video").text
    tabs = page[page.index('aria-label="Scene"') :].partition("</nav>")[0]
    assert 'href="/models/kie/kling-3.0/motion-control"' in tabs
    assert "Text or image to video" in tabs
    assert tabs.count('aria-current="page"') == 1


def test_a_long_row_of_seconds_is_told_as_a_span(alice: Client) -> None:
    text = alice.get("/models/kie/kling-3.0/video/about").text
    assert "3 to 15 s" in text
    assert "3, 4, 5" not in text
