from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from playground.accounts.models import Team
from playground.core import clock


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Pending"
    DELIVERED = "delivered", "Delivered"
    DEAD = "dead", "Given up"


class Delivery(models.Model):
    """One callback to one address. `job_id` is the job's UUID: jobs live above this package."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    job_id = models.UUIDField()
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
        ]

    def __str__(self) -> str:
        return f"callback of {self.job_id} ({self.state})"
