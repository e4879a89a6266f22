"""The layout shared by the four outlets: page frame, style sheet and pictures."""

from __future__ import annotations

import zlib
from html import escape

from schedules.demo.outlets import DemoOutlet

COLOURS = {
    "dnipro-ledger": ("#0b4f6c", "Georgia, serif", "#fbfaf7"),
    "coastline-wire": ("#b3261e", "Helvetica, Arial, sans-serif", "#ffffff"),
    "harbour-gazette": ("#1d3b2a", "'Palatino Linotype', Palatino, serif", "#fdfbf3"),
    "lantern-review": ("#7a4b00", "'Book Antiqua', Garamond, serif", "#fffdf8"),
}
"""Accent colour, typeface and background of each outlet."""

DISCLAIMER = (
    "An invented outlet with invented news, bundled with Wirewatch for its demonstration. Nothing here happened."
)


def style(outlet: DemoOutlet) -> str:
    """Return the outlet's style sheet."""
    accent, face, paper = COLOURS[outlet.id]
    return f"""
*{{box-sizing:border-box}}body{{margin:0;font:18px/1.6 {face};background:{paper};color:#1c1c1c}}
a{{color:{accent}}}header.site{{border-bottom:4px double {accent};padding:1.2rem 1rem;text-align:center}}
header.site a{{text-decoration:none;font-size:2.1rem;font-weight:700}}
header.site p{{margin:0;color:#666;font-style:italic}}
nav{{text-align:center;padding:.6rem;font-size:.85rem;border-bottom:1px solid #ddd}}
nav a{{margin:0 .7rem;text-decoration:none}}
.wrap{{max-width:1060px;margin:0 auto;padding:1.5rem 1rem;
display:grid;grid-template-columns:minmax(0,1fr) 280px;gap:2.5rem}}
.wrap.single{{display:block;max-width:740px}}h1{{line-height:1.2;font-size:2rem;margin:.2rem 0 .8rem}}
h2{{font-size:1.25rem;line-height:1.3;margin:0}}.meta,figcaption,.notice,footer{{color:#666;font-size:.85rem}}
figure{{margin:1.2rem 0}}figure img{{width:100%;display:block;border-radius:3px}}.lead{{font-size:1.15rem;color:#333}}
.teaserlist article{{padding:1rem 0;border-bottom:1px solid #ddd}}
.notice{{background:#eee9;padding:.5rem .8rem;border-radius:4px}}
.kg-bookmark-container{{display:block;border:1px solid #ccc;border-radius:6px;padding:1rem;text-decoration:none;
color:inherit}}
.kg-bookmark-title{{font-weight:700}}.kg-bookmark-description{{font-size:.9rem}}
.kg-bookmark-metadata{{font-size:.8rem;color:#666}}
aside{{font-size:.9rem}}aside h3{{border-top:3px solid {accent};padding-top:.4rem}}
form{{background:#eee9;padding:1rem;margin:1rem 0}}
input{{width:100%;padding:.4rem}}button{{margin-top:.5rem;background:{accent};color:#fff;border:0;padding:.5rem 1rem}}
.gallery{{
display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:1rem}}
.wall{{border:2px solid {accent};
padding:1.5rem;text-align:center;margin-top:-3rem;background:{paper};position:relative;box-shadow:0 -40px 40px {paper}}}
footer{{border-top:1px solid #ddd;text-align:center;padding:1.5rem}}
@media(max-width:760px){{.wrap{{grid-template-columns:1fr}}h1{{font-size:1.6rem}}}}
"""


def frame(outlet: DemoOutlet, *, title: str, head: str, body: str, language: str = "en", wide: bool = True) -> str:
    """Return a complete page: head, masthead, navigation, body, footer."""
    direction = ' dir="rtl"' if language == "ar" else ""
    sections = sorted({story.section for story in outlet.stories})
    links = "".join(f'<a href="/section/{escape(s)}">{escape(s.replace("-", " ").title())}</a>' for s in sections)
    return f"""<!DOCTYPE html>
<html lang="{language}"{direction}><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}<style>{style(outlet)}</style></head>
<body><header class="site"><a href="/">{escape(outlet.name)}</a><p>{escape(outlet.motto)}</p></header>
<nav>{links}<a href="/about">About us</a></nav>
<div class="wrap{"" if wide else " single"}">{body}</div>
<footer dir="ltr"><p>{DISCLAIMER}</p></footer></body></html>"""


def demo_picture(name: str) -> str:
    """Return an abstract landscape as SVG, generated from the story's slug."""
    seed = zlib.crc32(name.encode())
    hue, low, sun = seed % 360, 150 + seed % 90, 80 + seed % 560
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 400" width="800" height="400">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl({hue},35%,62%)"/>
<stop offset="1" stop-color="hsl({(hue + 40) % 360},45%,85%)"/></linearGradient></defs>
<rect width="800" height="400" fill="url(#s)"/><circle cx="{sun}" cy="{low - 50}" r="38" fill="#fff8" />
<path d="M0 {low + 60} Q200 {low - 40} 420 {low + 70} T800 {low + 30} V400 H0Z" fill="hsl({hue},25%,38%)"/>
<path d="M0 {low + 130} Q260 {low + 60} 520 {low + 140} T800 {low + 110} V400 H0Z" fill="hsl({hue},28%,24%)"/></svg>"""
