"""Colour words of a prompt tint the picture: "a red sunset" should not come out blue."""

from __future__ import annotations

import re

Tint = tuple[float, float, float]

# Factors of red, green and blue with a mean of about one, so that no tint darkens the picture.
_TINTS: dict[Tint, str] = {
    (1.42, 0.84, 0.74): "red crimson scarlet ruby rot rouge rojo roja vermelho 红",
    (1.34, 0.98, 0.68): "orange amber copper rust sunset naranja",
    (1.24, 1.10, 0.66): "golden gold yellow honey gelb jaune amarillo 金 黄",
    (0.84, 1.26, 0.90): "green emerald mint grün vert verde 绿",
    (0.72, 1.12, 1.16): "teal turquoise cyan türkis",
    (0.74, 0.94, 1.32): "blue azure navy cobalt blau bleu azul 蓝",
    (1.06, 0.80, 1.14): "purple violet lavender lila violett morado 紫",
    (1.26, 0.86, 1.00): "pink rose magenta rosa 粉",
}
_WORDS = {word: tint for tint, words in _TINTS.items() for word in words.split()}


def tint_of(prompt: str) -> Tint | None:
    """The tint of the first colour that a prompt names, or None."""
    for word in re.findall(r"\w+", prompt.lower()):
        if word in _WORDS:
            return _WORDS[word]
        if not word.isascii():
            found = next((tint for stem, tint in _WORDS.items() if len(stem) == 1 and stem in word), None)
            if found:
                return found
    return None
