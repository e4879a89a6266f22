"""Read who reported from the beginning of the text: "BERLIN (dpa) - …", "(서울=연합뉴스) 김민수 기자 = …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.models import Byline
from pipelines.bylines.names import fold_name, read_names
from pipelines.bylines.vocabulary import AGENCIES

MAX_PLACE = 60
"""Characters before the agency: places and a day."""
_DATELINE = re.compile(
    rf"[^()（）【】。!?]{{0,{MAX_PLACE}}}?[(（【](?P<who>[^()（）【】]{{2,40}})[)）】]\s*"
    r"(?:[-–—:=]|(?P<reporter>[\uac00-\ud7a3]{2,4})\s?기자\s*=)"
)
_PARTS = re.compile(r"\s*[/=,·]\s*")


def names_in_dateline(text: str) -> Iterator[Byline]:
    """The reporter and the agencies in the dateline at the beginning of a text; none if there is no agency."""
    found = _DATELINE.match(text)
    agencies = [part for part in _PARTS.split(found["who"]) if fold_name(part) in AGENCIES] if found else []
    if found and agencies and found["reporter"]:
        yield from read_names(found["reporter"])
    for agency in agencies:
        yield Byline(name=agency.strip(), kind="agency")
