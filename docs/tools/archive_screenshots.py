"""Writes docs/images/archive-*.png and docs/images/pages/*.png: pages of the archive in Chromium.

    scrapy demo /tmp/demo
    python docs/tools/archive_screenshots.py /tmp/demo docs/images

The first are those of the how-to guides. The others show every page in light, in dark and on a phone. Most show a copy of
the demo; topic and sources show a generated archive of 90 days. Needs the system's Chromium and Pillow.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.archive.large_archive import fill  # noqa: E402
from crawler.archive.db.open import open_archive, open_reader  # noqa: E402
from crawler.archive.desk.annotations import annotate  # noqa: E402
from crawler.archive.desk.mutes import mute  # noqa: E402
from crawler.archive.desk.saved_searches import save_search  # noqa: E402
from crawler.archive.topics.alerts import record_judgement  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARTICLES = 4_000
COLOURS, SHEET_COLOURS = 96, 64
GAP = 12
"""Pixels between the parts of a sheet."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from tests.support.datasette_client import served

    db = open_reader(options.demo / "archive.db")
    (edited, story, event) = db.execute(
        "SELECT r.article_id, (SELECT story_id FROM story_list ORDER BY article_count DESC LIMIT 1),"
        " (SELECT event_id FROM event_list ORDER BY length(languages) DESC, event_id LIMIT 1)"
        " FROM revisions r JOIN alerts a ON a.revision_id = r.id WHERE r.number > 1 ORDER BY a.id DESC LIMIT 1"
    ).fetchone()
    db.close()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        months, copy = Path(folder) / "months", Path(folder) / "demo"
        months.mkdir()
        fill(months / "archive.db", ARTICLES, end=datetime.now(timezone.utc))
        shutil.copytree(options.demo, copy)
        work_on(copy, edited, story)
        (copy / "judging.json").write_text(json.dumps({"plugins": {"wirewatch": {"judging": True}}}))
        browser = playwright.chromium.launch(executable_path=options.browser, args=FLAGS)
        desk_options = ("--metadata", str(copy / "judging.json"))
        with served(options.demo) as demo, served(months) as large, served(copy, *desk_options) as desk:
            shown = [
                ("home", f"{demo}/", 1200, 900, "light"),
                ("article", f"{demo}/article/{edited}", 1200, 900, "light"),
                ("edit", f"{demo}/article/{edited}/2?compare", 1200, 620, "dark"),
                ("phone", f"{demo}/article/{edited}", 400, 900, "light"),
                ("topic", f"{large}/topic/troop-deployments", 1200, 400, "light"),
                ("sources", f"{large}/sources", 1200, 900, "light"),
                ("data", f"{demo}/archive", 1200, 800, "light"),
            ]
            for name, url, width, height, scheme in shown:
                path = options.folder / f"archive-{name}.png"
                save(path, screenshot(browser, url, width, height, scheme), COLOURS)
            pages = {name: f"{desk}{path}" for name, path in every_page(edited, story, event).items()}
            pages |= {"topic": f"{large}/topic/troop-deployments", "sources": f"{large}/sources",
                      "source": f"{large}/source/outlet-00"}  # fmt: skip
            for name, url in pages.items():
                save(options.folder / "pages" / f"{name}.png", sheet(browser, url), SHEET_COLOURS)
        browser.close()


def every_page(article: int, story: int, event: int) -> dict[str, str]:
    """Name of each image -> path of the page."""
    return {
        "home": "/",
        "alerts": "/alerts",
        "article": f"/article/{article}",
        "edit": f"/article/{article}/2?compare",
        "topics": "/topics",
        "figures": "/topic/casualties/figures",
        "events": "/events",
        "event": f"/event/{event}",
        "stories": "/stories",
        "story": f"/story/{story}",
        "search": "/search?q=ceasefire",
        "desk": "/desk",
        "data": "/archive",
        "table": "/archive/articles",
    }


def work_on(folder: Path, article: int, story: int) -> None:
    """Judge, star, annotate, mute and save in a copy of the demo, so that the pages show it."""
    now = datetime.now(timezone.utc)
    db = open_archive(folder / "archive.db")
    record_judgement(db, "ceasefire-talks", article, relevant=True, at=now, judged_in="browser")
    annotate(db, article, now=now, starred=True, note="Who counted? Ask the ministry for the list.")
    mute(db, "story", str(story), until=now + timedelta(days=3), now=now)
    save_search(db, "Ceasefire, not judged", "/alerts", "topic=ceasefire-talks&judged=-1", now=now)
    db.close()


def sheet(browser: Browser, url: str) -> Image.Image:
    """A page in light, in dark and on a phone, side by side at half size."""
    shots = [
        screenshot(browser, url, *look) for look in ((1200, 900, "light"), (1200, 900, "dark"), (400, 900, "light"))
    ]
    halves = [shot.resize((shot.width // 2, shot.height // 2), Image.Resampling.LANCZOS) for shot in shots]
    whole = Image.new("RGB", (sum(half.width for half in halves) + GAP * (len(halves) - 1), halves[0].height), "white")
    left = 0
    for half in halves:
        whole.paste(half, (left, 0))
        left += half.width + GAP
    return whole


def screenshot(browser: Browser, url: str, width: int, height: int, scheme: str) -> Image.Image:
    """What a window of this size shows."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return shot


def save(path: Path, shot: Image.Image, colours: int) -> None:
    """Write an image with few colours, rare ones included, which makes it small."""
    path.parent.mkdir(exist_ok=True)
    few = shot.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    few.save(path, "PNG", optimize=True)
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
