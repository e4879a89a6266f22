"""Recognise lines that are not article text by their wording: prompts, notices, captions, bylines, dates."""

from __future__ import annotations

import re
from datetime import timezone

from pipelines.bylines.names import is_plausible_name, read_names
from pipelines.dates import date_parser
from pipelines.dates.datelines import DATE_LABEL

_BEFORE = r"^[^\w(（\[【#@*©\"'“”„«‘]*"
"""Signs before a prompt: a dash, an arrow, a symbol. A line that begins with a quotation mark is a quotation."""
_LINE = re.compile(
    _BEFORE + r"(?:(?:listen(?: now)?|(?:listen to|hear) this (?:article|story).*)|"
    r"(?:якщо ви |если вы )?(?:помітили|знайшли|заметили|нашли) .{0,20}(?:помилку|ошибку|опечатку)\b.{0,150}|"
    r"\d+ ?min(?:ute)?s?\.? (?:read|listen|lesezeit|(?:temps )?de lecture|de lectura|di lettura).*|"
    r"(?:reading|lese)[ -]?(?:time|zeit|dauer).*|posted (?:by|on)\b.{0,80}|"
    r"share(?: this)?(?: (?:article|story|post|page))?(?: (?:on|with|via|by) .*)?|"
    r"(?:advert(?:isement|ising)?|anzeige|werbung|(?:la suite )?(?:après (?:cette|la) )?publicité|publicidad|"
    r"pubblicità|реклама|reklam[ae]?|sponsored)(?:(?: \w+){0,2}| (?:für|for|pour|por) [^.]{0,40}|\s*[^\w\s].{0,40})|"
    r"(?:read more|read also|also read|see also|mehr (?:zum thema|dazu)|lesen sie (?:auch|hier|mehr)|(?:à )?lire aussi|"
    r"lire la suite|l[ae]a también|lee también|te puede interesar|leggi anche|leia (?:mais|também)|lees ook|les også|"
    r"läs (?:också|mer)|чита[йи]те (?:также|також|ещё)|czytaj (?:też|także|również)|auch interessant|passend dazu|dazu passt|"
    r"you (?:may|might) (?:also )?like|相关(?:推荐|阅读|新闻|报道)|関連記事)\b.{0,200}|"
    r"[（(【\[]?(?:原标题|責任編集|责任编辑|责编|编辑|(?:本文|文章|新闻)?来源|发布时间|更新时间|当前位置)\s*[:：].{0,150}|"
    r"(?:subscribe|sign up|newsletter|abonnieren|jetzt (?:abonnieren|anmelden|testen|lesen)|follow (?:us|me|on|@)(?!,)|"
    r"folgen sie|join (?:us|our|the)(?!,)|download (?:the|our) app|get (?:the|our) .{0,40}newsletter|inscrivez-vous|"
    r"suscríbete|iscriviti|п[іо]дпи(?:суйтес[ья]|шіт[ья]ся|сывайтесь|шитесь)|приєднуйтес[ья]|присоединяйтесь|"
    r"(?:стежте|слідкуйте|следите) за)\b.{0,200}|"
    r"(?:(?:bereits|schon) abonnent|déjà abonné|weiterlesen|explore further|empfehlungen (?:der|aus de[rm])) ?.{0,60}|"
    r"(?:this (?:entry|post) was (?:posted|published|written)|diese[rs]? (?:beitrag|artikel|eintrag) wurde .{0,80}t).*|"
    r"drucken|imprimer.{0,40}|perma(?:link|lien).{0,80}|"
    r"(?:\d+ )?(?:comments?|kommentare?|commentaires)|leave a (?:comment|reply).*|"
    r"(?:image|photo|picture|foto|bild|crédit|credits?|quelle|source|фото|відео|видео|джерело|источник|"
    r"copyright|©|\(?c\)?)\s*[:：©].{0,150}|©.{0,150}|"
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
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”“’»)\]]*$")
_CAPTION = re.compile(
    r"[(\[](?:image|photo|picture|bild|foto)s?\s?(?::|by\b|credit\b)[^()\[\]]{2,60}[)\]]$|"
    r"\b(?:bildrechte|photo credit)\s?:.{2,60}$",
    re.IGNORECASE,
)
"""The credit at the end of a caption."""
_BY = re.compile(
    r"(?:by|von|par|por|di|door|av|af|от|від|автор|autor|auteur|автори|авторы|بقلم|كتب|מאת)\s*[:：]?\s", re.IGNORECASE
)
_DATE_WORDS = frozenset("date datum fecha data dato дата publiziert erscheinungsdatum".split())
"""Words before a date in a line that is only a date."""
BYLINE, DATE, DATELINE = 80, 40, 140
"""Characters of a line that is only a byline, only a date, or both."""
_SUBSCRIBE = (
    r"(?:subscrib\w*|sign(?:ing)? up|abonnier\w*|anmelden|inscri\w*|suscr[ií]\w*|iscriv\w*|abonne\w*|zapisz|tilmeld)"
)
_NOTICE = re.compile(
    rf"\b(?:externe\w* (?:inhalt\w*|inhoud)|(?:external|embedded|third-party) content (?:is|was|has|can|from)|"
    rf"contenus? externes?|contenid?os? externos?|contenut[oi] estern[oi]|conteúdos? externos?|"
    rf"ein klick für den datenschutz|in(?:to)? your inbox|"
    rf"(?:join|follow) (?:us|our)\b.{{0,60}}\b(?:whatsapp|telegram|google|facebook|instagram|youtube|tiktok)|"
    rf"follow (?:him|her|them) on (?:twitter|x|facebook|instagram|bluesky)|(?:can|may) be reached at|all rights reserved|"
    rf"alle rechte vorbehalten|tous droits réservés|todos (?:los derechos|os direitos) reservados|все права защищены|"
    rf"{_SUBSCRIBE}\b.{{0,60}}\bnewsletters?|newsletters?\b.{{0,60}}\b{_SUBSCRIBE})\b",
    re.IGNORECASE,
)
"""Words of notices in the place of embedded content, and of prompts to subscribe to a newsletter."""
MAX_NOTICE_LENGTH = 400
"""Characters of such a notice."""
MAX_BOILERPLATE_LENGTH = 260
"""Characters. A longer paragraph is text whatever its first words are."""


def is_boilerplate_line(text: str) -> bool:
    """Whether a line is not article text by its wording."""
    if len(text) > MAX_NOTICE_LENGTH:
        return False
    if _NOTICE.search(text):
        return True
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


def is_date(text: str, language: str) -> bool:
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


def ends_with_date(text: str, language: str) -> bool:
    """Whether a short line ends with a date."""
    dated = len(text) <= BYLINE and text[-1].isdigit()
    return dated and date_parser.parse_date(text, timezone.utc, language) is not None


def is_byline_or_date(text: str, language: str = "en") -> bool:
    """Whether a line consists of a byline, a date, or both."""
    return _is_byline(text) or _is_dateline(text, language)


def _is_dateline(text: str, language: str) -> bool:
    """Whether a line consists of a date, a time and perhaps a byline: "25.04.24 | 14:07 | By Jane Doe"."""
    if len(text) > DATELINE or not any(map(str.isdigit, text)):
        return False
    parts = [part for part in _FIELD_SEPARATOR.split(text) if part]
    return len(parts) > 1 and all(
        _is_byline(part) or is_date(part, language) or _TIME_OF_DAY.fullmatch(part) for part in parts
    )


_FIELD_SEPARATOR = re.compile(rf"\s*[|•·]\s*|\s+[–—-]\s+|,?\s+(?={DATE_LABEL.pattern})", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"\d{1,2}[:.]\d\d(?:\s*(?:[ap]\.?m\.?|uhr|h))?", re.IGNORECASE)


def _is_byline(text: str) -> bool:
    """Whether a line is only a byline: "By Jane Doe"."""
    if len(text) > BYLINE or not _BY.match(text):
        return False
    names = list(read_names(text))
    total = sum(len(byline.name) for byline in names)
    return bool(names) and all(map(is_plausible_name, names)) and total >= 0.6 * (len(text) - 3)
