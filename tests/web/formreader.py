"""A small reader of HTML forms: what a browser would show, let a person change, and post. Knows nothing of cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"input", "br", "img", "meta", "link", "hr", "area", "base", "col", "embed", "source", "track", "wbr", "path", "circle"})


@dataclass(eq=False)
class Element:
    """A node of the page; text stands in `children` beside elements."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def is_disabled(self) -> bool:
        """By itself or by a fieldset around it."""
        around = self.parent.closest("fieldset") if self.parent else None
        return "disabled" in self.attrs or (around is not None and around.is_disabled)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def find(self, tag: str = "", **attrs: str) -> Element | None:
        return next(self.find_all(tag, **attrs), None)

    def find_all(self, tag: str = "", **attrs: str) -> Iterator[Element]:
        for element in self.walk():
            if tag in ("", element.tag) and all(element.attrs.get(name) == value for name, value in attrs.items()):
                yield element

    def by_id(self, element_id: str) -> Element | None:
        return self.find(id=element_id)

    def closest(self, *tags: str) -> Element | None:
        element: Element | None = self
        while element is not None and element.tag not in tags:
            element = element.parent
        return element

    def remove(self) -> None:
        assert self.parent is not None
        self.parent.children = [child for child in self.parent.children if child is not self]

    def replace_with(self, other: Element) -> None:
        assert self.parent is not None
        place = next(place for place, child in enumerate(self.parent.children) if child is self)
        self.parent.children[place] = other
        other.parent = self.parent


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._open = Element("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        if (found := self._open.closest(tag)) and found.parent:
            self._open = found.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def parse(html: str) -> Element:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


@dataclass(frozen=True)
class Control:
    """One thing to fill in. `choices` are the values that can be chosen now, `closed` those that are shown and cannot."""

    name: str
    kind: str
    element: Element
    choices: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def is_enabled(self) -> bool:
        return bool(self.choices) if self.kind in ("radio", "select") else not self.element.is_disabled


class PageForm:
    """The form `f` of a page, as a person and a browser have it before them."""

    def __init__(self, html: str) -> None:
        self.root = parse(html)
        form = self.root.by_id("f")
        assert form is not None, "the page has no form"
        self.form = form

    def controls(self) -> dict[str, Control]:
        """What a person can see and reach, by name."""
        found: dict[str, Control] = {}
        for element in self.form.walk():
            name, kind = element.attrs.get("name", ""), element.attrs.get("type", "text")
            if not name or name.startswith("_") or element.tag not in ("input", "select", "textarea"):
                continue
            if element.tag == "select":
                options = list(element.find_all("option"))
                is_off = element.is_disabled
                usable = [o for o in options if "disabled" not in o.attrs and not is_off]
                closed = [o for o in options if o not in usable]
                found[name] = Control(name, "select", element, tuple(map(_value_of, usable)), tuple(map(_value_of, closed)))
            elif element.tag == "textarea":
                found[name] = Control(name, "textarea", element)
            elif kind == "radio" and name not in found:
                group = list(self.form.find_all("input", name=name, type="radio"))
                usable = [o for o in group if not o.is_disabled]
                closed = [o for o in group if o.is_disabled]
                found[name] = Control(name, "radio", element, tuple(map(_value_of, usable)), tuple(map(_value_of, closed)))
            elif kind in ("checkbox", "number", "text", "url"):
                found[name] = Control(name, kind, element)
        return found

    def post(self, button: tuple[str, str] | None = None) -> dict[str, list[str]]:
        """What a browser would send: successful controls only, and the foot's token, which belongs to the form by id."""
        data: dict[str, list[str]] = {}
        outside = [element for element in self.root.find_all("input", form="f") if element.closest("form") is not self.form]
        for element in [*self.form.walk(), *outside]:
            name = element.attrs.get("name", "")
            if name and not element.is_disabled and (value := _posted(element)) is not None:
                data.setdefault(name, []).append(value)
        if button:
            data.setdefault(button[0], []).append(button[1])
        return data

    def fill(self, name: str, value: str) -> None:
        """Type a text, choose a choice, or set a switch (`on` or empty)."""
        for element in self.form.find_all(name=name):
            kind = element.attrs.get("type", "text")
            if element.tag == "select":
                for option in element.find_all("option"):
                    _flag(option, "selected", _value_of(option) == value)
            elif element.tag == "textarea":
                element.children = [f"\n{value}"]
            elif kind == "radio":
                _flag(element, "checked", _value_of(element) == value)
            elif kind == "checkbox":
                _flag(element, "checked", bool(value))
            elif kind != "hidden":
                element.attrs["value"] = value

    def swap(self, fragment: str, *, target: str = "") -> list[str]:
        """Put an answer's out-of-band parts (and with `target` its own first part) in their places; the ids that were there."""
        swapped = []
        for element in parse(fragment).children:
            if not isinstance(element, Element):
                continue
            element_id = element.attrs.get("id", "")
            is_meant = "hx-swap-oob" in element.attrs or (target and element_id == target)
            if is_meant and (old := self.root.by_id(element_id)):
                old.replace_with(element)
                swapped.append(element_id)
        return swapped


def _value_of(element: Element) -> str:
    return element.attrs.get("value", element.text.strip() if element.tag == "option" else "on")


def _posted(element: Element) -> str | None:
    if element.tag == "textarea":
        # The line break after the opening tag is the markup's own.
        return element.text.removeprefix("\n").replace("\n", "\r\n")
    if element.tag == "select":
        options = list(element.find_all("option"))
        chosen = [option for option in options if "selected" in option.attrs] or options[:1]
        return _value_of(chosen[-1]) if chosen and "disabled" not in chosen[-1].attrs else None
    if element.tag == "input" and element.attrs.get("type") in ("radio", "checkbox"):
        return _value_of(element) if "checked" in element.attrs else None
    return element.attrs.get("value", "") if element.tag == "input" and element.attrs.get("type") != "file" else None


def _flag(element: Element, name: str, is_on: bool) -> None:
    if is_on:
        element.attrs[name] = ""
    else:
        element.attrs.pop(name, None)
