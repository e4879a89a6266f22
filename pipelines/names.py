"""What of a byline is a name: "By", roles, places, addresses and dates taken off; people told from organisations.

Pure text rules. The word lists are the grammar of bylines in the languages of the sources people named, not a table of
outlets: an unknown language loses only the finer cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.model import Byline, BylineKind
from pipelines.visible_dates import month_number

_LEAD_IN = re.compile(
    r"^(?:(?:written|geschrieben|veröffentlicht|erstellt|publiziert|interview|alle beiträge|zeige alle beiträge|"
    r"(?:show |view )?all (?:articles|posts)|reported|posted|published|words|story|text|analysis|review|edited|"
    r"produced|updated|author|report|compiled|exclusive|opinion)\s+)?"
    r"(?:by|of|von|vom|par|por|di|da|de|door|af|av|autor(?:in|en|es|ka|ski)?|auteurs?|autore|författare|"
    r"forfatter|skribent|tekst|texte?|texto|"
    r"testo|reporter|journalist|yazan|автор(?:ка|и|ы)?|текст|от|від|interview|μτφρ|του|της|autorin/autor|责编|责任编辑|責任編集|بقلم|كتب|نویسنده|מאת|"
    r"ein beitrag von|eine analyse von|"
    r"ein kommentar von|artikel von|(?:erstellt|geschrieben|gespeichert|eingestellt) von|posted by|authors?|"
    r"un article de|propos recueillis par|oleh|przez|napisał|作者|責編|编辑|記者|文)(?:\s*[:：|]\s*|\s+)|^(?:by|von|par|"
    r"por)\s*[:：]\s*",
    re.IGNORECASE,
)
_NOT_AUTHORS = re.compile(
    r"^(?:updated|edited|translated|adapted|photograph(?:y|s|ed)?|photos?|pictures?|video|illustrations?|"
    r"graphics?|fact[- ]checked|reviewed|"
    r"redigiert|übersetzt|aktualisiert|fotos?|bilder|illustration|traduit|traduzione|tradu[cç][aã]o|mis à jour|"
    r"actualizado|oppdatert|оновлено|"
    r"обновлено|editor|quelle|source|fuente|fonte)\s*(?:by|von|par|por|:|av|at)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:correspondents?|reporters?|editors?|journalists?|columnists?|writers?|producers?|analysts?|"
    r"contributors?|fellow|"
    r"freelancer?|\w*redakteur(?:in)?|\w*reporter(?:in)?|\w*korrespondent(?:in)?|chefredakteur(?:in)?|"
    r"ressortleiter(?:in)?|volontär(?:in)?|"
    r"chef\s+vom\s+dienst|autor(?:in)?|journaliste|correspondante?|rédacteur|rédactrice|envoyée?\s+spéciale?|"
    r"periodista|redactora?|"
    r"corresponsal|enviad[oa]|giornalista|inviat[oa]|journalistin|dziennikar[zk]a?|журналіст(?:ка)?|"
    r"кореспондент(?:ка)?|журналист(?:ка)?|"
    r"корреспондент(?:ка)?|редактор(?:ка)?|muhabir|journalista|photographer|fotograf(?:in)?|meteorologist|"
    r"director|head of|chief|"
    r"leiter(?:in)?|professor|staff|politics|business|sports?|senior|deputy|associate)\b",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:desk|team|staff|newsroom|news|redaktion|rédaction|redacción|redazione|redactie|redakcja|redaktsioon|"
    r"toimitus|редакці[яї]|редакци[яи]|"
    r"agency|agentur|agence|agencia|agenzia|ajansı|press|online|times|post|herald|tribune|gazette|journal|"
    r"magazine|zeitung|"
    r"radio|television|tv|media|network|group|institute|foundation|university|inc|ltd|gmbh|association|editorial|"
    r"board|service|"
    r"reports?|wire|department|ministry|office|council|bureau|correspondents|writers|reporters|contributors|"
    r"editors)\b|"
    r"\w\.(?:com|de|at|ch|org|net|co\.uk|fr|it|es|pl|ua|ru|jp|tv|info)$|新聞|新闻|社|編集|编辑部|通信|オンライン|समाचार|"
    r"डेस्क|뉴스",
    re.IGNORECASE,
)
_AGENCIES = frozenset(
    name.strip()
    for line in """
    aa | anadolu | anadolu agency | anadolu agency (aa) | anadolu ajansı | aap | australian associated press | adnkronos
    afp | afp agence france-presse | agence france-presse | agence france presse | afp news | afp relaxnews
    agerpres | agi | ani | anp | ansa | ap | associated press | associated press (ap) | the associated press | apa | ats
    belga | bloomberg | bloomberg news | bns | bta | canadian press | the canadian press | ctk | čtk | dapd
    dpa | dpa-afx | deutsche presse-agentur | deutsche presse agentur | dha | dow jones | dow jones newswires | efe | elta
    epd | europa press | hina | ians | iha | interfax | interfax-ukraine | jiji | jiji press | kathpress | keystone-sda
    kna | kyodo | kyodo news | leta | lusa | mti | ndtv profit wire | ntb | pa | pa media | press association | pap | pti
    press trust of india | reuters | reuters staff | thomson reuters | ria novosti | ritzau | sda | sid | stt | tanjug | tass
    tt | ukrinform | укрінформ | unian | уніан | united press international | upi | xinhua | 新華社 | 新华社 | yonhap
    時事通信 | 共同通信 | 연합뉴스 | рейтер | тасс | риа новости | інтерфакс-україна | интерфакс
    """.splitlines()
    for name in line.split("|")
    if name.strip()
)
"""News agencies: those with a Wikipedia article as the national or international agency of their country."""

_NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "no author",
        "unknown",
        "red",
        "agenturen",
        "agencies",
        "agency",
        "agences",
        "agencias",
        "agenzie",
        "wires",
        "posted",
        "posted on",
        "author",
        "autor",
        "guest",
        "none",
        "null",
        "phd",
        "md",
        "datum",
        "publiziert am",
        "super user",
        "web desk",
        "permalink",
        "auteur",
        "edit",
        "beitrag",
        "quelle",
        "source",
        "human",
        "archives",
        "nachricht",
        "abmelden",
        "anmelden",
        "name",
        "author name",
        "佚名",
        "匿名",
        "未知",
        "综合",
        "网络",
        "网络整理",
        "查看更多",
    )
)
"""What stands in the author's place and names nobody."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_DATE = re.compile(
    r"(?<![\w.])\d|\d{1,2}:\d\d|updated|published|aktualisiert|veröffentlicht|stand:|→|发布时间|发表时间", re.IGNORECASE
)
"""A name has no digits of its own: where one begins, a date, a time or a count does."""
_BEFORE_DATE = re.compile(r"\s+(?:on|am|le|el|at|um|vom|den|il|op)(?:\s+\w+)?\s*$|\s+(?:on|am)\s*$")
_SPLIT = re.compile(
    r"\s*(?:[;|•·/、，\n]|\s[–—-]\s|,\s*(?:and|und|et|y|e|og|och|ja|en|i|та|и|і|ve)\s|,|\s(?:and|und|et|y|og|och|"
    r"ja|та|и|і|ve|&|with|mit|avec|con)\s)\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*")
_TITLES = re.compile(r"^(?:dr|prof|mag|dipl|ing|mr|mrs|ms|sir|lord)\.?\s+(?:(?:dr|med|phil|jur)\.?\s+)*", re.IGNORECASE)
MAX_NAME = 60
"""Characters. The longest name in 433 gold bylines has 41."""
MAX_WORDS = 7


def read_names(raw: str, *, kind: BylineKind | None = None, own: frozenset[str] = frozenset()) -> Iterator[Byline]:
    """The names in one byline as written. `kind`: what the witness says it is. `own`: the outlet's own names, folded."""
    text = " ".join(raw.split()).strip(" .,;:|-–—")
    if not text or _NOT_AUTHORS.match(text):
        return
    text = _ELSEWHERE.sub("", _MAILBOX.sub(r"\1", text))
    text = _AFTER_DATE.sub("", text)
    text = _BRACKETS.sub(" ", text) if not _WRAPPED.match(text) else text.strip("()（）[]")
    whole = _without_lead_in(_EMAIL.sub(" ", text).strip())
    if _NOT_AUTHORS.match(whole):
        return
    if kind == "organisation" or (len(whole) <= MAX_NAME and _is_one_organisation(whole, own)):
        if (name := _cleaned(whole)) and fold(name) not in _NOBODY:
            yield Byline(name=name, kind=kind_of(name, own) if kind != "organisation" else _organisation_kind(name))
        return
    previous = ""
    for part in _SPLIT.split(whole):
        name = _cleaned(_without_lead_in(part or ""))
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
    if fold(name) in _AGENCIES:
        return "agency"
    if is_own(name, own) or _ORGANISATION.search(name):
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
    return "agency" if fold(name) in _AGENCIES else "organisation"


def _is_one_organisation(text: str, own: frozenset[str]) -> bool:
    return (
        fold(text) in _AGENCIES
        or fold(text) in own
        or (
            bool(_ORGANISATION.search(text))
            and "," not in text
            and ";" not in text
            and not re.search(r"\s(?:und|et|and)\s", text)
        )
    )


def _without_lead_in(text: str) -> str:
    previous = None
    while text != previous:
        previous, text = text, _LEAD_IN.sub("", text).strip()
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
    if fold(name) in _NOBODY or len(name.split()) > MAX_WORDS or not any(character.isalpha() for character in name):
        return False
    if _CONTROL.search(name) or not _LEAD_IN.sub("", f"{name} "):
        return False
    if kind_of(name, own) != "person":
        return True
    return not _ROLE.search(name) and not _IMAGE.search(name)
