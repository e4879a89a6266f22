"""What is read from one sentence: numbers, units, outcomes and speakers, in three languages."""

from __future__ import annotations

import pytest

from crawler.figures.claim import FigureClaim
from crawler.figures.reader import FigureReader, language_of_figures

READER = FigureReader()


def claims(sentence: str, language: str = "en", before: str = "") -> tuple[FigureClaim, ...]:
    return READER.of(sentence, before, language).claims


def read(sentence: str, language: str = "en") -> list[tuple[object, ...]]:
    return [(one.low, one.high, one.modifier, one.unit, one.outcome) for one in claims(sentence, language)]


@pytest.mark.parametrize(
    ("number", "low", "high", "modifier"),
    [
        ("3,000", 3000, 3000, None),
        ("up to 12,000", 12_000, 12_000, "up_to"),
        ("more than four thousand", 4000, 4000, "more_than"),
        ("2,000-3,000", 2000, 3000, None),
        ("2 to 3 thousand", 2000, 3000, None),
        ("between 20 and 30", 20, 30, None),
        ("two thousand five hundred", 2500, 2500, None),
        ("at least two dozen", 24, 24, "at_least"),
        ("half a million", 500_000, 500_000, None),
        ("about 1.2 million", 1_200_000, 1_200_000, "about"),
        ("tens of thousands of", 10_000, 99_999, "magnitude"),
        ("4 000", 4000, 4000, None),
    ],
)
def test_a_number_is_read_in_many_notations(number: str, low: int, high: int, modifier: str | None) -> None:
    assert read(f"The army said {number} soldiers were deployed.") == [(low, high, modifier, "troops", "deployed")]


@pytest.mark.parametrize(
    ("language", "number", "low", "high", "modifier"),
    [
        ("uk", "3 тис. солдатів", 3000, 3000, None),
        ("uk", "понад дві тисячі солдатів", 2000, 2000, "more_than"),
        ("uk", "від двох до трьох тисяч солдатів", 2000, 3000, None),
        ("uk", "тисячі солдатів", 1000, 9999, "magnitude"),
        ("uk", "близько тисячі солдатів", 1000, 1000, "about"),
        ("ru", "до 12 тыс. солдат", 12_000, 12_000, "up_to"),
        ("ru", "3,7 млн солдат", 3_700_000, 3_700_000, None),
        ("ru", "более четырёх тысяч солдат", 4000, 4000, "more_than"),
        ("ru", "двадцать пять солдат", 25, 25, None),
    ],
)
def test_a_number_is_read_in_ukrainian_and_russian(
    language: str, number: str, low: int, high: int, modifier: str | None
) -> None:
    sentence = f"Відправлено {number}." if language == "uk" else f"Отправлено {number}."
    assert read(sentence, language) == [(low, high, modifier, "troops", "deployed")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The 27-year-old driver was killed on 14 February 2025 at 19:30.",
        "A 155-mm shell killed the man 3 km from the town.",
        "The mayor, 56, was wounded.",
        "No one was killed.",
        "The loss of $4,000 was reported after the killing.",
    ],
)
def test_ages_times_measures_and_money_are_not_figures(sentence: str) -> None:
    found = READER.of(sentence, "", "en")
    assert (found.claims, found.not_understood) == ((), ())


def test_each_number_has_the_outcome_that_belongs_to_it() -> None:
    assert read("The blast killed five people and wounded seven.") == [
        (5, 5, None, "people", "killed"), (7, 7, None, "people", "wounded"),
    ]  # fmt: skip
    assert read("Five people were killed and seven wounded.") == [
        (5, 5, None, "people", "killed"), (7, 7, None, "people", "wounded"),
    ]  # fmt: skip
    assert read("The army lost 71 tanks, 16 helicopters and three ships.") == [
        (71, 71, None, "tanks", "casualties"), (16, 16, None, "helicopters", "casualties"),
        (3, 3, None, "ships", "casualties"),
    ]  # fmt: skip
    assert read("За добу знищено 1020 солдатів і 15 танків.", "uk") == [
        (1020, 1020, None, "troops", "killed"), (15, 15, None, "tanks", "destroyed"),
    ]  # fmt: skip


def test_a_share_may_be_written_as_so_many_of_every_so_many() -> None:
    [losses, killed] = claims(
        "Norhaven's troops suffered 3,000 casualties, and two of every three of those men are dead."
    )
    assert (losses.low, killed.share, killed.low, killed.outcome) == (3000, 2 / 3, 2000, "killed")


def test_a_share_is_computed_from_the_number_of_the_same_sentence_only() -> None:
    losses, killed = claims("The troops have taken 4,000 casualties, two-thirds of them killed.")
    assert (losses.outcome, losses.low) == ("casualties", 4000)
    assert (killed.outcome, killed.unit, killed.share, round(killed.low or 0)) == ("killed", "troops", 2 / 3, 2667)
    (alone,) = claims("Two-thirds of the soldiers were killed.")
    assert (alone.share, alone.low, alone.high) == (2 / 3, None, None)
    part, whole = claims("A third of the 900 prisoners were released.")
    assert (part.low, part.outcome, whole.low, whole.outcome) == (300, "released", 900, None)


@pytest.mark.parametrize(
    ("sentence", "language", "written", "name"),
    [
        ("President Volodymyr Zelensky said 4,000 soldiers were killed.", "en", "President Volodymyr Zelensky", "Zelensky"),
        ("According to South Korea's NIS, 300 soldiers were killed.", "en", "South Korea's NIS", "NIS"),
        ("The National Intelligence Service (NIS), which said 300 soldiers were killed, is cautious.", "en",
         "National Intelligence Service (NIS)", "NIS"),
        ("The ministry's count of 300 soldiers killed is disputed.", "en", "ministry", "ministry"),
        ('"We lost fewer than 300 men," said Anna Kowal, the mayor.', "en", "Anna Kowal", "Kowal"),
        ("За словами президента Зеленського, загинули 300 солдатів.", "uk", "президента Зеленського", "Zelensky"),
        ("Загинули 300 солдатів, повідомив Кирило Буданов.", "uk", "Кирило Буданов", "Budanov"),
        ("По данным Генштаба, погибли 300 солдат.", "ru", "Генштаба", "General Staff"),
    ],
)  # fmt: skip
def test_the_speaker_is_found_and_has_one_name_in_all_spellings(
    sentence: str, language: str, written: str, name: str
) -> None:
    speakers = {one.speaker for one in claims(sentence, language)}
    assert [(one.written, one.normalized) for one in speakers if one] == [(written, name)]
    (speaker,) = speakers
    assert speaker is not None and speaker.span is not None
    assert sentence[slice(*speaker.span)] == written


def test_two_speakers_of_a_sentence_keep_their_numbers() -> None:
    found = claims("Kyiv says 500 soldiers were killed, while Moscow says 120.")
    assert [(one.low, one.unit, one.outcome, one.speaker and one.speaker.normalized) for one in found] == [
        (500, "troops", "killed", "Kyiv"), (120, "troops", "killed", "Moscow"),
    ]  # fmt: skip


def test_a_pronoun_stands_for_the_speaker_of_the_sentence_before() -> None:
    sentence = '"Their losses are more than four thousand," he added.'
    (alone,) = claims(sentence)
    (after,) = claims(sentence, before="The morale is broken, Zelensky said.")
    assert alone.speaker is None
    assert after.speaker is not None
    assert (after.speaker.normalized, after.speaker.span) == ("Zelensky", None)


def test_an_event_is_not_a_speaker() -> None:
    (claim,) = claims("The attack claimed 27 lives.")
    assert (claim.low, claim.outcome, claim.speaker) == (27, "killed", None)


def test_all_spans_lie_in_the_sentence() -> None:
    sentence = "At least 300 soldiers were killed, the army said."
    (claim,) = claims(sentence)
    assert sentence[slice(*claim.span)] == claim.written == "At least 300"
    assert claim.unit_span and sentence[slice(*claim.unit_span)] == "soldiers"
    assert claim.outcome_span and sentence[slice(*claim.outcome_span)] == "killed"


def test_a_number_with_an_unknown_unit_is_reported_as_not_understood() -> None:
    sentence = "The strike destroyed 40 pylons and killed two people."
    found = READER.of(sentence, "", "en")
    assert [(one.low, one.unit) for one in found.claims] == [(2, "people")]
    assert [sentence[slice(*span)] for span in found.not_understood] == ["40"]


def test_the_language_follows_from_the_letters_if_the_page_declares_another() -> None:
    assert language_of_figures("Загинули 5 людей, сказав військовий.", "ru") == "uk"
    assert language_of_figures("Погибли 5 человек, было объявлено.", "uk") == "ru"
    assert language_of_figures("Five people died.", None) == "en"
    assert language_of_figures("Fünf Menschen starben.", "de") is None
    assert READER.of("5 Menschen wurden killed.", "", "de").claims == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "1",
        "9" * 400,
        "1" + ",000" * 900,
        "killed " * 3000,
        "5 5 5 5 5 5 5 5 5 5 killed",
        "²/₃ killed ½",
        "1/0 killed",
    ],
)
def test_odd_sentences_are_read_without_an_error(sentence: str) -> None:
    for language in ("en", "uk", "ru"):
        READER.of(sentence, sentence, language)


@pytest.mark.parametrize(
    ("language", "sentence", "speaker"),
    [
        ("uk", "Пошкоджено 14 будинків, — Іваненко.", "Іваненко"),
        ("uk", "Росія втратила 900 солдатів — Генштаб", "Генштаб"),
        ("uk", "Поліція: затримано 12 осіб", "Поліція"),
        ("en", "Coast guard police: 12 people rescued off Skerry Point", "Coast guard police"),
        ("uk", "Мер запевнив, що загинуло 9 осіб, пише Harbour Gazette.", "Мер"),
        ("ru", "Погибли 9 человек, сообщает «Вестник» со ссылкой на губернатора.", "губернатора"),
        ("en", "The Gazette quoted three officials as saying that 40 soldiers had been killed.", "officials"),
        ("en", "Nine soldiers were killed, the harbour master, Mara Voss, said.", "Mara Voss"),
        ("en", "At least nine killed in market shelling – mayor", "mayor"),
        ("uk", "Пошкоджено 17 будинків, — мер Олесь Гай.", "мер Олесь Гай"),
        ("uk", "ВМС: знищено два кораблі", "ВМС"),
        ("ru", "Зеленский: в Норхейвен отправят 500 солдат", "Зеленский"),
        ("en", "Two tanks were destroyed, in the words of one staff officer.", "staff officer"),
        ("uk", "Передано 16 гелікоптерів, пообіцяв глава її МЗС.", "глава її МЗС"),
        ("ru", "Погибли 33 солдата, пишет газета со слов жителей.", "жителей"),
    ],
)
def test_speakers_of_headlines_dashes_and_media_that_quote(language: str, sentence: str, speaker: str) -> None:
    [claim] = claims(sentence, language)
    assert claim.speaker is not None
    assert claim.speaker.written == speaker


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("en", "A woman died and six other residents were injured.", (6, "people", "wounded")),
        ("en", "At least four are dead, 2,000 flee homes", (2000, "people", "displaced")),
        ("en", "Norhaven handed over 19 jets.", (19, "aircraft", "delivered")),
        ("en", "They dropped two 250-kilogram bombs.", (2, "bombs", "launched")),
        ("uk", "Затримано сімох, двоє з них — журналісти.", (2, "journalists", "captured")),
        ("uk", "Один бік повернув 40 полонених, а інший — 55 полонених.", (55, "prisoners", "released")),
        ("uk", "Пошкоджено три цивільні судна.", (3, "ships", "damaged")),
        ("uk", "Союзники передали 31 танк і 62 танки.", (62, "tanks", "delivered")),
        ("ru", "В больницах находятся 28 раненых.", (28, "people", "wounded")),
        ("uk", "З дев'яноста бійців лишилося двадцять.", (20, "troops", None)),
        ("ru", "Из 57 пассажиров автобуса выжили 12.", (12, "people", None)),
        ("ru", "Выпустили на свободу 27 журналистов.", (27, "journalists", "released")),
        ("ru", "По городу выпустили семь ракет.", (7, "missiles", "launched")),
        ("uk", "Дезертирувало 300 солдатів.", (300, "troops", "deserted")),
        ("uk", "Викрали 33 школярок.", (33, "children", "kidnapped")),
        ("en", "The toll of the mine disaster has reached 52.", (52, "people", "killed")),
        ("en", "The president pledged 30 tanks.", (30, "tanks", "delivered")),
        ("en", "Of the 600 conscripts sent to Orsova in May, fewer than 200 are left.", (200, "troops", None)),
        ("en", "Of the 120 prisoners, 11 were released.", (11, "prisoners", "released")),
    ],
)
def test_units_and_outcomes_belong_to_their_number(
    language: str, sentence: str, expected: tuple[int, str, str]
) -> None:
    last = claims(sentence, language)[-1]
    assert (last.low, last.unit, last.outcome) == expected


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The army denied that 40 of its men had been captured."),
        ("en", "All died on board Flight 171, the airline said."),
        ("uk", "Міноборони спростувало загибель 12 курсантів."),
        ("ru", "Ни один солдат не погиб."),
    ],
)
def test_denials_and_numbers_of_names_are_no_claims(language: str, sentence: str) -> None:
    assert claims(sentence, language) == ()


def test_a_denied_figure_is_counted_as_not_understood_and_a_denial_ends_with_its_clause() -> None:
    denied = READER.of("The army denied that 40 of its men had been captured.", "", "en")
    assert [denied.claims, len(denied.not_understood)] == [(), 1]
    [claim] = claims("The army denied the attack, but 12 people were killed.")
    assert (claim.low, claim.outcome) == (12, "killed")
    [claim] = claims("The army denied the attack; 12 people were killed.")
    assert claim.low == 12
