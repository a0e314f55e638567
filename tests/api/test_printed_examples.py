"""What the providers' pages print works here as it is printed, the host and the key apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.jobs.models import Job
from tests.api.client import Program, envelope

pytestmark = pytest.mark.django_db

CREATE = "/api/v1/jobs/createTask"
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
