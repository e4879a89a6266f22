"""Render home pages, listings and the pages that replace an article: challenge, gone, not found."""

from __future__ import annotations

from datetime import datetime
from html import escape

from schedules.demo.layout import frame
from schedules.demo.outlets import DemoOutlet


def listing(outlet: DemoOutlet, edition: int, now: datetime, base: str, *, section: str | None = None) -> str:
    """Return the page that lists the stories of an edition or a section, newest first, with their first words."""
    stories = [s for s in outlet.printed(edition) if section in (None, s.section)]
    entries = "".join(
        f'<article class="post-card"><p class="meta">{escape(s.section.replace("-", " "))} · '
        f"{outlet.local(s.published(now)):%H:%M}</p>"
        f'<h2><a href="{escape(outlet.link_of(s))}">{escape(s.title)}</a></h2>'
        f"<p>{escape(s.lead or (s.paragraphs[0][:120] if s.paragraphs else ''))}</p></article>"
        for s in stories
    )
    seeds = "".join(f'<link rel="alternate" type="{_media(path)}" href="{base}{path}">' for path in outlet.feeds)
    more = f'<p><a href="{outlet.listing}">All stories</a></p>' if outlet.listing else ""
    body = f'<main class="teaserlist">{entries}{more}</main>'
    return frame(outlet, title=outlet.name, head=f'<base href="/">{seeds}', body=body, wide=False)


def _media(path: str) -> str:
    if path.endswith(".json"):
        return "application/feed+json"
    return "application/atom+xml" if "atom" in path else "application/rss+xml"


def notice(outlet: DemoOutlet, heading: str, sentence: str) -> str:
    """Return a page with one sentence."""
    body = f"<main><h1>{escape(heading)}</h1><p>{escape(sentence)}</p></main>"
    return frame(outlet, title=f"{heading} - {outlet.name}", head="", body=body, wide=False)


def challenge(outlet: DemoOutlet) -> str:
    """Return the page that a bot wall shows instead of an article."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Just a moment...</title>'
        '<meta http-equiv="refresh" content="30"></head><body style="font-family:sans-serif;text-align:center">'
        f"<h1>Checking your browser</h1><p>{escape(outlet.name)} needs to review the security of your connection "
        "before proceeding. Verify you are human.</p>"
        '<div id="challenge-form" class="captcha">&#9744; I am not a robot</div>'
        "<noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
    )
