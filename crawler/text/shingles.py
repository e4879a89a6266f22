"""Split texts into shingles (runs of five words) and sentences for comparison, without credits and datelines. Pure.

Credits are recognised in the languages of the starter sources. In other languages a credit stays in the text; one line
in twenty does not change the result of a comparison.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from crawler.text.tokenizer import SEPARATOR, is_unspaced, segment

RUN = 5
"""Words in a shingle. Papers on near-duplicate web pages use similar lengths (Broder 1997: ten; Manku 2007 and later:
four to six). With three, English function words alone make unrelated reports similar."""
UNSPACED_RUN = 10
"""Characters in a shingle of a script written without spaces, where a word has about two characters."""

_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])[」』）]*|\n\s*\n|[\u2028\u2029]")
_AGENCY = r"\([A-Z][\w&.'’/ -]{1,40}\)"
_DATELINE = re.compile(rf"^\s*[A-ZÀ-ÞĀ-ŽΑ-ΩА-ЯҐЄІЇ][^.!?()\n]{{1,60}}?\s*{_AGENCY}\s*[-–—:]+\s*")
_UNSPACED_DATELINE = re.compile(r"^\s*【[^】\n]{1,40}】\s*")
_LAST_CREDIT = re.compile(rf"\s*(?:{_AGENCY}|\b(?:Reuters?|REUTERS?|AFP|dpa))[.\s]*$")
_LAST = 100
"""Characters at the end that are searched for a credit; the search takes quadratic time on a long run of spaces."""
_SMALL_PRINT = re.compile(
    r"^[\s(\[*_–—-]*(?:"
    r"(?:additional |further )?(?:reporting|writing|editing|translation|translated|compiled|graphics?) by\b|"
    r"reported by\b|edited by\b|written by\b|"
    r"(?:this|the) (?:story|article|report|piece|text) (?:was|has been|is|first|originally)\b[^.]{0,40}"
    r"\b(?:published|appeared|republished|produced|provided|syndicated|supplied|translated)\b|"
    r"(?:first|originally) (?:published|appeared)\b|republished (?:from|with|under)\b|"
    r"(?:copyright|©|all rights reserved)|our standards:|read (?:the )?(?:more|original|full)\b|"
    r"(?:sign up|subscribe|follow us|click here|join our)\b|with (?:files|material|reporting) from\b|"
    r"mit material (?:von|der)\b|quelle:|dieser (?:artikel|text|beitrag) (?:ist|wurde|erschien)\b[^.]{0,40}"
    r"\b(?:veröffentlicht|erschienen|übersetzt)\b|"
    r"(?:cet article|ce texte) (?:a été|est)\b[^.]{0,40}\b(?:publié|traduit)|avec (?:l['’])?(?:afp|reuters)\b|"
    r"(?:este artículo|esta noticia|esta nota) (?:fue|ha sido)\b[^.]{0,40}\b(?:publicad|traducid)|con información de\b|"
    r"(?:цей|ця) (?:матеріал|стаття|текст)\b[^.]{0,40}\b(?:опублікован|вийш)|джерело:|"
    r"(?:этот|эта) (?:материал|статья|текст)\b[^.]{0,40}\b(?:опубликован|выш)|источник:|"
    r"читайте також|читайте также|підписуйтесь|подписывайтесь"
    r")",
    re.IGNORECASE,
)


def strip_boilerplate(text: str) -> str:
    """Return `text` without its dateline, credits and similar lines; paragraph breaks are kept."""
    text = _UNSPACED_DATELINE.sub("", _DATELINE.sub("", unicodedata.normalize("NFKC", text), count=1), count=1)
    paragraphs = re.split(r"\n\s*\n", text)
    kept = [paragraph for paragraph in paragraphs if not _SMALL_PRINT.match(paragraph)]
    whole = "\n\n".join(kept).strip()
    return (whole[:-_LAST] + _LAST_CREDIT.sub("", whole[-_LAST:])).strip()


def shingle_words(text: str) -> tuple[str, ...]:
    """Return the words in lower case; in scripts without spaces, each character is a word."""
    text = text.casefold()
    if is_unspaced(text):
        text = segment(text).replace(SEPARATOR, " ")
    return tuple(_WORD.findall(text))


def shingles(of: Sequence[str]) -> frozenset[str]:
    """Return the distinct shingles, words joined by spaces; a text shorter than a run has no shingles."""
    size = UNSPACED_RUN if _is_characters(of) else RUN
    text, ends = " ".join(of), [0, *accumulate(map(len, of))]  # cutting one text is faster than joining words
    return frozenset(
        text[ends[first] + first : ends[first + size] + first + size - 1] for first in range(len(of) - size + 1)
    )


def shingle_sentences(text: str) -> Iterator[str]:
    """Split a text roughly into sentences: an abbreviation can end one early, but it does so in every copy."""
    for sentence in _BREAK.split(text):
        if _WORD.search(sentence):
            yield sentence.strip()


def _is_characters(of: Sequence[str]) -> bool:
    """Return whether most words are single characters of a script without spaces."""
    single = list(map(len, of)).count(1)  # fast, and most texts have few
    return single * 2 > len(of) and sum(len(word) == 1 and is_unspaced(word) for word in of) * 2 > len(of)
