"""Every action: what it is for, what a key needs for it, and the schemas of what it takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.accounts.models import Scope
from playground.api.actions import schemas


@dataclass(frozen=True, slots=True)
class Action:
    """`scope` is what its key must be allowed. `input` describes the body, `output` the answer's `data`."""

    name: str
    title: str
    description: str
    scope: Scope
    input: Mapping[str, Any]
    output: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"/api/actions/{self.name}"


_ALL = (
    Action(
        "ai.video.generate",
        "Generate a video",
        "Begins a task and answers at once with its id; ai.video.query tells how it goes.",
        Scope.GENERATE,
        schemas.GENERATE,
        schemas.TASK,
    ),
    Action(
        "ai.video.generate_and_wait",
        "Generate a video and wait for it",
        "Begins a task and answers when it has ended, or after timeoutMs, when the task goes on.",
        Scope.GENERATE,
        schemas.GENERATE_AND_WAIT,
        schemas.WAITED,
    ),
    Action("ai.video.query", "Look at a task", "The task as it is now, with links made anew.", Scope.READ, schemas.ONE_TASK, schemas.TASK),
    Action(
        "ai.video.quote",
        "Check and price a video",
        "What ai.video.generate would say to the same body and take for it. Nothing is written and nothing is charged.",
        Scope.READ,
        schemas.QUOTE,
        schemas.QUOTED,
    ),
    Action(
        "ai.video.cancel",
        "Cancel a task",
        "Only while it waits here; its credits are returned. What the provider has cannot be stopped.",
        Scope.GENERATE,
        schemas.ONE_TASK,
        schemas.TASK,
    ),
    Action(
        "credits.balance", "Credits", "What the key's mode can still spend, and what is held.", Scope.READ, schemas.BALANCE, schemas.CREDITS
    ),
    Action("models.list", "List models", "Every model, with its price in words.", Scope.READ, schemas.MODELS, schemas.LISTED),
    Action("models.schema", "A model's fields", "Fields, limits and prices of one model.", Scope.READ, schemas.ONE_MODEL, schemas.MODEL),
)
ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
