"""Adding credits: who may, in which mode, what is refused, and that nothing is ever added twice."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from playground.accounts.models import AuditEvent, Role, Team
from playground.credits.models import Account, Entry, EntryKind
from playground.web import funding_views, oncetokens
from tests.factories import MembershipFactory, Personas, make_job
from tests.web.credits import form_of, hidden_of, join, send, text_of
from tests.web.playground import KLING_FIELDS, KLING_PAGE

pytestmark = pytest.mark.django_db
TOP_UP, CORRECTION = "grant-title", "adjust-title"


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


@pytest.fixture
def live(alice: Client, personas: Personas, settings: LazySettings) -> Client:
    """Alice in live mode, which has a provider key."""
    settings.KIE_API_KEY = "a-provider-key"
    alice.post("/prefs", {"mode": "live"})
    return alice


def make_operator(personas: Personas) -> None:
    personas.alice.user.is_superuser = True
    personas.alice.user.save()


def top_up(client: Client, **fields: str) -> dict[str, str]:
    """The form as it is sent, without its button."""
    return form_of(client.get("/credits/add").text, TOP_UP) | fields


def available(personas: Personas, mode: str = "test") -> int:
    return Account.objects.get(team=personas.alice.team, mode=mode).available_millicredits // 1000


def grants(personas: Personas) -> list[int]:
    entries = Entry.objects.filter(account__team=personas.alice.team, kind=EntryKind.GRANT, actor__isnull=False)
    return [entry.available_delta_millicredits // 1000 for entry in entries]


# --- adding -----------------------------------------------------------------------------------------------------------
def test_a_pack_is_named_with_its_account_before_it_is_added(alice: Client, personas: Personas) -> None:
    asked = send(alice, top_up(alice, pack="5000", note="Invoice 17"))
    assert asked.status_code == 200
    assert "Add 5,000 test credits to Northlight?" in asked.text
    assert "Account Northlight, test Amount +5,000 Available now 10,000 Available after 15,000 Note Invoice 17" in text_of(asked.text)
    assert available(personas) == 10_000

    done = alice.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"}, follow=True)
    assert done.redirect_chain == [("/credits", 302)]
    assert "5,000 test credits added. 15,000 are available." in done.text
    assert "Invoice 17" in done.text
    assert available(personas) == 15_000


def test_an_amount_of_ones_own_may_have_commas_and_decimals(alice: Client, personas: Personas) -> None:
    asked = send(alice, top_up(alice, credits="1,250.5"))
    alice.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"})
    assert Account.objects.get(team=personas.alice.team, mode="test").available_millicredits == 11_250_500


def test_it_stands_in_the_audit_log(alice: Client, personas: Personas) -> None:
    asked = send(alice, top_up(alice, pack="1000"))
    alice.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"})
    event = AuditEvent.objects.get(action="credits.granted")
    assert (event.actor_id, event.detail["millicredits"], event.via) == (personas.alice.user_id, 1_000_000, "page")


def test_change_leads_back_to_the_form_with_everything_in_it(alice: Client, personas: Personas) -> None:
    asked = send(alice, top_up(alice, credits="1,250", note="Invoice 17"))
    page = alice.post("/credits/add", hidden_of(asked.text) | {"step": "change"})
    assert page.status_code == 200
    assert form_of(page.text, TOP_UP) | {"credits": "1,250", "note": "Invoice 17"} == form_of(page.text, TOP_UP)
    assert available(personas) == 10_000


def test_live_packs_say_what_they_are_worth_at_the_teams_rate(live: Client, personas: Personas) -> None:
    make_operator(personas)
    Team.objects.filter(pk=personas.alice.team_id).update(usd_per_credit="0.01")
    page = live.get("/credits/add").text
    assert "1,000 ≈ $10.00" in text_of(page)
    asked = send(live, top_up(live, pack="1000"))
    assert "Worth ≈ $10.00" in text_of(asked.text)
    live.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"})
    assert (available(personas, "live"), available(personas)) == (1000, 10_000)


# --- once -------------------------------------------------------------------------------------------------------------
def test_a_double_submit_adds_once(alice: Client, personas: Personas) -> None:
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text) | {"step": "confirm"}
    alice.post("/credits/add", asked)
    again = alice.post("/credits/add", asked, follow=True)
    assert funding_views.SENT_BEFORE in again.text
    assert grants(personas) == [5000]


def test_the_same_amount_may_be_added_again_from_a_new_form(alice: Client, personas: Personas) -> None:
    for _ in range(2):
        asked = send(alice, top_up(alice, pack="5000"))
        alice.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"})
    assert grants(personas) == [5000, 5000]


@pytest.mark.parametrize("once", ["", "x", "a:b:c", "\0", "é" * 2000])
def test_without_its_number_a_form_is_asked_about_once_more(alice: Client, personas: Personas, once: str) -> None:
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text)
    refused = alice.post("/credits/add", asked | {"step": "confirm", "once": once})
    assert refused.status_code == 409
    assert funding_views.STALE in refused.text
    assert grants(personas) == []
    alice.post("/credits/add", hidden_of(refused.text) | {"step": "confirm"})
    assert grants(personas) == [5000]


def test_a_number_is_for_one_person_one_team_and_one_thing(alice: Client, client: Client, personas: Personas) -> None:
    bob = join(personas, Role.OWNER, "Robin")
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text) | {"step": "confirm"}
    client.force_login(bob.user)
    assert client.post("/credits/add", asked).status_code == 409
    assert grants(personas) == []


def test_an_old_form_adds_nothing(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text) | {"step": "confirm"}
    monkeypatch.setattr(oncetokens, "GOOD_FOR_SECONDS", -1)
    assert alice.post("/credits/add", asked).status_code == 409
    assert grants(personas) == []


# --- bad input --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("credits", "words"),
    [
        ("", "Choose a pack or write an amount."),
        ("many", "Write a number, like 1,500 or 12.5."),
        ("1e9", "Write a number, like 1,500 or 12.5."),
        ("NaN", "Write a number, like 1,500 or 12.5."),
        ("１２", "Write a number, like 1,500 or 12.5."),
        ("12,34", "Write a number, like 1,500 or 12.5."),
        ("9" * 5000, "Write a number, like 1,500 or 12.5."),
        ("0", "The amount must be more than 0."),
        ("-5", "The amount must be more than 0."),
        ("−5", "The amount must be more than 0."),
        ("0.0001", "A credit has at most three decimals."),
        ("9,000,000,000,000", "At most 1,000,000,000,000 credits at once."),
    ],
)
@pytest.mark.parametrize("step", ["", "confirm"])
def test_a_wrong_amount_is_refused_at_its_field_and_nothing_is_lost(
    alice: Client, personas: Personas, credits: str, words: str, step: str
) -> None:
    refused = send(alice, top_up(alice, credits=credits, note="Invoice <17>", step=step))
    assert refused.status_code == 422
    assert 'id="id_credits-about"><p class="hint bad">' in refused.text.replace("\n", "")
    assert words in text_of(refused.text.split('id="id_credits-about"')[1])
    kept = form_of(refused.text, TOP_UP)
    assert (kept["credits"], kept["note"]) == (credits, "Invoice <17>")
    assert available(personas) == 10_000


def test_a_pack_and_an_amount_are_never_guessed_between(alice: Client) -> None:
    refused = send(alice, top_up(alice, pack="5000", credits="12"))
    assert refused.status_code == 422
    assert "The pack of 5,000 is chosen, too." in refused.text


def test_a_pack_that_is_not_there_is_refused(alice: Client) -> None:
    refused = send(alice, top_up(alice, pack="7"))
    assert (refused.status_code, "There is no such pack." in refused.text) == (422, True)


@pytest.mark.parametrize("action", ["", "steal"])
def test_an_unknown_action_does_nothing(alice: Client, personas: Personas, action: str) -> None:
    assert send(alice, top_up(alice, pack="5000", action=action, step="confirm")).status_code == 422
    assert grants(personas) == []


# --- corrections ------------------------------------------------------------------------------------------------------
def correction(client: Client, credits: str, note: str) -> dict[str, str]:
    return form_of(client.get("/credits/add").text, CORRECTION) | {"adjust-credits": credits, "adjust-note": note}


def test_credits_are_taken_away_with_a_reason(alice: Client, personas: Personas) -> None:
    asked = send(alice, correction(alice, "−35", "Counted twice"))
    assert "Take away 35 test credits from Northlight?" in asked.text
    assert "Amount −35 Available now 10,000 Available after 9,965 Reason Counted twice" in text_of(asked.text)
    done = alice.post("/credits/add", hidden_of(asked.text) | {"step": "confirm"}, follow=True)
    assert "35 test credits taken away. 9,965 are available." in done.text
    assert available(personas) == 9965


@pytest.mark.parametrize(
    ("credits", "note", "field", "words"),
    [
        ("-35", "  ", "note", "Say why. It stands in the ledger."),
        ("", "because", "credits", "Write an amount."),
        ("0", "because", "credits", "Write an amount other than 0."),
        ("-10,001", "because", "credits", "Only 10,000 are available. What is held cannot be taken away."),
    ],
)
def test_a_wrong_correction_is_refused_at_its_field(
    alice: Client, personas: Personas, credits: str, note: str, field: str, words: str
) -> None:
    refused = send(alice, correction(alice, credits, note))
    assert refused.status_code == 422
    assert words in text_of(refused.text.split(f'id="id_adjust-{field}-about"')[1])
    assert available(personas) == 10_000


def test_what_was_spent_meanwhile_cannot_be_taken_away(alice: Client, personas: Personas) -> None:
    asked = hidden_of(send(alice, correction(alice, "-10,000", "Start again")).text)
    make_job(personas.bob)
    refused = alice.post("/credits/add", asked | {"step": "confirm"})
    assert refused.status_code == 422
    assert "Only 9,940 are available." in refused.text
    assert available(personas) == 9940


# --- who may ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_only_owners_add_credits(client: Client, personas: Personas, role: Role) -> None:
    client.force_login(join(personas, role, "Robin").user)
    for response in (client.get("/credits/add"), client.post("/credits/add", {"action": "grant", "pack": "5000", "step": "confirm"})):
        assert response.status_code == 403
        assert f"needs the role Owner. Yours is {role.label}." in response.text
    assert client.post("/credits/rate", {"usd": "1"}).status_code == 403
    assert grants(personas) == []


def test_owners_are_told_whom_to_ask_for_live_credits(live: Client, personas: Personas) -> None:
    page = live.get("/credits/add").text
    assert "Live credits are given out by whoever runs this installation. Ask whoever runs this installation to add some." in text_of(page)
    assert "Top up" not in page
    refused = send(live, {"action": "grant", "pack": "5000", "step": "confirm"})
    assert (refused.status_code, "Live credits are given out by" in refused.text) == (403, True)
    assert not Entry.objects.filter(account__mode="live").exists()


def test_whoever_runs_the_installation_is_named_to_their_team(live: Client, personas: Personas) -> None:
    operator = join(personas, Role.MEMBER, "Olga")
    operator.user.is_superuser = True
    operator.user.save()
    assert "Ask Olga to add some." in text_of(live.get("/credits/add").text)


def test_two_tabs_in_two_teams_never_add_to_the_wrong_one(alice: Client, personas: Personas) -> None:
    other = MembershipFactory.create(user=personas.alice.user, team=personas.charlie.team, role=Role.OWNER)
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text) | {"step": "confirm"}
    alice.post("/prefs", {"team": other.team.slug})
    refused = alice.post("/credits/add", asked)
    assert refused.status_code == 409
    assert "Nothing was changed and nothing was spent." in refused.text
    assert grants(personas) == []
    assert not Entry.objects.filter(account__team=other.team, actor=personas.alice.user).exists()


def test_a_test_form_adds_nothing_once_the_person_is_in_live(alice: Client, personas: Personas, settings: LazySettings) -> None:
    make_operator(personas)
    settings.KIE_API_KEY = "a-provider-key"
    asked = hidden_of(send(alice, top_up(alice, pack="5000")).text) | {"step": "confirm"}
    alice.post("/prefs", {"mode": "live"})
    assert alice.post("/credits/add", asked).status_code == 409
    assert grants(personas) == []


# --- the price of a credit --------------------------------------------------------------------------------------------
def test_an_operator_sets_the_teams_rate_and_returns_to_the_common_one(alice: Client, personas: Personas) -> None:
    make_operator(personas)
    page = alice.post("/credits/rate", {"usd": "$0.008"}, follow=True).text
    assert "A credit costs Northlight $0.008." in page
    assert form_of(page, "rate-title")["usd"] == "0.008"
    assert "A credit costs Northlight $0.005." in alice.post("/credits/rate", {"usd": ""}, follow=True).text


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        ("cheap", "Write a number"),
        ("0", "more than $0"),
        ("-1", "more than $0"),
        ("NaN", "more than $0"),
        ("0.0000001", "at most six decimals"),
    ],
)
def test_an_absurd_rate_is_refused_at_its_field(alice: Client, personas: Personas, usd: str, words: str) -> None:
    make_operator(personas)
    refused = alice.post("/credits/rate", {"usd": usd})
    assert refused.status_code == 422
    assert words in text_of(refused.text.split('id="id_usd-about"')[1])
    assert form_of(refused.text, "rate-title")["usd"] == usd


def test_owners_who_do_not_run_the_installation_do_not_set_the_rate(alice: Client, personas: Personas) -> None:
    assert "Price of a credit" not in alice.get("/credits/add").text
    refused = alice.post("/credits/rate", {"usd": "1"})
    assert refused.status_code == 403
    assert Team.objects.get(pk=personas.alice.team_id).usd_per_credit is None


# --- where too few are said -------------------------------------------------------------------------------------------
def test_the_footer_leads_who_may_to_adding_and_tells_others_whom_to_ask(client: Client, personas: Personas) -> None:
    Account.objects.filter(team=personas.alice.team).update(available_millicredits=20_000)
    client.force_login(personas.alice.user)
    foot = client.post(f"{KLING_PAGE}/quote", KLING_FIELDS, headers={"HX-Request": "true"}).text
    assert 'href="/credits/add">Add credits</a>' in foot
    client.force_login(personas.bob.user)
    foot = client.post(f"{KLING_PAGE}/quote", KLING_FIELDS, headers={"HX-Request": "true"}).text
    assert "You have 20. 15 more needed. Ask Alice to add credits." in foot
    assert 'href="/credits">See credits</a>' in foot
