"""The commands of a new house: an owner, a key, credits, a link."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from playground.accounts.access import identity_for_key
from playground.accounts.models import ApiKey, AuditEvent, User
from playground.accounts.services import use_sign_in_link
from playground.core import clock
from playground.credits.models import Account
from tests.factories import Personas

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def test_create_owner_makes_person_and_team() -> None:
    assert run("create_owner", "--email", "dora@example.com", "--team", "dora-films") == (
        "Created dora@example.com, owner of Dora films (dora-films).\n"
    )


def test_the_audit_log_says_that_an_owner_came_by_the_command_line() -> None:
    run("create_owner", "--email", "dora@example.com", "--team", "dora-films")
    line = AuditEvent.objects.get(action="member.joined", subject="dora@example.com")
    assert (line.actor_words, line.via) == ("The command line", "command line")


def test_a_password_comes_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long password\n"))
    run("create_owner", "--email", "dora@example.com", "--password", "-")

    assert User.objects.get().check_password("a long password")


@pytest.mark.parametrize(("argument", "typed"), [("secret-on-the-line", ""), ("-", "short\n")])
def test_a_visible_or_short_password_is_refused(monkeypatch: pytest.MonkeyPatch, argument: str, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(CommandError):
        run("create_owner", "--email", "dora@example.com", "--password", argument)

    assert not User.objects.exists()


@pytest.mark.parametrize("mode", ["test", "live"])
def test_create_key_prints_a_working_key_and_nothing_else(personas: Personas, mode: str) -> None:
    secret = run("create_key", "--name", "robot", "--mode", mode).removesuffix("\n")
    identity = identity_for_key(secret)

    assert identity is not None
    assert (identity.team_id, identity.mode) == (personas.alice.team_id, mode)
    assert ApiKey.objects.get().name == "robot"


def test_create_key_for_a_named_team(personas: Personas) -> None:
    identity = identity_for_key(run("create_key", "--name", "robot", "--mode", "test", "--team", "elsewhere").strip())

    assert identity is not None
    assert identity.team_id == personas.charlie.team_id


@pytest.mark.parametrize("mode", ["test", "live"])
def test_grant_credits_adds_to_one_mode(personas: Personas, mode: str) -> None:
    words = run("grant_credits", "--credits", "12.5", "--mode", mode)

    expected = 12_500 + (10_000_000 if mode == "test" else 0)
    assert Account.objects.get(team=personas.alice.team, mode=mode).available_millicredits == expected
    assert "credits available" in words


@pytest.mark.parametrize("credits", ["0", "-5", "many", "NaN", "0.0001", "1e30"])
def test_an_amount_that_is_none_changes_nothing(personas: Personas, credits: str) -> None:
    with pytest.raises(CommandError):
        run("grant_credits", f"--credits={credits}", "--mode", "test")

    assert Account.objects.get(team=personas.alice.team, mode="test").available_millicredits == 10_000_000


def test_sign_in_link_prints_an_address_that_signs_in(personas: Personas) -> None:
    link = run("sign_in_link", "--email", "BOB@example.com").strip()

    assert link.startswith("http://testserver/sign-in/")
    assert use_sign_in_link(link.rsplit("/", 1)[1]) == personas.bob.user


@pytest.mark.parametrize(
    "words",
    [
        ["create_key", "--name", "x", "--mode", "test", "--team", "no-such-team"],
        ["grant_credits", "--credits", "1", "--mode", "test", "--team", "no-such-team"],
        ["sign_in_link", "--email", "nobody@example.com"],
        ["create_owner", "--email", "nonsense"],
        ["create_key", "--name", "x", "--mode", "prod"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_in_a_sentence(personas: Personas, words: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        run(*words)

    assert str(refused.value)


def test_without_any_team_the_next_step_is_named() -> None:
    with pytest.raises(CommandError, match="create_owner"):
        run("create_key", "--name", "x", "--mode", "test")


def test_create_key_lets_a_key_end(personas: Personas) -> None:
    run("create_key", "--name", "robot", "--mode", "test", "--expires-days", "90")
    key, line = ApiKey.objects.get(), AuditEvent.objects.get()

    assert key.expires_at is not None and (key.expires_at - clock.now()).days in (89, 90)
    assert (line.action, line.via, line.actor_words) == ("key.created", "command line", "The command line")


@pytest.mark.parametrize("days", ["0", "-1", "3661"])
def test_a_key_that_ends_at_once_or_never_quite_is_not_made(personas: Personas, days: str) -> None:
    with pytest.raises(CommandError, match="--expires-days is 1 to 3660"):
        run("create_key", "--name", "robot", "--mode", "test", "--expires-days", days)

    assert not ApiKey.objects.exists()
