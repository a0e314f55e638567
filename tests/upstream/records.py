"""How each contract tells of a task: records and callbacks, in the measured form, or with `{texts}` in the documented one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.upstream.faults import has
from tests.upstream.world import Task

FAILURES = {
    "fail": (422, "Real person in image."),
    "fail-text": (400, "Your prompt was flagged by Website as violating content policies."),
    "fail-media": (451, "Failed to fetch the image. Kindly verify any access limits set by you or your service provider."),
    "fail-output": (501, "The generated video was blocked by the safety filter."),
    "fail-busy": (500, "Internal error, please try again later."),
}
Links = Callable[[Task], list[str]]


def failure_of(task: Task) -> tuple[int, str] | None:
    return next((FAILURES[word] for word in task.words if word in FAILURES), None)


def phase_of(task: Task) -> str:
    """waiting, generating, success or fail; measured tasks mostly wait until they are done."""
    if "never" in task.words or task.age < task.length:
        return "waiting" if task.age < 0.6 * task.length else "generating"
    return "fail" if failure_of(task) else "success"


def moment(task: Task, ms: int) -> object:
    if "texts" not in task.words:
        return ms
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def done_ms(task: Task) -> int:
    return task.born_ms + round(task.length * 1000)


def has_links(task: Task) -> bool:
    """Asked once a read: the first reads after the end may be told of a success without a result."""
    task.reads_of_success += 1
    return not has(task.words, "no-url", task.reads_of_success)


def market_data(task: Task, links: Links, *, is_modkie: bool) -> dict[str, Any]:
    phase = phase_of(task)
    word = phase
    if "unknown" in task.words and phase in ("waiting", "generating"):
        word = "pondering"
    elif is_modkie:
        word = {"waiting": "pending", "generating": "processing"}.get(phase, phase)
    result: Any = {}
    if phase == "success" and has_links(task):
        result = {"resultUrls": links(task)}
    failure = failure_of(task) if phase == "fail" else None
    ended = done_ms(task) if phase in ("success", "fail") else None
    filled_in = {"aspect_ratio": "16:9"} | task.input
    param = json.dumps({"input": json.dumps(filled_in, ensure_ascii=False), "model": task.model}, ensure_ascii=False)
    data = {
        "taskId": task.id,
        "model": task.model,
        "state": word,
        "param": {"input": task.input, "model": task.model} if is_modkie or "texts" in task.words else param,
        "resultJson": result if is_modkie else (json.dumps(result) if result else ""),
        "failCode": str(failure[0]) if failure else None,
        "failMsg": failure[1] if failure else None,
        "costTime": round(task.length) if ended else None,
        "createTime": moment(task, task.born_ms),
        "completeTime": moment(task, ended) if ended else None,
        "creditsConsumed": task.credits,
    }
    return data | ({"progress": 40} if phase == "generating" and not task.number % 3 else {})


def veo_data(task: Task, links: Links) -> dict[str, Any]:
    phase = phase_of(task)
    failure = failure_of(task) if phase == "fail" else None
    param = dict(task.input)
    if "aspect_ratio" in param:
        # Whatever it was called when it was sent.
        param["aspectRatio"] = param.pop("aspect_ratio")
    urls = links(task) if phase == "success" and has_links(task) else []
    response = None
    if phase == "success":
        response = {
            "taskId": task.id, "resolution": "720p", "originUrls": None, "fullResultUrls": None, "hasAudioList": [True], "seeds": [61668],
            "resultUrls": json.dumps(urls) if "texts" in task.words else urls,
        }  # fmt: skip
    flag = {"success": 1, "fail": 3}.get(phase, 0)
    return {
        "taskId": task.id,
        "paramJson": json.dumps(param, ensure_ascii=False),
        "response": response,
        "successFlag": 7 if "unknown" in task.words and not flag else flag,
        "fallbackFlag": False,
        "completeTime": moment(task, done_ms(task)) if flag else None,
        "createTime": moment(task, task.born_ms // 1000 * 1000),
        "errorCode": failure[0] if failure else None,
        "errorMessage": failure[1] if failure else "",
        "creditsConsumed": task.credits,
    }


def aleph_data(task: Task, links: Links) -> dict[str, Any]:
    data = veo_data(task, links)
    urls = (data["response"] or {}).get("resultUrls") or []
    found = urls if isinstance(urls, list) else json.loads(urls)
    response = {"taskId": task.id, "resultVideoUrl": found[0] if found else None, "resultImageUrl": None} if data["response"] else None
    return {name: value for name, value in data.items() if name != "fallbackFlag"} | {"response": response}


def runway_data(task: Task, links: Links) -> dict[str, Any]:
    phase = phase_of(task)
    failure = failure_of(task) if phase == "fail" else None
    state = "pondering" if "unknown" in task.words and phase in ("waiting", "generating") else {"waiting": "wait"}.get(phase, phase)
    urls = links(task) if phase == "success" and has_links(task) else []
    asked = {"prompt": task.prompt, "expandPrompt": True} | ({"imageUrl": task.input["imageUrl"]} if "imageUrl" in task.input else {})
    return {
        "taskId": task.id,
        "parentTaskId": task.source,
        "generateParam": asked,
        "state": state,
        "generateTime": datetime.fromtimestamp(task.born_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "videoInfo": {"videoId": "v1", "taskId": task.id, "videoUrl": urls[0], "imageUrl": ""} if urls else None,
        "failCode": failure[0] if failure else 0,
        "failMsg": failure[1] if failure else "",
        "expireFlag": 0,
    }


def callback_body(task: Task, links: Links, task_id: str) -> dict[str, Any]:
    """What is posted at the end, in the shape of the task's family; where two are documented, both in turn."""
    failure = failure_of(task)
    code, words = (501, "Playground task failed.") if failure else (200, "Playground task completed successfully.")
    if task.family in ("kie", "modkie"):
        data = market_data(task, links, is_modkie=task.family == "modkie") | {"taskId": task_id, "updateTime": time.time_ns() // 1_000_000}
        return {"code": code, "msg": words, "data": data | ({"resultJson": None} if failure else {})}
    code, words = (failure[0], failure[1]) if failure else (200, "success")
    urls = [] if failure else links(task)
    if task.family == "veo":
        info = {"resultUrls": str(urls) if task.number % 2 else urls, "resolution": "720p"}
        return {
            "code": code,
            "msg": words,
            "data": {"taskId": task_id, "promptJson": json.dumps(task.input), "info": info, "fallbackFlag": False},
        }
    if task.family == "4k":
        if task.number % 2:
            return {"code": code, "msg": words, "data": {"task_id": task_id, "result_urls": urls, "media_ids": ["m"], "image_urls": []}}
        return {"code": code, "msg": words, "data": {"taskId": task_id, "info": {"resultUrls": urls, "imageUrls": []}}}
    if task.family == "aleph" and not task.number % 2:
        result = None if failure else {"result_video_url": urls[0], "result_image_url": ""}
        return {"code": code, "msg": words, "data": result, "taskId": task_id}
    return {
        "code": code,
        "msg": words,
        "data": {"task_id": task_id, "video_id": "v1", "video_url": urls[0] if urls else "", "image_url": ""},
    }
