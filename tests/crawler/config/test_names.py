"""names.toml: a name is used like a list, in all spellings and forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.names import load_spellings
from crawler.config.topics import load_topics
from crawler.exceptions import ConfigurationError

TOPIC = '[pier]\ntitle = "Pier"\nlanguages = ["en", "uk"]\nquery = "$zelensky AND pier"\n'
NAMES = 'zelensky = ["Zelensky", "Зеленський", "젤렌스키*"]\n'


def folder(path: Path, *, topics: str = TOPIC, names: str | None = NAMES) -> Path:
    (path / "topics.toml").write_text(topics, encoding="utf-8")
    if names is not None:
        (path / "names.toml").write_text(names, encoding="utf-8")
    return path / "topics.toml"


def test_a_name_is_every_spelling_in_all_its_forms(tmp_path: Path) -> None:
    (topic,) = load_topics(folder(tmp_path)).topics
    for found in ('"zelensky"', '"зеленського"', '"зеленському"', '"젤렌스키" *'):
        assert found in topic.fts.lower()


def test_another_spelling_makes_another_version_of_the_topic(tmp_path: Path) -> None:
    (before,) = load_topics(folder(tmp_path)).topics
    (after,) = load_topics(folder(tmp_path, names=NAMES.replace('"Zelensky"', '"Zelensky", "Zelenskyy"'))).topics
    assert before.definition_sha256 != after.definition_sha256


def test_a_list_can_contain_a_name(tmp_path: Path) -> None:
    topics = '[terms]\nleaders = ["$zelensky", "chancellor"]\n' + TOPIC.replace("$zelensky", "$leaders")
    (topic,) = load_topics(folder(tmp_path, topics=topics)).topics
    assert "зеленського" in topic.fts.lower()


def test_an_unknown_name_is_one_line_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_topics(folder(tmp_path, topics=TOPIC.replace("$zelensky", "$zelenski")))
    (line,) = str(error.value).splitlines()
    assert "at character 1" in line
    assert "names.toml no name $zelenski" in line
    assert "zelensky" in line


def test_a_list_and_a_name_cannot_be_called_alike(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has a name zelensky, too"):
        load_topics(folder(tmp_path, topics='[terms]\nzelensky = ["x"]\n' + TOPIC))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('zelensky = "Zelensky"', "key zelensky: write a list"),
        ("zelensky = []", "key zelensky: write a list"),
        ('"a b" = ["x"]', "must consist of letters"),
        ('zelensky = ["$putin"]', "refers to a list"),
        ('zelensky = ["—"]', "no letters or digits"),
        ("zelensky = [", "names.toml"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as error:
        load_spellings(path)
    assert len(str(error.value).splitlines()) == 1


def test_without_the_file_there_are_no_names(tmp_path: Path) -> None:
    assert load_spellings(tmp_path / "names.toml") == {}
