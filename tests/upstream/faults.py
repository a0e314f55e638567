"""What goes wrong with a task: words in its prompt, each with an optional number, or a share of chance.

`{null 2}` is the first two reads, `{late 3}` three seconds. On creating a task:

  refuse          422 in an envelope          refused n     the first n are refused by a real HTTP 422
  401 402 429 433 455 503 n                   the first n are turned away with this code
  poor n                                      the first n are turned away by "Credits insufficient", as measured: code 500
  http-401 n http-429 n html-503 n            the same by real statuses, the last one by a page
  echo-key n      401 that repeats our key in body and header     echo-redirect n  a redirect that carries it
  500             accepted, then a page with HTTP 500      gateway   accepted, then a proxy's JSON error
  hang            accepted and never answered              lost      never accepted and never answered
  drop            accepted, then the connection is cut     late n    accepted and answered after n s
  same            always one id

On reading it:

  after n         done after n s              fail          it fails      fail-text fail-media fail-output fail-busy
  never           generating for ever         unknown       a word nobody announced
  null malformed empty limit stall busy n     the first n reads
  no-url n        success without a result, for the first n reads after its end; without a number for ever
  echo-read       it fails, in words that repeat our key
  texts           times as texts, errors as numbers: what the documents say and nobody measured

Its callback:

  no-callback     lost        callback-twice  sent twice         callback-late n   n s after the end
  callback-early  sent before the request that created it is answered
  callback-liar   names a task that is not ours

Its result:

  expire          the first link is dead      gone          410           junk         no video
  slow n          spread over n s             cut           cut off       direct       only download-url works
  twins           two results
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_WORD = re.compile(r"\{([a-z0-9-]+)(?: ([0-9.]+))?\}")
FOR_EVER = 10.0**9
# Of chance, with what they stand for: each hits a share of the tasks by itself.
CHANCES: tuple[tuple[str, float], ...] = (
    ("hang", 1), ("lost", 1), ("drop", 1), ("500", 1), ("gateway", 1), ("late", 1.0),
    ("429", 1), ("poor", 1), ("html-503", 1), ("refuse", 1),
    ("null", 2), ("malformed", 2), ("empty", 2), ("limit", 1), ("busy", 2), ("unknown", 1), ("no-url", 2), ("never", 1), ("fail", 1),
    ("no-callback", 1), ("callback-twice", 1), ("callback-late", 2), ("callback-early", 1),
    ("expire", 1), ("cut", 1), ("direct", 1), ("twins", 1),
)  # fmt: skip


def words_of(text: str) -> dict[str, float]:
    return {match[1]: float(match[2] or (FOR_EVER if match[1] == "no-url" else 1)) for match in _WORD.finditer(text)}


@dataclass(slots=True)
class Faults:
    """`share` of the tasks get each of the words by chance, the same ones for the same seed and number."""

    seed: int = 0
    share: float = 0.0
    only: frozenset[str] = field(default_factory=frozenset)
    healed: bool = False

    def for_task(self, number: int, prompt: str) -> dict[str, float]:
        return words_of(prompt) | self.by_chance(number)

    def by_chance(self, number: int) -> dict[str, float]:
        if self.healed or not self.share:
            return {}
        dice = random.Random(f"{self.seed}:{number}")
        rolled = {word: value for word, value in CHANCES if dice.random() < self.share}
        return {word: value for word, value in rolled.items() if not self.only or word in self.only}


def has(words: Mapping[str, float], word: str, count: int) -> bool:
    """Whether a fault that lasts for n times is still on at the `count`th."""
    return count <= words.get(word, 0)
