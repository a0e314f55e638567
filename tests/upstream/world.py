"""What the stand-in remembers: tasks, files, credits; in memory, with every event on disk."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.catalog import pricing, registry
from tests.upstream.faults import Faults

API_KEY = "sk-stand-in"
BALANCE = 1_000_000.0


@dataclass(slots=True)
class Task:
    """`family` is the contract that it was made by, `endpoint` of it the path, `source` the task that it continues."""

    id: str
    number: int
    family: str
    model: str
    input: dict[str, Any]
    callback_url: str
    words: dict[str, float]
    credits: float
    length: float
    source: str = ""
    index: int = 0
    born: float = field(default_factory=time.monotonic)
    born_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    reads: int = 0
    reads_of_success: int = 0
    links: int = 0
    has_ended: bool = False

    @property
    def prompt(self) -> str:
        return str(self.input.get("prompt") or self.input.get("text") or "")

    @property
    def age(self) -> float:
        return time.monotonic() - self.born


class World:
    def __init__(self, log: Path, clip: bytes, faults: Faults, *, seconds: float, hmac_key: str, credits: float = BALANCE) -> None:
        self.clip = clip
        self.faults = faults
        self.seconds = seconds
        self.hmac_key = hmac_key
        self.credits = credits
        self.price_factor = 1.0
        # Known once the port is.
        self.host = ""
        self.tasks: dict[str, Task] = {}
        # Upgrades by the clip that they are made of: asking twice makes nothing new.
        self.upgrades: dict[tuple[str, str, int], Task] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        # By the way in, the code with which uploads are turned away.
        self.upload_faults: dict[str, int] = {}
        self.keys = {API_KEY}
        self.callbacks_are_lost = False
        self._refused: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self._log = log.open("a", buffering=1)
        # A restart must not hand out an id again.
        self._era = f"{time.time_ns():x}"

    def write(self, what: str, **facts: object) -> None:
        self._log.write(json.dumps({"at_ms": time.time_ns() // 1_000_000, "at": time.monotonic(), "what": what} | facts) + "\n")

    def next_number(self) -> int:
        return next(self._numbers)

    def accept(self, *, family: str, model: str, fields: dict[str, Any], callback_url: str, number: int, body: str, **more: Any) -> Task:
        """Make a task, and take its credits: the price is known at the moment of the request."""
        prompt = str(fields.get("prompt") or fields.get("text") or "")
        words = self.faults.for_task(number, prompt)
        task = Task(
            id="same" if "same" in words else uuid.uuid5(uuid.NAMESPACE_URL, f"{self._era}/{number}").hex,
            number=number,
            family=family,
            model=model,
            input=fields,
            callback_url=callback_url,
            words=words,
            credits=self.price_of(model, fields),
            length=words.get("after", self.seconds),
            **more,
        )
        self.tasks[task.id] = task
        self.credits -= task.credits
        self.write("create", task=task.id, family=family, model=model, prompt=prompt, words=sorted(words), body=body, source=task.source)
        return task

    def price_of(self, model: str, fields: dict[str, Any]) -> float:
        try:
            card = registry.get(model, "kie")
            return float(pricing.quote(card, fields).hold_millicredits / 1000) * self.price_factor
        except (registry.UnknownModel, pricing.Unpriced, KeyError, ValueError):
            return 60.0 * self.price_factor

    def times_refused(self, prompt: str) -> int:
        """How often this request was turned away, this time included."""
        self._refused[prompt] += 1
        return self._refused[prompt]

    def heal(self) -> None:
        """From now on nothing goes wrong, and what never ended ends."""
        self.faults.healed = True
        self.callbacks_are_lost = False
        for task in self.tasks.values():
            task.words = {word: value for word, value in task.words.items() if word in ("after", "fail", "gone", "twins")}
        self.write("heal")
