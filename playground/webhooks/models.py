from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import MODES, Team
from playground.core import clock


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Given up")


class Signer(models.Model):
    """A secret that we sign with: sealed, because we need it again. The one before it signs too, until its time is over."""

    sealed = models.TextField()
    suffix = models.CharField(max_length=4)
    sealed_before = models.TextField(blank=True)
    before_until = models.DateTimeField(null=True, blank=True)
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """What the secret is sealed for: it opens in no other row."""
        raise NotImplementedError

    @property
    def shown(self) -> str:
        """`whsec_…c41f`."""
        return f"whsec_…{self.suffix}"

    @property
    def is_changing(self) -> bool:
        return self.before_until is not None and self.before_until > clock.now()


class TaskSigner(Signer):
    """What signs a team's callbacks to the addresses that single tasks name. Nobody knows it until somebody has it shown."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+")
    is_known = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"signer of {self.team_id}"

    @property
    def label(self) -> str:
        return f"webhooks/tasks/{self.team_id}"


class Endpoint(Signer):
    """An address of a team that hears of every task that ends in its mode."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=4, choices=MODES)
    url = models.TextField()
    description = models.CharField(max_length=120, blank=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "mode", "created_at"], name="endpoints_of_team")]

    def __str__(self) -> str:
        return self.url

    @property
    def label(self) -> str:
        return f"webhooks/endpoints/{self.pk}"


class Delivery(models.Model):
    """One message to one address. `job_id` is the job's UUID, for jobs live above this package; None for a test event.

    Without `endpoint` it goes to the address that the task itself named. `message_id` is the same however often it is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=4, choices=MODES, blank=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    job_id = models.UUIDField(null=True, blank=True)
    message_id = models.CharField(max_length=40, blank=True)
    url = models.TextField()
    body = models.TextField()
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            # No condition: SQLite uses a partial index only where the query repeats it with literals, and Django binds.
            models.Index(fields=["state", "due_at"], name="deliveries_due"),
            models.Index(fields=["job_id"], name="deliveries_of_job"),
            models.Index(fields=["team", "mode", "-created_at"], name="deliveries_newest_first"),
            models.Index(fields=["endpoint", "-created_at"], name="deliveries_of_endpoint"),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"callback of {self.job_id} ({self.state})"


class Try(models.Model):
    """One time that a delivery was sent, or may have been: written before anything leaves. `ended_at` is empty while nobody
    knows what became of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["delivery", "number"], name="one_try_per_number")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.delivery_id}"
