"""What of a byline is a name: "By", roles, places, addresses and dates taken off; people told from organisations.

Pure text rules; the words are in `name_words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.model import Byline, BylineKind
from pipelines.name_words import AGENCIES, LEAD_IN, NOBODY, NOT_AUTHORS, ORGANISATION, ROLE
from pipelines.visible_dates import month_number

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_DATE = re.compile(
    r"(?<![\w.])\d|\d{1,2}:\d\d|updated|published|aktualisiert|veröffentlicht|stand:|→|发布时间|发表时间", re.IGNORECASE
)
"""A name has no digits of its own: where one begins, a date, a time or a count does."""
_BEFORE_DATE = re.compile(r"\s+(?:on|am|le|el|em|at|um|vom|den|il|op)(?:\s+\w+)?\s*$|\s+(?:on|am)\s*$")
_SPLIT = re.compile(
    r"\s*(?:[;|•·/、，\n]|\s[–—-]\s|,\s*(?:and|und|et|y|e|og|och|ja|en|i|та|и|і|ve)\s|,|\s(?:and|und|et|y|og|och|"
    r"ja|та|и|і|ve|&|with|mit|avec|con)\s)\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*")
MAX_NAME = 60
"""Characters. The longest name in 433 gold bylines has 41."""
MAX_WORDS = 7


def read_names(raw: str, *, kind: BylineKind | None = None, own: frozenset[str] = frozenset()) -> Iterator[Byline]:
    """The names in one byline as written. `kind`: what the witness says it is. `own`: the outlet's own names, folded."""
    text = " ".join(raw.split()).strip(" .,;:|-–—")
    if not text or NOT_AUTHORS.match(text):
        return
    text = _ELSEWHERE.sub("", _MAILBOX.sub(r"\1", text))
    text = _AFTER_DATE.sub("", text)
    text = _BRACKETS.sub(" ", text) if not _WRAPPED.match(text) else text.strip("()（）[]")
    whole = _without_lead_in(_EMAIL.sub(" ", text).strip())
    if NOT_AUTHORS.match(whole):
        return
    if len(_SPLIT.split(whole)) == 1 and kind != "organisation":
        whole = _without_where(whole)
    if kind == "organisation" or (len(whole) <= MAX_NAME and _is_one_organisation(whole, own)):
        if (name := _cleaned(whole)) and fold(name) not in NOBODY:
            yield Byline(name=name, kind=kind_of(name, own) if kind != "organisation" else _organisation_kind(name))
        return
    previous = ""
    for part in _SPLIT.split(_in_order(whole, own)):
        if NOT_AUTHORS.match(part or ""):
            continue
        name = _cleaned(_without_where(_without_lead_in(part or "")))
        # "Jane Doe, London": one word after a whole name is where she is, not who else wrote.
        place = (
            bool(previous)
            and " " not in name
            and not name.isupper()
            and name.isascii()
            and kind_of(name, own) == "person"
        )
        role = bool(previous) and _ROLES.search(name)
        if name and not place and not role and _is_name(name, own):
            if " " in name or kind_of(name, own) != "person":
                previous = name
            yield Byline(name=name, kind=kind_of(name, own))


_WHERE = re.compile(r"\s+(?:in|en|à|for|pour|para)\s+(?:the\s+)?(?=[A-ZÀ-ÞА-Я])[^,]{2,30}$")
"""Where somebody is and for whom they write: "Jane Doe in Kyiv"."""
_REPORTER = re.compile(
    r"[／/]\S{1,8}(?:報導|报道)$|(?<=[\uac00-\ud7a3]{2})\s*(?:선임|인턴|수습)?(?:기자|특파원|논설위원)$|(?<=[\u4e00-\u9fff]{2})(?:記者|记者)$"
)
"""The word for a reporter behind a Korean, Japanese or Chinese name, and the place of the report."""
_INVERTED = re.compile(
    r"((?:(?:van|von|der|den|de|di|da|le|la|al|bin)\s)*[A-ZÀ-Þ][\w'’-]*[^\W\d_A-Z][\w'’-]*),\s*([A-ZÀ-Þ][\w'’-]*[^\W\d_A-Z][\w'’-]*)"
)
"""Two words with a comma between them, neither in capitals."""


def _without_where(text: str) -> str:
    text = _REPORTER.sub("", text)
    found = _WHERE.search(text)
    # "Center for Public Integrity" is a name; who is somewhere has two words at least.
    if found is None or " " not in text[: found.start()] or ORGANISATION.search(text[: found.start()]):
        return text
    return text[: found.start()]


def _in_order(whole: str, own: frozenset[str]) -> str:
    """ "Moor, Jane" is one name, as library catalogues and some content systems write it."""
    found = _INVERTED.fullmatch(whole)
    if found is None or any(kind_of(part, own) != "person" or ROLE.search(part) for part in found.groups()):
        return whole
    return f"{found[2]} {found[1]}"


_ROLES = re.compile(r"\w\s(?:writers|reporters|correspondents|editors|contributors)$", re.IGNORECASE)
"""Behind people's names "AP Technology Writers" is what they are; alone it is who wrote."""
_MAILBOX = re.compile(r"^\S+@\S+\s*\(([^)]+)\)$")
"""How RSS says that an author is written: "jane@gazette.example (Jane Doe)"."""
_AFTER_DATE = re.compile(
    r"^(?:published|posted|updated|veröffentlicht|erstellt|geschrieben|publié)\b.{0,40}\d.{0,20}?\s(?=(?:by|von|par)\s)",
    re.IGNORECASE,
)
"""A date before the lead-in: "Posted on September 21, 2020 by Jane Doe"."""
_ELSEWHERE = re.compile(r"^[a-zäöüß]+\s+(?:von|by)\s+(?=[A-ZÄÖÜ])")
"""A section's name in lower case before the lead-in: "capital von Jane Doe"."""
_WRAPPED = re.compile(r"^[(\[（【][^()\[\]（）]*[)\]）】]$")


def is_own(name: str, own: frozenset[str]) -> bool:
    """Whether the name is the outlet's: one of its names, holding one as a word ("MDR THÜRINGEN"), or what one is short
    for ("Deutsche Welle" on dw.com)."""
    folded = fold(name)
    return (
        folded in own
        or "".join(word[0] for word in folded.split()) in own
        or any(part in own for part in re.split(r"[\s/]+", folded))
        or any(len(known) > 4 and known in folded for known in own)
    )


def kind_of(name: str, own: frozenset[str] = frozenset()) -> BylineKind:
    """Person, organisation or agency, by the words of the name alone."""
    if fold(name) in AGENCIES:
        return "agency"
    if is_own(name, own) or ORGANISATION.search(name):
        return "organisation"
    return "person"


def fold(name: str) -> str:
    """For comparing names: lower case, single spaces, no closing full stop."""
    return " ".join(name.lower().split()).strip(" .")


_IMAGE = re.compile(r"\b(?:image|images|getty|photo|foto|shutterstock|istock|picture|bild)\b", re.IGNORECASE)


def is_plausible(byline: Byline) -> bool:
    """Whether a name found by its place alone reads like one: a few words, each capitalised where the script has case."""
    words = byline.name.split()
    if byline.kind != "person":
        return True
    if not any(character.lower() != character.upper() for character in byline.name):
        return len(byline.name) <= 12
    capitals = sum(1 for word in words if word[0].isupper() or word[0] in "'’")
    return 2 <= len(words) <= 5 and capitals >= max(2, len(words) - 2) and words[0][0].isupper()


def _organisation_kind(name: str) -> BylineKind:
    return "agency" if fold(name) in AGENCIES else "organisation"


def _is_one_organisation(text: str, own: frozenset[str]) -> bool:
    return (
        fold(text) in AGENCIES
        or fold(text) in own
        or (
            bool(ORGANISATION.search(text))
            and "," not in text
            and ";" not in text
            and not re.search(r"\s(?:und|et|and)\s", text)
        )
    )


def _without_lead_in(text: str) -> str:
    previous = None
    while text != previous:
        previous, text = text, LEAD_IN.sub("", text).strip()
    return text


def _cleaned(text: str) -> str:
    text = _BRACKETS.sub(" ", text)
    date = _DATE.search(text)
    if date:
        text = _BEFORE_DATE.sub("", _without_month(text[: date.start()].rstrip()))
    text = " ".join(text.split()).strip(" .,;:|-–—/*\"'“”„()（）[]«»")
    return text if 1 < len(text) <= MAX_NAME else ""


_CONTROL = re.compile(
    r"^(?:contact|copy|follow|get|view|see|read|show|more|all|about|e?-?mail|zum?|zur|mehr|alle[sn]?|weitere|nächste|"
    r"vorherige|antwort|"
    r"hinterlasse|autorenseite|profil|edit|log ?(?:in|out)|sign ?(?:in|out|up)|my account|"
    r"voir|tous|plus|ver|todos|leggi|tutti|skip|jump|next|previous)\b|"
    r"[?=<>←→»«%#]|^by$|^von$",
    re.IGNORECASE,
)
"""What links and buttons beside a byline say."""


def _without_month(text: str) -> str:
    """What stands before a day's number, without the name of the month: "Jane Doe February" of "... 14, 2026"."""
    name, _, last = text.rpartition(" ")
    return name if month_number(last.strip(".,"), "en") else text


def _is_name(name: str, own: frozenset[str]) -> bool:
    """Whether a part of a split byline is a name and not the role or place after it."""
    if fold(name) in NOBODY or len(name.split()) > MAX_WORDS or not any(character.isalpha() for character in name):
        return False
    if _CONTROL.search(name) or not LEAD_IN.sub("", f"{name} "):
        return False
    if kind_of(name, own) != "person":
        return True
    return not ROLE.search(name) and not _IMAGE.search(name)
