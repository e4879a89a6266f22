"""Words that a line begins with that says who wrote it: "By", "Written by", "Автор:", "作者"."""

from __future__ import annotations

import re

_LABELS = (
    "by", "von", "par", "por", "di", "door", "av", "af", "от", "від", "автор", "авторка", "аутор(?:ка)?", "autor(?:in|es|ka)?",
    "autorin/autor", "auteur", "autore", "author", "text", "texte", "przez", "yazan", "بقلم", "كتب", "نویسنده", "מאת",
    "எழுதியவர்", "oleh", "penulis", "szerző", "írta", "kirjoittaja",
    "toimittaja", "autorius", "autors", "redactor", "tác giả", "โดย", "लेखक",
    "γράφει (?:ο|η)", "συντάκτης", r"\S{0,8}记者", "作者", "記者", "文",
)  # fmt: skip
"""Words that a line begins with that says who wrote it: patterns of letters, the first two as they stand."""
_BEFORE_LABELS = (
    "written", "posted", "reported", "story", "words", "text", "geschrieben", "erstellt", "gespeichert", "eingestellt",
    "veröffentlicht", "verfasst", "artikel", "blog[ -]?beitrag", "beitrag", "ein (?:beitrag|kommentar|gastbeitrag)",
    "publié", "escrito", "scritto",
)  # fmt: skip
"""What may stand before these words: patterns of the same kind."""
_EDITOR_LABELS = ("責編", "责编", r"\(责编", "责任编辑")
"""Words for who checked the text. Chinese outlets name nobody else on many pages, and both on others."""
LABEL = re.compile(
    rf"\s*(?:(?:{'|'.join(_BEFORE_LABELS)})\s+)?(?:{'|'.join((*_LABELS, *_EDITOR_LABELS))})(?=[\s:：|,]|$)[\s:：|,]*",
    re.IGNORECASE,
)
_EDITOR = re.compile(rf"\s*(?:{'|'.join(_EDITOR_LABELS)})")
_BEGINNINGS = frozenset(label.replace("\\", "")[:2] for label in (*_LABELS, *_BEFORE_LABELS, *_EDITOR_LABELS))
"""What a line with a label can begin with: the pattern takes ten times as long to say no."""
PREPOSITION = re.compile(r"\s*(?:by|von|par|por|di|door|av|af|от|від|przez)\b", re.IGNORECASE)


def begins_with_label(text: str) -> bool:
    """Whether a line says at its beginning who wrote it."""
    text = text.lstrip()
    beginning = text[:2].lower()
    # "文" is a label of one character, and anything may follow it; before "记者" stands what the reporter writes for.
    possible = beginning in _BEGINNINGS or beginning[:1] in _BEGINNINGS or "记者" in text[:10]
    return possible and LABEL.match(text) is not None


def is_editors(text: str) -> bool:
    """Whether what a label names is who checked the text and not who wrote it."""
    return _EDITOR.match(text) is not None
