"""From one model to another with what was typed: which models stand beside a card, and what of a form they can take."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.catalog import registry, schema
from playground.catalog.card import Card
from playground.catalog.pricing import OwnPrice
from playground.catalog.roles import field_for
from playground.catalog.values import in_words
from playground.core.wording import Labels
from playground.web.catalogue import Offer, family_of, offer_of

_KEY = "carried"
SCENES = Labels(
    {
        "text-to-video": gettext_noop("Text"),
        "image-to-video": gettext_noop("Image"),
        "reference-to-video": gettext_noop("Reference"),
        "video-to-video": gettext_noop("Video"),
        "speech-to-video": gettext_noop("Speech"),
        "document-to-video": gettext_noop("Document"),
        "motion-control": gettext_noop("Motion control"),
        "extend": gettext_noop("Extend"),
        "upscale": gettext_noop("Upscale"),
        "character": gettext_noop("Character"),
    }
)


def scene_words(card: Card) -> str:
    """`Text, image or reference to video`, `Extend`."""
    names = [SCENES.get(scene, scene) for scene in card.scenes]
    if not all(scene.endswith("-to-video") for scene in card.scenes):
        return ", ".join(names)
    rest = [name.lower() for name in names[1:]]
    return _("%(inputs)s to video") % {"inputs": in_words([names[0], *rest], "or")}


def scene_tabs(card: Card) -> list[tuple[str, Card]]:
    """The card under its own scenes, then for every other scene of the family the member most like it."""
    tabs = [(scene_words(card), card)]
    family = sorted(family_of(card), key=lambda other: (-_alike(other.id, card.id), other.title))
    for scene in SCENES:
        sibling = next((other for other in family if scene in other.scenes and scene not in card.scenes), None)
        if sibling and sibling not in (other for _, other in tabs):
            tabs.append((SCENES[scene], sibling))
    return tabs


def _alike(one: str, other: str) -> int:
    """How many letters two ids have in common from the start: the version usually stands before the variant."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def beside(card: Card, words: str = "", own: Mapping[tuple[str, str], OwnPrice] = MappingProxyType({})) -> list[Offer]:
    """The live models that accept a scene of the card's, by name; with `words` those of them that match."""
    others = [other for other in registry.live_cards() if set(other.scenes) & set(card.scenes)]
    offers = [offer_of(other, own.get(other.key)) for other in sorted(others, key=lambda other: (other.title.lower(), other.gateway))]
    return [offer for offer in offers if all(word in offer.profile.words for word in words.lower().split())]


def carried(source: Card, target: Card, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of `payload` the target takes under the same name. The prompt goes along however long: its form will say so.

    An earlier task belongs to the model that it was made with, so it stays behind.
    """
    taken: dict[str, Any] = {}
    for name, value in payload.items():
        spec = target.properties.get(name)
        if spec is None or spec.get("x-ref"):
            continue
        fitting = next((choice for choice in spec.get("enum", ()) if str(choice) == str(value)), value)
        if not any(problem.field == name for problem in schema.validate(target, {name: fitting})):
            taken[name] = fitting
    ours, theirs = field_for(source, "prompt"), field_for(target, "prompt")
    if ours and theirs and ours in payload:
        taken[theirs] = payload[ours]
    return taken


def keep_carried(session: SessionBase, target: Card, values: Mapping[str, Any]) -> None:
    session[_KEY] = {"to": list(target.key), "values": dict(values)}


def carried_to(session: SessionBase, card: Card) -> dict[str, Any]:
    """What the last switch brought along, if it led to this model."""
    kept = session.get(_KEY) or {}
    return dict(kept["values"]) if kept.get("to") == list(card.key) else {}
