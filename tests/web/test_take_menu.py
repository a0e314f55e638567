"""What "More" on a tile of the gallery offers: only what the person may do, about this take alone."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from playground.accounts.models import Membership, Role
from playground.gallery.collections import create
from playground.gallery.deleting import delete
from playground.jobs.models import Take
from tests.factories import MembershipFactory, Personas
from tests.web.gallery import take_of
from tests.web.playground import HOSTILE, HTMX

pytestmark = pytest.mark.django_db


def menu_of(member: Membership, take: Take, **headers: str) -> Any:
    client = Client()
    client.force_login(member.user)
    return client.get(f"/takes/{take.pk}/menu", headers=HTMX | headers)


def items(member: Membership, take: Take) -> list[str]:
    """The words of each item, without its price."""
    shown = re.findall(r'class="item.*?</svg>(.*?)(?:</a>|</button>|</span>)', menu_of(member, take).text, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", words)).strip() for words in shown]


def test_an_owner_can_do_everything_with_a_take_from_its_tile(personas: Personas) -> None:
    owner = personas.alice
    take = take_of(owner, gateway="kie", model_id="grok-imagine/text-to-video")
    create(owner.team_id, "test", "Launch", owner.user)
    assert items(owner, take) == ["Open take", "Extend", "Enlarge", "Share link", "Copy prompt", "Add to Launch", "Delete take"]


def test_a_viewer_is_offered_what_a_viewer_may(personas: Personas) -> None:
    viewer = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    create(personas.alice.team_id, "test", "Launch", personas.alice.user)
    assert items(viewer, take_of(personas.alice)) == ["Open take", "Copy prompt"]


def test_a_member_deletes_no_take_of_others(personas: Personas) -> None:
    assert "Delete take" in items(personas.bob, take_of(personas.bob))
    assert "Delete take" not in items(personas.bob, take_of(personas.alice))


def test_takes_of_other_teams_and_deleted_ones_have_no_menu(personas: Personas) -> None:
    take = take_of(personas.alice)
    assert menu_of(personas.charlie, take).status_code == 404
    delete(take.job.team_id, [take])
    assert menu_of(personas.alice, take).status_code == 404


def test_what_a_person_wrote_is_text_in_the_menu(personas: Personas) -> None:
    create(personas.alice.team_id, "test", "</span><b>x</b>", personas.alice.user)
    menu = menu_of(personas.alice, take_of(personas.alice, HOSTILE)).text
    assert menu.count("&lt;b&gt;x&lt;/b&gt;") == 2
    assert "<b>" not in menu


def test_without_script_the_menu_is_the_take_s_page(client: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    client.force_login(personas.alice.user)
    answer = client.get(f"/takes/{take.pk}/menu")
    assert (answer.status_code, answer["Location"]) == (302, f"/takes/{take.pk}")
