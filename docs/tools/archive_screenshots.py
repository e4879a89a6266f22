"""Makes docs/archive-*.png: the archive in the browser, in Chromium, from a demo and from an archive of invented months.

    scrapy demo /tmp/demo
    python docs/tools/archive_screenshots.py /tmp/demo docs

The home page, an edit side by side (dark) and the article on a phone show the demo; a topic and the sources show what ninety days
leave. Wants the system's Chromium and Pillow.
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
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("demo", type=Path)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--browser", default="/usr/bin/chromium")
    given = arguments.parse_args()
    from playwright.sync_api import sync_playwright

    from tests.support.datasette_client import served

    db = open_reader(given.demo / "archive.db")
    edited = db.execute(
        "SELECT r.article_id FROM revisions r JOIN alerts a ON a.revision_id = r.id WHERE r.number > 1 ORDER BY r.id LIMIT 1"
    ).fetchone()[0]
    db.close()
    with tempfile.TemporaryDirectory() as months, sync_playwright() as playwright:
        fill(Path(months) / "archive.db", ARTICLES, end=datetime.now(timezone.utc))
        browser = playwright.chromium.launch(executable_path=given.browser, args=FLAGS)
        with served(given.demo) as demo, served(Path(months)) as large:
            for name, address, width, height, scheme in (
                ("home", f"{demo}/", 1200, 900, "light"),
                ("article", f"{demo}/article/{edited}", 1200, 900, "light"),
                ("edit", f"{demo}/article/{edited}/2?compare", 1200, 620, "dark"),
                ("phone", f"{demo}/article/{edited}", 400, 900, "light"),
                ("topic", f"{large}/topic/troop-deployments", 1200, 400, "light"),
                ("sources", f"{large}/sources", 1200, 900, "light"),
                ("data", f"{demo}/archive", 1200, 800, "light"),
            ):
                path = given.folder / f"archive-{name}.png"
                path.write_bytes(picture(browser, address, width, height, scheme))
                sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
        browser.close()


def picture(browser: Browser, address: str, width: int, height: int, scheme: str) -> bytes:
    from PIL import Image

    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    shot = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    out = io.BytesIO()
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
