"""Labels at the beginning of a byline: "By", "Written by", "Автор:", "作者"."""

from __future__ import annotations

import re

_LABELS = (
    "by", "von", "par", "por", "di", "door", "av", "af", "от", "від", "автор(?:ы|и|ка)?", "аутор(?:ка)?", "autor(?:in|es|ka)?",
    "autorin/autor", "auteur", "autore", "author", "text", "texte",
    "te(?:ks|x)to?(?=:)", "words(?=:)", "текст(?=:)", "κείμενο", "取材・文", "przez", r"oprac\.", "yaza[nr]", "muhabir",
    "haber", "بقلم", "كتبت?", "نویسنده", "מאת",
    "எழுதியவர்", "oleh", "penulis", "szerző", "írta", "kirjoittaja",
    "toimittaja", "autorius", "autors", "redactor", "tác giả", "โดย", "लेखक",
    "γράφει (?:ο|η)", "συντάκτης", r"\S{0,8}记者", "作者", "記者", "文",
)  # fmt: skip
"""Patterns of labels. The first two letters must be literal."""
_BEFORE_LABELS = (
    "written", "posted", "submitted", "contributed", "compiled", "reported", "reporting",
    "story", "words", "text", "geschrieben", "erstellt", "gespeichert", "eingestellt",
    "veröffentlicht", "verfasst", "artikel", "blog[ -]?beitrag", "beitrag", "ein (?:beitrag|kommentar|gastbeitrag)",
    "publié", "escrito", "scritto",
)  # fmt: skip
"""Patterns of words that may precede a label. The first two letters must be literal."""
_EDITOR_LABELS = ("責編", "责编", r"\(责编", "责任编辑")
"""Labels of the responsible editor. Many Chinese pages name only the editor, others both."""
LABEL = re.compile(
    rf"\s*(?:(?:{'|'.join(_BEFORE_LABELS)})\s+)?(?:{'|'.join((*_LABELS, *_EDITOR_LABELS))})"
    r"(?=[\s:：|,＝]|$)[\s:：|,＝]*|記者(?=\S{2,4}[／/])|文[／/]",
    re.IGNORECASE,
)
_EDITOR = re.compile(rf"\s*(?:{'|'.join(_EDITOR_LABELS)})")
_BEGINNINGS = frozenset(label.replace("\\", "")[:2] for label in (*_LABELS, *_BEFORE_LABELS, *_EDITOR_LABELS))
"""First two letters of a line with a label. This check is ten times faster than the pattern."""
PREPOSITION = re.compile(r"\s*(?:by|von|par|por|di|door|av|af|от|від|przez)\b", re.IGNORECASE)


BEFORE_LABEL = " \t\r\n\u2028|·•–—-("
"""Signs before a label: "| By", "(Reporting by"."""


def begins_with_label(text: str) -> bool:
    """Whether a line begins with a byline label."""
    text = text.lstrip(BEFORE_LABEL)
    beginning = text[:2].lower()
    # "文" is a label of one character. The outlet's name may precede "记者".
    possible = beginning in _BEGINNINGS or beginning[:1] in _BEGINNINGS or "记者" in text[:10]
    return possible and LABEL.match(text) is not None


def is_editor_label(text: str) -> bool:
    """Whether the label is that of an editor and not of an author."""
    return _EDITOR.match(text) is not None
