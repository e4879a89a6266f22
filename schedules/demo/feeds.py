"""Render RSS, Atom, JSON Feed, news sitemaps and robots.txt. Pure."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from schedules.demo.outlets import DemoOutlet
from schedules.demo.pages import body_html
from schedules.demo.story import DemoStory


def rss_feed(outlet: DemoOutlet, edition: int, now: datetime, base: str) -> str:
    """Return RSS 2.0 with the full content of each story, as Ghost sends it."""
    items = []
    for story in outlet.printed(edition):
        guid = f"{zlib.crc32(story.slug.encode()):08x}{zlib.crc32(outlet.id.encode()):08x}"
        creators = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in story.authors)
        tags = "".join(f"<category>{escape(tag)}</category>" for tag in story.tags)
        items.append(
            f"<item><title>{escape(story.title)}</title><link>{base}{outlet.path_of(story)}</link>"
            f'<guid isPermaLink="false">{guid}</guid>{creators}{tags}'
            f"<pubDate>{format_datetime(story.published(now), usegmt=True)}</pubDate>"
            f"<description>{escape(story.lead or story.paragraphs[0])}</description>"
            f"<content:encoded><![CDATA[{body_html(story)}]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0"><channel>'
        f"<title>{escape(outlet.name)}</title><description>{escape(outlet.motto)}</description><link>{base}/</link>"
        f"<ttl>5</ttl>{''.join(items)}</channel></rss>"
    )


def atom_feed(outlet: DemoOutlet, edition: int, now: datetime, base: str) -> str:
    """Return Atom with summaries; its links have tracking parameters."""
    entries = []
    for story in outlet.printed(edition):
        at = f"{story.published(now):%Y-%m-%dT%H:%M:%SZ}"
        names = "".join(f"<author><name>{escape(name)}</name></author>" for name in story.authors)
        entries.append(
            f"<entry><title>{escape(story.title)}</title><link href={quoteattr(base + outlet.link_of(story))}/>"
            f"<id>tag:coastline.example,2026:{story.slug}</id><published>{at}</published><updated>{at}</updated>"
            f"{names}<summary>{escape(story.lead or story.paragraphs[0])}</summary></entry>"
        )
    newest = outlet.printed(edition)[0].published(now)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(outlet.name)}</title>'
        f"<id>{base}/</id><updated>{newest:%Y-%m-%dT%H:%M:%SZ}</updated><link href={quoteattr(base + '/')}/>"
        f"{''.join(entries)}</feed>"
    )


def json_feed(outlet: DemoOutlet, edition: int, now: datetime, base: str) -> str:
    """Return JSON Feed 1.1 with the three newest stories of the Atom feed, without tracking parameters."""
    items = [
        {
            "id": story.slug,
            "url": base + outlet.path_of(story),
            "title": story.title,
            "content_text": "\n\n".join(story.paragraphs),
            "date_published": story.published(now).isoformat(timespec="seconds"),
            "authors": [{"name": name} for name in story.authors],
            "tags": list(story.tags),
        }
        for story in outlet.printed(edition)[:3]
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": base + "/",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False)


def sitemap_index(base: str) -> str:
    """Return a sitemap index with one gzipped news sitemap."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{base}/news-sitemap.xml.gz</loc></sitemap></sitemapindex>"
    )


def news_sitemap(outlet: DemoOutlet, edition: int, now: datetime, base: str) -> str:
    """Return a news sitemap with every published story."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"{''.join(_sitemap_url(outlet, story, now, base) for story in outlet.printed(edition))}</urlset>"
    )


def _sitemap_url(outlet: DemoOutlet, story: DemoStory, now: datetime, base: str) -> str:
    at = outlet.local(story.published(now)).isoformat(timespec="seconds")
    return (
        f"<url><loc>{escape(base + outlet.path_of(story))}</loc><lastmod>{at}</lastmod><news:news><news:publication>"
        f"<news:name>{escape(outlet.name)}</news:name><news:language>{story.language}</news:language></news:publication>"
        f"<news:publication_date>{at}</news:publication_date><news:title>{escape(story.title)}</news:title></news:news></url>"
    )


def robots(outlet: DemoOutlet, base: str) -> str:
    """Return robots.txt, which disallows forms and names the sitemaps."""
    lines = ["User-agent: *", "Disallow: /subscribe", "Disallow: /login", ""]
    return "\n".join(lines + [f"Sitemap: {base}{path}" for path in outlet.sitemaps]) + "\n"
