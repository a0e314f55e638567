"""Who is asking, and for which team."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.accounts import access, services
from playground.accounts.models import ApiKey, Membership, User
from playground.core import clock
from tests.factories import Personas, make_key

pytestmark = pytest.mark.django_db


def test_a_key_stands_for_its_team_mode_and_maker(personas: Personas) -> None:
    for mode in ("test", "live"):
        identity = access.identity_for_key(make_key(personas.bob, mode=mode))

        assert identity is not None
        assert (identity.team_id, identity.mode, identity.user_id) == (personas.alice.team_id, mode, personas.bob.user_id)


@pytest.mark.parametrize("secret", ["", "sk-", "sk-test-", "x", "sk-test-" + "x" * 43, "sk-" + "x" * 10_000, "sk-\ud7ff", "SK-TEST-x"])
def test_anything_else_stands_for_nobody(personas: Personas, secret: str) -> None:
    make_key(personas.alice)

    assert access.identity_for_key(secret) is None


def test_a_key_is_looked_up_once_a_second(personas: Personas) -> None:
    secret = make_key(personas.alice)
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            assert access.identity_for_key(secret) is not None

    assert len(captured) <= 2


def test_a_revoked_key_ends_at_once_where_it_was_revoked(personas: Personas) -> None:
    secret = make_key(personas.alice)
    assert access.identity_for_key(secret) is not None
    ApiKey.objects.update(revoked_at=clock.now())
    access.forget_keys()

    assert access.identity_for_key(secret) is None


def test_only_a_digest_and_a_short_beginning_of_a_key_are_stored(personas: Personas) -> None:
    secret = make_key(personas.alice)
    key = ApiKey.objects.get()

    assert secret.startswith("sk-test-")
    assert len(secret) >= len("sk-test-") + 40
    assert secret not in str(key.__dict__)
    assert secret.startswith(key.prefix)
    assert len(key.prefix) < 20


def test_a_person_sees_the_team_of_the_address_or_the_oldest(personas: Personas) -> None:
    user = personas.bob.user
    second = Membership.objects.create(user=user, team=personas.charlie.team)

    assert access.membership_for_user(user, "elsewhere") == second
    assert access.membership_for_user(user) == access.membership_for_user(user, "no-such-team") == personas.bob


def test_a_team_that_one_does_not_belong_to_is_never_given(personas: Personas) -> None:
    found = access.membership_for_user(personas.bob.user, personas.charlie.team.slug)

    assert found == personas.bob


def test_strangers_belong_to_no_team(personas: Personas) -> None:
    assert access.membership_for_user(AnonymousUser()) is None
    assert access.membership_for_user(User.objects.create_user("dora@example.com")) is None


def test_a_key_without_its_maker_still_works(personas: Personas) -> None:
    _, secret = services.create_key(team=personas.alice.team, name="robot", mode="test")
    identity = access.identity_for_key(secret)

    assert identity is not None
    assert identity.user_id is None
