"""What makes two texts the same text: the fingerprint that a revision is compared by."""

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
    """SHA-256, hex, of title, byline and text without cosmetics.

    The same for other white space, quotation marks, dashes, ligatures, paragraph breaks or markup, for names in another
    order, and for a standfirst that moves into the text. Another one for any change of a letter, digit or full stop.
    """
    names = sorted(_plain(byline.name) for byline in article.bylines)
    text = _plain(" ".join([article.lead or "", *(block.text for block in article.blocks)]))
    parts = (_plain(article.title or ""), "\x1e".join(names), text)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _plain(text: str) -> str:
    if not text.isascii():  # expressions, since `translate` looks up each letter of another script
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = _SIGNS.sub(lambda sign: _PLAIN[sign[0]], text)
    return " ".join(text.split())
