"""Does everything that live mode needs work? One answer for each part, in words that say what to do."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.core import ids, outbound
from playground.core.money import format_credits
from playground.core.outbound import OutboundPolicy
from playground.core.wording import Labels
from playground.jobs import calling, provider_accounts, provider_balances, provider_keys, upstreams
from playground.jobs.models import ProviderAccount
from playground.jobs.provider_keys import Kind
from playground.providers.base import AccountTrouble, FileHost, Provider, ProviderError

# The smallest picture there is.
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


_TITLES = Labels(
    {
        "key": gettext_noop("Key"),
        "balance": gettext_noop("Balance"),
        "uploads": gettext_noop("Uploads"),
        "callbacks": gettext_noop("Callbacks"),
        "signature": gettext_noop("Signature"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_ok` is None for what is not used, or cannot be judged from here."""

    provider: str
    subject: str
    is_ok: bool | None
    words: str

    @property
    def title(self) -> str:
        return _TITLES[self.subject]


def check(name: str) -> Iterator[Finding]:
    """Look at one live provider. Calls it, uploads a picture of one pixel, and asks our own callback address."""
    key_and_balance = check_key(name)
    yield from key_and_balance
    if not upstreams.is_live_available(name):
        return
    if key_and_balance[0].is_ok:
        yield _upload(name, upstreams.build(name))
    yield from _callbacks(name)


def check_key(name: str) -> list[Finding]:
    """Whether the provider takes our key, and if so what there is. One call to it."""
    try:
        provider = upstreams.build(name)
    except LookupError:
        return [_no_key(name)]
    key, balance = _key_and_balance(name, provider)
    return [key, balance] if key.is_ok else [key]


def _no_key(name: str) -> Finding:
    told = {"provider": upstreams.provider_title(name), "variable": f"{name.upper()}_API_KEY"}
    if provider_keys.is_unreadable(name, Kind.API):
        words = _(
            "The key that was entered cannot be read, because SECRET_KEY has changed; live mode of %(provider)s is off. Enter it again."
        )
        return Finding(name, "key", False, words % told)
    words = _("%(variable)s is not set, and no key was entered; live mode of %(provider)s is off.")
    return Finding(name, "key", None, words % told)


def _key_and_balance(name: str, provider: Provider) -> tuple[Finding, Finding]:
    async def ask() -> int | None:
        try:
            return await calling.in_time(provider.balance())
        finally:
            await provider.aclose()

    try:
        balance = asyncio.run(ask())
    except TimeoutError:
        problem = _("no answer within %(seconds)s s") % {"seconds": f"{settings.PROVIDER_TIMEOUT_SECONDS:g}"}
    except ProviderError as error:
        problem = f"{error.code} {error.words}".strip()
        if isinstance(error, AccountTrouble):
            # As when a job meets it: people see at once why jobs wait.
            provider_accounts.pause(name, settings.CIRCUIT_SECONDS, trouble=f"{provider.title}: {problem}")
    else:
        provider_balances.record(name, balance)
        if balance is None or balance > 0:
            provider_accounts.clear_trouble(name)
        return Finding(name, "key", True, _("The key is accepted.")), _balance(name, balance)
    words = _("%(provider)s refuses or cannot be reached: %(problem)s. Is the key right, and %(variable)s?")
    told = {"provider": provider.title, "problem": problem, "variable": f"{name.upper()}_BASE_URL"}
    return Finding(name, "key", False, words % told), Finding(name, "balance", None, "")


def _balance(name: str, balance: int | None) -> Finding:
    if balance is None:
        return Finding(name, "balance", None, _("The provider does not say what there is."))
    return Finding(name, "balance", balance > 0, _("%(credits)s credits there.") % {"credits": format_credits(balance)})


def _upload(name: str, provider: Provider) -> Finding:
    host = provider.file_host()
    if host is None:
        told = {"provider": provider.title, "url": settings.PUBLIC_URL}
        if upstreams.is_reachable():
            return Finding(name, "uploads", None, _("%(provider)s reads input files at %(url)s.") % told)
        words = _("%(provider)s reads input files at PUBLIC_URL (%(url)s), which cannot be reached from outside: only links work as input.")
        return Finding(name, "uploads", False, words % told)
    with closing(host):
        return _upload_pixel(name, host)


def _upload_pixel(name: str, host: FileHost) -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixel.png"
        path.write_bytes(_PIXEL)
        try:
            url = host.upload(path, content_type="image/png", extension="png", public_url="")
            back = Path(folder) / "back.png"
            outbound.download(url, back, OutboundPolicy.of(settings.OUTBOUND_ALLOW), max_bytes=1024 * 1024, max_seconds=30)
        except ProviderError as error:
            told = {"problem": f"{error.code} {error.words}", "variable": f"{name.upper()}_UPLOAD_BASE_URL"}
            return Finding(name, "uploads", False, _("An upload failed: %(problem)s. Is %(variable)s right?") % told)
        except Exception as error:
            words = _("An upload went through, but its address cannot be read: %(problem)s")
            return Finding(name, "uploads", False, words % {"problem": f"{type(error).__name__} {error}"})
        is_whole = back.read_bytes() == _PIXEL
    return Finding(name, "uploads", is_whole, _("An upload came back as it was.") if is_whole else _("An upload came back changed."))


def _callbacks(name: str) -> Iterator[Finding]:
    if not upstreams.is_reachable():
        words = _(
            "PUBLIC_URL (%(url)s) cannot be reached from outside, so results are asked for and not announced. Live mode works without."
        )
        yield Finding(name, "callbacks", None, words % {"url": settings.PUBLIC_URL})
        return
    address = upstreams.callback_url(name, ids.new_secret())
    parts = urlsplit(address)
    policy = OutboundPolicy.of([f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"])
    try:
        status, text = outbound.post_empty(address, policy)
        is_ours = status == 404 and '"code": 404' in text
        problem = "" if is_ours else _("something else answers there, with %(status)s") % {"status": status}
    except Exception as error:
        problem = f"{type(error).__name__} {error}"
    if problem:
        words = _("%(url)s does not lead here, as seen from this machine: %(problem)s.")
        yield Finding(name, "callbacks", False, words % {"url": f"{settings.PUBLIC_URL}/hooks/", "problem": problem})
    else:
        words = _("%(url)s leads here, as seen from this machine.")
        yield Finding(name, "callbacks", True, words % {"url": f"{settings.PUBLIC_URL}/hooks/"})
    yield from _heard(name)


def _heard(name: str) -> Iterator[Finding]:
    """What came in so far says more than anything that can be tried from inside."""
    account = ProviderAccount.objects.filter(provider=name).first()
    if account and account.callback_at:
        words = _("The last one came at %(time)s UTC.") % {"time": f"{account.callback_at:%Y-%m-%d %H:%M}"}
        yield Finding(name, "callbacks", True, words)
    else:
        yield Finding(name, "callbacks", None, _("None has come yet."))
    if account and account.bad_signature_at and (not account.callback_at or account.bad_signature_at > account.callback_at):
        words = _("One at %(time)s UTC carried a wrong signature: our webhook key is not the one in the provider's settings.")
        yield Finding(name, "signature", False, words % {"time": f"{account.bad_signature_at:%Y-%m-%d %H:%M}"})
