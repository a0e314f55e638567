from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import MODES, ApiKey, Team
from playground.core import clock, ids
from playground.credits.models import PriceOverride
from playground.media.models import StoredFile, Upload


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SUBMITTING = "submitting", _("Sending")
    IN_DOUBT = "in_doubt", _("Checking")
    RUNNING = "running", _("Generating")
    SAVING = "saving", _("Saving")
    SUCCESS = "success", _("Done")
    FAIL = "fail", _("Failed")
    # Failed and paid back, but the provider may deliver yet; what arrives is a gift.
    RECOVERING = "recovering", _("Failed")
    RECOVERED = "recovered", _("Recovered")


# The books are closed: nothing of these is charged or paid back any more.
FINAL_STATES = (State.SUCCESS, State.FAIL, State.RECOVERING, State.RECOVERED)
# With a clip of their own.
DONE_STATES = (State.SUCCESS, State.RECOVERED)
UNFINISHED_STATES = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT, State.RUNNING, State.SAVING)
# States in which a job takes one of the team's upstream slots.
UPSTREAM_STATES = (State.SUBMITTING, State.RUNNING, State.IN_DOUBT)


class FailReason(models.TextChoices):
    """The closed list of reasons; what people read is derived from it (`web.failures`)."""

    INPUT_TEXT = "input_text", _("The prompt was refused")
    INPUT_MEDIA = "input_media", _("An input file was refused")
    OUTPUT = "output", _("The result was refused")
    CAPACITY = "capacity", _("The provider could not make it")
    PROVIDER_ACCOUNT = "provider_account", _("The provider account was in trouble")
    VALIDATION = "validation", _("The request was refused")
    TIMEOUT = "timeout", _("No result in time")
    IN_DOUBT = "in_doubt", _("Nobody knows whether it was sent")
    RESULT_LOST = "result_lost", _("The result could not be fetched")
    CANCELLED = "cancelled", _("Cancelled")


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
    team = models.ForeignKey(Team, on_delete=models.PROTECT, db_index=False, related_name="jobs")
    mode = models.CharField(max_length=4, choices=MODES)
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    source = models.CharField(max_length=8)
    # The take that this one continues or enlarges.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="children")
    # The take whose settings this one began with.
    remix_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="remixes")

    gateway = models.CharField(max_length=20)
    model_id = models.CharField(max_length=120)
    card_version = models.CharField(max_length=12)
    provider = models.CharField(max_length=20)
    # The model's own route at the provider, "" where its contract has one for all models.
    endpoint = models.CharField(max_length=80, blank=True)
    payload_json = models.TextField()
    # What lists are narrowed by: what is done, and the frame's shape as people call it ("16:9", "other").
    scene = models.CharField(max_length=24, blank=True)
    aspect = models.CharField(max_length=8, blank=True)
    # In the gallery: under way, or with a take that nobody has deleted.
    is_listed = models.BooleanField(default=True)
    # What its time depends on, as `<seconds>|<resolution>`: jobs are compared with their like.
    timing_key = models.CharField(max_length=40, blank=True)
    typical_seconds = models.PositiveIntegerField()
    deadline_seconds = models.PositiveIntegerField()

    # What is held: the most that the job may cost. The least is the same unless the length is known only afterwards.
    price_millicredits = models.BigIntegerField()
    price_min_millicredits = models.BigIntegerField()
    price_formula = models.CharField(max_length=200)
    # The published price, whatever the team pays: it is compared with what the provider takes. None while unpublished.
    list_price_millicredits = models.BigIntegerField(null=True, blank=True)
    consumed_millicredits = models.BigIntegerField(null=True, blank=True)
    own_price = models.ForeignKey(PriceOverride, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+")
    usd_per_credit = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal("0.005"))
    charged_millicredits = models.BigIntegerField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    version = models.PositiveIntegerField(default=1)
    upstream_id = models.CharField(max_length=255, blank=True)
    # The id that a callback named while the provider's own answer is missing; proved before it is believed.
    candidate_id = models.CharField(max_length=255, blank=True)
    # A callback asked for a look; cleared by the look.
    is_hinted = models.BooleanField(default=False)
    # Inputs of ours are not yet where the provider can read them; the courier takes them there.
    is_waiting_for_files = models.BooleanField(default=False)
    # The archive needs fresh links, which the pump asks for.
    is_waiting_for_links = models.BooleanField(default=False)
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
    # The contract whose record and callback its client reads (`wire.doors`); "" is the market's.
    served_as = models.CharField(max_length=12, blank=True)
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
            # Oldest first, whichever way they are read: at the end of an index SQLite adds to the last page, at its beginning it
            # shares the first one out anew with every job, which were two pages to write instead of one.
            models.Index(fields=["team", "mode", "state", "created_at", "id"], name="jobs_by_state"),
            models.Index(fields=["team", "mode", "created_at", "id"], name="jobs_by_time"),
            # One for each filter of the gallery, so that a page costs the same however many takes there are.
            *(
                models.Index(fields=["team", "mode", *by, "is_listed", "created_at", "id"], name=f"gallery_{'_'.join(by) or 'all'}")
                for by in ([], ["created_by"], ["model_id"], ["scene"], ["aspect"])
            ),
            # Each index is a page more to write for a new job: these are for few, or for later. IS NOT NULL is a condition that
            # follows from every comparison, so no query has to repeat it.
            *(
                models.Index(fields=[of, "team", "mode", "created_at", "id"], condition=Q(**{f"{of}__isnull": False}), name=f"jobs_by_{of}")
                for of in ("parent", "remix_of")
            ),
            models.Index(
                fields=["provider", "model_id", "timing_key", "finished_at"], condition=Q(finished_at__isnull=False), name="jobs_alike"
            ),
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
    # SHA-256 of the token in the callback address of this try, "" without one.
    callback_hash = models.CharField(max_length=64, blank=True)
    # The `input` as it was sent, where links or ids of ours had to be replaced; "" where it is the job's payload.
    sent_json = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="one_attempt_per_number"),
            models.UniqueConstraint(fields=["callback_hash"], condition=~Q(callback_hash=""), name="one_attempt_per_callback_token"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ended_at"], name="attempts_lately"),
            # The unique constraint has a condition, and SQLite would not use its index for a look-up by parameter.
            models.Index(fields=["callback_hash"], name="attempts_by_callback_token"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"


class Event(models.Model):
    """What happened to a job after it was made, in order; append-only."""

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


class TakeDay(models.Model):
    """How many takes of one day (of the installation's time zone) are there, and what they cost: the gallery's totals.

    Written with every take that is stored, deleted or brought back, in its transaction. 0 stands for nobody.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, db_index=False, related_name="+")
    mode = models.CharField(max_length=4, choices=MODES)
    day = models.DateField()
    user_id = models.BigIntegerField(default=0)
    gateway = models.CharField(max_length=20)
    model_id = models.CharField(max_length=120)
    takes = models.IntegerField(default=0)
    charged_millicredits = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "mode", "day", "user_id", "gateway", "model_id"], name="one_row_per_day_of_takes"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.gateway}/{self.model_id}: {self.takes}"


class InboundCallback(models.Model):
    """What a provider posted to a job's callback address, once per body and time; a repetition writes nothing.

    A hint and no proof: `code` and `words` are what it claims.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="callbacks")
    at = models.DateTimeField(default=clock.now)
    digest = models.CharField(max_length=64)
    is_signed = models.BooleanField(default=False)
    upstream_id = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["attempt", "digest"], name="one_row_per_callback")]

    def __str__(self) -> str:
        return f"callback {self.code} for {self.attempt_id}"


class ProviderFile(models.Model):
    """An upload of ours in a provider's storage, under the provider's address, until it is thrown away there."""

    provider = models.CharField(max_length=20)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=2000)
    uploaded_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "upload"], name="one_file_per_provider_and_upload")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="provider_files_expired")]

    def __str__(self) -> str:
        return f"{self.upload_id} at {self.provider}"


class ProviderAccount(models.Model):
    """What all processes know about our account at a provider: paused until, what is wrong with it, what it has left."""

    provider = models.CharField(max_length=20, unique=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)
    balance_millicredits = models.BigIntegerField(null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    # What it took, and what we charged for the same jobs, in the seven days before the balance was asked for.
    week_taken_millicredits = models.BigIntegerField(default=0)
    week_charged_millicredits = models.BigIntegerField(default=0)
    # The last callback that we believed, and the last whose signature was wrong: what tells an owner that the key is.
    callback_at = models.DateTimeField(null=True, blank=True)
    bad_signature_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.provider}{': ' + self.trouble if self.trouble else ''}"


class ProviderSecret(models.Model):
    """A key at a provider that was entered in the page, sealed. `provider_keys` is its only reader and writer."""

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    sealed = models.TextField()
    # The last characters, by which people tell keys apart.
    suffix = models.CharField(max_length=4, blank=True)
    set_at = models.DateTimeField(default=clock.now)
    # As they were called then: people leave.
    set_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "kind"], name="one_key_per_provider_and_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.provider}"


class EngineLease(models.Model):
    """A seat that one process holds at a time (the pump of the queue), and the sign of life of each engine."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
