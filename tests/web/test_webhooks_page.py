"""The pages of webhooks: a secret is shown once, what was sent can be read and sent again, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from playground.accounts.models import AuditEvent, Role
from playground.webhooks import endpoints, engine, services
from playground.webhooks.models import Delivery, DeliveryState, Endpoint
from tests.factories import MembershipFactory, Personas, make_job
from tests.web.people import signed_in
from tests.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db
PAGE = "/webhooks"
URL = "https://example.com/hook"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice(personas: Personas) -> Client:
    return signed_in(personas.alice)


@pytest.fixture
def endpoint(personas: Personas) -> Endpoint:
    return endpoints.create(personas.alice, mode="test", url=URL)[0]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as seen:
        settings.OUTBOUND_ALLOW = [seen.allowed]
        yield seen


def secret_in(answer: Any) -> str:
    found = re.search(r'value="(whsec_[^"]+)"', answer.text)
    return found[1] if found else ""


def logged() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(action__startswith="webhook.").order_by("pk").values_list("action", "subject"))


def test_a_webhook_is_made_and_its_secret_is_shown_once(alice: Client, receiver: Receiver) -> None:
    answer = alice.post(PAGE, {"url": receiver.url(), "description": "Our shop"})
    secret = secret_in(answer)
    page = alice.get(PAGE).text

    assert answer["Cache-Control"] == "no-store" and "<dialog" in answer.text
    assert secret not in page and f"whsec_…{secret.rstrip('=')[-4:]}" in page and "Our shop" in page
    assert logged() == [("webhook.created", receiver.url())]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "This field is required."),
        ("example.com/hook", "The URL must begin with https:// or http://"),
        ("ftp://example.com/", "The URL must begin with https:// or http://"),
        ("https://me:secret@example.com/", "The URL must begin with https:// or http://"),
        ("https://10.0.0.1/", "The URL must lead to a public address."),
        ("https://exämple.com/", "The URL must be in ASCII"),
        ("https://example.com/" + "a" * 2000, "at most 2000 characters"),
    ],
)
def test_a_bad_address_is_refused_and_what_was_typed_stays(alice: Client, url: str, words: str) -> None:
    answer = alice.post(PAGE, {"url": url, "description": "Our shop"})

    assert answer.status_code == 422 and words in answer.text
    assert f'value="{url}"' in answer.text and 'value="Our shop"' in answer.text
    assert not Endpoint.objects.exists()


def test_a_form_that_is_sent_again_makes_no_second_webhook(alice: Client) -> None:
    nonce = re.search(r'name="_nonce" value="([^"]+)"', alice.get(PAGE).text)
    assert nonce
    answers = [alice.post(PAGE, {"url": URL, "_nonce": nonce[1]}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 302]
    assert Endpoint.objects.count() == 1


def test_there_is_an_end_to_how_many_a_team_has(alice: Client, personas: Personas) -> None:
    for _ in range(endpoints.MOST_ENDPOINTS):
        endpoints.create(personas.alice, mode="test", url=URL)
    answer = alice.post(PAGE, {"url": URL})

    assert answer.status_code == 422 and "A team has at most 10 endpoints." in answer.text


def test_members_are_told_which_role_is_needed_and_see_no_link(personas: Personas) -> None:
    bob = signed_in(personas.bob)

    assert bob.get(PAGE).status_code == 403
    assert f'href="{PAGE}"' not in bob.get("/settings/keys").text
    admin = signed_in(MembershipFactory.create(team=personas.alice.team, role=Role.ADMIN))
    assert f'href="{PAGE}"' in admin.get("/settings/keys").text and f'href="{PAGE}"' in admin.get("/team").text


def test_a_webhook_of_the_other_mode_is_not_here(alice: Client, personas: Personas) -> None:
    live, _ = endpoints.create(personas.alice, mode="live", url="https://live.example/")

    assert "live.example" not in alice.get(PAGE).text
    assert alice.get(f"{PAGE}/{live.pk}").status_code == 404


class TestOneWebhook:
    def test_switching_it_off_ends_what_still_waits(self, alice: Client, endpoint: Endpoint) -> None:
        endpoints.send_test_event(endpoint)
        page = alice.post(f"{PAGE}/{endpoint.pk}", {"url": URL, "description": ""}, follow=True).text

        assert "Changes saved." in page
        assert (Delivery.objects.get().state, Delivery.objects.get().last_error) == (DeliveryState.DEAD, endpoints.SWITCHED_OFF)
        assert logged()[-1] == ("webhook.changed", URL)

    def test_what_waits_goes_to_the_new_address(self, alice: Client, endpoint: Endpoint) -> None:
        endpoints.send_test_event(endpoint)
        alice.post(f"{PAGE}/{endpoint.pk}", {"url": "https://example.com/new", "is_enabled": "on"})

        assert Delivery.objects.get().url == "https://example.com/new"
        assert AuditEvent.objects.get(action="webhook.changed").detail["before"] == URL

    def test_a_bad_change_is_refused_and_changes_nothing(self, alice: Client, endpoint: Endpoint) -> None:
        answer = alice.post(f"{PAGE}/{endpoint.pk}", {"url": "nonsense", "is_enabled": "on"})

        assert answer.status_code == 422 and 'value="nonsense"' in answer.text
        assert Endpoint.objects.get().url == URL

    def test_a_new_secret_is_shown_once_and_signs(self, alice: Client, endpoint: Endpoint, receiver: Receiver) -> None:
        Endpoint.objects.update(url=receiver.url())
        secret = secret_in(alice.post(f"{PAGE}/{endpoint.pk}/secret"))
        alice.post(f"{PAGE}/{endpoint.pk}/test")
        engine.deliver_due()

        assert Webhook(secret).verify(receiver.bodies[0].decode(), receiver.heads[0])
        assert secret not in alice.get(f"{PAGE}/{endpoint.pk}").text
        assert logged()[-1] == ("webhook.secret", receiver.url())

    def test_removing_it_asks_first_and_takes_its_deliveries_along(self, alice: Client, endpoint: Endpoint) -> None:
        endpoints.send_test_event(endpoint)
        assert "Remove this webhook?" in alice.get(f"{PAGE}/{endpoint.pk}/remove").text
        page = alice.post(f"{PAGE}/{endpoint.pk}/remove", follow=True).text

        assert "The webhook is removed" in page
        assert not Endpoint.objects.exists() and not Delivery.objects.exists()
        assert logged()[-1] == ("webhook.removed", URL)


class TestDeliveries:
    def test_a_test_event_shows_what_was_sent_and_answered(self, alice: Client, endpoint: Endpoint, receiver: Receiver) -> None:
        Endpoint.objects.update(url=receiver.url("/broken"))
        before = alice.post(f"{PAGE}/{endpoint.pk}/test", follow=True)
        engine.deliver_due()
        after = alice.get(before.redirect_chain[-1][0]).text

        assert "Not tried yet." in before.text and 'hx-trigger="every 2s"' in before.text
        assert "answered 500" in after and "Said /broken" in after and "webhook-signature: v1," in after
        assert "1 of 6 in 24 hours" in after and "Next try" in after
        assert "every 2s" not in after
        assert "Test event" in alice.get(f"{PAGE}/{endpoint.pk}").text

    def test_what_was_given_up_begins_anew_under_its_old_id(self, alice: Client, endpoint: Endpoint) -> None:
        old = endpoints.send_test_event(endpoint)
        Delivery.objects.update(state=DeliveryState.DEAD, attempts=services.MOST_TRIES)
        alice.post(f"{PAGE}/deliveries/{old.pk}/again")
        new = Delivery.objects.exclude(pk=old.pk).get()

        assert (new.message_id, new.body, new.state, new.attempts) == (old.message_id, old.body, DeliveryState.PENDING, 0)

    def test_what_waits_for_its_next_try_is_tried_now(self, alice: Client, endpoint: Endpoint, receiver: Receiver) -> None:
        Endpoint.objects.update(url=receiver.url("/broken"))
        endpoint.refresh_from_db()
        delivery = endpoints.send_test_event(endpoint)
        engine.deliver_due()
        alice.post(f"{PAGE}/deliveries/{delivery.pk}/again")

        assert Delivery.objects.count() == 1
        assert engine.deliver_due() == 1 and len(receiver.bodies) == 2

    def test_what_is_just_being_sent_is_left_alone(self, alice: Client, endpoint: Endpoint) -> None:
        delivery = endpoints.send_test_event(endpoint)
        services.claim_due(1)
        page = alice.post(f"{PAGE}/deliveries/{delivery.pk}/again", follow=True).text

        assert "It is just being sent." in page and Delivery.objects.count() == 1

    def test_too_many_in_a_minute_are_refused_with_the_time_to_wait(self, alice: Client, endpoint: Endpoint) -> None:
        answers = [alice.post(f"{PAGE}/{endpoint.pk}/test").status_code for _ in range(21)]

        assert answers[-1] == 429 and answers[:20] == [302] * 20
        assert "messages sent in the last minute" in alice.post(f"{PAGE}/{endpoint.pk}/test").text

    def test_the_last_twenty_are_listed_and_a_task_s_details_lead_to_its_own(
        self, alice: Client, personas: Personas, endpoint: Endpoint
    ) -> None:
        job = make_job(personas.alice).job
        for _ in range(21):
            services.enqueue(team_id=endpoint.team_id, job_id=job.pk, url=URL, body="{}", mode="test")
        page = alice.get(PAGE).text

        assert page.count(f"Take {job.number}") == 20
        delivery = Delivery.objects.first()
        assert delivery is not None
        link = f'href="{PAGE}/deliveries/{delivery.pk}"'
        assert link in alice.get(f"/tasks/{job.pk}/row", headers=HTMX).text
        assert link not in signed_in(personas.bob).get(f"/tasks/{job.pk}/row", headers=HTMX).text


class TestTheSecretOfSingleTasks:
    def test_it_is_shown_once_and_changed_by_the_same_button(self, alice: Client) -> None:
        assert "nobody has seen it yet" in alice.get(PAGE).text
        first = secret_in(alice.post(f"{PAGE}/signing"))
        page = alice.get(PAGE).text
        second = secret_in(alice.post(f"{PAGE}/signing"))

        assert first and second and first != second
        assert first not in page and f"whsec_…{first.rstrip('=')[-4:]}" in page and "Make a new secret" in page
        assert logged() == [("webhook.secret", "callbacks of single tasks")] * 2
