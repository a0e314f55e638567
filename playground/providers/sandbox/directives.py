"""Words in double square brackets that script a fault: `[[fail:422 no such fruit]]`.

Integrators put them into a prompt to rehearse what a real provider does on a bad day. A directive with an unknown
name or argument is not ours: it stays in the prompt as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

CallbackFault = Literal["lost", "duplicate", "late"]
SubmitFault = Literal["timeout", "429", "500"]
ResultFault = Literal["expired", "missing", "malformed"]

MAX_DELAY_SECONDS = 3600.0

_DIRECTIVE = re.compile(r"\[\[(fail|delay|callback|submit|result):([^\[\]]*)\]\]")
_CHOICES: dict[str, frozenset[str]] = {
    "callback": frozenset({"lost", "duplicate", "late"}),
    "submit": frozenset({"timeout", "429", "500"}),
    "result": frozenset({"expired", "missing", "malformed"}),
}
_FAIL_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Directives:
    """What a prompt asks to go wrong; the first directive of a kind counts."""

    fail: tuple[str, str] | None = None
    delay_seconds: float = 0.0
    callback: CallbackFault | None = None
    submit: SubmitFault | None = None
    result: ResultFault | None = None


def parse_directives(prompt: str) -> Directives:
    found: dict[str, str] = {}
    for match in _DIRECTIVE.finditer(prompt):
        if _is_known(match):
            found.setdefault(match[1], match[2].strip())
    code, _, message = found.get("fail", "").partition(" ")
    return Directives(
        fail=(code, message.strip()) if code else None,
        delay_seconds=min(float(found.get("delay", 0)), MAX_DELAY_SECONDS),
        callback=cast("CallbackFault | None", found.get("callback")),
        submit=cast("SubmitFault | None", found.get("submit")),
        result=cast("ResultFault | None", found.get("result")),
    )


def callback_directive(prompt: str) -> CallbackFault | None:
    """How the callback to the customer is to go wrong; the outbox asks."""
    return parse_directives(prompt).callback


def strip_directives(prompt: str) -> str:
    """The prompt as a picture should see it: without the directives that were understood."""
    return _DIRECTIVE.sub(lambda match: "" if _is_known(match) else match[0], prompt).strip()


def _is_known(match: re.Match[str]) -> bool:
    name, argument = match[1], match[2].strip()
    if name == "fail":
        return _FAIL_CODE.fullmatch(argument.partition(" ")[0]) is not None
    if name == "delay":
        return _SECONDS.fullmatch(argument) is not None
    return argument in _CHOICES[name]
