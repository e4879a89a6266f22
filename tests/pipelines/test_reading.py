"""What every text goes through on its way from a page to the archive."""

from __future__ import annotations

import unicodedata

from samples import article

from crawler.model import Byline
from pipelines.reading import reading_of


def test_a_text_is_stored_in_nfc_and_its_addresses_as_they_are() -> None:
    composed = "Їхній"
    apart = unicodedata.normalize("NFD", composed)
    read = reading_of(
        article(
            apart, title=apart, lead=apart, bylines=(Byline(name=apart),), section=apart, tags=(apart,), image=apart
        )
    ).article
    assert (read.title, read.lead, read.text, read.byline, read.section, *read.tags) == (composed,) * 6
    assert read.image == apart


def test_a_text_in_another_form_is_no_edit() -> None:
    apart = unicodedata.normalize("NFD", "Їхній причал зачинено.")
    assert (
        reading_of(article(apart)).fingerprint == reading_of(article(unicodedata.normalize("NFC", apart))).fingerprint
    )
