"""What of a byline is a name: "By", roles, places, addresses and dates taken off; people told from organisations.

Pure text rules. The word lists are the grammar of bylines in the languages of the sources people named, not a table of
outlets: an unknown language loses only the finer cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.model import Byline, BylineKind

_LEAD_IN = re.compile(
    r"^(?:(?:written|reported|posted|published|words|story|text|analysis|review|edited|produced|updated|author|report|compiled|exclusive|opinion)\s+)?"
    r"(?:by|von|vom|par|por|di|da|de|door|af|av|autor(?:in|en|es|ka|ski)?|auteurs?|autore|författare|forfatter|skribent|tekst|texte?|texto|"
    r"testo|reporter|journalist|yazan|автор(?:ка|и|ы)?|текст|от|від|μτφρ|του|της|ein beitrag von|eine analyse von|"
    r"ein kommentar von|un article de|propos recueillis par|oleh|przez|napisał|作者|責編|编辑|記者|文)(?:\s*[:：|]\s*|\s+)|^(?:by|von|par|por)\s*[:：]\s*",
    re.IGNORECASE,
)
_NOT_AUTHORS = re.compile(
    r"^(?:updated|edited|translated|adapted|photograph(?:y|s|ed)?|photos?|pictures?|video|illustrations?|graphics?|fact[- ]checked|reviewed|"
    r"redigiert|übersetzt|aktualisiert|fotos?|bilder|illustration|traduit|traduzione|tradu[cç][aã]o|mis à jour|actualizado|oppdatert|оновлено|"
    r"обновлено|editor)\s*(?:by|von|par|por|:|av|at)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:correspondents?|reporters?|editors?|journalists?|columnists?|writers?|producers?|analysts?|contributors?|fellow|"
    r"freelancer?|redakteur(?:in)?|reporter(?:in)?|korrespondent(?:in)?|chefredakteur(?:in)?|ressortleiter(?:in)?|volontär(?:in)?|"
    r"chef\s+vom\s+dienst|autor(?:in)?|journaliste|correspondante?|rédacteur|rédactrice|envoyée?\s+spéciale?|periodista|redactora?|"
    r"corresponsal|enviad[oa]|giornalista|inviat[oa]|journalistin|dziennikar[zk]a?|журналіст(?:ка)?|кореспондент(?:ка)?|журналист(?:ка)?|"
    r"корреспондент(?:ка)?|редактор(?:ка)?|muhabir|journalista|photographer|fotograf(?:in)?|meteorologist|director|head of|chief|"
    r"leiter(?:in)?|professor|staff|politics|business|sports?|senior|deputy|associate)\b",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:desk|team|staff|newsroom|news|redaktion|rédaction|redacción|redazione|redactie|redakcja|redaktsioon|toimitus|редакці[яї]|редакци[яи]|"
    r"agency|agentur|agence|agencia|agenzia|ajansı|press|online|times|post|herald|tribune|gazette|journal|magazine|zeitung|spiegel|"
    r"radio|television|tv|media|network|group|institute|foundation|university|inc|ltd|gmbh|association|editorial|board|service|"
    r"reports?|wire|department|ministry|office|council|bureau|correspondents|writers|reporters|contributors|editors|monde|figaro|echos)\b|"
    r"\w\.(?:com|de|at|ch|org|net|co\.uk|fr|it|es|pl|ua|ru|jp|tv|info)$|新聞|新闻|社|編集|编辑部|通信|オンライン|भास्कर|समाचार|डेस्क|뉴스",
    re.IGNORECASE,
)
_AGENCIES = frozenset(
    """afp agence france-presse|agence france-presse|agence france presse|ap|associated press|the associated press|reuters|thomson reuters|
    dpa|deutsche presse-agentur|deutsche presse agentur|apa|sda|keystone-sda|sid|kna|epd|dapd|efe|europa press|ansa|agi|adnkronos|lusa|anp|belga|
    ritzau|ntb|tt|stt|pap|čtk|ctk|mti|tass|interfax|interfax-ukraine|ria novosti|ukrinform|unian|xinhua|kyodo|kyodo news|jiji press|yonhap|
    pti|ani|ians|aap|australian associated press|upi|united press international|bloomberg|bloomberg news|dow jones|dow jones newswires|pa|
    pa media|press association|the canadian press|canadian press|anadolu|anadolu agency|anadolu ajansı|anadolu agency (aa)|iha|dha|aa|
    tanjug|hina|bns|elta|leta|agerpres|bta|ats|afp relaxnews|dpa-afx|reuters staff|afp news|associated press (ap)|ndtv profit wire""".replace(
        "\n", ""
    ).split("|")
) | {"afp"}
"""News agencies: those with a Wikipedia article as the national or international agency of their country."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_DATE = re.compile(
    r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d{2}\b|\d+\s*min|updated|published|aktualisiert|stand:", re.IGNORECASE
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/、，\n]|\s[–—-]\s|,\s*(?:and|und|et|y|e|og|och|ja|en|i|та|и|і|ve)\s|,|\s(?:and|und|et|y|og|och|ja|та|и|і|ve|&|with|mit|avec|con)\s)\s*",
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
    text = _EMAIL.sub(" ", text)
    whole = _without_lead_in(text)
    if kind == "organisation" or (len(whole) <= MAX_NAME and _is_one_organisation(whole, own)):
        if name := _cleaned(whole):
            yield Byline(name=name, kind=kind_of(name, own) if kind != "organisation" else _organisation_kind(name))
        return
    for part in _SPLIT.split(whole):
        name = _cleaned(_without_lead_in(part or ""))
        if name and _is_name(name, own):
            yield Byline(name=name, kind=kind_of(name, own))


def kind_of(name: str, own: frozenset[str] = frozenset()) -> BylineKind:
    """Person, organisation or agency, by the words of the name alone."""
    if fold(name) in _AGENCIES:
        return "agency"
    if fold(name) in own or _ORGANISATION.search(name):
        return "organisation"
    return "person"


def fold(name: str) -> str:
    """For comparing names: lower case, single spaces, no closing full stop."""
    return " ".join(name.lower().split()).strip(" .")


def _organisation_kind(name: str) -> BylineKind:
    return "agency" if fold(name) in _AGENCIES else "organisation"


def _is_one_organisation(text: str, own: frozenset[str]) -> bool:
    return fold(text) in _AGENCIES or fold(text) in own or (bool(_ORGANISATION.search(text)) and "," not in text and ";" not in text and not re.search(r"\s(?:und|et|and)\s", text))


def _without_lead_in(text: str) -> str:
    previous = None
    while text != previous:
        previous, text = text, _LEAD_IN.sub("", text).strip()
    return text


def _cleaned(text: str) -> str:
    text = _BRACKETS.sub(" ", text)
    date = _DATE.search(text)
    if date:
        text = text[: date.start()]
    text = " ".join(text.split()).strip(" .,;:|-–—/*\"'“”„")
    return text if 1 < len(text) <= MAX_NAME else ""


def _is_name(name: str, own: frozenset[str]) -> bool:
    """Whether a part of a split byline is a name and not the role or place after it."""
    if len(name.split()) > MAX_WORDS or not any(character.isalpha() for character in name):
        return False
    if kind_of(name, own) != "person":
        return True
    return not _ROLE.search(name)
