"""People, teams and sign-in links."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from playground.accounts import services
from playground.accounts.models import Membership, Role, SignInLink, Team, User
from playground.accounts.permissions import Permission, allows
from playground.accounts.services import AccountsError, create_owner, create_sign_in_link, find_sign_in_link, use_sign_in_link
from playground.core import clock
from tests.factories import Personas

pytestmark = pytest.mark.django_db


def test_the_first_owner_gets_the_first_team() -> None:
    made = create_owner(email=" Alice@Example.COM ")

    assert (made.user.email, made.is_new_user, made.is_new_team) == ("alice@example.com", True, True)
    assert Membership.objects.get(user=made.user, team=made.team).role == Role.OWNER
    assert not made.user.has_usable_password()


def test_asking_twice_changes_nothing_but_a_given_password() -> None:
    first = create_owner(email="alice@example.com", password="a long password")
    again = create_owner(email="alice@example.com")

    assert (again.user, again.team, again.is_new_user, again.is_new_team) == (first.user, first.team, False, False)
    assert User.objects.get().check_password("a long password")
    create_owner(email="alice@example.com", password="another password")
    assert User.objects.get().check_password("another password")
    assert (User.objects.count(), Team.objects.count(), Membership.objects.count()) == (1, 1, 1)


def test_a_member_becomes_owner(personas: Personas) -> None:
    create_owner(email=personas.bob.user.email, team_slug=personas.bob.team.slug)
    personas.bob.refresh_from_db()

    assert personas.bob.role == Role.OWNER


@pytest.mark.parametrize("email", ["", "alice", "alice@", "@example.com", "a b@example.com", "alice@example.com\nx"])
def test_what_is_no_address_makes_nobody(email: str) -> None:
    with pytest.raises(AccountsError):
        create_owner(email=email)

    assert not User.objects.exists()


@pytest.mark.parametrize("slug", ["Two Words", "UPPER", "a/b", "ü"])
def test_what_is_no_slug_makes_no_team(slug: str) -> None:
    with pytest.raises(AccountsError):
        create_owner(email="alice@example.com", team_slug=slug)

    assert not Team.objects.exists()


def test_one_person_is_once_in_a_team(personas: Personas) -> None:
    with pytest.raises(IntegrityError):
        Membership.objects.create(user=personas.bob.user, team=personas.bob.team)


def test_viewers_may_look_and_not_run(personas: Personas) -> None:
    personas.bob.role = Role.VIEWER

    assert [allows(member.role, Permission.RUN) for member in (personas.bob, personas.alice)] == [False, True]


def test_a_sign_in_link_works_once() -> None:
    user = User.objects.create_user("dora@example.com")
    token = create_sign_in_link(user)

    assert find_sign_in_link(token) is not None, "looking does not use it up"
    assert use_sign_in_link(token) == user
    assert use_sign_in_link(token) is None
    assert find_sign_in_link(token) is None


def test_a_sign_in_link_ends() -> None:
    token = create_sign_in_link(User.objects.create_user("dora@example.com"))
    SignInLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert use_sign_in_link(token) is None


def test_nobody_signs_in_who_was_switched_off() -> None:
    token = create_sign_in_link(User.objects.create_user("dora@example.com", is_active=False))

    assert use_sign_in_link(token) is None


def test_a_link_s_token_is_long_and_not_stored() -> None:
    token = create_sign_in_link(User.objects.create_user("dora@example.com"))

    assert len(token) * 6 >= 256
    assert token not in str(SignInLink.objects.get().__dict__)


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_use_a_link_at_once_one_gets_in() -> None:
    token = create_sign_in_link(User.objects.create_user("dora@example.com"))
    barrier = threading.Barrier(10)

    def use(_number: int) -> User | None:
        barrier.wait(timeout=300)
        try:
            return services.use_sign_in_link(token)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        found = [user for user in threads.map(use, range(10)) if user is not None]

    assert len(found) == 1
