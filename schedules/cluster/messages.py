"""What coordinator and nodes send to each other.

A task goes out as a pickle, as Dask's own tasks do: a node runs what its scheduler sends. Its results come back as
plain data (MessagePack), which is validated against the types of the called function and against the page that was sent.
"""

from __future__ import annotations

import functools
import hashlib
import math
import pickle
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgpack
from isal import igzip_lib
from pydantic import TypeAdapter, ValidationError

from crawler.events.features import MAX_TERMS, EventFeatures
from crawler.exceptions import WirewatchError, WorkerError
from crawler.items import ProcessedPage
from crawler.models import Article, Page
from crawler.reasons import ReasonCode
from pipelines.feed_fallback import article_from_link
from pipelines.process_page import process_page

if TYPE_CHECKING:
    from typing_extensions import Buffer

REMOTE: Mapping[Any, Any] = {process_page: ProcessedPage, article_from_link: Article | None}
"""The functions that nodes run -> the type of their result. Documents of seeds are not sent: their URLs may hold keys."""
RESULT_FACTOR, RESULT_SPACE = 4, 1 << 20
"""A result has at most so many times the bytes of its page, and so many more."""
_COMPRESSION = 1
"""Of igzip, 0 to 3: HTML to a fifth, in half a millisecond a page."""


class ResultRefusedError(WirewatchError):
    """A node sent something that cannot be the result of the task. Raised by `read_results`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCall:
    """One call of a function of REMOTE."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def page(self) -> Page | None:
        """The page that is read, if it is one."""
        return next((value for value in (*self.args, *self.kwargs.values()) if isinstance(value, Page)), None)

    @property
    def size(self) -> int:
        """Bytes of the page."""
        return len(self.page.body) if self.page is not None else 0


def pack_calls(calls: Sequence[RemoteCall]) -> bytes:
    """The calls as one task. The URL of a feed, which may hold a key, is left out of links."""
    plain = [(call.function.__name__, _without_seed(call.args), dict(call.kwargs)) for call in calls]
    return bytes(igzip_lib.compress(pickle.dumps(plain, protocol=5), level=_COMPRESSION))


def _without_seed(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        replace(arg, link=replace(arg.link, via="")) if isinstance(arg, Page) and arg.link is not None else arg
        for arg in args
    )


async def answer(task: Buffer, run: Callable[..., Awaitable[Any]]) -> bytes:
    """The results of a task as plain data: on a node. `run(function, *args)` calls the function in a child process."""
    import asyncio

    functions = {function.__name__: function for function in REMOTE}
    calls = pickle.loads(igzip_lib.decompress(task))  # noqa: S301 -- from the scheduler, which may run anything here
    results = await asyncio.gather(*(_one(functions[name], args, kwargs, run) for name, args, kwargs in calls))
    return bytes(msgpack.packb(results, datetime=True))


async def _one(function: Any, args: Any, kwargs: Any, run: Callable[..., Awaitable[Any]]) -> list[Any]:
    try:
        result = await run(function, *args, **kwargs)
    except WorkerError as error:
        return ["stopped", error.reason, str(error.code)]
    except Exception as error:  # a bug must not cost the other pages
        return ["stopped", f"extraction failed: {type(error).__name__}: {error}", str(ReasonCode.PARSER_FAILED)]
    return ["result", _adapter(REMOTE[function]).dump_python(result)]


def read_results(data: object, calls: Sequence[RemoteCall]) -> list[Any]:
    """The results of a task's calls, in order; a WorkerError in place of one that the node had to stop.

    Raises ResultRefusedError unless each has the type of its function and belongs to the page that was sent.
    """
    size = sum(call.size for call in calls)
    if not isinstance(data, bytes):
        raise ResultRefusedError(f"a node sent {type(data).__name__} in place of results")
    if len(data) > RESULT_FACTOR * size + RESULT_SPACE * len(calls):
        raise ResultRefusedError(f"a node sent {len(data):,} bytes for pages of {size:,} bytes")
    try:
        results = msgpack.unpackb(data, timestamp=3, max_ext_len=16)
        if not isinstance(results, list) or len(results) != len(calls):
            raise ResultRefusedError("a node sent another number of results than of pages")
        return [_checked(result, call) for result, call in zip(results, calls, strict=True)]
    except (ValueError, TypeError, KeyError, IndexError, msgpack.UnpackException, zlib.error) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ResultRefusedError(f"a node sent results that cannot be used ({what[:200]})") from error


def _checked(result: Any, call: RemoteCall) -> Any:
    if result[0] == "stopped":
        return WorkerError("parser", str(result[1]), ReasonCode(result[2]))  # type: ignore[call-arg]  # a lookup by value
    if result[0] != "result":
        raise ValueError("neither a result nor an error")
    value = _adapter(REMOTE[call.function]).validate_python(result[1])
    if isinstance(value, ProcessedPage):
        _check_page(value, call)
        _check_event_features(value.event_features)
    return value


def _check_page(processed: ProcessedPage, call: RemoteCall) -> None:
    """Raise ValueError unless the raw page in the result is the one that was sent."""
    sent, packed = call.page, processed.page
    if sent is None or packed is None or packed.page != replace(sent, body=b"", link=None):
        raise ValueError("the raw page of another request")
    if packed.size != len(sent.body) or packed.sha256 != hashlib.sha256(sent.body).hexdigest():
        raise ValueError("another raw page than the one that was sent")
    if packed.record_sha256 != hashlib.sha256(packed.record).hexdigest():
        raise ValueError("a WARC record with another checksum")
    if not _holds(packed.record, sent.body):
        raise ValueError("a WARC record without the raw page")


def _check_event_features(features: EventFeatures | None) -> None:
    """Raise ValueError unless the terms have the form in which the archive stores them."""
    if features is not None and not (
        len(features.terms) <= MAX_TERMS
        and 0 <= features.weekdays < 1 << 7
        and all(0 <= term.key < 1 << 32 and 0 <= term.lead <= term.times < math.inf for term in features.terms)
    ):
        raise ValueError("event features that no text has")


def _holds(record: bytes, body: bytes) -> bool:
    """Whether a gzip member is complete and ends with this body."""
    unpacker = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    unpacked: bytes = unpacker.decompress(record, max_length=2 * len(body) + RESULT_SPACE)
    return unpacker.eof and not unpacker.unused_data and unpacked.endswith(body + b"\r\n\r\n")


@functools.cache
def _adapter(result: Any) -> TypeAdapter[Any]:
    adapter = TypeAdapter(result)
    # `crawler.items` imports this type for annotations only, because commands that run every few minutes import it.
    adapter.rebuild(raise_errors=True, _types_namespace={"EventFeatures": EventFeatures})
    return adapter
