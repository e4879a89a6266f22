"""The systemd unit and the cron lines of the documentation work, as far as can be tested without root."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.archive.db.open import open_archive
from tests.support.warm_commands import ROOT, run_warm

DOCS = ROOT / "docs"
UNIT = DOCS / "systemd" / "wirewatch.service"
UNITS = sorted((DOCS / "systemd").glob("*.service"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
@pytest.mark.parametrize("source", UNITS, ids=lambda path: path.stem)
def test_systemd_finds_nothing_wrong_with_the_unit(source: Path, tmp_path: Path) -> None:
    """The paths are replaced by those of this checkout, because systemd checks that the program exists."""
    unit = tmp_path / source.name
    programs = Path(sys.executable).parent
    text = source.read_text().replace("/srv/wirewatch/.venv/bin", str(programs))
    unit.write_text(text.replace("/srv/wirewatch", str(ROOT)))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=180
    )
    complaints = [line for line in done.stderr.splitlines() if source.name in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


def test_the_documentation_names_the_unit_files() -> None:
    text = "".join((DOCS / page).read_text() for page in ("how-to/run-continuously.md", "cluster.md"))
    assert [unit.name for unit in UNITS if unit.name not in text] == []
    assert "ExecStart=/srv/wirewatch/.venv/bin/scrapy monitor\n" in UNIT.read_text()


def test_the_monitor_notifies_systemd_when_it_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(180)
        environ = {
            **os.environ,
            "WIREWATCH_DATA_DIR": str(tmp_path),
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WIREWATCH_MONITOR_INTERVAL": "0.2",
        }
        monitor = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "monitor"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
        )
        try:
            assert listener.recv(100) == b"READY=1"
            assert listener.recv(100) == b"WATCHDOG=1"
            monitor.send_signal(signal.SIGTERM)
            while (message := listener.recv(100)) == b"WATCHDOG=1":
                pass
            assert message == b"STOPPING=1"
            assert monitor.wait(180) == 0
        finally:
            monitor.kill()
            monitor.wait()


def cron_lines() -> list[str]:
    text = (DOCS / "how-to" / "run-continuously.md").read_text()
    blocks = re.findall(r"```cron\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]


def test_the_documentation_has_cron_lines() -> None:
    assert len(cron_lines()) >= 3


@pytest.mark.parametrize("line", cron_lines(), ids=lambda line: line.rpartition("scrapy ")[2][:20])
def test_a_cron_line_succeeds_in_the_environment_of_cron(line: str, tmp_path: Path) -> None:
    """cron reads five fields and passes the rest to /bin/sh with few environment variables; an unescaped % is a newline."""
    fields = line.split(None, 5)
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields[:5]), line
    assert not re.search(r"(?<!\\)%", fields[5])
    data = tmp_path / "data"
    data.mkdir()
    (data / "sources.toml").write_text(
        '[lantern]\nname = "The Lantern"\nhome = "https://lantern.example/"\n'
        'feeds = ["https://lantern.example/rss"]\nenabled = false\n'
    )
    (data / "topics.toml").write_text("")
    open_archive(data / "archive.db").close()
    environ = {"HOME": str(tmp_path), "LOGNAME": "wirewatch", "PATH": "/usr/bin:/bin", "WIREWATCH_DATA_DIR": str(data)}
    program = Path(sys.executable).with_name("scrapy")
    if "monitor" not in line:  # one command is started by the shell; of the others, the shell gives the arguments
        program = tmp_path / "scrapy"
        program.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$HOME/arguments"\n')
        program.chmod(0o755)
    command = (
        fields[5].replace("\\%", "%").replace(".venv/bin/scrapy", str(program)).replace("/srv/wirewatch", str(ROOT))
    )
    command = command.replace("/backup/", f"{tmp_path}/backup-")
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    if "monitor" not in line:
        assert done.returncode == 0, done.stdout + done.stderr
        arguments = (tmp_path / "arguments").read_text().split("\0")[:-1]
        done = run_warm(["-m", "scrapy", *arguments], env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
