"""A team with keys and a history, and a client that calls the WSGI application as a server would."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application

from playground.accounts.services import create_key, create_owner
from playground.core import clock
from playground.core.money import to_millicredits
from playground.credits import services as ledger
from playground.jobs.models import Job, State, Take
from playground.media.models import StoredFile

_TEAM_ID = 1
_PROMPT = (
    "A keyboard whose keys are made of different types of candy. Typing makes sweet, crunchy sounds. "
    "Audio: Crunchy, sugary typing sounds, delighted giggles."
)
_INPUT = {"prompt": _PROMPT, "aspect_ratio": "16:9", "duration": 5}


def job_fields(**changes: Any) -> dict[str, Any]:
    """Every column that createTask fills in."""
    fields: dict[str, Any] = {
        "team_id": _TEAM_ID,
        "mode": "test",
        "source": "api",
        "gateway": "modkie",
        "model_id": "google/veo-3-1",
        "card_version": "0" * 12,
        "provider": "sandbox",
        "payload_json": json.dumps(_INPUT),
        "typical_seconds": 90,
        "deadline_seconds": 3600,
        "price_millicredits": 60_000,
        "price_min_millicredits": 60_000,
        "price_formula": "60 credits per job",
        "request_hash": "0" * 64,
    }
    return fields | changes


def _start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None, /) -> Callable[[bytes], object]:
    return lambda _data: None


class World:
    def __init__(self, existing_jobs: int, keys: int) -> None:
        owner = create_owner(email="owner@example.com")
        assert owner.team.pk == _TEAM_ID
        self.secrets = [create_key(team=owner.team, name=f"bench {n}", mode="test", created_by=owner.user)[1] for n in range(keys)]
        ledger.grant(team=owner.team, mode="test", millicredits=to_millicredits(10_000_000))
        self.create_body = json.dumps({"model": "google/veo-3-1", "input": _INPUT}).encode()
        self._application = get_wsgi_application()
        self.running_ids, self.done_ids = _history(existing_jobs)

    def post(self, path: str, body: bytes, secret: str, **headers: str) -> None:
        self._call("POST", path, body, secret, {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), **headers})

    def get(self, path: str, secret: str) -> None:
        self._call("GET", path, b"", secret, {})

    def _call(self, method: str, path: str, body: bytes, secret: str, headers: dict[str, str]) -> None:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost:8000",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            **headers,
        }
        if secret:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        response = self._application(environ, _start_response)
        answer = json.loads(b"".join(response))
        response.close()
        if answer["code"] != 200:
            raise AssertionError(f"{method} {path} answered {answer}")

    def finish_queued(self) -> None:
        """Keep the queue short between blocks, as a pump would."""
        Job.objects.filter(state=State.QUEUED).update(state=State.SUCCESS)


def _history(existing_jobs: int) -> tuple[list[str], list[str]]:
    now = clock.now()
    jobs = [
        Job(
            **job_fields(number=20_000_000 + n, state=State.RUNNING if n % 100 == 0 else State.SUCCESS),
            submitted_at=now,
            generating_at=now,
            finished_at=now if n % 100 else None,
        )
        for n in range(existing_jobs)
    ]
    Job.objects.bulk_create(jobs)
    file = StoredFile.objects.create(team_id=_TEAM_ID, storage_name="bench.mp4", content_type="video/mp4", size_bytes=1, sha256="0" * 64)
    done = [job for job in jobs if job.state == State.SUCCESS]
    Take.objects.bulk_create([Take(job=job, video=file, poster=file, thumb=file, preview=file) for job in done])
    return [job.pk.hex for job in jobs if job.state == State.RUNNING], [job.pk.hex for job in done]
