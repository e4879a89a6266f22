"""Three reports of one strike, two in English and one in Ukrainian, and a report of something else."""

from __future__ import annotations

from crawler.archive.stories.queries import story_of
from crawler.config.sources import Source
from tests.support.factories import HOME, Archive, article, hour, page, record

LEDGER_HOME = "https://ledger.example"
LEDGER = Source.model_validate(
    {"id": "ledger", "name": "Dnipro Ledger", "home": f"{LEDGER_HOME}/", "feeds": [f"{LEDGER_HOME}/f"]}
)
STRIKE = (
    "A drone strike on a substation in Zorianske left 90,000 households without power early on Monday.",
    "Nadiia Hrechko of the grid company Livoberezhenergo said that two technicians were wounded by glass.",
)
OTHER_WORDS = (
    "Some 90,000 customers in Zorianske woke up without electricity after drones had hit a substation.",
    "Livoberezhenergo spoke of two injured technicians; its shift leader Nadiia Hrechko asked people to be patient.",
)
UKRAINIAN = (
    "У Зорянському після удару дронів по підстанції без світла залишилися 90 тисяч осель.",
    "Поранено двох техніків компанії «Лівобереженерго», сказала Надія Гречко.",
    "До ремонту залучено 14 бригад із Полтави.",
)
FERRY = (
    "The ferry Aurora ran aground off Skerry Point on Sunday with 212 passengers on board.",
    "Tugs from Grauport pulled her free at high water, said harbour master Per Aske.",
)


def put(archive: Archive, slug: str, *paragraphs: str, hours: float = 0, ledger: bool = False, **known: object) -> int:
    """Store an article of the gazette, or of the ledger; returns its story."""
    read = article(*paragraphs, **{"title": None, "published": None, **known})
    site = LEDGER_HOME if ledger else HOME
    source = {"source": LEDGER} if ledger else {}
    filed = archive.record_fetch(record(read, page(f"{site}/news/{slug}"), at=hour(hours), **source))
    assert filed.article_id is not None
    story = story_of(archive.store.db, filed.article_id)
    assert story is not None
    return story


def put_event(archive: Archive) -> None:
    """Stories 1, 2 and 4 are one event, story 3 stands alone."""
    put(archive, "strike", *STRIKE, title="Strike cuts power in Zorianske")
    put(archive, "power", *OTHER_WORDS, hours=0.5, ledger=True, title="Dark morning for 90,000")
    put(archive, "ferry", *FERRY, hours=1, title="Ferry aground")
    put(archive, "svitlo", *UKRAINIAN, hours=2, ledger=True, language="uk", title="У Зорянському немає світла")
