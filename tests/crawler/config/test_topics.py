"""topics.toml is read, or all its mistakes are reported with their places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.config.topics import Topic, load_topics, topic_of_query
from crawler.exceptions import ConfigurationError
from crawler.search.query_ast import QueryError
from crawler.topics.match import MatchableText
from crawler.topics.matcher import match

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "data" / "starter" / "topics.toml"


def load(folder: Path, text: str, **known: object) -> tuple[Topic, ...]:
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return load_topics(path, **known).topics  # type: ignore[arg-type]  # sources


def mistakes(folder: Path, text: str, **known: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, **known)
    return list(caught.value.mistakes)


def flagged(topic_id: str, text: str) -> list[str]:
    topic = load_topics(SHIPPED).topic(topic_id, SHIPPED)
    found = match([topic], [MatchableText(id=1, language="en", text=text)], found_by_pattern=lambda *_: False)
    return [sentence.text for one in found.values() for sentence in one.sentences]


def test_all_mistakes_are_reported_together_with_topic_key_and_place(tmp_path: Path) -> None:
    reported = mistakes(
        tmp_path,
        """
        [terms]
        "no way!" = ["x"]
        empty = []
        signs = ["...", "mid*dle", 'so "called"', "one OR two"]
        [one]
        title = "One"
        query = "troops AND (sent OR"
        [Two]
        title = "Two"
        query = "x"
        [three]
        query = "x"
        colour = "red"
        scope = "page"
        [four]
        title = "Four"
        query = "byline : smith"
        case_sensitive = ["NATO"]
        sources = ["kyiv-independant"]
        [five]
        title = "Five"
        query = "x"
        pattern = "("
        languages = ["english"]
        [six]
        title = "Six"
        query = "'F-16' OR ice"
        [seven]
        title = 7
        query = '"F-16" OR "ice"'
        case_sensitive = ["F-16"]
        min_words = 3
        sections = "world"
        [eight]
        title = "Eight"
        query = '"F-16" OR "ice"'
        case_sensitive = ["F-16"]
        min_words = 3
        """,
        sources=dict.fromkeys(["kyiv-independent"]),
    )
    for expected in (
        "table [terms], key no way!: the name of a list",
        "table [terms], key empty: write a list of words",
        "table [terms], key signs: '...' has no letters",
        "table [terms], key signs: 'mid*dle': only the last word",
        "table [terms], key signs: 'so \"called\"': remove the quotation marks",
        "table [terms], key signs: 'one OR two': an entry is a word or a phrase and cannot contain OR; write several entries",
        "table [one], key query: at character 18, «OR»: OR needs an operand after it",
        "table [Two]: the name must consist of lowercase letters",
        "table [three], key title: is missing; each topic needs title and query",
        "table [three], key colour: unknown key; allowed: title, query, scope",
        "table [three], key scope: 'page' is not allowed; write one of 'article', 'paragraph' or 'sentence'",
        'table [four], key query: a byline is not part of a sentence; write scope = "article"',
        "table [four], key case_sensitive: 'NATO' is not a word of the query",
        "table [four], key sources: 'kyiv-independant' is not a table of sources.toml (did you mean 'kyiv-independent'?)",
        "table [five], key pattern: '(': not a regular expression: missing )",
        "table [five], key languages[0]: ",
        "table [six], key query: at character 1, «'F-16' OR ice»: ' is not a quotation mark in SQLite",
        "table [seven], key title: 7: write a text between quotes",
        "table [seven], key sections: 'world': write a list",
        "table [eight], key case_sensitive: 'F-16' is not one word",
        "table [eight], key min_words: 3 is too many: the query has only 2 words and phrases",
    ):
        assert any(re.match(rf"line \d+, {re.escape(expected)}", line) for line in reported), (expected, reported)


def test_the_message_about_a_mistake_in_a_query_shows_the_place(tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, '[a]\ntitle = "A"\nquery = "troops AND headline : kursk with more words"\n')
    assert reported == (
        "line 3, table [a], key query: at character 12, «headline : kursk with m…»: there is no column 'headline';"
        " the columns are title, lead, byline, text"
    )


def test_lists_may_name_lists_but_not_themselves(tmp_path: Path) -> None:
    reported = mistakes(tmp_path, '[terms]\na = ["$b"]\nb = ["$a"]\n[t]\ntitle = "T"\nquery = "$a"\n')
    assert any("contains itself: a → b → a" in line for line in reported)


def test_a_changed_title_or_equivalent_query_creates_no_new_version(tmp_path: Path) -> None:
    one = load(tmp_path, '[t]\ntitle = "A"\nquery = "troops AND sent"\n')[0]
    other = load(tmp_path, '[t]\ntitle = "B"\nquery = "(troops)   AND sent"\nnote = "n"\n')[0]
    third = load(tmp_path, '[t]\ntitle = "B"\nquery = "troops AND sent"\nscope = "article"\n')[0]
    assert one.definition_sha256 == other.definition_sha256 != third.definition_sha256


def test_a_query_from_the_command_line_otherwise_equals_the_topic_it_replaces(tmp_path: Path) -> None:
    topic = load(tmp_path, '[t]\ntitle = "A"\nquery = "troops"\nscope = "article"\nlanguages = ["uk"]\n')[0]
    tried = topic_of_query("$list", {"list": ["soldier*"]}, like=topic)
    assert (tried.scope, tried.languages, tried.fts) == ("article", topic.languages, '"soldier" *')
    with pytest.raises(QueryError):
        topic_of_query("(", {})


def test_there_are_at_least_twelve_shipped_topics_and_all_of_them_run() -> None:
    topics = load_topics(SHIPPED).topics
    assert len(topics) >= 12
    match(topics, [MatchableText(id=1, text="Nothing of note.")], found_by_pattern=lambda *_: False)


def test_the_shipped_deployments_topic_flags_sent_troops_but_not_captions_teasers_or_parades() -> None:
    sent = "Up to 9,000 soldiers from the northern ally were deployed to the border province last autumn, the minister said."
    moved = "Between 1,000 and 2,000 more troops are being transferred there by rail."
    story = (
        f"{sent}\n\nThe losses have broken the spirit of the contingent, he added.\n\n{moved}\n\n"
        "A drone hit the dome of a shuttered power station at night."
    )
    assert flagged("troop-deployments", story) == [sent, moved]
    assert not flagged(
        "troop-deployments", "Soldiers of the northern ally march in a rally on the capital's main square."
    )
    assert not flagged(
        "troop-deployments", "Soldiers and their bands marched at the independence day parade, and crowds cheered."
    )


FINDS = {
    "troop-deployments": [
        "Командування перекинуло дві бригади на південь.",
        "Министерство отправило на границу три тысячи военнослужащих.",
        "Die Regierung entsandte vierhundert Soldaten in den Hafen.",
        "二千人の兵士が島に配備された。",
        "정부는 병력을 섬에 파병했다.",
        "تم نشر الجنود في الميناء.",
    ],
    "north-korea": [
        "昨日、北朝鮮の兵士が到着した。",
        "북한은 군인들을 보냈다.",
        "Pyongyang has sold shells to its neighbour.",
    ],
    "casualties": [
        "Two soldiers were killed and five wounded in the shelling.",
        "За добу загинули троє військовослужбовців.",
        "Trois soldats ont été tués près du pont.",
    ],
    "arms-deliveries": [
        "Four governments will deliver another forty howitzers by spring.",
        "Уряд передав ракети для батареї на узбережжі.",
        "Das Parlament stimmte neuen Waffenlieferungen zu.",
        "The new package of military aid was announced on the pier.",
    ],
    "ceasefire-talks": [
        "Delegations met again for ceasefire talks in the mountain resort.",
        "Сторони говорили про припинення вогню.",
        "停戦交渉が再開した。",
        "استؤنفت محادثات وقف إطلاق النار.",
    ],
    "infrastructure-strikes": [
        "A missile struck a substation on the edge of the city.",
        "Drones hit the oil terminal at night.",
        "A strike on the children's hospital killed two.",
        "Уночі дрони влучили в підстанцію.",
        "Беспилотники нанесли удар по электростанции.",
    ],
    "sanctions": [
        "New sanctions were agreed. The sanctions cover forty ships.",
        "新たな制裁が決まった。制裁は船に及ぶ。",
    ],
    "mobilisation": [
        "Parliament lowered the conscription age.",
        "The army mobilised another ten thousand men.",
        "Парламент продовжив мобілізацію на дев'яносто днів.",
        "General mobilisation was extended.",
    ],
    "prisoners-of-war": ["Two hundred POWs came home.", "Сторони провели обмін полоненими.", "포로를 교환했다."],
    "nuclear-plants": ["Inspectors visited the nuclear power plant.", "Інспектори відвідали АЕС.", "原発が停止した。"],
    "foreign-fighters": ["Dozens of mercenaries left the camp.", "До загону вступили найманці.", "雇佣兵离开了营地。"],
    "cyber-attacks": ["Hackers broke into the land register.", "Кібератака зупинила реєстр.", "해커들이 침입했다."],
    "energy": ["Rolling blackouts will return next week.", "Місто знеструмлене.", "全市で停電した。"],
}
LEAVES = {
    "troop-deployments": [
        "На покровском направлении войска отразили девять атак.",
        "A contingent of soldiers' mothers sang on the square.",
        "Contingency plans for the school were sent to parents.",
    ],
    "casualties": ["Two fishermen died when their boat sank.", "The minister thanked the troops at the parade."],
    "arms-deliveries": [
        "Missiles cut the supply lines of the garrison.",
        "A drone hit a ship in the outer harbour.",
        "The camera drone comes in a small package.",
        "She took him in her arms.",
    ],
    "ceasefire-talks": ["Shares rose on hopes of a trade truce.", "He has no peace of mind."],
    "infrastructure-strikes": [
        "Railway workers went on strike for better pay.",
        "The boy was taken to hospital after the attack.",
        "He died of a heart attack at the airport.",
        "Shell sold its refinery on the coast.",
    ],
    "sanctions": ["The minister mentioned sanctions in passing. Then she left."],
    "mobilisation": [
        "On the earnings call, UPS said that volumes fell.",
        "The party mobilised its voters.",
        "He had a draft on tap.",
    ],
    "prisoners-of-war": ["Pow! The comic's hero wins again.", "The prison exchanged its kitchen."],
    "nuclear-plants": ["The nuclear family is a recent idea."],
    "foreign-fighters": ["The hospital recruits foreign doctors."],
    "cyber-attacks": ["A ship attacked by pirates reached the port."],
    "energy": ["There was a news blackout before the vote.", "She has the power to cut taxes."],
}


def of_each(sentences: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(topic, text) for topic, texts in sentences.items() for text in texts]


def test_each_shipped_topic_has_matching_and_non_matching_examples() -> None:
    shipped = {topic.id for topic in load_topics(SHIPPED).topics}
    assert shipped == set(FINDS)
    assert shipped - set(LEAVES) == {"north-korea"}


@pytest.mark.parametrize(("topic", "text"), of_each(LEAVES))
def test_no_shipped_topic_matches_its_misleading_examples(topic: str, text: str) -> None:
    assert not flagged(topic, text)


@pytest.mark.parametrize(("topic", "text"), of_each(FINDS))
def test_each_shipped_topic_matches_its_examples(topic: str, text: str) -> None:
    assert flagged(topic, text)


def test_acronyms_of_the_shipped_topics_do_not_match_words() -> None:
    assert not flagged("prisoners-of-war", "Pow! The comic's hero wins again.")


def test_a_word_with_a_tilde_finds_all_its_forms_in_the_languages_of_the_topic(tmp_path: Path) -> None:
    (topic,) = load(tmp_path, '[a]\ntitle = "A"\nquery = "~полонений AND ~deploy"\nlanguages = ["uk", "en"]')
    assert '"полоненого"' in topic.fts
    assert '"deployed"' in topic.fts


def test_without_languages_the_languages_of_the_topics_sources_count(tmp_path: Path) -> None:
    text = '[a]\ntitle = "A"\nquery = "~удар"\nsources = ["ledger"]'
    (topic,) = load(tmp_path, text, sources={"ledger": "ru", "wire": "en"})
    assert '"ударами"' in topic.fts
    assert topic.form_languages == {"ru"}


def test_forms_can_be_entries_of_a_list_and_items_of_near(tmp_path: Path) -> None:
    text = (
        '[terms]\nsend = ["~send", "dispatch*"]\n[a]\ntitle = "A"\nquery = "NEAR($send ~troop, 5)"\nlanguages = ["en"]'
    )
    (topic,) = load(tmp_path, text)
    assert 'NEAR("sent" "troops", 5)' in topic.fts


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("~ deploy", "write ~ directly before a word or phrase"),
        ("~deploy*", "already finds every form; remove the ."),
    ],
)
def test_a_mistake_with_word_forms_is_reported_with_its_place(tmp_path: Path, query: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        load(tmp_path, f'[a]\ntitle = "A"\nquery = "{query}"')
