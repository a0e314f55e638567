"""Directives in a prompt script a fault; everything else in brackets is plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.providers.sandbox import callback_directive, parse_directives, strip_directives
from playground.providers.sandbox.directives import Directives


def test_a_plain_prompt_asks_for_no_fault() -> None:
    assert parse_directives("A cat on a pier") == Directives()


def test_fail_carries_a_code_and_the_rest_as_message() -> None:
    assert parse_directives("x [[fail:422 no such fruit]] y").fail == ("422", "no such fruit")
    assert parse_directives("[[fail:GENERATION_FAILED]]").fail == ("GENERATION_FAILED", "")


def test_delay_is_in_seconds() -> None:
    assert parse_directives("[[delay:2.5]]").delay_seconds == 2.5
    assert parse_directives("[[delay:999999]]").delay_seconds == 3600


@pytest.mark.parametrize("fault", ["lost", "duplicate", "late"])
def test_callback_fault(fault: str) -> None:
    assert callback_directive(f"boat [[callback:{fault}]]") == fault


@pytest.mark.parametrize("fault", ["timeout", "429", "500"])
def test_submit_fault(fault: str) -> None:
    assert parse_directives(f"[[submit:{fault}]] boat").submit == fault


@pytest.mark.parametrize("fault", ["expired", "missing", "malformed"])
def test_result_fault(fault: str) -> None:
    assert parse_directives(f"[[result:{fault}]]").result == fault


@pytest.mark.parametrize(
    "text", ["[[explode:now]]", "[[callback:maybe]]", "[[delay:soon]]", "[[fail:]]", "[[fail: ]]", "[fail:1]", "[[submit:418]]"]
)
def test_unknown_directives_stay_plain_text(text: str) -> None:
    assert parse_directives(text) == Directives()
    assert strip_directives(f"A boat {text}") == f"A boat {text}"


def test_the_first_directive_of_a_kind_counts() -> None:
    assert parse_directives("[[fail:1 one]][[fail:2 two]]").fail == ("1", "one")


def test_stripping_leaves_the_words() -> None:
    assert strip_directives("[[delay:3]]A boat[[fail:500 x]]") == "A boat"


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    parse_directives(text)
    strip_directives(text)
