"""Convert a feed's title or summary, which may be text, HTML or HTML escaped twice, to plain text."""

from __future__ import annotations

import html
import re

_ELEMENTS = """
    abbr acronym address applet area article aside audio base basefont bdi bdo bgsound big blink blockquote body br
    button canvas caption center cite code col colgroup command data datalist dd del details dfn dialog dir div dl dt
    em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html
    iframe img input ins kbd label legend li link main map mark marquee math menu meta meter nav nobr noframes
    noscript object ol optgroup option output param path picture pre progress rp rt ruby samp script section select
    slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead
    time title tr track tt ul use var video wbr
""".split()
_TAG = re.compile(
    rf"<(?:/?(?:{'|'.join(_ELEMENTS)}|[a-z]\w*[-:][\w:-]+)(?:[\s/][^<>]{{0,2000}})?"
    r"|/?[abipqsu](?:\s[^<>=]{0,2000}=[^<>]{0,2000}|\s{0,9}/?)|![^<>]{0,2000})>",
    re.IGNORECASE,
)
"""Tags of HTML elements and custom elements, and comments. A headline may contain other words in angle brackets, and
"p<q and q>r" is not a tag."""
_UNSEEN = re.compile(r"<(/?)(script|style)\b[^<>]{0,2000}>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:p|br|div|li|h\d)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_SPACE = re.compile(r"\s+")
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""Quotes and dashes of Windows-1252 written as character numbers ("&#146;"); browsers decode them in the same way."""
MAX_READ = 200_000
"""Characters of markup that are read."""
MAX_TEXT = 20_000
"""Characters of a title or summary that are kept; longer texts are whole articles, which `content_html` holds."""


def markup_to_text(text: str | None, *, is_title: bool = False) -> str | None:
    """The visible text on one line; None if there is no text.

    `is_title`: it is complete, so a tag whose other half is missing is a word: "<Video> What <table> does".
    """
    if not text:
        return None
    text = text[:MAX_READ]
    for _ in range(2):  # "&amp;lt;b&amp;gt;" is common: escaped by the CMS, and again by the feed's template
        if _TAG.search(text):
            if is_title:
                text = _with_words_kept(text)
            text = _TAG.sub("", _BREAK.sub(" ", _without_code(text)))
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return _SPACE.sub(" ", text.translate(_C1)).replace(_WORD_BEGIN, "<").strip()[:MAX_TEXT] or None


_WORD_BEGIN = "\ue000"
"""Stands for the "<" of a word while tags are removed."""
_NAME = re.compile(r"<(/?)(\w+)")
_WITHOUT_END = frozenset({"br", "hr", "wbr", "img", "input", "p"})


def _with_words_kept(text: str) -> str:
    """The text with the tags marked as words that have no attribute and no other half."""
    halves = {(end, name.lower()) for end, name in _NAME.findall(text)}

    def marked(tag: re.Match[str]) -> str:
        name = _NAME.match(tag[0])
        if name is None or "=" in tag[0] or name[2].lower() in _WITHOUT_END:
            return tag[0]
        return tag[0] if ("" if name[1] else "/", name[2].lower()) in halves else _WORD_BEGIN + tag[0][1:]

    return _TAG.sub(marked, text)


def _without_code(text: str) -> str:
    """The text without script and style elements, in linear time."""
    kept: list[str] = []
    start, element = 0, ""
    for tag in _UNSEEN.finditer(text):
        is_end, name = bool(tag[1]), tag[2].lower()
        if not element and not is_end:
            kept.append(text[start : tag.start()])
            start, element = tag.end(), name
        elif is_end and name == element:
            start, element = tag.end(), ""
    return " ".join([*kept, text[start:]])


def whole_characters(text: str) -> str:
    """The text without lone surrogates, which JSON can express and SQLite cannot store."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
