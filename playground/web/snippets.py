"""The same request in three languages, for copying. Pure functions of plain values; tests run what they print.

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


def task_body(model_id: str, payload: Mapping[str, Any], *, gateway: str = "") -> dict[str, Any]:
    """The body of createTask; `gateway` only where the id alone would mean another one."""
    return {"model": model_id, **({"gateway": gateway} if gateway else {}), "input": dict(payload)}


def json_lines(body: Mapping[str, Any]) -> list[Line]:
    return _lines(body, words={True: "true", False: "false", None: "null"}, comma_at_end=False)


def pretty(body: Mapping[str, Any]) -> str:
    return join(json_lines(body))


def join(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def curl(base_url: str, body: Mapping[str, Any]) -> list[Line]:
    # Inside single quotes only the quote itself means anything to a shell; this is what shlex.quote does to the whole.
    quoted = [Line(line.text.replace("'", "'\"'\"'"), line.field) for line in json_lines(body)]
    quoted[0] = Line(f"  --data '{quoted[0].text}")
    quoted[-1] = Line(f"{quoted[-1].text}'")
    return [
        Line(f"curl {shlex.quote(base_url + CREATE_PATH)} \\"),
        Line(f'  --header "Authorization: Bearer ${KEY_VARIABLE}" \\'),
        Line("  --header 'Content-Type: application/json' \\"),
        *quoted,
    ]


def python(base_url: str, body: Mapping[str, Any]) -> list[Line]:
    inner = _lines(body, words={True: "True", False: "False", None: "None"}, comma_at_end=True)
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
        Line(f'answer = api.post("{CREATE_PATH}", json={inner[0].text}'),
        *inner[1:-1],
        Line("}).json()"),
        *_plain(
            'if answer["code"] != 200:',
            '    raise SystemExit(answer["msg"])',
            'task = answer["data"]["taskId"]',
            "",
            "while True:",
            f'    job = api.get("{RECORD_PATH}", params={{"taskId": task}}).json()["data"]',
            '    if job["state"] in ("success", "fail"):',
            "        break",
            "    time.sleep(5)",
            "",
            'print(job["resultJson"] if job["state"] == "success" else job["failMsg"])',
        ),
    ]


def javascript(base_url: str, body: Mapping[str, Any]) -> list[Line]:
    inner = json_lines(body)
    return [
        *_plain(
            "// node 18 or newer, saved as task.mjs",
            f"const api = {_text(base_url)};",
            f"const headers = {{ Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}` }};",
            "",
            f'const answer = await (await fetch(api + "{CREATE_PATH}", {{',
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
            f"  const url = `${{api}}{RECORD_PATH}?taskId=${{answer.data.taskId}}`;",
            "  job = (await (await fetch(url, { headers })).json()).data;",
            '} while (job.state !== "success" && job.state !== "fail");',
            "",
            'console.log(job.state === "success" ? job.resultJson : job.failMsg);',
        ),
    ]


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
        if key == "input":
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
