"""Words that are chosen by name or by number, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.core import speech
from playground.core.wording import Labels, credits_in_words


class Loud:
    """A language that anybody can tell from English."""

    def gettext(self, message: str) -> str:
        return message.upper()

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(speech, "_language", Loud())
    yield


def test_a_label_that_was_made_before_the_language_was_chosen_is_read_in_it(request: pytest.FixtureRequest) -> None:
    labels = Labels({"waiting": "Waiting"})
    request.getfixturevalue("loud")
    assert (labels["waiting"], labels.get("unknown", ""), list(labels.items())) == ("WAITING", "", [("waiting", "WAITING")])


@pytest.mark.parametrize(
    ("millicredits", "words"),
    [(0, "0 credits"), (1000, "1 credit"), (1500, "1.5 credits"), (500, "0.5 credits"), (35_000, "35 credits")],
)
def test_only_one_whole_credit_is_one(millicredits: int, words: str) -> None:
    assert credits_in_words(millicredits) == words
