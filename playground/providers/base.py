"""The one protocol between the house and whoever makes the videos.

Adapters take plain values and return plain values: no tables, no queue. Everything that can go wrong is one of
the exceptions below, named for what the caller must do about it.

    ProviderError
    ├── NeverSent        the request did not reach the provider: safe to send again
    ├── MaybeSent        it may have: never send again by itself, the job is in doubt
    ├── RateLimited      refused for now: the account pauses, the job goes back to the queue
    ├── AccountTrouble   our key, our balance, maintenance there: the circuit opens, jobs wait
    ├── Refused          the provider said no to this request, for good, and why
    ├── UploadError      a file of ours could not be given to the provider: try again later
    └── ResultError      collecting a result failed
        ├── ResultUnavailable   try again later, perhaps with a fresh link
        └── ResultGone          it will never be there
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playground.wire.failures import Reason
from playground.wire.records import Echo
from playground.wire.records import WireState as UpstreamState

__all__ = ["Echo", "Reason", "UpstreamState"]


class ProviderError(Exception):
    """Base of everything an adapter raises. `words` are the provider's own, quoted verbatim to people."""

    def __init__(self, words: str = "", *, code: str = "", raw: str = "") -> None:
        super().__init__(words or code or type(self).__name__)
        self.words = words
        self.code = code
        self.raw = raw


class NeverSent(ProviderError):
    """Nothing arrived there (connection refused, connect timeout)."""


class MaybeSent(ProviderError):
    """The request may have been accepted, but no usable answer came back."""


class RateLimited(ProviderError):
    """Too many requests; `retry_after_seconds` when the provider says so."""

    def __init__(self, words: str = "", *, code: str = "", raw: str = "", retry_after_seconds: float | None = None):
        super().__init__(words, code=code, raw=raw)
        self.retry_after_seconds = retry_after_seconds


class AccountTrouble(ProviderError):
    """The provider serves nobody of ours: wrong key (401), no money there (402, 433), maintenance (455), wrong address."""


class Refused(ProviderError):
    """The provider refused this very request; `reason` says what was wrong with it."""

    def __init__(self, words: str = "", *, code: str = "", raw: str = "", reason: Reason = "validation") -> None:
        super().__init__(words, code=code, raw=raw)
        self.reason = reason


class UploadError(ProviderError):
    """A file of ours did not reach the provider's storage; a later try may succeed."""


class ResultError(ProviderError):
    """A result could not be collected."""


class ResultUnavailable(ResultError):
    """Not now; a later try, perhaps with a fresh link, may succeed."""


class ResultGone(ResultError):
    """The provider says that the result does not exist (any more)."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What an adapter needs to create a job upstream. `payload` is the `input` object, byte for byte as priced.

    `endpoint` is the model's own route ("POST /api/v1/veo/generate"), "" where the contract has one for all models.
    """

    job_id: str
    model_id: str
    payload: Mapping[str, Any]
    callback_url: str | None = None
    gateway: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """A job that the provider knows. `payload` is passed again because the sandbox keeps no state of its own."""

    job_id: str
    upstream_id: str
    model_id: str
    payload: Mapping[str, Any]
    gateway: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of a job's state at the provider.

    `progress` is 0..1 or None; `result_links` are opaque to everyone but the adapter that made them;
    `raw` is the reply as received, shortened, our secrets blackened. `consumed_millicredits` is what the provider took for
    the job, by its own word; `echo` the request as it recorded it.
    """

    state: UpstreamState
    progress: float | None = None
    result_links: tuple[str, ...] = ()
    fail_code: str = ""
    fail_message: str = ""
    raw: str = ""
    fail_reason: Reason = "capacity"
    consumed_millicredits: int | None = None
    echo: Echo | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider account allows, 0 for no end; all pumps together keep to it."""

    creates_per_10_seconds: int = 20
    reads_per_second: int = 10
    running: int = 100


class FileHost(Protocol):
    """Where a provider takes files. Used by the courier's thread, never by an event loop."""

    # How long a file is certain to stay there.
    keeps_seconds: int

    def upload(self, path: Path, *, content_type: str, extension: str, public_url: str) -> str:
        """Give the provider a file; returns the address under which it reads it.

        `public_url` is ours, for providers that fetch; "" where nobody outside can reach us. Raises UploadError, Refused,
        AccountTrouble or RateLimited.
        """

    def close(self) -> None:
        """Release connections."""


class Provider(Protocol):
    """An upstream. `submit` and `poll` run in the pump's event loop, `collect` in the media worker."""

    name: str
    title: str
    limits: Limits
    makes_real_videos: bool
    # Heavy collecting happens in a limited child process: the dotted path of a function that takes the running job
    # (as keywords of Running), the link, the target, these options and local copies of the job's input files (paths by
    # URL or task id), and returns notes. None: `collect` is called in the worker itself.
    child_function: str | None
    child_options: Mapping[str, Any]

    def file_host(self) -> FileHost | None:
        """The provider's own storage for inputs; None where it reads files at our address."""

    async def submit(self, submission: Submission) -> str:
        """Create the job upstream and return its id there. Raises any ProviderError but ResultError."""

    async def poll(self, running: Running) -> Snapshot:
        """Read the job's state. Raises RateLimited, AccountTrouble or MaybeSent (unreadable: still running)."""

    async def balance(self) -> int | None:
        """What our account there has, in thousandths of the provider's credits; None where it does not say."""

    async def aclose(self) -> None:
        """Release connections; called once, inside the loop that used them."""

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        """Write the result behind `link` to `target` (a new file); returns sentences that people should read about it.

        Raises ResultUnavailable or ResultGone.
        """
