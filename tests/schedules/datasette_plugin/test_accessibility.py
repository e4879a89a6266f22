"""The archive in a real browser: navigation, judging, accessibility, printing, and hostile text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler.models import Byline
from crawler.sqlite.connection import connect
from tests.conftest import BROWSERS
from tests.support.corpus import CORPUS
from tests.support.datasette_client import fill, served
from tests.support.factories import HOME, Archive, article, hour, page, record

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATIENCE = 60_000.0
"""Milliseconds to wait for a change of a page on a busy machine."""
expect.set_options(timeout=PATIENCE)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
PAGES = ("/", "/alerts", "/topics", "/topic/pier", "/stories", "/story/1", "/events", "/sources", "/source/gazette", "/search?q=pier",
         "/article/1/2", "/article/1/2?compare", "/desk", "/archive", "/archive/articles", "/archive/revisions?_search=pier",
         "/archive/articles/1", "/archive/stealth_edits", "/article/999")  # fmt: skip
HOSTILE = ["<script>window.ran = 1</script>", '"><img src=x onerror="window.ran = 1">', "</title><script>window.ran = 1</script>",
           "<svg onload='window.ran = 1'>", "' autofocus onfocus='window.ran = 1", "javascript:window.ran = 1",
           "<style>body { display: none }</style>", "<meta http-equiv=refresh content='0;url=https://evil.example/'>"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    fill(folder)
    db = connect(folder / "archive.db")
    db.execute("UPDATE seeds SET failures = 1234, error = 'refused'")
    db.close()
    (folder / "allowed.json").write_text(json.dumps({"plugins": {"wirewatch": {"judging": True}}}))
    with served(folder, "--metadata", str(folder / "allowed.json")) as address:
        yield address


@pytest.fixture
def tab(browser: Browser, site: str) -> Iterator[Page]:
    """A page of the browser. Errors and warnings of the console fail the test."""
    context = browser.new_context(base_url=site)
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def test_from_a_search_to_an_article_and_through_its_versions(tab: Page) -> None:
    tab.goto("/")
    tab.get_by_role("searchbox").fill("northern pier")
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("northern pier")
    tab.get_by_role("link", name="The Harbour Gazette").first.click()  # the facet
    expect(tab.locator("article.hit")).to_have_count(2)
    tab.locator("article.hit h2 a").first.click()
    expect(tab.locator("nav.steps")).to_contain_text("Version 2 of 2")
    tab.get_by_role("link", name="Earlier version").click()
    expect(tab.locator("nav.steps")).to_contain_text("Version 1 of 2")
    expect(tab.locator("div.text")).to_contain_text("1 June")
    tab.get_by_role("link", name="Later version").click()
    tab.get_by_role("link", name="Show changes").click()
    expect(tab.locator("table.compare tbody ins")).to_have_text("14 July")
    tab.locator("table.compare summary").click()
    expect(tab.locator("table.compare details p").first).to_be_visible()


def test_from_an_alert_to_its_sentence_in_view(tab: Page) -> None:
    tab.goto("/alerts")
    tab.locator("article.alert h3 a").first.click()
    sentence = tab.locator("article :target .match")
    expect(sentence).to_be_in_viewport()
    assert "#alert-2" in tab.url


def test_an_alert_is_judged_by_keyboard_alone(tab: Page) -> None:
    tab.goto("/topic/pier")
    button = tab.get_by_role("button", name="Relevant", exact=True).first
    button.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name="Relevant", exact=True, pressed=True).first).to_be_visible()
    expect(tab.locator("section[aria-labelledby='precision']")).to_contain_text("100%")


def test_keys_go_from_alert_to_alert_judge_and_star(tab: Page) -> None:
    tab.goto("/alerts")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    expect(tab.locator("#alert-1")).to_be_focused()
    tab.keyboard.press("n")
    pressed = tab.locator("#alert-1 button[aria-pressed=true]")
    expect(pressed).to_have_text("Not relevant")
    tab.wait_for_load_state()  # keys work when the script of the new page has run
    tab.keyboard.press("s")  # the page is at the alert again
    expect(pressed).to_have_count(2)
    tab.wait_for_load_state()
    tab.keyboard.press("s")
    expect(pressed).to_have_count(1)
    tab.wait_for_load_state()
    tab.keyboard.press("/")
    expect(tab.get_by_role("searchbox")).to_be_focused()


def test_a_note_a_mute_and_a_saved_search_are_on_the_desk_until_they_are_removed(tab: Page) -> None:
    tab.goto("/alerts?topic=pier")
    part = tab.locator("#alert-1")
    part.locator("summary").click()
    part.get_by_label("Note").fill("Ask the mayor")
    part.get_by_role("button", name="Save note").click()
    part.locator("summary").click()
    part.get_by_role("button", name="Mute story").click()
    expect(part).to_contain_text("story muted until")
    tab.get_by_label("Save this list as").fill("Pier list")
    tab.locator("form.save-search button").click()
    tab.get_by_role("link", name="Desk", exact=True).click()
    expect(tab.locator("main")).to_contain_text("Ask the mayor")
    tab.get_by_role("button", name="Unmute").click()
    expect(tab.locator("main")).to_contain_text("Nothing is muted.")
    tab.get_by_role("link", name="Pier list").click()
    assert tab.url.endswith("/alerts?topic=pier")
    tab.goto("/desk")
    tab.get_by_role("button", name="Delete Pier list").click()
    expect(tab.get_by_role("link", name="Pier list")).to_have_count(0)


def test_alerts_are_unseen_at_the_next_visit_only_if_they_came_since(tab: Page, site: str) -> None:
    tab.goto("/alerts")
    expect(tab.locator(".unseen")).to_have_count(0)
    tab.context.add_cookies([{"name": "wirewatch_visit", "value": "0.1.1000", "url": site}])
    tab.goto("/")
    tab.get_by_role("link", name="1 alert since your last visit").click()
    expect(tab.locator("#alert-2")).to_be_visible()
    expect(tab.locator("#alert-1")).to_have_count(0)


def test_a_faceted_table_leads_to_the_page_of_a_row(tab: Page) -> None:
    tab.goto("/archive/articles")
    tab.locator(".facet-info a", has_text="Coastline Wire").click()
    expect(tab.locator("table.rows-and-columns tbody tr")).to_have_count(1)
    tab.locator("td.type-pk a").first.click()
    tab.get_by_role("link", name="Page of this article").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Council closes")


def test_the_raw_page_is_shown_as_text(tab: Page) -> None:
    tab.goto("/article/1")
    tab.get_by_role("link", name="Raw page").first.click()
    expect(tab.locator("body > pre")).to_contain_text("The harbour council voted")


UNSEEN_FOCUS = """() => {
    const unseen = [];
    for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
        one.focus();
        if (one !== document.activeElement) continue;  // hidden or disabled
        const box = one.getBoundingClientRect();
        const seen = getComputedStyle(one).outlineStyle !== 'none' && box.width > 1 && box.left >= 0
            && box.bottom > 0 && box.top < innerHeight;
        if (!seen) unseen.push(one.outerHTML.slice(0, 120));
    }
    return unseen;
}"""
"""Focuses one element after the other, and returns those whose focus is not visible."""
WIDTHS = (360, 1000)
EVERY_COMPONENT = ("/", "/topic/pier", "/story/1", "/source/gazette", "/search?q=pier", "/article/1/2?compare", "/desk",
                   "/archive/articles")  # fmt: skip
"""Pages that have all parts of the other pages. A part has the same dark colours on each page, and to check the contrast takes as
long as all other checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What was found on a page that was opened once."""

    widths: dict[int, int]
    """Width of the screen -> width of the page."""
    unseen: dict[int, list[str]]
    """Width of the screen -> elements whose focus is not visible."""
    violations: list[str]
    """Serious accessibility issues, in light and dark colours."""


@pytest.fixture(scope="module")
def inspected(browser: Browser, site: str) -> dict[str, Inspected]:
    """The findings of each page. Opening a page takes longer than inspecting it."""
    context = browser.new_context(base_url=site, color_scheme="light")
    opened = context.new_page()
    found = {path: inspect(opened, path) for path in PAGES}
    context.close()
    return found


def inspect(opened: Page, path: str) -> Inspected:
    opened.emulate_media(color_scheme="light")
    opened.goto(path)
    violations = Axe().run(opened).response["violations"]
    if path in EVERY_COMPONENT:
        opened.emulate_media(color_scheme="dark")
        violations += Axe().run(opened, options={"runOnly": ["color-contrast"]}).response["violations"]
    opened.keyboard.press("Tab")  # frames are drawn for those who use the keyboard
    widths, unseen = {}, {}
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 800})
        widths[width] = opened.evaluate("document.documentElement.scrollWidth")
        unseen[width] = opened.evaluate(UNSEEN_FOCUS)
    serious = [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
    return Inspected(widths=widths, unseen=unseen, violations=serious)


def test_no_page_has_a_serious_accessibility_issue_in_light_or_dark_colours(inspected: dict[str, Inspected]) -> None:
    assert {path: found.violations for path, found in inspected.items() if found.violations} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(inspected: dict[str, Inspected], width: int) -> None:
    assert {path: found.widths[width] for path, found in inspected.items() if found.widths[width] > width} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_focused_element_is_in_view_and_framed(inspected: dict[str, Inspected], width: int) -> None:
    assert {path: found.unseen[width] for path, found in inspected.items() if found.unseen[width]} == {}


def test_the_first_link_skips_the_navigation(tab: Page) -> None:
    tab.goto("/alerts")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


def test_a_printed_article_names_its_version_and_is_dark_on_white(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, color_scheme="dark")
    opened = context.new_page()
    opened.goto("/article/1/2?compare")
    assert not opened.locator(".on-paper").is_visible()
    opened.emulate_media(media="print", color_scheme="dark")
    text = opened.locator(".on-paper").inner_text()
    for part in ("https://harbour-gazette.example/", "Version 2 of 2, fetched 1 Mar 2026", "SHA-256"):
        assert part in text
    assert opened.evaluate("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"
    assert not opened.locator("header.masthead").is_visible()
    context.close()


def test_on_a_phone_tables_use_the_full_width(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 800})
    opened = context.new_page()
    opened.goto("/article/1/2?compare")
    box = opened.locator("table.compare caption").bounding_box()
    assert box is not None and box["width"] > 300
    opened.goto("/stories")
    assert "articles 2" in opened.locator("tbody tr").first.evaluate(
        "row => [...row.cells].map(cell => getComputedStyle(cell, '::before').content.replaceAll('\"', '') + cell.innerText).join('')"
    )
    context.close()


GAPS = """table => [...table.rows].flatMap(row => [...row.cells].slice(1).map((cell, n) => {
    const text = element => { const range = document.createRange(); range.selectNodeContents(element); return range.getBoundingClientRect(); };
    return text(cell).left - text(row.cells[n]).right;
}))"""
"""Pixels between the text of each cell and that of the next."""


@pytest.mark.parametrize("path", ["/topics", "/stories", "/source/gazette"])
def test_columns_of_numbers_do_not_run_into_the_next(browser: Browser, site: str, path: str) -> None:
    context = browser.new_context(base_url=site, viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    opened.goto(path)
    assert min(opened.locator("main table").first.evaluate(GAPS)) >= 12
    context.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_no_tag_overlaps_a_chart(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(base_url=site, viewport={"width": width, "height": 800})
    opened = context.new_page()
    opened.goto("/sources")
    tags = [box for tag in opened.locator(".chart-row .tag").all() if (box := tag.bounding_box())]
    charts = [box for chart in opened.locator(".chart-row .chart").all() if (box := chart.bounding_box())]
    context.close()
    assert tags
    assert charts
    overlaps = [
        (tag, chart)
        for tag in tags
        for chart in charts
        if tag["x"] < chart["x"] + chart["width"] and chart["x"] < tag["x"] + tag["width"]
        and tag["y"] < chart["y"] + chart["height"] and chart["y"] < tag["y"] + tag["height"]
    ]  # fmt: skip
    assert overlaps == []


def hostile_texts() -> list[tuple[str, ...]]:
    """The strings of each article: one of ours, or several of the corpus if it is present."""
    path = CORPUS / "hostile" / "naughty_strings.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = [text for text in known if text.strip()]
    return [*((text,) for text in HOSTILE), *(tuple(kept[n : n + 25]) for n in range(0, len(kept), 25))]


def test_no_text_of_outlets_runs(browser: Browser, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    articles = hostile_texts()
    for number, texts in enumerate(articles):
        read = article(
            *texts, f"Paragraph {number} says more than that.",
            title=" ".join(texts), bylines=tuple(Byline(name=text[:200]) for text in texts),
        )  # fmt: skip
        body = f"<script>window.ran = 1</script>{' '.join(texts)}".encode("utf-8", "replace")
        archive.record_fetch(record(read, page(f"{HOME}/news/{number}", body), at=hour(number / 100)))
    archive.store.close()
    complaints: list[str] = []
    with served(tmp_path) as address:
        context = browser.new_context(base_url=address)
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("dialog", lambda dialog: complaints.append(dialog.message))
        opened.on(
            "request",
            lambda request: complaints.append(request.url) if not request.url.startswith((address, "data:")) else None,
        )
        for path in ("/", "/source/gazette", "/search?q=paragraph", "/archive/articles_latest?_size=max",
                     "/archive/revisions?_size=max", "/archive/bylines?_size=max", "/archive/latest_per_outlet?count=50",
                     *(f"/article/{n}" for n in range(1, len(articles) + 1)), *(f"/page/{n}" for n in range(1, len(HOSTILE) + 1))):  # fmt: skip
            opened.goto(path)
            assert opened.evaluate("window.ran") is None, path
            assert opened.url.startswith(address), path
            expect(opened.locator("body")).to_be_visible()
        context.close()
    assert complaints == []
