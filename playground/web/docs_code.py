"""The documentation's examples: one request each, in the language that the reader has chosen for all of them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.core.wording import Labels
from playground.web import snippets
from playground.web.codeview import LANGUAGES
from playground.web.snippets import KEY_VARIABLE


@dataclass(frozen=True, slots=True)
class Example:
    """`language` is the one that it is written in: where the command line has no command for it, that of the shell."""

    key: str
    title: str
    language: str
    text: str

    @property
    def language_title(self) -> str:
        return LANGUAGES[self.language]


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    command: str = ""

    def written(self, language: str, base_url: str) -> tuple[str, str]:
        """(language, text)."""
        if language == "cli":
            return ("cli", self.command) if self.command else ("curl", curl(base_url, self))
        return language, {"curl": curl, "python": python, "javascript": javascript}[language](base_url, self)


def curl(base_url: str, call: Call) -> str:
    lines = [f"curl {shlex.quote(base_url + call.path)}", f'  --header "Authorization: Bearer ${KEY_VARIABLE}"']
    if call.body is not None:
        lines += ["  --header 'Content-Type: application/json'", f"  --data {shlex.quote(snippets.pretty(call.body))}"]
    return " \\\n".join(lines)


def python(base_url: str, call: Call) -> str:
    sent = "" if call.body is None else f", json={snippets.join(snippets.python_lines(call.body))}"
    return "\n".join(
        [
            "import os, httpx",
            "",
            f'headers = {{"Authorization": f"Bearer {{os.environ[\'{KEY_VARIABLE}\']}}"}}',
            f"api = httpx.Client(base_url={json.dumps(base_url)}, headers=headers)",
            f"print(api.{call.method.lower()}({json.dumps(call.path)}{sent}).json())",
        ]
    )


def javascript(base_url: str, call: Call) -> str:
    """An ES module for node 18 or newer."""
    lines = [
        f"const headers = {{ Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}` }};",
        f"const answer = await fetch({json.dumps(base_url + call.path)}, {{",
        f'  method: "{call.method}",',
    ]
    if call.body is None:
        lines.append("  headers,")
    else:
        lines.append('  headers: { ...headers, "Content-Type": "application/json" },')
        lines.append(f"  body: JSON.stringify({snippets.pretty(call.body)}),")
    return "\n".join([*lines, "});", "console.log(await answer.json());"])


_SEA = "A calm sea at dusk, one slow push-in"
_TASK = {
    "model": "kling-3.0/video",
    "input": {"prompt": _SEA, "mode": "std", "aspect_ratio": "16:9", "duration": "5", "sound": False, "multi_shots": False},
}
_ID = "0b9c1f0e8d5a4c7e9a3b2d1c0f9e8d7c"
TITLES = Labels(
    {
        "start": gettext_noop("Ask for the balance"),
        "create": gettext_noop("Make a task"),
        "record": gettext_noop("Ask how it stands"),
        "veo": gettext_noop("Veo with two pictures"),
        "upload": gettext_noop("Give a file by its address"),
        "action": gettext_noop("Make a clip and wait for it"),
        "modkie": gettext_noop("The same at ModKie’s addresses"),
    }
)
CALLS: Mapping[str, Call] = {
    "start": Call("GET", "/api/v1/chat/credit", command="ads credits"),
    "create": Call(
        "POST",
        snippets.CREATE_PATH,
        _TASK,
        f"ads video generate --no-wait --model kie/kling-3.0/video \\\n  --prompt {shlex.quote(_SEA)} --option mode=std",
    ),
    "record": Call("GET", f"{snippets.RECORD_PATH}?taskId={_ID}", command=f"ads video query --task-id {_ID}"),
    "veo": Call(
        "POST",
        "/api/v1/veo/generate",
        {
            "prompt": _SEA,
            "model": "veo3_fast",
            "generationType": "REFERENCE_2_VIDEO",
            "imageUrls": ["https://example.com/boat.jpg", "https://example.com/sail.jpg"],
            "aspect_ratio": "16:9",
        },
        f"ads video generate --model kie/veo3_fast --prompt {shlex.quote(_SEA)} \\\n  --image-input boat.jpg,sail.jpg",
    ),
    "upload": Call(
        "POST",
        "/api/file-url-upload",
        {"fileUrl": "https://example.com/boat.jpg", "uploadPath": "inputs", "fileName": "boat.jpg"},
        f"# Files of this machine are uploaded on the way.\nads video generate --prompt {shlex.quote(_SEA)} \\\n"
        "  --scene image-to-video --image-input boat.jpg",
    ),
    "action": Call(
        "POST",
        "/api/actions/ai.video.generate_and_wait",
        {"prompt": _SEA, "scene": "text-to-video", "timeoutMs": 600000},
        f"ads video generate --prompt {shlex.quote(_SEA)} --out sea.mp4",
    ),
    "modkie": Call(
        "POST",
        "/modkie/api/v1/jobs/createTask",
        {"model": "google/veo-3-1", "capability": "video", "input": {"prompt": _SEA, "aspect_ratio": "16:9", "duration": 5}},
        f"ads video generate --no-wait --provider modkie --model google/veo-3-1 \\\n  --prompt {shlex.quote(_SEA)}",
    ),
}


def examples(language: str, base_url: str) -> dict[str, Example]:
    found = {}
    for key, call in CALLS.items():
        written_in, text = call.written(language, base_url)
        found[key] = Example(key, TITLES[key], written_in, text)
    return found


def checker(language: str) -> Example:
    """How to check both signatures of a callback. There is a Python and a JavaScript one."""
    if language == "javascript":
        return Example("checker", _("Check a callback"), "javascript", CHECK_IN_JAVASCRIPT)
    return Example("checker", _("Check a callback"), "python", CHECK_IN_PYTHON)


CHECK_IN_PYTHON = '''\
import base64, hashlib, hmac, json, time


def sign(key, text):
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def is_ours(secret, headers, body):
    """secret: whsec_…; headers: names in lower case; body: the text as it came."""
    at = headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > 300:
        return False
    # Standard Webhooks: the body is covered.
    key = base64.b64decode(secret.removeprefix("whsec_"))
    own = "v1," + sign(key, f"{headers['webhook-id']}.{at}.{body}")
    if not any(hmac.compare_digest(own, one) for one in headers["webhook-signature"].split()):
        return False
    # KIE's: the task's id and the time, with the secret's whole text as the key.
    said = json.loads(body)
    data = said.get("data") or {}
    task = data.get("taskId") or data.get("task_id") or said.get("taskId")
    own = sign(secret.encode(), f"{task}.{headers['x-webhook-timestamp']}")
    return hmac.compare_digest(own, headers["x-webhook-signature"])
'''
CHECK_IN_JAVASCRIPT = """\
import { createHmac, timingSafeEqual } from "node:crypto";

const sign = (key, text) => createHmac("sha256", key).update(text).digest("base64");
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

// secret: whsec_…; headers: names in lower case; body: the text as it came.
export function isOurs(secret, headers, body) {
  const at = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  // Standard Webhooks: the body is covered.
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const own = "v1," + sign(key, `${headers["webhook-id"]}.${at}.${body}`);
  if (!headers["webhook-signature"].split(" ").some((one) => same(own, one))) return false;
  // KIE's: the task's id and the time, with the secret's whole text as the key.
  const said = JSON.parse(body);
  const task = said.data?.taskId ?? said.data?.task_id ?? said.taskId;
  const kie = sign(secret, `${task}.${headers["x-webhook-timestamp"]}`);
  return same(kie, headers["x-webhook-signature"]);
}
"""
