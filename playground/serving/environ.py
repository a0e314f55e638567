"""From an ASGI scope to a WSGI environ (PEP 3333)."""

from __future__ import annotations

import io
import sys
from typing import IO, Any
from urllib.parse import unquote_to_bytes

_SEPARATORS = {"HTTP_COOKIE": "; "}


def build_environ(scope: dict[str, Any], body: IO[bytes] | io.RawIOBase, content_length: int) -> dict[str, Any]:
    server_host, server_port = scope.get("server") or ("localhost", 80)
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # The bytes of the path as Latin-1 characters, as the PEP wants; Django decodes them as UTF-8.
        "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": str(server_host),
        "SERVER_PORT": str(server_port),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": str((scope.get("client") or ("", 0))[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        _add_header(environ, raw_name.decode("latin-1"), raw_value.decode("latin-1"))
    # Our own count: a chunked body announces none, and Django reads exactly this many bytes.
    environ.pop("CONTENT_LENGTH", None)
    if content_length or "CONTENT_TYPE" in environ:
        environ["CONTENT_LENGTH"] = str(content_length)
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    # `X_Forwarded_Proto` would pose as `X-Forwarded-Proto`, which a proxy in front of us has checked.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    environ[key] = environ[key] + _SEPARATORS.get(key, ",") + value if key in environ else value
