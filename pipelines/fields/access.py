"""Detect pages that are not articles (bot walls, consent walls, error pages) and articles cut by a paywall."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree

from crawler.reasons import Reason, ReasonCode, http_reason
from pipelines.html import jsonld
from pipelines.html.document import Document, element_text, letters

_BOT_TITLE = re.compile(
    r"(?:just a moment|attention required|access (?:to this page has been )?denied|please wait|one moment|"
    r"are you (?:a robot|human)|"
    r"robot check|security check|verify(?:ing)? (?:you are|you're) human(?:\. this may take .*)?|pardon our interruption|"
    r"human verification|captcha|ddos-guard|"
    r"request blocked|request rejected|bot (?:detection|verification)|you have been blocked|(?:403 |error 403.*)?forbidden|"
    r"error 403|429 too many(?: requests)?|too many requests|checking your browser.*|nur einen moment|einen moment|"
    r"un momento|un instant|один момент|зачекайте(?:, будь ласка)?)[^\w|]*(?:\s[|–—-]\s.*|\|.*)?",
    re.IGNORECASE,
)
"""The whole title, with the name of the site or of the service: a headline may begin with "Security check"."""
_BOT_SCRIPTS = re.compile(
    r"challenges\.cloudflare\.com|captcha-delivery\.com|perimeterx\.net|px-cdn\.net|px-cloud\.net|hcaptcha\.com|"
    r"arkoselabs\.com|"
    r"awswaf\.com|queue-it\.net|incapsula|distil|kasada",
    re.IGNORECASE,
)
_BOT_TEXT = re.compile(
    r"enable javascript and cookies to continue|unusual (?:traffic|activity) from your|"
    r"(?:complete|solve|enter) the captcha|"
    r"verify you are (?:a )?human|you are not a robot|"
    r"please enable (?:js|javascript) and disable any ad ?blocker|incapsula incident|(?<![\w-])ray id\b|"
    r"access to this page has been denied|"
    r"automated (?:access|requests|traffic)|your request has been blocked|reference #\d",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|we value your privacy|your privacy choices|we and our (?:\d+ )?partners|"
    r"accept all cookies|zustimmung|mit werbung (?:lesen|weiterlesen)|"
    r"weiter mit werbung|ihre privatsphäre|datenschutz[- ]?einstellungen|cookies? (?:akzeptieren|zustimmen)|"
    r"continuer sans accepter|nous respectons votre vie privée|"
    r"gérer (?:mes|vos) cookies|valoramos (?:su|tu) privacidad|rispettiamo la tua privacy|(?:your|give|withdraw|"
    r"manage) consent|consent to",
    re.IGNORECASE,
)
_PRIVACY = re.compile(
    r"cookie|privacy|partner|personal data|tracking|advertis|werbung|datenschutz|privatsph|personenbezogen|vie privée|données|"
    r"privacidad|datos|dati personali|персональн|конфіденц|конфиденц",
    re.IGNORECASE,
)
"""What a wall wants consent to. A court or a parliament gives its consent, too."""
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
_ERROR_TITLE = re.compile(
    r"(?:sorry,? |oops!? |uh oh!? )?(?:error|fehler|erreur|erro|errore|ошибка|помилка)?[ :#-]*(?:[45]\d\d)?[ :|–-]*(?:"
    r"[45]\d\d|(?:the |this |that )?page (?:you requested )?(?:(?:was |is |could )?not (?:be )?found|"
    r"cannot be found)|not found|"
    r"(?:die |diese )?seite (?:wurde )?nicht gefunden|(?:cette )?page (?:introuvable|non trouvée)|"
    r"página no encontrada|página não encontrada|pagina non trovata|pagina niet gevonden|"
    r"sidan (?:hittades inte|kunde inte hittas|finns inte)|siden (?:ble ikke funnet|blev ikke fundet|"
    r"finnes ikke|findes ikke)|"
    r"sivua ei löydy|sivua ei löytynyt|nie znaleziono strony|strona nie (?:została )?znaleziona|"
    r"stránka (?:nenalezena|nebyla nalezena)|az oldal nem található|pagina nu a fost găsită|sayfa bulunamadı|"
    r"(?:η )?σελίδα δεν βρέθηκε|страница не найдена|сторінку не знайдено|сторінка не знайдена|"
    r"(?:お探しの)?ページが見つかりません(?:でした)?|页面不存在|找不到页面|未找到页面|"
    r"頁面不存在|找不到頁面|페이지를 찾을 수 없습니다|"
    r"الصفحة غير موجودة|הדף לא נמצא|"
    r"internal server error|(?:server|application|runtime|database) error|bad gateway|gateway time-?out|"
    r"(?:service|site|website)(?: is)? (?:temporarily )?unavailable|temporarily unavailable|"
    r"(?:error establishing a )?database connection(?: error)?|"
    r"(?:an |a critical )?(?:unexpected )?error (?:has )?occurred|something went wrong|"
    r"(?:scheduled |(?:site|website)(?: is)? )?(?:under |down for )?maintenance(?: mode)?|"
    r"wartungsarbeiten|site en maintenance|en mantenimiento|in manutenzione|em manutenção|"
    r"технические работы|технічні роботи|ведутся технические работы|проводяться технічні роботи"
    r")[ .!…]*",
    re.IGNORECASE,
)
"""Matched against the whole headline, since the headline of a report about an error is longer."""
_ERROR_TEXT = re.compile(r"\s*(?:(?:fatal|parse) error ?:|error establishing a database connection)", re.IGNORECASE)
_PARTS = re.compile(r"\s+[-|–—·•»]\s+")
SHORT_PAGE = 400
"""Characters. The text of every known wall is shorter; that of an article rarely is."""
SHORT_REPORT = 80
"""Letters of the text of a short report."""
MIN_SUBJECTS = 3
"""Different words about privacy in a longer text that asks for consent in its title."""
CUT = 1_500
"""Characters below which the text of a paid article is taken for its opening. In the corpus the openings of 14 paid
articles have 200 to 1,300 characters, whole articles 2,400 and more."""


def blocked_reason(document: Document, status: int, text: str) -> Reason | None:
    """Return why the page is a wall and not an article; None if it is not a wall."""
    title = document.title_tag
    if status in {401, 403, 407, 429, 451, 503} and len(text) < 3 * SHORT_PAGE:
        return http_reason(status)
    if len(text) > 3 * SHORT_PAGE:
        return None
    if _BOT_TITLE.fullmatch(title.strip()) and not _has_article_data(document):
        return Reason(ReasonCode.BOT_WALL, f"bot wall: “{title[:60]}”")
    if len(text) < SHORT_PAGE:
        page = _page_text(document)
        if len(page) < 3_000 and (
            _BOT_TEXT.search(page) or (len(page) < SHORT_PAGE and any(map(_BOT_SCRIPTS.search, document.scripts)))
        ):
            return Reason(ReasonCode.BOT_WALL, "bot wall")
        if _CONSENT_HOST.search(document.url) or _asks_for_consent(document, text, len(page)):
            return Reason(ReasonCode.CONSENT_WALL, "consent wall")
    subjects = set(map(str.lower, _PRIVACY.findall(text)))
    if _CONSENT.search(title) and len(subjects) >= MIN_SUBJECTS and not _has_article_data(document):
        return Reason(ReasonCode.CONSENT_WALL, "consent wall")
    return None


def _asks_for_consent(document: Document, text: str, page_length: int) -> bool:
    """Whether a page asks for consent in its text; a banner, a link or a footer around a short report does not count."""
    is_report = letters(text) >= SHORT_REPORT
    if page_length >= 6_000 or document.article or (is_report and _has_article_data(document)):
        return False
    asked = text if is_report else _text_without(document, "footer", "a")
    return bool(_CONSENT.search(asked) and _PRIVACY.search(asked))


def _has_article_data(document: Document) -> bool:
    """Whether the metadata describes an article, which no wall has."""
    return bool(document.article or document.first("article:published_time", "datePublished"))


def _text_without(document: Document, *tags: str) -> str:
    """The text of the page outside of some elements."""
    body = document.root.find("body")
    pieces: list[str] = []
    stack = [document.root if body is None else body]
    while stack:
        element = stack.pop()
        if element.tag not in tags:
            pieces.append(element.text or "")
            stack += reversed(element)
        pieces.append(element.tail or "")
    return " ".join(" ".join(pieces).split())


def http_error_reason(status: int) -> Reason | None:
    """Return why a response with this status has no article; None if it can have one."""
    return http_reason(status) if status >= 400 else None


def broken_reason(document: Document, text: str) -> str:
    """Why a page with status 200 is an error page; "" if it is not.

    An error page has almost no text, and its whole headline is the name of an error.
    """
    if len(text) >= SHORT_PAGE:
        return ""
    headings = [element_text(element).strip() for element in document.root.iter("h1")]
    titles = [document.title_tag, *headings]
    if not any(headings):  # then <title> may also contain the site's name
        titles += _PARTS.split(document.title_tag)
    for each in titles:
        if _ERROR_TITLE.fullmatch(each.strip()):
            return f"error page: “{each.strip()[:60]}”"
    page = _page_text(document)
    return f"error page: “{page.strip()[:60]}”" if len(page) < 3 * SHORT_PAGE and _ERROR_TEXT.match(page) else ""


def teaser_reason(document: Document, text: str, last: str) -> str:
    """Why the text is only the opening of a paid article; "" if it is complete. `last`: the last paragraph."""
    declared = jsonld.declared_words(document.article)
    words = len(text.split())
    cut_short = bool(declared and words < 0.5 * declared and declared - words > 150)
    paid = is_marked_paid(document)
    is_whole = not paid and (document.article.get("isAccessibleForFree") in _FREE or 0 < declared <= words * 1.2)
    if is_whole and not cut_short:
        return ""
    is_short = letters(text) < CUT
    if paid and (is_short or cut_short):
        return "paywall: the page is marked as not free"
    if is_short or cut_short:
        if _has_marker(document):
            return "paywall: the page contains a paywall element"
        is_cut = cut_short or last.endswith(("…", "...", "[…]", "[...]"))
        if is_cut and _PAY_TEXT.search(_page_text(document)[-20_000:]):
            return "paywall: the page asks for a subscription"
    return ""


_FREE = (True, "True", "true", "http://schema.org/True", "https://schema.org/True")


def is_marked_paid(document: Document) -> bool:
    """Whether the metadata marks the article as not free."""
    free = document.article.get("isAccessibleForFree")
    if isinstance(free, str):
        free = free.strip().lower() not in {"false", "no", "0"}
    if free is False or free == 0:
        return True
    tier = (document.first("article:content_tier", "article:contenttier", "content_tier") or "").lower()
    return tier in {"locked", "paid", "premium"}


def _has_marker(document: Document) -> bool:
    # One search over all names is ten times faster than one for each element.
    return _PAYWALL.search("\n".join(cast("list[str]", _NAMES_OF_BOXES(document.root)))) is not None


_NAMES_OF_BOXES = etree.XPath("//*[self::div or self::section or self::aside]/@*[name()='class' or name()='id']")


def _page_text(document: Document) -> str:
    body = document.root.find("body")
    element: etree._Element = document.root if body is None else body
    return element_text(element)
