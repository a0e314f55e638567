"""What the providers' pages print works here as it is printed, the host and the key apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.jobs.models import Job
from tests.api.client import Program, envelope

pytestmark = pytest.mark.django_db

CREATE = "/api/v1/jobs/createTask"
DOG = {
    "name": "element_dog",
    "description": "dog",
    "element_input_urls": [
        "https://tempfileb.aiquickdraw.com/kieai/market/1770361808044_4RfUUJrI.jpeg",
        "https://tempfileb.aiquickdraw.com/kieai/market/1770361848336_ABQqRHBi.png",
    ],
}
PRINTED: dict[str, tuple[str, dict[str, Any], str]] = {
    # The duration is a text there.
    "ModKie's createTask": (
        CREATE,
        {
            "model": "google/veo-3-1",
            "input": {"prompt": "A cinematic drone shot over mountains at sunrise", "aspect_ratio": "16:9", "duration": "5"},
        },
        "modkie",
    ),
    "ModKie's Veo 3.1": (
        CREATE,
        {
            "model": "google/veo-3-1",
            "input": {
                "prompt": "A keyboard whose keys are made of different types of candy. Typing makes sweet, crunchy sounds.",
                "aspect_ratio": "16:9",
                "duration": 5,
            },
        },
        "modkie",
    ),
    "ModKie's Kling 3.0": (
        CREATE,
        {
            "model": "kling/kling-3-0",
            "input": {
                "prompt": "Outdoor terrace of a European villa, by a dining table",
                "aspect_ratio": "16:9",
                "duration": 5,
                "resolution": "720p",
                "generate_audio": True,
            },
        },
        "modkie",
    ),
    # Of the two elements the prompt names one, and the shots are given though they do not count.
    "KIE's Kling 3.0": (
        CREATE,
        {
            "model": "kling-3.0/video",
            "callBackUrl": "https://your-domain.com/api/callback",
            "input": {
                "prompt": "In a bright rehearsal room, sunlight streams through the window @element_dog",
                "image_urls": ["https://static.aiquickdraw.com/tools/example/1764851002741_i0lEiI8I.png"],
                "sound": True,
                "duration": "5",
                "aspect_ratio": "16:9",
                "mode": "pro",
                "multi_shots": False,
                "multi_prompt": [
                    {"prompt": "a happy dog in running @element_dog", "duration": 3},
                    {"prompt": "a happy dog play with a cat @element_cat", "duration": 3},
                ],
                "kling_elements": [
                    DOG,
                    {
                        "name": "element_cat",
                        "description": "cat",
                        "element_input_video_urls": ["https://your-cdn.com/element_video.mp4"],
                    },
                ],
            },
        },
        "kie",
    ),
    # Further down the same page, which leaves the last part of the model's id out there.
    "KIE's Kling 3.0, its short id": (
        CREATE,
        {
            "model": "kling-3.0",
            "input": {
                "prompt": "In a bright rehearsal room, sunlight streams through the window@element_dog",
                "image_urls": ["https://static.aiquickdraw.com/tools/example/1764851002741_i0lEiI8I.png"],
                "sound": True,
                "duration": "5",
                "aspect_ratio": "16:9",
                "mode": "pro",
                "multi_shots": False,
                "kling_elements": [DOG],
            },
        },
        "kie",
    ),
    "KIE's Veo 3.1 with reference pictures": (
        "/api/v1/veo/generate",
        {
            "prompt": "A dog playing in a park",
            "imageUrls": ["http://example.com/image1.jpg", "http://example.com/image2.jpg"],
            "model": "veo3_fast",
            "watermark": "MyBrand",
            "callBackUrl": "http://your-callback-url.com/complete",
            "aspect_ratio": "16:9",
            "seeds": 12345,
            "enableFallback": False,
            "enableTranslation": True,
            "generationType": "REFERENCE_2_VIDEO",
        },
        "kie",
    ),
}


@pytest.mark.parametrize(
    ("page", "prefix"), [(page, prefix) for page in PRINTED for prefix in ("", "/modkie") if not prefix or PRINTED[page][0] == CREATE]
)
def test_the_printed_request_makes_a_task(program: Program, page: str, prefix: str) -> None:
    path, body, gateway = PRINTED[page]
    answer = envelope(program.post(raw=json.dumps(body, indent=2), path=prefix + path))

    assert answer["code"] == 200, answer
    job = Job.objects.get(pk=answer["data"]["taskId"])
    assert (job.gateway, job.callback_url) == (gateway, body.get("callBackUrl", ""))
