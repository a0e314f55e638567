from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from playground.accounts.models import MODES, ApiKey, Team
from playground.core import clock, ids
from playground.credits.models import PriceOverride
from playground.media.models import StoredFile


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SUBMITTING = "submitting", "Sending"
    IN_DOUBT = "in_doubt", "Checking"
    RUNNING = "running", "Generating"
    SAVING = "saving", "Saving"
    SUCCESS = "success", "Done"
    FAIL = "fail", "Failed"


FINAL_STATES = (State.SUCCESS, State.FAIL)
UNFINISHED_STATES = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT, State.RUNNING, State.SAVING)
# States in which a job takes one of the team's upstream slots.
UPSTREAM_STATES = (State.SUBMITTING, State.RUNNING, State.IN_DOUBT)


class FailReason(models.TextChoices):
    """The closed list of reasons; what people read is derived from it."""

    MODEL = "model", "Refused by the model"
    PROVIDER = "provider", "The provider failed"
    PROVIDER_ACCOUNT = "provider_account", "The provider account was in trouble"
    TIMEOUT = "timeout", "No result in time"
    SUBMISSION_UNKNOWN = "submission_unknown", "Nobody knows whether it was sent"
    RESULT_LOST = "result_lost", "The result could not be fetched"
    CANCELLED = "cancelled", "Cancelled"


class TeamCounter(models.Model):
    """The last take number that was given out, per team and mode."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=4, choices=MODES)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "mode"], name="one_counter_per_team_and_mode")]

    def __str__(self) -> str:
        return f"{self.team} {self.mode}: {self.last_number}"


class Job(models.Model):
    """One request for a video. `payload_json` is the exact text of the `input` object that was priced."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="jobs")
    mode = models.CharField(max_length=4, choices=MODES)
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    source = models.CharField(max_length=8)
    # The take that this one continues or enlarges.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")

    gateway = models.CharField(max_length=20)
    model_id = models.CharField(max_length=120)
    card_version = models.CharField(max_length=12)
    provider = models.CharField(max_length=20)
    payload_json = models.TextField()
    typical_seconds = models.PositiveIntegerField()
    deadline_seconds = models.PositiveIntegerField()

    # What is held: the most that the job may cost. The least is the same unless the length is known only afterwards.
    price_millicredits = models.BigIntegerField()
    price_min_millicredits = models.BigIntegerField()
    price_formula = models.CharField(max_length=200)
    own_price = models.ForeignKey(PriceOverride, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+")
    usd_per_credit = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal("0.005"))
    charged_millicredits = models.BigIntegerField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    version = models.PositiveIntegerField(default=1)
    upstream_id = models.CharField(max_length=120, blank=True)
    upstream_state = models.CharField(max_length=12, blank=True)
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    result_links = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    raw_reply = models.TextField(blank=True)
    fail_reason = models.CharField(max_length=20, choices=FailReason.choices, blank=True)
    fail_code = models.CharField(max_length=60, blank=True)
    fail_message = models.TextField(blank=True)

    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=clock.now)
    deadline_at = models.DateTimeField(null=True, blank=True)
    submit_attempts = models.PositiveSmallIntegerField(default=0)
    save_attempts = models.PositiveSmallIntegerField(default=0)
    polls = models.PositiveIntegerField(default=0)
    empty_successes = models.PositiveSmallIntegerField(default=0)

    callback_url = models.TextField(blank=True)
    idempotency_scope = models.CharField(max_length=40, blank=True)
    idempotency_key = models.CharField(max_length=255, blank=True)
    request_hash = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    generating_at = models.DateTimeField(null=True, blank=True)
    in_doubt_at = models.DateTimeField(null=True, blank=True)
    upstream_done_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "mode", "number"], name="one_job_per_number"),
            models.UniqueConstraint(
                fields=["team", "mode", "idempotency_scope", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="one_job_per_idempotency_key",
            ),
            models.UniqueConstraint(fields=["provider", "upstream_id"], condition=~Q(upstream_id=""), name="one_job_per_upstream_id"),
        ]
        indexes: ClassVar = [
            # Without conditions on purpose: SQLite uses a partial index only where the query repeats its condition with
            # literals, and Django binds parameters, so every look of an engine scanned the whole table.
            models.Index(fields=["state", "due_at"], name="jobs_due"),
            models.Index(fields=["team", "mode", "state"], name="jobs_unfinished"),
            models.Index(fields=["team", "mode", "idempotency_scope", "idempotency_key"], name="jobs_by_idempotency_key"),
            models.Index(fields=["team", "mode", "-created_at", "-id"], name="jobs_newest_first"),
        ]

    def __str__(self) -> str:
        return f"take {self.number} of {self.team_id} ({self.state})"

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.payload_json)
        return payload

    @property
    def is_price_range(self) -> bool:
        return self.price_min_millicredits != self.price_millicredits

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def is_sandbox(self) -> bool:
        return self.mode == "test"


class Attempt(models.Model):
    """One try to submit. `sent_at` is committed before the first byte leaves: without it nothing can have arrived."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "number"], name="one_attempt_per_number")]
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="attempts_lately")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"


class Event(models.Model):
    """What happened to a job, in order; append-only."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=24)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.from_state}→{self.to_state}"


class Take(models.Model):
    """One stored result of a job: the video, its poster, a small poster and the hover preview."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="takes")
    index = models.PositiveSmallIntegerField(default=0)
    video = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    thumb = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    preview = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "index"], name="one_take_per_index")]

    def __str__(self) -> str:
        return f"take {self.index} of {self.job_id}"


class ProviderAccount(models.Model):
    """What all processes know about our account at a provider: paused until, and what is wrong with it."""

    provider = models.CharField(max_length=20, unique=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.provider}{': ' + self.trouble if self.trouble else ''}"


class EngineLease(models.Model):
    """A seat that one process holds at a time (the pump of the queue), and the sign of life of each engine."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
