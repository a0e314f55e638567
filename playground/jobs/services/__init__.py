"""The only place where a job's state changes.

Every transition is a conditional UPDATE on the state and, where an engine holds the job, on its lease token: one row
means done by me, and then the event, the credits and the callback follow in the same transaction; no row means that
somebody else was first, and nothing happens. All functions are therefore safe to call twice and in any order.

`sending` takes a job from the queue to the provider, `watching` reads it there, `candidates` judges ids that only callbacks
named, `saving` makes the result ours, `ending` closes the books on a failure, `recovering` takes in what arrives after
that. A row that is saved whole (the rejected alternative) would let a late process write its old idea of the state over a
newer one.
"""

from __future__ import annotations

from playground.jobs.services.ending import cancel, fail, grant_last_look, refuse
from playground.jobs.services.moves import give_back, lease, renew_leases
from playground.jobs.services.recovering import begin_recovery, end_recovery, recover
from playground.jobs.services.saving import claim_for_saving, keep_notes, lose_result, save_failed, save_later, succeed
from playground.jobs.services.sending import (
    Departure,
    claim_for_files,
    claim_for_submission,
    claim_these,
    doubt,
    files_failed,
    files_refused,
    files_sent,
    mark_sent,
    record_upstream_id,
    recover_submission,
    requeue,
    want_files,
)
from playground.jobs.services.watching import apply_snapshot, claim_for_polling, hint, is_old_news, look_again, poll_failed, to_be_read

__all__ = [
    "Departure", "apply_snapshot", "begin_recovery", "cancel", "claim_for_files", "claim_for_polling", "claim_for_saving",
    "claim_for_submission", "claim_these", "doubt", "end_recovery", "fail", "files_failed", "files_refused", "files_sent", "give_back",
    "grant_last_look", "hint", "is_old_news", "keep_notes", "lease", "look_again", "lose_result", "mark_sent", "poll_failed",
    "record_upstream_id", "recover", "recover_submission", "refuse", "renew_leases", "requeue", "save_failed", "save_later", "succeed",
    "to_be_read", "want_files",
]  # fmt: skip
