"""Make docs/images/digest.png: the digest of a demo in Chromium, wide and on a phone, light and dark.

    scrapy demo /tmp/demo
    python docs/tools/digest_screenshot.py /tmp/demo docs/images/digest.png

The digest covers the last 85 minutes of the demo, as if an earlier digest had reported the rest; so it contains an edit.
Requires Chromium and Pillow. --parts FOLDER also writes the mail's HTML and text.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.archive.db.open import open_reader
from crawler.archive.topics.alerts import alerts_by_id
from crawler.config.digests import Digest
from schedules.delivery.mime import RenderedDigest
from schedules.digest.collect import collect
from schedules.digest.render import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = timedelta(minutes=85)
WIDE, PHONE, HEIGHT = 1000, 360, 2150
"""Pixels of the pages, before scaling."""
SCALE = 0.64
COLOURS = 256
"""Colours of the picture: letters stay smooth, and the file is half as large."""
EVENING = Digest(
    id="evening", title="Evening digest", timezone="Europe/Kyiv", archive_url="https://archive.example", enabled=False
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("demo", type=Path)
    arguments.add_argument("picture", type=Path)
    arguments.add_argument("--browser", default="/usr/bin/chromium")
    arguments.add_argument("--parts", type=Path, help="write digest.html and digest.txt to this folder")
    options = arguments.parse_args()
    rendered = rendered_digest(options.demo)
    if options.parts:
        (options.parts / "digest.html").write_text(rendered.html, encoding="utf-8")
        (options.parts / "digest.txt").write_text(rendered.text, encoding="utf-8")
    options.picture.write_bytes(picture(rendered.html, options.browser))
    sys.stdout.write(f"{options.picture}: {options.picture.stat().st_size:,} bytes; {rendered.subject}\n")


def rendered_digest(demo: Path) -> RenderedDigest:
    """The digest of what was published or edited at the end of the demo."""
    db = open_reader(demo / "archive.db")
    alerts = alerts_by_id(db, [row[0] for row in db.execute("SELECT id FROM alerts ORDER BY id")])
    now = max(alert.created_at for alert in alerts) + timedelta(minutes=5)
    recent = [alert.id for alert in alerts if alert.kind != "new" or alert.published_at >= now - WINDOW]
    return render(collect(db, EVENING, recent, period_start=now - WINDOW, now=now, late=False))


def picture(html: str, browser_path: str) -> bytes:
    """Four views of the mail side by side."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        try:
            shots = [_shot(browser, html, scheme, width) for scheme in ("light", "dark") for width in (WIDE, PHONE)]
            total = sum(round(width * SCALE) for width in (WIDE, PHONE, WIDE, PHONE))
            images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots)
            page = browser.new_page(viewport={"width": total, "height": round(HEIGHT * SCALE)})
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
    """Rendered at the picture's scale, because letters drawn small are sharper than letters scaled down."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": HEIGHT},
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
