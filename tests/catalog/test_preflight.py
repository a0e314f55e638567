"""A file against a field: what is wrong with it, by how much, and what would mend it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.filetypes import canonical
from playground.catalog.preflight import BYTES_PER_MB, FileProblem, Fix, file_problems, list_problems, problems

GOOD_CLIP = MediaFacts("video/mp4", 5 * BYTES_PER_MB, 1280, 720, Decimal(5), Decimal(30), True)
GOOD_PICTURE = MediaFacts("image/png", BYTES_PER_MB, 1280, 720)
CLIPS: dict[str, Any] = {
    "x-widget": "videos",
    "x-accept": ["video/mp4", "video/quicktime"],
    "x-max-mb": 50,
    "maxItems": 3,
    "x-media": {
        "min_s": 2,
        "max_s": 15,
        "total_s": 15,
        "ratio": [0.4, 2.5],
        "side_px": [300, 6000],
        "pixels": [409600, 2000000],
        "fps": [24, 60],
    },
}


def clip(**changes: Any) -> MediaFacts:
    return MediaFacts(**{name: getattr(GOOD_CLIP, name) for name in GOOD_CLIP.__slots__} | changes)


def told(spec: dict[str, Any], facts: MediaFacts) -> dict[str, str]:
    return {problem.rule: problem.message for problem in file_problems(spec, facts)}


def fix_of(spec: dict[str, Any], facts: MediaFacts) -> Fix | None:
    (problem,) = file_problems(spec, facts)
    return problem.fix


def test_a_file_within_all_limits_has_no_problem() -> None:
    assert file_problems(CLIPS, GOOD_CLIP) == []


def test_what_nobody_measured_is_not_judged() -> None:
    assert file_problems(CLIPS, MediaFacts()) == []


@pytest.mark.parametrize(
    ("facts", "rule", "message"),
    [
        (clip(size_bytes=51 * BYTES_PER_MB), "size", "It has 51 MB; at most 50 MB are taken."),
        (clip(width=1800, height=600), "ratio", "It is 3 times as wide as high (1800 × 600); 0.4 to 2.5 times is taken."),
        (clip(width=2048, height=1152), "max_pixels", "It has 2,359,296 pixels (2048 × 1152); at most 2,000,000 are taken."),
        (clip(width=640, height=360), "min_pixels", "It has 230,400 pixels (640 × 360); at least 409,600 are needed."),
        (clip(seconds=Decimal("1.5")), "min_seconds", "It lasts 1.5 s; at least 2 s are needed."),
        (clip(seconds=Decimal(20)), "max_seconds", "It lasts 20 s; at most 15 s are taken."),
        (clip(fps=Decimal(15)), "fps", "It has 15 frames a second; 24 to 60 are taken."),
        (clip(content_type="video/webm"), "type", "It is WebM; MP4 and MOV are taken."),
        (clip(content_type="image/gif"), "type", "It is GIF; MP4 and MOV are taken."),
    ],
)
def test_a_problem_has_what_was_measured_and_what_is_allowed(facts: MediaFacts, rule: str, message: str) -> None:
    assert told(CLIPS, facts) == {rule: message}


@pytest.mark.parametrize(
    ("limits", "facts", "message"),
    [
        (
            {"min_side_px": 300},
            MediaFacts("image/png", None, 1000, 200),
            "Its shorter side has 200 px (1000 × 200); at least 300 px are needed.",
        ),
        (
            {"max_side_px": 2160},
            MediaFacts("image/png", None, 4000, 200),
            "Its longer side has 4000 px (4000 × 200); at most 2160 px are taken.",
        ),
        (
            {"max_pixels": 8294400},
            MediaFacts("image/png", None, 4000, 3000),
            "It has 12,000,000 pixels (4000 × 3000); at most 8,294,400 are taken.",
        ),
        ({"min_fps": 8}, MediaFacts(fps=Decimal(5)), "It has 5 frames a second; at least 8 are taken."),
        ({"max_pages": 50}, MediaFacts("application/pdf", pages=60), "It has 60 pages; at most 50 are taken."),
    ],
)
def test_one_sided_limits_count_too(limits: dict[str, Any], facts: MediaFacts, message: str) -> None:
    assert list(told({"x-media": limits}, facts).values()) == [message]


def test_a_wrong_shape_is_brought_to_the_nearest_that_is_taken() -> None:
    assert fix_of(CLIPS, clip(width=1800, height=600)) == Fix("crop", "Change the shape", ratio=2.5)
    assert fix_of(CLIPS, clip(width=600, height=1800)) == Fix("crop", "Change the shape", ratio=0.4)


def test_too_many_pixels_are_scaled_to_even_sides_within_the_limit() -> None:
    fix = fix_of(CLIPS, clip(width=2048, height=1152))

    assert fix is not None and fix.kind == "downscale" and fix.width and fix.height
    assert fix.width * fix.height <= 2_000_000
    assert fix.width % 2 == fix.height % 2 == 0
    assert abs(fix.width / fix.height - 16 / 9) < 0.01


def test_what_is_too_long_is_trimmed_and_what_is_too_short_stays_short() -> None:
    assert fix_of(CLIPS, clip(seconds=Decimal(20))) == Fix("trim", "Keep the first 15 s", seconds=Decimal(15))
    assert fix_of(CLIPS, clip(seconds=Decimal(1))) is None


def test_a_wrong_kind_of_the_same_nature_is_written_anew() -> None:
    assert fix_of(CLIPS, clip(content_type="video/x-matroska")) == Fix("reencode", "Convert to MP4", content_type="video/mp4")
    assert fix_of(CLIPS, clip(content_type="audio/mpeg")) is None
    assert fix_of({"x-accept": ["audio/ogg"]}, MediaFacts("audio/flac")) is None, "Ogg cannot be written here"
    heavy = fix_of(CLIPS, clip(size_bytes=51 * BYTES_PER_MB))
    assert heavy == Fix("reencode", "Make it fit into 50 MB", content_type="video/mp4", max_bytes=50 * BYTES_PER_MB)


@pytest.mark.parametrize(
    ("accepted", "actual"),
    [
        ("audio/mp3", "audio/mpeg"),
        ("audio/mpeg", "audio/mp3"),
        ("audio/x-wav", "audio/wav"),
        ("audio/m4a", "audio/mp4"),
        ("image/jpg", "image/jpeg"),
        ("video/avi", "video/x-msvideo"),
        ("text/plain", "text/markdown"),
    ],
)
def test_names_that_mean_the_same_are_the_same(accepted: str, actual: str) -> None:
    assert file_problems({"x-accept": [accepted]}, MediaFacts(actual)) == []


def test_mp4_and_mov_are_two_things() -> None:
    assert canonical("video/quicktime") != canonical("video/mp4")
    assert "type" in told({"x-accept": ["video/mp4"]}, MediaFacts("video/quicktime"))


def test_a_width_that_misses_the_ratio_by_a_pixel_is_taken() -> None:
    assert file_problems({"x-media": {"ratio": [0.4, 2.5]}}, MediaFacts("image/png", None, 1001, 400)) == []


def test_several_files_have_one_length_together() -> None:
    (problem,) = list_problems(CLIPS, [clip(seconds=Decimal(9)), None, clip(seconds=Decimal(8))])

    assert (problem.rule, problem.message) == ("total_seconds", "They last 17 s together; at most 15 s are taken.")
    assert problem.fix == Fix("trim", "Keep the first 6 s of the last one", seconds=Decimal(6))
    (hopeless,) = list_problems(CLIPS, [clip(seconds=Decimal(14)), clip(seconds=Decimal(8))])
    assert hopeless.fix is None, "less than the shortest clip would be left"
    assert list_problems(CLIPS, [clip(seconds=Decimal(20))]) == [], "that one says so itself"


ELEMENT = registry.get("kling-3.0/video").properties["kling_elements"]["items"]["properties"]["element_input_urls"]


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ([GOOD_CLIP], None),
        ([GOOD_PICTURE] * 2, None),
        ([GOOD_PICTURE] * 4, None),
        ([GOOD_PICTURE], "min_pictures"),
        ([GOOD_PICTURE, GOOD_CLIP], "one_clip"),
        ([GOOD_CLIP] * 2, "one_clip"),
        ([None], None),
        ([], None),
    ],
)
def test_an_element_is_several_pictures_or_one_clip(files: list[MediaFacts | None], rule: str | None) -> None:
    assert [problem.rule for problem in list_problems(ELEMENT, files)] == ([rule] if rule else [])


def test_the_files_of_a_payload_are_judged_where_they_stand() -> None:
    card = registry.get("kling-3.0/video")
    urls = [f"https://example.com/uploads/{number}" for number in range(4)]
    facts = Facts(
        media={
            urls[0]: MediaFacts("image/webp", 1000, 500, 500),
            urls[1]: GOOD_PICTURE,
            urls[2]: MediaFacts("audio/mpeg", seconds=Decimal(2)),
        }
    )
    payload = {
        "image_urls": [urls[3], urls[0]],
        "kling_elements": [{"name": "cat", "element_input_urls": [urls[1], urls[1]], "element_input_audio_urls": [urls[2]]}],
    }

    assert [(problem.pointer, problem.rule, problem.message) for problem in problems(card, payload, facts)] == [
        ("/image_urls/1", "type", "First / last frame 2: it is WebP; JPEG and PNG are taken."),
        (
            "/kling_elements/0/element_input_audio_urls/0",
            "min_seconds",
            "Elements 1 · Voice 1: it lasts 2 s; at least 5 s are needed.",
        ),
    ]


@pytest.mark.parametrize(
    "payload", [{}, {"image_urls": None}, {"image_urls": 7}, {"image_urls": [None, {}]}, {"kling_elements": [7, {}]}], ids=str
)
def test_a_payload_of_any_form_is_looked_through(payload: dict[str, Any]) -> None:
    assert problems(registry.get("kling-3.0/video"), payload, Facts()) == []


sides = st.none() | st.integers(1, 20_000)
lengths = st.none() | st.decimals(0, 1000, places=3)
measured = st.builds(
    MediaFacts,
    content_type=st.sampled_from(["", "video/mp4", "image/png", "audio/wav", "application/pdf", "video/x-matroska"]),
    size_bytes=st.none() | st.integers(0, 10**10),
    width=sides,
    height=sides,
    seconds=lengths,
    fps=st.none() | st.decimals(1, 240, places=2),
    pages=st.none() | st.integers(1, 1000),
)


def mended(facts: MediaFacts, fix: Fix) -> MediaFacts:
    """What the file measures once a fix was carried out to the letter."""
    values = {name: getattr(facts, name) for name in facts.__slots__}
    if fix.ratio and facts.height:
        values |= {"width": round(facts.height * fix.ratio * 100), "height": facts.height * 100}
    if fix.width:
        values |= {"width": fix.width, "height": fix.height}
    values |= {name: value for name, value in (("content_type", fix.content_type), ("fps", fix.fps), ("seconds", fix.seconds)) if value}
    values |= {"size_bytes": fix.max_bytes} if fix.max_bytes else {}
    return MediaFacts(**values)


@settings(deadline=None)
@given(measured)
def test_a_fix_mends_what_it_is_for(facts: MediaFacts) -> None:
    for problem in file_problems(CLIPS, facts):
        assert problem.message.endswith(".") and problem.message.startswith("It")
        if problem.fix:
            assert problem.rule not in {left.rule for left in file_problems(CLIPS, mended(facts, problem.fix))}


@settings(deadline=None)
@given(st.lists(st.none() | measured, max_size=5))
def test_no_files_are_too_odd_to_be_judged_together(files: list[MediaFacts | None]) -> None:
    for spec in (CLIPS, ELEMENT):
        assert all(isinstance(problem, FileProblem) for problem in list_problems(spec, files))
