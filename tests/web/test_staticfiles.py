"""What browsers are sent, as `collectstatic` leaves it behind."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import Client

from playground import settings as product

MOST_CSS_BYTES, MOST_SCRIPT_BYTES = 12_000, 8_000


@pytest.fixture
def collected(tmp_path: Path, settings: LazySettings) -> Path:
    """The folder of a fresh installation."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": product.STORAGES["staticfiles"]}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def stylesheet(collected: Path) -> Path:
    """The one that pages link to."""
    return collected / storages["staticfiles"].url("css/app.css").removeprefix("/static/")


def test_the_stylesheet_is_served_within_its_budget(collected: Path) -> None:
    packed = stylesheet(collected).with_name(stylesheet(collected).name + ".gz").read_bytes()
    assert len(packed) <= MOST_CSS_BYTES


def test_all_own_scripts_together_are_served_within_their_budget(collected: Path) -> None:
    bundled = {Path(name).name for name in settings.OWN_SCRIPTS}
    names = ["app.js", *(path.name for path in (product.BASE_DIR / "static" / "js").glob("*.js") if path.name not in bundled)]
    served = [collected / storages["staticfiles"].url(f"js/{name}").removeprefix("/static/") for name in names]
    # The smallest are not worth compressing.
    packed = [path if not (small := path.with_name(f"{path.name}.gz")).exists() else small for path in served]
    assert {"app.js", "playground.js"} <= set(names)
    assert sum(path.stat().st_size for path in packed) <= MOST_SCRIPT_BYTES


@pytest.mark.django_db
def test_a_page_asks_for_one_script_that_holds_what_each_would_say(collected: Path, client: Client) -> None:
    loaded = re.findall(r'<script src="/static/(js/[^"]+)"', client.get("/no-such-page").text)
    assert len(loaded) == 1
    served = (collected / loaded[0]).read_text(encoding="utf-8")
    for name in settings.OWN_SCRIPTS:
        source = Path(str(finders.find(name))).read_text(encoding="utf-8")
        assert all(literal in served for literal in re.findall(r'addEventListener\("[^"]+"', source)), name
    assert "// " not in served


@pytest.mark.django_db
def test_before_files_are_collected_a_page_asks_for_each_script(client: Client) -> None:
    loaded = re.findall(r'<script src="/static/(js/[^"]+)"', client.get("/no-such-page").text)
    assert loaded == settings.OWN_SCRIPTS


def test_every_script_is_on_the_list_or_belongs_to_some_page() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in (product.BASE_DIR / "templates").rglob("*.html"))
    scripts = {f"js/{path.name}" for path in (product.BASE_DIR / "static" / "js").glob("*.js")}
    assert {name for name in scripts - set(settings.OWN_SCRIPTS) if name not in templates} == set()


def test_the_stylesheet_is_served_without_comments_and_says_the_same(collected: Path) -> None:
    source = Path(str(finders.find("css/app.css"))).read_text(encoding="utf-8")
    served = stylesheet(collected).read_text(encoding="utf-8")
    assert "/*" in source
    assert "/*" not in served
    assert served.count("{") == source.count("{")
    assert "calc(100dvh - var(--top))" in served
    assert ".steps :last-child::after" in served


def test_the_compressed_copy_is_the_same_file(collected: Path) -> None:
    plain = stylesheet(collected)
    assert gzip.decompress(plain.with_name(plain.name + ".gz").read_bytes()) == plain.read_bytes()


def test_its_fonts_are_found_under_their_hashed_names(collected: Path) -> None:
    served = stylesheet(collected).read_text(encoding="utf-8")
    assert "../fonts/geist.woff2" not in served
    assert (collected / storages["staticfiles"].url("fonts/geist.woff2").removeprefix("/static/")).exists()


def test_collecting_again_changes_nothing(collected: Path) -> None:
    name, text = stylesheet(collected).name, stylesheet(collected).read_bytes()
    call_command("collectstatic", interactive=False, verbosity=0)
    assert stylesheet(collected).name == name
    assert stylesheet(collected).read_bytes() == text
