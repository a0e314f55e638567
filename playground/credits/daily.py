"""The writer of the daily roll-up: one upsert per settlement, in its transaction."""

from __future__ import annotations

from playground import flatsql
from playground.credits import periods
from playground.credits.models import Entry, EntryKind

# Both databases know this form of the upsert; `excluded` is the row that could not be inserted.
_UPSERT = """
INSERT INTO credits_dailyuse
    (account_id, day, user_id, key_id, gateway, model_id, charged_millicredits, charges, returned_millicredits, returns)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (account_id, day, user_id, key_id, gateway, model_id) DO UPDATE SET
    charged_millicredits = credits_dailyuse.charged_millicredits + excluded.charged_millicredits,
    charges = credits_dailyuse.charges + excluded.charges,
    returned_millicredits = credits_dailyuse.returned_millicredits + excluded.returned_millicredits,
    returns = credits_dailyuse.returns + excluded.returns
"""


def count(settlement: Entry) -> None:
    """Add a capture or a release to its day. Call it in the transaction that wrote the entry."""
    is_charge = settlement.kind == EntryKind.CAPTURE
    charged = -settlement.held_delta_millicredits - settlement.available_delta_millicredits
    returned = 0 if is_charge else settlement.available_delta_millicredits
    flatsql.execute(
        _UPSERT,
        [
            settlement.account_id,
            periods.day_of(settlement.created_at).isoformat(),
            settlement.by_user_id or 0,
            settlement.by_key_id or 0,
            settlement.gateway,
            settlement.model_id,
            charged if is_charge else 0,
            int(is_charge),
            returned,
            int(not is_charge),
        ],
    )
