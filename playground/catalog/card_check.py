"""Everything that can be wrong with a card file, all of it at once: for contributors, and for the tests over all files.

Reading a card at start-up (`card.read_card`) looks only at what would endanger a reader; this takes its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from playground.catalog.card import Card, CardError, read_card
from playground.catalog.card_fields import field_problems
from playground.catalog.card_prices import combinations_without_a_price, price_problems
from playground.catalog.card_problem import CardProblem, format_problems, listing, mapping, without
from playground.catalog.card_rules import check_problems, rule_problems, unreadable_rules
from playground.catalog.card_samples import facts_for, samples
from playground.catalog.pricing import Unpriced, quote
from playground.catalog.rules import rules_of
from playground.catalog.schema import validate

__all__ = ["CardProblem", "check", "check_text", "shared_ids"]


def check_text(text: str, where: str) -> list[CardProblem]:
    """`check` for a file's text; an empty pointer stands for the file as a whole."""
    try:
        data = json.loads(text, object_pairs_hook=_without_repetition)
    except ValueError as error:
        return [CardProblem("", f"is no JSON: {error}.")]
    return check(data, where)


def check(data: object, where: str) -> list[CardProblem]:
    """All problems of a card's content, in the order of the file; an empty list means that the card can be used.

    `where` is the file's path below the folder of the cards. What can only be asked of a whole card (is the example
    valid, can every rule be met and broken, has every combination a price) is asked once the rest holds.
    """
    if not isinstance(data, Mapping):
        return [CardProblem("", "must be an object.")]
    problems = list(format_problems(data))
    told = {problem.pointer for problem in problems}
    # What follows from a wrong form is not worth a second line.
    problems += [problem for problem in _beyond_the_form(without(data, told), where) if problem.pointer not in told]
    problems = problems or list(_problems_in_use(data, where))
    order = {name: index for index, name in enumerate(data)}
    return sorted(dict.fromkeys(problems), key=lambda problem: order.get(_head(problem), len(order)))


def shared_ids(cards: Mapping[str, Any]) -> list[tuple[str, CardProblem]]:
    """Ids, aliases and titles that two files of one gateway claim. `cards` are contents by path; each finding names
    the second file."""
    found: list[tuple[str, CardProblem]] = []
    owners: dict[tuple[str, str, str], str] = {}
    for where, data in cards.items():
        card = mapping(data)
        claims = [("id", "/id", card.get("id")), ("title", "/title", card.get("title"))]
        claims += [("id", f"/aliases/{index}", alias) for index, alias in enumerate(listing(card.get("aliases")))]
        for kind, pointer, value in claims:
            owner = owners.setdefault((str(card.get("gateway")), kind, str(value)), where)
            if owner != where or (pointer.startswith("/aliases") and value == card.get("id")):
                found.append((where, CardProblem(pointer, f"{value!r} is taken by {owner}.")))
    return found


def _head(problem: CardProblem) -> str:
    """The key of the file that a problem is about."""
    return problem.pointer.split("/")[1] if problem.pointer else ""


def _beyond_the_form(data: Mapping[str, Any], where: str) -> Iterator[CardProblem]:
    yield from field_problems(data.get("input"))
    yield from rule_problems(data)
    yield from check_problems(data)
    yield from price_problems(data)
    yield from _head_problems(data, where)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the key {name!r} is there twice in one object")
    return dict(pairs)


def _head_problems(data: Mapping[str, Any], where: str) -> Iterator[CardProblem]:
    path = f"{data.get('gateway')}/{str(data.get('id')).replace('/', '__')}.json"
    if {"gateway", "id"} <= set(data) and where != path:
        yield CardProblem("/id", f"belongs into {path}, not into {where}.")
    if data.get("contract") not in ("jobs", None) and "endpoint" not in data:
        yield CardProblem("/endpoint", f"is missing: the contract {data['contract']!r} has a path per model.")
    typical, deadline = data.get("typical_seconds"), data.get("deadline_seconds")
    if isinstance(typical, int) and isinstance(deadline, int) and typical > deadline:
        yield CardProblem("/typical_seconds", f"is {typical}, more than the deadline, {deadline}.")


def _problems_in_use(data: Mapping[str, Any], where: str) -> Iterator[CardProblem]:
    try:
        card = read_card(data, where=where)
    except (CardError, KeyError, TypeError, ValueError) as error:
        yield CardProblem("", f"cannot be read: {error}.")
        return
    unreadable = list(unreadable_rules(card))
    yield from unreadable
    if not unreadable:
        yield from _example_problems(card)
        yield from _idle_rules(card)
        yield from combinations_without_a_price(card)


def _example_problems(card: Card) -> Iterator[CardProblem]:
    facts = facts_for(card, card.example)
    problems = validate(card, card.example, facts)
    for problem in problems:
        yield CardProblem(f"/example{problem.pointer}", problem.message)
    if problems or card.pricing.get("unpublished"):
        return
    try:
        quote(card, card.example, facts)
    except Unpriced:
        yield CardProblem("/example", "has no price.")


def _idle_rules(card: Card) -> Iterator[CardProblem]:
    """Rules that no input meets, or that none breaks: they say nothing, or forbid everything."""
    rules = {rule.number: rule for rule in rules_of(card)}
    unseen = {(number, verdict) for number in rules for verdict in ("met", "broken")}
    for payload in samples(card) if unseen else ():
        for number, _ in list(unseen):
            if rules[number].holds(payload):
                unseen.discard((number, "broken" if rules[number].breaches(payload) else "met"))
        if not unseen:
            return
    for number, verdict in sorted(unseen):
        yield CardProblem(f"/rules/{number - 1}", f"can never be {verdict}: nothing that the fields take makes a difference.")
