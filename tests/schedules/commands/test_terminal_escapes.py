"""Every command with an archive whose texts contain terminal escapes: the output contains none."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import escape as html_escape
from pathlib import Path

import pytest

from crawler.config.sources import Source
from crawler.models import Byline
from schedules.commands import command_modules
from tests.support.cli import scrapy
from tests.support.factories import HOME, SOURCE, Archive, article, hour, page, record
from tests.support.servers.loopback import Site, html, xml

ESCAPES = "\x1b]0;renamed\x07\x1b[2J\x9b31m\u202eturned\u2066\x85\u2028"
MARKUP = "[video] Mayor [/b] says [red]no[/red] :warning:"
HOSTILE = f"{ESCAPES}{MARKUP}"
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
LANTERN = Source.model_validate(
    {
        "id": "lantern",
        "name": f"Lantern {MARKUP}",
        "home": "https://lantern.example/",
        "feeds": ["https://lantern.example/f"],
    }
)
REST = (
    "Two of its nine members spoke against the closure, which the fire brigade had asked for after two accidents.",
    "Fishing boats may go on landing their catch at the inner steps until the end of the season, said the mayor.",
    "A ferry company said that it had not been informed, and that it would ask for its fees of the year to be paid back.",
)
SOURCES = """
[gazette]
name = "صحيفة"
home = "SITE/"
feeds = ["SITE/rss"]
allow_private = true

[lantern]
name = "Lantern"
home = "SITE/"
feeds = ["SITE/broken"]
allow_private = true
"""
TOPICS = f"""
[pier]
title = {json.dumps(f"Pier {MARKUP}")}
query = "pier"

[ferries]
title = "Ferries"
query = "ferry"
"""
DIGESTS = """
[desk]
recipients = ["desk@ngo.example"]
at = ["07:00"]
timezone = "UTC"
"""
NAMES = 'lighthouse = ["Lighthouse"]\n'
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "archive": (("check",), ("export",), ("export", "--format", "csv", "--revisions"), ("schema",)),
    "backtest": (("pier",), ("pier", "--query", "ferry"), ("pier", "--judge", "2")),
    "completion": (("bash",),),
    "coverage": (("--events", "--min-sources", "1", "--since", "2026-01-01"), ("README.md",)),
    "crawl": (("all", "--force"), ("all", "--force", "--quiet"), ("all", "--force", "--json")),
    "diff": (("1",), ("1", "1", "2", "--full")),
    "digest": ((), ("--preview", "--since", "2026-01-01"), ("--send",)),
    "events": ((), ("99",)),
    "evidence": (("article", "1", "-o", "DATA/evidence.wacz"), ("article", "99", "-o", "DATA/evidence.wacz")),
    "extract": (("README.md",),),
    "figures": (("pier",), ("pier", "--not-understood"), ("pier", "--json")),
    "flag": (("--since", "2026-01-01"),),
    "gaps": (("--all",), ("--all", "--json")),
    "health": ((), ("--json",)),
    "init": ((),),
    "monitor": (("--once",), ("--jobs",)),
    "mute": ((), ("topic:pier", "--for", "3d"), ("story:1", "--undo")),
    "names": ((), ("suggest",), ("--json",)),
    "outbox": ((), ("--all",)),
    "reextract": ((),),
    "replay": (("warc/none.warc.gz",),),
    "search": (("pier",), ("pier OR ferry", "--json"), ("pier AND",)),
    "setup": ((),),
    "sources": ((), ("--json",), ("check",), ("export",)),
    "stories": ((), ("1", "--full"), ("99",)),
    "topics": ((), ("--json",), ("check",)),
    "version": ((),),
    "worker": (("tcp://127.0.0.1:9",),),
}
"""Arguments of each command; DATA stands for the data folder. `demo` is left out, because its texts are part of the project."""
CASES = [(command, words) for command, calls in COMMANDS.items() for words in calls]


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with hostile text in every column that outlets, servers or topic titles can fill."""
    folder = tmp_path_factory.mktemp("hostile")
    archive = Archive(folder, (SOURCE, LANTERN))
    for number, month in enumerate(("June", "July"), start=1):
        text = (f"The {HOSTILE} council voted to close the northern pier in {month}.", *REST)
        read = article(*text, title=f"Pier {HOSTILE}", lead=HOSTILE, bylines=(Byline(name=HOSTILE),), published=None)
        archive.record_fetch(record(read, page(body=month.encode(), fetched_at=hour(number)), at=hour(number)))
    copy = article(*REST, f"So says {HOSTILE}.", title=f"Pier, again {HOSTILE}", published=None)
    archive.record_fetch(
        record(
            copy, page("https://lantern.example/news/pier", source="lantern", fetched_at=hour(3)), at=hour(3),
            source=LANTERN,
        )
    )  # fmt: skip
    with archive.store.transaction() as store:
        db = store.db
        db.execute(
            "UPDATE seeds SET polled_at = ?, failures = 3, error = ?", ("2026-03-01T12:00:00Z", f"HTTP 503 {HOSTILE}")
        )
        db.execute("UPDATE sources SET name = ? WHERE id = 'lantern'", (f"Lantern {HOSTILE}",))
        db.execute(
            "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at)"
            " VALUES ('gazette', 'blocked', '', '2026-03-01T12:00:00Z', :text, :text, '2026-03-01T12:00:00Z')",
            {"text": HOSTILE},
        )
        db.execute(
            "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state, resolution) VALUES ('gazette', 1,"
            " '2026-03-01T12:00:00Z', '2026-03-01T13:00:00Z', 'unresolved', ?)", (HOSTILE,),
        )  # fmt: skip
        db.execute(
            "INSERT INTO outbox (digest_id, recipient, period, subject, message_id, content, content_sha256, state, error,"
            " created_at) VALUES ('desk', 'desk@ngo.example', 'p', ?, 'm', x'', '', 'given_up', ?, '2026-03-01T12:00:00Z')",
            (HOSTILE, HOSTILE),
        )
    archive.store.close()
    for name, text in (("topics", TOPICS), ("names", NAMES), ("digests", DIGESTS)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def data(hostile_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the folder, with sources on a site that serves hostile text."""
    folder = tmp_path / "data"
    shutil.copytree(hostile_folder, folder)
    with Site() as site:
        title = HOSTILE.replace("\x1b", "&#27;").replace("\x07", "&#7;")
        paragraphs = "".join(f"<p>{text}</p>" for text in (f"The pier will close, says {title}.", *REST))
        body = f"<html><title>{title}</title><article><h1>{title}</h1>{paragraphs}</article></html>"
        site["/news/next"] = html(body)
        escaped = html_escape(MARKUP)
        site["/rss"] = xml(
            f"<rss><channel><item><title>{escaped}</title><link>{site.base}/news/next</link></item></channel></rss>"
        )
        site["/broken"] = html(f"<b>{title}</b>", Content_Type=f"text/{ESCAPES[:5]}".encode().decode("latin-1"))
        (folder / "sources.toml").write_text(SOURCES.replace("SITE", site.base), encoding="utf-8")
        yield folder


def test_every_command_is_tested() -> None:
    assert set(command_modules()) - {"demo"} == set(COMMANDS)


@pytest.mark.parametrize(("command", "words"), CASES, ids=[" ".join((command, *words)) for command, words in CASES])
def test_no_control_character_is_printed_and_no_command_fails(data: Path, command: str, words: tuple[str, ...]) -> None:
    arguments = [word.replace("DATA", str(data)) for word in words]
    ended = scrapy(command, *arguments, data=data, COLUMNS="400", DOWNLOAD_DELAY="0")
    output = ended.stdout + ended.stderr
    assert "Traceback" not in output
    assert ended.returncode in range(5), output
    exported = command == "archive" and "csv" in words  # data for programs, exported unchanged
    assert not (CONTROL_CHARACTERS.search(output) and not exported), output
    for part in ("[video]", "[/b]", "[red]no[/red]", ":warning:") if "Mayor" in output else ():
        assert part in " ".join(output.split()), "markup was removed from a text"


@pytest.mark.parametrize(
    "words",
    [("stories",), ("stories", "1"), ("diff", "1", "--full"), ("topics",), ("flag", "--since", "2026-01-01"),
     ("backtest", "pier"), ("gaps", "--all"), ("outbox",)],
    ids=" ".join,
)  # fmt: skip
def test_text_with_markup_is_shown_unchanged(data: Path, words: tuple[str, ...]) -> None:
    shown = scrapy(*words, data=data, COLUMNS="400").stdout
    assert "Mayor [/b]" in shown


@pytest.mark.parametrize(
    "words",
    [("archive", "export"), ("archive", "schema"), ("sources",), ("sources", "--json"), ("diff", "1")],
    ids=" ".join,
)
def test_no_command_fails_in_a_locale_without_the_letters(tmp_path: Path, words: tuple[str, ...]) -> None:
    archive = Archive(tmp_path)
    for day in ("الثلاثاء", "الأربعاء"):
        archive.record_fetch(
            record(article(f"صوّت مجلس الميناء يوم {day}.", title="المجلس", published=None), page(body=day.encode()))
        )
    archive.store.close()
    (tmp_path / "sources.toml").write_text(SOURCES.replace("SITE", HOME), encoding="utf-8")
    ended = scrapy(*words, data=tmp_path, PYTHONIOENCODING="latin-1")
    assert ended.returncode == 0, ended.stderr
    assert "Error" not in ended.stderr
    if "export" in words or "--json" in words:
        assert "المجلس" in ended.stdout or "صحيفة" in ended.stdout


def test_lines_are_not_wrapped_in_a_pipe(data: Path) -> None:
    lines = scrapy("outbox", data=data, COLUMNS="").stdout.splitlines()
    assert len(lines) == 2  # a heading and a row
    assert lines[1].count("[red]no[/red]") == 2
    assert max(len(line) for line in scrapy("backtest", "pier", data=data, COLUMNS="").stdout.splitlines()) < 1000


@pytest.mark.parametrize("command", sorted({words.split()[0] for words in COMMANDS}))
def test_help_underlines_headings_only(command: str, tmp_path: Path) -> None:
    """Scrapy's formatter takes any line that ends with a colon for a heading."""
    lines = scrapy(command, "--help", data=tmp_path).stdout.splitlines()
    underlined = [lines[number - 1] for number, line in enumerate(lines) if number and set(line) in ({"="}, {"-"})]
    assert underlined
    assert [line for line in underlined if line.startswith(" ")] == []
