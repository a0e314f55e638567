from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from playground.accounts.models import MODES, Team
from playground.core import clock, ids
from playground.jobs.models import Job, Take

LONGEST_NAME = 80


class Favourite(models.Model):
    """A person's own mark on a take. Team, mode and time are the job's, copied so that one index gives the list in order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="favourites")
    take = models.ForeignKey(Take, on_delete=models.CASCADE, related_name="favourites")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_index=False, related_name="+")
    mode = models.CharField(max_length=4, choices=MODES)
    job_created_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "take"], name="one_favourite_per_person_and_take")]
        indexes: ClassVar = [models.Index(fields=["user", "team", "mode", "-job_created_at"], name="favourites_newest_first")]

    def __str__(self) -> str:
        return f"{self.take_id} of {self.user_id}"


class Collection(models.Model):
    """Takes of one team and mode that somebody put together under a name."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="collections")
    mode = models.CharField(max_length=4, choices=MODES)
    name = models.CharField(max_length=LONGEST_NAME)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "mode", "name"], name="one_collection_per_name")]

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, db_index=False, related_name="items")
    take = models.ForeignKey(Take, on_delete=models.CASCADE, related_name="+")
    job_created_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["collection", "take"], name="one_item_per_collection_and_take")]
        indexes: ClassVar = [models.Index(fields=["collection", "-job_created_at"], name="items_newest_first")]

    def __str__(self) -> str:
        return f"{self.take_id} in {self.collection_id}"


class Comparison(models.Model):
    """One prompt given to several models at once; `picked` is the take that somebody chose among theirs."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="comparisons")
    mode = models.CharField(max_length=4, choices=MODES)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    picked = models.ForeignKey(Take, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    picked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    picked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"comparison {self.pk}"


class ComparisonJob(models.Model):
    """One column of a comparison, from the left."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="columns")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="comparison_column")
    index = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["index"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["comparison", "index"], name="one_job_per_column")]

    def __str__(self) -> str:
        return f"column {self.index} of {self.comparison_id}"


class Share(models.Model):
    """A link that shows a take or a collection to whoever holds it. Only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)
    take = models.ForeignKey(Take, on_delete=models.CASCADE, null=True, blank=True, related_name="shares")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="shares")
    shows_prompt = models.BooleanField(default=False)
    allows_download = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(take=None, collection__isnull=False) | Q(take__isnull=False, collection=None), name="a_share_is_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk}"
