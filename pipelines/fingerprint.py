"""Fingerprint an article, so that a revision is compared without cosmetic differences."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from crawler.models import Article

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f]")
_PLAIN_SIGNS = {"'": "‘’‚‛", '"': "“”„‟«»", "-": "‐‑‒–—―", "...": "…"}
_PLAIN = {sign: plain for plain, signs in _PLAIN_SIGNS.items() for sign in signs}
_SIGNS = re.compile(f"[{''.join(_PLAIN)}]")


def fingerprint(article: Article) -> str:
    """SHA-256 in hex of title, byline and text in a normalised form.

    White space, quotation marks, dashes, ligatures, paragraph breaks, markup, the order of names and a lead that moves
    into the text do not change it. A changed letter, digit or full stop does.
    """
    names = sorted(_plain(byline.name) for byline in article.bylines)
    text = _plain(" ".join([article.lead or "", *(block.text for block in article.blocks)]))
    parts = (_plain(article.title or ""), "\x1e".join(names), text)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _plain(text: str) -> str:
    if not text.isascii():  # patterns are faster than `translate` for other scripts
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = _SIGNS.sub(lambda sign: _PLAIN[sign[0]], text)
    return " ".join(text.split())
