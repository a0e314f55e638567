"""What must never be read in a log, on a page or in a stored reply: our keys, and the addresses at which we are called back.

Providers repeat what they are sent: keys in 401 bodies, headers and redirects, callback addresses in records. Whoever
takes text from outside passes it through `redact` before it is kept, and the log formatter passes every line through it.
Hiding at each place that prints (the rejected alternative) forgets the place that is written next year.
"""

from __future__ import annotations

import re

HIDDEN = "•••"
OURS = "(ours)"
# A shorter "secret" would blacken ordinary words.
SHORTEST_SECRET = 8
_secrets: set[str] = set()
_pattern: re.Pattern[str] | None = None
# The token is what matters; the slashes may be escaped, as in JSON within JSON, or percent-encoded. Everything is bounded,
# for a text of nothing but slashes or schemes must not take more time than another.
_SLASH = r"(?:\\{0,7}/|%2[fF])"
_HOOK = re.compile(rf"{_SLASH}hooks{_SLASH}[a-z]{{1,20}}{_SLASH}[A-Za-z0-9_-]{{20,}}")
_LONGEST_HEAD = 300
_NO_ADDRESS = re.compile(r"[\s\"'<>]")
_SCHEME = re.compile("https?:")


def hide(secret: str) -> None:
    """From now on this text is never let through in this process. Empty and very short texts are not secrets.

    Space around it is no part of it: a line break from a file of keys is printed in another way than it is written.
    """
    global _pattern
    secret = secret.strip()
    if len(secret) >= SHORTEST_SECRET and secret not in _secrets:
        _secrets.add(secret)
        longest_first = sorted(_secrets, key=len, reverse=True)
        _pattern = re.compile("|".join(re.escape(known) for known in longest_first))


def redact(text: str) -> str:
    """The text with secrets and callback addresses blackened."""
    if _pattern is not None:
        text = _pattern.sub(HIDDEN, text)
    return _without_callbacks(text) if "hooks" in text else text


def _without_callbacks(text: str) -> str:
    parts: list[str] = []
    end = 0
    for hook in _HOOK.finditer(text):
        parts += (text[end : _start_of_address(text, end, hook.start())], OURS)
        end = hook.end()
    return "".join((*parts, text[end:]))


def _start_of_address(text: str, begin: int, end: int) -> int:
    """Where the address begins that a path at `end` belongs to; `end` itself for a path alone."""
    near = _NO_ADDRESS.split(text[max(begin, end - _LONGEST_HEAD) : end])[-1]
    scheme = _SCHEME.search(near)
    return end if scheme is None else end - len(near) + scheme.start()
