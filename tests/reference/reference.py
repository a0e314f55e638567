"""The reference implementation: what a payload's verdict and its price are, in the fewest words. An oracle for tests.

It must stay independent of the product, and the product of it: neither imports or mirrors the other. `models.json`
beside it holds the facts that it was written for.
"""
# mypy: ignore-errors
# ruff: noqa
# fmt: off

from jsonschema import Draft202012Validator as V


def full_schema(m):
    s = {k: v for k, v in m["input"].items()}
    if m["rules"]: s["allOf"] = [{"if": r["if"], "then": r["then"]} for r in m["rules"]]
    return s

def when(cond, inp): return all(inp.get(k) == v for k, v in (cond or {}).items())
def n(v): return len(v) if isinstance(v, list) else (1 if v not in (None, "") else 0)

def run_check(c, inp, secs=lambda u: 5.0):
    """True = fine. secs(url) stands for a probe of the media file."""
    if not when(c.get("when"), inp): return True
    if c.get("when_present") and not n(inp.get(c["when_present"])): return True
    if c.get("when_absent") and n(inp.get(c["when_absent"])): return True
    k = c["check"]
    as_list = lambda v: v if isinstance(v, list) else ([] if v in (None, "") else [v])
    if k == "count_lte": return n(inp.get(c["field"])) <= c["max"]
    if k == "count_sum_lte": return sum(n(inp.get(t["count"])) * t.get("weight", 1) for t in c["terms"]) <= c["max"]
    if k in ("sum_field_equals", "sum_field_lte"):
        if c["list"] not in inp: return True
        s = sum(float(x.get(c["item"], 0)) for x in inp[c["list"]]); t = float(inp.get(c["field"], 0))
        return abs(s - t) < 1e-9 if k == "sum_field_equals" else s <= t + 1e-9
    if k in ("item_range", "item_range_ms"):
        for x in inp.get(c["list"], []):
            if c["start"] in x and c["end"] in x:
                d = x[c["end"]] - x[c["start"]]
                if d < c.get("min", 0) or d > c["max"]: return False
        return True
    if k == "media_seconds_lte": return all(secs(u) <= c["max"] for u in as_list(inp.get(c["media"])))
    if k == "media_total_seconds_lte": return sum(secs(u) for u in as_list(inp.get(c["media"]))) <= c["max"]
    if k == "media_seconds_plus_field_lte":
        return sum(secs(u) for u in as_list(inp.get(c["media"]))) + float(inp.get(c["field"]) or 0) <= c["max"]
    if k == "names_used_in_prompt":
        return all((c["prefix"] + x[c["item"]]) in inp.get(c["field"], "") for x in inp.get(c["list"], []))
    if k == "unique":
        v = [x.get(c["item"]) for x in inp.get(c["list"], [])]; return len(v) == len(set(v))
    raise ValueError("unknown check " + k)

def violations(m, inp):
    out = [e.message for e in V(full_schema(m), format_checker=V.FORMAT_CHECKER).iter_errors(inp)]
    return out or [str(c) for c in m["checks"] if not run_check(c, inp)]   # named checks only once the schema holds

# ------------------------------------------------------------------ reference price calculator
def key_of(v): return {True: "true", False: "false"}.get(v, str(v)) if isinstance(v, bool) else str(v)
def axis_value(a, inp, ctx):
    if "nonempty" in a: return "yes" if any(n(inp.get(f)) for f in a["nonempty"]) else "no"
    if "from_task" in a: return str(ctx.get(a["name"], a["default"]))
    if a["field"] in inp: return key_of(inp[a["field"]])
    dw = a.get("default_when")
    if dw and all(inp.get(k) == v for k, v in dw.items() if k != "value"): return key_of(dw["value"])
    return key_of(a["default"])

def seconds_of(m, inp, secs):
    s = m["pricing"]["seconds"]
    med = lambda f: sum(secs(u) for u in (inp[f] if isinstance(inp.get(f), list) else [inp[f]] if inp.get(f) else []))
    if "media" in s: return med(s["media"])
    if "ratio" in s:
        a, da, b, db = s["ratio"]; return inp.get(a, da) / inp.get(b, db)
    v = inp.get(s["field"], s.get("default"))
    if v is None and s.get("else_media"): return med(s["else_media"])
    v = float(v)
    if v == 0 and s.get("zero_means_media"): return med(s["zero_means_media"])
    return None if v < 0 else v

def price_of(m, inp, secs=lambda u: 5.0, ctx=None):
    """Credits, or None when nobody publishes a price or it is only known afterwards."""
    p = m["pricing"]
    if p["credits"] is None: return None
    c = p["credits"]
    if isinstance(c, dict):
        k = "|".join(axis_value(a, inp, ctx or {}) for a in p["axes"])
        if k not in c: raise KeyError(k)
        c = c[k]
    if p["unit"] == "second":
        s = seconds_of(m, inp, secs)
        if s is None: return None
        f = p.get("plus_input_seconds")
        if f and inp.get(f): s += sum(secs(u) for u in (inp[f] if isinstance(inp[f], list) else [inp[f]]))
        c = c * s
    for e in p.get("extras", []):
        c += max(0, sum(n(inp.get(f)) for f in e["count_of"]) - e["free"]) * e["credits_each"]
    return round(c, 4)
