from __future__ import annotations

from typing import ClassVar

from django.db import models

from playground.accounts.models import Team, User
from playground.core import clock, ids


class StoredFile(models.Model):
    """One file in the default storage. Its bytes never change; erasing sets `deleted_at` and keeps the row."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="stored_files")
    storage_name = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=100)
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


class UploadKind(models.TextChoices):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"


class Upload(models.Model):
    """A file that somebody of the team gave as input for models: looked at, cleaned, stored.

    Those that no job has used are removed after some days (`uploads.remove_unused`); the row goes with the bytes.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="uploads")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    stored = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="upload")
    thumb = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200, help_text="What its owner called it, made harmless.")
    kind = models.CharField(max_length=10, choices=UploadKind)
    pages = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=2000, default="file", help_text="`file`, or the address that it was fetched from.")
    label = models.CharField(max_length=300, blank=True, help_text="What a program calls it: words that look like a path and lead nowhere.")
    version = models.PositiveIntegerField(default=1, help_text="Of those that the team has given this label.")
    derived_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="derived")
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["used_at", "created_at"], name="upload_unused"),
            models.Index(fields=["team", "label"], name="upload_by_label"),
        ]

    def __str__(self) -> str:
        return self.name


class WebFile(models.Model):
    """What a look at somebody else's address found, kept for some hours. The bytes themselves are not kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=2000)
    url_sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it could not be looked at; empty when it could.")
    facts = models.JSONField(default=dict, blank=True)
    looked_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "url_sha256"], name="web_file_of_team")]
        indexes: ClassVar = [models.Index(fields=["looked_at"], name="web_file_looked_at")]

    def __str__(self) -> str:
        return self.url
