"""Pages that only send their reader elsewhere."""

from __future__ import annotations

import pytest

from crawler.http.page_redirects import redirect_in_page

URL = "https://h.example/s/17"
META = '<html><head><meta http-equiv="refresh" content="{}"></head><body>{}</body></html>'


@pytest.mark.parametrize(
    ("page", "target"),
    [
        (META.format("0; url=/news/pier", "Redirecting"), "https://h.example/news/pier"),
        (META.format("3;URL='https://w.example/a?b=1&amp;c=2'", ""), "https://w.example/a?b=1&c=2"),
        (META.format("0, /news/pier", ""), "https://h.example/news/pier"),
        (META.format("0; url = /news/pier", ""), "https://h.example/news/pier"),
        ("<META CONTENT=0;/news/pier HTTP-EQUIV=Refresh>", "https://h.example/news/pier"),
        ("<script>window.location.replace('/news/pier');</script>", "https://h.example/news/pier"),
        ('<script>location.href = "https:\\/\\/w.example\\/a";</script>', "https://w.example/a"),
        ("<body onload=\"document.location='/news/pier'\">Please wait</body>", "https://h.example/news/pier"),
    ],
)
def test_a_page_that_only_redirects_has_a_target(page: str, target: str) -> None:
    assert redirect_in_page(page, URL) == target


def test_the_refresh_header_is_a_redirect() -> None:
    assert redirect_in_page("Moved", URL, "0; url=/news/pier") == "https://h.example/news/pier"
    assert redirect_in_page("Live", URL, "60; url=/news/pier") is None


@pytest.mark.parametrize(
    "page",
    [
        META.format("300", "A live page"),
        META.format("60; url=/news/pier", "A live page"),
        META.format("0; url=/s/17", "It loads itself again"),
        "<noscript>" + META.format("0; url=/nojs", "") + "</noscript>",
        "<script>location.href = target;</script>",
        "<script>location.href = '/print';</script><p>" + "The ferry runs again from Monday. " * 9 + "</p>",
        "<div id=app></div><script>if (old) location.href = '/old-browser';</script><script defer src='/app.js'></script>",
        "<script type='application/json'>{\"text\": \"The pier\"}</script><script>location.href = '/m/';</script>",
        META.format("0; url=javascript:void(0)", ""),
        "<p>Nothing here</p>",
        "<script>location.href = '/a'</script>" + "<" * 16_000,  # would take half a second
    ],
)
def test_other_pages_are_no_redirects(page: str) -> None:
    assert redirect_in_page(page, URL) is None
