"""How a task is created and asked about: one route per contract, as pure functions between our words and a call.

A route knows paths and shapes, nothing of keys, connections or errors that all contracts share (see `http_provider`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from playground.providers.base import Running, Submission
from playground.wire import aleph, jobs, runway, veo
from playground.wire.envelope import OK, Answer
from playground.wire.records import UpstreamRecord
from playground.wire.upgrades import read_upgrade

Reader = Callable[[object], UpstreamRecord | None]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `body` as JSON, `params` in the address."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    params: Mapping[str, str] | None = None


class Route(Protocol):
    @property
    def is_repeatable(self) -> bool:
        """Whether asking twice makes nothing new, so that no answer is no doubt."""

    def create(self, submission: Submission) -> Call:
        """The request that creates the task."""

    def created(self, answer: Answer, submission: Submission) -> str:
        """The id by which the task is asked about from now on, "" where the answer names none."""

    def look(self, running: Running) -> Call:
        """The question about a task."""

    def seen(self, answer: Answer) -> UpstreamRecord | None:
        """What the answer says; None while there is no record."""


@dataclass(frozen=True, slots=True)
class MarketRoute:
    """createTask and recordInfo, one path for all models. `capability` is ModKie's."""

    capability: str = ""
    is_repeatable: bool = False

    def create(self, submission: Submission) -> Call:
        body = jobs.task_request(submission.model_id, submission.payload, callback_url=submission.callback_url, capability=self.capability)
        return Call("POST", "/api/v1/jobs/createTask", body)

    def created(self, answer: Answer, submission: Submission) -> str:
        return answer.task_id

    def look(self, running: Running) -> Call:
        params = {"taskId": running.upstream_id} | ({"capability": self.capability} if self.capability else {})
        return Call("GET", "/api/v1/jobs/recordInfo", params=params)

    def seen(self, answer: Answer) -> UpstreamRecord | None:
        # "recordInfo is null" right after submit, or an id the provider forgot: only the deadline may end a job.
        return jobs.read_record(answer.data) if answer.code == OK else None


@dataclass(frozen=True, slots=True)
class FlatRoute:
    """A path per model, the payload itself as the body: Veo, Runway and Aleph."""

    create_path: str
    look_path: str
    read: Reader
    is_repeatable: bool = False

    def create(self, submission: Submission) -> Call:
        return Call("POST", self.create_path, veo.flat_request(submission.payload, callback_url=submission.callback_url))

    def created(self, answer: Answer, submission: Submission) -> str:
        return answer.task_id

    def look(self, running: Running) -> Call:
        return Call("GET", self.look_path, params={"taskId": running.upstream_id})

    def seen(self, answer: Answer) -> UpstreamRecord | None:
        return self.read(answer.data) if answer.code == OK else None


@dataclass(frozen=True, slots=True)
class UpgradeRoute:
    """The larger version of a finished Veo clip: the same request creates it and asks about it.

    The id that we keep is made of the request and our job, so that no two jobs share one: `<task>/<kind>/<index>/<job>`.
    """

    kind: str
    method: str
    path: str
    is_repeatable: bool = True

    def create(self, submission: Submission) -> Call:
        return self._call(str(submission.payload["taskId"]), self._index(submission.payload), submission.callback_url)

    def created(self, answer: Answer, submission: Submission) -> str:
        return "/".join((str(submission.payload["taskId"]), self.kind, self._index(submission.payload), submission.job_id))

    def look(self, running: Running) -> Call:
        task, _, index, _ = running.upstream_id.rsplit("/", 3)
        return self._call(task, index, None)

    def seen(self, answer: Answer) -> UpstreamRecord | None:
        return read_upgrade(answer)

    def _index(self, payload: Mapping[str, Any]) -> str:
        return str(payload.get("index", 0))

    def _call(self, task: str, index: str, callback_url: str | None) -> Call:
        if self.method == "GET":
            return Call("GET", self.path, params={"taskId": task, "index": index})
        body: dict[str, Any] = {"taskId": task, "index": int(index)}
        return Call("POST", self.path, {**body, "callBackUrl": callback_url} if callback_url else body)


_VEO, _RUNWAY, _ALEPH = "/api/v1/veo", "/api/v1/runway", "/api/v1/aleph"
# By a card's endpoint, as its file spells it.
KIE_ROUTES: dict[str, Route] = {
    "": MarketRoute(),
    f"POST {_VEO}/generate": FlatRoute(f"{_VEO}/generate", f"{_VEO}/record-info", veo.read_record),
    f"POST {_VEO}/extend": FlatRoute(f"{_VEO}/extend", f"{_VEO}/record-info", veo.read_record),
    f"GET {_VEO}/get-1080p-video": UpgradeRoute("1080p", "GET", f"{_VEO}/get-1080p-video"),
    f"POST {_VEO}/get-4k-video": UpgradeRoute("4k", "POST", f"{_VEO}/get-4k-video"),
    f"POST {_RUNWAY}/generate": FlatRoute(f"{_RUNWAY}/generate", f"{_RUNWAY}/record-detail", runway.read_record),
    f"POST {_RUNWAY}/extend": FlatRoute(f"{_RUNWAY}/extend", f"{_RUNWAY}/record-detail", runway.read_record),
    f"POST {_ALEPH}/generate": FlatRoute(f"{_ALEPH}/generate", f"{_ALEPH}/record-info", aleph.read_record),
}
MODKIE_ROUTES: dict[str, Route] = {"": MarketRoute(capability="video")}
