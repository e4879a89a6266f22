"""Render what the outlets publish from `templates/`: pages, with one layout for each outlet, feeds, sitemaps, pictures.

The pages have the extra elements of real ones. Pure.
"""

from __future__ import annotations

import functools
import json
import zlib
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment

from schedules.demo.outlets import DemoOutlet, DemoStory
from schedules.formatting.templates import templates_of

AUDIO_NOTICE = "This audio is created with AI assistance"
DISCLAIMER = (
    "An invented outlet with invented news, bundled with Wirewatch for its demonstration. Nothing here happened."
)


def render_demo(template: str, **values: Any) -> str:
    """Return the file that a template gives."""
    return _environment().get_template(template).render({"language": "en", **values})


@functools.cache
def _environment() -> Environment:
    environment = templates_of("schedules.demo")
    environment.globals |= {"disclaimer": DISCLAIMER, "audio_notice": AUDIO_NOTICE}
    environment.filters |= {
        "crc32": lambda text: zlib.crc32(text.encode()),
        "rfc2822": functools.partial(format_datetime, usegmt=True),
    }
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


def article_page(outlet: DemoOutlet, story: DemoStory, *, edition: int, now: datetime, base: str) -> str:
    """Return the page of a story in an edition; `base` is the outlet's "http://host:port"."""
    published = story.published(now)
    shown = edition if story.restless else story.since  # a restless page has other related links in each edition
    others = [one for one in outlet.printed(shown) if one.slug != story.slug]
    return render_demo(
        f"{outlet.id}.html", outlet=outlet, story=story, edition=edition, now=now, base=base, language=story.language,
        published=published, modified=published + timedelta(minutes=int(story.edited)), at=outlet.local(published),
        url=base + outlet.path_of(story), newest=outlet.printed(edition)[0], related=(others[shown:] + others)[:3],
        json_ld=_json_ld(outlet, story, now, base),
    )  # fmt: skip


def _json_ld(outlet: DemoOutlet, story: DemoStory, now: datetime, base: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "ImageGallery" if story.kind == "gallery" else "NewsArticle",
        "headline": story.title,
        "datePublished": outlet.local(story.published(now)).isoformat(timespec="seconds"),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "articleSection": story.section,
        "keywords": list(story.tags),
        "mainEntityOfPage": base + outlet.path_of(story),
        "isAccessibleForFree": story.kind != "teaser",
    }


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
    version = "https://jsonfeed.org/version/1.1"
    feed = {"version": version, "title": outlet.name, "home_page_url": base + "/", "items": items}
    return json.dumps(feed, ensure_ascii=False)


def demo_picture(name: str) -> str:
    """Return an abstract landscape as SVG, generated from the story's slug."""
    seed = zlib.crc32(name.encode())
    return render_demo("picture.svg", hue=seed % 360, low=150 + seed % 90, sun=80 + seed % 560)
