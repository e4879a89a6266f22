"""Open an evidence file in ReplayWeb.page, in Chromium, and write what it shows to a PNG file.

    scrapy evidence article 1 -o pack.wacz
    npm pack replaywebpage && tar xzf replaywebpage-*.tgz    # unpacks to package/
    python docs/tools/open_evidence.py pack.wacz package/ shot.png

Ends with 1 if the replayed page does not have the title that the pack lists for it. Needs the system's Chromium.
"""

from __future__ import annotations

import argparse
import functools
import html
import json
import shutil
import sys
import tempfile
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from docs.tools.archive_screenshots import FLAGS  # noqa: E402

WAIT = 30_000
"""Milliseconds that ReplayWeb.page has to load the file."""
PAGE = """<!doctype html><body style="margin:0"><script src="ui.js"></script>
<replay-web-page source="pack.wacz" url="{url}" embed="default" style="display:block;height:100vh"></replay-web-page>"""


def listed_page(pack: Path) -> tuple[str, str]:
    """URL and title of the first page that the WACZ file lists."""
    with zipfile.ZipFile(pack) as archive:
        lines = archive.read("pages/pages.jsonl").decode().splitlines()
    first = json.loads(lines[1])  # the first line is a header
    return first["url"], first["title"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("package", type=Path, help="the unpacked npm package replaywebpage")
    parser.add_argument("png", type=Path)
    options = parser.parse_args()
    url, title = listed_page(options.pack)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "replay").mkdir()
        shutil.copy(options.pack, folder / "pack.wacz")
        shutil.copy(options.package / "ui.js", folder)
        shutil.copy(options.package / "sw.js", folder / "replay")  # the service worker that serves the pages
        (folder / "index.html").write_text(PAGE.format(url=html.escape(url)), encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(SimpleHTTPRequestHandler, directory=name))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            shown = page.frame_locator("replay-web-page iframe").frame_locator("iframe").get_by_text(title).first
            try:
                shown.wait_for(timeout=WAIT)
            finally:
                page.screenshot(path=options.png)
            browser.close()
    sys.stdout.write(f"{options.pack}: ReplayWeb.page shows {title!r} at {url}\n")


if __name__ == "__main__":
    main()
