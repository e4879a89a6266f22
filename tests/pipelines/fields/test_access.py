from __future__ import annotations

import pytest

from crawler.models import Status
from crawler.reasons import ReasonCode
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, news, read


@pytest.mark.parametrize(
    "page",
    [
        markup(
            "<h1>One more step</h1><p>Enable JavaScript and cookies to continue</p>",
            head="<title>Just a moment...</title>",
        ),
        markup("<p>Please verify you are a human to go on reading.</p>", head="<title>harbour-gazette.example</title>"),
        markup("<p>We have detected unusual traffic from your network.</p>", head="<title>Access denied</title>"),
        markup(
            '<script src="https://ct.captcha-delivery.com/c.js"></script><p>Please wait.</p>', head="<title>x</title>"
        ),
    ],
    ids=["moment", "human", "denied", "script"],
)
def test_a_bot_wall_is_blocked(page: str) -> None:
    article = read(page)
    assert article.status is Status.BLOCKED
    assert "bot wall" in article.reason


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Service Temporarily Unavailable", "Service Temporarily Unavailable"),
        ("500 Internal Server Error", "500 Internal Server Error"),
        ("502 Bad Gateway", "502 Bad Gateway"),
        ("Database Error", "Error establishing a database connection"),
        ("Page not found - The Harbour Gazette", "Page not found"),
        ("The Harbour Gazette | Seite nicht gefunden", ""),
        ("Erreur 404 - Page introuvable", "Oups"),
        ("Сторінку не знайдено", "The Harbour Gazette"),
        ("ページが見つかりません", "404"),
    ],
)
def test_an_error_page_with_status_200_is_not_an_article(title: str, heading: str) -> None:
    reported = (
        "Sorry, try the search, or go back to the home page, where you will find the news of the day in the harbour."
    )
    article = read(markup(f"<h1>{heading}</h1><p>{reported}</p>", head=f"<title>{title}</title>"))
    assert article.status is Status.FAILED
    assert article.reason.startswith("error page: “")


def test_an_error_of_a_template_is_not_an_article() -> None:
    trace = "Uncaught Error: Call to undefined function get_header() in /srv/themes/index.php:3 Stack trace: #0 main"
    article = read(f"<br><b>Fatal error</b>: {trace} thrown in <b>/srv/themes/index.php</b> on line <b>3</b><br>")
    assert article.status is Status.FAILED


@pytest.mark.parametrize(
    "title",
    [
        "Error 404 - how a number became a joke",
        "Page not found: the ministry's lost archive",
        "Bad gateway to the harbour",
    ],
)
def test_a_brief_about_an_error_is_an_article(title: str) -> None:
    brief = "The ministry of ports said on Monday that nobody could say where the page of the northern pier had gone."
    page = markup(f"<article><h1>{title}</h1><p>{brief}</p></article>", head=f"<title>{title} - The Gazette</title>")
    assert read(page).status is Status.OK


def test_a_story_under_the_name_of_an_error_is_an_article() -> None:
    page = markup(f"<article><h1>Page not found</h1>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS * 2)}</article>")
    assert read(page).status is Status.OK


def test_a_consent_wall_is_blocked() -> None:
    page = markup(
        "<h1>We value your privacy</h1><p>We and our 214 partners store information on your device.</p><button>OK</button>"
    )
    article = read(page)
    assert (article.status, article.reason) == (Status.BLOCKED, "consent wall")


def test_a_consent_banner_next_to_an_article_does_not_block_it() -> None:
    banner = '<div class="cookie-consent"><p>We value your privacy. We and our 214 partners use cookies.</p></div>'
    article = read(article_page(after=banner))
    assert (article.status, "partners" in article.text) == (Status.OK, False)


FLASH = {
    "en": ("Nine drones over the port", "Air defence shot down nine drones over the port on Monday night; nobody was hurt, the office said."),
    "de": ("Neun Drohnen über dem Hafen", "Die Zustimmung der Länder zum Bau des Hafens gilt als sicher, teilte ein Sprecher der Verwaltung am Montag mit."),
    "fr": ("Neuf drones au-dessus du port", "La défense a abattu neuf drones au-dessus du port lundi ; personne n'a été blessé, selon le bureau."),
    "uk": ("Дев'ять дронів над портом", "Оборона збила дев'ять безпілотників над портом у ніч на понеділок, ніхто не постраждав, повідомили в порту."),
}  # fmt: skip
BANNERS = {
    "en": "We value your privacy. We and our 842 partners store cookies. <button>Accept all cookies</button>",
    "de": "Mit Ihrer Zustimmung speichern wir Cookies. <button>Cookies akzeptieren</button>",
    "fr": "Nous respectons votre vie privée. Cookies : <button>Continuer sans accepter</button>",
    "uk": "Ми зберігаємо cookies. <button>Accept all cookies</button>",
}


@pytest.mark.parametrize("language", FLASH)
def test_a_consent_banner_next_to_a_short_report_without_metadata_does_not_block_it(language: str) -> None:
    title, text = FLASH[language]
    page = f"<div id='banner'>{BANNERS[language]}</div><main><h1>{title}</h1><p>{text}</p></main>"
    assert read(markup(page, head=f"<title>{title} - Gazette</title>")).status is Status.OK
    assert (
        read(markup(f"<h1>Gazette</h1><p>{BANNERS[language]}</p>", head=f"<title>{title}</title>")).status
        is Status.BLOCKED
    )


@pytest.mark.parametrize(
    "title",
    ["Security check delays trains at the port", "One moment that changed the harbour", "Please wait for the all-clear",
     "Access denied to inspectors at the pier", "Один момент, який змінив порт"],
)  # fmt: skip
def test_a_headline_that_begins_like_the_title_of_a_bot_wall_is_no_wall(title: str) -> None:
    text = "An X-ray identified nine mines below the pier, the harbour office said on Monday; nobody was hurt."
    page = markup(f"<h1>{title}</h1><p>{text}</p><p>{FLASH['en'][1]}</p>", head=f"<title>{title} | Gazette</title>")
    assert read(page).status is Status.OK


@pytest.mark.parametrize(
    "title",
    ["Attention Required! | Cloudflare", "403 Forbidden", "Access denied - Gazette", "Один момент…",
     "Verifying you are human. This may take a few seconds."],
)  # fmt: skip
def test_the_whole_title_of_a_bot_wall_is_a_wall(title: str) -> None:
    page = markup(
        "<p>The security of your connection is reviewed before you proceed.</p>", head=f"<title>{title}</title>"
    )
    assert read(page).status is Status.BLOCKED


def test_a_paywall_element_on_a_page_declared_free_and_whole_is_no_teaser() -> None:
    page = article_page(head=jsonld(news(isAccessibleForFree=True)), after='<div class="paywall-barrier"></div>')
    assert read(page).status is Status.OK


def test_an_article_about_captchas_is_an_article() -> None:
    lines = (f"<p>{text} Verify you are human, it says, {n} times.</p>" for n, text in enumerate(PARAGRAPHS * 3))
    head = "<title>Captcha: why</title>"
    article = read(article_page(title="Captcha: why you must verify you are human", head=head, inside="".join(lines)))
    assert article.status is Status.OK


@pytest.mark.parametrize(
    "head",
    [
        jsonld(news(isAccessibleForFree=False)),
        jsonld(news(isAccessibleForFree="False")),
        meta("article:content_tier", "locked"),
    ],
)
def test_a_page_marked_as_paid_is_a_teaser_with_a_reason(head: str) -> None:
    article = read(article_page(head=head))
    assert (article.status, article.reason) == (Status.TEASER, "paywall: the page is marked as not free")
    assert article.text == "\n\n".join(PARAGRAPHS)


def test_a_paywall_element_after_a_short_text_makes_it_a_teaser() -> None:
    article = read(article_page(after='<div class="paywall-barrier"><p>Subscribe to go on reading.</p></div>'))
    assert article.status is Status.TEASER


def test_a_request_to_subscribe_after_a_cut_sentence_makes_it_a_teaser() -> None:
    page = markup(
        f"<article><h1>Pier closes</h1><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1][:60]}…</p></article>"
        "<div><p>To continue reading, become one of our readers today.</p></div>"
    )
    assert read(page).status is Status.TEASER


def test_a_free_page_with_the_whole_text_is_not_a_teaser() -> None:
    assert read(article_page(head=jsonld(news(isAccessibleForFree=True)))).status is Status.OK


def test_a_text_much_shorter_than_json_ld_declares_is_a_teaser_if_there_is_a_paywall() -> None:
    page = article_page(head=jsonld(news(wordCount=2000)), after='<div id="paywall"></div>')
    assert read(page).status is Status.TEASER


@pytest.mark.parametrize("status", [403, 429, 451, 503])
def test_a_refusal_by_http_is_blocked(status: int) -> None:
    assert read(markup("<p>Go away.</p>"), status=status).status is Status.BLOCKED


def test_a_missing_page_has_no_article_and_a_reason() -> None:
    article = read(markup("<p>Not here.</p>"), status=404)
    assert (article.status, article.reason) == (Status.EMPTY, "HTTP 404")


@pytest.mark.parametrize("body", ["", "   ", markup(""), markup("<nav><a href='/'>Home</a></nav>"), "\x00\x00"])
def test_a_page_without_text_is_empty_with_a_reason(body: str) -> None:
    article = read(body)
    assert article.status is Status.EMPTY
    assert article.reason


def test_a_long_page_that_asks_for_consent_in_its_title_is_a_wall() -> None:
    wall = (
        "Besuchen Sie unsere Website wie gewohnt mit Werbung und Tracking. Details finden Sie in der Datenschutzerklärung.",
        "Nutzen Sie unsere Website ohne Tracking und praktisch werbefrei für 2,99 € im Monat. Sie können monatlich kündigen.",
        "Bereits Abonnent? Hier anmelden, um ohne Werbung weiterzulesen, auf allen Geräten und in der App des Verlags.",
        "Unsere Partner verarbeiten Ihre Daten, damit wir Ihnen Anzeigen zeigen können, die zu Ihnen passen.",
    )
    body = "<h1>Küstenblatt mit Werbung lesen</h1>" + "".join(f"<p>{text}</p>" for text in wall)
    article = read(markup(body, head="<title>Zustimmung – Küstenblatt</title>", lang="de"))
    assert (article.status, article.reason_code) == (Status.BLOCKED, ReasonCode.CONSENT_WALL)


def test_a_report_about_the_consent_of_a_parliament_is_an_article() -> None:
    page = article_page(
        head="<title>Zustimmung des Rates zum neuen Pier</title>", title="Zustimmung des Rates zum neuen Pier"
    )
    assert read(page).status is Status.OK
