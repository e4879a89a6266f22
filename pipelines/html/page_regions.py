"""Tell the article from the teasers, comments, menus and pictures around it, by the elements that contain something."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from itertools import islice

from lxml import etree

from pipelines.html.class_names import class_words
from pipelines.html.document import raw_text
from pipelines.html.text_flow import OUTERMOST

OTHER_CONTENT = frozenset(
    """comment comments comentarios kommentar kommentare commentaires respond related relateds teaser teasers recommend
    recommended recommendations promo promos caption captions figcaption newsletter sidebar widget popular trending
    mostread latest newest upcoming event events veranstaltung veranstaltungen kalender calendar menu nav navigation
    breadcrumb ticker weather joined bio bios description quote sponsor""".split()
)
"""Words in class and id of elements whose names and dates are not those of the article."""
PICTURES = frozenset("avatar card cards follow gallery image images photo photos picture share sharing social".split())
"""Words of pictures and buttons. Their elements have names of other people, but also the date of the article."""
_MENUS = frozenset({"nav", "navigation", "menu"})
"""Words that the list with the byline and the date may have as well ("nav meta")."""
_TAGS = frozenset({"aside", "nav", "form", "blockquote", "figure", "figcaption"})
_META = frozenset({"meta", "byline", "info"})
MENU_LINKS = 3
"""Links from which a <nav> is a menu."""
MAX_ANCESTORS = 8
"""Ancestors that are checked. The outermost elements of a page have names of all kinds."""


def is_outside_article(
    element: etree._Element,
    own_words: Set[str],
    *,
    pictures: bool = False,
    article: Set[etree._Element] = frozenset(),
) -> bool:
    """Whether an element is inside a teaser, a comment, a menu, a picture or the footer of the page.

    `own_words`: class words of the field itself ("byline", "date"). `pictures`: whether elements of pictures and buttons
    are outside, unless they have one of the field's own words. `article`: elements that contain the headline, which are
    never outside the article.
    """
    for depth, parent in enumerate((element, *element.iterancestors())):
        if depth > MAX_ANCESTORS or parent.tag in OUTERMOST or parent in article:
            return False
        # The footer of an article holds its author and date, the footer of a page does not.
        if parent.tag == "footer" and next(parent.iterancestors("article"), None) is None:
            return True
        words = _class_words(parent.get("class") or "", parent.get("id") or "")
        named = not own_words.isdisjoint(words)
        other = words & OTHER_CONTENT
        if (other - _MENUS if named or not _META.isdisjoint(words) else other) or (
            not named and parent.tag in _TAGS and not _is_plain_nav(parent)
        ):
            return True
        if pictures and depth <= TEASER_ANCESTORS and _is_teaser(parent, element):
            return True
        if pictures and not named and not PICTURES.isdisjoint(words):
            return True
    return False


TEASER_ANCESTORS, TEASER_LENGTH = 3, 400
"""Ancestors that may be a teaser, and its characters."""


def _is_teaser(box: etree._Element, byline: etree._Element) -> bool:
    """Whether a small element has, apart from the byline, a heading that is a link to another article."""
    headings = [heading for heading in box.iter("h2", "h3", "h4") if next(heading.iter("a"), None) is not None]
    if not headings or len(raw_text(box)) > TEASER_LENGTH:
        return False
    names = {byline, *byline.iterancestors(), *byline.iterdescendants()}
    return any(heading not in names for heading in headings)


def _is_plain_nav(element: etree._Element) -> bool:
    """Whether a <nav> has so few links, and no items unless it is named as the article's own line, that it is not a menu."""
    if element.tag != "nav" or sum(1 for _ in islice(element.iter("a"), MENU_LINKS)) == MENU_LINKS:
        return False
    return next(element.iter("li"), None) is None or not _META.isdisjoint(class_words(element.get("class"), None))


@lru_cache(maxsize=20_000)
def _class_words(classes: str, identifier: str) -> frozenset[str]:
    return class_words(classes, identifier)
