"""A program with an API key, as tests see it: requests in, envelopes out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum
from django.test import Client

from playground.credits.models import Account, Entry
from playground.jobs.models import Event, Job, TeamCounter
from tests.api.contract import CheckedClient
from tests.factories import VEO

CREATE = "/api/v1/jobs/createTask"
RECORD = "/api/v1/jobs/recordInfo"
CREDIT = "/api/v1/chat/credit"
ACTIONS = "/api/actions"
VALIDATE = "/api/v1/jobs/validateTask"
INPUT = {"prompt": "A keyboard whose keys are made of candy", "aspect_ratio": "16:9", "duration": 5}


def request_body(**changes: Any) -> dict[str, Any]:
    """A valid createTask body; a change to None removes the field."""
    body = {"model": VEO, "input": INPUT} | changes
    return {name: value for name, value in body.items() if value is not None}


@dataclass
class Program:
    secret: str
    # Whatever it is answered must stand in the OpenAPI document.
    http: Client = field(default_factory=CheckedClient)

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} | headers

    def post(self, body: object = None, *, raw: str | bytes | None = None, path: str = CREATE, **headers: str) -> Any:
        data = raw if raw is not None else json.dumps(body)
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, data, content_type="application/json", headers=self._headers(spelled))

    def create(self, body: object = None, **headers: str) -> dict[str, Any]:
        return envelope(self.post(request_body() if body is None else body, **headers))

    def create_id(self, **changes: Any) -> str:
        answer = self.create(request_body(**changes))
        assert answer["code"] == 200, answer
        task_id: str = answer["data"]["taskId"]
        return task_id

    def get(self, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        return envelope(self.http.get(path, query or {}, headers=self._headers({})))

    def act(self, action: str, body: object = None, **headers: str) -> dict[str, Any]:
        return envelope(self.post({} if body is None else body, path=f"{ACTIONS}/{action}", **headers))

    def record(self, task_id: str) -> dict[str, Any]:
        return self.get(RECORD, {"taskId": task_id})


def envelope(response: Any) -> dict[str, Any]:
    """The body of an answer that must be HTTP 200, as the contract was measured."""
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    body: dict[str, Any] = json.loads(response.content)
    return body


def world() -> dict[str, object]:
    """Everything that a refused request must leave as it was."""
    return {
        "jobs": Job.objects.count(),
        "events": Event.objects.count(),
        "entries": Entry.objects.count(),
        "numbers": TeamCounter.objects.aggregate(sum=Sum("last_number"))["sum"] or 0,
        "available": Account.objects.aggregate(sum=Sum("available_millicredits"))["sum"] or 0,
        "held": Account.objects.aggregate(sum=Sum("held_millicredits"))["sum"] or 0,
    }
