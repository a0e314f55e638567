"""Collections: made, named, filled, emptied and deleted; for everybody in the team, by those who may run models."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.accounts.models import AuditEvent, Membership, Role
from playground.gallery import collections
from playground.gallery.models import LONGEST_NAME, Collection
from tests.factories import MembershipFactory, Personas
from tests.web.gallery import bulk, shown, take_of
from tests.web.playground import HOSTILE, HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def make(personas: Personas, name: str = "Best of", mode: str = "test") -> Collection:
    return collections.create(personas.alice.team_id, mode, name, personas.alice.user)


def address(collection: Collection) -> str:
    return f"scope=collections&collection={collection.pk}"


def test_takes_are_put_into_a_new_collection_and_shown_under_its_name(alice: Client, personas: Personas) -> None:
    takes = [take_of(personas.alice, f"sea {number}") for number in range(3)]
    bulk(alice, "collect", takes[:2], name="  Best   of ")
    made = Collection.objects.get()
    assert made.name == "Best of"
    page = alice.get(f"/gallery?{address(made)}").text
    assert '<h1 class="trunc" hx-disable>Best of</h1>' in page
    assert "2 takes · " in page
    assert shown(alice, address(made)) == ["sea 1", "sea 0"]


def test_whoever_may_run_models_is_led_to_its_share_links(alice: Client, personas: Personas) -> None:
    made = make(personas)
    assert f'href="/collections/{made.pk}/share"' in alice.get(f"/gallery?{address(made)}").text
    viewer: Membership = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    alice.force_login(viewer.user)
    assert f"/collections/{made.pk}/share" not in alice.get(f"/gallery?{address(made)}").text


def test_the_list_shows_each_collection_with_its_cover_and_its_count(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    full, empty = make(personas, "Full"), make(personas, "Empty")
    bulk(alice, f"collect:{full.pk}", [take])
    page = alice.get("/gallery?scope=collections").text
    assert page.index(">Empty<") < page.index(">Full<")
    assert page.count('src="/media/') == 1
    assert ("0 takes" in page, "1 take<" in page) == (True, True)
    assert str(empty.pk) in page


def test_deleted_takes_leave_their_collections_and_come_back_into_them(alice: Client, personas: Personas) -> None:
    take, made = take_of(personas.alice, "a swell"), make(personas)
    bulk(alice, f"collect:{made.pk}", [take])
    bulk(alice, "delete", [take])
    assert shown(alice, address(made)) == []
    assert "0 takes" in alice.get("/gallery?scope=collections").text
    alice.post("/takes/restore", {"take": str(take.pk)})
    assert shown(alice, address(made)) == ["a swell"]


def test_takes_are_taken_out_and_stay_in_the_gallery(alice: Client, personas: Personas) -> None:
    take, made = take_of(personas.alice, "a swell"), make(personas)
    bulk(alice, f"collect:{made.pk}", [take])
    reply = bulk(alice, f"uncollect:{made.pk}", [take], htmx=True, page=address(made))
    assert f'id="t-{take.job_id}" hx-swap-oob="delete"' in reply.text
    assert (shown(alice, address(made)), shown(alice)) == ([], ["a swell"])


def test_a_deleted_collection_leaves_its_takes_and_a_line_in_the_log(alice: Client, personas: Personas) -> None:
    take, made = take_of(personas.alice, "a swell"), make(personas)
    bulk(alice, f"collect:{made.pk}", [take])
    page = alice.post(f"/collections/{made.pk}/delete", follow=True).text
    assert "Its takes stay in the gallery." in page
    assert shown(alice) == ["a swell"]
    assert AuditEvent.objects.filter(action="collection.deleted", subject="Best of").exists()


NAMES = [
    ("", "Type a name"),
    (" \u200b\n ", "Type a name"),
    ("x" * (LONGEST_NAME + 1), f"at most {LONGEST_NAME} characters; this one has {LONGEST_NAME + 1}"),
    ("Best of", "There is a collection “Best of” already"),
]


@pytest.mark.parametrize(("name", "why"), NAMES, ids=["empty", "blank", "too long", "taken"])
def test_a_name_that_does_not_do_is_refused_with_the_rule_and_kept(alice: Client, personas: Personas, name: str, why: str) -> None:
    taken, other = make(personas), make(personas, "Other")
    take = take_of(personas.alice)
    replies = [
        alice.post("/collections", {"name": name}),
        alice.post(f"/collections/{other.pk}", {"name": name}),
        bulk(alice, "collect", [take], name=name),
        bulk(alice, "collect", [take], htmx=True, name=name),
    ]
    for reply in replies:
        assert reply.status_code == 422
        assert why in reply.text
        assert 'aria-describedby="name-problem"' in reply.text
        assert not name.strip() or f'value="{name}"' in reply.text
    assert sorted(Collection.objects.values_list("name", flat=True)) == [taken.name, "Other"]


def test_the_same_name_may_be_used_in_live_mode_and_by_another_team(alice: Client, personas: Personas) -> None:
    make(personas, mode="live")
    collections.create(personas.charlie.team_id, "test", "Best of", personas.charlie.user)
    assert alice.post("/collections", {"name": "Best of"}).status_code == 302
    assert alice.get("/gallery?scope=collections").text.count(">Best of</h2>") == 1


def test_a_collection_is_renamed(alice: Client, personas: Personas) -> None:
    made = make(personas)
    assert 'value="Best of"' in alice.get(f"/collections/{made.pk}").text
    assert '<h1 class="trunc" hx-disable>Worst of</h1>' in alice.post(f"/collections/{made.pk}", {"name": "Worst of"}, follow=True).text


def test_hostile_names_are_only_text(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    name = HOSTILE[:70]
    bulk(alice, "collect", [take], name=name)
    for query in ("scope=collections", address(Collection.objects.get()), "scope=team"):
        page = alice.get(f"/gallery?{query}").text
        assert "<b>x</b>" not in page
        assert "</script><" not in page.replace("defer></script><", "")


def test_a_viewer_looks_and_changes_nothing(personas: Personas) -> None:
    member: Membership = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    viewer, made = Client(), make(personas)
    viewer.force_login(member.user)
    for query in ("scope=collections", address(made)):
        page = viewer.get(f"/gallery?{query}").text
        assert "Best of" in page
        assert "Make collection" not in page
        assert "Edit collection" not in page
    for path in ("/collections", f"/collections/{made.pk}", f"/collections/{made.pk}/delete"):
        assert viewer.post(path, {"name": "Mine"}).status_code == 403


def test_a_collection_of_another_team_or_mode_is_as_good_as_none(alice: Client, personas: Personas) -> None:
    theirs = collections.create(personas.charlie.team_id, "test", "Secret", personas.charlie.user)
    live = make(personas, "Paid", mode="live")
    take = take_of(personas.alice)
    for one in (theirs, live):
        assert one.name not in alice.get(f"/gallery?{address(one)}").text
        assert bulk(alice, f"collect:{one.pk}", [take], htmx=True).status_code == 404
        assert alice.post(f"/collections/{one.pk}/delete").status_code == 404
        assert alice.get(f"/collections/{one.pk}", headers=HTMX).status_code == 404
    assert Collection.objects.count() == 2
