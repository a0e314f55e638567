"""Which language a prompt is written in, as far as its script or its commonest words give it away."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from playground.core.speech import gettext_noop

# Names as Unicode has them for single characters, and what a text in them is called.
_SCRIPTS = {
    "HIRAGANA": gettext_noop("Japanese"),
    "KATAKANA": gettext_noop("Japanese"),
    "HANGUL": gettext_noop("Korean"),
    "CJK": gettext_noop("Chinese"),
    "CYRILLIC": gettext_noop("Cyrillic script"),
    "ARABIC": gettext_noop("Arabic script"),
    "HEBREW": gettext_noop("Hebrew"),
    "GREEK": gettext_noop("Greek"),
    "DEVANAGARI": gettext_noop("Hindi"),
    "THAI": gettext_noop("Thai"),
}
# Short words that fill every text of a language and are none of the others' here.
_COMMON = {
    "English": "the and with of to in is are on at from into his her their while then over through a an",
    gettext_noop("German"): "der die das und mit ist ein eine einen einem auf im zum zur durch über während dann nicht sich von den dem",
    gettext_noop("French"): "le la les et avec est une des dans sur du au aux qui pendant puis pas sous elle il un",
    gettext_noop("Spanish"): "el los las y con es una en del que por para mientras luego sobre su al un se",
    gettext_noop("Italian"): "il lo gli e con è una nel nella della che per mentre poi sul sulla di un si",
    gettext_noop("Portuguese"): "o os as e com é uma no na do da que por para enquanto depois sobre um se",
    gettext_noop("Dutch"): "de het en met is een op in van door terwijl dan niet zich naar over",
    gettext_noop("Polish"): "i w na z się jest do przez nad pod który która gdy oraz po",
    gettext_noop("Turkish"): "ve bir ile için bu da de gibi üzerinde sonra olan",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# What is spoken in the clip may be in any language.
_QUOTED = re.compile(r"[\"“„«「『][^\"“”„«»「」『』]*[\"”“»」』]")
# The beginning tells the language.
_ENOUGH = 2000
_LEAST_SHARE_OF_SCRIPT = 0.3
_LEAST_COMMON_WORDS = 3
_LEAST_SHARE_OF_WORDS = 0.15


def foreign_language(text: str) -> str:
    """The language of a text that is not in English, by its English name, or "" where it is or where nobody can tell.

    Quotations do not count.
    """
    told = _QUOTED.sub(" ", text[:_ENOUGH])
    letters = [character for character in told if character.isalpha()]
    if not letters:
        return ""
    scripts = Counter(script for character in letters if not character.isascii() and (script := _script(character)))
    if sum(scripts.values()) >= _LEAST_SHARE_OF_SCRIPT * len(letters):
        # Japanese mixes its own signs into Chinese ones.
        return "Japanese" if scripts["Japanese"] else scripts.most_common(1)[0][0]
    return _by_words(re.findall(r"[^\W\d_]+", told.lower()))


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((language for script, language in _SCRIPTS.items() if name.startswith(script)), "")


def _by_words(words: list[str]) -> str:
    found = {language: sum(word in common for word in words) for language, common in _WORDS.items()}
    kinds = {language: len(set(words) & common) for language, common in _WORDS.items()}
    best = max(found, key=lambda language: (found[language], kinds[language]))
    is_clear = kinds[best] >= _LEAST_COMMON_WORDS and found[best] >= _LEAST_SHARE_OF_WORDS * len(words)
    return best if best != "English" and is_clear and found[best] >= 2 * found["English"] else ""
