"""Random payloads that aim at edges: bounds and one beyond, both sides of the rules, sums and names that do and do not fit."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

from tests.reference.oracle import Model

URLS = ("https://example.com/uploads/a.png", "https://example.com/uploads/b.mp4", "https://example.com/uploads/c.wav")
NO_URLS: tuple[Any, ...] = ("no url", "", "https://exa mple.com/x", "//example.com", 7, None)
NONSENSE: tuple[Any, ...] = (None, True, False, 0, 1, 1.0, -1, "", "x", "5", [], ["x"], {}, {"a": 1}, 1e9)
MOST_TEXT = 300


class Maker:
    """Makes payloads for one model from a seeded source of chance."""

    def __init__(self, model: Model, chance: random.Random) -> None:
        self.model, self.chance = model, chance
        self.fields: Mapping[str, Any] = model["input"]["properties"]
        self.required = model["input"].get("required", [])
        self.spoils = False

    def payload(self) -> dict[str, Any]:
        chance = self.chance
        kind = chance.random()
        self.spoils = kind > 0.85
        if kind < 0.6:
            payload = self._varied(copy.deepcopy(dict(self.model["example"])))
        else:
            share = chance.choice((0.1, 0.4, 0.8))
            payload = {name: self.value(spec) for name, spec in self.fields.items() if name in self.required or chance.random() < share}
        if self.model["checks"] and not self.spoils and chance.random() < 0.6:
            self._aim_at_check(payload, chance.choice(self.model["checks"]))
        if self.model["rules"] and chance.random() < 0.5:
            self._aim_at_rule(payload, chance.choice(self.model["rules"]))
        return self._spoiled(payload) if chance.random() < 0.15 else payload

    def _varied(self, payload: dict[str, Any]) -> dict[str, Any]:
        for name in self.chance.sample(sorted(self.fields), k=min(len(self.fields), self.chance.randint(0, 4))):
            if name in payload and self.chance.random() < 0.2:
                del payload[name]
            else:
                payload[name] = self.value(self.fields[name])
        return payload

    def value(self, spec: Mapping[str, Any]) -> Any:
        if self.spoils and self.chance.random() < 0.1:
            return self.chance.choice(NONSENSE)
        if "enum" in spec:
            return self.chance.choice(spec["enum"])
        kind = spec.get("type")
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind in ("integer", "number"):
            return self._number(spec, kind)
        if kind == "array":
            return self._list(spec)
        if kind == "object":
            names = [name for name in spec["properties"] if name in spec.get("required", ()) or self.chance.random() < 0.5]
            return {name: self.value(spec["properties"][name]) for name in names}
        return self._text(spec)

    def _number(self, spec: Mapping[str, Any], kind: str) -> Any:
        low, high = spec.get("minimum", 0), spec.get("maximum", 100)
        step = spec.get("multipleOf", 1)
        edges = [
            low,
            high,
            spec.get("default", low),
            low + step,
            high - step,
            *(part["minimum"] for part in spec.get("anyOf", ()) if "minimum" in part),
        ]
        between = low + step * self.chance.randint(0, max(0, int((high - low) / step)))
        number = self.chance.choice([*edges, between, between])
        if self.spoils or self.chance.random() < 0.03:
            number = self.chance.choice([low - step, high + step, number + 0.5, number])
        return float(number) if kind == "number" and self.chance.random() < 0.3 else number

    def _list(self, spec: Mapping[str, Any]) -> list[Any]:
        least, most = spec.get("minItems", 0), min(spec.get("maxItems", 4), 12)
        count = self.chance.choice([least, most, least + 1, 1, 2])
        count = max(least, min(count, most)) if not self.spoils else self.chance.choice([0, least, most, most + 1])
        return [self.value(spec["items"]) for _ in range(count)]

    def _text(self, spec: Mapping[str, Any]) -> Any:
        if spec.get("format") == "uri":
            return self.chance.choice(NO_URLS) if self.spoils and self.chance.random() < 0.3 else self.chance.choice(URLS)
        if spec.get("x-number-string"):
            low, high = spec.get("x-minimum", 1), spec.get("x-maximum", 20)
            return self.chance.choice(
                [str(low), str(high), str(self.chance.randint(low, high)), str(low - 1), str(high + 1), f"0{low}", "5s"]
            )
        longest = spec.get("maxLength", MOST_TEXT)
        texts = [spec.get("default", "a quiet sea"), "a quiet sea", "x" * min(longest, MOST_TEXT), "@cat and @dog", "cat", "dog", "1.5,3"]
        if self.chance.random() < 0.05:
            texts += ["", "x" * min(longest + 1, 30_000), "x" * min(longest, 30_000)]
        return self.chance.choice(texts)

    def _aim_at_check(self, payload: dict[str, Any], check: Mapping[str, Any]) -> None:
        """Meet the check's circumstances and come to its limit, one below or one above."""
        payload.update(check.get("when", {}))
        for name in (check.get("when_present"), check.get("media"), check.get("list"), check.get("field")):
            if name and name not in payload:
                payload[name] = self.value(self.fields[name])
        if check.get("when_absent"):
            payload.pop(check["when_absent"], None)
        if "terms" in check:
            self._share_out(payload, check)
        elif check["check"].startswith("sum_field") and isinstance(payload[check["list"]], list):
            total = sum(entry.get(check["item"], 0) for entry in payload[check["list"]] if isinstance(entry, Mapping))
            number = total + self.chance.choice([0, 0, 0, 1, -1])
            payload[check["field"]] = str(number) if self.fields[check["field"]]["type"] == "string" else number
        elif "start" in check:
            self._cut(payload, check)
        elif check["check"] in ("names_used_in_prompt", "unique"):
            names = [entry.get(check["item"]) for entry in payload.get(check["list"], ()) if isinstance(entry, Mapping)]
            payload["prompt"] = " ".join(f"@{name}" for name in names if self.chance.random() < 0.9) or "a quiet sea"

    def _share_out(self, payload: dict[str, Any], check: Mapping[str, Any]) -> None:
        for term in check["terms"]:
            spec = self.fields[term["count"]]
            if spec["type"] == "array" and self.chance.random() < 0.8:
                count = self.chance.randint(1, min(int(check["max"]) + 1, spec.get("maxItems", 4)))
                payload[term["count"]] = [self.value(spec["items"]) for _ in range(count)]

    def _cut(self, payload: dict[str, Any], check: Mapping[str, Any]) -> None:
        for entry in payload.get(check["list"]) or ():
            if isinstance(entry, dict):
                entry[check["start"]] = self.chance.choice([0, 1, 1000])
                lengths = [check.get("min", 0), check["max"], check["max"] + 1, check.get("min", 0) - 1, check["max"] // 2]
                entry[check["end"]] = entry[check["start"]] + self.chance.choice(lengths)

    def _aim_at_rule(self, payload: dict[str, Any], rule: Mapping[str, Any]) -> None:
        """Give or take away what the rule speaks of, on either half."""
        for half in ("if", "then"):
            for name in names_in(rule[half]):
                choice = self.chance.random()
                if choice < 0.35:
                    payload[name] = self.value(self.fields[name])
                elif choice < 0.6:
                    payload.pop(name, None)
            for name, spec in rule[half].get("properties", {}).items():
                if self.chance.random() < 0.5 and ("enum" in spec or "const" in spec):
                    payload[name] = self.chance.choice(spec.get("enum") or [spec["const"]])

    def _spoiled(self, payload: dict[str, Any]) -> dict[str, Any]:
        name = self.chance.choice([*self.fields, "no_such_field"])
        if self.chance.random() < 0.3:
            payload.pop(name, None)
        else:
            payload[name] = self.chance.choice(NONSENSE)
        return payload


def names_in(schema: Any) -> list[str]:
    """The fields that one half of a rule speaks of, each once."""
    if isinstance(schema, list):
        return list(dict.fromkeys(name for part in schema for name in names_in(part)))
    if not isinstance(schema, Mapping):
        return []
    own = [*schema.get("required", ()), *schema.get("properties", ())]
    inner = [name for key in ("anyOf", "oneOf", "allOf", "not") for name in names_in(schema.get(key))]
    return list(dict.fromkeys([*own, *inner]))
