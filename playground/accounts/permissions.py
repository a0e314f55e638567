"""Who may do what in a team: the one table. Views ask it, the Team page and docs/roles.md print it, a test walks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts.models import Membership, Role


class Permission(StrEnum):
    """What a role may do in a team; the value is how code and tests call it."""

    VIEW = "view"
    RUN = "run"
    OWN_KEYS = "own_keys"
    ALL_TASKS = "all_tasks"
    ALL_KEYS = "all_keys"
    WEBHOOKS = "webhooks"
    MEMBERS = "members"
    BUDGETS = "budgets"
    OWNERS = "owners"
    CREDITS = "credits"
    PRICES = "prices"
    TEAM = "team"
    PROVIDERS = "providers"
    AUDIT = "audit"
    SHARE = "share"
    ALL_SHARES = "all_shares"


@dataclass(frozen=True, slots=True)
class Rule:
    """`said` begins with a verb and fits behind "may"; `words` are the same in the reader's language."""

    said: str
    roles: frozenset[Role]

    @property
    def words(self) -> str:
        return _(self.said)


_ALL = frozenset(Role)
_WHO_RUN = _ALL - {Role.VIEWER}
_WHO_MANAGE = frozenset({Role.OWNER, Role.ADMIN})
_WHO_OWN = frozenset({Role.OWNER})

TABLE: Mapping[Permission, Rule] = {
    Permission.VIEW: Rule(gettext_noop("see the team's takes, tasks, members, credits and prices"), _ALL),
    Permission.RUN: Rule(
        gettext_noop("run models, upload files, make collections, cancel their own tasks and delete their own takes"), _WHO_RUN
    ),
    Permission.OWN_KEYS: Rule(gettext_noop("make, see, change, rotate and revoke API keys of their own"), _WHO_RUN),
    Permission.SHARE: Rule(gettext_noop("make links to the team's takes that anybody can open, and revoke their own"), _WHO_RUN),
    Permission.ALL_SHARES: Rule(gettext_noop("revoke everybody's share links"), _WHO_MANAGE),
    Permission.ALL_TASKS: Rule(gettext_noop("cancel everybody's tasks and delete everybody's takes"), _WHO_MANAGE),
    Permission.ALL_KEYS: Rule(gettext_noop("see, change, rotate and revoke everybody's API keys"), _WHO_MANAGE),
    Permission.WEBHOOKS: Rule(gettext_noop("set up webhooks, see their deliveries and send them again"), _WHO_MANAGE),
    Permission.MEMBERS: Rule(gettext_noop("invite and remove people, and change roles up to Admin"), _WHO_MANAGE),
    Permission.BUDGETS: Rule(gettext_noop("set budgets for the team, its members and its keys"), _WHO_MANAGE),
    Permission.OWNERS: Rule(gettext_noop("make somebody an owner, and change or remove an owner"), _WHO_OWN),
    Permission.CREDITS: Rule(gettext_noop("add and adjust credits, and see the ledger's proof"), _WHO_OWN),
    Permission.PRICES: Rule(gettext_noop("set the team's own prices"), _WHO_OWN),
    Permission.TEAM: Rule(gettext_noop("rename the team"), _WHO_OWN),
    Permission.PROVIDERS: Rule(gettext_noop("see provider accounts, raw replies and losses"), _WHO_OWN),
    Permission.AUDIT: Rule(gettext_noop("read and export the audit log"), _WHO_OWN),
}


_PAGE = """# Roles

A person has one role in each team they belong to. This table is printed from `playground/accounts/permissions.py`, which
the pages ask and the tests walk: `manage.py roles > docs/roles.md`.

{table}

- A person may be in several teams, with another role in each, and switches between them in the top bar.
- An API key runs models as the person who made it. It sees its team's tasks of its mode, and no page.
- The last owner of a team cannot leave it or take another role.
- Who leaves a team or is removed from it loses access at once: their keys end and their sessions too. Takes stay with the team.
- What belongs to another team is answered like what does not exist: 404.
- The first owner of an installation runs it, and pays its providers.
"""


def allows(role: str, permission: Permission) -> bool:
    return role in TABLE[permission].roles


def needed(permission: Permission) -> str:
    """The roles that may, for a refusal: "Owner or Admin"."""
    return _(" or ").join(str(role.label) for role in Role if role in TABLE[permission].roles)


def roles_page() -> str:
    """docs/roles.md."""
    heads = "".join(f" {role.label} |" for role in Role)
    held = [("".join(" yes |" if role in rule.roles else "  |" for role in Role), rule.words) for rule in TABLE.values()]
    rows = [f"| {words[0].upper()}{words[1:]} |{cells}" for cells, words in held]
    table = [f"| May |{heads}", f"|---|{'---|' * len(Role)}", *rows]
    return _PAGE.format(table="\n".join(table))


def refusal(membership: Membership, permission: Permission) -> str:
    words = {"do": TABLE[permission].words, "roles": needed(permission), "yours": membership.get_role_display()}
    return _("Who wants to %(do)s needs the role %(roles)s. Yours is %(yours)s.") % words


def of_role(role: str) -> dict[str, bool]:
    """Every permission by its name, for templates: `{% if may.members %}`."""
    return {permission.value: allows(role, permission) for permission in Permission}
