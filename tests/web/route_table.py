"""Every address of the product and what becomes of whoever asks for it. Written by hand; the matrix test reads it.

To add an address, add one line:

    route("team-rename", POST=team(302, OWNERS, send={"name": "Renamed"}))

`team`, `person`, `anybody` and `program` say who gets the status; the rest is answered as their words say. HEAD is like GET, and
a method that is not named is answered 405. In `args`, `query` and `send`, `{job}` and its like stand for an object of a
team (see matrix_world.Side): such a line is asked for the own team's object and for another team's, which answers 404.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final


class Who(StrEnum):
    """Roles of one team, people without a team, and an API key of that team instead of a session."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
    NO_TEAM = "no team"
    NOBODY = "nobody"
    KEY = "API key"


OWNERS = (Who.OWNER,)
MANAGERS = (*OWNERS, Who.ADMIN)
RUNNERS = (*MANAGERS, Who.MEMBER)
TEAM = (*RUNNERS, Who.VIEWER)
# Leads to the sign-in page.
SIGN_IN: Final = "sign in"
Status = int | str


@dataclass(frozen=True)
class Answer:
    """`elsewhere` is the status for another team's object. `shows`: the holder of a link sees what it leads to."""

    to: Mapping[Who, Status]
    send: Mapping[str, str] = field(default_factory=dict)
    json: str = ""
    query: str = ""
    elsewhere: Mapping[Who, Status] = field(default_factory=dict)
    shows: bool = False

    def templates(self) -> list[str]:
        return [*self.send.values(), self.query, self.json]


@dataclass(frozen=True)
class Route:
    names: Sequence[str]
    args: Mapping[str, str]
    answers: Mapping[str, Answer]
    is_generic: bool = False


def route(*names: str, args: Mapping[str, str] | None = None, **answers: Answer) -> Route:
    if "GET" in answers:
        answers = {"HEAD": answers["GET"]} | answers
    return Route(names, args or {}, answers)


def allauth(*names: str, args: Mapping[str, str] | None = None, **answers: Answer) -> Route:
    """A view of allauth's: what its generic views do with other methods is not ours to say, but it changes and shows nothing."""
    return replace(route(*names, args=args, **answers), is_generic=True)


def team(
    ok: Status = 200,
    who: Sequence[Who] = TEAM,
    *,
    looks_first: bool = False,
    others: Status = 404,
    but: Mapping[Who, Status] | None = None,
    **more: object,
) -> Answer:
    """For these roles; other roles are refused, strangers sent to the sign-in page. Who is refused by role is refused before
    anything is looked up, unless it `looks_first`."""
    to: dict[Who, Status] = {one: ok if one in who else 403 for one in TEAM}
    to |= {Who.NO_TEAM: 403, Who.NOBODY: SIGN_IN, Who.KEY: SIGN_IN}
    to |= but or {}
    elsewhere = {one: 403 if to[one] == 403 and not looks_first else others for one in TEAM}
    elsewhere |= {one: others for one in Who if one not in TEAM and to[one] == 200}
    return Answer(to, elsewhere=elsewhere, **more)  # type: ignore[arg-type]


def person(ok: Status = 200, *, but: Mapping[Who, Status] | None = None, **more: object) -> Answer:
    """For everybody who is signed in, with or without a team."""
    to: dict[Who, Status] = dict.fromkeys((*TEAM, Who.NO_TEAM), ok) | {Who.NOBODY: SIGN_IN, Who.KEY: SIGN_IN}
    return Answer(to | dict(but or {}), **more)  # type: ignore[arg-type]


def anybody(ok: Status = 200, *, signed_in: Status | None = None, **more: object) -> Answer:
    to = dict.fromkeys(Who, ok) | ({} if signed_in is None else dict.fromkeys((*TEAM, Who.NO_TEAM), signed_in))
    return Answer(to, **more)  # type: ignore[arg-type]


def program(ok: Status = 200, *, elsewhere: Status = 404, **more: object) -> Answer:
    """For API keys alone: a session opens nothing here. The statuses are those of the envelope."""
    return Answer(dict.fromkeys(Who, 401) | {Who.KEY: ok}, elsewhere={Who.KEY: elsewhere}, **more)  # type: ignore[arg-type]


def refused(status: Status = 405) -> Answer:
    return anybody(status)


VEO = {"gateway": "modkie", "model_id": "google/veo-3-1"}
FORM = {"prompt": "A calm sea at dusk", "aspect_ratio": "16:9", "duration": "5"}
UPLOAD = {"gateway": "kie", "model": "wan/2-2-animate-move", "field": "image_url"}
CREATE = '{"model": "google/veo-3-1", "input": {"prompt": "A calm sea", "aspect_ratio": "16:9", "duration": 5}}'
PROMPT = '{"prompt": "A calm sea"}'
RUNWAY = '{"prompt": "A calm sea", "duration": 5, "quality": "720p", "aspectRatio": "16:9"}'
NOBODYS = "0" * 32

GROUPS: Mapping[str, Sequence[Route]] = {
    "models and the playground": (
        route("home", GET=team(302)),
        route("models", GET=team()),
        route("search", GET=team(query="q=sea")),
        route("docs", GET=team(query="in=python")),
        route("docs-models", GET=team()),
        route("docs-model", args=VEO, GET=team()),
        route("model-about", args=VEO, GET=team()),
        route("model-poster", args=VEO, GET=team()),
        route("model-preview", args=VEO, GET=team(204)),
        route("model-playground", args=VEO, GET=team(query="take=1")),
        route("model-redirect", args={"model_id": "google/veo-3-1"}, GET=team(302)),
        route("model-switcher", args=VEO, GET=team(), POST=team(send=FORM)),
        route("model-switch", args=VEO, POST=team(302, send=FORM)),
        route("model-quote", args=VEO, POST=team(send=FORM)),
        # Without the promise of an open form it is refused as too old, which only those get to hear who may run.
        route("model-run", args=VEO, POST=team(409, RUNNERS, send=FORM)),
        route("live", # Jobs of others are as good as gone from the page.
              GET=team(query="j={job}:1&on=strip", others=200)),
    ),
    "what a team pays for a model": (
        route("model-own-price", args=VEO, GET=team(), POST=team(302, OWNERS, send={"credits": "12"})),
    ),
    "takes, tasks and their files": (
        route("gallery", GET=team(query="scope=team")),
        # Favourites are everybody's own, and whoever sees takes may take them along; the rest needs a role.
        route("take-favourite", args={"take_id": "{take}"}, POST=team(303)),
        route("takes-bulk", POST=team(303, send={"do": "favourite", "take": "{take}"}, others=303)),
        route("takes-restore", POST=team(303, RUNNERS, send={"take": "{take}"}, others=303)),
        route("collections", POST=team(302, RUNNERS, send={"name": "Another one"})),
        route("collection", args={"collection_id": "{collection}"}, GET=team(200, RUNNERS),
              POST=team(302, RUNNERS, send={"name": "Another name"})),
        route("collection-delete", args={"collection_id": "{collection}"}, POST=team(302, RUNNERS)),
        route("task", args={"job_id": "{job}"}, GET=team()),
        route("task-cancel", args={"job_id": "{queued_job}"}, POST=team(302, MANAGERS, looks_first=True)),
        route("take", args={"take_id": "{take}"}, GET=team()),
        route("take-menu", args={"take_id": "{take}"}, GET=team(302)),
        route("take-share", args={"take_id": "{take}"}, GET=team(200, RUNNERS), POST=team(200, RUNNERS, send={"expires": "7"})),
        route("collection-share", args={"collection_id": "{collection}"}, GET=team(200, RUNNERS),
              POST=team(200, RUNNERS, send={"expires": "never", "shows_prompt": "on"})),
        route("shares", GET=team(200, RUNNERS)),
        # Somebody else's link may be revoked by those who manage the team.
        route("share-revoke", args={"share_id": "{share}"}, POST=team(302, MANAGERS, looks_first=True)),
        route("shared", args={"token": "{share_token}"}, GET=anybody(shows=True)),
        route("shared-take", args={"token": "{collection_token}", "take_id": "{take}"}, GET=anybody(shows=True)),
        # The signature is the permission, also without a session.
        route("media", args={"token": "{media_token}", "name": "clip.mp4"}, GET=anybody(shows=True)),
        route("upload", POST=team(200, RUNNERS, send=UPLOAD)),
        route("upload-fix", args={"upload_id": "{upload}"}, POST=team(200, RUNNERS, looks_first=True, send=UPLOAD)),
        route("upload-content", args={"upload_id": "{upload}", "name": "picture.jpg"},
              GET=team(but={Who.NO_TEAM: 404, Who.NOBODY: 404, Who.KEY: 200})),
        route("upload-thumb", args={"upload_id": "{upload}"}, GET=team(but={Who.NO_TEAM: 404, Who.NOBODY: 404, Who.KEY: 200})),
    ),
    "comparisons and tasks": (
        route("compare", GET=team(query="m=modkie/google/veo-3-1")),
        route("compare-quote", POST=team(send={"m": "modkie/google/veo-3-1", "prompt": "A calm sea"})),
        # Without the promise of an open form it is refused as too old, which only those get to hear who may run.
        route("compare-run", POST=team(409, RUNNERS, send={"m": "modkie/google/veo-3-1", "prompt": "A calm sea"})),
        route("comparison", args={"comparison_id": "{comparison}"}, GET=team()),
        route("comparison-pick", args={"comparison_id": "{comparison}"}, POST=team(303, RUNNERS, send={"job": "{compared_job}"})),
        route("comparison-share", args={"comparison_id": "{comparison}"}, POST=team(303, RUNNERS)),
        route("tasks", GET=team(query="q={number}")),
        route("tasks-csv", GET=team()),
        route("task-row", args={"job_id": "{job}"}, GET=team(302)),
    ),
    "credits": (
        route("credits", GET=team()),
        route("credits-csv", GET=team()),
        route("credits-add", GET=team(200, OWNERS), POST=team(200, OWNERS, send={"action": "grant", "credits": "5"})),
        # What a credit costs is set by whoever runs the installation; that owner does not.
        route("credits-rate", POST=team(403, (), send={"usd": "0.01"})),
        route("credits-proof", GET=team(200, OWNERS)),
        route("credits-check", POST=team(302, OWNERS)),
        route("budgets", GET=team(200, MANAGERS), POST=team(302, MANAGERS, send={"subject": "team", "period": "month", "limit": "90000"})),
        route("budget", args={"budget_id": "{budget}"}, POST=team(302, MANAGERS, send={"limit": "80000"})),
        route("budget-removal", args={"budget_id": "{budget}"}, POST=team(302, MANAGERS)),
        route("providers", GET=team(200, OWNERS)),
        # Our keys there belong to whoever runs the installation; no owner of these two teams does.
        route("provider-key", args={"name": "kie"}, POST=team(403, (), send={"kind": "api", "provider_key": "sk-of-ours"})),
        route("provider-check", args={"name": "kie"}, POST=team(403, ())),
    ),
    "the team": (
        route("team", GET=team()),
        route("team-rename", POST=team(302, OWNERS, send={"name": "Renamed"})),
        route("team-new", GET=person(), POST=person(302, send={"name": "A team of my own"})),
        route("member-role", args={"member_id": "{member}"}, POST=team(302, MANAGERS, send={"role": "viewer"})),
        route("member-remove", args={"member_id": "{member}"}, GET=team(200, MANAGERS, looks_first=True),
              POST=team(302, MANAGERS, looks_first=True)),
        route("invite", POST=team(200, MANAGERS, send={"emails": "new@example.com", "role": "member"})),
        route("invitation-renew", args={"invitation_id": "{invitation}"}, POST=team(200, MANAGERS)),
        route("invitation-revoke", args={"invitation_id": "{invitation}"}, POST=team(302, MANAGERS)),
    ),
    "API keys": (
        route("keys", GET=team(200, RUNNERS), POST=team(200, RUNNERS, send={"name": "robot", "kind": "test", "expires": "30"})),
        # A key of somebody else's is as good as none to those who see only their own.
        route("key", args={"key_id": "{key}"}, GET=team(200, RUNNERS, but={Who.MEMBER: 404}),
              POST=team(302, RUNNERS, but={Who.MEMBER: 404}, send={"name": "robot", "scope": "read", "expires": "30"})),
        route("key-rotate", args={"key_id": "{key}"}, POST=team(200, RUNNERS, but={Who.MEMBER: 404}, send={"overlap": "1"})),
        route("key-revoke", args={"key_id": "{key}"}, GET=team(200, RUNNERS, but={Who.MEMBER: 404}),
              POST=team(302, RUNNERS, but={Who.MEMBER: 404})),
    ),
    "webhooks": (
        route("webhooks", GET=team(200, MANAGERS), POST=team(200, MANAGERS, send={"url": "https://example.com/new"})),
        route("webhook-task-secret", POST=team(200, MANAGERS)),
        route("webhook", args={"endpoint_id": "{endpoint}"}, GET=team(200, MANAGERS),
              POST=team(302, MANAGERS, send={"url": "https://example.com/changed"})),
        route("webhook-secret", args={"endpoint_id": "{endpoint}"}, POST=team(200, MANAGERS)),
        route("webhook-test", args={"endpoint_id": "{endpoint}"}, POST=team(302, MANAGERS)),
        route("webhook-remove", args={"endpoint_id": "{endpoint}"}, GET=team(200, MANAGERS), POST=team(302, MANAGERS)),
        route("delivery", args={"delivery_id": "{delivery}"}, GET=team(200, MANAGERS)),
        route("delivery-again", args={"delivery_id": "{delivery}"}, POST=team(302, MANAGERS)),
    ),
    "the audit log": (
        route("audit", GET=team(200, OWNERS)),
        route("audit-csv", GET=team(200, OWNERS)),
    ),
    "the API": (
        # No queue runs beside the tests, and it says so.
        route("healthz", GET=anybody(503)),
        route("hook", args={"provider": "kie", "token": "no-such-token"}, POST=anybody(404)),
        route("api-create-task", POST=program(json=CREATE)),
        route("api-validate-task", POST=program(json=CREATE)),
        route("api-record-info", GET=program(query="taskId={job}", elsewhere=422)),
        route("api-models", GET=program()),
        route("api-model", args={"model_id": "google/veo-3-1"}, GET=program()),
        route("api-model-schema", args={"model_id": "google/veo-3-1"}, GET=program()),
        route("api-model-price", args={"model_id": "google/veo-3-1"}, GET=program(query="duration=5&aspect_ratio=16:9")),
        route("api-model-success-rate", args={"model_id": "google/veo-3-1"}, GET=program()),
        route("api-credit", GET=program()),
        route("api-veo-generate", POST=program(json=PROMPT)),
        # In test mode the sandbox draws a stand-in for an earlier take that is not ours.
        route("api-veo-extend", POST=program(json=f'{{"taskId": "{NOBODYS}", "prompt": "And on"}}')),
        # Neither of these two teams has a take of Veo's, Runway's or Aleph's; see tests/api/test_families.py.
        route("api-veo-record", GET=program(422, query="taskId={job}", elsewhere=422)),
        # A GET that makes a job, as the contract has it: HEAD does not.
        route("api-veo-1080p", GET=program(422, query="taskId={job}", elsewhere=422)),
        route("api-veo-1080p-by-its-page", GET=program(422, query="taskId={job}", elsewhere=422)),
        route("api-veo-4k", POST=program(422, json=f'{{"taskId": "{NOBODYS}"}}')),
        route("api-runway-generate", POST=program(json=RUNWAY)),
        route("api-runway-extend", POST=program(json=f'{{"taskId": "{NOBODYS}", "prompt": "And on", "quality": "720p"}}')),
        route("api-runway-record", GET=program(query="taskId={job}", elsewhere=200)),
        route("api-aleph-generate", POST=program(json='{"prompt": "Winter", "videoUrl": "https://example.com/clip.mp4"}')),
        route("api-aleph-record", GET=program(query="taskId={job}", elsewhere=200)),
        route("api-download-url", POST=program(422, json='{"url": "https://example.com/clip.mp4"}')),
        route("api-openapi", GET=anybody()),
        route("api-upload-stream", POST=program(400, send={"uploadPath": "clips"})),
        route("api-upload-base64", POST=program(400, json='{"uploadPath": "clips"}')),
        route("api-upload-url", POST=program(400, json='{"uploadPath": "clips"}')),
        route("modkie-create-task", POST=program(json=CREATE)),
        route("modkie-record-info", GET=program(query="taskId={job}", elsewhere=422)),
        route("modkie-models", GET=program()),
        route("modkie-credit", GET=program()),
        route("modkie-not-found", GET=anybody(404), POST=anybody(404), PUT=anybody(404), PATCH=anybody(404), DELETE=anybody(404),
              OPTIONS=anybody(404)),
        route("api-actions", GET=program()),
        route("api-action-schema", args={"name": "ai.video.query"}, GET=program()),
        route("api-action", args={"name": "ai.video.query"}, POST=program(json='{"taskId": "{job}"}', elsewhere=422)),
        route("api-not-found", GET=anybody(404), POST=anybody(404), PUT=anybody(404), PATCH=anybody(404), DELETE=anybody(404),
              OPTIONS=anybody(404)),
    ),
    "signing in": (
        route("prefs", POST=anybody(303, send={"theme": "dark", "team": "{slug}"})),
        allauth("sign-in", "account_login", GET=anybody(200, signed_in=302), POST=anybody(422, signed_in=302)),
        route("sign-out", "account_logout", POST=anybody(SIGN_IN)),
        route("sign-in-link", args={"token": "{sign_in_link}"}, GET=anybody(shows=True), POST=anybody(302)),
        route("join", args={"token": "{join}"}, GET=anybody(shows=True),
              POST=anybody(422, signed_in=302, shows=True)),
        route("setup", GET=anybody(404), POST=anybody(404)),
        route("setup-provider", GET=team(403), POST=team(403)),
        route("setup-take", GET=team()),
        route("setup-hide", POST=team(302)),
    ),
    "the account": (
        route("account", "mfa_index", "mfa_list_webauthn", GET=person()),
        route("account-name", POST=person(302, send={"name": "Another"})),
        route("sign-out-everywhere", POST=anybody(SIGN_IN)),
        route("password", "account_change_password", "account_set_password", GET=person(),
              POST=person(422, send={"new_password1": "one", "new_password2": "another"})),
        allauth(".well-known/change-password", GET=anybody(302)),
        # Before its second factor or code somebody is nobody; whoever is signed in is sent home.
        allauth("account_confirm_login_code", GET=person(302), POST=person(302)),
        allauth("mfa_authenticate", GET=person(302), POST=person(302)),
        allauth("mfa_login_webauthn", GET=person(302), POST=person(302)),
        allauth("socialaccount_signup", GET=anybody(SIGN_IN), POST=anybody(SIGN_IN)),
        allauth("account_signup", GET=anybody(403, signed_in=302), POST=anybody(403, signed_in=302)),
        # Without mail there are no codes and no resets; without its settings there is no service.
        allauth("account_request_login_code", GET=anybody(404), POST=anybody(404)),
        allauth("account_reset_password", GET=anybody(404), POST=anybody(404)),
        allauth("account_reset_password_from_key", args={"uidb36": "1", "key": "no-such-key"}, GET=anybody(), POST=anybody(422)),
        *(allauth(f"{service}_{step}", GET=anybody(404), POST=anybody(404))
          for service in ("google", "github") for step in ("login", "callback")),
        *(allauth(f"openid_connect_{step}", args={"provider_id": "company"}, GET=anybody(404), POST=anybody(404))
          for step in ("login", "callback")),
        # Words, and nothing else.
        *(allauth(name, GET=anybody()) for name in (
            "account_email_verification_sent", "account_inactive", "account_reset_password_done", "account_reset_password_from_key_done",
            "socialaccount_login_cancelled",
        )),
        allauth("socialaccount_connections", GET=person(), POST=person(422)),
        allauth("account_reauthenticate", GET=person(), POST=person(422)),
        allauth("mfa_reauthenticate", GET=person(302), POST=person(302)),
        allauth("mfa_reauthenticate_webauthn", GET=person(302), POST=person(302)),
        # A session that did not just prove who it is has to do so first; whatever passkey it names.
        allauth("account_email", GET=person(302), POST=person(302)),
        allauth("mfa_add_webauthn", GET=person(302), POST=person(302)),
        allauth("mfa_edit_webauthn", args={"pk": "1"}, GET=person(302), POST=person(302)),
        allauth("mfa_remove_webauthn", args={"pk": "1"}, GET=person(302), POST=person(302)),
        allauth("mfa_activate_totp", GET=person(302), POST=person(302)),
        allauth("mfa_generate_recovery_codes", GET=person(302), POST=person(302)),
        # Nobody here has an app or recovery codes.
        allauth("mfa_deactivate_totp", GET=person(404), POST=person(404)),
        allauth("mfa_view_recovery_codes", GET=person(404)),
        allauth("mfa_download_recovery_codes", GET=person(404)),
    ),
}  # fmt: skip
