"""Ranges, validators and headers as RFC 9110 and the rules for foreign media ask for them."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from playground.accounts.models import Team
from playground.core import clock
from playground.media import serving
from playground.media.models import StoredFile
from playground.media.ranges import ByteRange, Unsatisfiable, parse_range
from playground.media.serving import MAX_PIECE_BYTES, etag_of, range_response, safe_filename

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * 40
TAG = f'"{"a" * 64}"'


def store(team: Team, root: Path, content: bytes, content_type: str = "video/mp4", name: str = "1/x.mp4") -> StoredFile:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return StoredFile.objects.create(team=team, storage_name=name, content_type=content_type, size_bytes=len(content), sha256="a" * 64)


@pytest.fixture
def small(team: Team, storage_root: Path) -> StoredFile:
    return store(team, storage_root, CONTENT)


@pytest.fixture
def large(team: Team, storage_root: Path) -> StoredFile:
    return store(team, storage_root, CONTENT * 400, name="1/large.mp4")


def get(stored: StoredFile, *, method: str = "GET", client_key: str = "", **headers: str) -> HttpResponseBase:
    request = RequestFactory().generic(method, "/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return range_response(request, stored, client_key=client_key)


def body(response: HttpResponseBase) -> bytes:
    if isinstance(response, HttpResponse):
        return response.content
    assert isinstance(response, FileResponse)
    data = response.getvalue()
    response.close()
    assert isinstance(data, bytes)
    return data


SIZE = len(CONTENT)


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-", 0, SIZE),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("bytes=0-99999999", 0, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=-99999999", 0, SIZE),
        ("Bytes=5-6", 5, 7),
        ("bytes= 5-6 ", 5, 7),
    ],
)
def test_a_single_range_is_answered_with_206(small: StoredFile, header: str, start: int, end: int) -> None:
    response = get(small, Range=header)
    assert response.status_code == 206
    assert body(response) == CONTENT[start:end]
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert response["Content-Length"] == str(end - start)


@pytest.mark.parametrize(
    "header",
    ["bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "items=0-1", "0-1", "bytes=0x1-2", "bytes=１-２"],
)
def test_what_is_no_single_range_is_ignored(small: StoredFile, header: str) -> None:
    request = RequestFactory().get("/")
    request.META["HTTP_RANGE"] = header
    response = range_response(request, small)
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert not response.has_header("Content-Range")


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"])
def test_a_range_outside_is_416_with_the_size(small: StoredFile, header: str) -> None:
    response = get(small, Range=header)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{SIZE}"
    assert response["Content-Type"].startswith("text/plain")


def test_a_player_gets_a_mebibyte_at_a_time_and_all_of_it_in_the_end(large: StoredFile, storage_root: Path) -> None:
    received = b""
    while len(received) < large.size_bytes:
        response = get(large, Range=f"bytes={len(received)}-")
        piece = body(response)
        assert response.status_code == 206 and 0 < len(piece) <= MAX_PIECE_BYTES
        received += piece
    assert received == (storage_root / large.storage_name).read_bytes()


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=40), st.integers(1, 10**12))
def test_any_range_header_gives_a_part_inside_the_file_or_none(header: str, size: int) -> None:
    try:
        part = parse_range(header, size, max_bytes=MIB)
    except Unsatisfiable:
        return
    if part is not None:
        assert 0 <= part.start < part.end <= size and part.end - part.start <= MIB


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_closed_range_is_exactly_what_python_slices(first: int, last: int, size: int) -> None:
    if last < first:
        assert parse_range(f"bytes={first}-{last}", size, max_bytes=10**9) is None
    elif first >= size:
        with pytest.raises(Unsatisfiable):
            parse_range(f"bytes={first}-{last}", size, max_bytes=10**9)
    else:
        expected = range(size)[first : last + 1]
        assert parse_range(f"bytes={first}-{last}", size, max_bytes=10**9) == ByteRange(expected.start, expected.stop)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": TAG}, 304),
        ({"If_None_Match": f'"b", W/{TAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"b"'}, 200),
        ({"If_None_Match": TAG, "Range": "bytes=0-1"}, 304),
        ({"If_Match": TAG}, 200),
        ({"If_Match": '"b"'}, 412),
        ({"If_Match": f"W/{TAG}"}, 412),
        ({"If_Range": TAG, "Range": "bytes=0-1"}, 206),
        ({"If_Range": '"b"', "Range": "bytes=0-1"}, 200),
        ({"If_Range": f"W/{TAG}", "Range": "bytes=0-1"}, 200),
        ({"If_Range": "Wed, 21 Oct 2015 07:28:00 GMT", "Range": "bytes=0-1"}, 200),
        ({"If_Range": '"b"', "Range": f"bytes={SIZE}-"}, 200),
    ],
)
def test_preconditions(small: StoredFile, headers: dict[str, str], status: int) -> None:
    response = get(small, **headers)
    assert response.status_code == status
    if status < 400:
        assert response["ETag"] == etag_of(small) == TAG
    if status == 304:
        assert body(response) == b""


def test_head_has_the_headers_of_the_whole_and_no_body(large: StoredFile) -> None:
    response = get(large, method="HEAD", Range="bytes=0-1")
    assert (response.status_code, response["Content-Length"]) == (200, str(large.size_bytes))
    assert response["Accept-Ranges"] == "bytes"
    assert body(response) == b""


def test_other_methods_are_refused(small: StoredFile) -> None:
    response = get(small, method="POST")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_every_answer_is_fenced_in(small: StoredFile) -> None:
    response = get(small)
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox allow-same-origin; default-src 'none'")
    assert "script" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, max-age=1200"
    assert response["Content-Disposition"] == 'inline; filename="x.mp4"'


def test_errors_are_not_cached(small: StoredFile) -> None:
    assert get(small, Range="bytes=99999999-")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_a_type_off_the_list_is_never_shown(team: Team, storage_root: Path, content_type: str) -> None:
    response = get(store(team, storage_root, b"<script>", content_type))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Security-Policy"].startswith("sandbox; ")
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("take 15a.mp4", "take 15a.mp4"),
        ("../../etc/passwd", "etc-passwd"),
        ('a"b\r\nSet-Cookie: x.mp4', "a-bSet-Cookie- x.mp4"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\x1b[31mred.mp4", "[31mred.mp4"),
        ("", "file"),
        ("..", "file"),
        ("x" * 500 + ".mp4", "x" * 110 + ".mp4"),
    ],
)
def test_file_names_are_made_harmless(name: str, expected: str) -> None:
    assert safe_filename(name) == expected


@given(st.text(max_size=200))
def test_any_file_name_makes_a_header(name: str) -> None:
    stored = StoredFile(storage_name="1/x.mp4", content_type="video/mp4", size_bytes=1, sha256="a" * 64)
    stored.deleted_at = None
    request = RequestFactory().head("/")
    header = range_response(request, stored, filename=name, as_download=True)["Content-Disposition"]
    assert header.startswith("attachment; filename")
    assert header.isprintable() and header.isascii()


def test_foreign_letters_are_encoded(small: StoredFile) -> None:
    response = range_response(RequestFactory().get("/"), small, filename="Süßkram 飴.mp4", as_download=True)
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''S%C3%BC%C3%9Fkram%20%E9%A3%B4.mp4"


def test_erased_and_lost_files_are_gone(small: StoredFile, large: StoredFile, storage_root: Path) -> None:
    (storage_root / small.storage_name).unlink()
    (storage_root / large.storage_name).unlink()
    assert get(small).status_code == get(small, Range="bytes=0-1").status_code == get(large).status_code == 410
    large.deleted_at = clock.now()
    assert get(large, method="HEAD").status_code == 410
    assert serving.threaded_slots.taken == 0


def test_a_whole_large_file_is_streamed_and_its_slot_given_back(large: StoredFile, storage_root: Path) -> None:
    response = get(large)
    assert (response.status_code, response["Content-Length"]) == (200, str(large.size_bytes))
    assert response["Content-Type"] == "video/mp4"
    assert serving.threaded_slots.taken == 1
    assert body(response) == (storage_root / large.storage_name).read_bytes()
    assert serving.threaded_slots.taken == 0


def test_downloads_are_limited_in_all_and_for_each_client(large: StoredFile) -> None:
    slots = serving.threaded_slots
    held = [get(large, client_key="one") for _ in range(slots.per_client)]
    refused = get(large, client_key="one")
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    held += [get(large, client_key=f"other {number}") for number in range(slots.total - len(held))]
    assert get(large, client_key="yet another").status_code == 503
    assert get(large, client_key="one", Range="bytes=0-").status_code == 206
    for response in held:
        response.close()
        response.close()
    assert slots.taken == 0


def test_a_download_that_nobody_reads_gives_its_slot_back(large: StoredFile) -> None:
    get(large)
    gc.collect()
    assert serving.threaded_slots.taken == 0


def test_a_server_that_waits_for_clients_itself_gets_the_file_and_more_slots(large: StoredFile) -> None:
    request = RequestFactory().get("/", **{"wsgi.file_wrapper": object})  # type: ignore[arg-type]
    response = range_response(request, large)
    assert isinstance(response, FileResponse) and hasattr(response.file_to_stream, "read")
    assert (serving.patient_slots.taken, serving.threaded_slots.taken) == (1, 0)
    response.close()
    assert serving.patient_slots.taken == 0
