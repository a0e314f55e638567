"""Links that show a take or a collection: what they open, for how long, and who ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from playground.accounts.models import AuditEvent, Role
from playground.core import clock
from playground.gallery import shares
from playground.gallery.models import Collection, CollectionItem, Share
from playground.jobs import takes
from playground.jobs.models import Take
from tests.factories import Personas
from tests.web.playground import add_take, finished

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def take(personas: Personas) -> Take:
    return finished(personas.alice).takes.get()


def collection_of(personas: Personas, *members: Take) -> Collection:
    made = Collection.objects.create(team=personas.alice.team, mode="test", name="Spring", created_by=personas.alice.user)
    for member in members:
        CollectionItem.objects.create(collection=made, take=member, job_created_at=member.job.created_at)
    return made


def test_a_link_leads_to_its_take_until_its_time_is_over(personas: Personas, take: Take) -> None:
    share, token = shares.create_share(of=take, by=personas.alice.user, lasts=WEEK)
    assert shares.find(token) == share
    assert shares.take_in(share, take.pk) == take
    Share.objects.update(expires_at=clock.now())
    with pytest.raises(shares.Gone):
        shares.find(token)


def test_only_the_hash_of_a_token_is_kept_and_it_cannot_be_guessed(personas: Personas, take: Take) -> None:
    _, token = shares.create_share(of=take, by=personas.alice.user, lasts=None)
    row = Share.objects.values().get()
    assert len(token) >= 32
    assert token not in str(row)
    assert shares.find(row["token_hash"]) is None
    assert shares.find("") is None
    assert shares.find("x" * 5000) is None


def test_a_revoked_link_is_over_at_once_and_revoking_again_changes_nothing(personas: Personas, take: Take) -> None:
    share, token = shares.create_share(of=take, by=personas.alice.user, lasts=None)
    assert shares.revoke(share)
    with pytest.raises(shares.Gone):
        shares.find(token)
    with pytest.raises(shares.Gone):
        shares.for_media(str(share.pk), take.pk)
    revoked_at = Share.objects.get().revoked_at
    assert not shares.revoke(share)
    assert Share.objects.get().revoked_at == revoked_at


def test_a_deleted_take_ends_its_link_and_comes_back_with_it(personas: Personas, take: Take) -> None:
    share, token = shares.create_share(of=take, by=personas.alice.user, lasts=None)
    takes.delete_takes(share.team_id, [take.pk])
    with pytest.raises(shares.Gone):
        shares.find(token)
    takes.restore_takes(share.team_id, [take.pk])
    assert shares.find(token) == share


def test_a_collection_s_link_shows_what_is_in_it_now_and_nothing_else(personas: Personas, take: Take) -> None:
    second = add_take(take.job, index=1)
    outside = finished(personas.alice).takes.get()
    collection = collection_of(personas, take, second)
    share, _ = shares.create_share(of=collection, by=personas.alice.user, lasts=WEEK)
    assert shares.takes_in(share, limit=10) == [take, second]
    assert shares.take_in(share, outside.pk) is None
    assert shares.for_media(str(share.pk), outside.pk) is None
    collection.items.filter(take=second).delete()
    assert shares.takes_in(share, limit=10) == [take]
    assert shares.for_media(str(share.pk), second.pk) is None


def test_a_take_s_link_opens_no_other_take_s_files(personas: Personas, take: Take) -> None:
    other = finished(personas.alice).takes.get()
    share, _ = shares.create_share(of=take, by=personas.alice.user, lasts=WEEK)
    assert shares.for_media(str(share.pk), take.pk) == share
    assert shares.for_media(str(share.pk), other.pk) is None
    assert shares.for_media("nonsense", take.pk) is None


def test_people_end_their_own_links_and_those_who_manage_the_team_everybody_s(personas: Personas, take: Take) -> None:
    alices, _ = shares.create_share(of=take, by=personas.alice.user, lasts=WEEK)
    bobs, _ = shares.create_share(of=take, by=personas.bob.user, lasts=WEEK)
    assert shares.may_revoke(bobs, personas.alice)
    assert shares.may_revoke(bobs, personas.bob)
    assert not shares.may_revoke(alices, personas.bob)
    personas.bob.role = Role.VIEWER
    assert not shares.may_revoke(bobs, personas.bob)


def test_lists_are_newest_first_and_the_team_s_has_only_what_opens_something(personas: Personas, take: Take) -> None:
    made = [shares.create_share(of=take, by=personas.alice.user, lasts=WEEK)[0] for _ in range(3)]
    shares.revoke(made[1])
    assert [share.pk for share in shares.of_take(take)] == [share.pk for share in reversed(made)]
    assert [share.pk for share in shares.of_team(personas.alice.team_id)] == [made[2].pk, made[0].pk]
    assert shares.of_team(personas.charlie.team_id) == []
    assert shares.of_id(personas.charlie.team_id, made[0].pk) is None


def test_making_and_revoking_are_written_down(personas: Personas, take: Take) -> None:
    share, token = shares.create_share(of=take, by=personas.alice.user, lasts=None, allows_download=True)
    shares.revoke(share)
    made, revoked = AuditEvent.objects.filter(action__startswith="share.").order_by("pk")
    assert (made.action, made.subject, made.detail["ends"], made.detail["download"]) == ("share.created", "Take 1", "never", True)
    assert (revoked.action, revoked.detail["share"]) == ("share.revoked", str(share.pk))
    assert token not in str(made.detail)
