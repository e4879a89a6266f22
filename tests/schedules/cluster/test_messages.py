"""Tasks and results between coordinator and nodes: plain data, validated."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgpack
import pytest
from isal import igzip_lib

from crawler.exceptions import WorkerError
from crawler.items import ProcessedPage
from crawler.models import Article, ExtractionHints, Link, Page
from crawler.reasons import ReasonCode
from pipelines.feed_fallback import article_from_link
from pipelines.process_page import process_page
from schedules.cluster.messages import RemoteCall, ResultRefusedError, answer, pack_calls, read_results
from tests.support.factories import HOME, NOW, page

BODY = (
    "<html lang=en><head><title>Pier closes</title></head><body><article><h1>Pier closes</h1>"
    + "".join(f"<p>The harbour council voted on Tuesday to close northern pier number {n}.</p>" for n in range(9))
    + "</article></body></html>"
).encode()
PAGE = page(body=BODY)


def call(sent: Page = PAGE) -> RemoteCall:
    return RemoteCall(function=process_page, args=(sent, ExtractionHints()), kwargs={})


async def run_here(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def answered(*calls: RemoteCall, run: Callable[..., Any] = run_here) -> bytes:
    return asyncio.run(answer(pack_calls(calls), run))


def comparable(processed: ProcessedPage) -> ProcessedPage:
    """Without the WARC record, which has a random ID."""
    assert processed.page is not None
    return replace(processed, page=replace(processed.page, record=b"", record_sha256=""))


def test_the_result_of_a_node_equals_that_of_this_machine() -> None:
    [result] = read_results(answered(call()), [call()])

    assert comparable(result) == comparable(process_page(PAGE, ExtractionHints()))


def test_the_text_of_a_feed_entry_is_read_on_a_node_too() -> None:
    entry = Link(url=f"{HOME}/a", title="Pier closes", summary="Ships must use the southern pier from June on.")
    calls = [RemoteCall(function=article_from_link, args=(entry, ExtractionHints(), NOW), kwargs={})]

    assert read_results(answered(*calls), calls) == [article_from_link(entry, ExtractionHints(), NOW)]


def test_the_url_of_a_feed_is_not_sent_because_it_may_hold_a_key() -> None:
    sent = replace(PAGE, link=Link(url=PAGE.url, via=f"{HOME}/rss?key=secret", title="Pier closes"))

    assert b"secret" not in igzip_lib.decompress(pack_calls([call(sent)]))


def test_a_page_that_a_node_had_to_stop_has_the_reason_of_a_local_one() -> None:
    async def stop(*_: Any, **__: Any) -> Any:
        raise WorkerError("parser", "took longer than 15 s and was stopped", ReasonCode.PARSE_TIMEOUT)

    [error] = read_results(answered(call(), run=stop), [call()])

    assert isinstance(error, WorkerError)
    assert (error.code, error.reason) == (ReasonCode.PARSE_TIMEOUT, "took longer than 15 s and was stopped")


def test_a_bug_in_the_parser_costs_one_page() -> None:
    async def fail_on_first(function: Callable[..., Any], sent: Page, hints: ExtractionHints) -> Any:
        if sent is not None and sent.url.endswith("first"):
            raise ZeroDivisionError("a bug")
        return function(sent, hints)

    calls = [call(page(f"{HOME}/first", BODY)), call()]
    error, result = read_results(answered(*calls, run=fail_on_first), calls)

    assert isinstance(error, WorkerError)
    assert "ZeroDivisionError: a bug" in error.reason
    assert isinstance(result, ProcessedPage)


class Pickled:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a result was unpickled",)


def _tampered(change: Callable[[dict[str, Any]], object]) -> bytes:
    results = msgpack.unpackb(answered(call()), timestamp=3)
    change(results[0][1])
    return bytes(msgpack.packb(results, datetime=True))


def _set(path: str, value: object) -> Callable[[dict[str, Any]], object]:
    def change(result: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            result = result[name]
        result[last] = value

    return change


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pickle.dumps(Pickled()), "cannot be used"),
        (Pickled(), "in place of results"),
        (b"", "cannot be used"),
        (msgpack.packb([]), "another number of results"),
        (msgpack.packb([["result", {"article": 1}]]), "cannot be used"),
        (msgpack.packb([["stopped", "why", "no_such_code"]]), "cannot be used"),
        (b"x" * (6 << 20), "6,291,456 bytes"),
        (_tampered(_set("page.page.source", "another")), "another request"),
        (_tampered(_set("page.page.url", "https://other.example/")), "another request"),
        (_tampered(_set("page.sha256", "0" * 64)), "another raw page"),
        (_tampered(_set("page.record", b"no record")), "another checksum"),
        (_tampered(_set("article.title", {"a": 1})), "cannot be used"),
        (_tampered(_set("page", None)), "another request"),
        (_tampered(_set("event_features.terms", [[1 << 32, "name", "Kupiansk", 1.0, 0.0]])), "event features"),
        (_tampered(_set("event_features.terms", [[1, "name", "Kupiansk", 1.0, 0.0]] * 500)), "event features"),
    ],
)  # fmt: skip
def test_what_cannot_be_the_result_of_the_task_is_refused(data: object, message: str) -> None:
    with pytest.raises(ResultRefusedError, match=message):
        read_results(data, [call()])


def test_a_warc_record_of_another_page_is_refused_although_its_checksum_is_right() -> None:
    other = process_page(replace(PAGE, body=BODY + b" "), ExtractionHints()).page
    assert other is not None
    data = _tampered(lambda result: result["page"].update(record=other.record, record_sha256=other.record_sha256))

    with pytest.raises(ResultRefusedError, match="without the raw page"):
        read_results(data, [call()])


def test_an_article_has_the_types_of_the_models_after_the_journey() -> None:
    [result] = read_results(answered(call()), [call()])

    assert isinstance(result.article, Article)
    assert repr(result.article) == repr(process_page(PAGE, ExtractionHints()).article)
