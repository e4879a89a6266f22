"""`topics check` shows what ~word finds, and gives advice in the language of the word."""

from __future__ import annotations

from crawler.archive.articles.search import Term
from crawler.config.topics import Topic
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from crawler.text.word_forms import phrase_forms
from schedules.topics.query_advice import advice, form_languages, forms_reports, never_found


class Counted:
    """A vocabulary of these words."""

    def __init__(self, **words: int) -> None:
        self._words = words

    def beginning_with(self, prefix: str, *, limit: int = 1000) -> list[Term]:
        return [Term(word, number) for word, number in self._words.items() if word.startswith(prefix)][:limit]

    def revisions_with(self, word: str) -> int:
        return self._words.get(word, 0)


def topic(query: str, *languages: str) -> Topic:
    node = expand_terms(parse_query(query), {}, lambda word: phrase_forms(word, languages))
    return Topic(id="x", title="X", query=query, node=node, form_languages=frozenset(languages))


def lines(query: str, words: Counted, *languages: str) -> list[str]:
    return [str(one) for one in advice(topic(query, *languages), words)]


def test_ukrainian_words_are_not_stemmed_as_russian() -> None:
    words = Counted(підрозділ=3, підрозділу=2, підрозділами=1)
    assert lines("підрозділ", words, "uk", "ru") == [
        "підрозділ → ~підрозділ would also find підрозділу 2, підрозділами 1"
    ]


def test_letters_decide_between_ukrainian_and_russian_then_the_languages_of_the_topic() -> None:
    assert form_languages("військо", ["ru"]) == ("uk",)
    assert form_languages("войсковый", ["uk"]) == ("ru",)
    assert form_languages("танк", ["uk", "en"]) == ("uk",)
    assert form_languages("танк", ["en"]) == ("uk", "ru")
    assert form_languages("tank", ["en", "pl"]) == ()
    assert form_languages("czołg", ["pl"]) == ("pl",)


def test_english_words_get_a_prefix() -> None:
    assert lines("deployed", Counted(deployed=1, deployment=4), "en") == [
        "deployed → deploy* would also find deployment 4"
    ]


def test_a_report_counts_the_forms_and_names_those_that_are_missing() -> None:
    (report,) = forms_reports(topic("~deploy", "en"), {}, Counted(deployed=4, deploy=1))
    assert str(report).startswith("~deploy finds deployed 4, deploy 1; not in the archive: ")
    assert "deploying" in report.missing


def test_forms_that_were_made_by_the_ending_are_marked() -> None:
    (report,) = forms_reports(topic("~Синєгубов", "uk"), {}, Counted(синєгубова=2))
    assert report.is_guessed
    assert "in no dictionary" in str(report)


def test_a_word_without_any_form_in_the_archive_is_named_once() -> None:
    some = topic("~deploy OR pier", "en")
    words = Counted()
    assert never_found(some, words, list(forms_reports(some, {}, words))) == ["~deploy", "pier"]
