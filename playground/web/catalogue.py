"""A model as it stands in a list: what it takes, what it can do, what its example costs.

All of it is read from the card, so that a tag is never a promise of its own, and kept per version of the card: a list
of a hundred models is drawn anew for every letter that somebody types into its search box. What is searched for is
written in the viewer's language, so it is kept for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from playground.catalog import pricing, registry
from playground.catalog.card import Card
from playground.catalog.intent import Intent, intent
from playground.catalog.pricing import OwnPrice
from playground.catalog.roles import field_for, tier_lines
from playground.core.money import format_credits
from playground.core.wording import Labels, credits_in_words
from playground.jobs import upstreams

DEFAULT_MODEL = ("modkie", "google/veo-3-1")
INPUTS = Labels(
    {
        "text": gettext_noop("Text"),
        "image": gettext_noop("Image"),
        "video": gettext_noop("Video"),
        "audio": gettext_noop("Audio"),
        "frames": gettext_noop("First and last frame"),
        "reference": gettext_noop("Reference"),
        "take": gettext_noop("Earlier take"),
    }
)
SKILLS = Labels(
    {
        "sound": gettext_noop("Sound"),
        "1080p": gettext_noop("1080p or more"),
        "4k": gettext_noop("4K"),
        "vertical": gettext_noop("Vertical 9:16"),
        "long": gettext_noop("10 s or longer"),
        "shots": gettext_noop("Several shots"),
        "extend": gettext_noop("Extend"),
        "upscale": gettext_noop("Upscale"),
        "lip-sync": gettext_noop("Lip sync"),
        "motion": gettext_noop("Motion control"),
        "seed": gettext_noop("Seed"),
    }
)
_TAGS = Labels({"frames": gettext_noop("First–last"), "take": gettext_noop("Take")})
_WIDGETS = {"image": "image", "images": "image", "video": "video", "videos": "video", "audio": "audio", "audios": "audio"}
_SCENE_SKILLS = {"extend": "extend", "upscale": "upscale", "motion-control": "motion", "speech-to-video": "lip-sync"}
_LAST_FRAMES = ("last_frame", "tail_image", "end_image")
_REFERENCES = ("reference", "elements", "character")
_SEEDS = ("seed", "seeds")
LONG_SECONDS = 10
GATEWAYS = {"kie": "KIE", "modkie": "ModKie"}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a card says of itself. `words` is what a search looks through, in lower case."""

    inputs: tuple[str, ...]
    skills: tuple[str, ...]
    words: str

    @property
    def tags(self) -> tuple[str, ...]:
        """At most four: a tag that is cut off says less than none."""
        sound = (SKILLS["sound"],) if "sound" in self.skills else ()
        return tuple(_TAGS.get(name, INPUTS[name]) for name in self.inputs)[: 4 - len(sound)] + sound


@dataclass(frozen=True, slots=True)
class Offer:
    """A model with the price of its example; `price` is None where nobody publishes one."""

    card: Card
    price: pricing.Quote | None

    @property
    def profile(self) -> Profile:
        return profile_of(self.card)

    @property
    def price_words(self) -> str:
        """`35 credits`, `12–48 credits`, `Free`, `Price unknown`."""
        if self.price is None:
            return _("Price unknown")
        low, high = self.price.min_millicredits, self.price.max_millicredits
        if high == 0:
            return _("Free")
        if self.price.is_range:
            return _("%(low)s–%(high)s credits") % {"low": format_credits(low), "high": format_credits(high)}
        return credits_in_words(high)

    @property
    def gateway_title(self) -> str:
        return gateway_title(self.card.gateway)

    @property
    def is_live(self) -> bool:
        """Whether this installation can run it for real just now."""
        return upstreams.is_live_available(self.card.gateway)


_offers: dict[tuple[str, str, str], Offer] = {}
_profiles: dict[tuple[str, str, str, str], Profile] = {}


def _key(card: Card) -> tuple[str, str, str]:
    return card.gateway, card.id, card.version


def gateway_title(gateway: str) -> str:
    return GATEWAYS.get(gateway, gateway)


def card_or_404(gateway: str, model_id: str) -> Card:
    try:
        return registry.get(model_id, gateway)
    except registry.UnknownModel as error:
        raise Http404(str(error)) from None


def default_card() -> Card:
    """The model that a fresh installation opens with; the first live one if that is gone."""
    try:
        card = registry.get(DEFAULT_MODEL[1], DEFAULT_MODEL[0])
    except registry.UnknownModel:
        card = registry.live_cards()[0]
    return card if card.is_live else registry.live_cards()[0]


def offer_of(card: Card, own: OwnPrice | None = None) -> Offer:
    """With the team's own price, if it has set one; the published ones are worked out once."""
    if own is not None:
        return Offer(card, example_price(card, own))
    if (known := _offers.get(_key(card))) is None:
        known = _offers[_key(card)] = Offer(card, example_price(card))
    return known


def example_price(card: Card, own: OwnPrice | None = None) -> pricing.Quote | None:
    try:
        return pricing.quote(card, card.defaults | dict(card.example), own=own)
    except pricing.Unpriced:
        return None


def profile_of(card: Card) -> Profile:
    key = (*_key(card), get_language() or "")
    if (known := _profiles.get(key)) is None:
        known = _profiles[key] = _profile(card)
    return known


def _profile(card: Card) -> Profile:
    example = intent(card, card.example)
    longest = max([*lengths(card), float(example.seconds or 0)])
    inputs, skills = _inputs(card), _skills(card, example, longest)
    own = (card.title, card.id, *card.aliases, card.vendor, card.family, card.summary, gateway_title(card.gateway))
    words = " ".join((*own, *(INPUTS[name] for name in inputs), *(SKILLS[name] for name in skills))).lower()
    return Profile(inputs, skills, words)


def _inputs(card: Card) -> tuple[str, ...]:
    found = {"text"} if "text-to-video" in card.scenes else set()
    for name, field in card.properties.items():
        kind = _WIDGETS.get(str(field.get("x-widget")))
        found |= {kind} if kind else set()
        found |= {"take"} if field.get("x-ref") == "task" else set()
        found |= {"frames"} if is_last_frame(name, field) else set()
        found |= {"reference"} if name.lower().startswith(_REFERENCES) and (kind or field.get("type") == "array") else set()
    found |= {"reference"} if "reference-to-video" in card.scenes else set()
    return tuple(name for name in INPUTS if name in found)


def is_last_frame(name: str, field: Mapping[str, Any]) -> bool:
    """A field of its own for it, or one for two pictures that says so."""
    if any(part in name for part in _LAST_FRAMES):
        return field.get("type") == "string"
    return field.get("x-widget") == "images" and field.get("maxItems") == 2 and "last" in f"{field['title']} {field['description']}".lower()


def _skills(card: Card, example: Intent, longest: float) -> tuple[str, ...]:
    """What can be chosen, or what the example shows where there is no choice."""
    found = {_SCENE_SKILLS[scene] for scene in card.scenes if scene in _SCENE_SKILLS}
    lines = max([*resolutions(card).values(), example.short_side or 0])
    ratios = set(choices(card, "ratio"))
    checks = {
        "sound": field_for(card, "audio") is not None or example.has_audio is True,
        "1080p": lines >= 1080,
        "4k": lines >= 2160,
        "vertical": bool(ratios & {"9:16", "portrait"}),
        "long": longest >= LONG_SECONDS,
        "shots": field_for(card, "shots") is not None or any("multi_shot" in name for name in card.properties),
        "lip-sync": "lip-sync" in card.id,
        "seed": any(name in card.properties for name in _SEEDS),
    }
    found |= {name for name, is_so in checks.items() if is_so}
    return tuple(name for name in SKILLS if name in found)


def choices(card: Card, role: str) -> tuple[str, ...]:
    """What can be chosen for a role (`ratio`, `resolution`, …), in the card's spelling."""
    name = field_for(card, role)
    return tuple(str(choice) for choice in card.properties[name].get("enum", ())) if name else ()


def resolutions(card: Card) -> dict[str, int]:
    """Choices that name a number of lines, with that number."""
    return {choice: lines for choice in choices(card, "resolution") if (lines := tier_lines(choice))}


def lengths(card: Card) -> list[float]:
    """The lengths that can be asked for, or the shortest and the longest of them; empty where the input decides."""
    name = field_for(card, "duration")
    if name is None:
        return []
    field = card.properties[name]
    values = field["enum"] if "enum" in field else [field.get("minimum"), field.get("maximum")]
    return sorted(seconds for seconds in map(_seconds, values) if seconds is not None and seconds > 0)


def _seconds(value: object) -> float | None:
    """Zero and -1 let the model choose, which is no length."""
    try:
        return float(str(value))
    except ValueError:
        return None


def family_of(card: Card) -> Iterator[Card]:
    """The live models of the card's family on its gateway."""
    return (other for other in registry.live_cards() if (other.gateway, other.family) == (card.gateway, card.family))
