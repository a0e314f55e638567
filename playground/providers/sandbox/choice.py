"""Which scene a prompt gets: by its words, otherwise by a hash of them."""

from __future__ import annotations

import hashlib
import re

# Stems, matched at the start of a word; a few words of other languages because prompts come in them.
_WORDS: dict[str, str] = {
    "ocean": "ocean sea wave surf beach coast water lake river sail ship boat harbour harbor pier lighthouse dolphin "
    "whale swim island underwater fish rain swell gull seagull spray tide foam "
    "meer océan mer océano mar olas welle küste 海 波 wasser agua",
    "aurora": "aurora northern polar arctic ice icy snow winter frost glacier night star moon mountain fjord cabin "
    "nordlicht winter nieve neige schnee berg montaña montagne 极光 雪 山 fireflies mist magic dream",
    "forest": "forest tree wood jungle garden park leaf leaves fern moss deer fox wolf bird meadow dog cat child girl "
    "boy path nature autumn wald baum bosque forêt arbre 森 树 林 rays fairy knight samurai flower petal rose",
    "silk": "silk fabric cloth dress textile satin curtain fashion dance dancer skirt abstract flow liquid paint ink "
    "smoke soft seide stoff seda soie robe 丝 布 woman portrait face smile sweater singer sing choir hair",
    "product": "product bottle perfume cosmetic cream glass watch jewel luxury studio commercial advert ad advertising "
    "brand packag shoe sneaker pedestal table cup coffee tea wine vase statue ceramic produkt flasche botella "
    "bouteille parfum perfume 产品 瓶 chef kitchen food burger pancake",
    "city": "city street neon urban traffic car taxi tram train bus road skyscraper downtown tokyo york cyberpunk "
    "nightlife bar jazz club disco crowd market lantern roof stadt straße ciudad calle ville rue 城 街 robot courier",
    "candy": "candy sweet keyboard key keys typing crunchy sugar chocolate cake dessert toy cube block lego colorful "
    "colourful rainbow pixel cardboard play kid game tastatur bonbon dulce caramelo clavier 糖 键盘 juguete",
    "planet": "planet space galaxy orbit earth mars moon astronaut rocket satellite cosmos universe nebula alien "
    "sci-fi spaceship globe world saturn weltraum planeta espacio espace planète 星 宇宙 地球",
    "dunes": "desert dune sand sahara camel canyon oasis caravan dry hot sunset sunrise horizon hiker summit drone "
    "aerial flight glider kite balloon savanna wüste düne desierto désert arena sable 沙 漠 wheat field horse rider",
}  # fmt: skip
SCENE_NAMES: tuple[str, ...] = tuple(_WORDS)

# Words that say more about a picture than the rest of the sentence does.
_STRONG_WORDS = """
ocean sea wave aurora forest silk satin perfume bottle product neon city candy keyboard planet galaxy orbit
desert dune astronaut skyscraper jungle
"""
_STRONG = frozenset(_STRONG_WORDS.split())


def choose_scene(prompt: str) -> str:
    words = re.findall(r"\w[\w-]*", prompt.lower())
    scores = dict.fromkeys(SCENE_NAMES, 0.0)
    for scene, table in _WORDS.items():
        stems = table.split()
        for place, word in enumerate(words):
            hits = [stem for stem in stems if _matches(word, stem)]
            if hits:
                # Earlier words weigh a little more: a prompt opens with its subject.
                scores[scene] += (3.0 if any(hit in _STRONG for hit in hits) else 1.0) + 1.0 / (2 + place)
    best = max(scores.values())
    if best > 0:
        return max(SCENE_NAMES, key=lambda scene: scores[scene])
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return SCENE_NAMES[digest[0] % len(SCENE_NAMES)]


def _matches(word: str, stem: str) -> bool:
    if not stem.isascii() and len(stem) <= 2:
        return stem in word
    # Short stems match whole words (and plurals) only: "car" is not "cardboard", "ice" not "iceberg".
    return word in {stem, stem + "s", stem + "es"} or (len(stem) >= 5 and word.startswith(stem))
