"""axe finds no violation and nothing overflows sideways: on every page, in both themes, on a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage, Still, Theme, Watches
from tests.browser.soundness import assert_sound, overflow, violations

PLAYGROUND = "/models/modkie/google/veo-3-1"
PAGES = {
    "models": "/models",
    "models, nothing found": "/models?q=no+such+model",
    "models, filtered": "/models?input=image&can=4k",
    "about a model": "/models/kie/bytedance/seedance-2/about",
    "retired model": "/models/kie/sora-2-text-to-video",
    "price of the team": "/models/kie/kling-3.0/video/price",
    "gallery": "/gallery",
    "gallery, team": "/gallery?scope=team",
    "credits": "/credits",
    "password": "/account/password",
    "playground": PLAYGROUND,
    "playground, another form": "/models/modkie/kling/kling-3-0",
}
LOOKS = [(size, theme) for size in ("desktop", "mobile") for theme in ("light", "dark")]
STATES = [
    "done",
    "file-expired",
    "refused-by-the-model",
    "result-lost",
    "waiting",
    "sending",
    "queuing",
    "generating",
    "generating-with-progress",
    "over-the-usual-time",
    "saving",
    "checking",
    "failed-by-the-provider",
    "timed-out",
    "submission-unknown",
    "cancelled",
]
both_themes_and_sizes = pytest.mark.parametrize(("size", "theme"), LOOKS)


@both_themes_and_sizes
@pytest.mark.parametrize("name", PAGES)
def test_pages(open_page: OpenPage, still: Still, name: str, size: str, theme: Theme) -> None:
    page = open_page(still.product, size=size, theme=theme, reduced_motion=True)
    response = page.goto(PAGES[name])
    assert response is not None
    assert response.status == 200
    assert_sound(page)


@both_themes_and_sizes
def test_every_state_of_the_stage(open_page: OpenPage, still: Still, size: str, theme: Theme) -> None:
    page = open_page(still.product, size=size, theme=theme, reduced_motion=True)
    for state in STATES:
        page.goto(f"{PLAYGROUND}?take={still.takes[state]}")
        # The rest of the page is the same for all of them, and looked at by another test.
        assert (state, violations(page, "main .view"), overflow(page)) == (state, [], 0)


@both_themes_and_sizes
def test_the_page_of_a_task(open_page: OpenPage, still: Still, size: str, theme: Theme) -> None:
    page = open_page(still.product, size=size, theme=theme, reduced_motion=True)
    for state in ("done", "waiting", "generating", "refused-by-the-model", "cancelled"):
        page.goto(still.tasks[state])
        assert (state, violations(page), overflow(page)) == (state, [], 0)


@both_themes_and_sizes
@pytest.mark.parametrize("view", ["json", "api"])
def test_the_views_of_the_request(open_page: OpenPage, still: Still, view: str, size: str, theme: Theme) -> None:
    page = open_page(still.product, size=size, theme=theme, reduced_motion=True)
    page.goto(f"{PLAYGROUND}?take={still.takes['done']}&tab={view}")
    assert_sound(page)


@both_themes_and_sizes
def test_pages_for_people_who_are_not_signed_in(open_page: OpenPage, watches: Watches, still: Still, size: str, theme: Theme) -> None:
    page = open_page(still.product, signed_in=False, size=size, theme=theme, reduced_motion=True)
    watches[page].expected |= {404, 410}
    for path in ("/login", still.product.sign_in_link(), "/sign-in/no-such-link", "/no-such-page"):
        page.goto(path)
        assert_sound(page)
