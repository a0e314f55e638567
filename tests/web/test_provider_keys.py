"""The provider page's keys: only the operator enters them, nobody reads them back, and live mode follows at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from playground.accounts import audit
from playground.accounts.models import AuditEvent, Membership, Role
from playground.credits import services as ledger
from playground.jobs import provider_accounts, provider_keys, upstreams
from playground.jobs.models import ProviderAccount, ProviderSecret
from playground.providers.base import AccountTrouble
from playground.providers.http_provider import HttpProvider
from tests.factories import MembershipFactory, Personas, make_owner

pytestmark = pytest.mark.django_db
KEY = "sk-entered-4c1d9a72e0b35f68"


@pytest.fixture(autouse=True)
def _nobody_outside(settings: Settings) -> None:
    """A provider that cannot be reached, unless the test says otherwise."""
    settings.KIE_BASE_URL = settings.MODKIE_BASE_URL = settings.KIE_UPLOAD_BASE_URL = "http://127.0.0.1:1"


@pytest.fixture
def operator() -> Membership:
    owner = make_owner()
    owner.user.is_superuser = True
    owner.user.save()
    return owner


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def enter(membership: Membership, key: str = KEY, *, name: str = "kie", kind: str = "api_key", action: str = "set", **more: Any) -> Any:
    return client_of(membership).post(f"/providers/{name}/key", {"kind": kind, "provider_key": key, "action": action}, **more)


def page_of(membership: Membership, path: str = "/providers") -> str:
    return client_of(membership).get(path).content.decode()


def provider_says(monkeypatch: pytest.MonkeyPatch, answer: int | Exception | None) -> None:
    async def balance(self: HttpProvider) -> int | None:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(HttpProvider, "balance", balance)


# --- entering ---------------------------------------------------------------------------------------------------------
def test_an_operator_enters_a_key_and_live_mode_is_there(operator: Membership) -> None:
    assert "No provider key yet" in page_of(operator, "/models")
    response = enter(operator)
    assert response.status_code == 302 and response["Location"] == "/providers#account-kie"
    assert upstreams.api_key("kie") == KEY
    assert "No provider key yet" not in page_of(operator, "/models")


def test_the_page_says_when_and_by_whom_and_no_more_than_the_last_four(operator: Membership) -> None:
    enter(operator)
    page = page_of(operator)
    assert "by Alice &lt;alice@example.com&gt;, ends with 5f68" in page
    assert KEY not in page and KEY[:-4] not in page and "2e0b35f68" not in page


def test_of_a_short_key_not_even_the_end_is_kept(operator: Membership) -> None:
    enter(operator, "sk-stand-in")
    assert ProviderSecret.objects.get().suffix == ""
    assert "ends with" not in page_of(operator)


def test_a_provider_that_cannot_be_reached_does_not_keep_a_key_from_being_saved(operator: Membership) -> None:
    response = enter(operator, follow=True)
    assert "KIE API key saved. KIE refuses or cannot be reached" in response.content.decode()
    assert upstreams.api_key("kie") == KEY


def test_what_the_provider_says_of_a_new_key_is_told_at_once(operator: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    provider_says(monkeypatch, 412_000)
    client = client_of(operator)
    client.post("/providers/kie/key", {"kind": "api_key", "provider_key": KEY, "action": "set"})
    assert "KIE API key saved. The key is accepted. 412 credits there." in client.get("/providers").content.decode()


def test_a_key_that_the_provider_refuses_is_trouble_and_the_next_one_ends_it(operator: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    provider_says(monkeypatch, AccountTrouble("You do not have access permissions", code="401"))
    enter(operator)
    page = page_of(operator)
    assert "In trouble" in page and "401 You do not have access permissions" in page
    assert provider_accounts.closed() == {"kie"}
    provider_says(monkeypatch, 1_000_000)
    enter(operator, "sk-the-right-one-0123456789")
    assert "In trouble" not in page_of(operator) and provider_accounts.closed() == set()


def test_a_key_is_removed_and_live_mode_is_gone(operator: Membership) -> None:
    enter(operator)
    assert enter(operator, action="remove").status_code == 302
    assert not upstreams.any_live_available() and not ProviderSecret.objects.exists()
    assert "There is no key: its models run in Test only." in page_of(operator)


def test_another_key_forgets_what_was_known_of_the_account_before(operator: Membership) -> None:
    ProviderAccount.objects.create(provider="kie", balance_millicredits=5_000, trouble="KIE: 401")
    enter(operator, kind="api_key")
    account = ProviderAccount.objects.get(provider="kie")
    assert account.balance_millicredits is None and account.paused_until is None


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "Enter the key."),
        ("   ", "Enter the key."),
        ("short", "too short"),
        ("k" * 501, "too long"),
        ("sk with a space", "without spaces"),
    ],
)
def test_a_key_that_can_be_none_is_refused_at_its_field_and_not_given_back(operator: Membership, key: str, words: str) -> None:
    response = enter(operator, key)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page and 'aria-invalid="true"' in page and 'aria-describedby="kie-api_key-about"' in page
    assert len(key) < 6 or key not in page
    assert not ProviderSecret.objects.exists()


@pytest.mark.parametrize(("name", "kind"), [("sandbox", "api_key"), ("nobody", "api_key"), ("modkie", "webhook_key"), ("kie", "")])
def test_a_key_that_does_not_exist_is_404(operator: Membership, name: str, kind: str) -> None:
    assert enter(operator, name=name, kind=kind).status_code == 404
    assert client_of(operator).post("/providers/nobody/check").status_code == 404


def test_the_refusal_of_a_stale_form_does_not_repeat_the_key(operator: Membership) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator.user)
    response = client.post("/providers/kie/key", {"kind": "api_key", "provider_key": KEY, "action": "set"})
    assert response.status_code == 403 and KEY not in response.content.decode()
    assert 'href="/providers"' in response.content.decode()


def test_keys_are_entered_by_post_alone(operator: Membership) -> None:
    client = client_of(operator)
    assert client.get("/providers/kie/key").status_code == 405
    assert client.get("/providers/kie/check").status_code == 405


# --- who --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def others(operator: Membership) -> dict[str, Membership]:
    """Everybody who does not run the installation."""
    team = operator.team
    found = {role: MembershipFactory.create(user__email=f"{role}@example.com", team=team, role=role) for role in Role}
    return {str(role): member for role, member in found.items()} | {"owner of another team": make_owner("charlie@example.com", "elsewhere")}


def test_nobody_else_enters_removes_or_checks(operator: Membership, others: dict[str, Membership]) -> None:
    enter(operator)
    for who, membership in others.items():
        assert enter(membership, "sk-somebody-else-s-key").status_code == 403, who
        assert enter(membership, action="remove").status_code == 403, who
        assert client_of(membership).post("/providers/kie/check").status_code == 403, who
    assert upstreams.api_key("kie") == KEY
    assert enter_signed_out().status_code == 302


def enter_signed_out() -> HttpResponse:
    answer: HttpResponse = Client().post("/providers/kie/key", {"kind": "api_key", "provider_key": KEY})  # type: ignore[assignment]
    return answer


def test_other_owners_see_the_state_and_nothing_of_the_installation(operator: Membership, others: dict[str, Membership]) -> None:
    enter(operator)
    ProviderAccount.objects.update_or_create(provider="kie", defaults={"balance_millicredits": 77_123_000})
    ledger.grant(team=operator.team, mode="live", millicredits=88_456_000)
    assert "77,123" in page_of(operator) and "88,456" in page_of(operator)
    for who in (Role.OWNER, "owner of another team"):
        page = page_of(others[who])
        assert "<h2>KIE</h2>" in page
        assert "77,123" not in page and "88,456" not in page and "ends with" not in page and "alice@" not in page
        assert "provider_key" not in page and "Check KIE now" not in page
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        assert client_of(others[role]).get("/providers").status_code == 403


# --- write-only -------------------------------------------------------------------------------------------------------
def texts_of_all_tables() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield f"{table}: {row}"


def test_the_key_is_in_no_page_no_log_no_line_of_the_audit_and_no_row(
    operator: Membership, others: dict[str, Membership], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(operator)
    form = {"kind": "api_key", "provider_key": KEY, "action": "set"}
    changes: list[dict[str, str]] = [{}, {"kind": "webhook_key"}, {"provider_key": f"{KEY} {KEY}"}]
    answers = [client.post("/providers/kie/key", form | change) for change in changes]
    answers += [client.post("/providers/kie/check"), *(client.get(path) for path in ("/providers", "/credits", "/models"))]
    assert all(KEY[:-4] not in answer.content.decode() for answer in answers)
    assert KEY[:-4] not in caplog.text
    assert [text for text in texts_of_all_tables() if KEY[:-4] in text] == []


def test_setting_and_removing_are_written_down_with_the_end_of_the_key(operator: Membership) -> None:
    enter(operator)
    enter(operator)
    enter(operator, action="remove")
    lines = AuditEvent.objects.filter(action__startswith="provider.").order_by("pk")
    assert [(line.action, line.subject, line.detail.get("replaced")) for line in lines] == [
        ("provider.key_set", "KIE API key", False),
        ("provider.key_set", "KIE API key", True),
        ("provider.key_removed", "KIE API key", None),
    ]
    assert {line.detail["ends_with"] for line in lines} == {"5f68"}
    assert {(line.team_id, line.actor_id, line.via) for line in lines} == {(operator.team_id, operator.user_id, "page")}


def test_a_refused_key_leaves_no_line(operator: Membership) -> None:
    enter(operator, "short")
    enter(operator, action="remove")
    assert not audit.of_team(operator.team_id).exists()


# --- environment, secret key ------------------------------------------------------------------------------------------
def test_the_environment_wins_and_the_page_says_so(operator: Membership, settings: Settings) -> None:
    settings.KIE_API_KEY = "sk-of-the-environment"
    page = page_of(operator)
    assert "KIE API key: KIE_API_KEY of the environment. It wins over a key entered here." in page
    assert 'id="kie-api_key"' not in page
    response = enter(operator, follow=True)
    assert "KIE_API_KEY is set in the environment and wins over it." in response.content.decode()
    assert upstreams.api_key("kie") == "sk-of-the-environment"
    assert "which wins over the one set on" in page_of(operator)


def test_after_another_secret_key_the_page_asks_for_the_key_again(operator: Membership, settings: Settings) -> None:
    enter(operator)
    settings.SECRET_KEY = "another"
    provider_keys.forget()
    page = page_of(operator)
    assert "cannot be read, because SECRET_KEY has changed" in page
    assert "There is no key: its models run in Test only." in page
    assert "No provider key yet" in page_of(operator, "/models")
    provider_keys.save("kie", KEY)
    assert upstreams.api_key("kie") == KEY


# --- checking ---------------------------------------------------------------------------------------------------------
def test_check_now_says_what_works(operator: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(operator, name="modkie")
    provider_says(monkeypatch, 412_500)
    response = client_of(operator).post("/providers/modkie/check")
    page = response.content.decode()
    assert response.status_code == 200
    assert "The key is accepted." in page and "412.5 credits there." in page
    assert response["Cache-Control"] == "no-store"


def test_checking_too_often_is_refused_in_words(operator: Membership) -> None:
    client = client_of(operator)
    enter(operator)
    statuses = [client.post("/providers/kie/check").status_code for _ in range(10)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert "This was checked too often." in client.post("/providers/kie/check").content.decode()
    assert enter(operator).status_code == 302, "a key can be saved all the same"


def test_a_member_of_two_teams_is_judged_by_the_team_that_is_open(personas: Personas) -> None:
    personas.bob.user.is_superuser = True
    personas.bob.user.save()
    assert client_of(personas.bob).get("/providers").status_code == 403
    assert enter(personas.bob).status_code == 403
