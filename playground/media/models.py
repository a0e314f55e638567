from __future__ import annotations

from typing import ClassVar

from django.db import models

from playground.accounts.models import Team
from playground.core import clock, ids


class StoredFile(models.Model):
    """One file in the default storage. Its bytes never change; erasing sets `deleted_at` and keeps the row."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="stored_files")
    storage_name = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=40)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    has_audio = models.BooleanField(default=False)
    fps = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="stored_file_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.storage_name
