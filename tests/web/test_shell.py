from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from playground.accounts import services
from playground.accounts.models import Membership
from playground.web import errors
from tests.factories import Personas, make_job

pytestmark = pytest.mark.django_db


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.mark.parametrize("path", ["/", "/models", "/gallery", "/credits"])
def test_a_stranger_is_sent_to_the_sign_in_page(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login")


def test_a_strangers_fragment_leaves_the_page_instead_of_swapping_the_sign_in_form_into_it(client: Client) -> None:
    response = client.get("/models", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/gallery?scope=team"})
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/login?next=%2Fgallery%3Fscope%3Dteam"


def test_a_person_without_a_team_is_told_so(client: Client) -> None:
    client.force_login(services.create_owner(email="dora@example.com", team_slug="gone").user)
    Membership.objects.filter(user__email="dora@example.com").delete()
    response = client.get("/gallery")
    assert response.status_code == 403
    assert "You are in no team yet" in response.text


def test_the_top_bar_shows_balance_running_count_and_only_what_exists(personas: Personas) -> None:
    make_job(personas.alice)
    page = signed_in(personas.alice).get("/models").text
    assert "9,940" in page
    assert 'id="rolling"' in page
    assert re.findall(r'data-go="(\w)"', page) == ["m", "c", "g", "t", "b"]
    assert f'href="{reverse("docs")}"' in page
    assert "</header>" in page


def test_the_account_menu_leads_to_the_api_where_a_phone_s_bars_do_not(personas: Personas) -> None:
    page = signed_in(personas.alice).get("/models").text
    menu = page[page.index('id="account-menu"') : page.index("Sign out")]

    assert '<a class="item only-s" href="/docs">' in menu


def test_the_frame_asks_for_people_balance_and_count_once_each(
    personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(personas.alice)
    # Session and user are Django's; memberships, account and running count are the frame's.
    with django_assert_max_num_queries(5):
        client.get("/account/password")


def test_live_is_disabled_with_its_reason_while_there_is_no_key(personas: Personas) -> None:
    client = signed_in(personas.alice)
    assert "Live needs a provider key" in client.get("/models").text
    client.post("/prefs", {"mode": "live"})
    assert '"X-Rushes-Place": "northlight/test"' in client.get("/credits").text


def test_the_mode_is_kept_when_there_is_a_key(personas: Personas, settings: LazySettings) -> None:
    settings.MODKIE_API_KEY = "k"
    client = signed_in(personas.alice)
    response = client.post("/prefs", {"mode": "live", "next": "/credits?before=3"})
    assert (response.status_code, response["Location"]) == (303, "/credits")
    assert '"X-Rushes-Place": "northlight/live"' in client.get("/credits").text


def test_the_theme_is_in_the_first_byte_of_the_next_page(client: Client) -> None:
    response = client.post("/prefs", {"theme": "dark", "next": "/login?next=/gallery"})
    assert response["Location"] == "/login?next=/gallery"
    assert '<html lang="en" data-theme="dark"' in client.get("/login").text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_prefs_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    assert client.post("/prefs", {"theme": "dark", "next": elsewhere})["Location"] == "/"


def test_a_person_switches_only_to_teams_of_theirs(personas: Personas) -> None:
    services.create_owner(email=personas.alice.user.email, team_slug="second-unit")
    client = signed_in(personas.alice)
    client.post("/prefs", {"team": "second-unit"})
    assert '"X-Rushes-Place": "second-unit/test"' in client.get("/credits").text
    client.post("/prefs", {"team": personas.charlie.team.slug})
    assert '"X-Rushes-Place": "second-unit/test"' in client.get("/credits").text


def test_pages_allow_no_inline_script_and_load_nothing_from_elsewhere(personas: Personas) -> None:
    response = signed_in(personas.alice).get("/models")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "<style" not in response.text
    assert "https://" not in response.text
    assert all("src=" in script for script in response.text.split("<script")[1:])


def test_a_form_can_be_sent_because_its_page_lets_the_browser_name_the_origin(client: Client) -> None:
    assert client.get("/login")["Referrer-Policy"] == "same-origin"


def test_days_and_times_are_the_viewers(personas: Personas) -> None:
    client = signed_in(personas.alice)
    client.cookies["tz"] = "Pacific/Kiritimati"
    assert "+14:00" in client.get("/credits").text
    client.cookies["tz"] = "../../etc/passwd"
    assert "+14:00" not in client.get("/credits").text


def test_an_unknown_page_is_a_page_of_ours_with_ways_out(personas: Personas) -> None:
    response = signed_in(personas.alice).get("/nowhere")
    assert response.status_code == 404
    assert "Nothing here" in response.text


def test_a_wrong_host_is_told_the_setting(client: Client) -> None:
    response = client.get("/login", headers={"host": "wrong.example"})
    assert response.status_code == 400
    assert "PUBLIC_URL" in response.text
    assert "http://testserver" in response.text
    assert "wrong.example" in response.text


def test_a_failure_prints_the_number_that_the_log_has(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.META["REQUEST_ID"] = "abc123"
    response = errors.server_error(request)
    assert response.status_code == 500
    assert "abc123" in response.text


class TestStaleForm:
    def test_htmx_keeps_the_page_and_gets_an_event(self) -> None:
        client = Client(enforce_csrf_checks=True)
        response = client.post("/prefs", {"theme": "dark"}, headers={"HX-Request": "true"})
        assert response.status_code == 403
        assert response["HX-Trigger"] == "csrf-stale"
        assert response["HX-Reswap"] == "none"
        assert response.content == b""

    def test_a_page_gets_its_typed_texts_back_escaped(self) -> None:
        client = Client(enforce_csrf_checks=True)
        response = client.post("/prefs", {"prompt": "<script>alert('x')</script> \"$(id)\"", "password": "secret"})
        assert response.status_code == 403
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &quot;$(id)&quot;" in response.text
        assert "secret" not in response.text
