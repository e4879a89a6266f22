"""Which changes of a text change its fingerprint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.models import Article, Block, Byline, Status
from pipelines.fingerprint import fingerprint

BASE = Article(
    status=Status.OK,
    title="Council closes pier",
    lead="It shuts in June.",
    blocks=(Block(text="The council voted on Tuesday."), Block(text="Two spoke against it.")),
    bylines=(Byline(name="Mara Voss"), Byline(name="Iven Hald")),
)


@pytest.mark.parametrize(
    "cosmetic",
    [
        replace(BASE, title="Council  closes pier "),
        replace(BASE, bylines=BASE.bylines[::-1]),
        replace(BASE, blocks=(Block(text="The council voted on Tuesday. Two spoke against it."),)),
        replace(BASE, blocks=(BASE.blocks[0], Block(text="Two spoke against it.", kind="quote"))),
        replace(BASE, lead=None, blocks=(Block(text="It shuts in June."), *BASE.blocks)),
        replace(BASE, blocks=(Block(text="The coun\u00adcil voted on\u00a0Tuesday."), BASE.blocks[1])),
        replace(BASE, tags=("harbour",), section="City", image="https://x.example/i.jpg"),
    ],
)
def test_a_cosmetic_change_does_not_change_the_fingerprint(cosmetic: Article) -> None:
    assert fingerprint(cosmetic) == fingerprint(BASE)


@pytest.mark.parametrize(
    "edited",
    [
        replace(BASE, title="Council closes piers"),
        replace(BASE, title="council closes pier"),
        replace(BASE, bylines=BASE.bylines[:1]),
        replace(BASE, blocks=BASE.blocks[:1]),
        replace(BASE, blocks=(Block(text="The council voted on Monday."), BASE.blocks[1])),
        replace(BASE, blocks=(Block(text="The council voted on Tuesday?"), BASE.blocks[1])),
        replace(BASE, lead="It shuts in July."),
    ],
)
def test_a_changed_word_name_or_sign_changes_the_fingerprint(edited: Article) -> None:
    assert fingerprint(edited) != fingerprint(BASE)


def test_a_lone_surrogate_raises_no_error() -> None:
    assert fingerprint(replace(BASE, title="\ud800"))
