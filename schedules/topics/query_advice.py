"""Advice on the words of a topic: what covers more forms of a word, what `~word` finds, and words that are never found."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from crawler.archive.articles.search import Term, Vocabulary
from crawler.config.names import names_as_terms
from crawler.config.topics import Topic
from crawler.events.name_keys import name_key, romanized
from crawler.search.query_ast import Phrase, TermList, Terms, expand_terms, inflected_words, positive_phrases, to_fts5
from crawler.search.query_parser import parse_query
from crawler.text.dictionaries import lemma_of
from crawler.text.tokenizer import is_unspaced, normalize_token, tokenize
from crawler.text.word_forms import is_in_dictionary, phrase_forms, word_forms

MIN_PREFIX = 4
"""Least number of letters of a proposed prefix: `war*` would match warm, warn and Warsaw."""
MAX_ADVICE = 6
MAX_FORMS = 8
"""Forms of a word that are shown."""

_LATIN = re.compile(r"[a-z]+")
_CYRILLIC_WORD = re.compile(r"[а-яёіїєґ'’ʼ]+", re.IGNORECASE)
_LETTERS_OF = {"uk": re.compile("[іїєґ]", re.IGNORECASE), "ru": re.compile("[ыэъё]", re.IGNORECASE)}
"""Letters that only one of the languages has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What would match more articles than words of a topic."""

    words: tuple[str, ...]
    """The words of the topic that are replaced."""
    replacement: str
    """What replaces them: a prefix with its `*`, or the word with `~`."""
    gains: tuple[Term, ...]
    """Words in the archive that it matches and the query does not, the most frequent first."""

    def __str__(self) -> str:
        shown = ", ".join(f"{term.word} {term.revisions}" for term in self.gains[:MAX_ADVICE])
        more = f" and {len(self.gains) - MAX_ADVICE} more" if len(self.gains) > MAX_ADVICE else ""
        return f"{', '.join(self.words)} → {self.replacement} would also find {shown}{more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormsReport:
    """What a word after `~` finds."""

    word: str
    found: tuple[Term, ...]
    """Its forms in the archive, the most frequent first."""
    missing: tuple[str, ...]
    """Its other forms."""
    is_guessed: bool
    """No dictionary has the word: its forms are made by its ending, and some may not exist."""
    other_words: tuple[tuple[str, str], ...]
    """(Form in the archive, dictionary form) of forms that are another word in another language of the topic."""

    def __str__(self) -> str:
        shown = (
            ", ".join(f"{term.word} {term.revisions}" for term in self.found[:MAX_FORMS]) or "no form is in the archive"
        )
        parts = [f"~{self.word} finds {shown}"]
        if len(self.found) > MAX_FORMS:
            parts[0] += f" and {len(self.found) - MAX_FORMS} more"
        if self.is_guessed:
            parts.append("in no dictionary: its forms are made by its ending")
        if self.missing:
            more = f" and {len(self.missing) - MAX_FORMS} more" if len(self.missing) > MAX_FORMS else ""
            parts.append(f"not in the archive: {', '.join(self.missing[:MAX_FORMS])}{more}")
        others = self.other_words[:MAX_ADVICE]
        parts += [f"{form} is also a form of {lemma}, whose texts are found, too" for form, lemma in others]
        return "; ".join(parts)


def advice(topic: Topic, words: Vocabulary) -> Iterator[Advice]:
    """Yield advice for words of which the archive contains forms that the query does not match.

    English words get a prefix; words of other languages, which have more endings, get `~`.
    """
    all_phrases = list(positive_phrases(topic.node, excluded=True))
    named = {normalize_token(word) for phrase in all_phrases for word in _words(phrase)}
    prefixes = {
        normalize_token(_words(phrase)[-1]) for phrase in all_phrases if phrase.prefix and len(_words(phrase)) == 1
    }

    def is_gain(term: Term) -> bool:
        return term.word not in named and not any(term.word.startswith(known) for known in prefixes)

    by_prefix: dict[str, list[str]] = {}
    inflected: dict[str, list[str]] = {}
    for written in dict.fromkeys(_words(phrase)[0] for phrase in positive_phrases(topic.node) if _is_plain(phrase)):
        word, languages = normalize_token(written), form_languages(written, topic.form_languages)
        if any(word.startswith(known) for known in prefixes):
            continue
        if languages:
            inflected.setdefault(" ".join(languages), []).append(written)
        elif (prefix := prefix_of(word)) is not None:
            by_prefix.setdefault(prefix, []).append(word)
    for prefix, own in by_prefix.items():
        if gains := tuple(filter(is_gain, words.beginning_with(prefix))):
            yield Advice(words=tuple(own), replacement=f"{prefix}*", gains=gains)
    for some, written_words in inflected.items():
        for written, found in word_forms(written_words, some.split()).items():
            if gains := tuple(filter(is_gain, _in_archive(found, words))):
                yield Advice(words=(written,), replacement=f"~{written}", gains=gains)


def forms_reports(topic: Topic, terms: Terms, words: Vocabulary) -> Iterator[FormsReport]:
    """Yield what each word after `~` finds, those of phrases one by one."""
    phrases = inflected_words(parse_query(topic.query), terms)
    languages = sorted(topic.form_languages)
    for word, found in word_forms((word for phrase in phrases for word in phrase.split()), languages).items():
        in_archive = _in_archive(found, words)
        known = {term.word for term in in_archive}
        own = {normalize_token(form) for form in found}
        others = [
            (term.word, lemma)
            for term in in_archive
            for language in languages
            if (lemma := lemma_of(term.word, language)) is not None and normalize_token(lemma) not in own
        ]
        yield FormsReport(
            word=word,
            found=in_archive,
            missing=tuple(form for form in found if normalize_token(form) not in known),
            is_guessed=not is_in_dictionary(word, languages) and len(found) > 1,
            other_words=tuple(dict.fromkeys(others)),
        )


def form_languages(word: str, languages: Collection[str]) -> tuple[str, ...]:
    """Return the languages in which a word is inflected; empty for English and for scripts without endings.

    `languages`: those of the topic. Letters that only one language has decide, so that Ukrainian is not read as Russian.
    """
    if _CYRILLIC_WORD.fullmatch(word):
        for language, letters in _LETTERS_OF.items():
            if letters.search(word):
                return (language,)
        return tuple(sorted(set(languages) & set(_LETTERS_OF))) or tuple(_LETTERS_OF)
    if _LATIN.fullmatch(normalize_token(word)) and languages and "en" not in languages:
        return tuple(sorted(languages))
    return ()


def _in_archive(found: Iterable[str], words: Vocabulary) -> tuple[Term, ...]:
    """The forms that the archive contains, the most frequent first."""
    counted = (Term(form, words.revisions_with(form)) for form in dict.fromkeys(map(normalize_token, found)))
    return tuple(sorted((term for term in counted if term.revisions), key=lambda term: -term.revisions))


def never_found(topic: Topic, words: Vocabulary, reports: Sequence[FormsReport] = ()) -> list[str]:
    """Return the single words and prefixes that do not occur in the archive; `~word` if none of its forms does."""
    missing = [f"~{report.word}" for report in reports if not report.found]
    inflected = {normalize_token(form) for report in reports for form in (*report.missing, report.word)}
    for phrase in positive_phrases(topic.node):
        single = _words(phrase)
        if len(single) != 1 or is_unspaced(single[0]):
            continue
        word = normalize_token(single[0])
        if word in inflected and not phrase.prefix:
            continue
        if not (words.beginning_with(word, limit=1) if phrase.prefix else words.revisions_with(word)):
            missing.append(single[0] + "*" * phrase.prefix)
    return list(dict.fromkeys(missing))


def prefix_of(word: str) -> str | None:
    """Return the common prefix of the forms of a folded English word; None if it is too short or the whole word."""
    if not _LATIN.fullmatch(word):
        return None
    stem = str(_stemmer().stemWord(word))
    length = next((n for n, (a, b) in enumerate(zip(word, stem, strict=False)) if a != b), min(len(word), len(stem)))
    return word[:length] if MIN_PREFIX <= length < len(word) else None


@functools.cache
def _stemmer():  # type: ignore[no-untyped-def]  # snowballstemmer has no types
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _is_plain(phrase: Phrase) -> bool:
    return not phrase.prefix and len(_words(phrase)) == 1


def _words(phrase: Phrase) -> Sequence[str]:
    return [word for part in phrase.parts for word in tokenize(part)] or [""]


MIN_LIKENESS = 0.75
"""Ratio of the letters that two romanized words have in common, from which one is proposed as a spelling of the other:
"zelenskij" and "zelenski" 0.94, "putin" and "питання" (a question) 0.67."""
MIN_LETTERS = 4
"""Shorter words sound like too many others."""


def suggested_spellings(
    names: Mapping[str, Sequence[str]], known: Mapping[str, frozenset[str]], words: Iterable[Term]
) -> dict[str, list[Term]]:
    """Return for each name the words that sound like one of its spellings, the most frequent first.

    `names`: the spellings of each name; those of several words are not compared. `known`: the folded words that the name
    finds already. `words`: those of the archive.
    """
    by_key: dict[str, list[tuple[str, str]]] = {}
    for name, spellings in names.items():
        for spelling in spellings:
            parts = list(tokenize(spelling))
            if len(parts) == 1 and len(parts[0]) >= MIN_LETTERS:
                by_key.setdefault(name_key(parts[0]), []).append((name, romanized(parts[0])))
    found: dict[str, list[Term]] = {name: [] for name in names}
    for term in words:
        if len(term.word) < MIN_LETTERS or term.word.isdigit():
            continue
        sound = ""
        for name, other in by_key.get(name_key(term.word), ()):
            sound = sound or romanized(term.word)
            if term.word in known[name] or term in found[name]:
                continue
            if SequenceMatcher(None, sound, other).ratio() >= MIN_LIKENESS:
                found[name].append(term)
    return {name: sorted(terms, key=lambda term: (-term.revisions, term.word)) for name, terms in found.items()}


def fts_of(spelling: str, languages: Sequence[str]) -> str:
    """Return the FTS5 query that finds a spelling in all its forms, as a topic does."""
    terms = names_as_terms({"spelling": (spelling,)})
    return to_fts5(expand_terms(TermList("spelling"), terms, lambda written: phrase_forms(written, languages)))


def words_of(spelling: str, languages: Sequence[str]) -> Iterator[str]:
    """Yield the forms of a spelling of one word as the full-text index has them."""
    for form in phrase_forms(spelling.rstrip("*"), languages):
        words = list(tokenize(form))
        if len(words) == 1:
            yield normalize_token(words[0])
