"""Words from outside are words: in the prompt, in the failure's message, in every view of both."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.playground import DONE_MS, KLING, expect_sent, prompt_of, run_button, stage
from tests.browser.product import Product

HOSTILE = [
    """</script><script>document.title='owned'</script>""",
    """<img src=x onerror="document.title='owned'">""",
    """"'><svg onload=document.title='owned'> $(id) `id` ${7*7} {{7*7}} {% now %}""",
    """<button hx-get="/logout" hx-trigger="load">x</button>""",
]


@pytest.mark.script("what must not run cannot run without it")
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(open_page: OpenPage, product: Product, text: str) -> None:
    page = open_page(product)
    page.goto(KLING)
    words = text.replace("[[", "").replace("]]", "")
    prompt_of(page).fill(f"{words} [[fail:422 {words}]]")
    run_button(page).click()
    expect_sent(page)
    expect(stage(page)).to_contain_text(words, timeout=DONE_MS)
    for address in (page.url, f"{page.url}&tab=json", f"{page.url}&tab=api", "/gallery", "/credits"):
        page.goto(address)
        assert "owned" not in page.title()
        expect(page.get_by_role("link", name="Credits").first).to_be_visible()
    page.goto(f"{KLING}?from=1")
    assert page.locator("svg[onload], img[onerror], button[hx-get='/logout']").count() == 0
