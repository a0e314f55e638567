"""The card files themselves: their form, their words and where their facts are from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from playground.catalog import card_check, registry
from playground.catalog.card import Card, parse_card

FILES = registry.card_files()
CARDS = registry.all_cards()
each_file = pytest.mark.parametrize("path", FILES, ids=registry.where_of)
each_card = pytest.mark.parametrize("card", CARDS, ids=[f"{card.gateway}/{card.id}" for card in CARDS])
# How the facts came together is of no use to a reader.
WORKING_WORDS = re.compile(
    r"\bseed 0\d|corpus|corpora|transcri|read_file|read directly|stored (git|note|price)|\bid \d{6,}|\bbrief\b|\bour test|\bin the wild\b",
    re.I,
)
LOUD_WORDS = re.compile(
    r"!|ai-powered|\bmagic|stunning|revolution|cutting.edge|state.of.the.art|breathtaking|unleash|seamless|\bbest\b|world.class|amazing",
    re.I,
)
SOUND_WORDS = re.compile(r"\b(sound|sounds|speech|dialogue|spoken|speaks|talking|voice|music|ambience)\b", re.I)
SILENT = re.compile(r"\bsilent\b|\b(no|without) sound\b")


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a file; not the names of keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)


def offer_of(card: Card) -> list[str]:
    return [card.summary, *card.good_at, *card.use_cases]


def specs_of(properties: Any) -> Iterator[dict[str, Any]]:
    for spec in properties.values():
        yield spec
        yield from specs_of(spec.get("items", {}).get("properties", {}))


# --- form -----------------------------------------------------------------------------------------------------------
@each_file
def test_nothing_is_wrong_with_a_file(path: Any) -> None:
    assert card_check.check_text(path.read_text(encoding="utf-8"), registry.where_of(path)) == []


@each_file
def test_a_file_is_written_as_json_is_written_here(path: Any) -> None:
    text = path.read_text(encoding="utf-8")

    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_no_two_files_claim_the_same_id_alias_or_title() -> None:
    assert card_check.shared_ids({registry.where_of(path): json.loads(path.read_text(encoding="utf-8")) for path in FILES}) == []


@each_file
def test_every_bound_that_is_taken_out_is_missed(path: Any) -> None:
    """The check is not blind for any field of any card."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for spec in specs_of(data["input"]["properties"]):
        for keyword in ("maxLength", "maximum", "maxItems"):
            if keyword in spec and "enum" not in spec:
                kept = spec.pop(keyword)
                with pytest.raises(Exception, match=keyword):
                    parse_card(json.dumps(data), where="x.json")
                spec[keyword] = kept


# --- facts ----------------------------------------------------------------------------------------------------------
@each_card
def test_a_card_says_where_its_fields_and_prices_are_from_and_of_what_day(card: Card) -> None:
    assert card.sources
    assert card.pricing["source"]
    assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", card.pricing["as_of"])
    assert card.pricing["confidence"] in ("documented", "low", "assumed", "none")


@each_card
def test_a_number_of_seconds_has_its_unit(card: Card) -> None:
    for name, spec in card.properties.items():
        if name in ("duration", "n_frames", "extend_times", "extend_at"):
            assert spec.get("x-unit") == "s", name


@each_card
def test_a_usual_time_is_a_guess_within_reason(card: Card) -> None:
    assert 15 <= card.typical_seconds <= 600
    assert card.deadline_seconds >= 5 * card.typical_seconds


# --- words ----------------------------------------------------------------------------------------------------------
@each_card
def test_a_card_speaks_for_itself(card: Card) -> None:
    others = [other.summary for other in CARDS if other is not card]

    assert card.summary not in others
    assert card.summary[-1] == "."
    assert len(set(card.good_at)) == 3
    assert len(set(card.use_cases)) == len(card.use_cases)
    assert not any(text[-1] in ".,;" for text in (*card.good_at, *card.use_cases))


@each_card
def test_the_words_are_sober(card: Card) -> None:
    assert [text for text in offer_of(card) if LOUD_WORDS.search(text)] == []


@each_file
def test_no_working_words_are_left(path: Any) -> None:
    assert [text for text in texts_of(json.loads(path.read_text(encoding="utf-8"))) if WORKING_WORDS.search(text)] == []


@each_card
def test_a_silent_model_promises_no_sound(card: Card) -> None:
    if card.output.get("audio") is False:
        promises = [text for text in offer_of(card) if SOUND_WORDS.search(SILENT.sub("", text))]
        assert promises == []
        assert SILENT.search(card.summary) or card.family == "runway" or "silent" in card.summary


@each_card
def test_no_resolution_is_promised_that_cannot_be_chosen(card: Card) -> None:
    """4K, 2K and numbers of lines in the words stand in a field, or are fixed for the model."""
    offered = json.dumps([card.properties, card.output, card.pricing.get("note", "")]).lower()
    promised = {match.lower() for text in [card.summary, *card.good_at] for match in re.findall(r"\b(?:4K|2K|\d{3,4}p)\b", text)}

    assert {word for word in promised if word not in offered and word.rstrip("p") not in offered} == set()


@each_card
def test_no_longer_clip_is_promised_than_can_be_asked_for(card: Card) -> None:
    spec = card.properties.get("duration") or card.properties.get("n_frames") or card.properties.get("extend_times")
    promised = [
        int(number)
        for match in re.findall(r"((?:\d+, )*\d+(?: (?:to|or|and) \d+)?) s\b", card.summary)
        for number in re.findall(r"\d+", match)
    ]
    if spec and promised:
        bounds = [int(choice) for choice in spec.get("enum", ())] or [
            spec.get("x-minimum", spec.get("minimum", 1)),
            spec.get("x-maximum", spec.get("maximum", 99)),
        ]
        fixed = [int(card.output["seconds"])] if "seconds" in card.output else []
        lengths = [*bounds, *fixed, *_media_bounds(card)]
        assert max(promised) <= max(lengths)


def _media_bounds(card: Card) -> Iterator[int]:
    for spec in specs_of(card.properties):
        media = spec.get("x-media", {})
        yield from (int(media[name]) for name in ("min_s", "max_s") if name in media)


@each_card
def test_a_retired_model_says_so_first(card: Card) -> None:
    assert card.summary.startswith("Retired") == (not card.is_live)
