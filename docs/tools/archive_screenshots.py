"""Writes docs/images/archive-*.png: pages of the archive in Chromium, of a demo and of a generated archive.

    scrapy demo /tmp/demo
    python docs/tools/archive_screenshots.py /tmp/demo docs/images

Most pages show the demo; the topic and the sources show an archive of 90 days. Needs the system's Chromium and Pillow.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.large_archive import fill  # noqa: E402
from crawler.archive.db.open import open_reader  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARTICLES = 4_000
COLOURS = 128
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--all", action="store_true", help="also the pages that the docs do not show")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from tests.support.datasette_client import served

    db = open_reader(options.demo / "archive.db")
    (edited, story, alert) = db.execute(
        "SELECT r.article_id, (SELECT story_id FROM story_list ORDER BY article_count DESC LIMIT 1), max(a.id)"
        " FROM revisions r JOIN alerts a ON a.revision_id = r.id WHERE r.number > 1"
    ).fetchone()
    db.close()
    with tempfile.TemporaryDirectory() as months, sync_playwright() as playwright:
        fill(Path(months) / "archive.db", ARTICLES, end=datetime.now(timezone.utc))
        browser = playwright.chromium.launch(executable_path=options.browser, args=FLAGS)
        with served(options.demo) as demo, served(Path(months)) as large:
            shown = [
                ("home", f"{demo}/", 1200, 900, "light"),
                ("article", f"{demo}/article/{edited}", 1200, 900, "light"),
                ("edit", f"{demo}/article/{edited}/2?compare", 1200, 620, "dark"),
                ("phone", f"{demo}/article/{edited}", 400, 900, "light"),
                ("topic", f"{large}/topic/troop-deployments", 1200, 400, "light"),
                ("sources", f"{large}/sources", 1200, 900, "light"),
                ("data", f"{demo}/archive", 1200, 800, "light"),
            ]
            if options.all:
                shown += [
                    ("alert", f"{demo}/alert/{alert}", 1200, 900, "light"),
                    ("alerts", f"{demo}/alerts", 1200, 900, "light"),
                    ("topics", f"{demo}/topics", 1200, 600, "light"),
                    ("stories", f"{demo}/stories", 1200, 700, "light"),
                    ("story", f"{demo}/story/{story}", 1200, 900, "light"),
                    ("source", f"{large}/source/outlet-00", 1200, 1200, "light"),
                    ("search", f"{demo}/search?q=ceasefire", 1200, 900, "light"),
                    ("articles", f"{demo}/archive/articles", 1200, 900, "light"),
                    ("row", f"{demo}/archive/articles/{edited}", 1200, 900, "dark"),
                    ("stealth", f"{demo}/archive/stealth_edits?from=&source=&skip=", 1200, 900, "dark"),
                    ("home-dark", f"{demo}/", 1200, 900, "dark"),
                    ("home-phone", f"{demo}/", 400, 900, "dark"),
                    ("topic-phone", f"{large}/topic/troop-deployments", 400, 900, "light"),
                    ("sources-phone", f"{large}/sources", 400, 900, "light"),
                    ("stories-phone", f"{demo}/stories", 400, 900, "light"),
                ]
            for name, url, width, height, scheme in shown:
                path = options.folder / f"archive-{name}.png"
                path.write_bytes(screenshot(browser, url, width, height, scheme))
                sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
        browser.close()


def screenshot(browser: Browser, url: str, width: int, height: int, scheme: str) -> bytes:
    from PIL import Image

    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    shot = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    out = io.BytesIO()
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
