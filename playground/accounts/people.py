"""The only writer of what belongs to a person alone: name, address, password, account."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import Membership, User
from playground.accounts.services import AccountsError, end_sessions, use_sign_in_link


class AddressTaken(AccountsError):
    """Another person has the address."""


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """Ends the person's other sessions, because the password is part of what they are checked against."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record_about(user, Action.PASSWORD_SET)


def rename(user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)
    user.name = name


@transaction.atomic
def change_email(user: User, email: str) -> None:
    """Without a proof: where no mail can be sent. Raises AddressTaken."""
    email, before = email.strip().lower(), user.email
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise AddressTaken(_("Somebody here has this address."))
    user.email = email
    user.save(update_fields=["email"])
    audit.record_about(user, Action.EMAIL_CHANGED, before=before)


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    end_sessions(user)
    audit.record_about(user, Action.SESSIONS_ENDED)


@transaction.atomic
def forget_factors(user: User) -> None:
    """For somebody whose device is lost: passkeys, authenticator app and recovery codes are gone, and sessions end."""
    for authenticator in Authenticator.objects.filter(user_id=user.pk):
        authenticator.delete()
        audit.record_about(user, Action.FACTOR_REMOVED, factor=authenticator.type)
    end_sessions(user)


def create(email: str, name: str, password: str) -> User:
    """Raises AddressTaken, with the same work done: the password is hashed either way."""
    person = User(email=email.strip().lower(), name=name)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise AddressTaken(_("There is an account with this address.")) from None
    return person


@transaction.atomic
def create_and_join(
    token: str, email: str, name: str, password: str, *, join: Callable[[str, User], Membership | None]
) -> Membership | None:
    """An invited person's account and membership, both or neither. Raises AddressTaken; None for a link that is used up."""
    person = create(email, name, password)
    membership = join(token, person)
    if membership is None:
        transaction.set_rollback(True)
    return membership


@transaction.atomic
def set_up_owner(token: str, *, name: str = "", email: str = "", password: str = "") -> User | None:
    """Use the set-up link up, and give its owner what was typed; None when somebody was faster."""
    owner = use_sign_in_link(token)
    if owner is None or not password:
        return owner
    owner.name, owner.email = name, email.lower()
    owner.save(update_fields=["name", "email"])
    with audit.acting_as(audit.person(owner)):
        set_password(owner, password)
    return owner
