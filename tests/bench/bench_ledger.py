"""The ledger with a million entries beside one with a thousand: `python -m tests.bench.bench_ledger`.

Three teams in one database of the product's own settings: 1,000, 100,000 and 1,000,000 entries, written by plain SQL. Pages
are compared by medians of processor time, in turns; exports by the most memory that the process had while they ran. The
proof is timed, too: it must end before the queue would stop it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

SMALL, MIDDLE, LARGE = 1_000, 100_000, 1_000_000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "30"))
PAGE_LIMIT, MEMORY_LIMIT, PROOF_SECONDS = 2.0, 1.2, 60.0

# Pairs of a hold and its charge, three seconds apart: two members, every fourth pair by a key, three models.
_FILL = """
WITH RECURSIVE pair(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM pair WHERE n < %s - 1),
    half(kind, available, held, later) AS (VALUES ('hold', -60000, 60000, 0), ('capture', 0, -60000, 1))
INSERT INTO credits_entry (account_id, job_id, kind, available_delta_millicredits, held_delta_millicredits,
    available_after_millicredits, note, by_user_id, by_key_id, gateway, model_id, created_at)
SELECT %s, printf('%%08x%%024x', %s, n), kind, available, held, 0, '', %s + n %% 2, CASE WHEN n %% 4 = 0 THEN 1 END,
    'modkie', 'a/model-' || (n %% 3), strftime('%%Y-%%m-%%d %%H:%%M:%%f', '2026-01-01', '+' || (n * 3 + later) || ' seconds')
FROM pair, half ORDER BY n, later
"""


class Books:
    """Three teams with their entries, and somebody who looks at the pages of each."""

    def __init__(self) -> None:
        from django.db import connection, transaction
        from django.test import Client

        from playground.credits import services as ledger
        from playground.credits import sums
        from playground.credits.models import Account, Entry
        from tests.factories import make_owner

        self.accounts: dict[int, Account] = {}
        self.clients: dict[int, Client] = {}
        for count in (SMALL, MIDDLE, LARGE):
            owner = make_owner(f"owner{count}@example.com", f"team-{count}")
            account = ledger.account_for(owner.team_id, "test")
            self.accounts[count] = account
            self.clients[count] = Client(HTTP_HOST="localhost:8000")
            self.clients[count].force_login(owner.user)
            with transaction.atomic(), connection.cursor() as cursor:
                top_up = Entry.objects.get(account=account)
                top_up.delete()
                top_up.pk, top_up.available_delta_millicredits, top_up.created_at = (
                    None,
                    count * 60_000,
                    top_up.created_at.replace(year=2025),
                )
                top_up.save()
                cursor.execute(_FILL, [count // 2, account.pk, account.pk, owner.user_id])
                cursor.execute(*sums.daily_rebuild(account.pk))
            ledger.rebalance(account.pk)

    def page(self, count: int, wanted: Any, before: int | None = None) -> None:
        from playground.credits import entries

        assert len(entries.page(self.accounts[count].pk, wanted, before, 51)) == 51

    def view(self, count: int) -> None:
        response = self.clients[count].get("/credits")
        assert response.status_code == 200, response.status_code


def _wanted() -> dict[str, Any]:
    from playground.accounts.models import User
    from playground.credits.entries import Filter
    from playground.credits.models import EntryKind

    users = {count: User.objects.get(email=f"owner{count}@example.com").pk for count in (SMALL, LARGE)}
    same = {
        "first page": Filter(),
        "charges and releases": Filter(kinds=(EntryKind.CAPTURE, EntryKind.RELEASE)),
        "one key": Filter(key_id=1),
        "one model": Filter(gateway="modkie", model_id="a/model-1"),
    }
    found: dict[str, Any] = {name: {SMALL: wanted, LARGE: wanted} for name, wanted in same.items()}
    return found | {"one member": {count: Filter(user_id=user) for count, user in users.items()}}


def _compare(small: Callable[[], object], large: Callable[[], object]) -> tuple[float, float]:
    times: dict[int, list[float]] = {SMALL: [], LARGE: []}
    for round_number in range(ROUNDS + 3):
        for count, action in ((SMALL, small), (LARGE, large)):
            begin = time.thread_time()
            action()
            if round_number >= 3:
                times[count].append(1000 * (time.thread_time() - begin))
    return statistics.median(times[SMALL]), statistics.median(times[LARGE])


def _pages(books: Books) -> int:
    failed = 0
    looks: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {}
    looks["/credits"] = partial(books.view, SMALL), partial(books.view, LARGE)
    for name, wanted in _wanted().items():
        looks[name] = partial(books.page, SMALL, wanted[SMALL]), partial(books.page, LARGE, wanted[LARGE])
    for name, (small, large) in looks.items():
        small_ms, large_ms = _compare(small, large)
        ratio = large_ms / small_ms
        failed += ratio > PAGE_LIMIT
        note = "  TOO SLOW" if ratio > PAGE_LIMIT else ""
        print(f"{name:<22} {small_ms:7.2f} ms of {SMALL:,}, {large_ms:7.2f} ms of {LARGE:,}: {ratio:.2f} (at most {PAGE_LIMIT:g}){note}")
    return failed


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _exports(books: Books) -> int:
    from playground.credits import entries, exporting

    peaks = {}
    for count in (MIDDLE, LARGE):
        account, peak = books.accounts[count], 0
        for number, _line in enumerate(exporting.as_csv(entries.stream(account.pk), account)):
            if number % 5000 == 0:
                peak = max(peak, _resident_bytes())
        assert number == count + 1, number
        peaks[count] = peak
    ratio = peaks[LARGE] / peaks[MIDDLE]
    sizes = ", ".join(f"{peak / 1e6:.1f} MB for {count:,}" for count, peak in peaks.items())
    print(f"export: {sizes}: {ratio:.2f} (at most {MEMORY_LIMIT:g})")
    return int(ratio > MEMORY_LIMIT)


def _proof() -> int:
    from playground.credits import proof

    begin = time.perf_counter()
    findings = proof.prove()
    seconds = time.perf_counter() - begin
    for finding in findings:
        broken = "" if finding.is_kept else f", broken: {finding.words[:120]}"
        print(f"  {finding.invariant.name:<12} {finding.duration_ms / 1000:6.1f} s{broken}")
    print(f"proof of {SMALL + MIDDLE + LARGE:,} entries: {seconds:.1f} s (at most {PROOF_SECONDS:g})")
    # The entries of this database have no jobs: that finding alone is right.
    return int(seconds > PROOF_SECONDS or any(not finding.is_kept and finding.invariant.name != "charges" for finding in findings))


def main() -> int:
    folder = tempfile.mkdtemp(prefix="rushes-bench-")
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "playground.settings", "PUBLIC_URL": "http://localhost:8000"}
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        books = Books()
        return 1 if _pages(books) + _exports(books) + _proof() else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
