"""Values for the readers: everything that JSON can say, the nasty corners oftener than chance would have them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from playground.wire.records import UpstreamRecord

STATES = ("waiting", "queuing", "generating", "success", "fail")

texts = st.text(max_size=60)
# Lone surrogates too: JSON can say them, and nothing can store them.
any_texts = st.text(st.characters(exclude_categories=()), max_size=60)
nasty = st.sampled_from(
    [
        10**400, -(10**400), 1e308, 5e-324, float("inf"), -0.0, "1e999999999", "1e-999999999", "NaN", "Infinity", "9" * 4000, "", " ", "[",
        "{", "[[[[", '{"a":', "\ud800", "a\0b", "0001-01-01", "9999-12-31T23:59:59-23:59", "9" * 30, 253_402_300_800_000, 10**15 - 1,
        json.dumps({"resultUrls": "\ud800"}), '{"resultUrls":["\\u0000"]}', "[" * 2000, '{"a":' * 2000,
    ]
)  # fmt: skip
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_texts | nasty
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def hostile(*names: str) -> st.SearchStrategy[Any]:
    """Any JSON, its objects with the names that a reader looks for, some of it once more as JSON in a string."""
    keys = st.sampled_from(names) | any_texts

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        whole = st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6)
        return whole | whole.map(json.dumps)

    return st.dictionaries(keys, st.recursive(leaves, deeper, max_leaves=10), max_size=8) | leaves


def can_be_kept(text: str) -> bool:
    """By a database: no NUL, nothing that UTF-8 cannot write."""
    return "\0" not in text and text.encode(errors="replace").decode() == text


def is_sound(record: UpstreamRecord | None) -> bool:
    """Whatever it was read from, the rest of the house can work with it."""
    if record is None:
        return True
    assert record.state in STATES
    assert all(url and url.isprintable() for url in record.result_urls)
    assert can_be_kept(record.fail_code) and can_be_kept(record.fail_message)
    assert record.progress is None or 0 <= record.progress <= 1
    assert record.consumed_millicredits is None or record.consumed_millicredits >= 0
    for moment in record.echo.created_ms if record.echo else ():
        datetime.fromtimestamp(moment / 1000, UTC)
    return True
