"""Words that a line begins with that says who wrote it: "By", "Written by", "Автор:", "作者"."""

from __future__ import annotations

import re

_LABELS = (
    "by", "von", "par", "por", "di", "door", "av", "af", "от", "від", "автор", "авторка", "autor(?:in|es|ka)?",
    "autorin/autor", "auteur", "autore", "author", "text", "texte", "przez", "yazan", "بقلم", "كتب", "نویسنده", "מאת", "責編",
    "oleh", "penulis", "szerző", "írta", "kirjoittaja",
    "toimittaja", "autorius", "autors", "redactor", "tác giả", "โดย", "लेखक",
    "γράφει (?:ο|η)", "συντάκτης", "记者", "责编", r"\(责编", "责任编辑", "作者", "記者", "文",
)  # fmt: skip
"""Words that a line begins with that says who wrote it: patterns of letters, the first two as they stand."""
_BEFORE_LABELS = (
    "written", "posted", "reported", "story", "words", "text", "geschrieben", "erstellt", "gespeichert", "eingestellt",
    "veröffentlicht", "verfasst", "artikel", "blog[ -]?beitrag", "beitrag", "ein (?:beitrag|kommentar|gastbeitrag)",
    "publié", "escrito", "scritto",
)  # fmt: skip
"""What may stand before these words: patterns of the same kind."""
LABEL = re.compile(
    rf"\s*(?:(?:{'|'.join(_BEFORE_LABELS)})\s+)?(?:{'|'.join(_LABELS)})(?=[\s:：|]|$)\s*[:：|]?\s*", re.IGNORECASE
)
_BEGINNINGS = frozenset(label.replace("\\", "")[:2] for label in (*_LABELS, *_BEFORE_LABELS))
"""What a line with a label can begin with: the pattern takes ten times as long to say no."""
PREPOSITION = re.compile(r"\s*(?:by|von|par|por|di|door|av|af|от|від|przez)\b", re.IGNORECASE)


def begins_with_label(text: str) -> bool:
    """Whether a line says at its beginning who wrote it."""
    beginning = text.lstrip()[:2].lower()
    # "文" is a label of one character, and anything may follow it.
    return (beginning in _BEGINNINGS or beginning[:1] in _BEGINNINGS) and LABEL.match(text) is not None
