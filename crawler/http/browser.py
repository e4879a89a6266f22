"""Scrapy's settings for sources with `render = true`: their pages through Chromium, and Chromium through the guard."""

from __future__ import annotations

import os
import shutil
from typing import Any

from crawler.config.app import AppConfig
from crawler.exceptions import ConfigurationError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGE_SECONDS = 30
"""Time for a page and its scripts; then what is there is taken."""
HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
SKIPPED_RESOURCE_TYPES = frozenset({"image", "media", "font"})
"""What a text reader has no use for: not asked for, which spares the outlet and us most of the bytes."""


def browser_settings(config: AppConfig, proxy_url: str) -> dict[str, Any]:
    """For the crawler of the rendered sources. Raises ConfigurationError where there is no browser."""
    return {
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": find_browser(config),
            "args": [
                f"--proxy-server={proxy_url}",
                "--proxy-bypass-list=<-loopback>",  # without it loopback is reached directly
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # WebRTC would go around the proxy
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--disable-gpu",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium has no sandbox for root
            ],
        },
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": PAGE_SECONDS * 1000,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_ABORT_REQUEST": is_skipped_resource,
        "CONCURRENT_REQUESTS": 4,  # 380 MB a page
    }


def is_skipped_resource(request: Any) -> bool:
    """Whether the browser's request is for something that is not read."""
    return request.resource_type in SKIPPED_RESOURCE_TYPES


def find_browser(config: AppConfig) -> str:
    """The path of Chromium."""
    if config.chromium:
        if not os.access(config.chromium, os.X_OK):
            raise ConfigurationError("settings", [f"WIREWATCH_CHROMIUM = {config.chromium!r}: no such program"])
        return config.chromium
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise ConfigurationError(
        "sources.toml",
        ["render = true needs Chromium; install it (Debian: apt install chromium) or name it by WIREWATCH_CHROMIUM"],
    )
