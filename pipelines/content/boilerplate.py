"""Remove lines between the paragraphs that are not article text: share prompts, reading times, dates, bylines, links."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from datetime import timezone

from lxml import etree

from pipelines.bylines.names import is_plausible_name, read_names
from pipelines.content.main_block import LINKED, nodes_below
from pipelines.dates import date_parser
from pipelines.dates.datelines import DATE_LABEL
from pipelines.html.document import GOOD, fold_text, letters
from pipelines.html.text_flow import BlockNode, TextRun

_BEFORE = r"^[^\w(（\[【#@*©\"'“”„«‘]*"
"""Signs before a prompt: a dash, an arrow, a symbol. A line that begins with a quotation mark is a quotation."""
_LINE = re.compile(
    _BEFORE
    + r"(?:(?:listen(?: now)?|(?:listen to|hear) this (?:article|story).*|(?:new)?you can now listen to .{0,60}|"
    r"this audio is (?:created|generated) (?:with|by) ai.*)|"
    r"(?:якщо ви |если вы )?(?:помітили|знайшли|заметили|нашли) .{0,20}(?:помилку|ошибку|"
    r"опечатку)\b.{0,150}|"
    r"\d+ ?min(?:ute)?s?\.? (?:read|listen|lesezeit|(?:temps )?de lecture|de lectura|di lettura|чтения|читання).*|"
    r"(?:reading|lese)[ -]?(?:time|zeit|dauer).*|(?:posted (?:by|on)|submitted on)\b.{0,80}|"
    r"share(?: this)?(?: (?:article|story|post|page))?(?: (?:on|with|via|by) .*)?|"
    r"(?:advertisement|advertising|anzeige|werbung|(?:la suite )?(?:après (?:cette|la) )?publicité|"
    r"publicidad|pubblicità|реклама|reklam[ae]?|adv?|advert|sponsored)"
    r"(?:(?: \w+){0,2}| (?:für|for|pour|por) [^.]{0,40}|\s*[^\w\s].{0,40}|.{0,40}\b(?:scroll|continu\w+|below|"
    r"reading))|"
    r"(?:read more|read also|also read|see also|mehr (?:zum thema|dazu)|lesen sie (?:auch|hier|mehr)|"
    r"lesen sie .{0,40}auch|"
    r"lire aussi|à lire aussi|lire la suite|lea también|lee también|te puede interesar|más información|leggi anche|"
    r"leia (?:mais|também)|lees ook|les også|läs (?:också|mer|även)|чита[йи]те (?:также|також|ещё)|"
    r"czytaj (?:też|także|również)|"
    r"auch interessant|passend dazu|dazu passt|you (?:may|might) (?:also )?like|相关(?:推荐|阅读|新闻|报道)|関連記事)\b.{0,200}|"
    r"[（(【\[]?(?:原标题|責任編集|责任编辑|责编|编辑|校对|(?:本文|文章|新闻)?来源|出处|关键词|发布时间|更新时间|当前位置|字号|分享到)\s*[:：].{0,150}|"
    r"(?:subscribe|sign up|newsletter|abonnieren|jetzt (?:abonnieren|anmelden|testen|lesen)|follow (?:us|me|on|"
    r"@)(?!,)|folgen sie|"
    r"join (?:us|our|the)(?!,)|download (?:the|our) app|get (?:the|our) .{0,40}newsletter|inscrivez-vous|"
    r"suscríbete|iscriviti|"
    r"п[іо]дпи(?:суйтес[ья]|шіт[ья]ся|сывайтесь|шитесь)|приєднуйтес[ья]|присоединяйтесь|(?:стежте|слідкуйте|"
    r"следите) за)\b.{0,200}|"
    r"(?:already (?:a |have )|(?:bereits|schon) abonnent|déjà abonné|ya eres suscriptor|già abbonato|"
    r"(?:are|not) you a subscriber|weiterlesen|explore further|empfehlungen (?:der|"
    r"aus de[rm])) ?.{0,60}|"
    r"(?:this (?:entry|post) was (?:posted|published|written)|diese[rs]? (?:beitrag|artikel|eintrag) wurde .{0,80}t).*|"
    r"(?:(?:rezept|artikel|seite|beitrag) )?drucken|imprimer.{0,40}|"
    r"perma(?:link|lien).{0,80}|"
    r"(?:comments?|kommentare?|commentaires|leave a (?:comment|reply).*|view comments.*|\d+ comments?|kommentieren.*)|"
    r"(?:image|photo|picture|foto|bild|crédit|credits?|quelle|source|фото|відео|видео|джерело|источник|"
    r"copyright|©|\(?c\)?)"
    r"\s*[:：©].{0,150}|©.{0,150}|"
    r"(?:follow|contact) .{0,60}(?: on (?:twitter|x|facebook|instagram)\b|@).{0,60}|"
    r"[\W\d_]*)$",
    re.IGNORECASE,
)
_LINE_OR_SENTENCE = re.compile(
    _BEFORE + rf"(?:{DATE_LABEL.pattern}.{{0,80}}|"
    r"(?:related|more (?:on|from|stories|news)|weitere (?:artikel|themen|meldungen|nachrichten)|recommended|"
    r"most (?:read|popular)|trending|top stories)\b.{0,200})$",
    re.IGNORECASE,
)
"""Beginnings of prompts that also begin sentences."""
_SENTENCE = re.compile(r"(?!.*\d[:.h]\d\d\b)(?:\S+\s+){4,}\S*(?<!\b[ap]\.m)[.!?]$", re.IGNORECASE | re.DOTALL)
"""Five words or more that end like a sentence and contain no time of day."""
_LINKED_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S*[.。][\"'”“’»)]*$", re.DOTALL)
"""Questions and exclamations that are links point to other pages."""
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”“’»)\]]*$")
_CAPTION = re.compile(
    r"[(\[](?:image|photo|picture|bild|foto)s?\s?(?::|by\b|credit\b)[^()\[\]]{2,60}[)\]]$|"
    r"\b(?:bildrechte|photo credit)\s?:.{2,60}$",
    re.IGNORECASE,
)
"""The credit at the end of a caption."""
_COMMENTS = re.compile(
    r"^\W*(?:\d+ )?(?:leser|reader )?(?:comments?|kommentare|commentaires|comentarios|commenti|reacties|komentarze|"
    r"комментарии|коментарі|comentários|kommentit|yorumlar)\W*\d*\W*$",
    re.IGNORECASE,
)
"""The heading of the readers' comments."""
_BY = re.compile(
    r"(?:by|von|par|por|di|door|av|af|от|від|автор|autor|auteur|автори|авторы|بقلم|كتب|מאת)\s*[:：]?\s", re.IGNORECASE
)
_DATE_WORDS = frozenset("date datum fecha data dato дата publiziert erscheinungsdatum".split())
"""Words before a date in a line that is only a date."""
OPENING = 3
"""Text runs at the beginning in which a byline line is removed."""
BYLINE, DATE, DATELINE = 80, 40, 140
"""Characters of a line that is only a byline, only a date, or both."""
MAX_BOILERPLATE_LENGTH = 260
"""Characters. A longer paragraph is text whatever its first words are."""
BOXED = 3
"""Ancestors of a heading in which its list of links is looked for."""


def without_boilerplate(
    runs: Sequence[TextRun], title: str | None, headlines: frozenset[str], language: str = "en"
) -> list[TextRun]:
    """The text runs that are article text, without empty subheads.

    `headlines`: keys of the article's headlines, which are removed where they are an h1. `language`: the page's.
    """
    title_key = fold_text(title or "")
    kept: list[TextRun] = []
    seen: set[str] = set()
    for index, run in enumerate(runs):
        if run.kind == "h" and kept and _COMMENTS.match(run.text):
            break
        if run.level == "h1" and not any(map(_is_running_text, kept)):
            kept.clear()  # kicker and other labels above the headline
            continue
        if (
            (_is_link(run) and not _is_linked_text(runs, index))
            or _is_pointer(run)
            or _is_prompt(run)
            or (run.level not in _CELLS and _is_date(run.text, language))
            or (len(kept) < OPENING and is_byline_or_date(run.text, language))
            or _is_headline(run, title_key, headlines)
        ):
            continue
        if len(run.text) > 60 and run.text in seen:
            continue
        seen.add(run.text)
        kept.append(run)
    while kept and kept[-1].kind == "h":
        kept.pop()
    for index, first in enumerate(kept):
        if _is_running_text(first):
            kept[:index] = [run for run in kept[:index] if not _is_label(run, first, language)]
            break
    text = frozenset(kept)
    return [run for run in kept if run.kind != "h" or not _is_above_links(run, text)]


_NUMBER = re.compile(r"\d+")


def _is_label(run: TextRun, first: TextRun, language: str) -> bool:
    """Whether a text run above the first paragraph is a label: a kicker, a byline, a reading time.

    It ends like no part of a text, and its element differs from that of the paragraph.
    """
    if run.kind != "p" or run.level in _CELLS or len(run.text) == 1:
        return False
    if letters(run.text) >= GOOD:
        dated = run.level != "p" and len(run.text) <= BYLINE and run.text[-1].isdigit()
        return dated and date_parser.parse_date(run.text, timezone.utc, language) is not None
    if is_set_apart(run.node.element):
        return False  # perhaps the names of the authors
    if not run.text[-1].isalnum() or not run.text[0].isalnum() or len(_NUMBER.findall(run.text)) > 1:
        return False  # a place ("KYIV —"), the beginning of a quotation, the time of an entry, a result
    parent = run.node.parent
    return (
        run.level != "p"
        or bool(run.node.classes)
        or parent is not first.node.parent
        or (parent is not None and any(child.tag == "h1" for child in parent.children))
    )


def is_boilerplate_line(text: str) -> bool:
    """Whether a line is not article text by its wording."""
    if len(text) > MAX_BOILERPLATE_LENGTH:
        return False
    return (
        bool(_LINE.match(text))
        or bool(_CAPTION.search(text))
        or (bool(_LINE_OR_SENTENCE.match(text)) and not _SENTENCE.match(text))
    )


def ends_sentence(text: str) -> bool:
    """Whether a text ends like a sentence."""
    return _SENTENCE_END.search(text) is not None


def is_set_apart(element: etree._Element) -> bool:
    """Whether an element is aligned to the right, or all of its text is in one bold or italic element."""
    children = [child for child in element if child.tag != "br"]
    return "right" in f"{element.get('style')} {element.get('class')} {element.get('align')}" or (
        len(children) == 1
        and children[0].tag in {"strong", "b", "em", "i"}
        and not (element.text or "").strip()
        and not (children[0].tail or "").strip()
    )


def _is_headline(run: TextRun, title_key: str, headlines: frozenset[str]) -> bool:
    if run.level != "h1" and run.text[0].isalnum() and run.text[0].lower() != title_key[:1]:
        return False  # most paragraphs
    key = fold_text(run.text)
    return bool(key) and (key == title_key or (run.level == "h1" and key in headlines))


_CELLS = frozenset({"tr", "td", "th"})


def _is_above_links(heading: TextRun, kept: Container[TextRun]) -> bool:
    """Whether a heading shares its node only with links to other pages."""
    node: BlockNode | None = heading.node.parent
    for _ in range(BOXED):
        if node is None:
            return False
        others = [run for inner in nodes_below(node) for run in inner.runs if run is not heading and run.kind != "h"]
        if others:
            return not any(run in kept for run in others) and any(map(_is_link, others))
        node = node.parent
    return False


_POINTER = re.compile(r"\W*[^:：/\d]{2,25}[:：]\s*(?P<target>\S+\s\S.*|[^\x00-\u2fff].{7,})", re.DOTALL)
"""A label before the headline of another page: "Read also: …", in any language."""


def _is_pointer(run: TextRun) -> bool:
    """Whether a line consists of a label with a colon and one link."""
    if run.link_count != 1 or run.level in _CELLS or len(run.text) > MAX_BOILERPLATE_LENGTH:
        return False
    found = _POINTER.fullmatch(run.text)
    return found is not None and run.links >= 0.9 * len(found["target"])


def _is_link(run: TextRun) -> bool:
    return run.links >= LINKED * len(run.text) and len(run.text) < MAX_BOILERPLATE_LENGTH


def _is_linked_text(runs: Sequence[TextRun], index: int) -> bool:
    """Whether a linked line is part of the text: a sentence, or several linked names, between paragraphs of its kind."""
    run = runs[index]
    if run.kind == "li":
        return len(run.text.split()) <= MAX_LISTED_WORDS and _introduces(runs, index)
    if run.level != "p" or not (run.link_count > 1 or _LINKED_SENTENCE.match(run.text)):
        return False
    parent = run.node.parent
    return all(
        any(
            len(other.text) - other.links >= GOOD and other.node.parent is parent and other.level == "p"
            for other in neighbours
        )
        for neighbours in (runs[max(0, index - 4) : index], runs[index + 1 : index + 5])
    )


MAX_LISTED_WORDS = 3
"""Words of a linked name in a list; headlines of other pages are longer."""


def _introduces(runs: Sequence[TextRun], index: int) -> bool:
    """Whether a list follows a paragraph that ends with a colon, and a paragraph follows the list."""
    parent = runs[index].node.parent
    outside = [other for other in runs[max(0, index - 20) : index] if other.node.parent is not parent]
    following = next((other for other in runs[index + 1 :] if other.node.parent is not parent), None)
    return bool(outside) and outside[-1].text.endswith(":") and following is not None and _is_running_text(following)


def _is_prompt(run: TextRun) -> bool:
    if run.level in _CELLS and any(map(str.isdigit, run.text)):
        return False  # numbers, decimals and amounts of money in a table
    return is_boilerplate_line(run.text)


def _is_date(text: str, language: str) -> bool:
    """Whether a line is only a date, with or without a time of day."""
    if len(text) > DATE or not any(map(str.isdigit, text)):
        return False
    found = date_parser.parse_date(text, timezone.utc, language)
    if found is None:
        return False
    before, _, after = text.partition(found.raw)
    label = before.strip(" :")
    alone = label.lower() in _DATE_WORDS or date_parser.is_weekday(label, language) or bool(DATE_LABEL.match(label))
    return len(found.raw) >= 0.8 * len(text) or (alone and not after.strip(" ,.|-–"))


def is_byline_or_date(text: str, language: str = "en") -> bool:
    """Whether a line consists of a byline, a date, or both."""
    return _is_byline(text) or _is_dateline(text, language)


def _is_dateline(text: str, language: str) -> bool:
    """Whether a line consists of a date, a time and perhaps a byline: "25.04.24 | 14:07 | By Jane Doe"."""
    if len(text) > DATELINE or not any(map(str.isdigit, text)):
        return False
    parts = [part for part in _FIELD_SEPARATOR.split(text) if part]
    return len(parts) > 1 and all(
        _is_byline(part) or _is_date(part, language) or _TIME_OF_DAY.fullmatch(part) for part in parts
    )


_FIELD_SEPARATOR = re.compile(rf"\s*[|•·]\s*|\s+[–—-]\s+|,?\s+(?={DATE_LABEL.pattern})", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"\d{1,2}[:.]\d\d(?:\s*(?:[ap]\.?m\.?|uhr|h))?", re.IGNORECASE)


def _is_running_text(run: TextRun) -> bool:
    return run.kind != "h" and letters(run.text) - run.links >= GOOD


_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")


def _is_byline(text: str) -> bool:
    """Whether a line is only a byline: "By Jane Doe"."""
    if len(text) > BYLINE or not _BY.match(text):
        return False
    text = _IN_BRACKETS.sub("", text)
    names = list(read_names(text))
    total = sum(len(byline.name) for byline in names)
    return bool(names) and all(map(is_plausible_name, names)) and total >= 0.6 * (len(text) - 3)
