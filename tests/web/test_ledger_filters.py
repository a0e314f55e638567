"""The ledger's filters are the address: with and without script, on the page and in the CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from playground.core import clock
from playground.credits import entries, periods, services
from playground.web import csvexport
from tests.factories import KLING, VEO, Personas
from tests.web.credits import HTMX, days_ago, fail, key_of, rows, spend, text_of

pytestmark = pytest.mark.django_db
KLING_PAYLOAD = {"prompt": "Dunes", "aspect_ratio": "16:9", "resolution": "720p", "duration": 5}


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def entries_shown(client: Client, query: str) -> list[str]:
    """Entry, model and person of each row."""
    found = []
    for row in rows(client.get(f"/credits?{query}").text):
        cells = [text_of(cell) for cell in row.split("<td")[1:]]
        found.append(" ".join(cells[place].split(">", 1)[-1].strip() for place in (1, 3, 4)))
    return found


def csv_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/credits.csv?{query}")
    return list(csv.DictReader(io.StringIO(b"".join(response).decode(), newline="")))


def test_each_filter_lets_through_what_it_names(alice: Client, personas: Personas) -> None:
    key = key_of(personas.bob, "render farm")
    spend(personas.alice)
    fail(personas.bob, model_id=KLING, payload=KLING_PAYLOAD)
    spend(personas.bob, key_id=key.pk, source="api")
    assert entries_shown(alice, "kind=release") == ["Release Kling 3.0 Bob"]
    assert entries_shown(alice, "kind=grant") == ["Top-up Test credits to start with The server"]
    assert entries_shown(alice, f"member={personas.alice.user_id}") == ["Charge Veo 3.1 Alice", "Hold Veo 3.1 Alice"]
    assert entries_shown(alice, f"key={key.pk}") == ["Charge Veo 3.1 Key: render farm", "Hold Veo 3.1 Key: render farm"]
    assert entries_shown(alice, f"m=modkie/{KLING}") == ["Release Kling 3.0 Bob", "Hold Kling 3.0 Bob"]
    assert entries_shown(alice, f"kind=hold&member={personas.bob.user_id}&m=modkie/{KLING}") == ["Hold Kling 3.0 Bob"]


def test_a_month_is_a_filter(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = periods.day_of(clock.now() - timedelta(days=40))
    with monkeypatch.context() as then:
        days_ago(40, then)
        services.grant(team=personas.alice.team, mode="test", millicredits=5000, note="long ago")
    assert entries_shown(alice, f"month={earlier:%Y-%m}") == ["Top-up long ago The server"]
    assert "long ago" not in "".join(entries_shown(alice, f"month={periods.today():%Y-%m}"))


def test_what_is_chosen_stays_chosen_and_can_be_cleared(alice: Client, personas: Personas) -> None:
    page = alice.get(f"/credits?kind=hold&m=modkie/{VEO}&by=key").text
    assert '<option value="hold" selected>' in page
    assert f'<option value="modkie/{VEO}" selected>Veo 3.1</option>' in page
    assert 'href="/credits?by=key">Clear</a>' in page
    assert "Clear" not in alice.get("/credits?by=key").text


def test_the_charts_links_and_the_export_keep_the_filters(alice: Client) -> None:
    page = alice.get("/credits?kind=hold").text
    assert 'href="/credits?by=member&amp;kind=hold"' in page
    assert 'href="/credits.csv?kind=hold"' in page


def test_a_changed_filter_brings_the_ledger_its_links_and_a_short_address(alice: Client) -> None:
    response = alice.get("/credits?kind=grant&member=&key=&m=&month=&by=model", headers=HTMX)
    assert response["HX-Push-Url"] == "/credits?kind=grant"
    assert response.text.startswith('<section class="panel ledger" id="ledger"')
    assert 'id="export" href="/credits.csv?kind=grant" download hx-swap-oob="true"' in response.text
    assert 'id="by" aria-label="Usage by" hx-swap-oob="true"' in response.text
    assert "<html" not in response.text


@pytest.mark.parametrize(
    "query", ["kind=theft", "member=x", "member=-1", "key=²", "month=2025-13", "month=0000-00", "m=veo", "by=weather", "member=" + "9" * 40]
)
def test_what_cannot_be_read_is_as_good_as_left_out(alice: Client, query: str) -> None:
    assert entries_shown(alice, query) == ["Top-up Test credits to start with The server"]


@pytest.mark.parametrize("query", ["member=999999", "key=999999", "m=modkie/nothing", "month=2001-01"])
def test_a_filter_that_fits_nothing_says_so(alice: Client, query: str) -> None:
    page = alice.get(f"/credits?{query}").text
    assert "No entry fits these filters." in page
    assert "Clear" in page


# --- CSV ----------------------------------------------------------------------------------------------------------------
def test_the_csv_holds_every_entry_with_its_numbers(alice: Client, personas: Personas) -> None:
    key = key_of(personas.bob, "render farm")
    job = spend(personas.bob, 40, key_id=key.pk, source="api")
    charge, hold, grant = csv_of(alice)
    assert (charge["entry"], charge["task"], charge["by"], charge["key"]) == ("Charge", job.pk.hex, "Bob", "render farm")
    assert (charge["provider"], charge["model"]) == ("modkie", VEO)
    assert (charge["available change"], charge["held change"], charge["charged"], charge["available after"]) == ("20", "-60", "40", "9960")
    assert (hold["available change"], hold["charged"]) == ("-60", "")
    assert (grant["note"], grant["by"], grant["task"]) == ("Test credits to start with", "", "")
    assert charge["time"].endswith("+00:00")


def test_the_csv_follows_the_filters(alice: Client, personas: Personas) -> None:
    spend(personas.alice)
    assert [row["entry"] for row in csv_of(alice, "kind=capture")] == ["Charge"]


def test_the_csv_says_what_it_is(alice: Client, personas: Personas) -> None:
    response = alice.get("/credits.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith(f'attachment; filename="credits-{personas.alice.team.slug}-test-')
    assert response["Cache-Control"] == "no-store"


def test_a_note_is_never_a_formula(alice: Client, personas: Personas) -> None:
    services.grant(team=personas.alice.team, mode="test", millicredits=1000, note='=HYPERLINK("http://evil.example")')
    assert csv_of(alice)[0]["note"] == '\'=HYPERLINK("http://evil.example")'


def test_the_csv_holds_nothing_of_other_teams_and_of_the_other_mode(alice: Client, personas: Personas) -> None:
    spend(personas.charlie)
    services.grant(team=personas.alice.team, mode="live", millicredits=7000)
    assert [row["available change"] for row in csv_of(alice)] == ["10000"]


def test_the_csv_is_read_in_pieces_while_it_is_sent(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvexport, "_CHUNK_CHARACTERS", 1)
    for number in range(5):
        services.grant(team=personas.alice.team, mode="test", millicredits=1000, note=f"gift {number}")
    asked: list[int | None] = []
    page = entries.page

    def counted(account_id: int, wanted: entries.Filter, before: int | None, limit: int) -> object:
        asked.append(before)
        return page(account_id, wanted, before, 2)

    monkeypatch.setattr(entries, "page", counted)
    pieces = iter(alice.get("/credits.csv"))
    assert b"time,entry" in next(pieces)
    assert b"gift 4" in next(pieces)
    assert len(asked) == 1
    assert len(list(pieces)) == 5
    assert len(asked) == 4


def test_a_viewer_may_export_too(client: Client, personas: Personas) -> None:
    client.force_login(personas.bob.user)
    assert len(csv_of(client)) == 1
