"""Links that show a take or a collection to whoever holds them, until they are revoked or their time is over.

Only the hash of a link's token is kept: the link is shown once, to whoever makes it. Every request of a page or a file
asks here anew, so that revoking cuts both at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from playground.accounts import audit
from playground.accounts.models import Membership, User
from playground.accounts.permissions import Permission, allows
from playground.core import clock, ids
from playground.gallery.errors import GalleryError
from playground.gallery.models import Collection, CollectionItem, Share
from playground.jobs.models import Take

TOKEN_BYTES = 24
LONGEST_TOKEN = 100
# What somebody may choose; None never ends.
EXPIRIES: dict[str, timedelta | None] = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30), "never": None}
MOST_LISTED = 200


class Gone(GalleryError):
    """There was such a link. It says no more than that."""


def create_share(
    *,
    of: Take | Collection,
    by: User,
    lasts: timedelta | None,
    shows_prompt: bool = False,
    allows_download: bool = False,
) -> tuple[Share, str]:
    """A new link to one take or one collection, and its token, which is not to be had again. Writes an audit line."""
    token = ids.new_secret(random_bytes=TOKEN_BYTES)
    with transaction.atomic():
        share = Share.objects.create(
            team_id=of.job.team_id if isinstance(of, Take) else of.team_id,
            token_hash=ids.hash_secret(token),
            take=of if isinstance(of, Take) else None,
            collection=of if isinstance(of, Collection) else None,
            shows_prompt=shows_prompt,
            allows_download=allows_download,
            created_by=by,
            expires_at=None if lasts is None else clock.now() + lasts,
        )
        ends = share.expires_at.isoformat(timespec="minutes") if share.expires_at else "never"
        audit.record(
            audit.Action.SHARE_CREATED,
            team=share.team_id,
            subject=title_of(share),
            share=str(share.pk),
            ends=ends,
            prompt=shows_prompt,
            download=allows_download,
        )
    return share, token


def revoke(share: Share) -> bool:
    """End a link at once; False if somebody has done so before. Writes an audit line."""
    with transaction.atomic():
        is_new = Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=clock.now()) == 1
        if is_new:
            audit.record(audit.Action.SHARE_REVOKED, team=share.team_id, subject=title_of(share), share=str(share.pk))
    return is_new


def may_revoke(share: Share, membership: Membership) -> bool:
    """One's own; owners and admins everybody's."""
    is_own = share.created_by_id == membership.user_id
    return allows(membership.role, Permission.SHARE if is_own else Permission.ALL_SHARES)


def title_of(share: Share) -> str:
    """`Take 15`, `Take 15b`, or the collection's name, as the audit log keeps it."""
    if share.collection is not None:
        return share.collection.name
    assert share.take is not None
    return f"Take {share.take.job.number}{letter_of(share.take)}"


def letter_of(take: Take) -> str:
    """`b` for a job's second take; the first goes by the number alone, since most jobs have no other."""
    return chr(ord("a") + take.index) if 0 < take.index < 26 else ""


def is_over(share: Share, now: datetime | None = None) -> bool:
    return share.revoked_at is not None or (share.expires_at is not None and share.expires_at <= (now or clock.now()))


def of_take(take: Take) -> list[Share]:
    """Newest first, with those that are over."""
    return list(_of_team(take.job.team_id).filter(take=take)[:MOST_LISTED])


def of_collection(collection: Collection) -> list[Share]:
    return list(_of_team(collection.team_id).filter(collection=collection)[:MOST_LISTED])


def of_team(team_id: int) -> list[Share]:
    """Those that open something, of either mode, newest first."""
    return [share for share in _of_team(team_id).filter(revoked_at=None)[:MOST_LISTED] if not is_over(share)]


def of_id(team_id: int, share_id: UUID) -> Share | None:
    return _of_team(team_id).filter(pk=share_id).first()


def _of_team(team_id: int) -> QuerySet[Share]:
    return Share.objects.filter(team_id=team_id).select_related("take__job", "collection", "created_by").order_by("-created_at", "-pk")


def find(token: str) -> Share | None:
    """The link of a token; None for a token that never was. Raises Gone for one that is over or leads to nothing any more."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    share = _open().filter(token_hash=ids.hash_secret(token)).first()
    if share is not None:
        _check(share)
    return share


def for_media(share_id: str, take_id: UUID) -> Share | None:
    """The link behind a file's address; None if it does not show this take. Raises Gone."""
    try:
        share = _open().filter(pk=UUID(share_id)).first()
    except ValueError:
        return None
    if share is None:
        return None
    _check(share)
    return share if take_in(share, take_id) else None


def _open() -> QuerySet[Share]:
    return Share.objects.select_related("take__job", "collection")


def _check(share: Share) -> None:
    if is_over(share) or (share.take is not None and share.take.deleted_at is not None):
        raise Gone(_("This link has ended."))


def take_in(share: Share, take_id: UUID) -> Take | None:
    """A take that the link shows, if it is there still."""
    return _takes(share).filter(pk=take_id).first()


def takes_in(share: Share, *, start: int = 0, limit: int) -> Sequence[Take]:
    """Newest first, as the gallery has them."""
    return list(_takes(share)[start : start + limit])


def _takes(share: Share) -> QuerySet[Take]:
    takes = Take.objects.filter(deleted_at=None, job__team_id=share.team_id).select_related("job", "video", "poster", "thumb", "preview")
    if share.take_id is not None:
        return takes.filter(pk=share.take_id)
    items = CollectionItem.objects.filter(collection__shares=share).values("take_id")
    return takes.filter(pk__in=items).order_by("-job__created_at", "-job_id", "index")
