"""The Tasks page: a row lives from waiting to done, unfolds in place, and is cancelled while it waits."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Still
from tests.browser.playground import DONE_MS, KLING, balance, expect_sent, prompt_of, run_button, stage
from tests.browser.product import Product
from tests.browser.scripting import show
from tests.browser.soundness import assert_sound


@pytest.mark.script("rows that live; without it the page is loaded again")
def test_a_row_lives_until_it_is_done_and_new_ones_come_on_top(open_page: OpenPage, product: Product) -> None:
    maker, page = open_page(product), open_page(product)
    maker.goto(KLING)
    prompt_of(maker).fill("Ink-blue silk folds in slow motion [[delay:40]]")
    run_button(maker).click()
    maker.wait_for_url(re.compile("take="))
    page.goto("/tasks")
    rows = page.locator("#rows > tr")
    first = rows.filter(has_text="Ink-blue silk").first
    expect(first).to_contain_text(re.compile("Waiting|queue|Generating|Saving"))
    details = first.get_by_role("button", name=re.compile("^Details"))
    details.click()
    expect(page.locator(".unfolded")).to_contain_text("Created, credits held")

    prompt_of(maker).fill("Rain on a neon street")
    run_button(maker).click()
    expect(rows.first).to_contain_text("Rain on a neon street", timeout=DONE_MS)
    expect(first).to_contain_text("Done", timeout=DONE_MS)
    # The row has come anew again and again, and what was unfolded folds with the one arrow.
    expect(details).to_have_attribute("aria-expanded", "true")
    details.click()
    expect(page.locator(".unfolded")).to_have_count(0)
    expect(first.locator("img")).to_be_visible()
    expect(first).to_contain_text("35")


@pytest.mark.script("a row that unfolds; without it its arrow leads to the page of the task")
def test_rows_unfold_fold_and_are_found(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/tasks")
    failed = page.locator("#rows > tr").filter(has_text="Failed").first
    failed.get_by_role("button", name=re.compile("^Details")).click()
    details = page.locator(".unfolded")
    expect(details).to_contain_text("returned")
    assert_sound(page)
    failed.get_by_role("button", name=re.compile("^Details")).click()
    expect(details).to_have_count(0)
    page.get_by_role("combobox", name="Status").select_option("cancelled")
    expect(page).to_have_url(re.compile(r"/tasks\?status=cancelled$"))
    expect(page.locator("#rows")).to_contain_text("Cancelled")
    expect(page.locator("#rows")).not_to_contain_text("Failed")


def test_tasks_are_filtered_looked_into_exported_and_run_again(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/tasks")
    page.get_by_role("searchbox", name="Search tasks").fill("candy")
    show(page, "Filter")
    expect(page).to_have_url(re.compile(r"q=candy"))
    page.get_by_role("combobox", name="Status").select_option("cancelled")
    show(page, "Filter")
    expect(page).to_have_url(re.compile(r"status=cancelled"))
    expect(page.locator("#rows > tr")).to_have_count(1)
    expect(page.locator("#rows")).to_contain_text("Cancelled")
    assert_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.path().read_text().count("A keyboard whose keys") == 1

    page.locator("#rows > tr").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/tasks/[0-9a-f-]{36}$"))
    expect(page.get_by_role("main")).to_contain_text("Created, credits held")
    assert_sound(page)
    page.get_by_role("link", name="Use these settings").click()
    expect(prompt_of(page)).to_have_value(re.compile("^A keyboard whose keys"))


def test_what_waits_is_cancelled_and_costs_nothing(open_page: OpenPage, still: Still, script: bool) -> None:
    page = open_page(still.product, size="mobile", theme="dark")
    page.goto(KLING)
    before = balance(page)
    prompt_of(page).fill(f"Fog between tall {'pines' if script else 'firs'}")
    run_button(page).click()
    expect_sent(page)
    page.goto(f"/tasks?q={'pines' if script else 'firs'}")
    row = page.locator("#rows > tr").filter(has_text="Fog between tall")
    row.get_by_role("button", name=re.compile("^Details")).click()
    assert_sound(page)
    page.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(row if script else stage(page)).to_contain_text("Cancelled")
    page.reload()
    assert balance(page) == before
