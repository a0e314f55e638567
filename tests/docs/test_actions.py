"""The page about actions names them all, and the models and limits that they really have."""

from __future__ import annotations

import re

from django.conf import settings

from playground.api.actions import schemas
from playground.api.actions.catalogue import ACTIONS
from tests.arch.sources import ROOT

PAGE = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")


def test_every_action_has_a_row_with_its_fields() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", PAGE, re.MULTILINE))

    assert ACTIONS.keys() <= rows.keys()
    for name, action in ACTIONS.items():
        named = re.findall(r"`(\w+)`", rows[name])
        assert set(named) <= action.input["properties"].keys(), name
        assert set(action.input.get("required", ())) <= set(named), name


def test_every_scene_has_a_row_with_its_default_model() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))

    assert rows == settings.SCENE_MODELS
    assert tuple(rows) == schemas.SCENES


def test_the_limits_of_waiting_are_those_of_the_schema() -> None:
    numbers = (schemas.SHORTEST_TIMEOUT_MS, schemas.LONGEST_TIMEOUT_MS, schemas.DEFAULT_TIMEOUT_MS)

    assert "{:,} to {:,}, else {:,}".format(*numbers) in PAGE
