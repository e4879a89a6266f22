"""Pages that stand in the place of an article: bot walls, consent walls, error pages; and articles cut by a paywall."""

from __future__ import annotations

import re

from lxml import etree

from pipelines import jsonld
from pipelines.document import Document, letters, text_of

_BOT_TITLE = re.compile(
    r"^(?:just a moment|attention required|access (?:to this page has been )?denied|please wait|one moment|"
    r"are you (?:a robot|human)|"
    r"robot check|security check|verify(?:ing)? (?:you are|you're) human|pardon our interruption|"
    r"human verification|captcha|ddos-guard|"
    r"request blocked|request rejected|bot (?:detection|verification)|you have been blocked|403 forbidden|"
    r"error 403|forbidden$|"
    r"429 too many|too many requests|checking your browser|nur einen moment|einen moment|un momento|un instant|"
    r"один момент|зачекайте)",
    re.IGNORECASE,
)
_BOT_SCRIPTS = re.compile(
    r"challenges\.cloudflare\.com|captcha-delivery\.com|perimeterx\.net|px-cdn\.net|px-cloud\.net|hcaptcha\.com|"
    r"arkoselabs\.com|"
    r"awswaf\.com|queue-it\.net|incapsula|distil|kasada",
    re.IGNORECASE,
)
_BOT_TEXT = re.compile(
    r"enable javascript and cookies to continue|unusual (?:traffic|activity) from your|"
    r"verify you are (?:a )?human|you are not a robot|"
    r"please enable (?:js|javascript) and disable any ad ?blocker|incapsula incident|ray id|"
    r"access to this page has been denied|"
    r"automated (?:access|requests|traffic)|your request has been blocked|reference #\d",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|we value your privacy|your privacy choices|we and our (?:\d+ )?partners|"
    r"accept all cookies|zustimmung|mit werbung (?:lesen|weiterlesen)|"
    r"weiter mit werbung|ihre privatsphäre|datenschutz[- ]?einstellungen|cookies? (?:akzeptieren|zustimmen)|"
    r"continuer sans accepter|nous respectons votre vie privée|"
    r"gérer (?:mes|vos) cookies|valoramos (?:su|tu) privacidad|rispettiamo la tua privacy|consent",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(
    r"(?:^|//|\.)(?:consent|guce|privacy|cmp)\.|/consent|privacy-?(?:gate|wall)|zustimmung", re.IGNORECASE
)
_PAYWALL = re.compile(
    r"pay-?wall|piano-(?:offer|template)|regwall|subscription-?(?:wall|required|prompt)|premium-?(?:wall|teaser|"
    r"barrier)|meteredContent|subscriber-only|paid-barrier|paygate|article__premium",
    re.IGNORECASE,
)
_PAY_TEXT = re.compile(
    r"subscribe to (?:continue|read|keep)|already a subscriber|to continue reading|continue reading (?:with|for|"
    r"your)|this (?:article|content|story|post) is (?:for|only|exclusive|reserved)|"
    r"subscribers? only|sign in to (?:read|continue)|register to (?:read|continue)|jetzt (?:weiterlesen|"
    r"abonnieren und)|weiterlesen mit|sie sind bereits abonnent|"
    r"diesen artikel (?:weiterlesen|jetzt)|mit .{0,20}\+ .{0,20}lesen|réservé aux abonnés|article réservé|"
    r"il vous reste|pour lire la suite|ya eres suscriptor|"
    r"contenido exclusivo|suscríbete para|contenuto riservato|abbonati per|för att läsa|bli abonnent|kirjaudu|"
    r"для передплатників|для подписчиков|оформіть підписку|会員限定|有料会員|この記事は会員",
    re.IGNORECASE,
)
SHORT = 400
"""Characters. A wall's own text is shorter than this in every wall seen; an article's rarely is."""
CUT = 1_500
"""Characters below which a text that says it is not free is taken for its opening. Openings of 14 paid articles in the
corpus have 200 to 1,300, whole ones 2,400 and more."""


def blocked_reason(document: Document, status: int, text: str) -> str:
    """Why this is a wall and no article; "" where it is none."""
    title = document.title_tag
    if status in {401, 403, 407, 429, 451, 503} and len(text) < 3 * SHORT:
        return f"HTTP {status}"
    if len(text) > 3 * SHORT:
        return ""
    if _BOT_TITLE.match(title):
        return f"bot wall: “{title[:60]}”"
    if len(text) < SHORT:
        page = _page_text(document)
        if len(page) < 3_000 and (
            _BOT_TEXT.search(page) or (len(page) < SHORT and any(map(_BOT_SCRIPTS.search, document.scripts)))
        ):
            return "bot wall"
        if _CONSENT_HOST.search(document.url) or (len(page) < 6_000 and not document.article and _CONSENT.search(page)):
            return "consent wall"
    return ""


def error_reason(status: int) -> str:
    """Why this status cannot carry an article; "" where it can."""
    return f"HTTP {status}" if status >= 400 else ""


def teaser_reason(document: Document, text: str, last: str) -> str:
    """Why the text is only the part that was shown; "" where it is whole. `last`: the text's last paragraph."""
    promised = _word_count(document)
    words = len(text.split())
    cut_short = bool(promised and words < 0.5 * promised and promised - words > 150)
    told = says_not_free(document)
    is_short = letters(text) < CUT
    if told and (is_short or cut_short):
        return "paywall: the page says that it is not free"
    if is_short or cut_short:
        if _has_marker(document):
            return "paywall: a barrier follows the text"
        if _PAY_TEXT.search(_page_text(document)[-20_000:]) and (
            cut_short or last.endswith(("…", "...", "[…]", "[...]"))
        ):
            return "paywall: a subscription is asked for"
    return ""


def says_not_free(document: Document) -> bool:
    """Whether the page says of itself that it is not for everyone."""
    free = document.article.get("isAccessibleForFree")
    if isinstance(free, str):
        free = free.strip().lower() not in {"false", "no", "0"}
    if free is False or free == 0:
        return True
    tier = (document.first("article:content_tier", "article:contenttier", "content_tier") or "").lower()
    return tier in {"locked", "paid", "premium"}


def _has_marker(document: Document) -> bool:
    return any(
        _PAYWALL.search(f"{element.get('class') or ''} {element.get('id') or ''}")
        for element in document.root.iter("div", "section", "aside")
        if element.get("class") or element.get("id")
    )


def _word_count(document: Document) -> int:
    given = document.article.get("wordCount") or document.article.get("wordcount") or 0
    body = jsonld.text(document.article.get("articleBody"))
    try:
        return max(int(str(given)), len(body.split()))
    except ValueError:
        return len(body.split())


def _page_text(document: Document) -> str:
    body = document.root.find("body")
    element: etree._Element = document.root if body is None else body
    return text_of(element)
