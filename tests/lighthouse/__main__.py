"""Lighthouse over the demo team's pages, as a phone on slow 4G: `make lighthouse`. Needs Node and npm's registry.

Words as arguments choose pages by their names. LIGHTHOUSE_DATA names a data directory that `seed_demo` has filled already.

Lighthouse plays its phone by taking all work of the page four times as long, which fits a fast desktop, one of 1,500 and more
on its own index (docs/throttling.md there, "Calibrating the CPU slowdown"). On a slower machine, and while this one is slow,
the factor is less by as much. Of each page the middle one of RUNS reports counts, by its performance (docs/variability.md).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.chromium import QUIET
from tests.browser.product import ROOT, WEB_ALONE, Product
from tests.waiting import wait_until

# The newest that Node 20 runs.
LIGHTHOUSE = "lighthouse@12.8.2"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OWNER = "mara@northlight.example"
RUNS = int(os.environ.get("LIGHTHOUSE_RUNS", "3"))
FULL_SLOWDOWN, FULL_SPEED = 4.0, 1500
SCORES = {"accessibility": 100, "best-practices": 100, "performance": 95}
# Name: audit, most, and what a unit of it is called.
LIMITS = {"LCP": ("largest-contentful-paint", 2000, " ms"), "CLS": ("cumulative-layout-shift", 0.02, "")}
_ADDRESSES = """
from datetime import timedelta
import json
from playground.jobs.models import Take
take = Take.objects.filter(job__mode="test", job__team__name="Northlight Studio").latest("job__created_at")
found = {"models": "/models", "playground": "/models/kie/kling-3.0/video", "gallery": "/gallery?scope=team"}
found |= {"detail": f"/tasks/{take.job_id}"}
try:
    from playground.gallery import shares
except ImportError:
    pass
else:
    token = shares.create_share(of=take, by=take.job.created_by, lasts=timedelta(days=1), shows_prompt=True)[1]
    found |= {"detail": f"/takes/{take.pk}", "share": f"/s/{token}"}
print(json.dumps(found))
"""


def main(words: list[str]) -> int:
    if shutil.which("npx") is None:
        print("Lighthouse needs Node: there is no npx.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="rushes-lighthouse-") as folder:
        data_dir = Path(os.environ.get("LIGHTHOUSE_DATA") or folder)
        is_filled = "LIGHTHOUSE_DATA" in os.environ
        product = Product(data_dir, WEB_ALONE)
        if not is_filled:
            product.manage("migrate", "--verbosity", "0")
            print(product.manage("seed_demo", "--verbosity", "0"))
        product.manage("createcachetable", "--verbosity", "0")
        product.manage("collectstatic", "--no-input", "--verbosity", "0")
        with product:
            addresses = json.loads(product.manage("shell", "--no-imports", "--command", _ADDRESSES))
            chosen = {name: path for name, path in addresses.items() if not words or any(word in name for word in words)}
            with signed_in(product, Path(folder)) as port:
                over = [name for name, path in chosen.items() if not is_good(name, middle_report(product.url + path, port, Path(folder)))]
    print(f"over a limit: {', '.join(over)}" if over else "All within the limits.")
    return int(bool(over))


@contextmanager
def signed_in(product: Product, folder: Path) -> Iterator[int]:
    """A browser with the owner's session; yields the port that steers it.

    Cookies given as extra headers would stand beside those that the browser itself got, and what the page fetches would be signed out.
    """
    command = [
        CHROMIUM, "--headless=new", *QUIET, "--remote-debugging-port=0", f"--user-data-dir={folder / 'browser'}", "about:blank",
    ]  # fmt: skip
    # Debian's chromium is a script that starts the browser: only all of its group end together.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as chromium:
        try:
            port = port_of(folder / "browser" / "DevToolsActivePort")
            with sync_playwright() as playwright:
                page = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0].new_page()
                page.goto(product.url + urllib.parse.urlsplit(product.sign_in_link(OWNER)).path)
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url(lambda url: "/sign-in/" not in url)
                page.close()
            yield port
        finally:
            os.killpg(chromium.pid, signal.SIGTERM)


def port_of(file: Path) -> int:
    wait_until(lambda: file.exists() and file.read_text().strip(), what=lambda: "the browser does not say where it listens")
    return int(file.read_text().split()[0])


def middle_report(url: str, port: int, folder: Path) -> Any:
    """The first look only fills caches and measures the machine; each report after it is made for the speed before it."""
    report = report_on(url, port, folder, FULL_SLOWDOWN)
    reports = []
    for _ in range(RUNS):
        report = report_on(url, port, folder, slowdown_at(report["environment"]["benchmarkIndex"]))
        reports.append(report)
    return sorted(reports, key=lambda each: each["categories"]["performance"]["score"] or 0)[RUNS // 2]


def slowdown_at(index: float) -> float:
    return max(1.0, FULL_SLOWDOWN * min(1.0, index / FULL_SPEED))


def report_on(url: str, port: int, folder: Path, slowdown: float) -> Any:
    """Lighthouse misses the beginning of a load now and then, and then asks to be run again."""
    target = folder / "report.json"
    command = [
        "npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={target}",
        f"--only-categories={','.join(SCORES)}", f"--port={port}", "--disable-storage-reset",
        f"--throttling.cpuSlowdownMultiplier={slowdown:.2f}",
    ]  # fmt: skip
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        subprocess.run(command, cwd=ROOT, check=True)
    return json.loads(target.read_text())


def is_good(name: str, report: Any) -> bool:
    """Prints a line, and what is wrong below it."""
    scores = {category: round(100 * (report["categories"][category]["score"] or 0)) for category in SCORES}
    values = {short: report["audits"][audit]["numericValue"] for short, (audit, _, _) in LIMITS.items()}
    words = [f"{category} {score}" for category, score in scores.items()]
    words += [
        f"{short} {value:.3g}{LIMITS[short][2]}" if value < 10 else f"{short} {value:.0f}{LIMITS[short][2]}"
        for short, value in values.items()
    ]
    words.append(
        f"{report['configSettings']['throttling']['cpuSlowdownMultiplier']:.1f} x slower than {report['environment']['benchmarkIndex']:.0f}"
    )
    over = [category for category, score in scores.items() if score < SCORES[category]]
    over += [short for short, value in values.items() if value > LIMITS[short][1]]
    print(f"{name:<12} {', '.join(words)}{'  OVER: ' + ', '.join(over) if over else ''}", flush=True)
    for category in set(over) & {"accessibility", "best-practices"}:
        for reference in report["categories"][category]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if audit["score"] is not None and audit["score"] < 1 and reference["weight"]:
                print(f"  {category}: {audit['title']}")
    return not over


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
