"""What a job is found by, on whichever database the tests run."""

from __future__ import annotations

import pytest
from django.db import OperationalError, transaction

from playground import flatsql
from playground.jobs import search
from playground.jobs.models import Job
from playground.jobs.services import sending
from tests.factories import KLING, Personas, make_job
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def prompted(personas: Personas, prompt: str, **changes: object) -> Job:
    return make_job(personas.alice, payload={"prompt": prompt, "aspect_ratio": "16:9", "duration": 5}, **changes).job


def found(personas: Personas, text: str, **more: object) -> list[int]:
    team_id = personas.alice.team_id
    return [job.number for job in search.matching(Job.objects.all(), team_id, "test", text, **more)]  # type: ignore[arg-type]


def claim(job: Job) -> None:
    with transaction.atomic():
        assert sending.claim_these([job.pk])


def test_all_words_must_be_there_and_the_last_may_be_begun(personas: Personas) -> None:
    prompted(personas, "Red silk folding in slow motion")
    prompted(personas, "Red sand in slow motion")
    assert found(personas, "slow RED") == [2, 1]
    assert found(personas, "red sil") == [1]
    assert found(personas, "sil red") == []


@pytest.mark.parametrize("text", ["l", "li", "lighthou", "lighthouse", "lighthousekeeper"])
def test_a_word_is_found_by_its_beginning_however_much_of_it_is_typed(personas: Personas, text: str) -> None:
    prompted(personas, "A lighthousekeeper")
    assert found(personas, text) == [1]


def test_letters_that_databases_may_not_know_as_such_are_no_obstacle(personas: Personas) -> None:
    prompted(personas, "a\u19b0b of \u1cf2")
    assert found(personas, "a\u19b0b") == [1]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Café de nuit", "cafe"),
        ("cafe de nuit", "CAFÉ"),
        ("夕暮れの海を飛ぶ鳥", "海"),
        ("夕暮れの海を飛ぶ鳥", "飛ぶ鳥"),
        ("wave_crest close-up", "crest"),
        ("a 35mm lens", "35mm"),
        ("Ünïcödé wörds", "unicode words"),
    ],
)
def test_accents_case_and_scripts_without_spaces_are_no_obstacle(personas: Personas, prompt: str, text: str) -> None:
    prompted(personas, prompt)
    assert found(personas, text) == [1]


@pytest.mark.parametrize("text", ['"', "' OR 1=1", "a AND", "NEAR(", "*", ":*", "!", "( & |", "\\", "x" * 5000, "\x00", "🎬"])
def test_whatever_is_typed_finds_nothing_rather_than_an_error(personas: Personas, text: str) -> None:
    prompted(personas, "A calm sea")
    assert found(personas, text) == []


def test_a_job_is_found_by_its_model_and_by_its_id(personas: Personas) -> None:
    job = prompted(personas, "A calm sea", model_id=KLING)
    prompted(personas, "A calm sea")
    assert found(personas, "kling") == [1]
    written = [str(job.pk), str(job.pk).upper(), job.pk.hex, job.pk.hex[:8], job.pk.hex[:12], f"{job.pk} cal", f"calm {job.pk}"]
    assert [found(personas, text) for text in written] == [[1]] * len(written)


def test_the_beginning_of_a_word_finds_no_id_that_happens_to_begin_so(personas: Personas) -> None:
    job = prompted(personas, "Under the sky", model_id=KLING)
    assert [found(personas, job.pk.hex[:length]) for length in (2, 3, 7)] == [[], [], []]


def test_a_word_that_could_be_an_id_is_found_as_a_word(personas: Personas) -> None:
    prompted(personas, "The number 12345678901 on a deadbeef")
    assert [found(personas, text) for text in ("deadbeef", "deadbee", "1234567890", "deadbeef the")] == [[1]] * 4


def test_a_search_stays_within_team_and_mode_and_members(personas: Personas) -> None:
    prompted(personas, "calm sea")
    make_job(personas.charlie, payload={"prompt": "calm sea", "aspect_ratio": "16:9", "duration": 5})
    make_job(personas.bob, payload={"prompt": "calm sea", "aspect_ratio": "16:9", "duration": 5})
    assert found(personas, "calm") == [2, 1]
    assert found(personas, "calm", any_of=[[search.mark_of("member", personas.bob.user_id)]]) == [2]
    assert [job.number for job in search.matching(Job.objects.all(), personas.charlie.team_id, "test", "calm")] == [1]
    assert not search.matching(Job.objects.all(), personas.alice.team_id, "live", "calm")


def test_the_next_page_of_a_search_follows_the_last_number(personas: Personas) -> None:
    for number in range(4):
        prompted(personas, f"calm sea {number}")
    team_id = personas.alice.team_id
    first = search.matching(Job.objects.all(), team_id, "test", "calm")[:2]
    rest = search.before(search.matching(Job.objects.all(), team_id, "test", "calm"), team_id, "test", first[1].number)
    assert [job.number for job in first] + [job.number for job in rest] == [4, 3, 2, 1]


def test_what_is_sent_is_findable_before_anybody_searches(personas: Personas) -> None:
    job = prompted(personas, "A calm sea")
    claim(job)
    assert [text.split()[:3] for (text,) in flatsql.rows("SELECT words FROM jobs_words", [])] == [["a", "calm", "sea"]]


def test_none_is_missed_in_whatever_order_jobs_are_sent(personas: Personas) -> None:
    jobs = [prompted(personas, f"calm sea {number}") for number in range(3)]
    claim(jobs[2])
    prompted(personas, "calm sea, too")
    assert found(personas, "calm") == [4, 3, 2, 1]
    claim(jobs[0])
    prompted(personas, "calm sea, again")
    assert found(personas, "calm") == [5, 4, 3, 2, 1]


def test_a_job_whose_model_is_gone_is_found_all_the_same(personas: Personas) -> None:
    job = prompted(personas, "A calm sea")
    Job.objects.filter(pk=job.pk).update(model_id="vendor/forgotten")
    assert [found(personas, "calm"), found(personas, "forgotten")] == [[1], [1]]


def test_a_search_finds_what_is_findable_while_words_cannot_be_written(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_jobs: object) -> None:
        raise OperationalError("database is locked")

    prompted(personas, "calm sea")
    assert found(personas, "calm") == [1]
    prompted(personas, "calm sea, too")
    with monkeypatch.context() as patched:
        patched.setattr(search, "add_many", refuse)
        assert found(personas, "calm") == [1]
    assert found(personas, "calm") == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_searches_at_the_same_moment_find_the_same(personas: Personas) -> None:
    for number in range(20):
        prompted(personas, f"calm sea {number}")
    assert at_once(4, lambda _number: found(personas, "calm")) == [list(range(20, 0, -1))] * 4


def test_links_in_a_request_are_not_searched(personas: Personas) -> None:
    assert search.terms_of("a https://files.example/secret.png b") == ["a", "b"]
