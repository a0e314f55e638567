"""Run the WSGI application in a thread and turn what it answers into bytes, or into a file that needs no thread."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    file: IO[bytes] | None = None
    """The rest of the body, after `body`."""
    close: Callable[[], None] | None = None
    """What ends the application's part, when that could not be done yet because of the file."""


class FileWrapper:
    """`wsgi.file_wrapper`: the application's file, recognised and read by the front in its own time."""

    def __init__(self, file: IO[bytes], block_size: int = 8192) -> None:
        self.file = file
        self._block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        while block := self.file.read(self._block_size):
            yield block

    def close(self) -> None:
        self.file.close()


def call_application(application: WsgiApplication, environ: dict[str, Any], memory_bytes: int) -> Answer:
    """The whole of the application's work. Iterating here and not in step with the client is what frees the thread
    (and keeps a query that feeds the iterator on the connection of one thread)."""
    answer = Answer(500, [])

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        answer.status = int(status.split(" ", 1)[0])
        answer.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return leading.append

    leading: list[bytes] = []
    result = application({**environ, "wsgi.file_wrapper": FileWrapper}, start_response)
    if isinstance(result, FileWrapper):
        answer.file, answer.close = result.file, result.close
        return answer
    try:
        _collect(answer, leading, result, memory_bytes)
    finally:
        if (close := getattr(result, "close", None)) is not None:
            close()
    return answer


def _collect(answer: Answer, leading: list[bytes], result: Iterable[bytes], memory_bytes: int) -> None:
    parts, size = list(leading), sum(map(len, leading))
    for part in result:
        if answer.file is None and size + len(part) > memory_bytes and parts:
            answer.file = tempfile.TemporaryFile()  # noqa: SIM115  (outlives this function)
            answer.close = answer.file.close
            answer.file.writelines(parts)
            parts = []
        size += len(part)
        if answer.file is None:
            parts.append(part)
        else:
            answer.file.write(part)
    if answer.file is not None:
        answer.file.seek(0)
    answer.body = b"".join(parts)
