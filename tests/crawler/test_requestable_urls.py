"""URLs that `absolute` accepts are URLs that Scrapy's `Request` accepts."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler.urls import absolute, is_requestable

BASE = "https://harbour-gazette.example/news/"
HOSTS = st.text(alphabet="abz019.-_[]:%@ üя\t\ud800*", max_size=20)
PATHS = st.text(alphabet="ab/%?&=#[]:;,.~ \t\n\ud800ґ漢", max_size=30)


@settings(max_examples=400)
@given(host=HOSTS, path=PATHS)
@example(host="[::1]%09", path="/a")
@example(host="[::1]x", path="/")
@example(host="www.[domain].com", path="/x")
@example(host="gazette..example", path="/")
@example(host="gazette.example", path="/\ud800")
def test_an_accepted_url_can_be_requested(host: str, path: str) -> None:
    found = absolute(BASE, f"http://{host}{path}")
    if found is not None:
        Request(found)


@pytest.mark.parametrize("url", ["http://[::1]%09/a", "http://[::1]x/", "http://www.[domain].com/x", "not a URL"])
def test_a_url_that_scrapys_request_refuses_is_not_requestable(url: str) -> None:
    assert not is_requestable(url)


@pytest.mark.parametrize(
    "url", ["https://gazette.example/a?b=c", "https://вісник.example/новини", "http://[2001:4860::1]/"]
)
def test_usual_urls_are_requestable(url: str) -> None:
    assert is_requestable(url)
    Request(url)
