"""The same request in three languages and for the command line, for copying. Pure functions of plain values; tests run what they print.

Prompts are foreign text. JSON's string literals are read alike by JSON, Python and JavaScript, so one writer serves
all three; the shell gets it as one quoted word. The key is never printed: every snippet reads it from the environment.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY_VARIABLE = "RUSHES_API_KEY"
CREATE_PATH, RECORD_PATH = "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo"
# Legal in strings, but invisible, line-breaking or direction-changing where a person reads the code.
_TREACHEROUS = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of code; `field` is the payload's field that it belongs to, so that the last edit can be marked."""

    text: str
    field: str = ""

    @property
    def code(self) -> str:
        return self.text.lstrip(" ")

    @property
    def indent(self) -> str:
        return " " * (len(self.text) - len(self.code))


@dataclass(frozen=True, slots=True)
class Contract:
    """How a task is made and asked about. `python` and `javascript` are the question; the rest are the answer's names."""

    create: str
    python: str
    javascript: str
    state: str = "state"
    result: str = "resultJson"
    problem: str = "failMsg"


def _asking(prefix: str) -> Contract:
    path = prefix + RECORD_PATH
    return Contract(
        prefix + CREATE_PATH,
        f'api.get("{path}", params={{"taskId": task}})',
        f"fetch(`${{api}}{path}?taskId=${{answer.data.taskId}}`, {{ headers }})",
    )


_QUERY = "/api/actions/ai.video.query"
JOBS = _asking("")
MODKIE = _asking("/modkie")
ACTIONS = Contract(
    "/api/actions/ai.video.generate",
    f'api.post("{_QUERY}", json={{"taskId": task}})',
    f'fetch(api + "{_QUERY}", {{ method: "POST", headers, body: JSON.stringify({{ taskId: answer.data.taskId }}) }})',
    state="status",
    result="videoUrl",
    problem="error",
)


def action_body(model_id: str, payload: Mapping[str, Any], *, gateway: str) -> dict[str, Any]:
    """The body of ai.video.generate: all of the model's fields as they are, so nothing is read into them."""
    return {"model": f"{gateway}/{model_id}", "options": dict(payload)}


def task_body(model_id: str, payload: Mapping[str, Any], *, gateway: str = "") -> dict[str, Any]:
    """The body of createTask; `gateway` only where the id alone would mean another one."""
    return {"model": model_id, **({"gateway": gateway} if gateway else {}), "input": dict(payload)}


def json_lines(body: Mapping[str, Any]) -> list[Line]:
    return _lines(body, words={True: "true", False: "false", None: "null"}, comma_at_end=False)


def python_lines(body: Mapping[str, Any]) -> list[Line]:
    return _lines(body, words={True: "True", False: "False", None: "None"}, comma_at_end=True)


def pretty(body: Mapping[str, Any]) -> str:
    return join(json_lines(body))


def join(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def curl(base_url: str, body: Mapping[str, Any], contract: Contract = JOBS) -> list[Line]:
    # Inside single quotes only the quote itself means anything to a shell; this is what shlex.quote does to the whole.
    quoted = [Line(line.text.replace("'", "'\"'\"'"), line.field) for line in json_lines(body)]
    quoted[0] = Line(f"  --data '{quoted[0].text}")
    quoted[-1] = Line(f"{quoted[-1].text}'")
    return [
        Line(f"curl {shlex.quote(base_url + contract.create)} \\"),
        Line(f'  --header "Authorization: Bearer ${KEY_VARIABLE}" \\'),
        Line("  --header 'Content-Type: application/json' \\"),
        *quoted,
    ]


def python(base_url: str, body: Mapping[str, Any], contract: Contract = JOBS) -> list[Line]:
    inner = python_lines(body)
    return [
        *_plain(
            "# pip install httpx",
            "import os, time, httpx",
            "",
            "api = httpx.Client(",
            f"    base_url={_text(base_url)},",
            f'    headers={{"Authorization": f"Bearer {{os.environ[\'{KEY_VARIABLE}\']}}"}},',
            ")",
            "",
        ),
        Line(f'answer = api.post("{contract.create}", json={inner[0].text}'),
        *inner[1:-1],
        Line("}).json()"),
        *_plain(
            'if answer["code"] != 200:',
            '    raise SystemExit(answer["msg"])',
            'task = answer["data"]["taskId"]',
            "",
            "while True:",
            f'    job = {contract.python}.json()["data"]',
            f'    if job["{contract.state}"] in ("success", "fail"):',
            "        break",
            "    time.sleep(5)",
            "",
            f'print(job["{contract.result}"] if job["{contract.state}"] == "success" else job["{contract.problem}"])',
        ),
    ]


def javascript(base_url: str, body: Mapping[str, Any], contract: Contract = JOBS) -> list[Line]:
    inner = json_lines(body)
    return [
        *_plain(
            "// node 18 or newer, saved as task.mjs",
            f"const api = {_text(base_url)};",
            f"const headers = {{ Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}` }};",
            "",
            f'const answer = await (await fetch(api + "{contract.create}", {{',
            '  method: "POST",',
            '  headers: { ...headers, "Content-Type": "application/json" },',
        ),
        Line(f"  body: JSON.stringify({inner[0].text}"),
        *[Line(f"  {line.text}", line.field) for line in inner[1:-1]],
        Line("  }),"),
        *_plain(
            "})).json();",
            "if (answer.code !== 200) throw new Error(answer.msg);",
            "",
            "let job;",
            "do {",
            "  await new Promise((done) => setTimeout(done, job ? 5000 : 1000));",
            f"  job = (await (await {contract.javascript}).json()).data;",
            f'}} while (job.{contract.state} !== "success" && job.{contract.state} !== "fail");',
            "",
            f'console.log(job.{contract.state} === "success" ? job.{contract.result} : job.{contract.problem});',
        ),
    ]


def cli(base_url: str, model: str, payload: Mapping[str, Any]) -> list[Line]:
    """`ads video generate`, a line for each field. The prompt stands in JSON where a terminal could misread it."""
    lines = [Line(f"ads video generate --model {shlex.quote(model)}")]
    for name, value in payload.items():
        if name == "prompt" and isinstance(value, str) and not _TREACHEROUS.search(value) and value.replace("\n", "").isprintable():
            lines.append(Line(f"  --prompt={shlex.quote(value)}", name))
        else:
            written = _value(value, {True: "true", False: "false", None: "null"})
            lines.append(Line(f"  --option={shlex.quote(f'{name}={written}')}", name))
    host = [Line(f"export ADS_HOST={shlex.quote(base_url)} ADS_API_KEY=${KEY_VARIABLE}"), Line("")]
    return [*host, *[Line(f"{line.text} \\", line.field) for line in lines[:-1]], lines[-1]]


def _plain(*texts: str) -> list[Line]:
    return [Line(text) for text in texts]


def _text(text: str) -> str:
    """A string literal that JSON, Python and JavaScript read alike."""
    return _TREACHEROUS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _lines(body: Mapping[str, Any], *, words: Mapping[object, str], comma_at_end: bool) -> list[Line]:
    """An object over several lines, the payload's fields each on their own."""
    lines = [Line("{")]
    for key, value in body.items():
        comma = "," if comma_at_end or key != list(body)[-1] else ""
        if key in ("input", "options"):
            lines.append(Line(f"{_INDENT}{_text(key)}: {{"))
            lines += [
                Line(f"{_INDENT * 2}{_text(name)}: {_value(item, words)}{',' if comma_at_end or name != list(value)[-1] else ''}", name)
                for name, item in value.items()
            ]
            lines.append(Line(f"{_INDENT}}}{comma}"))
        else:
            lines.append(Line(f"{_INDENT}{_text(key)}: {_value(value, words)}{comma}"))
    return [*lines, Line("}")]


_INDENT = "    "


def _value(value: Any, words: Mapping[object, str]) -> str:
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_value(item, words)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item, words) for item in value) + "]"
    return json.dumps(value)
