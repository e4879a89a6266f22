"""Makes docs/digest.png: the digest of a demo in Chromium, wide and on a phone, light and dark.

    scrapy demo /tmp/demo && cp data/topics.toml /tmp/demo && WIREWATCH_DATA_DIR=/tmp/demo scrapy flag --since 7d
    python docs/tools/digest_screenshot.py /tmp/demo docs/digest.png

The digest is the one of the demo's last 85 minutes, as if an earlier one had told the rest: so it shows an edit, too.
Wants the system's Chromium and Pillow. Beside the picture it can leave the mail's parts: --parts FOLDER.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.archive.db.open import open_reader
from crawler.archive.topics.alerts import alerts_by_id
from schedules.digest.collect import collect
from schedules.digest.render import Rendered, render

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = timedelta(minutes=85)
WIDE, PHONE, TALL = 1000, 360, 2150
"""Pixels of the pages; the picture shows them smaller."""
SCALE = 0.64
COLOURS = 256
"""Of the picture: letters stay smooth, the green and red of an edit stay, and the file is half as large."""


@dataclass(frozen=True)
class Evening:
    """The digest's table, as far as it is read here."""

    id: str = "evening"
    title: str = "Evening digest"
    timezone: str = "Europe/Kyiv"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("demo", type=Path)
    arguments.add_argument("picture", type=Path)
    arguments.add_argument("--browser", default="/usr/bin/chromium")
    arguments.add_argument("--parts", type=Path, help="leave digest.html and digest.txt in this folder")
    given = arguments.parse_args()
    rendered = rendered_digest(given.demo)
    if given.parts:
        (given.parts / "digest.html").write_text(rendered.html, encoding="utf-8")
        (given.parts / "digest.txt").write_text(rendered.text, encoding="utf-8")
    given.picture.write_bytes(picture(rendered.html, given.browser))
    sys.stdout.write(f"{given.picture}: {given.picture.stat().st_size:,} bytes; {rendered.subject}\n")


def rendered_digest(demo: Path) -> Rendered:
    """Of what was published or edited in the demo's last hours."""
    db = open_reader(demo / "archive.db")
    alerts = alerts_by_id(db, [row[0] for row in db.execute("SELECT id FROM alerts ORDER BY id")])
    now = max(alert.created_at for alert in alerts) + timedelta(minutes=5)
    recent = [alert.id for alert in alerts if alert.kind != "new" or alert.published_at >= now - WINDOW]
    content = collect(
        db,
        Evening(),
        recent,
        period_start=now - WINDOW,
        now=now,
        late=False,
        archive_url="https://archive.example",
    )
    return render(content)


def picture(html: str, browser_path: str) -> bytes:
    """Four views of the mail side by side."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        try:
            shots = [_shot(browser, html, scheme, width) for scheme in ("light", "dark") for width in (WIDE, PHONE)]
            total = sum(round(width * SCALE) for width in (WIDE, PHONE, WIDE, PHONE))
            images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots)
            page = browser.new_page(viewport={"width": total, "height": round(TALL * SCALE)})
            page.set_content(f"<style>body{{margin:0;display:flex}}</style>{images}")
            return _with_fewer_colours(bytes(page.screenshot(full_page=True)))
        finally:
            browser.close()


def _with_fewer_colours(png: bytes) -> bytes:
    from PIL import Image

    smaller = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    ).save(smaller, "PNG", optimize=True)
    return smaller.getvalue()


def _shot(browser: Browser, html: str, scheme: str, width: int) -> bytes:
    """At the picture's scale from the start: letters that are drawn small are sharper than letters made small."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": TALL},
        device_scale_factor=SCALE,
    )
    page = context.new_page()
    page.set_content(html)
    overflow = page.evaluate("document.documentElement.scrollWidth")
    if overflow > width:
        raise SystemExit(f"the mail is {overflow} pixels wide in a window of {width}")
    return bytes(page.screenshot())


if __name__ == "__main__":
    main()
