"""Keys at providers that were entered here: sealed, remembered for a moment, and second to the environment."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from playground.core.redaction import HIDDEN, redact
from playground.jobs import provider_keys, upstreams
from playground.jobs.models import ProviderSecret
from playground.jobs.provider_keys import InvalidKey, Kind

pytestmark = pytest.mark.django_db
KEY = "sk-entered-4c1d9a72e0b35f68"


def test_a_key_that_was_entered_holds_and_lies_sealed_in_the_database() -> None:
    provider_keys.save("kie", f"  {KEY}\n")
    assert upstreams.api_key("kie") == KEY
    assert upstreams.live_names() == ["kie"]
    (row,) = ProviderSecret.objects.all().values_list()
    assert KEY not in str(row) and KEY[:-4] not in str(row)


def test_the_same_key_is_sealed_differently_each_time() -> None:
    provider_keys.save("kie", KEY)
    first = ProviderSecret.objects.get().sealed
    provider_keys.save("kie", KEY)
    assert ProviderSecret.objects.get().sealed != first


def test_what_was_sealed_for_one_provider_opens_for_no_other() -> None:
    provider_keys.save("kie", KEY)
    ProviderSecret.objects.update(provider="modkie")
    provider_keys.forget()
    assert upstreams.api_key("modkie") == ""
    assert [state.source for state in provider_keys.states("modkie")] == ["unreadable"]


def test_a_key_is_blackened_wherever_it_would_be_printed() -> None:
    key = "sk-never-seen-before-90ab12"
    assert redact(f"Bearer {key}") == f"Bearer {key}"
    provider_keys.save("kie", key)
    assert redact(f"Bearer {key}") == f"Bearer {HIDDEN}"


def test_the_environment_wins_over_what_was_entered(settings: Settings) -> None:
    provider_keys.save("kie", KEY)
    settings.KIE_API_KEY = "sk-of-the-environment"
    assert upstreams.api_key("kie") == "sk-of-the-environment"
    state = provider_keys.states("kie")[0]
    assert state.source == "environment" and state.is_entered


def test_with_another_secret_key_it_counts_as_none(settings: Settings) -> None:
    provider_keys.save("kie", KEY)
    provider_keys.save("kie", KEY, Kind.WEBHOOK)
    settings.SECRET_KEY = "another"
    provider_keys.forget()
    assert upstreams.api_key("kie") == "" and not upstreams.any_live_available()
    assert [state.source for state in provider_keys.states("kie")] == ["unreadable", "unreadable"]
    assert provider_keys.is_unreadable("kie", Kind.WEBHOOK)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "Enter the key."),
        ("  \n ", "Enter the key."),
        ("short", "too short"),
        ("k" * 501, "too long"),
        ("sk with spaces in it", "without spaces"),
        ("sk-schlüssel-der-nicht-geht", "letters, digits and signs"),
        ("sk-line\nbreak-inside", "without spaces"),
        ("sk-nul\0inside-it", "without spaces"),
    ],
)
def test_what_cannot_be_a_key_is_refused_and_nothing_is_kept(key: str, words: str) -> None:
    with pytest.raises(InvalidKey, match=words):
        provider_keys.save("kie", key)
    assert not ProviderSecret.objects.exists()


def test_there_are_keys_for_kie_and_modkie_only() -> None:
    for provider, kind in (("sandbox", Kind.API), ("nobody", Kind.API), ("modkie", Kind.WEBHOOK)):
        with pytest.raises(InvalidKey, match="no such key"):
            provider_keys.save(provider, KEY, kind)
        assert provider_keys.read(provider, kind) == ""


def test_asking_again_within_a_moment_asks_no_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    provider_keys.forget()
    with django_assert_num_queries(1):
        for _ in range(50):
            assert not upstreams.any_live_available()


def test_another_process_learns_of_a_key_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("playground.jobs.provider_keys.time.monotonic", lambda: now)
    assert upstreams.api_key("kie") == ""
    provider_keys.save("kie", KEY)
    # What another process remembers is as old as this.
    provider_keys._remembered = (now, {})
    assert upstreams.api_key("kie") == ""
    now += provider_keys.REMEMBERED_SECONDS
    assert upstreams.api_key("kie") == KEY
