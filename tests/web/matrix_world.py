"""Two teams with one of everything, and who asks: a person of every role, one without a team, nobody, and an API key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from playground.accounts import members
from playground.accounts.audit import Action, record
from playground.accounts.models import ApiKey, Membership, Role, User
from playground.accounts.services import create_key, create_sign_in_link
from playground.catalog import registry
from playground.core import clock
from playground.credits import budgets
from playground.credits.prices import set_price
from playground.gallery import comparisons, shares
from playground.gallery.models import Collection, CollectionItem
from playground.jobs.models import State, Take
from playground.media import services as media
from playground.media import signing, uploads
from playground.media.models import Upload
from playground.webhooks import endpoints
from tests.factories import VEO, MembershipFactory, UserFactory, make_job, make_key, make_owner, new_job
from tests.inputfiles import clip_file
from tests.inputfiles import upload as make_upload
from tests.web.playground import put_in_state
from tests.web.route_table import Who


@dataclass
class Side:
    """One team. `objects` is what stands for `{job}` and its like; `markers` is what nobody else may ever read."""

    slug: str
    owner: Membership = field(init=False)
    people: dict[Who, User] = field(default_factory=dict)
    secret: str = ""
    objects: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owner = make_owner(f"olga@{self.slug}.example", self.slug)
        self.people[Who.OWNER] = self.owner.user
        for who, role in ((Who.ADMIN, Role.ADMIN), (Who.MEMBER, Role.MEMBER), (Who.VIEWER, Role.VIEWER)):
            self.people[who] = self._member(role).user
        self.secret = make_key(self.owner, name=f"key of {self.slug}")
        self._make_objects()
        self._make_webhook()

    def _member(self, role: Role, name: str = "") -> Membership:
        email = f"{name or role.value}@{self.slug}.example"
        made: Membership = MembershipFactory.create(
            team=self.owner.team, role=role, user__email=email, user__name=f"{role.label} of {self.slug}"
        )
        return made

    def _make_objects(self) -> None:
        somebody = self._member(Role.MEMBER, "somebody")
        prompt = {"prompt": f"The prompt of {self.slug}", "aspect_ratio": "16:9", "duration": 5}
        job = put_in_state(make_job(somebody, payload=prompt).job, State.SUCCESS)
        take = _take(job)
        key, _ = create_key(team=self.owner.team, name=f"second key of {self.slug}", mode="test", created_by=somebody.user)
        invitation = members.invite(self.owner, email=f"invited@{self.slug}.example")
        upload_id = uploads.upload_id_of(make_upload(somebody, "picture"))
        assert upload_id is not None
        Upload.objects.filter(pk=upload_id).update(name=f"{self.slug}-picture.jpg", thumb=take.thumb)
        set_price(
            team=self.owner.team, card=registry.get(VEO), actor=self.owner.user, markup_percent=Decimal(10), note=f"the note of {self.slug}"
        )
        record(Action.TEAM_RENAMED, team=self.owner.team, subject=f"subject of {self.slug}")
        whole, most = budgets.Subject.team(), 50_000_000
        compared = [new_job(somebody, payload=prompt, idempotency_key=name, source="compare") for name in "ab"]
        comparison = comparisons.start(compared)
        compared_job = put_in_state(comparisons.columns_of(comparison)[0].job, State.SUCCESS)
        _take(compared_job)
        budget = budgets.set_budget(team=self.owner.team, mode="test", subject=whole, period="total", limit_millicredits=most)
        collection = Collection.objects.create(
            team=self.owner.team, mode="test", name=f"collection of {self.slug}", created_by=somebody.user
        )
        CollectionItem.objects.create(collection=collection, take=take, job_created_at=job.created_at)
        share, token = shares.create_share(of=take, by=somebody.user, lasts=None)
        _, collection_token = shares.create_share(of=collection, by=somebody.user, lasts=None)
        self.objects |= {
            "take": str(take.pk),
            "collection": str(collection.pk),
            "share": str(share.pk),
            "share_token": token,
            "collection_token": collection_token,
            "budget": str(budget.id),
            "slug": self.slug,
            "job": str(job.pk),
            "comparison": str(comparison.pk),
            "compared_job": str(compared_job.pk),
            "number": str(job.number),
            "queued_job": str(make_job(somebody, payload=prompt).job.pk),
            "media_token": signing.sign(take.pk, "video", audience="job", expires_at=clock.now() + timedelta(minutes=5)),
            "upload": str(upload_id),
            "member": str(somebody.pk),
            "key": str(key.pk),
            "invitation": str(invitation.invitation.pk),
            "join": invitation.token,
            "sign_in_link": create_sign_in_link(somebody.user),
        }

    def _make_webhook(self) -> None:
        endpoint, _ = endpoints.create(self.owner, mode="test", url=f"https://hook-of-{self.slug}.example/")
        self.objects |= {"endpoint": str(endpoint.pk), "delivery": str(endpoints.send_test_event(endpoint).pk)}

    @property
    def markers(self) -> list[bytes]:
        """Texts that stand in what only this team may see: prompt, key, addresses, note, name of a file, name of the team."""
        words = ["prompt", "key", "note", "subject", "collection", *(role.label for role in Role)]
        texts = [f"{word} of {self.slug}" for word in words]
        return [
            text.encode() for text in (*texts, f"@{self.slug}.example", f"hooks.{self.slug}", f"{self.slug}-picture", self.owner.team.name)
        ]


def _take(job: Any) -> Take:
    """With real files: a download must have something to give away."""
    copy = Path(settings.DATA_DIR) / f"{job.pk}.mp4"
    copy.write_bytes(clip_file().read_bytes())
    stored = media.store_result(team_id=job.team_id, source=copy)
    return Take.objects.create(job=job, video=stored.video, poster=stored.poster, thumb=stored.thumb, preview=stored.preview)


@dataclass
class World:
    ours: Side = field(default_factory=lambda: Side("northlight"))
    theirs: Side = field(default_factory=lambda: Side("elsewhere"))
    sessions: dict[Who, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Whatever has been used lately asks for more before it is revoked.
        ApiKey.objects.update(last_used_at=None)
        people = self.ours.people | {Who.NO_TEAM: UserFactory.create(email="loner@example.com")}
        for who, user in people.items():
            client = Client()
            client.force_login(user)
            self.sessions[who] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def client_of(self, who: Who) -> Client:
        """A fresh browser (or program) each time: what one request does to its cookies is not the next one's."""
        headers: Mapping[str, str] = {"Authorization": f"Bearer {self.ours.secret}"} if who == Who.KEY else {}
        client = Client(headers=headers, raise_request_exception=False)
        if who in self.sessions:
            client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.sessions[who]})
        return client
