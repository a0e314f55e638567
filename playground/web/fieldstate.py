"""What a form says about one field at this moment, apart from the value in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from playground.web.widgets import ChoiceState

DIGEST_CHARACTERS = 6
# Under this prefix a form keeps what stands in a field that may not be sent.
KEPT = "_kept-"


@dataclass(frozen=True)
class FieldState:
    """`impossible` and `prices` by a choice's text (`true` and `false` for a switch); `labels` are the choices' names.

    `tally` counts what a check counts ("7 of 10 s"). `note` is what the form changed by itself just now; it is news,
    not state, so it is not part of the digest.
    """

    is_required: bool = False
    forbidden: str = ""
    required: str = ""
    one_of: str = ""
    impossible: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    max_items: int | None = None
    narrowed: str = ""
    tally: str = ""
    errors: tuple[str, ...] = ()
    note: str = ""

    @property
    def choice_states(self) -> dict[str, ChoiceState]:
        names = {*self.impossible, *self.prices}
        return {name: ChoiceState(self.prices.get(name, ""), name in self.impossible) for name in names}

    @cached_property
    def reasons(self) -> list[str]:
        """Sentences under the input: why it, or which of its choices, cannot be used now, and what a rule wants."""
        if self.forbidden:
            return [self.forbidden]
        by_reason: dict[str, list[str]] = {}
        for choice, reason in self.impossible.items():
            by_reason.setdefault(reason, []).append(str(self.labels.get(choice, "")))
        sentences = [f"{_listed(names)}: {reason}" if any(names) else reason for reason, names in by_reason.items()]
        needed = "" if self.narrowed.endswith(self.required) else self.required
        return list(dict.fromkeys([*sentences, *filter(None, [needed, self.narrowed])]))

    def digest(self) -> str:
        """Short and the same as long as the same is said."""
        said = (
            self.is_required, self.forbidden, self.required, self.one_of, sorted(self.impossible.items()), sorted(self.prices.items()),
            self.minimum, self.maximum, self.max_items, self.narrowed, self.tally, self.errors,
        )  # fmt: skip
        mark = "e" if self.errors else "-"
        return mark + hashlib.blake2b(repr(said).encode(), digest_size=DIGEST_CHARACTERS // 2).hexdigest()


def _listed(names: list[str]) -> str:
    if len(names) <= 6:
        return ", ".join(names)
    return _("%(names)s and %(count)s more") % {"names": ", ".join(names[:5]), "count": len(names) - 5}
