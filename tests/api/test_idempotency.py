"""One `Idempotency-Key`, one job: whatever the network does to the client."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import override_settings

from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs.models import Job
from tests.api.client import INPUT, Program, envelope, request_body, world
from tests.factories import KLING, Personas, make_key, make_owner

HEADER = "Idempotency-Replayed"


@pytest.mark.django_db
def test_a_repeated_request_gets_the_first_task_and_holds_nothing_more(program: Program) -> None:
    first = program.post(request_body(), Idempotency_Key="order-1")
    before = world()
    again = program.post(request_body(), Idempotency_Key="order-1")

    assert envelope(first) == envelope(again)
    assert (first.headers.get(HEADER), again.headers.get(HEADER)) == (None, "true")
    assert world() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [{"input": INPUT | {"duration": 8}}, {"model": KLING}, {"callBackUrl": "https://example.com/"}, {"input": {"prompt": INPUT["prompt"]}}],
    ids=str,
)
def test_the_same_key_with_another_request_is_refused(program: Program, changed: dict[str, object]) -> None:
    program.create(Idempotency_Key="order-1")
    before = world()

    answer = program.create(request_body(**changed), Idempotency_Key="order-1")

    assert answer["code"] == 422
    assert answer["data"]["errors"][0]["rule"] == "idempotency_conflict"
    assert "another request" in answer["msg"]
    assert world() == before


@pytest.mark.django_db
def test_fields_that_change_nothing_do_not_make_another_request(program: Program) -> None:
    first = program.create(Idempotency_Key="order-1")

    assert program.create(request_body(capability="video"), Idempotency_Key="order-1") == first


@pytest.mark.django_db
def test_without_the_header_every_request_is_a_job(program: Program) -> None:
    assert program.create() != program.create()


@pytest.mark.django_db
def test_two_api_keys_do_not_share_their_idempotency_keys(program: Program, personas: Personas) -> None:
    other = Program(make_key(personas.alice, name="another"))

    assert program.create(Idempotency_Key="order-1") != other.create(Idempotency_Key="order-1")


@pytest.mark.django_db
def test_the_longest_key_is_kept_whole(program: Program) -> None:
    long_key = "x" * 255
    program.create(Idempotency_Key=long_key)

    assert Job.objects.get().idempotency_key == long_key


@pytest.mark.django_db
def test_a_replay_is_answered_even_when_nothing_new_could_be_afforded(program: Program, personas: Personas) -> None:
    first = program.create(Idempotency_Key="order-1")
    Account.objects.update(available_millicredits=0)

    with override_settings(TEAM_QUEUE_CAP=1):
        assert program.create(Idempotency_Key="order-1") == first


@pytest.mark.django_db(transaction=True)
def test_a_hundred_submissions_of_one_key_at_once_make_one_job() -> None:
    secret = make_key(make_owner())
    barrier = threading.Barrier(20)

    def submit(number: int) -> tuple[str, bool]:
        if number < 20:
            barrier.wait(timeout=300)
        try:
            response = Program(secret).post(request_body(), Idempotency_Key="order-1")
            return json.loads(response.content)["data"]["taskId"], HEADER in response.headers
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(submit, range(100)))

    assert len({task_id for task_id, _ in answers}) == 1
    assert sum(not is_replay for _, is_replay in answers) == 1
    assert Job.objects.count() == 1
    assert list(Entry.objects.filter(kind="hold").values_list("held_delta_millicredits", flat=True)) == [60_000]
    assert ledger.verify() == []


@pytest.mark.django_db(transaction=True)
def test_many_submissions_at_once_never_spend_more_than_there_is() -> None:
    owner = make_owner()
    secret = make_key(owner)
    ledger.adjust(team=owner.team, mode="test", millicredits=-(10_000_000 - 5 * 60_000), note="only five fit")

    def submit(_number: int) -> int:
        try:
            return int(Program(secret).create()["code"])
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        codes = sorted(threads.map(submit, range(24)))

    assert codes == [200] * 5 + [402] * 19
    assert sorted(Job.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    account = Account.objects.get(team=owner.team, mode="test")
    assert (account.available_millicredits, account.held_millicredits) == (0, 300_000)
    assert ledger.verify() == []
