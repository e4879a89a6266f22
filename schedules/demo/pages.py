"""Render the pages of the outlets, with one layout for each and the extra elements of real pages. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

from schedules.demo.layout import frame
from schedules.demo.outlets import GAZETTE, LANTERN, LEDGER, WIRE, DemoOutlet
from schedules.demo.story import DemoStory

AUDIO_NOTICE = "This audio is created with AI assistance"
READ_ON = "Subscribe to read the whole story"


def article_page(outlet: DemoOutlet, story: DemoStory, *, edition: int, now: datetime, base: str) -> str:
    """Return the page of a story in an edition; `base` is the outlet's "http://host:port"."""
    layouts: dict[str, Callable[[DemoStory, int, datetime, str], str]] = {
        LEDGER.id: _ledger,
        WIRE.id: _wire,
        GAZETTE.id: _gazette,
        LANTERN.id: _lantern,
    }
    return layouts[outlet.id](story, edition, now, base)


def body_html(story: DemoStory) -> str:
    """Return the paragraphs as HTML, also for full-content feeds, with any card before the last one."""
    parts = [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs]
    if story.card:
        parts.insert(len(parts) - 1, _card(story))
    return "\n".join(parts)


def _card(story: DemoStory) -> str:
    card = story.card
    assert card is not None
    return f"""<figure class="kg-card kg-bookmark-card">
<a class="kg-bookmark-container" href="/reactor-shelter-damaged/">
<div class="kg-bookmark-content"><div class="kg-bookmark-title">{escape(card.title)}</div>
<div class="kg-bookmark-description">{escape(card.description)}</div>
<div class="kg-bookmark-metadata"><span class="kg-bookmark-author">{LEDGER.name}</span>
<span class="kg-bookmark-publisher">{escape(card.author)}</span></div></div></a></figure>"""


def _figure(story: DemoStory) -> str:
    if not story.caption:
        return ""
    return f"""<figure class="kg-card kg-image-card"><img src="/img/{story.slug}.svg" alt="" width="800" height="400">
<figcaption>{escape(story.caption)}</figcaption></figure>"""


def _related(outlet: DemoOutlet, story: DemoStory, edition: int) -> str:
    """Return links to other stories; on a restless page they differ in each edition."""
    shown = edition if story.restless else story.since
    others = [s for s in outlet.printed(shown) if s.slug != story.slug]
    chosen = (others[shown:] + others)[:3]
    return "".join(f'<li><a href="{escape(outlet.link_of(s))}">{escape(s.title)}</a></li>' for s in chosen)


def _form(label: str) -> str:
    return f"""<form action="/subscribe" method="post"><label>{escape(label)}</label>
<p>Enter your email to subscribe</p>
<input type="email" name="email" placeholder="you@example.org"><p class="meta">* indicates required</p>
<button>Subscribe</button></form>"""


def _updated(story: DemoStory, edition: int) -> str:
    return f"Updated {5 * edition} minutes ago · " if story.restless else ""


def visible_time(at: datetime) -> str:
    """Return the time as outlets print it, without an offset: "February 14, 2025 1:11 PM"."""
    return f"{at:%B} {at.day}, {at.year} {at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def _ledger(story: DemoStory, edition: int, now: datetime, base: str) -> str:
    at = LEDGER.local(story.published(now))
    minutes = 1 + len(story.paragraphs) // 5 + (edition if story.restless else 0)
    by = " and ".join(escape(name) for name in story.authors)
    newest = LEDGER.printed(edition)[0]
    head = f"""<link rel="canonical" href="{base}/{story.slug}/"><meta property="og:site_name" content="{LEDGER.name}">
<meta property="og:type" content="article"><meta property="og:title" content="{escape(story.title)}">
<meta property="og:image" content="{base}/img/{story.slug}.svg">
<link rel="alternate" type="application/rss+xml" title="{LEDGER.name}" href="{base}{LEDGER.feeds[0]}">"""
    body = f"""<main><a href="#content" class="meta">Skip to content</a><article class="post" id="content">
<h1 class="post-title">{escape(story.title)}</h1><div class="post-meta meta"><span class="byline">by {by}</span>
<span class="post-time">{visible_time(at)}</span>
<span class="read">{_updated(story, edition)}{minutes} min read</span></div>
{_figure(story)}<div class="notice audio">{AUDIO_NOTICE}</div>
{f'<p class="lead">{escape(story.lead)}</p>' if story.lead else ""}
<section class="gh-content post-content">{body_html(story)}</section></article></main>
<aside><h3>News Feed</h3><p class="meta">{LEDGER.local(now):%H:%M}</p><h2>
<a href="/{newest.slug}/">{escape(newest.title)}</a></h2>
<p>{escape(newest.paragraphs[0])}</p><p><a href="{LEDGER.listing}">MORE NEWS</a></p>
<h3>Editors' Picks</h3><ul>{_related(LEDGER, story, edition)}</ul>
{_form("Ledger Daily")}{_form("Explaining the River with Olha Marchenko")}
<p class="meta">Successfully subscribed. Thank you for signing up. We have sent you a confirmation email.</p></aside>"""
    return frame(LEDGER, title=f"{story.title} - {LEDGER.name}", head=head, body=body, language=story.language)


def _wire(story: DemoStory, edition: int, now: datetime, base: str) -> str:
    published = story.published(now)
    modified = published + timedelta(minutes=1) if story.edited else published
    head = f"""<link rel="canonical" href="{base}/report/{story.slug}">
<meta property="article:published_time" content="{published:%Y-%m-%dT%H:%M:%SZ}">
<meta property="article:modified_time" content="{modified:%Y-%m-%dT%H:%M:%SZ}">
<meta property="og:title" content="{escape(story.title)}"><meta property="og:site_name" content="{WIRE.name}">
<meta name="author" content="{escape("; ".join(story.authors) or WIRE.name)}">"""
    by = " and ".join(escape(name) for name in story.authors)
    body = f"""<main><article><p class="meta">{escape(story.section.upper())}</p><h1>{escape(story.title)}</h1>
{f'<p class="lead">{escape(story.lead)}</p>' if story.lead else ""}
<p class="meta">{f'By <span class="author">{by}</span> · ' if by else ""}
<time datetime="{published:%Y-%m-%dT%H:%M:%SZ}">
{published.day} {published:%B %Y, %H:%M} GMT</time> · {_updated(story, edition)}{len(story.paragraphs)} min read</p>
<div class="report-body">{body_html(story)}</div>
<p class="meta">Reporting by {by or "the markets desk"}; editing by M. Sand</p>
</article><section><h3>Related topics</h3><ul>{_related(WIRE, story, edition)}</ul></section></main>"""
    title = f"{story.title} | {WIRE.name}"
    return frame(WIRE, title=title, head=head, body=body, language=story.language, wide=False)


def _gazette(story: DemoStory, edition: int, now: datetime, base: str) -> str:
    at = GAZETTE.local(story.published(now))
    url = base + GAZETTE.path_of(story)
    data = {
        "@context": "https://schema.org",
        "@type": "ImageGallery" if story.kind == "gallery" else "NewsArticle",
        "headline": story.title,
        "datePublished": at.isoformat(timespec="seconds"),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": GAZETTE.name},
        "articleSection": story.section,
        "keywords": list(story.tags),
        "mainEntityOfPage": url,
        "isAccessibleForFree": story.kind != "teaser",
    }
    head = f"""<link rel="canonical" href="{url}"><meta property="og:title" content="{escape(story.title)}">
<meta property="og:site_name" content="{GAZETTE.name}">
<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>"""
    body = f"""<main><article><h1>{escape(story.title)}</h1><p class="meta">By {escape(", ".join(story.authors))} ·
{at.day} {at:%B %Y, %H:%M} · {_updated(story, edition)}Share · Print</p>
{_figure(story)}{_gazette_body(story)}</article></main>
<aside><h3>Most read</h3>
<ol>{_related(GAZETTE, story, edition)}</ol>{_form("The Tide Table, our morning letter")}</aside>"""
    return frame(GAZETTE, title=f"{story.title} – {GAZETTE.name}", head=head, body=body, language=story.language)


def _gazette_body(story: DemoStory) -> str:
    if story.kind == "gallery":
        images = "".join(f'<img src="/img/{story.slug}-{n}.svg" alt="" width="400" height="200">' for n in range(9))
        return f'<div class="gallery">{images}</div>'
    if story.kind == "teaser":
        return f"""<div class="article-body">{body_html(story).splitlines()[0]}</div><div class="wall paywall">
<h2>{READ_ON}</h2>
<p>Already a subscriber? <a href="/login">Log in</a>. Four weeks for one euro.</p>
<button>Subscribe now</button></div>"""
    return f'<div class="article-body">{body_html(story)}</div>'


def _lantern(story: DemoStory, edition: int, now: datetime, base: str) -> str:
    at = LANTERN.local(story.published(now))
    by = " and ".join(story.authors)
    lead = f"<p><b>{escape(story.lead)}</b></p>" if story.lead else ""
    body = f"""<div id="story"><h1>{escape(story.title)}</h1>
<div class="meta">{"" if story.language == "ar" else "By "}{escape(by)}, {at.day} {at:%B %Y, %H:%M}</div>{lead}
<div class="text">{body_html(story)}</div></div>
<hr><p class="meta">{_updated(story, edition)}Read also:</p><ul>{_related(LANTERN, story, edition)}</ul>
<p class="meta"><a href="{base}/archive.html">All stories</a> | <a href="/about">Write to us</a></p>"""
    title = f"{LANTERN.name}: {story.title}"
    return frame(LANTERN, title=title, head="", body=body, language=story.language, wide=False)


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
