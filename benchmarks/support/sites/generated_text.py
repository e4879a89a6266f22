"""Generated news pages for use without the corpus: each has its own text, and navigation, scripts and metadata.

Page N always has the same bytes. The pages are smaller (about 30 KB) and simpler than real ones, so figures measured on them
mean less; programs that print figures also print which pages they used.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PLACES = "Aldmoor Brennick Calder Dunvale Estermoor Farrow Greyhaven Hollin Istvan Jarrow Kelderby Lomond".split()
WHO = "engineers farmers ministers nurses drivers inspectors volunteers traders teachers officers pilots".split()
DID = "repaired counted refused inspected delivered rebuilt reported blocked crossed opened questioned".split()
WHAT = "bridges convoys ballots pipelines harvests tunnels registers stations contracts wells archives ships".split()
WHY = "before winter,after the talks,without orders,under new rules,for the third time,despite the rain".split(",")
PADDING = 20_000
"""Bytes of script, which the extractor must skip; real pages consist mostly of scripts (170 to 320 KB on average)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """An article page as it is served."""

    id: str
    title: str
    html: bytes


def page(number: int) -> ServedPage:
    """The page with this number."""
    rng = random.Random(number)
    title = f"{rng.choice(PLACES)} {rng.choice(WHO)} {rng.choice(DID)} {number} {rng.choice(WHAT)}"
    paragraphs = "\n".join(f"<p>{_paragraph(rng, number)}</p>" for _ in range(rng.randint(6, 14)))
    script = f"var layout={[rng.randint(0, 9) for _ in range(PADDING // 3)]};"
    links = "".join(f'<li><a href="/section/{place.lower()}">{place}</a></li>' for place in PLACES)
    html = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} - Generated Post</title>
<meta property="og:title" content="{title}"><meta property="article:published_time"
content="2026-03-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00Z"><meta name="author" content="{_name(rng)}">
<script>{script}</script></head><body><nav><ul>{links}</ul></nav><main><article><h1>{title}</h1>
<p class="byline">By {_name(rng)}</p>{paragraphs}</article></main><footer><p>Generated for a benchmark.</p></footer>
</body></html>"""
    return ServedPage(id=f"generated-{number}", title=title, html=html.encode())


def _name(rng: random.Random) -> str:
    return f"{rng.choice('Ada Bram Cleo Dov Elin Finn'.split())} {rng.choice('Marsh Okoro Lindt Vance Sorel'.split())}"


def _paragraph(rng: random.Random, number: int) -> str:
    sentences = [
        f"In {rng.choice(PLACES)}, {rng.choice(WHO)} {rng.choice(DID)} {rng.randint(2, 9000)} {rng.choice(WHAT)} "
        f"{rng.choice(WHY)}, according to report {number}-{rng.randint(1, 999)}."
        for _ in range(rng.randint(2, 4))
    ]
    return " ".join(sentences)
