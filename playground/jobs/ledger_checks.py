"""What must be true between the ledger and the jobs; the ledger itself knows no jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from playground import flatsql
from playground.credits import proof
from playground.credits.invariants import Discrepancy, Invariant, by_statement
from playground.jobs.models import UNFINISHED_STATES

_UNFINISHED = ", ".join(f"'{state.value}'" for state in UNFINISHED_STATES)
_OPEN_HOLDS = f"""
SELECT hold.job_id, job.state FROM credits_entry hold LEFT JOIN jobs_job job ON job.id = hold.job_id
WHERE hold.kind = 'hold' AND (job.id IS NULL OR job.state NOT IN ({_UNFINISHED}))
    AND NOT EXISTS (SELECT 1 FROM credits_entry ending WHERE ending.job_id = hold.job_id AND ending.kind IN ('capture', 'release'))
"""  # noqa: S608
_JOBS = f"""
SELECT job.id, job.state FROM jobs_job job WHERE job.state IN ({_UNFINISHED})
    AND NOT EXISTS (SELECT 1 FROM credits_entry hold WHERE hold.job_id = job.id AND hold.kind = 'hold')
"""  # noqa: S608
_CHARGES = """
SELECT charge.job_id, job.state, job.charged_millicredits, -charge.held_delta_millicredits - charge.available_delta_millicredits
FROM credits_entry charge LEFT JOIN jobs_job job ON job.id = charge.job_id
WHERE charge.kind = 'capture' AND (
    job.id IS NULL OR job.state <> 'success'
    OR COALESCE(job.charged_millicredits, -1) <> -charge.held_delta_millicredits - charge.available_delta_millicredits
    OR NOT EXISTS (SELECT 1 FROM jobs_take take WHERE take.job_id = charge.job_id)
)
"""


def register() -> None:
    under_way = gettext_noop("Credits are held for jobs that are under way, and for nothing else.")
    charged = gettext_noop("Every charge has a job that succeeded, for that price, with a take that is stored.")
    proof.register(Invariant("open_holds", under_way, by_statement(_OPEN_HOLDS, _open_hold)))
    unfinished = gettext_noop("Every job that is under way has its hold.")
    proof.register(Invariant("unfinished", unfinished, by_statement(_JOBS, _without_hold)))
    proof.register(Invariant("charges", charged, by_statement(_CHARGES, _charge)))


def _open_hold(row: tuple[Any, ...]) -> Discrepancy:
    return Discrepancy(f"job {flatsql.hex_of(row[0])}", f"{row[1]}, and its credits are held" if row[1] else "credits held for no job")


def _without_hold(row: tuple[Any, ...]) -> Discrepancy:
    return Discrepancy(f"job {flatsql.hex_of(row[0])}", f"{row[1]} without a hold")


def _charge(row: tuple[Any, ...]) -> Discrepancy:
    job_id, state, says, charged = row
    if state is None:
        rule = "charged, and there is no such job"
    elif state != "success":
        rule = f"charged, and it is {state}"
    elif says != charged:
        rule = "charged with another amount than the job says"
    else:
        rule = "charged without a take"
    return Discrepancy(f"job {flatsql.hex_of(job_id)}", rule)
