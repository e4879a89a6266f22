"""Convert the outlets of an OPML file to tables for sources.toml. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.config.opml import Imported, Subscription
from crawler.config.parsing.validation import MAX_LABEL
from crawler.config.source_template import id_for, quoted
from crawler.config.sources import Source
from crawler.urls import host_of
from spiders.autodiscovery.timezones import guess_timezone


def import_tables(imported: Imported, sources: Sequence[Source]) -> tuple[list[str], list[str]]:
    """Return the tables, and one line for each feed that was left out."""
    owner = {seed.url: source.id for source in sources for seed in source.seeds}
    taken = {source.id for source in sources}
    tables: list[str] = []
    left_out = list(imported.left_out)
    for subscription in imported.subscriptions:
        new = [feed for feed in subscription.feeds if feed not in owner]
        left_out += [f"{feed} is already a feed of [{owner[feed]}]" for feed in subscription.feeds if feed in owner]
        if not new:
            continue
        source_id = id_for(subscription.name, subscription.home, taken)
        taken.add(source_id)
        owner |= dict.fromkeys(new, source_id)
        tables.append(_table(source_id, subscription, new))
    return tables, left_out


def _table(source_id: str, subscription: Subscription, feeds: Sequence[str]) -> str:
    timezone, reason = guess_timezone(host_of(subscription.home), subscription.language)
    name = subscription.name if subscription.name != subscription.home else urlsplit(subscription.home).netloc
    lines = [
        f"[{source_id}]",
        f"name = {quoted(name)}",
        f"home = {quoted(subscription.home)}",
        f"feeds = [{', '.join(quoted(feed) for feed in feeds)}]",
    ]
    if subscription.language:
        lines.append(f"language = {quoted(subscription.language)}")
    lines.append(f"timezone = {quoted(timezone)}  # {reason}")
    tags = dict.fromkeys(tag for folder in subscription.folders if (tag := _as_tag(folder)))
    if tags:
        lines.append(f"tags = [{', '.join(quoted(tag) for tag in tags)}]")
    return "\n".join(lines) + "\n"


def _as_tag(folder: str) -> str:
    """The name of a folder as a tag of sources.toml; empty if nothing is left of it."""
    printable = "".join(char if char.isprintable() else " " for char in folder.replace(",", " "))
    return " ".join(printable.split())[:MAX_LABEL].strip()
