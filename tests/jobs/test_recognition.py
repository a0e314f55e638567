"""Is a task that only a callback named ours? The provider's record must show our model, our input and a time after ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from playground.core.clock import to_ms
from playground.jobs import recognition
from playground.jobs.models import Attempt, Job
from playground.providers.base import Echo
from playground.wire.envelope import compact
from tests.jobs.controlled_clock import ControlledClock

MODEL = "kling-3.0/video"
PAYLOAD: dict[str, Any] = {
    "prompt": "@boat sails",
    "image_urls": ["https://files.example/boat.png"],
    "aspect_ratio": "16:9",
    "duration": "5",
    "sound": False,
    "elements": [{"name": "boat", "weight": 1.0}],
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


def why_not(
    clock: ControlledClock,
    shown: Any = PAYLOAD,
    *,
    model: str = MODEL,
    sent: dict[str, Any] = PAYLOAD,
    sent_json: str = "",
    endpoint: str = "",
    seconds: tuple[float, ...] = (1,),
) -> str:
    """What is said of a record that was made so many seconds after our request left; ten minutes later."""
    job = Job(model_id=MODEL, payload_json=compact(sent), endpoint=endpoint)
    attempt = Attempt(job=job, number=1, sent_at=clock.now, sent_json=sent_json)
    created = tuple(to_ms(clock.now) + round(1000 * after) for after in seconds)
    clock.advance(600)
    try:
        return recognition.why_not_ours(job, attempt, Echo(model, shown, created))
    finally:
        clock.advance(-600)


def test_a_record_that_shows_exactly_our_request_is_ours(clock: ControlledClock) -> None:
    assert why_not(clock) == ""


@pytest.mark.parametrize(
    "shown",
    [
        PAYLOAD | {"seed": 4711, "enableTranslation": True, "mode": "std"},
        PAYLOAD | {"duration": 5, "sound": "false"},
        {"aspectRatio" if name == "aspect_ratio" else name: value for name, value in PAYLOAD.items()},
        {"imageUrls" if name == "image_urls" else name: value for name, value in PAYLOAD.items()},
        {name: value for name, value in PAYLOAD.items() if name not in ("duration", "sound", "aspect_ratio", "elements")},
        PAYLOAD | {"prompt": "  @boat sails\n"},
        PAYLOAD | {"elements": [json.dumps({"name": "boat", "weight": 1})]},
        PAYLOAD | {"elements": [{"name": "boat", "weight": 1, "id": 7}]},
    ],
    ids=["filled in", "other types", "aspectRatio", "imageUrls", "left out", "trimmed", "object as text", "object with more"],
)
def test_what_a_provider_adds_drops_or_spells_in_its_own_way_makes_no_stranger(clock: ControlledClock, shown: dict[str, Any]) -> None:
    assert why_not(clock, shown) == ""


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (PAYLOAD | {"prompt": "@boat sinks"}, "its prompt is another"),
        ({name: value for name, value in PAYLOAD.items() if name != "prompt"}, "its prompt is another"),
        (PAYLOAD | {"image_urls": ["https://files.example/other.png"]}, "its image_urls is another"),
        (PAYLOAD | {"image_urls": []}, "its image_urls is another"),
        (PAYLOAD | {"image_urls": [*PAYLOAD["image_urls"], "https://files.example/2.png"]}, "its image_urls is another"),
        ({name: value for name, value in PAYLOAD.items() if name != "image_urls"}, "its image_urls is another"),
        (PAYLOAD | {"duration": "10"}, "its duration is another"),
        (PAYLOAD | {"sound": True}, "its sound is another"),
        (PAYLOAD | {"elements": [{"name": "ship", "weight": 1.0}]}, "its elements is another"),
        ({}, "its prompt is another"),
        ({"seed": 1}, "its prompt is another"),
    ],
)
def test_one_field_that_is_another_is_enough(clock: ControlledClock, shown: dict[str, Any], words: str) -> None:
    assert why_not(clock, shown) == words


def test_another_model_s_task_is_not_ours(clock: ControlledClock) -> None:
    assert why_not(clock, model="kling-2.6/text-to-video") == "it is of kling-2.6/text-to-video"


def test_a_contract_without_our_model_s_name_is_judged_by_the_rest(clock: ControlledClock) -> None:
    """Veo, Runway and Aleph have a path for each model, and their records name the models in words of their own, or not at all."""
    assert why_not(clock, model="") == ""
    assert why_not(clock, model="veo3", endpoint="POST /api/v1/veo/generate") == ""


@pytest.mark.parametrize(
    ("seconds", "is_ours"),
    [
        ((-119,), True), ((-121,), False), ((0,), True), ((600,), True), ((719,), True), ((721,), False), ((-86_400,), False),
        ((), False), ((-28_800, 1), True), ((-28_800, -3600), False),
    ],
)  # fmt: skip
def test_it_was_made_after_our_request_left_as_far_as_two_clocks_agree(
    clock: ControlledClock, seconds: tuple[float, ...], is_ours: bool
) -> None:
    """A time without a zone may mean several moments."""
    assert why_not(clock, seconds=seconds) == ("" if is_ours else "it was not made after we sent ours")


def test_a_record_that_shows_nothing_proves_nothing(clock: ControlledClock) -> None:
    job = Job(model_id=MODEL, payload_json=compact(PAYLOAD))
    attempt = Attempt(job=job, number=1, sent_at=clock.now)
    echo = Echo(MODEL, PAYLOAD, (to_ms(clock.now),))
    assert recognition.why_not_ours(job, attempt, None) == "nothing to compare"
    assert recognition.why_not_ours(job, None, echo) == "nothing to compare"
    assert recognition.why_not_ours(job, Attempt(job=job, number=1), echo) == "nothing to compare", "it never left"
    assert why_not(clock, {}, sent={"loop": True}) == "its input is another"


def test_what_was_sent_is_compared_and_not_what_was_priced(clock: ControlledClock) -> None:
    """Our own addresses and ids never leave the house: the provider's stood in their place."""
    ours = PAYLOAD | {"image_urls": ["http://testserver/uploads/1/boat.png"]}
    assert why_not(clock, sent=ours, sent_json=compact(PAYLOAD)) == ""
    assert why_not(clock, ours, sent=ours, sent_json=compact(PAYLOAD)) == "its image_urls is another"


def test_the_task_that_is_continued_must_be_shown(clock: ControlledClock) -> None:
    sent = {"taskId": "veo-1", "prompt": "On it goes"}
    assert why_not(clock, {"prompt": "On it goes"}, sent=sent) == "its taskId is another"
    assert why_not(clock, {"prompt": "On it goes", "task_id": "veo-2"}, sent=sent) == "its taskId is another"
    assert why_not(clock, {"prompt": "On it goes", "task_id": "veo-1"}, sent=sent) == ""


SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text("ab 1", max_size=4)
FIELDS = st.dictionaries(st.text("abc", min_size=1, max_size=3), SCALARS | st.lists(SCALARS, max_size=3), max_size=4)


@given(sent=FIELDS, added=FIELDS, prompt=st.text(min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_added_our_own_request_is_always_recognised(
    clock: ControlledClock, sent: dict[str, Any], added: dict[str, Any], prompt: str
) -> None:
    ours = sent | {"prompt": prompt}
    assert why_not(clock, added | ours, sent=ours) == ""


@given(sent=FIELDS, mine=st.text(min_size=1, max_size=20), theirs=st.text(min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_request_with_another_prompt_is_ever_ours(clock: ControlledClock, sent: dict[str, Any], mine: str, theirs: str) -> None:
    assume(mine.strip() != theirs.strip())
    assert why_not(clock, sent | {"prompt": theirs}, sent=sent | {"prompt": mine}) == "its prompt is another"
