from __future__ import annotations

import pytest

from crawler.http.render_wait import PageContent, is_ready


@pytest.mark.parametrize(
    ("content", "is_listing", "elapsed", "steady", "ready"),
    [
        (PageContent(found=None, letters=900, links=9), False, 0.6, 0.5, True),
        (PageContent(found=None, letters=900, links=9), False, 0.6, 0.1, False),
        (PageContent(found=None, letters=40, links=9), False, 3.0, 3.0, False),
        (PageContent(found=None, letters=0, links=40), True, 0.6, 0.6, False),
        (PageContent(found=None, letters=0, links=40), True, 2.6, 1.1, True),
        (PageContent(found=False, letters=900, links=40), True, 4.0, 4.0, False),
        (PageContent(found=True, letters=0, links=40), True, 0.6, 0.5, True),
    ],
)
def test_a_page_is_ready_when_its_selector_or_its_text_is_there_and_does_not_change(
    content: PageContent, is_listing: bool, elapsed: float, steady: float, ready: bool
) -> None:
    assert is_ready(content, is_listing=is_listing, elapsed=elapsed, steady=steady) is ready
