"""Which server, and with which key: `ADS_HOST` and `ADS_API_KEY` first, then the file that `ads login` writes."""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import typer

from playground.cli.problems import ExitCode, Problem, usage

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_HOST = re.compile(r"[^\s%\[\]/\\]+")
_API_PATHS = ("/api/v1", "/api")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Access:
    """`…_from` says where a value comes from, for people; both values may be ""."""

    host: str
    api_key: str = field(repr=False)
    host_from: str
    api_key_from: str

    @property
    def masked_key(self) -> str:
        """Enough to tell keys apart, and too little to use one."""
        if not self.api_key:
            return ""
        return f"{self.api_key[: _SHOWN if len(self.api_key) >= 2 * _SHOWN else 3]}…"


def config_path() -> Path:
    """In the user's own configuration folder: `~/.config`, `~/Library/Application Support` or `%APPDATA%`."""
    return Path(typer.get_app_dir("rushes")) / "ads.json"


def known_access() -> Access:
    """What is configured, complete or not."""
    stored = _stored()
    host, api_key = os.environ.get("ADS_HOST", "").strip(), os.environ.get("ADS_API_KEY", "").strip()
    return Access(
        host=normal_host(host or stored.get("host", "")) if host or stored.get("host") else "",
        api_key=checked_key(api_key or stored.get("apiKey", "")),
        host_from="ADS_HOST" if host else str(config_path()),
        api_key_from="ADS_API_KEY" if api_key else str(config_path()),
    )


def needed_access() -> Access:
    """What a request needs, or the sentence that says how to give it."""
    access = known_access()
    if not access.host:
        raise usage("No server is configured. Run: ads login --host URL --api-key KEY, or set ADS_HOST and ADS_API_KEY.")
    if not access.api_key:
        raise Problem(ExitCode.AUTH, "No API key is configured. Run: ads login --host URL --api-key KEY, or set ADS_API_KEY.")
    return access


def save(host: str, api_key: str) -> Path:
    """Readable by its owner alone from its first byte on, and never seen half written."""
    path = config_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"host": host, "apiKey": api_key}, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def normal_host(text: str) -> str:
    """An address without path and slash at its end; `https` where no scheme is named, `http` on this machine."""
    written = text.strip()
    if "://" not in written:
        written = f"{'http' if _is_local(f'http://{written}') else 'https'}://{written}"
    try:
        url = httpx.URL(written)
        is_good = url.scheme in ("http", "https") and _HOST.fullmatch(url.host) and url.port != 0
    except (httpx.InvalidURL, ValueError):
        is_good = False
    if not is_good or url.userinfo or url.query or url.fragment:
        raise usage(f"{text} is no address of a server. It looks like https://rushes.example.com")
    address = str(url).rstrip("/")
    for path in _API_PATHS:
        address = address.removesuffix(path)
    return address


def is_plain(host: str) -> bool:
    """Whether a key would travel to another machine for everybody on the way to read."""
    return host.startswith("http://") and not _is_local(host)


def _is_local(address: str) -> bool:
    try:
        return httpx.URL(address).host in _LOCAL
    except (httpx.InvalidURL, ValueError):
        return False


def checked_key(api_key: str) -> str:
    """A key fits into a header, or was copied wrongly."""
    key = api_key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise usage("The API key has characters that no key has. Copy it again.")
    return key


def _stored() -> dict[str, str]:
    path = config_path()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise usage(f"{path} cannot be read ({error}). Run: ads login --host URL --api-key KEY") from None
    if not isinstance(content, dict):
        raise usage(f"{path} holds no configuration. Run: ads login --host URL --api-key KEY")
    return {name: value for name, value in content.items() if isinstance(value, str)}
