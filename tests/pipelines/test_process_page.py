"""The changes to every text on its way from a page to the archive."""

from __future__ import annotations

import unicodedata

from crawler.models import Byline
from pipelines.process_page import processed_page
from tests.support.factories import article


def test_texts_are_stored_in_nfc_and_urls_unchanged() -> None:
    composed = "Їхній"
    near_misses = unicodedata.normalize("NFD", composed)
    read = processed_page(
        article(
            near_misses,
            title=near_misses,
            lead=near_misses,
            bylines=(Byline(name=near_misses),),
            section=near_misses,
            tags=(near_misses,),
            image=near_misses,
        )
    ).article
    assert (read.title, read.lead, read.text, read.byline, read.section, *read.tags) == (composed,) * 6
    assert read.image == near_misses


def test_the_same_text_in_another_unicode_form_is_not_an_edit() -> None:
    near_misses = unicodedata.normalize("NFD", "Їхній причал зачинено.")
    assert (
        processed_page(article(near_misses)).fingerprint
        == processed_page(article(unicodedata.normalize("NFC", near_misses))).fingerprint
    )
