"""Which texts belong to one story: copies, edited copies and excerpts do, pages of one template do not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.stories.sentence_novelty import novel_sentences
from crawler.stories.similarity import ComparableText, compare_texts

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
REPORT = (
    "Five ministers met in the fortress above the river on Monday and agreed to reopen the ferry line to Port Amity.",
    "The line had been closed for eleven months, after a storm tore two of its four ferries from their moorings.",
    "Passengers will pay 14 crowns for the crossing, three more than before, and lorries 120 crowns.",
    "Harbour master Ilse Brandt said that the first boat would leave at six in the morning on 1 April.",
    "Fishermen on the eastern bank had asked for a bridge instead, which engineers put at 900 million crowns.",
    "The opposition called the fare a tax on the island, and its leader Otto Quist announced a complaint.",
    "Insurance for the boats is still being negotiated with two companies in Velden.",
    "A second meeting, on winter sailings, will be held in Grauport in the second week of May.",
)
WEATHER = (
    "{day} will be {sky} along the coast with temperatures between {low} and {high} degrees and winds of {wind} knots."
    " The chance of rain is {rain} per cent. High water at Grauport is at {hour}:10, low water at {hour}:55."
    " The water has {water} degrees. Please check the harbour office's notices before you sail, and mind the sandbanks."
)
TABLE = (
    "Closing prices at the Grauport exchange, in crowns per tonne: wheat {0}.40, barley {1}.10, maize {2}.75, rapeseed"
    " {3}.20, oats {4}.90. Turnover was {5} lots. Traders spoke of a quiet session before the holiday and expected little"
    " movement until the ministry publishes its estimate of the harvest."
)
SUMMARY = (
    "The general staff said on {day} morning that {n} combat clashes took place over the past day. Enemy forces launched"
    " {a} air strikes, dropped {b} guided bombs and fired {c} times at positions of our troops and at settlements."
    " In the northern sector our units repelled {d} attacks. In the eastern sector {e} assaults were stopped."
    " Aviation and artillery hit {f} areas where personnel and equipment were concentrated."
)
FRAME = (
    "This bulletin is made from the reports of the duty officers and is issued each day at nine in the morning.",
    "Figures are preliminary and may be corrected in the weekly bulletin, which takes in late reports as well.",
    "Readers on the islands can hear it on medium wave after the news, and by telephone at the harbour office.",
)
SCORE = (
    "{home} beat {away} {x}-{y} at the Northern Ground on {day} in front of {crowd} spectators. {scorer} opened the scoring"
    " after {m} minutes. The hosts move up to {place} place in the table of the coastal league. The next match day is on"
    " Saturday, when all games begin at three o'clock."
)


def comparable(*paragraphs: str, title: str = "", hours: float = 0, language: str | None = "en") -> ComparableText:
    return ComparableText("\n\n".join(paragraphs), title=title, language=language, at=NOON + timedelta(hours=hours))


def is_same(one: ComparableText, other: ComparableText) -> bool:
    return compare_texts(one, other).same


def test_an_equal_text_under_another_title_is_a_copy() -> None:
    verdict = compare_texts(
        comparable(*REPORT, title="Ferry to reopen"), comparable(*REPORT, title="Ministers bring ferries back")
    )
    assert verdict.same
    assert verdict.jaccard == 1.0


def test_agency_credits_and_dateline_are_not_part_of_the_text() -> None:
    wire = comparable(
        "GRAUPORT (Coastline Wire) - " + REPORT[0], *REPORT[1:], "(Reporting by Ann Pell; editing by Bo Lund)"
    )
    story_article = comparable(*REPORT, "This story was first published by Coastline Wire.")
    assert compare_texts(wire, story_article).jaccard == 1.0


def test_short_texts_with_the_same_small_print_are_not_copies() -> None:
    print_ = (
        "(Reporting by Ann Pell in Grauport and Bo Lund in Velden; additional reporting by Cy Tran; editing by Di Orr)"
    )
    one = comparable("The mayor of Velden has resigned.", print_)
    other = comparable("Prices of smoked eel fell by a third.", print_)
    assert not is_same(one, other)


def test_a_copy_with_one_corrected_figure_is_a_copy() -> None:
    corrected = [paragraph.replace("900 million", "960 million") for paragraph in REPORT]
    assert is_same(comparable(*REPORT), comparable(*corrected))


def test_a_copy_with_a_sentence_added_and_one_dropped_is_a_copy() -> None:
    assert is_same(
        comparable(*REPORT), comparable(*REPORT[:6], REPORT[7], "The council of the island thanked the ministers.")
    )


def test_a_copy_with_synonyms_is_a_copy() -> None:
    edited = [p.replace("said that", "informed reporters that").replace("closed", "out of service") for p in REPORT]
    assert is_same(comparable(*REPORT), comparable(*edited))


def test_a_third_of_a_text_is_an_excerpt_and_the_whole_text_is_extended() -> None:
    head = comparable(*REPORT[:3])
    assert compare_texts(comparable(*REPORT), head).role == "excerpt"
    assert compare_texts(head, comparable(*REPORT)).role == "extended"


def test_a_similar_text_with_another_outcome_is_other_news() -> None:
    text = (
        "A man of 41 was {0} in Velden on Monday over the fire that destroyed the old customs house in November.",
        "The fire broke out in the archive on the second floor and spread to the roof within half an hour.",
        "Nobody was in the building. Its files on shipping since the eighteenth century were lost.",
        "The customs house was built for the salt trade and had been a museum for the past thirty years.",
    )
    arrested = comparable(text[0].format("arrested"), *text[1:])
    charged = comparable(text[0].format("charged"), *text[1:], hours=30)
    assert compare_texts(arrested, charged).reason == "same wording, other outcome: arrested / charged"


@pytest.mark.parametrize(
    ("monday", "tuesday"),
    [
        ("Monday", "Tuesday"),
        ("Montag", "Dienstag"),
        ("понеділок", "вівторок"),
        ("вторник", "среду"),
        ("lundi", "mardi"),
    ],
)
def test_the_next_days_page_of_a_template_is_other_news_even_if_few_figures_changed(monday: str, tuesday: str) -> None:
    text = (
        "The ferry to Amity sails on {0} at 7:10, 9:40, 12:10, 15:40, 18:10 and 20:40 from the eastern mole of the port.",
        "Bicycles and dogs are carried free of charge; cars need a ticket, sold by Mara Voss on Rope Street.",
        "On the way back it leaves the island at 8:20, 10:50, 13:20, 16:50 and 19:20, and there is a bus to Velden.",
        "The company Skerry Line asks everybody to be there ten minutes before, because the ramp is closed when the ship is full.",
    )
    first = comparable(text[0].format(monday), *text[1:])
    assert is_same(first, comparable(text[0].format(monday), *text[1:], "It was sold out.", hours=24))
    verdict = compare_texts(first, comparable(text[0].format(tuesday), *text[1:], hours=24))
    assert verdict.reason == f"same wording, another day: {monday.lower()} / {tuesday.lower()}"
    assert is_same(first, comparable(text[0].format(tuesday), *text[1:], hours=2)), "a correction"


def test_pages_of_a_template_with_other_figures_are_other_news() -> None:
    weather = [
        WEATHER.format(day=d, sky=s, low=lo, high=lo + 7, wind=w, rain=r, hour=h, water=t)
        for d, s, lo, w, r, h, t in (("Monday", "dry", 3, 12, 10, 4, 6), ("Tuesday", "dry", 5, 18, 35, 5, 7))
    ]
    table = [TABLE.format(*row) for row in ((201, 180, 175, 440, 160, 1210), (203, 181, 174, 446, 163, 980))]
    summary = [
        SUMMARY.format(day=d, n=n, a=a, b=b, c=c, d=dd, e=e, f=f)
        for d, n, a, b, c, dd, e, f in (
            ("Monday", 141, 62, 101, 5210, 14, 31, 9),
            ("Tuesday", 158, 71, 117, 4870, 11, 36, 13),
        )
    ]
    for first, second in (weather, table, summary):
        assert not is_same(comparable(first), comparable(second, hours=24))
        same_frame = compare_texts(comparable(first, *FRAME), comparable(second, *FRAME, hours=24))
        assert same_frame.reason.startswith("same wording, other figures")


def test_scores_of_other_teams_are_other_news() -> None:
    first = SCORE.format(
        home="Velden", away="Amity", x=2, y=1, day="Sunday", crowd=3100, scorer="Jan Holt", m=12, place="fourth"
    )
    second = SCORE.format(
        home="Grauport", away="Skerry", x=3, y=1, day="Sunday", crowd=2700, scorer="Per Aske", m=31, place="sixth"
    )
    assert not is_same(comparable(first), comparable(second))


def test_the_same_notice_with_another_company_is_other_news() -> None:
    text = (
        "{0} Shipping Co said its board declared a regular dividend, to be paid to holders of record at the end of the"
    )
    text += (
        " month, and that it expects to keep the payment for the rest of the business year unless freight rates change."
    )
    assert not is_same(comparable(text.format("Amity Quist")), comparable(text.format("Velden Lund")))


def test_an_equal_short_notice_days_later_is_another_notice() -> None:
    text = "The central bank of Velden left its leading rates as they are at the regular meeting of its council, a spokesman said."
    text += " No press conference will be held after the meeting."
    assert is_same(comparable(text), comparable(text, hours=3))
    assert not is_same(comparable(text), comparable(text, hours=14 * 24))


def test_a_short_text_is_a_copy_only_when_text_and_title_are_equal() -> None:
    text = "Quarterly dividend 12 crowns, as before; record date 15 April."
    assert is_same(comparable(text, title="Amity Lines dividend"), comparable(text, title="Amity Lines dividend"))
    assert not is_same(comparable(text, title="Amity Lines dividend"), comparable(text, title="Velden Rail dividend"))


def test_nothing_merges_across_languages() -> None:
    assert compare_texts(comparable(*REPORT), comparable(*REPORT, language="da")).reason == "another language"


@pytest.mark.parametrize(
    "hostile", ["", "   ", "\x00", "—", "😀" * 50, "a" * 100_000, "1 " * 5_000, "Ü. " * 3_000, "a" + " " * 50_000 + "b"]
)
def test_any_text_can_be_compared(hostile: str) -> None:
    assert not is_same(comparable(hostile), comparable(*REPORT))
    compare_texts(comparable(hostile), comparable(hostile))


def test_japanese_copies_are_found_and_other_figures_are_recognised() -> None:
    first = "港湾局は月曜日、老朽化した北埠頭を来年六月に閉鎖し、貨物船の受け入れを南埠頭に集約すると発表した。"
    second = "市議会では九人の議員のうち二人が反対し、漁業組合は補償を求めて知事に要望書を提出した。"
    third = "工事には三十六億円がかかる見通しで、完成までに四年を要するという。"
    assert is_same(comparable(first, second, third, language="ja"), comparable(first, second, language="ja"))
    assert not is_same(comparable(first, third, language="ja"), comparable(second, language="ja"))


def test_the_sentences_that_a_pickup_adds_are_those_that_no_other_article_has() -> None:
    new = "The port of Grauport asked whether its cranes count as ferries."
    story_article = "\n\n".join([REPORT[0], new, REPORT[4].replace("had asked", "asked"), "(Reporting by Ann Pell)"])
    assert novel_sentences(story_article, ["\n\n".join(REPORT)]) == (new,)


def test_a_first_text_adds_all_of_its_sentences() -> None:
    assert novel_sentences("\n\n".join(REPORT), []) == REPORT
