"""The playground as a person meets it: by labels, buttons and what is written on the page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.scripting import has_script, update

VEO = "/models/modkie/google/veo-3-1"
KLING = "/models/modkie/kling/kling-3-0"
# A clip is drawn on this very machine, perhaps with a full test run beside it.
DONE_MS = 300_000
STATUS_MS = 60_000


def prompt_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("^Prompt"))


def write(page: Page, words: str) -> None:
    """Fill in the prompt; with script go on only when its price has come, so that none is on its way any more."""
    if not has_script(page):
        return prompt_of(page).fill(words)
    with page.expect_response(re.compile("/quote$")) as answer:
        prompt_of(page).fill(words)
    answer.value.finished()


def run_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Run"))


def stage(page: Page) -> Locator:
    return page.locator("#stage")


def balance(page: Page) -> int:
    """The test credits in the top bar."""
    found = re.search(r"([\d,]+)", page.locator("#balance").inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))


def price(page: Page) -> int:
    """What the footer says that Run costs."""
    found = re.search(r"([\d,]+)\s*credits", page.locator("#foot").inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))


def choose(page: Page, group: str, value: str) -> None:
    """Pick one of a field's options, which people do by clicking its label."""
    page.get_by_role("group", name=group).get_by_text(value, exact=True).click()


def send(page: Page, button: Locator) -> None:
    """Press a form's button, and go on only when the server has done it."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click()


def starting(text: str) -> re.Pattern[str]:
    """Names that begin like this, spelled so that the browser's own regular expressions read it, too."""
    return re.compile("^" + re.escape(text).replace("\\ ", " ").replace("/", "\\/"))


def group(page: Page, name: str) -> Locator:
    """The box of a field that is more than one input: a choice, a list, files."""
    return page.get_by_role("group", name=starting(name))


def option(page: Page, field: str, value: str) -> Locator:
    """One choice of a segmented field."""
    return group(page, field).get_by_role("radio", name=starting(value))


def pick(page: Page, field: str, value: str) -> None:
    """Click on a choice, whatever else (a price) its label says."""
    group(page, field).locator("label").filter(has=page.get_by_role("radio", name=starting(value))).click()


def foot(page: Page) -> Locator:
    return page.locator("#foot")


def expect_price(page: Page, credits: str) -> None:
    """The footer says that Run costs this much, as soon as the server has answered; without script it has to be asked."""
    update(page)
    expect(foot(page).locator(".cost")).to_have_text(re.compile(rf"^{re.escape(credits)} test credits$"), timeout=STATUS_MS)


def expect_sent(page: Page) -> None:
    """The job that was just run is on the stage, and not an earlier take; without script it has a page of its own."""
    page.wait_for_url(re.compile(r"[?&]take=\d+" if has_script(page) else r"/tasks/[0-9a-f-]{36}$"), wait_until="commit")


def expect_video(page: Page) -> Locator:
    """Without script the page of the job reloads itself until it is there."""
    video = stage(page).locator("video")
    expect(video).to_be_attached(timeout=DONE_MS)
    return video


def expect_taken(page: Page) -> None:
    """What was sent from the desk: its clip, or its place in the queue where no engine is behind the pages."""
    expect_sent(page)
    if has_script(page):
        expect_video(page)
    else:
        expect(stage(page)).to_contain_text(re.compile("Waiting|queue"))


def assert_plays_and_seeks(page: Page, video: Locator) -> None:
    """It shows frames, goes on by itself, and goes where it is told; without script the browser's own player does, if it gets parts."""
    if not has_script(page):
        expect(video).to_have_attribute("controls", "")
        part = page.request.get(str(video.get_attribute("src")), headers={"Range": "bytes=100-199"})
        assert (part.status, len(part.body())) == (206, 100)
        return
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("video => video.currentTime > 0.2", arg=video.element_handle())
    page.wait_for_function("video => video.getVideoPlaybackQuality().totalVideoFrames > 0", arg=video.element_handle())
    assert video.evaluate("video => video.error") is None
    target = video.evaluate("video => { video.pause(); return video.duration * 0.6; }")
    video.evaluate("(video, target) => { video.currentTime = target; }", target)
    page.wait_for_function(
        "([video, target]) => !video.seeking && Math.abs(video.currentTime - target) < 0.2", arg=[video.element_handle(), target]
    )
