"""Rules in the form: what is impossible stays in sight with its reason, nothing typed is lost, and nothing forbidden is sent."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from playground.jobs.models import Job, State
from tests.factories import Personas, make_job
from tests.web.formfiller import Person
from tests.web.formreader import Element, PageForm
from tests.web.playground import HTMX, add_take, nonce_of, put_in_state

pytestmark = pytest.mark.django_db
HAILUO, VEO, KLING = "/models/kie/hailuo/2-3-image-to-video-standard", "/models/kie/veo3_fast", "/models/kie/kling-3.0/video"
SEEDANCE, GROK = "/models/kie/bytedance/seedance-2-5", "/models/kie/grok-imagine/extend"
OMNI = "/models/kie/kling-3.0-omni/text-to-video"
FRAME = "https://media.example/a.png"


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    make_job(personas.alice)
    return client


def at(client: Client, url: str) -> Person:
    return Person(client, f"{url}?prompt=example")


def words(person: Person, name: str) -> str:
    wrapper = person.page.form.by_id(f"field-{name}")
    assert wrapper is not None
    return " ".join(wrapper.text.split())


def radio(person: Person, name: str, value: str) -> Element:
    found = person.page.form.find("input", name=name, value=value)
    assert found is not None
    return found


# --- choices --------------------------------------------------------------------------------------------------------
def test_an_impossible_choice_is_disabled_with_its_reason_tied_to_it(alice: Client) -> None:
    person = at(alice, HAILUO)
    person.set("resolution", "1080P")
    ten = radio(person, "duration", "10")
    assert "disabled" in ten.attrs
    reason = person.page.form.by_id(ten.attrs["aria-describedby"])
    assert reason is not None
    assert "10 s: 1080P exists only with 6 s." in " ".join(reason.text.split())


def test_a_choice_that_follows_is_set_and_said_and_the_price_follows(alice: Client) -> None:
    person = at(alice, HAILUO)
    person.set("resolution", "768P")
    person.set("duration", "10")
    assert person.payload["duration"] == "10"
    person.set("resolution", "1080P")
    assert (person.payload["resolution"], person.payload["duration"]) == ("1080P", "6")
    assert "Set to 6 s: 1080P exists only with 6 s." in words(person, "duration")
    assert "checked" in radio(person, "duration", "6").attrs
    assert person.complaint.startswith("50 test credits")


def test_prices_stand_at_the_choices_that_make_them(alice: Client) -> None:
    person = at(alice, HAILUO)
    person.set("resolution", "768P")
    assert [words_of(person, f"id_resolution_{place}_price") for place in (0, 1)] == ["30", "50"]
    assert "+30 credits" in words(at(alice, KLING), "sound")
    assert "5 s · 100" in words(at(alice, KLING), "duration")


def words_of(person: Person, element_id: str) -> str:
    element = person.page.form.by_id(element_id)
    assert element is not None
    return element.text.strip()


def test_the_constants_of_a_provider_are_read_as_words_and_sent_as_they_are(alice: Client) -> None:
    person = at(alice, VEO)
    assert "Reference to video" in words(person, "generationType")
    person.set("generationType", "REFERENCE_2_VIDEO")
    assert person.payload["generationType"] == "REFERENCE_2_VIDEO"


def test_what_a_mode_needs_is_marked_required_while_it_is_chosen(alice: Client) -> None:
    person = at(alice, VEO)
    assert "Images required" not in words(person, "imageUrls")
    person.set("generationType", "REFERENCE_2_VIDEO")
    assert "Images required" in words(person, "imageUrls")
    assert "At most 3 now" in words(person, "imageUrls")
    assert person.payload["duration"] == 8


# --- fields ---------------------------------------------------------------------------------------------------------
def test_a_forbidden_field_is_shown_disabled_and_what_it_held_comes_back(alice: Client) -> None:
    person = at(alice, OMNI)
    person.set("customize_multi_shots", "on")
    person.page.fill("multi_prompt-0-prompt", "The door opens")
    person.set("multi_prompt-0-duration", "5")
    shots = person.payload["multi_prompt"]
    person.set("customize_multi_shots", "")
    assert "multi_prompt" not in person.payload
    assert "Without an own shot list the list must stay empty." in words(person, "multi_prompt")
    assert person._add_button("multi_prompt") is None
    person.set("prompt", "Something else meanwhile")
    person.set("customize_multi_shots", "on")
    assert person.payload["multi_prompt"] == shots == [{"prompt": "The door opens", "duration": 5}]


def test_a_mode_that_what_is_given_excludes_says_why(alice: Client) -> None:
    person = at(alice, VEO)
    assert person.attach("imageUrls")
    assert not person.may_choose("generationType", "TEXT_2_VIDEO")
    assert "Text to video: Text mode takes no pictures." in words(person, "generationType")
    person.detach("imageUrls")
    assert person.may_choose("generationType", "TEXT_2_VIDEO")


def test_without_javascript_the_same_form_comes_back_whole(alice: Client) -> None:
    page = PageForm(alice.get(f"{VEO}?prompt=example").text)
    posted = page.post() | {"imageUrls": [FRAME], "generationType": ["TEXT_2_VIDEO"]}
    page = PageForm(alice.post(f"{VEO}/quote", posted).text)
    assert "imageUrls" not in page.post()
    assert page.post()["_kept-imageUrls"] == [FRAME]
    page.fill("generationType", "FIRST_AND_LAST_FRAMES_2_VIDEO")
    page = PageForm(alice.post(f"{VEO}/quote", page.post()).text)
    assert page.post()["imageUrls"] == [FRAME]


def test_of_two_sides_that_exclude_each_other_the_other_is_closed(alice: Client) -> None:
    person = at(alice, SEEDANCE)
    assert not person.is_open("last_frame_url")
    person.attach("first_frame_url")
    assert person.is_open("last_frame_url")
    assert "Frames and references exclude each other." in words(person, "reference_image_urls")
    assert not person.is_open("reference_image_urls")


def test_only_what_says_something_else_is_drawn_anew_and_never_the_input_in_hand(alice: Client) -> None:
    page = PageForm(alice.get(f"{HAILUO}?prompt=example").text)
    page.fill("resolution", "768P")
    answer = alice.post(f"{HAILUO}/quote", page.post() | {"_edited": ["resolution"]}, headers=HTMX).text
    assert set(re.findall(r'id="field-(\w+)"[^>]*hx-swap-oob', answer)) == {"duration"}
    page.swap(answer, target="foot")
    page.fill("prompt", "Another prompt")
    answer = alice.post(f"{HAILUO}/quote", page.post() | {"_edited": ["prompt"]}, headers=HTMX).text
    assert 'id="field-prompt"' not in answer
    assert 'id="field-duration"' not in answer


def test_run_sends_what_the_json_tab_shows(alice: Client) -> None:
    person = at(alice, HAILUO)
    person.set("resolution", "768P")
    person.set("duration", "10")
    person.set("resolution", "1080P")
    assert alice.post(f"{HAILUO}/run", person.page.post()).status_code == 303
    assert Job.objects.get(model_id="hailuo/2-3-image-to-video-standard").payload == person.payload


def test_something_wrong_takes_the_prices_place_and_run_is_off(alice: Client) -> None:
    person = at(alice, KLING)
    person.set("multi_shots", "on")
    person.page.fill("multi_prompt-0-prompt", "The door opens")
    person.set("multi_prompt-0-duration", "3")
    assert "The shots last 3 s together" in person.complaint
    assert not person.can_run
    assert "3 of 5 s" in words(person, "multi_prompt")


# --- lists ----------------------------------------------------------------------------------------------------------
def shots(person: Person) -> list[str]:
    posted = person.page.post()
    return [posted[f"multi_prompt-{number}-prompt"][0] for number in range(9) if f"multi_prompt-{number}-prompt" in posted]


def with_shots(alice: Client, *texts: str) -> Person:
    person = at(alice, KLING)
    person.set("multi_shots", "on")
    for number, text in enumerate(texts):
        if number:
            person._ask("multi_prompt", button=("_rows", "multi_prompt:add"), target="field-multi_prompt")
        person.page.fill(f"multi_prompt-{number}-prompt", text)
    return person


def press(person: Person, value: str) -> str:
    answer = person.client.post(f"{KLING}/quote", person.page.post(("_rows", value)), headers=HTMX).text
    person.page.swap(answer, target="field-multi_prompt")
    return answer


def test_rows_are_added_moved_and_removed_and_keep_what_was_typed(alice: Client) -> None:
    person = with_shots(alice, "one", "two", "three")
    press(person, "multi_prompt:up:2")
    assert shots(person) == ["one", "three", "two"]
    press(person, "multi_prompt:down:0")
    assert shots(person) == ["three", "one", "two"]
    press(person, "multi_prompt:remove:1")
    assert shots(person) == ["three", "two"]


def test_a_new_row_is_the_answer_and_gets_the_focus(alice: Client) -> None:
    answer = press(with_shots(alice, "one"), "multi_prompt:add")
    assert answer.lstrip().startswith('<fieldset class="field rows"')
    assert re.search(r'name="multi_prompt-1-prompt"[^>]* autofocus', answer)
    assert re.search(r'id="foot"[^>]* hx-swap-oob', answer)


def test_a_list_takes_as_many_rows_as_the_card_says(alice: Client) -> None:
    person = with_shots(alice, *"abcde")
    assert len(shots(person)) == 5
    assert person._add_button("multi_prompt") is None


def test_rows_change_without_javascript_too(alice: Client) -> None:
    person = with_shots(alice, "one", "two")
    page = PageForm(alice.post(f"{KLING}/quote", person.page.post(("_rows", "multi_prompt:up:1"))).text)
    assert page.post()["multi_prompt-0-prompt"] == ["two"]
    assert page.root.find("title") is not None


def test_a_row_in_which_nothing_was_typed_is_not_sent_and_a_mistake_stands_in_its_row(alice: Client) -> None:
    person = with_shots(alice, "", "two")
    person.page.fill("multi_prompt-1-duration", "20")
    page = PageForm(alice.post(f"{KLING}/run", person.page.post()).text)
    first, second = (page.form.by_id(f"field-multi_prompt-{number}-duration") for number in (0, 1))
    assert first is not None
    assert second is not None
    assert "at most 12" not in first.text
    assert "at most 12" in second.text
    assert "Shots" in page.root.by_id("problems").text  # type: ignore[union-attr]


# --- earlier tasks --------------------------------------------------------------------------------------------------
def finished_grok(personas: Personas) -> Job:
    payload = {"prompt": "A lantern drifts away", "duration": 6}
    made = make_job(personas.alice, model_id="grok-imagine/text-to-video", payload=payload)
    job = put_in_state(made.job, State.SUCCESS)
    add_take(job)
    return job


def test_an_earlier_take_is_picked_by_number_and_words(alice: Client, personas: Personas) -> None:
    job = finished_grok(personas)
    person = at(alice, GROK)
    assert f"Take {job.number} · Grok Imagine text to video · A lantern drifts away".lower() in words(person, "task_id").lower()
    person.set("task_id", job.pk.hex)
    assert person.payload["task_id"] == job.pk.hex
    picked = person.page.form.by_id("picked-task_id")
    assert picked is not None
    assert picked.find("img") is not None


@pytest.mark.parametrize("parameter", ["from", "parent"])
def test_a_link_from_a_take_preselects_it(alice: Client, personas: Personas, parameter: str) -> None:
    job = finished_grok(personas)
    page = PageForm(alice.get(f"{GROK}?{parameter}={job.number}").text)
    assert page.post()["task_id"] == [job.pk.hex]


def test_an_id_that_is_no_take_of_the_team_is_kept_and_named(alice: Client, personas: Personas) -> None:
    make_job(personas.charlie, model_id="grok-imagine/text-to-video", payload={"prompt": "Elsewhere's secret", "duration": 6})
    person = at(alice, GROK)
    assert "Task task_grok_0001, not offered here" in words(person, "task_id")
    assert "secret" not in words(person, "task_id")
    assert person.payload["task_id"] == "task_grok_0001"


# --- no price -------------------------------------------------------------------------------------------------------
def test_a_model_without_a_published_price_runs_for_nothing_in_test_mode(alice: Client) -> None:
    page = alice.get("/models/kie/wan/2-6-flash-image-to-video?prompt=example").text
    assert "No price published" in page
    assert "Test runs are free of it" in page
    posted = PageForm(page).post() | {"nonce": [nonce_of(page)]}
    assert alice.post("/models/kie/wan/2-6-flash-image-to-video/run", posted).status_code == 303
    assert Job.objects.get(model_id="wan/2-6-flash-image-to-video").price_millicredits == 0


def test_in_live_mode_a_model_without_a_price_waits_for_its_owners(alice: Client, settings: LazySettings) -> None:
    settings.MODKIE_API_KEY = "k"
    alice.post("/prefs", {"mode": "live"})
    url = "/models/modkie/bytedance/seedance-2-mini"
    page = alice.get(f"{url}?prompt=example").text
    assert "Nobody publishes a price. Live needs a price set by an owner." in page
    assert re.search(r"data-run-button[^>]* disabled", page)
    alice.post(f"{url}/price", {"credits": "10"})
    assert "Nobody publishes a price. Live" not in alice.get(f"{url}?prompt=example").text


def test_a_digest_that_somebody_made_up_does_no_harm(alice: Client) -> None:
    posted = PageForm(alice.get(f"{HAILUO}?prompt=example").text).post() | {"_said": ["duration", ":", "nobody:e1"], "_rows": ["x:add:99"]}
    assert alice.post(f"{HAILUO}/quote", posted | {"_kept-nobody-0-x": ["1"]}, headers=HTMX).status_code == 200


def test_a_kept_draft_comes_back_with_its_rows(alice: Client) -> None:
    draft = {
        "prompt": "A paper boat", "duration": "5", "aspect_ratio": "16:9", "mode": "std", "sound": "on", "multi_shots": "on",
        "multi_prompt-0-prompt": "It leaves the quay", "multi_prompt-0-duration": "2",
        "multi_prompt-1-prompt": "It meets a swan", "multi_prompt-1-duration": "3", "_draft": "1",
    }  # fmt: skip
    page = alice.post(f"{KLING}/quote", draft, headers={"HX-Request": "true"}).text
    assert 'id="f"' in page
    assert "It leaves the quay" in page
    assert "It meets a swan" in page
    assert 'id="foot"' in page
