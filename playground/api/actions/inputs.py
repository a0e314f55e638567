"""From an action's body to a model's input: what is wrong with the body, what goes where, and back again for what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Team
from playground.api.actions.catalogue import Action
from playground.api.actions.files import INPUTS, addresses, place, slots_of
from playground.api.actions.scenes import AD, card_for, preset_for, scene_of
from playground.api.envelopes import ApiError, Mistake, invalid
from playground.api.spellings import as_the_card_spells
from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.catalog.schema import pointer_to
from playground.catalog.sentences import sentence
from playground.catalog.values import is_same, shortened, without_empty

OPTIONS = "/options"
_RULES = {"maxLength": "max_length", "maxItems": "max_items", "minLength": "min_length", "maxProperties": "max_items", "anyOf": "type"}
_validators: dict[str, Draft202012Validator] = {}


def checked(action: Action, body: Mapping[str, Any], identity: KeyIdentity) -> dict[str, Any]:
    """The body without known fields that are empty. Raises ApiError 422 that names every field that is wrong."""
    kept = without_empty(body)
    said = {name: value for name, value in body.items() if name in kept or name not in action.input["properties"]}
    if action.name not in _validators:
        _validators[action.name] = Draft202012Validator(action.input)
    if mistakes := [mistake for error in _validators[action.name].iter_errors(said) for mistake in _mistakes(action, error)]:
        raise invalid(list(dict.fromkeys(mistakes)))
    if not _is_own_workspace(said.get("workspaceId"), identity):
        # The same for a workspace of others and for one that nobody has.
        raise invalid([Mistake("/workspaceId", "unknown_workspace", "There is no workspace with this id.")])
    return said


def _mistakes(action: Action, error: ValidationError) -> Iterator[Mistake]:
    path, keyword = list(error.absolute_path), str(error.validator)
    limit: Any = error.validator_value
    value: Any = error.instance
    title = ".".join(str(part) for part in path) or "The body"
    if keyword == "required":
        for name in limit:
            if name not in value:
                yield Mistake(pointer_to(*path, name), "required", f"{name} is required.")
    elif keyword == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        for name in value:
            if name not in known:
                where = " Fields of the model go into options." if "options" in known else ""
                yield Mistake(pointer_to(name), "unknown_field", f"{shortened(name)} is not a field of {action.name}.{where}")
    elif keyword == "anyOf":
        kinds = " or ".join(_KINDS[part["type"]] for part in limit)
        yield Mistake(pointer_to(*path), "type", f"{title} must be {kinds}, and not longer than allowed.")
    elif keyword == "maxProperties":
        yield Mistake(pointer_to(*path), _RULES[keyword], f"{title} takes at most {limit} fields.")
    else:
        spec = error.schema if isinstance(error.schema, Mapping) else {}
        yield Mistake(pointer_to(*path), _RULES.get(keyword, keyword), sentence(title, keyword, limit, value, spec))


_KINDS = {"string": "text", "integer": "a whole number", "array": "a list of texts"}


def _is_own_workspace(value: object, identity: KeyIdentity) -> bool:
    if value is None or str(value) == str(identity.team_id):
        return True
    text = str(value)
    return "\0" not in text and text.isprintable() and Team.objects.filter(pk=identity.team_id, slug=text).exists()


@dataclass(frozen=True, slots=True)
class Wanted:
    """`where`: the place in the body from which each of the model's fields came, or would have to come."""

    card: Card
    scene: str
    payload: dict[str, Any]
    where: Mapping[str, str]

    def pointed(self, mistake: Mistake) -> Mistake:
        """The place in the body for a mistake in the model's input, which is pointed at below `/options`."""
        parts = mistake.pointer.removeprefix(OPTIONS).split("/")
        name = parts[1].replace("~1", "/").replace("~0", "~") if mistake.pointer.startswith(OPTIONS) and len(parts) > 1 else ""
        return Mistake(self.where[name], mistake.rule, mistake.message) if name in self.where else mistake

    def pointer_of(self, name: str) -> str:
        return self.where.get(name, OPTIONS + pointer_to(name))

    def refused(self, error: ApiError) -> ApiError:
        """The same refusal with its pointers and words in terms of the body."""
        if error.code != 422 or not any(mistake.pointer.startswith(OPTIONS) for mistake in error.mistakes):
            return error
        return invalid([self.pointed(mistake) for mistake in error.mistakes])


def wanted(body: Mapping[str, Any]) -> Wanted:
    """Everything taken together. Raises ApiError 422 where two places say different things, or a file has no field to go to."""
    scene, card = scene_of(body), card_for(body)
    given = as_the_card_spells(card, body.get("options", {}), OPTIONS)
    own, mistakes = _own_fields(card, scene, body)
    for name, (value, source) in own.items():
        if name in given and not is_same(given[name], value):
            words = f"{name} stands in options and comes from {source}, and they say different things."
            mistakes.append(Mistake(OPTIONS + pointer_to(name), "conflict", words))
    if mistakes:
        raise invalid(mistakes)
    needed = {name: card.defaults[name] for name in card.required if name in card.defaults}
    payload = {**needed, **preset_for(card, scene), **{name: value for name, (value, _) in own.items()}, **given}
    return Wanted(card, scene, payload, {name: place for name, place in _sources(card).items() if name not in given})


def _own_fields(card: Card, scene: str, body: Mapping[str, Any]) -> tuple[dict[str, tuple[Any, str]], list[Mistake]]:
    """The model's fields that the body's own ones mean, each with the name of the field of the body."""
    found: dict[str, tuple[Any, str]] = {}
    mistakes: list[Mistake] = []
    if "prompt" in body:
        if name := field_for(card, "prompt"):
            found[name] = (body["prompt"], "prompt")
        else:
            mistakes.append(Mistake("/prompt", "unknown_field", f"{card.title} takes no prompt."))
    is_about_looks = scene == AD or ("reference-to-video" in card.scenes and "image-to-video" not in card.scenes)
    for kind, source in INPUTS.items():
        placed, wrong = place(card, kind, addresses(body.get(source)), as_references=is_about_looks)
        found |= {name: (value, source) for name, value in placed.items()}
        mistakes += wrong
    return found, mistakes


def _sources(card: Card) -> dict[str, str]:
    found = {slot.name: f"/{source}" for kind, source in INPUTS.items() for slot in slots_of(card, kind)}
    if name := field_for(card, "prompt"):
        found[name] = "/prompt"
    return found
