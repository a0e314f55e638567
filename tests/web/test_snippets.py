"""The snippets are run as they are printed, against a server on loopback that keeps what it was sent."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from playground.web import snippets
from tests.web.playground import HOSTILE

KEY = "sk-test-not-a-real-key"
PAYLOADS: dict[str, dict[str, Any]] = {
    "plain": {"prompt": "A calm sea", "aspect_ratio": "16:9", "duration": 5, "generate_audio": True},
    "hostile": {"prompt": HOSTILE, "generate_audio": False},
    "only quotes": {"prompt": "''\"\"'''\"\"\"\\'\\\""},
    "shell": {"prompt": "$(touch pwned) `touch pwned` ; touch pwned & | > pwned\n$HOME ~ * ?"},
    "python": {"prompt": '""" + __import__(\'os\').getcwd() + """ {payload!r} %(x)s \\N{BULLET} \\u0041'},
    "javascript": {"prompt": "`${process.exit(1)}` \u2028 \u2029 </script> //"},
    "nested": {"image_urls": ["https://example.com/a'b.png"], "cfg": 0.5, "shots": [{"prompt": "it's", "ok": None}], "seed": 0},
    "empty": {},
}


class Upstream(ThreadingHTTPServer):
    """Answers each contract's two questions, and remembers bodies, keys and paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[Any] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_POST(self) -> None:
        assert self.headers["Authorization"] == f"Bearer {KEY}"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/actions/ai.video.query":
            assert body == {"taskId": "t1"}
            return self._answer({"status": "success", "videoUrl": "the result", "error": None})
        assert self.headers["Content-Type"] == "application/json"
        self.server.paths.append(self.path)
        self.server.keys.append(self.headers["Authorization"])
        self.server.bodies.append(body)
        return self._answer({"taskId": "t1"})

    def do_GET(self) -> None:
        assert self.path.removeprefix("/modkie") == f"{snippets.RECORD_PATH}?taskId=t1"
        self._answer({"state": "success", "resultJson": "the result", "failMsg": None})

    def _answer(self, data: object) -> None:
        body = json.dumps({"code": 200, "msg": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _curl(code: str, folder: Path) -> list[str]:
    return ["bash", "-c", code]


def _python(code: str, folder: Path) -> list[str]:
    (folder / "task.py").write_text(code, "utf-8")
    return [sys.executable, "task.py"]


def _node(code: str, folder: Path) -> list[str]:
    (folder / "task.mjs").write_text(code, "utf-8")
    return ["node", "task.mjs"]


def _needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


CONTRACTS = {"createTask": snippets.JOBS, "ModKie": snippets.MODKIE, "actions": snippets.ACTIONS}


# The other contracts differ in their addresses alone: the most hostile payload is enough for them.
SENT = [*(("createTask", name) for name in PAYLOADS), ("ModKie", "hostile"), ("actions", "hostile")]


@pytest.mark.parametrize(("contract", "named"), SENT)
@pytest.mark.parametrize(
    ("write", "command", "prints"),
    [
        pytest.param(snippets.curl, _curl, "taskId", id="curl", marks=_needs("bash", "curl")),
        pytest.param(snippets.python, _python, "the result", id="python"),
        pytest.param(snippets.javascript, _node, "the result", id="javascript", marks=_needs("node")),
    ],
)
def test_a_copied_snippet_sends_exactly_the_payload(
    upstream: Upstream,
    tmp_path: Path,
    named: str,
    write: Callable[..., list[snippets.Line]],
    command: Callable[[str, Path], list[str]],
    prints: str,
    contract: str,
) -> None:
    payload = PAYLOADS[named]
    if contract == "actions":
        body = snippets.action_body("kling/kling-3-0", payload, gateway="modkie")
    else:
        body = snippets.task_body("kling/kling-3-0", payload)
    code = snippets.join(write(upstream.base_url, body, CONTRACTS[contract]))
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | {snippets.KEY_VARIABLE: KEY}
    done = subprocess.run(command(code, tmp_path), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert upstream.bodies == [body]
    assert upstream.paths == [CONTRACTS[contract].create]
    assert upstream.keys == [f"Bearer {KEY}"]
    assert prints in done.stdout
    assert not (tmp_path / "pwned").exists()


ADS = """\
#!/usr/bin/env python3
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ["ADS_HOST"], os.environ["ADS_API_KEY"]]))
"""


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@_needs("bash")
def test_a_copied_command_gives_the_command_line_exactly_the_payload(tmp_path: Path, payload: dict[str, Any]) -> None:
    (tmp_path / "ads").write_text(ADS, "utf-8")
    (tmp_path / "ads").chmod(0o755)
    code = snippets.join(snippets.cli("https://rushes.example", "kie/kling-3.0/video", payload))
    path = f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, snippets.KEY_VARIABLE: KEY, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    words, host, key = json.loads(done.stdout)

    assert (host, key) == ("https://rushes.example", KEY)
    assert words[:4] == ["video", "generate", "--model", "kie/kling-3.0/video"]
    found: dict[str, Any] = {}
    for word in words[4:]:
        option, _, value = word.partition("=")
        name, _, written = value.partition("=")
        found |= {"prompt": value} if option == "--prompt" else {name: json.loads(written)}
    assert found == payload
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_the_json_tab_is_the_body_and_curl_quotes_it_whole(payload: dict[str, Any]) -> None:
    body = snippets.task_body("google/veo-3-1", payload, gateway="modkie")
    text = snippets.pretty(body)
    assert json.loads(text) == {"model": "google/veo-3-1", "gateway": "modkie", "input": payload}
    assert shlex.quote(text) in snippets.join(snippets.curl("https://example.com", body))


def test_what_a_terminal_or_an_eye_could_misread_is_escaped() -> None:
    text = snippets.pretty(snippets.task_body("m", {"prompt": "\x1b[31m \u202e \u200b \x7f"}))
    assert "\\u001b[31m \\u202e \\u200b \\u007f" in text


def test_no_snippet_holds_a_key() -> None:
    body = snippets.task_body("m", {"prompt": "x"})
    for write in (snippets.curl, snippets.python, snippets.javascript):
        code = snippets.join(write("https://example.com", body))
        assert "sk-" not in code
        assert snippets.KEY_VARIABLE in code


def test_every_field_has_a_line_of_its_own_to_be_marked() -> None:
    lines = snippets.python("https://example.com", snippets.task_body("m", {"prompt": "x", "duration": 5}))
    marked = [line for line in lines if line.field == "duration"]
    assert [line.code for line in marked] == ['"duration": 5,']
    assert marked[0].indent
