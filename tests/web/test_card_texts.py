"""What stands on a model's card reaches readers in their language, and translators in their file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from playground.catalog import registry, schema
from playground.core import speech
from playground.jobs.models import Job
from playground.media import errors
from playground.web.cardwords import texts_of
from tests.factories import KLING, Personas
from tests.web.playground import KLING_FIELDS, KLING_PAGE, VEO_PAGE, open_form, run

GERMAN = {"Accept-Language": "de"}


class Bracketed:
    """A translation into brackets, for whoever does not read English."""

    def gettext(self, message: str) -> str:
        return message if self._is_english else f"[{message}]"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def get_language(self) -> str | None:
        return translation.get_language()

    @property
    def _is_english(self) -> bool:
        return (self.get_language() or "en") == "en"


@pytest.fixture(autouse=True)
def bracketed(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    monkeypatch.setattr(speech, "_language", Bracketed())


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


@pytest.mark.django_db
def test_a_form_is_read_in_the_language_of_each_request_though_it_is_made_once(alice: Client) -> None:
    english, german = (alice.get(KLING_PAGE, headers=headers).text for headers in ({}, GERMAN))
    fields = registry.get(KLING, "modkie").properties
    for text in (fields["aspect_ratio"]["title"], fields["generate_audio"]["description"]):
        assert text in english
        assert f"[{text}]" not in english
        assert f"[{text}]" in german


@pytest.mark.django_db
def test_frames_are_drawn_for_the_same_choices_whatever_they_are_called(alice: Client) -> None:
    english, german = (alice.get(KLING_PAGE, headers=headers).text for headers in ({}, GERMAN))
    assert english.count('<i class="ar') == german.count('<i class="ar') > 1


@pytest.mark.django_db
def test_a_model_s_page_says_what_it_is_good_at_in_the_reader_s_language(alice: Client) -> None:
    card = registry.get(KLING, "modkie")
    page = alice.get(f"{KLING_PAGE}/about", headers=GERMAN).text
    for text in (card.summary, card.good_at[0], card.use_cases[0]):
        assert f"[{text}]" in page
    assert f"[{card.title}]" not in page


@pytest.mark.django_db
def test_what_is_kept_of_a_price_is_english_on_whatever_page_it_was_agreed(alice: Client) -> None:
    run(alice, KLING_FIELDS, page=KLING_PAGE)
    run(alice, KLING_FIELDS, page=KLING_PAGE, nonce=open_form(alice, KLING_PAGE), headers=GERMAN)
    first, second = Job.objects.order_by("number").values_list("price_formula", flat=True)
    assert first == second
    assert "credits" in first


@pytest.mark.django_db
def test_a_refused_run_says_what_is_wrong_in_the_reader_s_language(alice: Client) -> None:
    fields = {"prompt": "", "aspect_ratio": "16:9", "duration": "5"}
    page = alice.post(f"{VEO_PAGE}/run", fields | {"nonce": open_form(alice)}, headers=GERMAN)
    assert page.status_code == 422
    assert "[[Prompt] is required.]" in page.text


def test_a_sentence_after_a_colon_begins_small_in_english_only(german: None) -> None:
    assert speech.lowered("Bilder fehlen.") == "Bilder fehlen."
    with translation.override("en"):
        assert speech.lowered("Pictures are missing.") == "pictures are missing."


def test_a_payload_s_problem_names_its_field_as_the_form_does(german: None) -> None:
    problems = schema.validate(registry.get(KLING, "modkie"), {})
    assert "[[Prompt] is required.]" in [problem.message for problem in problems]


def test_what_a_child_found_in_a_file_is_put_into_words_by_whoever_reads_it(german: None) -> None:
    found = errors.raised_in_child("playground.media.errors.TooBig", {"words": "It has %(count)s parts.", "count": 7})
    assert isinstance(found, errors.TooBig)
    assert (str(found), found.as_written) == ("[It has 7 parts.]", "It has 7 parts.")


def test_a_child_that_went_astray_cannot_make_long_words_of_short_ones() -> None:
    found = errors.raised_in_child("playground.media.errors.NotMedia", {"words": "%(count)999999999d %(gone)s %", "count": 7})
    assert str(found) == "%(count)999999999d %(gone)s %"
    assert errors.raised_in_child("playground.media.errors.gettext", {"words": "nothing"}) is None


def test_translators_find_the_texts_of_every_card_in_their_file(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    # Source and templates are Django's to find; here the cards alone are enough.
    (tmp_path / "source").mkdir()
    monkeypatch.chdir(tmp_path / "source")
    call_command("makemessages", locale=["de"], no_wrap=True, verbosity=0)
    found = (tmp_path / "locale/de/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    card = registry.get(KLING, "modkie")
    wanted = {text.replace("\\", "\\\\").replace('"', '\\"') for text in texts_of(card) if text}
    assert {card.properties["aspect_ratio"]["title"], card.properties["aspect_ratio"]["description"], card.summary} <= wanted
    assert [text for text in wanted if f'msgid "{text}"' not in found] == []
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["django.po"]
