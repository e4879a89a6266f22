"""Lines that stand between the article's paragraphs and are not its text: share prompts, audio notices, times, teasers."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import timezone

from pipelines.bylines.names import is_plausible, read_names
from pipelines.content.main_block import boxes
from pipelines.dates import date_parser
from pipelines.html.text_flow import BlockNode, TextRun

_BEFORE = r"^[^\w(（\[【#@*©\"'“”„«‘]*"
"""What a prompt is set off with: a dash, an arrow, a picture. What begins with a quotation mark was said."""
_LINE = re.compile(
    _BEFORE + r"(?:this audio is (?:created|generated) (?:with|by) ai.*|(?:listen to|hear) this (?:article|story).*|"
    r"(?:new)?you can now listen to .{0,60}|listen(?: now)?|"
    r"\d+ ?min(?:ute)?s?\.? (?:read|listen|lesezeit|(?:temps )?de lecture|de lectura|di lettura|чтения|читання).*|"
    r"(?:reading|lese)[ -]?(?:time|zeit|dauer).*|lesezeit.*|(?:temps de lecture|tiempo de lectura|tempo di lettura|"
    r"час читання|время чтения)\b.{0,40}|(?:posted|submitted on)\b.{0,80}|"
    r"(?:\d+|an?|one) (?:second|minute|hour|day|week|month|year)s? ago|"
    r"share(?: this)?(?: (?:article|story|post|page))?(?: (?:on|with|via|by) .*)?|"
    r"partager(?: (?:sur|cet|cette|l['’]article|la page|le lien|par|via|ce)\b.{0,60})?|"
    r"compartir(?: (?:en|esta|este|por|la noticia|el artículo|via|vía|con)\b.{0,60})?|(?:copy|copied) (?:link|url).*|"
    r"(?:advertisement|advertising|anzeige|werbung|publicité|publicidad|pubblicità|реклама|reklam[ae]?|ad|sponsored)"
    r"(?:(?: \w+){0,2}| (?:für|for|pour|por) [^.]{0,40}|\s*[^\w\s].{0,40}|.{0,40}\b(?:scroll|continu\w+|below|reading))|"
    r"(?:article continues|story continues|continue reading|segu[ií] leyendo|sigue leyendo|seguir leyendo|scroll).{0,60}|"
    r"(?:read more|read also|also read|see also|mehr (?:zum thema|dazu)|"
    r"lesen sie (?:auch|hier|mehr)|lesen sie .{0,40}auch|"
    r"lire aussi|à lire aussi|a lire aussi|lire la suite|voir aussi|lea también|lee también|te puede interesar|"
    r"más información|leggi anche|leia (?:mais|também)|leia também|lees ook|les også|læs også|läs (?:också|mer|även)|"
    r"читайте также|читайте також|читайте ещё|czytaj (?:też|także|również)|zobacz (?:też|także|również)|"
    r"ayrıca oku|auch interessant|passend dazu|dazu passt|you (?:may|might) (?:also )?like|"
    r"meistgelesen|関連記事|あわせて読みたい|相关(?:推荐|阅读|新闻|报道|文章|专题)|热门(?:推荐|文章)|推荐阅读|延伸阅读)\b.{0,200}|"
    r"[（(【\[]?(?:原标题|責任編集|责任编辑|责编|编辑|校对|本文来源|文章来源|新闻来源|来源|出处|文章关键词|关键词|发布时间|"
    r"更新时间|最后更新|当前位置|您所在的位置|您的位置|字号|分享到)\s*[:：].{0,150}|"
    r"(?:19|20)\d\d[-年]\d\d?[-月]\d\d?日?\s.{0,40}(?:来源|出处|字号|作者)\s*[:：].{0,80}|"
    r"(?:subscribe|sign up|newsletter|abonnieren|jetzt (?:abonnieren|anmelden|testen|lesen)|follow (?:us|me|on|"
    r"@)(?!,)|folgen sie|join (?:us|our|the)(?!,)|download (?:the|our) app|get (?:the|our) .{0,40}newsletter|"
    r"inscrivez-vous|suscríbete|iscriviti|підпи(?:суйтес[ья]|шіт[ья]ся)|подпи(?:сывайтесь|шитесь)|приєднуйтес[ья]|долучайтес[ья]|"
    r"присоединяйтесь|(?:стежте|слідкуйте) за|следите за)\b.{0,200}|"
    r"(?:якщо ви |если вы )?(?:помітили|знайшли|заметили|нашли) (?:орфографічну )?(?:помилку|ошибку|опечатку)\b.{0,150}|"
    r"(?:article |contenu )?réservé aux abonnés.{0,60}|"
    r"(?:weiterlesen|explore further|be sociable|empfehlungen (?:der|aus de[rm])) ?.{0,60}|"
    r"(?:this (?:entry|post) was (?:posted|published|written)|"
    r"diese[rs]? (?:beitrag|artikel|eintrag) wurde .{0,80}(?:veröffentlicht|erstellt|geschrieben|gespeichert|abgelegt)).*|"
    r"(?:rezept|artikel|seite|beitrag) drucken|drucken|print(?: this)?(?: (?:page|article|story|recipe))?|imprimer.{0,40}|"
    r"\(?(?:noch |bisher )?keine (?:kommentare|bewertungen)\)?|no comments(?: yet)?|be the first to comment.*|"
    r"perma(?:link|lien).{0,80}|"
    r"(?:views?|reads?|просмотр\w*|перегляд\w*|aufrufe|vues|visitas|visualizzazioni|wyświetle\w+|okunma|görüntülenme|阅读(?:量|次数)?|"
    r"浏览(?:量|次数)?|点击(?:量|次数)?|조회(?:수)?|閲覧数)\s*[:：]?\s*\d[\d., ]*[km]?|"
    r"\d[\d., ]*[km]?\s*(?:views?|reads?|shares?|likes?|просмотр\w*|перегляд\w*|aufrufe|vues|visitas|visualizzazioni|"
    r"wyświetle\w+|okunma|görüntülenme|次阅读|人阅读|阅读)|"
    r"(?:read|viewed|shared|seen) (?:by )?\d[\d., ]* (?:people|times|readers)|"
    r"\d[\d., ]* people (?:are )?(?:reading|watching).{0,30}|last refreshed.{0,60}|"
    r"(?:comments?|kommentare?|commentaires|leave a (?:comment|reply).*|view comments.*|\d+ comments?|"
    r"kommentieren.*)|"
    r"(?:image|photo|picture|foto|bild|crédit|credits?|quelle|source|фото|відео|видео|джерело|источник|copyright|©|getty images|"
    r"\(?c\)?)\s*[:：©].{0,150}|©.{0,150}|"
    r"read or share this story.{0,80}|(?:[\d ]+of \d+ )?(?:next|previous) page|"
    r"follow .{0,60} on (?:twitter|x|facebook|instagram)\b.{0,60}|"
    r"(?:follow|contact) .{0,80}@.{0,60}|(?:tags?|topics?|themen|schlagworte|mots[- ]clés|etiquetas)\s*:.{0,200}|"
    r"\* indicates required|enter your email.*|please,? enter .{0,40}email.*|success\w* subscribed.*|"
    r"thank you for signing up.*|"
    r"(?:video|audio|podcast|foto|fotos|photos?|gallery|bild|grafik|quiz)|[\W\d_]*)$",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    _BEFORE + r"(?:"
    r"(?:published|updated|last (?:updated|modified)|aktualisiert|veröffentlicht|stand|publié|mis à jour|"
    r"actualizado|publicado|aggiornato|pubblicato)\b.{0,80}|"
    r"(?:artikel )?teilen(?: .{0,60})?|condividi(?: .{0,60})?|"
    r"(?:related|more (?:on|from|stories|news)|weitere (?:artikel|themen|meldungen|nachrichten)|don'?t miss|recommended|"
    r"most (?:read|popular)|trending|top stories)\b.{0,200}"
    r")$",
    re.IGNORECASE,
)
"""Beginnings of such lines with which sentences begin too."""
_SENTENCE = re.compile(r"(?!.*\d[:.h]\d\d\b)(?:\S+\s+){4,}\S*(?<!\b[ap]\.m)[.!?]$", re.IGNORECASE | re.DOTALL)
"""Five words or more that end as a sentence does, and no time of day."""
_COMMENTS = re.compile(
    r"^\W*(?:\d+ )?(?:leser|reader )?(?:comments?|kommentare|commentaires|comentarios|commenti|reacties|komentarze|"
    r"комментарии|коментарі|comentários|kommentit|yorumlar)\W*\d*\W*$",
    re.IGNORECASE,
)
"""The heading below which readers speak."""
_BY = re.compile(
    r"(?:by|von|par|por|di|door|av|af|от|від|автор|autor|auteur|автори|авторы|بقلم|كتب|מאת)\s*[:：]?\s", re.IGNORECASE
)
_DATE_WORDS = frozenset("date datum fecha data dato дата publiziert erscheinungsdatum".split())
"""What stands before a date that is the line's all."""
OPENING = 3
"""Units at the beginning among which a byline may stand."""
BYLINE, DATE = 80, 40
"""Characters of a line that is a byline or a date by itself."""
MAX_BOILERPLATE_LENGTH = 260
"""Characters. A longer paragraph is text whatever it begins with."""
BOXED = 3
"""Boxes up from a heading in which its list of links is looked for."""
LINKED = 0.7
"""Share of a unit that stands in links from which it is a pointer to something else."""


def without(units: list[TextRun], title: str | None, language: str = "en") -> list[TextRun]:
    """The units that are the article's own text, subheads without a text below them dropped. `language`: the page's."""
    relevant = _folded(title or "")
    kept: list[TextRun] = []
    seen: set[str] = set()
    for unit in units:
        if unit.kind == "h" and kept and _COMMENTS.match(unit.text):
            break
        if (
            _is_furniture(unit)
            or _is_date(unit.text, language)
            or (len(kept) < OPENING and _is_byline(unit.text))
            or (relevant and _folded(unit.text) == relevant)
        ):
            continue
        if len(unit.text) > 60 and unit.text in seen:
            continue
        seen.add(unit.text)
        kept.append(unit)
    while kept and kept[-1].kind == "h":
        kept.pop()
    text = frozenset(kept)
    return [unit for unit in kept if unit.kind != "h" or not _is_above_links(unit, text)]


def _is_above_links(heading: TextRun, kept: Container[TextRun]) -> bool:
    """Whether a heading shares its box with links to something else, and with nothing that stays."""
    box: BlockNode | None = heading.box.parent
    for _ in range(BOXED):
        if box is None:
            return False
        others = [unit for inner in boxes(box) for unit in inner.units if unit is not heading and unit.kind != "h"]
        if others:
            return not any(unit in kept for unit in others) and any(map(_is_link, others))
        box = box.parent
    return False


def _is_link(unit: TextRun) -> bool:
    return unit.links >= LINKED * len(unit.text) and len(unit.text) < MAX_BOILERPLATE_LENGTH


def _is_furniture(unit: TextRun) -> bool:
    if _is_link(unit):
        return True
    if unit.level in {"td", "th"} and any(map(str.isdigit, unit.text)) and unit.text.strip(" .,%+-").isdigit():
        return False  # a table's figures are what it is there for
    return is_line(unit.text)


def _is_date(text: str, language: str) -> bool:
    """Whether a line is a date, with a time of day or without, and nothing more."""
    if len(text) > DATE or not any(map(str.isdigit, text)):
        return False
    found = date_parser.parse_date(text, timezone.utc, language)
    if found is None:
        return False
    before, _, after = text.partition(found.raw)
    said = before.strip(" :")
    alone = said.lower() in _DATE_WORDS or date_parser.is_weekday(said, language)
    return len(found.raw) >= 0.8 * len(text) or (alone and not after.strip(" ,.|-–"))


def _is_byline(text: str) -> bool:
    """Whether a line is "By Jane Doe" and nothing more."""
    if len(text) > BYLINE or not _BY.match(text):
        return False
    names = list(read_names(text))
    reported = sum(len(byline.name) for byline in names)
    return bool(names) and all(map(is_plausible, names)) and reported >= 0.6 * (len(text) - 3)


def is_line(text: str) -> bool:
    """Whether a line says by its words that it is not the article's text."""
    if len(text) > MAX_BOILERPLATE_LENGTH:
        return False
    return bool(_LINE.match(text)) or (bool(_OFTEN.match(text)) and not _SENTENCE.match(text))


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())
