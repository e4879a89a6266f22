"""Folders on network file systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.archive.db import open as opening
from crawler.archive.db.open import network_file_system, open_archive
from crawler.exceptions import ArchiveError

TABLE = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
31 27 0:40 / /mnt/nas rw,relatime shared:9 - nfs4 nas:/export rw,vers=4.2
32 31 254:3 / /mnt/nas/local rw,relatime - xfs /dev/vdb rw
33 27 0:41 / /mnt/our\040share rw,relatime - cifs //nas/share rw
34 27 0:42 / /home/ed/cloud rw,nosuid - fuse.rclone remote: rw
35 27 0:43 / /media/stick rw - fuseblk /dev/sdb1 rw
36 27 0:44 / /srv rw - nfs nas:/old rw
37 36 254:4 / /srv rw - btrfs /dev/vdc rw
38 27 0:45 / /var/lib/tmp rw - ext4 /dev/vdd rw
39 38 0:46 / /var/lib/tmp rw master:1 propagate_from:2 - nfs nas:/new rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas/wirewatch/data", "nfs4"),
        ("/mnt/our share/data", "cifs"),
        ("/home/ed/cloud/data", "fuse.rclone"),
        ("/media/stick/data", "fuseblk"),
        ("/var/lib/tmp/data", "nfs"),
    ],
)
def test_a_folder_on_nfs_cifs_or_fuse_is_recognised(folder: str, kind: str) -> None:
    assert network_file_system(folder, TABLE) == kind


@pytest.mark.parametrize("folder", ["/", "/home/ed/data", "/mnt/nas/local/data", "/mnt/nasty", "/srv/data"])
def test_a_folder_on_a_local_disk_is_accepted(folder: str) -> None:
    assert network_file_system(folder, TABLE) is None


@pytest.mark.parametrize(
    "table", ["", "nonsense", "1 2 3 - ext4\n\n - \n", "1 1 0:1 / / rw - fuse.fuse-overlayfs f rw"]
)
def test_an_unknown_mount_table_and_the_root_of_a_container_are_accepted(table: str) -> None:
    assert network_file_system("/data", table) is None


def test_an_archive_can_be_opened_on_the_disk_of_this_machine(tmp_path: Path) -> None:
    open_archive(tmp_path / "data" / "archive.db").close()


def test_opening_an_archive_for_writing_on_a_network_folder_is_refused_in_one_line_and_creates_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, share = tmp_path / "mountinfo", tmp_path / "share"
    share.mkdir()
    (tmp_path / "data").symlink_to(share)
    table.write_text(f"1 1 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:9 / {share} rw - nfs4 nas:/export rw\n")
    monkeypatch.setattr(opening, "_MOUNT_TABLE", table)
    with pytest.raises(ArchiveError, match="type nfs4, where SQLite's WAL can corrupt the archive; keep the data"):
        open_archive(tmp_path / "data" / "archive.db")
    assert list(share.iterdir()) == []
