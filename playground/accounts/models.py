from __future__ import annotations

import uuid
from typing import Any, ClassVar, Literal

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.core import clock

Mode = Literal["test", "live"]
MODES = [("test", _("Test")), ("live", _("Live"))]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person; signs in with an e-mail address, kept in lower case."""

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)
    # Part of what a session is checked against: one more, and all sessions of the person have ended.
    session_epoch = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_operator(self) -> bool:
        """Whether this person runs the installation: pays its providers, and so gives out live credits."""
        return self.is_superuser

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        inherited: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return f"{inherited}.{self.session_epoch}" if self.session_epoch else inherited

    @property
    def initials(self) -> str:
        words = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper()


class Team(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)
    # What a credit costs this team; None where USD_PER_CREDIT holds.
    usd_per_credit = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(usd_per_credit=None) | Q(usd_per_credit__gt=0), name="a_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=clock.now)
    # To within a few minutes; only people's pages count.
    last_active_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"


class Scope(models.TextChoices):
    """What a key may do. Each holds what stands before it: whoever may make a task may read what became of it."""

    READ = "read", _("Read")
    GENERATE = "generate", _("Generate")
    MANAGE = "manage", _("Manage")


class ApiKey(models.Model):
    """A program's key. Only the hash is stored; `prefix` is what people see later.

    After a rotation the secret before it opens the same key until `old_secret_until`.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)
    mode = models.CharField(max_length=4, choices=MODES)
    prefix = models.CharField(max_length=24)
    # The last characters, by which people tell keys apart.
    suffix = models.CharField(max_length=4, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    old_secret_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    old_suffix = models.CharField(max_length=4, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    # Addresses and networks, one a line, as `keyring.checked_addresses` writes them; without any, all may.
    allowed_addresses = models.TextField(blank=True)
    # None where KEY_REQUESTS_PER_MINUTE holds.
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    # Veo's records and callbacks in the older shape (`status`, `videoUrl`).
    is_veo_legacy = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # To within a minute.
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > clock.now())

    @property
    def has_old_secret(self) -> bool:
        """Whether the secret before the rotation opens it still."""
        return self.is_valid and self.old_secret_until is not None and self.old_secret_until > clock.now()


class SignInLink(models.Model):
    """A one-time link, used up by a POST so that a mail scanner's GET does not spend it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"


class Invitation(models.Model):
    """Whoever holds the link may join the team once, in this role. Only the token's hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    # Of live credits a month, set when the invitation is accepted.
    budget_millicredits = models.BigIntegerField(null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "email"], condition=Q(accepted_at=None, revoked_at=None), name="one_open_invitation_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.team} ({self.role})"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now()


class AuditEvent(models.Model):
    """Who changed what, and from where. Rows are only added; the database refuses to change them, and only `forget_old` removes any."""

    at = models.DateTimeField(default=clock.now)
    team = models.ForeignKey(Team, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False)
    actor = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False)
    # As they were called then: people leave, and addresses change.
    actor_words = models.CharField(max_length=200)
    via = models.CharField(max_length=20)
    ip = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "-id"], name="audit_of_team")]

    def __str__(self) -> str:
        return f"{self.actor_words} {self.action} {self.subject}"
