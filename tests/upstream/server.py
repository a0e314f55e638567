"""The stand-in upstream: `python -m tests.upstream.server --log FILE --clip FILE [--port N]`; prints its port.

Words in the prompt, each with an optional number (`{null 2}` = the first two reads):

on createTask  {refuse} 422 envelope · {401 n} {402 n} {429 n} {503 n} refuse the first n · {500} accept, then HTTP 500
               without an envelope · {gateway} accept, then a proxy's JSON error · {hang} accept and never answer
               · {late n} accept and answer after n s · {drop} accept and close the connection · {same} always one id
on recordInfo  {after n} success after n s (default 0.3) · {fail} · {never} generating for ever · {unknown} a word nobody
               announced · {null n} {malformed n} {empty n} {limit n} {stall n} the first n reads · {no-url}
on the result  {expire} the first link is dead · {gone} 410 · {junk} no video · {slow n} spread over n s
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_KEY = "sk-stand-in"
_WORD = re.compile(r"\{([a-z0-9-]+)(?: ([0-9.]+))?\}")
_STALL_SECONDS = 30.0


@dataclass(slots=True)
class Task:
    id: str
    prompt: str
    words: dict[str, float]
    born: float = field(default_factory=time.monotonic)
    reads: int = 0
    links: int = 0


def words_of(prompt: str) -> dict[str, float]:
    return {match[1]: float(match[2] or 1) for match in _WORD.finditer(prompt)}


class State:
    """What the provider remembers; in memory, with every event on disk."""

    def __init__(self, log: Path, clip: bytes) -> None:
        self.clip = clip
        self.tasks: dict[str, Task] = {}
        self._refusals: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._log = log.open("a", buffering=1)
        # A restart must not hand out an id again.
        self._era = f"{time.time_ns():x}"

    def write(self, what: str, **facts: object) -> None:
        self._log.write(json.dumps({"at_ms": time.time_ns() // 1_000_000, "what": what} | facts) + "\n")

    def accept(self, prompt: str) -> Task:
        with self._lock:
            words = words_of(prompt)
            name = "same" if "same" in words else f"{self._era}_{next(self._numbers)}"
            task = Task(f"task_{name}", prompt, words)
            self.tasks[task.id] = task
        self.write("create", task=task.id, prompt=prompt)
        return task

    def refusals(self, prompt: str) -> int:
        """How often this prompt was turned away before."""
        with self._lock:
            self._refusals[prompt] = self._refusals.get(prompt, 0) + 1
            return self._refusals[prompt] - 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written apart, and the second would wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    state: State

    def log_message(self, format: str, *args: Any) -> None:
        """The file is the log."""

    # --- answers ----------------------------------------------------------------------------------------------------
    def _answer(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _envelope(self, code: int, message: str, data: object = None, status: int = 200, **headers: str) -> None:
        self._answer(status, json.dumps({"code": code, "msg": message, "data": data}).encode(), **headers)

    def _is_allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {API_KEY}":
            return True
        self._envelope(401, "Unauthorized")
        return False

    # --- createTask -------------------------------------------------------------------------------------------------
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if urlsplit(self.path).path != "/api/v1/jobs/createTask":
            self._answer(404, b"not here", "text/plain")
        elif self._is_allowed():
            self._create(str(body["input"]["prompt"]))

    def _create(self, prompt: str) -> None:
        words = words_of(prompt)
        if self._is_refused(prompt, words):
            return
        task = self.state.accept(prompt)
        if "hang" in words:
            time.sleep(_STALL_SECONDS)
        if "hang" in words or "drop" in words:
            self.close_connection = True
            return
        time.sleep(words.get("late", 0))
        if "500" in words:
            self._answer(500, b"<html>Internal Server Error</html>", "text/html")
        elif "gateway" in words:
            self._answer(504, b'{"message": "Endpoint request timed out"}')
        else:
            self._envelope(200, "success", {"taskId": task.id})

    def _is_refused(self, prompt: str, words: dict[str, float]) -> bool:
        if "refuse" in words:
            self.state.write("refuse", prompt=prompt, code=422)
            self._envelope(422, "There is no such fruit.")
            return True
        code = next((word for word in ("401", "402", "429", "503") if word in words), None)
        if code is None or self.state.refusals(prompt) >= words[code]:
            return False
        self.state.write("refuse", prompt=prompt, code=int(code))
        headers = {"Retry_After": "0.2"} if code == "429" else {}
        self._envelope(int(code), f"Refused with {code}.", status=402 if code == "402" else 200, **headers)
        return True

    # --- recordInfo and results -------------------------------------------------------------------------------------
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/results/"):
            self._result(parts.path)
        elif parts.path == "/api/v1/jobs/recordInfo" and self._is_allowed():
            self._record(parse_qs(parts.query).get("taskId", [""])[0])

    def _record(self, task_id: str) -> None:
        task = self.state.tasks.get(task_id)
        self.state.write("read", task=task_id)
        if task is None:
            self._envelope(422, "recordInfo is null")
            return
        task.reads += 1
        if not self._has_read_fault(task):
            self._envelope(200, "success", self._data(task))

    def _has_read_fault(self, task: Task) -> bool:
        fault = next((word for word in ("null", "malformed", "empty", "limit", "stall") if task.reads <= task.words.get(word, 0)), None)
        if fault == "null":
            self._envelope(422, "recordInfo is null")
        elif fault == "malformed":
            self._answer(200, b"<html>Under maintenance</html>", "text/html")
        elif fault == "empty":
            self._answer(200, b"")
        elif fault == "limit":
            self._envelope(429, "Too many reads", Retry_After="0.2")
        elif fault == "stall":
            time.sleep(_STALL_SECONDS)
            self.close_connection = True
        return fault is not None

    def _data(self, task: Task) -> dict[str, object]:
        age, length = time.monotonic() - task.born, task.words.get("after", 0.3)
        data: dict[str, object] = {"taskId": task.id, "model": "any", "resultJson": {}, "failCode": None, "failMsg": None}
        if "unknown" in task.words and age < length:
            return data | {"state": "pondering"}
        if "never" in task.words or age < length:
            return data | {"state": "pending" if age < length / 3 else "processing", "progress": min(99, int(age / length * 100))}
        if "fail" in task.words:
            return data | {"state": "fail", "failCode": "422", "failMsg": "Real person in image."}
        if "no-url" in task.words:
            return data | {"state": "success"}
        task.links += 1
        host, port = self.connection.getsockname()[:2]
        return data | {"state": "success", "resultJson": {"resultUrls": [f"http://{host}:{port}/results/{task.id}/{task.links}.mp4"]}}

    def _result(self, path: str) -> None:
        _, _, task_id, name = path.split("/")
        task = self.state.tasks.get(task_id)
        self.state.write("result", task=task_id, name=name)
        if task is None or ("expire" in task.words and name == "1.mp4"):
            self._answer(404, b"expired", "text/plain")
        elif "gone" in task.words:
            self._answer(410, b"gone", "text/plain")
        elif "junk" in task.words:
            self._answer(200, b"<html>This is no video.</html>" * 100, "video/mp4")
        elif "slow" in task.words:
            self._drip(task.words["slow"])
        else:
            self._answer(200, self.state.clip, "video/mp4")

    def _drip(self, seconds: float) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.state.clip)))
        self.end_headers()
        pieces = max(1, int(seconds * 10))
        size = -(-len(self.state.clip) // pieces)
        for start in range(0, len(self.state.clip), size):
            self.wfile.write(self.state.clip[start : start + size])
            self.wfile.flush()
            time.sleep(seconds / pieces)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed or lose patience are what this server is for."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    Handler.state = State(options.log, options.clip.read_bytes())
    with Server(("127.0.0.1", options.port), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
