"""Choose the nodes that are not article text because of their class and id: related links, newsletters, comments.

Names lie ("no-sidebar", "article-with-comments"), so a name never removes a large part of the page without further
evidence, and an id counts less than a class.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipelines.content.main_block import (
    DOMINANT,
    LINKED,
    WHOLE_PAGE_SHARE,
    has_body_name,
    is_within,
    nodes_below,
    paragraphs,
    upwards,
)
from pipelines.html.class_names import class_words
from pipelines.html.document import GOOD, fold_text
from pipelines.html.text_flow import OUTERMOST, BlockNode

DISCUSSION = frozenset(
    "comment comments commentlist disqus kommentar kommentare commentaires comentarios respond discussion".split()
)
"""Words for comments of readers."""
NEVER_TEXT = DISCUSSION | frozenset("footer cookie cookies consent onetrust cmp".split())
"""Words for comments and for notices below a page."""
_STRONG = NEVER_TEXT | frozenset("opinary nav newsletter newsletters outbrain taboola recirc mostread webpush".split())
"""Words that remove a node of any size, unless it contains the headline."""
_FOREIGN = _STRONG | frozenset(
    """aside form related relateds recommended recommendation recommendations recirculation readmore morefrom sidebar
    breadcrumb breadcrumbs share sharing sharebar social advert adverts advertisement advertising ad ads anzeige sponsored
    sponsor teaser teasers promo promos promotion promobox trending popular caption captions figcaption credit credits copyright
    byline bylines author authors bio tags toolbar navigation navbar menu carousel slideshow gallery player subscribe subscription
    signup login register registration toc poll popup modal overlay bookmark card cards thumbnail widget widgets tooltip
    metadata dateline
    timestamp kicker disclaimer correction donate donation feedback hashtag hashtags notification embed audio
    video podcast ticker linklist topics infobox""".split()
)
"""Words in class and id, and element names, of nodes without article text."""
_OWN_CARDS = frozenset({"callout", "toggle", "accordion"})
"""Cards that contain article text (Ghost's "kg-callout-card")."""
_CARDS = frozenset({"card", "cards"})
MAIN_SHARE = 0.4
"""Largest share of the page's running text that a weak class word removes."""
STRONG_SHARE = 0.6
"""Largest share that a strong class word removes; comments and footers may hold more."""
ID_SHARE = 0.15
"""Largest share that a word in an id removes. An id may be a slug, a counter or a name of a page builder."""
ARTICLE_PARAGRAPHS = 3
"""Paragraphs of an article below which another one with an h2 may be a section of it."""

MIN_EVIDENCE = 2
"""Of three signs of another article: an article element, an h1, the words of a node around the headline."""
MIN_TEASERS = 3
"""Boxes of one kind that make a list of other articles."""
MAX_TEASER, MAX_TEASER_PARAGRAPHS, MIN_TEASER_TITLE = 600, 2, 12
"""Characters and paragraphs of a teaser, and characters of its linked headline."""
MAX_TEASER_SHARE = 0.6
"""Largest share of the page's running text in a list of teasers. If it holds more, the list is the page."""


class Pruned(NamedTuple):
    """The nodes without article text."""

    nodes: frozenset[BlockNode]
    weak: frozenset[BlockNode]
    """Those that were removed because of weak class words."""
    others: frozenset[BlockNode] = frozenset()
    """Those with comments of readers or further articles."""


def pruned_nodes(every: Sequence[BlockNode], host: str | None = None, titles: Collection[str] = frozenset()) -> Pruned:
    """The nodes of a page that are not article text by their names, further articles below the first one, and lists of teasers.

    `every`: all nodes in page order. `host`: the page's; links of teasers lead to other pages of it.
    `titles`: keys of the article's headlines.
    """
    root = every[0]
    headline = {up for node in every if node.tag == "h1" for up in upwards(node)}
    others = set(_further_articles(every, titles))
    found: set[BlockNode] = {*others, *_teasers(every, root, headline, host), *_boxes_of_forms(every, root, headline)}
    named = [node for node in every if node.words and node.tag not in OUTERMOST and _is_foreign(node.words)]
    for node in named:
        if (
            not _STRONG.isdisjoint(node.words)
            and _is_removed_strongly(node, root, headline)
            and not _is_in(node, found)
        ):
            found.add(node)
            if not DISCUSSION.isdisjoint(node.words):
                others.add(node)
    total = root.weight - sum(node.weight for node in found)
    # Nodes with the same words are judged together: an article may consist of many "cards".
    alike: dict[frozenset[str], int] = {}
    for node in named:
        alike[node.words] = alike.get(node.words, 0) + node.weight
    around_headline = [node for node in headline if node.weight >= WHOLE_PAGE_SHARE]
    headline_classes = {(node.tag, node.classes) for node in headline}
    weak: set[BlockNode] = set()
    body_class = _class_of_body(every)
    for node in named:
        if node.weight:
            if _STRONG.isdisjoint(node.words) and (_is_article(node, headline) or _holds_body(node, body_class)):
                continue
            if node not in headline and _is_like_headline_node(node, headline, headline_classes):
                continue
        share = alike[node.words] if len(node.words) > 1 else node.weight
        limit = ID_SHARE if _is_foreign_by_id_only(node) else MAIN_SHARE
        separate = share <= limit * total or (node not in headline and _is_beside(node, around_headline))
        if separate and not _is_in(node, found):
            found.add(node)
            weak.add(node)
    if around_headline and total - sum(node.weight for node in weak) < WHOLE_PAGE_SHARE:
        # Names that leave no article are wrong about the box of the headline.
        article = max(around_headline, key=lambda node: node.depth)
        inside = {node for node in weak if is_within(node, article) and node.weight >= DOMINANT * max(node.text, GOOD)}
        found -= inside
        weak -= inside
    return Pruned(frozenset(found), frozenset(weak), frozenset(others))


def _is_like_headline_node(
    node: BlockNode, headline: Collection[BlockNode], headline_classes: Collection[tuple[str, str | None]]
) -> bool:
    """Whether a node is most of a node with the class of one around the headline: a further part of the text."""
    return any(
        up not in headline
        and (up.tag, up.classes) in headline_classes
        and up.classes
        and node.weight >= DOMINANT * up.weight > 0
        for up in upwards(node)
    )


def _is_beside(node: BlockNode, around_headline: list[BlockNode]) -> bool:
    """Whether another node holds the headline and a text of its own."""
    return any(not is_within(node, other) and not is_within(other, node) for other in around_headline)


def _is_removed_strongly(node: BlockNode, root: BlockNode, headline: Collection[BlockNode]) -> bool:
    if node in headline:
        return False
    limit = (
        ID_SHARE
        if _is_foreign_by_id_only(node) and DISCUSSION.isdisjoint(node.words)
        else 0.9
        if not NEVER_TEXT.isdisjoint(node.words)
        else STRONG_SHARE
    )
    return node.weight < limit * root.weight or _is_discussion(node, root, headline)


@lru_cache(maxsize=20_000)
def _is_foreign(words: frozenset[str]) -> bool:
    return not _FOREIGN.isdisjoint(words - {"card"} if "card" in words and not _OWN_CARDS.isdisjoint(words) else words)


def _is_foreign_by_id_only(node: BlockNode) -> bool:
    return bool(node.identifier) and node.tag not in _FOREIGN and not _is_foreign(class_words(node.classes, None))


def _is_article(node: BlockNode, headline: Collection[BlockNode]) -> bool:
    """Whether a node is the article although it has a foreign word.

    It holds the headline and a text ("with-sidebar"), or another word names the article and it holds running text and
    little else ("post-content video").
    """
    if node in headline:
        return node.weight >= WHOLE_PAGE_SHARE
    if not node.links and not _CARDS.isdisjoint(node.words) and node.text >= 2 * GOOD:
        return True  # a card without links points to nothing else
    return has_body_name(node) and node.weight >= max(WHOLE_PAGE_SHARE, DOMINANT * node.text)


def _class_of_body(every: Sequence[BlockNode]) -> str | None:
    """The class of the nodes that are named as the article text; of several, the one with the most text."""
    weights: dict[str, int] = {}
    for node in every:
        if node.weight and has_body_name(node) and (classes := node.classes):
            weights[classes] = weights.get(classes, 0) + node.weight
    return max(weights, key=lambda classes: weights[classes], default=None)


def _holds_body(node: BlockNode, body_class: str | None) -> bool:
    """Whether most of a node consists of nodes with the class of the article text."""
    if body_class is None or not node.weight:
        return False
    parts = (below.weight for below in nodes_below(node) if below.classes == body_class)
    return sum(parts) >= DOMINANT * node.weight


def _is_discussion(node: BlockNode, root: BlockNode, headline: Collection[BlockNode]) -> bool:
    """Whether a node holds long comments below a short article with a headline."""
    return bool(headline) and not DISCUSSION.isdisjoint(node.words) and root.weight - node.weight >= GOOD


def _further_articles(every: Sequence[BlockNode], titles: Collection[str]) -> Iterator[BlockNode]:
    """Nodes with the headline and the text of another article, beside the node with those of the article of the page.

    They are <article> elements with an h1, or nodes of the same kind as one around the article's headline.
    """
    headings = [node for node in every if node.tag in {"h1", "h2"} and node.runs]
    largest = [node for node in headings if node.tag == "h1"]
    own = next((node for node in headings if _heading_key(node) in titles), None) or next(iter(largest), None)
    if own is None:
        return
    around = set(upwards(own))
    kinds = [(node.tag, node.words) for node in around if node.tag == "article" or node.words]
    for heading in headings:
        if heading in around or _heading_key(heading) in titles:
            continue
        alone = [up for up in upwards(heading) if up not in around]
        beside = alone[-1]
        is_article, is_largest = any(up.tag == "article" for up in alone), heading.tag == "h1"
        alike = any(up.tag == tag and up.words >= words for up in alone for tag, words in kinds)
        if beside.parent is None or is_article + is_largest + alike < MIN_EVIDENCE:
            continue
        if not is_largest and sum(child.tag == beside.tag for child in beside.parent.children) > MIN_TEASERS:
            continue  # entries of a live blog, parts of a list
        own_side = next(child for child in beside.parent.children if child in around)
        enough = 1 if is_article and is_largest else ARTICLE_PARAGRAPHS
        if paragraphs(own_side) >= enough and paragraphs(beside) and not _begins_before(beside, heading):
            yield beside


def _begins_before(node: BlockNode, heading: BlockNode) -> bool:
    """Whether running text of a node precedes a heading in it."""
    return any(below.place < heading.place and paragraphs(below) for below in nodes_below(node) if not below.children)


def _heading_key(node: BlockNode) -> str:
    return fold_text(" ".join(run.text for run in node.runs))


def _teasers(
    every: Sequence[BlockNode], root: BlockNode, headline: Collection[BlockNode], host: str | None
) -> Iterator[BlockNode]:
    """Boxes of one kind that each have a linked headline and a short text: lists of other articles."""
    for parent in every:
        if len(parent.children) < MIN_TEASERS:
            continue
        kinds: dict[tuple[str, str | None], list[BlockNode]] = {}
        for child in parent.children:
            if child.text and child.children:
                name = None if child.tag == "article" else child.classes  # has an id there: "post-1806"
                kinds.setdefault((child.tag, name), []).append(child)
        for boxes in kinds.values():
            weighty = [box for box in boxes if box.weight]
            teasers = [box for box in weighty if box not in headline and _is_teaser(box, host)]
            is_list = len(teasers) >= max(MIN_TEASERS, DOMINANT * len(weighty))
            if is_list and sum(box.weight for box in teasers) <= MAX_TEASER_SHARE * root.weight:
                yield from teasers


def _boxes_of_forms(
    every: Sequence[BlockNode], root: BlockNode, headline: Collection[BlockNode]
) -> Iterator[BlockNode]:
    """Small nodes around a form: the prompt to subscribe to a newsletter."""
    for node in every:
        box = node.parent if node.tag == "form" else None
        if (
            box is not None
            and box not in headline
            and box.text <= MAX_TEASER
            and box.weight <= MAIN_SHARE * root.weight
            and paragraphs(box) <= MAX_TEASER_PARAGRAPHS
        ):
            yield box


def _is_teaser(box: BlockNode, host: str | None) -> bool:
    """Whether a node has a linked headline in an element of its own, little other text, and a link on the same site."""
    return (
        box.text <= MAX_TEASER
        and paragraphs(box) <= MAX_TEASER_PARAGRAPHS
        and any(
            run.links >= LINKED * len(run.text) and len(run.text) >= MIN_TEASER_TITLE
            for node in nodes_below(box)
            for run in node.runs
        )
        and any(_leads_elsewhere(link.get("href") or "", host) for link in box.element.iter("a"))
    )


def _leads_elsewhere(href: str, host: str | None) -> bool:
    """Whether a link leads to another page of the same site."""
    target = href.partition("://")[2].partition("/")[0]
    return not href.startswith(("#", "mailto:", "javascript:")) and (not target or target.removeprefix("www.") == host)


def _is_in(node: BlockNode, nodes: Collection[BlockNode]) -> bool:
    return any(up in nodes for up in upwards(node))
