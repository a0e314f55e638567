"""Live mode looks at web files before anything is held; test mode and the dry run never fetch."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import override_settings
from PIL import Image

from playground.catalog import registry
from playground.credits import services as ledger
from playground.jobs import upstreams
from playground.jobs.models import Job
from playground.media.models import WebFile
from tests.api.client import VALIDATE, Program, envelope, world
from tests.factories import Personas, make_key

pytestmark = pytest.mark.django_db(transaction=True)
CARD = registry.get("kling-3.0/video")


class Web:
    """A web site that counts who comes; pictures by name, everything else is not there."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                body = site.picture() if self.path.endswith(".png") else b""
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def picture() -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (640, 360), "teal").save(out, "PNG")
        return out.getvalue()

    def url(self, name: str) -> str:
        return f"http://{self.place}/{name}"


@pytest.fixture
def web() -> Iterator[Web]:
    site = Web()
    with override_settings(OUTBOUND_ALLOW=[site.place]):
        yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def live(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A live key in a house that has a key for every provider."""
    monkeypatch.setattr(upstreams, "is_live_available", lambda gateway: True)
    ledger.grant(team=personas.alice.team, mode="live", millicredits=10_000_000)
    return Program(make_key(personas.alice, mode="live"))


def body(*urls: str) -> dict[str, Any]:
    return {"model": CARD.id, "input": {**CARD.example, "image_urls": list(urls)}}


def test_a_file_that_is_there_is_measured_and_the_job_made(live: Program, web: Web) -> None:
    answer = live.create(body(web.url("boat.png")))

    assert answer["code"] == 200, answer
    assert web.asked == ["/boat.png"]
    assert WebFile.objects.get().facts["width"] == 640


def test_a_file_that_is_not_there_is_refused_before_the_hold(live: Program, web: Web) -> None:
    before = world()
    answer = live.create(body(web.url("boat.png"), web.url("gone")))

    (error,) = answer["data"]["errors"]
    assert (answer["code"], error["pointer"], error["rule"]) == (422, "/input/image_urls/1", "unreachable")
    assert "404" in error["message"]
    assert world() == before


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x.png", "http://169.254.169.254/latest/x.png", "http://[::1]/x.png", "ftp://example.com/x.png"]
)
def test_an_address_inside_is_never_asked(live: Program, url: str) -> None:
    answer = live.create(body(url))

    assert (answer["code"], answer["data"]["errors"][0]["pointer"]) == (422, "/input/image_urls/0")
    assert not Job.objects.exists()


def test_a_file_is_looked_at_once(live: Program, web: Web) -> None:
    for _ in range(3):
        assert live.create(body(web.url("boat.png")))["code"] == 200

    assert web.asked == ["/boat.png"]


def test_nothing_is_fetched_for_a_request_that_is_wrong_anyhow(live: Program, web: Web) -> None:
    wrong = body(web.url("boat.png"))
    wrong["input"]["durration"] = 1

    assert live.create(wrong)["code"] == 422
    assert web.asked == []


def test_test_mode_and_the_dry_run_never_fetch(live: Program, program: Program, web: Web) -> None:
    request = body(web.url("boat.png"), web.url("gone"))

    assert program.create(request)["code"] == 200
    dry = [envelope(someone.post(request, path=VALIDATE))["data"] for someone in (program, live)]
    assert web.asked == []
    assert [verdict["valid"] for verdict in dry] == [True, True]
    assert [hint["code"] for hint in dry[0]["hints"]] == ["unseen_file", "unseen_file"]


def test_what_a_live_job_found_out_is_told_by_the_next_dry_run(live: Program, web: Web) -> None:
    live.create(body(web.url("gone")))
    verdict = envelope(live.post(body(web.url("gone")), path=VALIDATE))["data"]

    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [("/input/image_urls/0", "unreachable")]


@pytest.mark.parametrize("mode", ["test", "live"])
def test_an_upload_that_is_gone_or_another_team_s_is_refused_in_both_modes(live: Program, program: Program, mode: str) -> None:
    someone = live if mode == "live" else program
    before = world()
    answer = someone.create(body("http://testserver/uploads/01234567-89ab-cdef-0123-456789abcdef/boat.png"))

    assert [(error["pointer"], error["rule"]) for error in answer["data"]["errors"]] == [("/input/image_urls/0", "missing_file")]
    assert world() == before
