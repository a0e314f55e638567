"""Somebody who fills in a model's form by what the page shows: enabled choices, marks, bounds, and nothing else.

Each change is posted to the quote, and the answer's parts are put in their places, as the page's script does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from tests.web.formreader import Control, Element, PageForm
from tests.web.playground import HTMX

_TALLY = re.compile(r"([\d.]+) of ([\d.]+)")
_FILES = {"image": "a.png", "video": "b.mp4", "audio": "c.mp3", "application": "d.pdf", "text": "e.txt"}
_NAMES = "A walk at dusk with @one, @two and @three. "
_ENDS = re.compile(r"-ends?(_time)?$")


class Stuck(AssertionError):
    """The form wants something and shows no way to give it."""


class Person:
    """One person before one page. `payload` is what the JSON tab says is sent."""

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.url = url
        self.page = PageForm(client.get(url).text)
        self.quotes = 0

    # --- looking --------------------------------------------------------------------------------------------------
    @property
    def payload(self) -> dict[str, Any]:
        request = self.page.root.by_id("request")
        assert request is not None
        found: dict[str, Any] = json.loads(request.text)["input"]
        return found

    @property
    def can_run(self) -> bool:
        button = self.page.root.by_id("run")
        return button is not None and "disabled" not in button.attrs

    @property
    def complaint(self) -> str:
        foot = self.page.root.by_id("foot")
        return " ".join(foot.text.split()) if foot else ""

    def is_open(self, name: str) -> bool:
        """Whether something can be given in a field now."""
        control = self.page.controls().get(name)
        if control is not None and not name.endswith("__url"):
            return control.is_enabled
        zone = self._zone(name)
        if zone is not None:
            adds = next(zone.find_all("input", type="file"), None)
            return adds is not None and not adds.is_disabled
        return self._add_button(name) is not None

    def may_choose(self, name: str, value: str) -> bool:
        control = self.page.controls().get(name)
        if control is None or not control.is_enabled:
            return False
        return value in control.choices if control.kind in ("radio", "select") else control.kind == "checkbox"

    def holds(self, name: str) -> bool:
        return bool([value for value in self.page.post().get(name, []) if value.strip()]) or bool(self._rows(name))

    def _zone(self, name: str) -> Element | None:
        return self.page.form.by_id(f"drop-{name}")

    def _wrapper(self, name: str) -> Element | None:
        return self.page.form.by_id(f"field-{name}")

    def _rows(self, name: str) -> list[str]:
        return [element.attrs["name"] for element in self.page.form.find_all("input") if _is_row_of(element, name)]

    def _add_button(self, name: str) -> Element | None:
        buttons = self.page.form.find_all("button", name="_rows", value=f"{name}:add")
        return next((button for button in buttons if not button.is_disabled), None)

    # --- doing ----------------------------------------------------------------------------------------------------
    def _ask(self, edited: str, *, button: tuple[str, str] | None = None, target: str = "") -> None:
        for mark in self.page.form.find_all("input", name="_edited"):
            mark.attrs["value"] = edited
        answer = self.client.post(f"{self.url.partition('?')[0]}/quote", self.page.post(button), headers=HTMX)
        assert answer.status_code == 200, (self.url, answer.status_code, answer.text[:300])
        self.page.swap(answer.text, target=target or "foot")
        self.quotes += 1

    def set(self, name: str, value: str) -> None:
        self.page.fill(name, value)
        self._ask(name)

    def attach(self, name: str) -> bool:
        """Give one more file, as the drop zone does after it has taken it."""
        zone = self._zone(name)
        if zone is None or not self.is_open(name):
            return False
        adds = next(zone.find_all("input", type="file"))
        wrapper = self._wrapper(name)
        most = int(wrapper.attrs.get("data-most", 1)) if wrapper else 1
        held = list(zone.find_all("input", type="hidden", name=name))
        if len(held) >= most:
            return False
        kind = adds.attrs.get("accept", "image/").partition("/")[0]
        url = f"https://media.example/{len(held)}/{_FILES.get(kind, 'a.png')}"
        zone.children.insert(0, Element("input", {"type": "hidden", "name": name, "value": url}, zone))
        self._ask(f"{name}__file")
        return True

    def _take_away_surplus(self) -> bool:
        """Remove files where fewer are taken now than were given."""
        for wrapper in list(self.page.form.find_all("fieldset")):
            name, most = wrapper.attrs.get("id", "").removeprefix("field-"), wrapper.attrs.get("data-most")
            if most and not wrapper.is_disabled and len(self.page.post().get(name, [])) > int(most):
                self.detach(name)
                return True
        return False

    def detach(self, name: str) -> None:
        zone = self._zone(name)
        if zone is not None:
            for held in list(zone.find_all("input", type="hidden", name=name)):
                held.remove()
            self._ask(f"{name}__file")

    def add_row(self, name: str) -> bool:
        if self._add_button(name) is None:
            return False
        self._ask(name, button=("_rows", f"{name}:add"), target=f"field-{name}")
        self._complete_rows(name)
        return True

    def remove_rows(self, name: str) -> None:
        while self._rows(name):
            before = len(self._rows(name))
            self._ask(name, button=("_rows", f"{name}:remove:0"), target=f"field-{name}")
            if len(self._rows(name)) >= before:
                return

    def give(self, name: str) -> bool:
        """Put something into a field, whatever kind it is. False where the form does not let anybody."""
        if not self.is_open(name):
            return False
        if self._zone(name) is not None:
            return self.attach(name)
        control = self.page.controls().get(name)
        if control is None:
            return self.add_row(name)
        value = self._something_for(control)
        if not value:
            return False
        self.set(name, value)
        return True

    def clear(self, name: str) -> None:
        if not self.holds(name):
            return
        if self._zone(name) is not None:
            self.detach(name)
        elif self._rows(name):
            self.remove_rows(name)
        elif name in self.page.controls():
            self.set(name, "")

    def _something_for(self, control: Control) -> str:
        element = control.element
        if control.choices:
            return next((choice for choice in control.choices if choice), "")
        if control.kind == "checkbox":
            return "on"
        if control.kind == "number":
            least, most = float(element.attrs.get("min", 0)), float(element.attrs.get("max", 20))
            is_end = bool(_ENDS.search(control.name))
            return f"{min(most, least + 5 if is_end else max(least, 0)):g}"
        if element.attrs.get("inputmode") == "url":
            return "https://example.com/page"
        if control.kind == "textarea":
            return f"{_NAMES}Waves." if not control.name.endswith("ids") else "id_1"
        row = re.search(r"-(\d)-", control.name)
        return ("one", "two", "three", "four", "five")[int(row[1])] if row else "words"

    # --- finishing ------------------------------------------------------------------------------------------------
    def finish(self) -> None:
        """Give what is marked as required, one of what has to be given, and make sums come out. Raises Stuck."""
        for _ in range(20):
            if not (self._take_away_surplus() or self._give_required() or self._give_one_of() or self._settle_sums()):
                break
        if not self.can_run:
            raise Stuck(f"{self.url}: {self.complaint}: {self.payload}")

    def _give_required(self) -> bool:
        return any(self._is_empty(name) and self.give(name) for name in self._marked())

    def _marked(self) -> Iterator[str]:
        for mark in list(self.page.form.find_all("span")):
            if mark.attrs.get("class") == "req" and mark.text:
                wrapper = _wrapper_of(mark)
                if wrapper is not None and not wrapper.is_disabled:
                    yield wrapper.attrs["id"].removeprefix("field-")

    def _is_empty(self, name: str) -> bool:
        control = self.page.controls().get(name)
        return not self.holds(name) and (control is None or control.kind != "checkbox")

    def _give_one_of(self) -> bool:
        for hint in list(self.page.form.find_all("p")):
            if "one-of" in hint.attrs.get("class", ""):
                wrapper = _wrapper_of(hint)
                name = wrapper.attrs["id"].removeprefix("field-") if wrapper else ""
                if name and not self.holds(name) and self.give(name):
                    return True
        return False

    def _settle_sums(self) -> bool:
        for tally in list(self.page.form.find_all("span")):
            found = _TALLY.match(tally.text) if "num" in tally.attrs.get("class", "") else None
            wrapper = _wrapper_of(tally)
            if found and wrapper and found[1] != found[2]:
                name = wrapper.attrs["id"].removeprefix("field-")
                return self._spread(name, int(float(found[2])))
        return False

    def _spread(self, name: str, total: int) -> bool:
        numbers = [key for key, control in self.page.controls().items() if key.startswith(f"{name}-") and control.kind == "number"]
        most = int(self.page.controls()[numbers[0]].element.attrs.get("max", total))
        if most * len(numbers) < total:
            return self.add_row(name)
        for place, key in enumerate(numbers):
            left = len(numbers) - place - 1
            part = min(most, total - left)
            self.set(key, str(part))
            total -= part
        return True

    def _complete_rows(self, name: str) -> None:
        for inner in [*self._marked()]:
            if inner.startswith(f"{name}-") and self._is_empty(inner):
                self.give(inner)


def _is_row_of(element: Element, name: str) -> bool:
    return re.fullmatch(rf"{re.escape(name)}-\d+-_row", element.attrs.get("name", "")) is not None and not element.is_disabled


def _wrapper_of(element: Element) -> Element | None:
    found: Element | None = element
    while found is not None and not found.attrs.get("id", "").startswith("field-"):
        found = found.parent
    return found
