from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from playground.accounts.models import MODES, Team
from playground.catalog.pricing import OwnPrice
from playground.core import clock
from playground.core.money import to_credits


class Account(models.Model):
    """A team's credits in one mode, in thousandths. Equal at all times to the sums of its entries."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    mode = models.CharField(max_length=4, choices=MODES)
    available_millicredits = models.BigIntegerField(default=0)
    held_millicredits = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "mode"], name="one_account_per_team_and_mode"),
            models.CheckConstraint(condition=Q(available_millicredits__gte=0), name="available_not_negative"),
            models.CheckConstraint(condition=Q(held_millicredits__gte=0), name="held_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.mode}"


class EntryKind(models.TextChoices):
    GRANT = "grant", "Top-up"
    HOLD = "hold", "Hold"
    CAPTURE = "capture", "Charge"
    RELEASE = "release", "Release"
    ADJUST = "adjust", "Adjustment"


class Entry(models.Model):
    """One movement. `job_id` is the job's UUID and no foreign key: jobs live above the ledger and may be erased."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    job_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    available_delta_millicredits = models.BigIntegerField()
    held_delta_millicredits = models.BigIntegerField()
    available_after_millicredits = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job_id", "kind"], condition=Q(kind__in=["hold", "capture", "release"]), name="one_of_each_kind_per_job"
            ),
            models.UniqueConstraint(fields=["job_id"], condition=Q(kind__in=["capture", "release"]), name="one_settlement_per_job"),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "adjust"]) | Q(job_id__isnull=False), name="holds_and_settlements_name_a_job"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="entries_newest_first"),
            # The unique constraints have conditions, and SQLite would not use their indexes to find a job's hold.
            models.Index(fields=["job_id", "kind"], name="entries_of_job"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.available_delta_millicredits:+} / {self.held_delta_millicredits:+}"


class PriceOverrideKind(models.TextChoices):
    PRICE = "price", "Own price"
    MARKUP = "markup", "Mark-up"
    NONE = "none", "Published price"


class PriceOverride(models.Model):
    """What one team pays for one model from a moment on; append-only. `none` ends what was set before.

    `price_millicredits` is per unit of the card (job or second). A row that takes effect later supersedes an earlier one.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    gateway = models.CharField(max_length=20)
    model_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=PriceOverrideKind.choices)
    price_millicredits = models.BigIntegerField(null=True, blank=True)
    markup_percent = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    effective_from = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="price", price_millicredits__isnull=False, price_millicredits__gte=0, markup_percent=None)
                | Q(kind="markup", price_millicredits=None, markup_percent__isnull=False, markup_percent__gte=-100)
                | Q(kind="none", price_millicredits=None, markup_percent=None),
                name="an_override_says_one_thing",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "gateway", "model_id", "-effective_from"], name="overrides_of_model")]

    def __str__(self) -> str:
        return f"{self.team_id} {self.gateway}/{self.model_id}: {self.kind} from {self.effective_from:%Y-%m-%d %H:%M}"

    @property
    def own(self) -> OwnPrice | None:
        """For the calculator; None where the published price holds."""
        if self.kind == PriceOverrideKind.PRICE and self.price_millicredits is not None:
            return OwnPrice(to_credits(self.price_millicredits), Decimal(0))
        return OwnPrice(None, self.markup_percent) if self.markup_percent is not None else None
