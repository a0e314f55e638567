from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import MODES, ApiKey, Team
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
    GRANT = "grant", _("Top-up")
    HOLD = "hold", _("Hold")
    CAPTURE = "capture", _("Charge")
    RELEASE = "release", _("Release")
    ADJUST = "adjust", _("Adjustment")


class Entry(models.Model):
    """One movement. Rows are only added; the database refuses to change them.

    `job_id` is the job's UUID and no foreign key: jobs live above the ledger and may be erased. Who and what it was for is
    copied from the hold to its settlement; nobody's departure changes a row, so these keys may lead to nobody.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="entries")
    job_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    available_delta_millicredits = models.BigIntegerField()
    held_delta_millicredits = models.BigIntegerField()
    available_after_millicredits = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    # Who moved it by hand (top-ups and adjustments).
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )
    by_key = models.ForeignKey(
        ApiKey, on_delete=models.DO_NOTHING, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )
    gateway = models.CharField(max_length=20, blank=True)
    model_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            # Its condition follows from every comparison with a job, so this index also finds a job's entries.
            models.UniqueConstraint(fields=["job_id", "kind"], condition=Q(job_id__isnull=False), name="one_of_each_kind_per_job"),
            models.UniqueConstraint(fields=["job_id"], condition=Q(kind__in=["capture", "release"]), name="one_settlement_per_job"),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "adjust"]) | Q(job_id__isnull=False), name="holds_and_settlements_name_a_job"
            ),
        ]
        indexes: ClassVar = [
            # The order of every list of entries, by each of its filters: a page far back costs what the first one does.
            models.Index(fields=["account", "created_at", "id"], name="entries_by_time"),
            models.Index(fields=["account", "kind", "created_at", "id"], name="entries_by_kind"),
            models.Index(fields=["account", "by_user", "created_at", "id"], name="entries_by_user"),
            models.Index(fields=["account", "by_key", "created_at", "id"], name="entries_by_key"),
            models.Index(fields=["account", "gateway", "model_id", "created_at", "id"], name="entries_by_model"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.available_delta_millicredits:+} / {self.held_delta_millicredits:+}"


class DailyUse(models.Model):
    """What was charged and what came back on one day of the installation's time zone: the roll-up of the settlements.

    Written with every settlement, in its transaction. 0 stands for nobody and for no key, because NULLs are not unique.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="+")
    day = models.DateField()
    user_id = models.BigIntegerField(default=0)
    key_id = models.BigIntegerField(default=0)
    gateway = models.CharField(max_length=20, blank=True)
    model_id = models.CharField(max_length=120, blank=True)
    charged_millicredits = models.BigIntegerField(default=0)
    charges = models.IntegerField(default=0)
    returned_millicredits = models.BigIntegerField(default=0)
    returns = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "day", "user_id", "key_id", "gateway", "model_id"], name="one_row_per_day_and_what_it_was_for"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.gateway}/{self.model_id}: {self.charged_millicredits}"


class SubjectKind(models.TextChoices):
    TEAM = "team", _("Team")
    MEMBER = "member", _("Member")
    KEY = "key", _("API key")


class Period(models.TextChoices):
    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    MONTH = "month", _("Month")
    TOTAL = "total", _("In total")


class Budget(models.Model):
    """The most that a team, a member or a key may spend in a period. Holds count at once; what comes back counts no more.

    `used_millicredits`, `warned_at` and `reached_at` are of the period that began at `period_start`: with the first hold
    of the next one they begin anew. `subject_id` is 0 for the team.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="+")
    subject = models.CharField(max_length=6, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField(default=0)
    period = models.CharField(max_length=5, choices=Period.choices)
    limit_millicredits = models.BigIntegerField()
    used_millicredits = models.BigIntegerField(default=0)
    period_start = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "subject", "subject_id", "period"], name="one_budget_per_subject_and_period"),
            models.CheckConstraint(condition=Q(limit_millicredits__gt=0), name="a_budget_is_more_than_nothing"),
            models.CheckConstraint(condition=Q(used_millicredits__gte=0), name="used_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.used_millicredits} of {self.limit_millicredits} per {self.period}"


class Proof(models.Model):
    """What the last look at one invariant of the ledger found."""

    name = models.CharField(max_length=40, primary_key=True)
    is_kept = models.BooleanField()
    words = models.TextField()
    checked_at = models.DateTimeField(default=clock.now)
    duration_ms = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.name}: {'kept' if self.is_kept else 'broken'}"


class PriceOverrideKind(models.TextChoices):
    PRICE = "price", _("Own price")
    MARKUP = "markup", _("Mark-up")
    NONE = "none", _("Published price")


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
