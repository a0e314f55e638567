"""For owners: the accounts at the providers, whether they take what was quoted, and what was made for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from playground.accounts import permissions
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.catalog import registry
from playground.catalog.card import Card
from playground.core import clock
from playground.core.wording import Labels
from playground.jobs import provider_keys, queries, reconciliation, upstreams
from playground.jobs.models import ProviderAccount
from playground.jobs.provider_check import Finding
from playground.jobs.provider_keys import KeyState, Kind
from playground.jobs.reconciliation import Drift, Loss
from playground.web import upstream_balance
from playground.web.access import allowed
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.web.tiles import model_title
from playground.web.upstream_balance import BalanceRow, UpstreamBalance

KINDS = Labels(
    {
        "recovered": gettext_noop("Came late, delivered free"),
        "result_lost": gettext_noop("Made, but its file was not to be had"),
        "timeout": gettext_noop("No result in time"),
        "in_doubt": gettext_noop("Never confirmed"),
    }
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """`state`: ready, paused, trouble or off."""

    name: str
    title: str
    state: str
    words: str
    callbacks: str
    running: int
    waiting: int
    # For the operator only.
    outlook: BalanceRow | None = None
    keys: Sequence[KeyRow] = ()
    findings: Sequence[Finding] = ()
    busy_seconds: int = 0

    @property
    def has_facts(self) -> bool:
        """Without a key only what was left behind is worth telling."""
        return self.state != "off" or bool(self.running or self.waiting)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a key was not taken; nothing of the key itself."""

    provider: str
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    state: KeyState
    refusal: str = ""

    @property
    def field_id(self) -> str:
        return f"{self.state.provider}-{self.state.kind.value}"

    @property
    def about(self) -> str:
        """Where the key that holds comes from; what was entered is told by its day, its person and its end."""
        state = self.state
        told = {"key": state.name, "variable": state.variable, "entered": self._entered}
        if state.source == "environment" and self._entered:
            return _("%(key)s: %(variable)s of the environment, which wins over the one %(entered)s.") % told
        if state.source == "environment":
            return _("%(key)s: %(variable)s of the environment. It wins over a key entered here.") % told
        if state.source == "unreadable":
            words = _("The %(key)s %(entered)s cannot be read, because SECRET_KEY has changed. Until it is entered again there is none.")
            return words % told
        return _("%(key)s %(entered)s.") % told if self._entered else ""

    @property
    def _entered(self) -> str:
        state = self.state
        if state.set_at is None:
            return ""
        told = {"day": format_date(localtime(state.set_at), "j F Y"), "person": state.set_by, "end": state.suffix}
        if state.suffix:
            return _("set on %(day)s by %(person)s, ends with %(end)s") % told
        return _("set on %(day)s by %(person)s") % told


@dataclass(frozen=True, slots=True)
class DriftRow:
    drift: Drift
    card: Card | None

    @property
    def title(self) -> str:
        return self.card.title if self.card else self.drift.model_id

    @property
    def provider_title(self) -> str:
        return upstreams.provider_title(self.drift.gateway)

    @property
    def percent(self) -> str:
        """`+12 %`, with a real minus sign; nothing is neither more nor less."""
        rounded = round(self.drift.percent)
        return f"{rounded:+} %".replace("-", "−") if rounded else "0 %"


@dataclass(frozen=True, slots=True)
class LossRow:
    loss: Loss

    @property
    def words(self) -> str:
        return KINDS[self.loss.kind]

    @property
    def model_title(self) -> str:
        return model_title(self.loss.job)


@require_safe
@allowed(Permission.PROVIDERS)
def providers(request: HttpRequest, membership: Membership) -> HttpResponse:
    return page(request, membership)


def page(
    request: HttpRequest,
    membership: Membership,
    *,
    refusal: Refusal | None = None,
    checked: str = "",
    findings: Sequence[Finding] = (),
    busy_seconds: int = 0,
    status: int = 200,
) -> HttpResponse:
    """The page; for the operator with the keys, the balances, and what became of a form on it."""
    drifts = reconciliation.drifts(team_id=membership.team_id)
    upstream = upstream_balance.for_operator(request)
    accounts = [account_row(name, membership.team_id) for name in upstreams.LIVE]
    if upstream_balance.is_operator(request):
        accounts = [_for_operator(row, upstream, refusal) for row in accounts]
        accounts = [replace(row, findings=findings, busy_seconds=busy_seconds) if row.name == checked else row for row in accounts]
    context = {
        "nav": "credits",
        "accounts": accounts,
        "upstream": upstream,
        "drifts": [DriftRow(drift, card_of(drift)) for drift in drifts],
        "off": [DriftRow(drift, card_of(drift)) for drift in reconciliation.off(drifts)],
        "losses": [LossRow(loss) for loss in reconciliation.losses(team_id=membership.team_id, limit=50)],
        "loss_total": reconciliation.loss_total(team_id=membership.team_id),
    }
    return fresh(request, "providers/providers.html", context, status=status)


def _for_operator(row: AccountRow, upstream: UpstreamBalance | None, refusal: Refusal | None) -> AccountRow:
    outlooks = {balance.outlook.provider: balance for balance in upstream.rows} if upstream else {}
    keys = [
        KeyRow(state, refusal.words if refusal and (refusal.provider, refusal.kind) == (state.provider, state.kind) else "")
        for state in provider_keys.states(row.name)
    ]
    return replace(row, outlook=outlooks.get(row.name), keys=keys)


def account_row(name: str, team_id: int) -> AccountRow:
    account = ProviderAccount.objects.filter(provider=name).first() or ProviderAccount(provider=name)
    load = queries.load(team_id, "live", provider=name)
    state, words = _state(name, account)
    return AccountRow(
        name=name,
        title=upstreams.provider_title(name),
        state=state,
        words=words,
        callbacks=_callbacks(account),
        running=load.running,
        waiting=load.waiting,
    )


def _state(name: str, account: ProviderAccount) -> tuple[str, str]:
    if not upstreams.is_live_available(name):
        return "off", _("There is no key: its models run in Test only.")
    if account.trouble:
        return "trouble", account.trouble
    if account.paused_until and account.paused_until > clock.now():
        return "paused", _("It asked for a pause; jobs wait until it is over.")
    return "ready", ""


def _callbacks(account: ProviderAccount) -> str:
    if account.bad_signature_at and (account.callback_at is None or account.bad_signature_at > account.callback_at):
        return _("The last callback carried a wrong signature. Is our webhook key the provider's?")
    if not upstreams.is_reachable():
        return _("PUBLIC_URL cannot be reached from outside, so results are asked for.")
    if account.callback_at is None:
        return _("None has come yet; results are asked for as well.")
    told = {"time": f"{account.callback_at:%H:%M}", "day": format_date(account.callback_at, "d F")}
    return _("The last one came at %(time)s UTC, %(day)s.") % told


def card_of(drift: Drift) -> Card | None:
    try:
        return registry.get(drift.model_id, drift.gateway)
    except registry.UnknownModel:
        return None


def drift_for_owner(request: HttpRequest, membership: Membership, card: Card) -> DriftRow | None:
    """For the banner on a model's own page: only for owners, only in live mode, only when its price is off."""
    if not permissions.allows(membership.role, Permission.PROVIDERS) or shell_for(request).mode != "live":
        return None
    drift = reconciliation.drift_of(card.gateway, card.id, team_id=membership.team_id)
    return DriftRow(drift, card) if drift.is_off else None
