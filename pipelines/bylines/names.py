"""Read the names in a byline: remove "By", roles, places, addresses and dates; distinguish people from organisations.

The rules use text alone; the words are in `vocabulary.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.models import Byline, BylineKind
from crawler.text.date_names import month_of
from pipelines.bylines.vocabulary import (
    AGENCIES,
    CONTROL,
    LEAD_IN,
    NOT_AUTHORS,
    ORGANISATION,
    PLACEHOLDER_NAMES,
    ROLE,
)
from pipelines.dates.date_parser import is_any_weekday

WEB_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_AFTER_NAME = r"\d{1,2}:\d\d|updated|published|aktualisiert|veröffentlicht|stand:|→|发布时间|发表时间"
_DATE = re.compile(rf"(?<![\w.])\d|{_AFTER_NAME}", re.IGNORECASE)
"""End of a person's name, which has no digits: a date, a time or a count begins there."""
_DATE_OF_MANY = re.compile(
    rf"{_AFTER_NAME}|(?<!\d)\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2}}|(?<![\w.])\d{{1,2}}\.?\s\w+\s\d{{4}}|\w+\s\d{{1,2}},?\s\d{{4}}|"
    r"(?<![\w.])(?:19|20)\d\d(?!\w)|(?<![\w.])\d{1,2}\s(?:min|hour|day|week|stunde|tag|heure|jour|hora|d[ií]a)",
    re.IGNORECASE,
)
"""End of the name of an organisation, which may have digits: "Channel 4", "24 Hours"."""
_BEFORE_DATE = re.compile(r"\s+(?:on|am|le|el|em|at|um|vom|den|il|op)(?:\s+\w+)?\s*$|\s+(?:on|am)\s*$")
_SPLIT = re.compile(
    r"\s*(?:[;|•·/、，\n]|\s[–—-]\s|,\s*(?:and|und|et|y|e|og|och|ja|en|i|та|и|і|ve)\s|,|\s(?:and|und|et|y|og|och|"
    r"ja|та|и|і|ve|&|with|mit|avec|con)\s)\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*")
MAX_NAME_LENGTH = 60
"""Characters. The longest name in 433 gold bylines has 41."""
MAX_NAME_PARTS = 7
MAX_RAW_BYLINE = 2_000
"""Characters of a byline that are read: a hundred names. The expressions need quadratic time for long runs of digits."""


DESK = re.compile(
    r"[^|｜]{0,40}\b(?:desk|team|staff|newsroom|bureau|redaktion|rédaction|redacción|redazione|redakcja)\b[^|｜]{0,20}$",
    re.IGNORECASE,
)
"""The desk of an outlet: "Metro Desk"."""
_DESK_AFTER = re.compile(rf"(?<=\w)\s*[|｜]\s*{DESK.pattern}", re.IGNORECASE)
"""The outlet's desk after a name: "Jane Doe | Metro Desk"."""
_NO_SPLIT = "\u2215"  # in the place of a slash inside one name
_EDITOR_CODE = re.compile(r"([^\s,;/]+)/([a-z]{2,4})(?![\w/.])")
"""The initials of an editor after the name of the outlet: "gazette/amw"."""


def _joined(code: re.Match[str]) -> str:
    return code[0] if {code[1].lower(), code[2]} & AGENCIES else f"{code[1]}{_NO_SPLIT}{code[2]}"


def read_names(raw: str, *, kind: BylineKind | None = None, own: frozenset[str] = frozenset()) -> Iterator[Byline]:
    """The names in one byline. `kind`: as declared by the page. `own`: the outlet's own names, folded."""
    text = " ".join(raw.split())[:MAX_RAW_BYLINE].strip(" ,;:|-–—")
    if not text or NOT_AUTHORS.match(text):
        return
    text = _EDITOR_CODE.sub(_joined, _CREDIT_AFTER.sub("", text))
    text = _DESK_AFTER.sub("", text)
    text = _MAILBOX.sub(r"\1", text)
    text = _DAY_NAME.sub(lambda found: ", " if is_any_weekday(found[1]) else found[0], text)
    text = _BRACKETS.sub(" ", text) if not _WRAPPED.match(text) else text.strip("()（）[]【】")
    whole = _without_lead_in(_reporters(WEB_ADDRESS.sub(" ", text).strip()))
    if NOT_AUTHORS.match(whole):
        return
    if len(_SPLIT.split(whole)) == 1:
        whole = _without_where(whole, agencies_only=kind == "organisation")
    if kind == "organisation" or (len(whole) <= MAX_NAME_LENGTH and _is_one_organisation(whole, own)):
        name = _cleaned(whole, _DATE_OF_MANY)
        if name and fold_name(name) not in PLACEHOLDER_NAMES and any(map(str.isalpha, name)):
            found = kind_of(name, own)
            yield Byline(name=name, kind=found if found == "agency" else kind or found)
        return
    previous = ""
    for part in _SPLIT.split(whole):
        if NOT_AUTHORS.match(part or ""):
            continue
        bare = _without_where(_without_lead_in(part or ""))
        name = _cleaned(bare, _DATE_OF_MANY if fold_name(bare) in own else _DATE)
        is_addition = bool(previous) and (
            bool(_ROLES.search(name)) or not any(map(str.isalpha, ROLE.sub("", name))) or _is_place(name, own)
        )
        if name and not is_addition and _is_name(name, own):
            if " " in name or kind_of(name, own) != "person":
                previous = name
            yield Byline(name=name, kind=kind_of(name, own))


_CREDIT_AFTER = re.compile(rf"(?<=\w)\.\s+{NOT_AUTHORS.pattern.removeprefix('^')}.*", re.IGNORECASE)
"""Who translated or photographed, in a sentence after the name: "Jane Doe. Translated by John Roe"."""
_DAY_NAME = re.compile(r"(?:\s(?:on|am|le|el|il|den))?\s([^\W\d_]{2,12})\.?,?\s+(?=\d{1,2}[.\s/-])")
"""A word before a date, which may be a day of the week: "Jane Doe Tuesday, 9 June 2026"."""
_WHERE = re.compile(r"\s+(?:in|en|à|[Ff]or|pour|para|[Ss]pecial to)\s+(?:[Tt]he\s+)?(?=[A-ZÀ-ÞА-Я])[^,]{2,30}$")
"""A place or an outlet after a name: "Jane Doe in Kyiv"."""
_SINGLE_WORD = re.compile(r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+(?:['’-]\w+)*")
"""One word in a script in which a person's name has two words."""
_REPORTER = re.compile(
    r"[／/]\S{1,8}(?:報導|报道)$|(?<=[\uac00-\ud7a3]{2})\s*(?:선임|인턴|수습)?(?:기자|특파원|논설위원)$|(?<=[\u4e00-\u9fff]{2})(?:記者|记者)$"
)
"""The word for "reporter" after a Korean, Japanese or Chinese name, with the place of the report."""


def _without_where(text: str, *, agencies_only: bool = False) -> str:
    text = _REPORTER.sub("", text)
    found = _WHERE.search(text)
    if found is None:
        return text
    who = text[: found.start()]
    # "Center for Public Integrity" is a name. Only people (two words) and agencies have a place after their name.
    named = not agencies_only and " " in who and not ORGANISATION.search(who)
    return who if named or fold_name(who) in AGENCIES else text


def _is_place(name: str, own: frozenset[str]) -> bool:
    """Whether the part after a whole name is a place and not another author: "Jane Doe, London"."""
    return bool(_SINGLE_WORD.fullmatch(name)) and not name.isupper() and kind_of(name, own) == "person"


_CHINESE_LABEL = re.compile(r"(?:^|(?<=[\s、，;；]))\S{0,8}?(?:记者|通讯员|通訊員|实习生)(?:[:：]\s*|\s+)")
_CHINESE_NAMES = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2,4}(?:\s|$))")


def _reporters(text: str) -> str:
    """`text` with the names after the Chinese word for "reporter" separated by commas."""
    plain, labels = _CHINESE_LABEL.subn("、", text)
    return _CHINESE_NAMES.sub("、", plain).strip("、") if labels else text


_ROLES = re.compile(r"\w\s(?:desk|writers|reporters|correspondents|editors|contributors)$", re.IGNORECASE)
"""After names "AP Technology Writers" is a role; alone it is the author."""
_MAILBOX = re.compile(r"^\S+@\S+\s*\(([^)]+)\)$")
"""RSS's form of an author: "jane@gazette.example (Jane Doe)"."""
_WRAPPED = re.compile(r"^[(\[（【][^()\[\]（）]*[)\]）】]$")


def is_own(name: str, own: frozenset[str]) -> bool:
    """Whether the name is the outlet's: equal to one of `own`, containing one ("MDR THÜRINGEN"), or abbreviated by one
    ("Deutsche Welle" on dw.com)."""
    folded = fold_name(name)
    return (
        folded in own
        or "".join(word[0] for word in folded.split()) in own
        or any(part in own for part in re.split(r"[\s/]+", folded))
        or any(len(known) > 4 and known in folded for known in own)
    )


def kind_of(name: str, own: frozenset[str] = frozenset()) -> BylineKind:
    """Person, organisation or agency, by the words of the name."""
    if fold_name(name) in AGENCIES:
        return "agency"
    if is_own(name, own) or ORGANISATION.search(name):
        return "organisation"
    return "person"


def fold_name(name: str) -> str:
    """Key for comparing names: lower case, single spaces, no full stop at the end."""
    return " ".join(name.lower().split()).strip(" .")


def is_plausible_name(byline: Byline) -> bool:
    """Whether a name looks like one: two to five words, capitalised if the script has case."""
    words = byline.name.split()
    if byline.kind != "person":
        return True
    if not any(character.lower() != character.upper() for character in byline.name):
        return len(byline.name) <= 12 or 2 <= len(words) <= 5
    capitals = sum(1 for word in words if word[0].isupper() or word[0] in "'’")
    return 2 <= len(words) <= 5 and capitals >= max(2, len(words) - 2) and words[0][0].isupper()


def _is_one_organisation(text: str, own: frozenset[str]) -> bool:
    return (
        fold_name(text) in AGENCIES
        or fold_name(text) in own
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


def _cleaned(text: str, after: re.Pattern[str] = _DATE) -> str:
    """The name without the text after it. `after`: pattern at which that text begins."""
    text = _BRACKETS.sub(" ", text)
    date = after.search(text, 1 if after is _DATE_OF_MANY else 0)
    if date:
        text = _BEFORE_DATE.sub("", _without_month(text[: date.start()].rstrip()))
    line = " ".join(text.split()).rstrip(" ,;:|-–—/*\"'“”„()（）[]«»")
    text = line.strip(" .,;:|-–—/*\"'“”„()（）[]«»").replace(_NO_SPLIT, "/")
    if line.endswith(f"{text}.") and _ABBREVIATED.search(text):
        text += "."
    return text if 1 < len(text) <= MAX_NAME_LENGTH else ""


_ABBREVIATED = re.compile(r"(?:[\s.]\w|\s[JS]r)$")
"""The end of a name with a full stop of its own: "Jane D.", "Jane Doe Jr.", "Society e. V."."""


_DEGREE = re.compile(
    r"(?:ph\.?\s?d|m\.?d|m\.?b\.?a|m\.?p\.?h|m\.?sc|b\.?sc|m\.?a|b\.?a|j\.?d|ll\.?m|r\.?n|esq)\.?", re.IGNORECASE
)
"""Academic degrees after a name."""


def _without_month(text: str) -> str:
    """The text before a number, without the name of a month: "Jane Doe February" of "Jane Doe February 14, 2026"."""
    name, _, last = text.rpartition(" ")
    return name if month_of(last.strip(".,"), "en") else text


def _is_name(name: str, own: frozenset[str]) -> bool:
    """Whether a part of a byline is a name and not a role, a placeholder or a button."""
    if (
        fold_name(name) in PLACEHOLDER_NAMES
        or len(name.split()) > MAX_NAME_PARTS
        or not any(character.isalpha() for character in name)
    ):
        return False
    if CONTROL.search(name) or not LEAD_IN.sub("", f"{name} "):
        return False
    if _DEGREE.fullmatch(name) or is_any_weekday(name):
        return False
    if kind_of(name, own) != "person":
        return True
    return not ROLE.search(name)
