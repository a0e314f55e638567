"""The sheet of states: pieces of real pages, put together as the design puts its own together."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.inputs import file_input, zone
from tests.browser.playground import foot, prompt_of
from tests.browser.product import WEB_ALONE, Product
from tests.screenshots.demo import OWNER, rows, signed_in
from tests.screenshots.settled import settle

if TYPE_CHECKING:
    from tests.screenshots.pictures import Studio

KLING = "/models/kie/kling-3.0/video"
# A model that the team has never run: its stage is empty.
FRESH = "/models/kie/kling-2.6/text-to-video"
WIDTH, HEIGHT = 1440, 1090
# A banner in it is as wide as a column of the sheet.
COLUMN: ViewportSize = {"width": 474, "height": 900}
Piece = tuple[str, bytes]
STYLE = """
body{height:auto;min-height:100vh;overflow:auto}main{padding:0 24px}h1{font-size:20px}h2{font-size:13px;margin:0 0 10px}
img{display:block}.stages{display:grid;grid-template-columns:repeat(4,336px);gap:16px;margin-bottom:26px}
.stages h2{margin-top:0}.three{display:grid;grid-template-columns:450px 450px 450px;gap:20px;align-items:start}
.three img{max-width:100%;margin-bottom:10px;border-radius:10px}.three .boxed{border:1px solid var(--line)}header{margin-bottom:18px}
"""


def sheet(studio: Studio, path: Path) -> None:
    """Takes the day apart on the way: nothing else can be photographed afterwards."""
    rows(studio.product, "refuse", studio.at["running"])
    estimate = _foot(studio)
    studio.at["running"] = rows(studio.product, "begin")
    top = _top(studio)
    feet = [estimate, *_feet(studio)]
    numbers = rows(studio.product, "states") | studio.at
    stages = _stages(studio, numbers)
    form = _form(studio)
    messages = _messages(studio)
    page = studio.page(path.stem, viewport={"width": WIDTH, "height": HEIGHT}, bypass_csp=True)
    page.goto("/models")
    page.evaluate("text => { document.body.innerHTML = text; }", _body(top, stages, form, feet, messages))
    page.add_style_tag(content=STYLE)
    settle(page)
    page.screenshot(path=path)
    page.context.close()
    print(f"{path.parent.parent.name}/{path.parent.name}/{path.name}", flush=True)


def _body(top: bytes, stages: list[Piece], form: bytes, feet: list[bytes], messages: list[bytes]) -> str:
    shown = "".join(f"<div><h2>{html.escape(name)}</h2>{_img(piece, 336)}</div>" for name, piece in stages)
    columns = (("Form, 422", [form]), ("Footer: estimate, 402, running, offline", feet), ("Toasts and banners", messages))
    three = "".join(
        f"<div><h2>{title}</h2>{''.join(_img(piece, boxed=not title.startswith('Toasts')) for piece in pieces)}</div>"
        for title, pieces in columns
    )
    head = '<div class="phead"><h1>States</h1><span class="dim">The stage, the form, the messages</span></div>'
    return f'<header>{_img(top)}</header><main>{head}<div class="stages">{shown}</div><div class="three">{three}</div></main>'


def _img(piece: bytes, width: int | None = None, *, boxed: bool = False) -> str:
    size = f' width="{width}"' if width else ""
    return f'<img{size}{" class=boxed" if boxed else ""} alt="" src="data:image/png;base64,{base64.b64encode(piece).decode()}">'


def _cut(page: Page, what: Locator) -> bytes:
    settle(page)
    return what.screenshot(animations="disabled")


def _top(studio: Studio) -> bytes:
    page = studio.page("light")
    page.goto("/gallery?scope=team")
    piece = _cut(page, page.locator("header").first)
    page.context.close()
    return piece


def _stages(studio: Studio, at: dict[str, str]) -> list[Piece]:
    """Each on a page in which the stage is about as large as on the sheet."""
    page = studio.page("light", viewport={"width": 400, "height": 900}, device_scale_factor=2)
    shown = {
        "Empty": "", "waiting": at["sent"], "queuing": at["queuing"], "generating": at["running"],
        "generating, over the usual time": at["late"], "fail, by the model": at["refused"],
        "fail, by the provider": at["unanswered"], "success, file expired": at["gone"],
    }  # fmt: skip
    pieces = []
    # Drawn at the first asking.
    while page.request.get(f"{FRESH}/poster.webp").headers["content-type"] != "image/webp":
        page.wait_for_timeout(500)
    for name, number in shown.items():
        if number == at["running"]:
            studio.hold()
        page.goto(f"{KLING}?take={number}" if number else FRESH)
        pieces.append((name, _cut(page, page.locator("#stage .frame"))))
    page.context.close()
    return pieces


def _form(studio: Studio) -> bytes:
    """From the banner to the field of the duration."""
    page = studio.page("light", viewport={"width": 1440, "height": 2000})
    page.goto(KLING)
    raw = studio.product.data_dir / "swell-raw.tiff"
    Image.new("RGB", (640, 360), (40, 90, 110)).save(raw)
    file_input(page, "First / last frame").set_input_files(raw)
    expect(zone(page, "First / last frame")).to_contain_text("swell-raw.tiff")
    prompt_of(page).fill(("One continuous 8-second shot. Low camera skims above the swell. " * 40)[:2548])
    # Run is off by now, but Ctrl and Enter send what is there.
    page.locator("#f").evaluate("form => form.requestSubmit()")
    page.locator("#problems").wait_for()
    # Else a prompt of this length is all there is to see.
    prompt_of(page).evaluate("box => { box.style.maxHeight = '84px'; }")
    settle(page)
    first, last = (
        page.locator("#problems").bounding_box(),
        page.locator("fieldset:has(#id_duration), .field:has(#id_duration)").bounding_box(),
    )
    assert first and last
    box = {"x": 0, "y": first["y"] - 16, "width": 420, "height": last["y"] + last["height"] - first["y"] + 32}
    piece = page.screenshot(clip=box)  # type: ignore[arg-type]
    page.context.close()
    return piece


def _foot(studio: Studio) -> bytes:
    page = studio.page("light")
    page.goto(f"{KLING}?prompt=example")
    piece = _cut(page, foot(page))
    page.context.close()
    return piece


def _feet(studio: Studio) -> list[bytes]:
    """Without credits, beside a running job, without a line."""
    page = studio.page("light")
    page.goto(f"{KLING}?prompt=example")
    running = _cut(page, foot(page))
    page.context.set_offline(True)
    expect(page.locator("html")).to_have_class(re.compile("offline"))
    offline = foot(page).screenshot(animations="disabled")
    page.context.close()
    rows(studio.product, "leave", "20")
    poor = _foot(studio)
    rows(studio.product, "leave", "5000")
    return [poor, running, offline]


def _messages(studio: Studio) -> list[bytes]:
    """What comes by itself while somebody looks at other takes, what answers to a click, what stands above a page."""
    page = studio.page("light")
    toast = page.locator("#toasts .toast")
    pieces = []
    for how in ("finish", "refuse"):
        number = rows(studio.product, "begin")
        page.goto(f"{KLING}?take={studio.at['done']}")
        rows(studio.product, how, number)
        expect(toast.first).to_be_visible()
        pieces.append(toast.first.screenshot(animations="disabled"))
    page.context.grant_permissions(["clipboard-write"])
    page.goto(f"/takes/{studio.at['detail']}")
    page.get_by_role("button", name="Copy payload").click()
    pieces.insert(1, _cut(page, toast.first))
    page.goto("/gallery?scope=team")
    for number in (3, 4, 5):
        page.locator(".tile .pick").nth(number).click(force=True)
    page.get_by_role("toolbar", name="Selected takes").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete takes").click()
    pieces.insert(2, _cut(page, toast.first))
    page.set_viewport_size(COLUMN)
    page.goto("/models")
    page.context.set_offline(True)
    pieces.append(page.locator("#offline").screenshot())
    page.context.close()
    return [*pieces, _without_a_key(studio)]


def _without_a_key(studio: Studio) -> bytes:
    with Product(studio.product.data_dir, WEB_ALONE) as keyless:
        context = studio.browser.new_context(base_url=keyless.url, storage_state=signed_in(studio.browser, keyless, OWNER), viewport=COLUMN)
        page = context.new_page()
        page.goto("/models")
        piece = _cut(page, page.locator(".banner").first)
        context.close()
    return piece
