"""One take as a page: watching it frame by frame, going on to the next, and showing it to somebody without an account."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.playground import assert_plays_and_seeks, expect_price, option, prompt_of, send
from tests.browser.product import WEB_ALONE, Product
from tests.browser.soundness import assert_sound

FPS = 24


class Clips:
    def __init__(self, product: Product, takes: dict[str, str]) -> None:
        self.product = product
        self.first, self.second, self.remix = (f"/takes/{takes[name]}" for name in ("first", "second", "remix"))


@pytest.fixture(scope="module")
def clips(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clips]:
    """Three finished takes and no engine."""
    product = Product(tmp_path_factory.mktemp("takes"), WEB_ALONE)
    takes = product.arrange("takes")
    with product:
        yield Clips(product, takes)


def frame(video: Locator) -> int:
    number: int = video.evaluate(f"video => Math.floor(video.currentTime * {FPS} + 0.01)")
    return number


def expect_time(page: Page, text: str) -> None:
    expect(page.locator(".tc [data-now]")).to_have_text(text)


@pytest.mark.script("playback extra")
def test_a_clip_plays_seeks_and_is_stepped_through_by_frames(open_page: OpenPage, clips: Clips) -> None:
    page = open_page(clips.product)
    page.goto(clips.first)
    video = page.locator("video")
    assert_plays_and_seeks(page, video)

    video.evaluate("video => { video.pause(); video.currentTime = 1; }")
    expect_time(page, "00:01:00")
    for key, shown in ((".", "00:01:01"), (".", "00:01:02"), (",", "00:01:01")):
        page.keyboard.press(key)
        expect_time(page, shown)
    assert frame(video) == FPS + 1
    page.get_by_role("button", name="One frame back").click()
    expect_time(page, "00:01:00")
    page.keyboard.press("ArrowLeft")
    expect_time(page, "00:00:00")

    speed = page.get_by_role("button", name="Speed")
    for rate in (2, 0.25, 0.5, 1):
        speed.click()
        expect(speed).to_have_text(f"Speed {rate}×")
        assert video.evaluate("video => video.playbackRate") == rate


@pytest.mark.script("single keys")
def test_keys_lead_to_the_takes_beside_it_the_settings_and_back(open_page: OpenPage, clips: Clips) -> None:
    page = open_page(clips.product)
    page.goto(f"{clips.second}?scope=mine")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{clips.first}?scope=mine")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**{clips.second}?scope=mine")
    page.get_by_role("link", name="Previous take").click()
    page.wait_for_url(f"**{clips.remix}?scope=mine")
    assert_sound(page)

    page.get_by_role("button", name="More").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Delete take", exact=True)).to_be_hidden()
    page.keyboard.press("r")
    page.wait_for_url(re.compile(r"\?from=3$"))
    page.go_back()
    page.wait_for_url(f"**{clips.remix}?scope=mine")
    with page.expect_download() as download:
        page.keyboard.press("d")
    assert download.value.suggested_filename == "kling-3-0-take-3.mp4"
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/gallery\?scope=mine#t-"))


def test_a_link_opens_for_somebody_without_an_account_until_it_is_revoked(open_page: OpenPage, clips: Clips, watches: Watches) -> None:
    page = open_page(clips.product)
    page.goto(clips.remix)
    page.get_by_role("link", name="Share link").click()
    page.get_by_label("Download the video").check()
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Address of the link").input_value()
    assert_sound(page)

    stranger = open_page(clips.product, signed_in=False, size="mobile", theme="dark")
    stranger.goto(link)
    video = stranger.locator("video")
    assert_plays_and_seeks(stranger, video)
    assert_sound(stranger)
    source = str(video.get_attribute("src"))
    assert stranger.request.get(source, headers={"Range": "bytes=0-9"}).status == 206

    page.get_by_role("link", name="I copied it").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("#toasts")).to_contain_text("The link to Take 3 is revoked.")
    watches[stranger].expected.add(410)
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link has ended")).to_be_visible()
    assert stranger.request.get(source, headers={"Range": "bytes=0-9"}).status == 410


def test_links_lead_to_the_takes_beside_it_its_remixes_and_a_form_like_it(open_page: OpenPage, clips: Clips) -> None:
    page = open_page(clips.product)
    page.goto(clips.second)
    assert_plays_and_seeks(page, page.locator("video"))
    page.get_by_role("link", name="Next take").click()
    page.wait_for_url(f"**{clips.first}*")
    page.get_by_role("button", name="1 remix").click()
    page.get_by_role("link", name="Take 3").click()
    page.wait_for_url(f"**{clips.remix}*")
    for summary in page.locator("main details > summary:visible").all():
        summary.click()
    expect(page.get_by_role("main")).to_contain_text("Created, credits held")
    expect(page.get_by_role("heading", name="Lineage")).to_be_visible()
    assert_sound(page)
    page.get_by_role("link", name=re.compile("^Remix")).click()
    page.wait_for_url(re.compile(r"\?from=3$"))
    expect(prompt_of(page)).to_have_value(re.compile("^Aurora over a frozen lake"))
    expect(option(page, "Aspect ratio", "9:16")).to_be_checked()
    expect_price(page, "35")


def test_a_take_is_loved_deleted_and_brought_back(open_page: OpenPage, clips: Clips) -> None:
    page = open_page(clips.product)
    page.goto(clips.second)
    heart = page.get_by_role("main").get_by_role("button", name=re.compile("^Favourite"))
    before = heart.get_attribute("aria-pressed")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    page.get_by_role("button", name="More").click()
    page.get_by_text("Delete take", exact=True).click()
    page.get_by_role("button", name="Delete take 2").click()
    send(page, page.get_by_role("button", name="Undo"))
    page.goto(clips.second)
    expect(page.get_by_role("main")).to_contain_text("Take 2")
    expect(page.locator("video")).to_be_attached()
