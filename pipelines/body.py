"""The article's text as blocks that keep their kind: which box of the page holds it, and what in it is not the article.

The box: from the outermost one down, into whichever child holds nearly all the running text, until none does. What in
it is not the article goes by three signs, in this order: what the markup calls it (class and id words, `_FOREIGN`),
what it consists of (links), and what it says (`furniture.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timezone, tzinfo
from typing import NamedTuple

from lxml import etree

from crawler.model import Block
from pipelines import furniture, leads, liveblogs
from pipelines.document import Document
from pipelines.flow import GOOD, Box, Flow, Unit

DISCUSSION = frozenset(
    "comment comments commentlist disqus kommentar kommentare commentaires comentarios respond discussion".split()
)
"""Words that say that readers speak."""
_STRONG = DISCUSSION | frozenset(
    """opinary nav footer cookie cookies consent onetrust cmp newsletter newsletters outbrain taboola recirc mostread
    webpush""".split()
)
"""Words that are believed however much text stands below them, unless the headline does too."""
_FOREIGN = _STRONG | frozenset(
    """aside form related relateds recommended recommendation recommendations recirculation readmore morefrom sidebar
    breadcrumb breadcrumbs share sharing sharebar social advert adverts advertisement advertising ad ads anzeige sponsored
    sponsor teaser teasers promo promos promotion promobox trending popular caption captions credit credits copyright byline
    bylines author authors bio tags toolbar navigation navbar menu carousel slideshow gallery player subscribe subscription
    signup login register registration toc poll popup modal overlay bookmark card cards thumbnail widget widgets tooltip
    metadata dateline
    timestamp kicker disclaimer correction donate donation feedback hashtag hashtags notification embed audio
    video podcast ticker linklist topics infobox""".split()
)
"""Words of class and id, and names of elements, that say "not the article's own text"."""
_BODY_NAMES = tuple(
    frozenset(names.split())
    for names in (
        "articlebody", "article body", "article content", "article text", "entry content", "post content", "post body",
        "story body", "story content", "story text", "news text", "news body", "content body", "rich text", "richtext",
        "bodytext", "maincontent",
    )
)  # fmt: skip
"""Words that together name the place of an article's text, in the markup of common content systems."""
HINTED = 0.4
"""Share of the running text from which a box so named is believed to be the article where no child is dominant."""
_NEVER = frozenset({"body", "main", "html", "article"})
MAIN_SHARE = 0.4
"""A box that holds more than this share of the page's running text is not pruned by its name: names lie ("no-sidebar",
"article-with-comments")."""
WHOLE = 400
"""Characters of running text around the headline from which an article is there, and a box elsewhere on the page is what
its name says, however much it holds."""
DOMINANT = 0.8
"""Share of a box's running text that one child must hold for the article to be in that child alone."""


class Body(NamedTuple):
    """What `read_body` returns."""

    blocks: tuple[Block, ...]
    lead: str | None
    witness: str


def read_body(
    document: Document,
    title: str | None,
    zone: tzinfo = timezone.utc,
    *,
    within: Sequence[etree._Element] = (),
    lead: str | None = None,
) -> Body:
    """The article's blocks. Empty where the page holds no running text.

    `zone`: the source's, for the times of live blogs. `within`: what a selector of the source found; nothing else is
    read then. `lead`: what another selector found; it is not repeated in the blocks.
    """
    flow, units = _of_elements(within) if within else _of_page(document)
    kept = furniture.without(units, title, (document.html_lang or "en")[:2].lower())
    if lead is None:
        unit = leads.find_lead(document, flow.units, kept, title)
        kept, lead = [other for other in kept if other is not unit], unit.text if unit else None
    else:
        kept = [unit for unit in kept if unit.text != lead]
    blocks = liveblogs.with_entries(document, kept, zone)
    if blocks is None:
        blocks = tuple(Block(text=unit.text, kind=unit.kind) for unit in kept)
    flow.release()
    return Body(blocks, lead, "selector" if within else "dom")


def _of_page(document: Document) -> tuple[Flow, list[Unit]]:
    element = document.root.find("body")
    flow = Flow(document.root if element is None else element)
    pruned = _foreign(flow.root)
    main = _main(flow.root, pruned)
    return flow, [unit for unit in flow.units if _within(unit.box, main) and not _under(unit.box, pruned, main)]


def _of_elements(elements: Sequence[etree._Element]) -> tuple[Flow, list[Unit]]:
    """The text of the elements that a selector found, and the flow of the last of them; nested ones count once."""
    known = set(elements)
    outermost = [element for element in elements if known.isdisjoint(element.iterancestors())]
    flows = [Flow(element) for element in outermost]
    flows[-1].units = [unit for flow in flows for unit in flow.units]
    for flow in flows[:-1]:
        flow.release()
    return flows[-1], flows[-1].units


def _boxes(box: Box) -> Iterator[Box]:
    yield box
    for child in box.children:
        yield from _boxes(child)


def _foreign(root: Box) -> set[Box]:
    """The boxes that are not the article by their name."""
    found: set[Box] = set()
    boxes = list(_boxes(root))
    headline = {up for box in boxes if box.tag == "h1" for up in _upwards(box)}
    named = [box for box in boxes if box.words and box.tag not in _NEVER and not _FOREIGN.isdisjoint(box.words)]
    for box in named:
        if (
            not _STRONG.isdisjoint(box.words)
            and box not in headline
            and (box.weight < 0.9 * root.weight or _is_discussion(box, root, headline))
            and not _within_any(box, found)
        ):
            found.add(box)
    total = root.weight - sum(box.weight for box in found)
    # Boxes of one name are judged together: an article may be made of many "cards".
    alike: dict[frozenset[str], float] = {}
    for box in named:
        alike[box.words] = alike.get(box.words, 0.0) + box.weight
    with_text = [box for box in headline if box.weight >= WHOLE]
    for box in named:
        share = alike[box.words] if len(box.words) > 1 else box.weight
        apart = box not in headline and any(not _within(box, other) and not _within(other, box) for other in with_text)
        if (share <= MAIN_SHARE * total or apart) and not _within_any(box, found):
            found.add(box)
    return found


def _is_discussion(box: Box, root: Box, headline: set[Box]) -> bool:
    """Whether readers speak below a short article that has a headline and a text of its own."""
    return bool(headline) and not DISCUSSION.isdisjoint(box.words) and root.weight - box.weight >= GOOD


def _upwards(box: Box | None) -> Iterator[Box]:
    while box is not None:
        yield box
        box = box.parent


def _within_any(box: Box, boxes: Iterable[Box]) -> bool:
    up: Box | None = box
    while up is not None:
        if up in boxes:
            return True
        up = up.parent
    return False


def _main(root: Box, pruned: set[Box]) -> Box:
    """The smallest box that holds nearly all the running text."""
    weights = _net_weights(root, pruned)
    box = root
    hints = [_says_body, _says_article]
    while weights.get(box):
        best = max(box.children, key=lambda child: weights.get(child, 0.0), default=None)
        if best is None:
            break
        if weights.get(best, 0.0) < DOMINANT * weights[box]:
            best = _hinted(box, weights, hints)
        if best is None or not _divisible(best):
            break
        box = best
        # Within what says that it is the text, nothing else can say so better.
        hints = [said for said in hints if not said(box)] if not _says_body(box) else []
    return box


def _hinted(box: Box, weights: dict[Box, float], hints: Sequence[Callable[[Box], bool]]) -> Box | None:
    """The box below that says it is the article and holds a good part of the text; of several, what encloses them."""
    for said in hints:
        outermost: list[Box] = []
        for below in _boxes(box):
            if (
                below is not box
                and weights.get(below)
                and said(below)
                and not (outermost and _within(below, outermost[-1]))
            ):
                outermost.append(below)
        together = sum(weights[below] for below in outermost)
        if not outermost or together < HINTED * weights[box]:
            continue
        largest = max(outermost, key=lambda below: weights[below])
        if weights[largest] >= DOMINANT * together:
            return largest
        enclosing = _enclosing(outermost)
        return enclosing if enclosing is not box else None
    return None


def _enclosing(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of them."""
    common = list(_upwards(boxes[0]))
    for box in boxes[1:]:
        ups = set(_upwards(box))
        common = [up for up in common if up in ups]
    return common[0]


def _says_body(box: Box) -> bool:
    return "articleBody" in (box.element.get("itemprop") or "") or any(names <= box.words for names in _BODY_NAMES)


def _says_article(box: Box) -> bool:
    return box.tag in {"article", "main"}


def _divisible(box: Box) -> bool:
    """Whether the box holds several blocks: a paragraph is not a place where an article is."""
    return box.tag not in {"p", "li", "blockquote", "pre", "td", "h1", "h2", "h3"} and (
        len(box.children) > 0 or len(box.units) > 1
    )


def _net_weights(root: Box, pruned: set[Box]) -> dict[Box, float]:
    weights: dict[Box, float] = {}
    _add_net(root, pruned, weights)
    return weights


def _add_net(box: Box, pruned: set[Box], weights: dict[Box, float]) -> float:
    if box in pruned:
        return 0.0
    own = box.weight - sum(child.weight for child in box.children)
    net = weights[box] = own + sum(_add_net(child, pruned, weights) for child in box.children)
    return net


def _within(box: Box, main: Box) -> bool:
    up: Box | None = box
    while up is not None and up.depth >= main.depth:
        if up is main:
            return True
        up = up.parent
    return False


def _under(box: Box, pruned: set[Box], main: Box) -> bool:
    up: Box | None = box
    while up is not None and up is not main:
        if up in pruned:
            return True
        up = up.parent
    return False
