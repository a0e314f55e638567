"""Collections: takes of one team and mode under a name. The only writer of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Q, Subquery, UUIDField
from django.utils.translation import gettext as _

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import User
from playground.gallery.models import LONGEST_NAME, Collection, CollectionItem
from playground.jobs.models import Take

MOST_COLLECTIONS = 500


class CollectionError(Exception):
    """Why a collection cannot be made or renamed, in a sentence for whoever typed its name."""


@dataclass(frozen=True, slots=True)
class Card:
    """A collection as its list shows it; `cover` is its newest take."""

    collection: Collection
    takes: int
    cover: Take | None


def collection_of(team_id: int, mode: str, collection_id: UUID) -> Collection | None:
    return Collection.objects.filter(team_id=team_id, mode=mode, pk=collection_id).first()


def collections_of(team_id: int, mode: str) -> list[Collection]:
    """By name."""
    return list(Collection.objects.filter(team_id=team_id, mode=mode).order_by("name", "pk")[:MOST_COLLECTIONS])


def cards_of(team_id: int, mode: str) -> list[Card]:
    living = Q(items__take__deleted_at=None)
    newest = CollectionItem.objects.filter(collection=OuterRef("pk"), take__deleted_at=None).order_by("-job_created_at", "-pk")
    rows = Collection.objects.filter(team_id=team_id, mode=mode).annotate(
        takes=Count("items", filter=living), cover_id=Subquery(newest.values("take")[:1], output_field=UUIDField())
    )
    found: list[Any] = list(rows.order_by("name", "pk")[:MOST_COLLECTIONS])
    covers = Take.objects.select_related("thumb", "job", "video").in_bulk([row.cover_id for row in found if row.cover_id])
    return [Card(row, row.takes, covers.get(row.cover_id)) for row in found]


def create(team_id: int, mode: str, name: str, by: User) -> Collection:
    """Raises CollectionError."""
    name = _checked(name)
    if Collection.objects.filter(team_id=team_id, mode=mode).count() >= MOST_COLLECTIONS:
        raise CollectionError(_("A team has at most %(most)s collections. Delete one first.") % {"most": MOST_COLLECTIONS})
    try:
        with transaction.atomic():
            return Collection.objects.create(team_id=team_id, mode=mode, name=name, created_by=by)
    except IntegrityError:
        raise CollectionError(_taken(name)) from None


def rename(collection: Collection, name: str) -> None:
    """Raises CollectionError."""
    name = _checked(name)
    try:
        with transaction.atomic():
            Collection.objects.filter(pk=collection.pk).update(name=name)
    except IntegrityError:
        raise CollectionError(_taken(name)) from None
    collection.name = name


@transaction.atomic
def delete(collection: Collection) -> None:
    """Its takes stay."""
    audit.record(Action.COLLECTION_DELETED, team=collection.team_id, subject=collection.name, takes=collection.items.count())
    collection.delete()


def add(collection: Collection, takes: Iterable[Take], by: User) -> None:
    """Takes of the collection's team and mode; safe to call twice."""
    rows = [
        CollectionItem(collection=collection, take=take, job_created_at=take.job.created_at, added_by=by)
        for take in takes
        if (take.job.team_id, take.job.mode) == (collection.team_id, collection.mode)
    ]
    CollectionItem.objects.bulk_create(rows, ignore_conflicts=True)


def remove(collection: Collection, takes: Iterable[Take]) -> None:
    CollectionItem.objects.filter(collection=collection, take__in=[take.pk for take in takes]).delete()


def _checked(name: str) -> str:
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in unicodedata.normalize("NFC", name))
    name = " ".join(shown.split())
    if not name:
        raise CollectionError(_("Type a name for the collection."))
    if len(name) > LONGEST_NAME:
        words = _("A collection's name has at most %(most)s characters; this one has %(count)s.")
        raise CollectionError(words % {"most": LONGEST_NAME, "count": len(name)})
    return name


def _taken(name: str) -> str:
    return _("There is a collection “%(name)s” already. Choose another name.") % {"name": name}
