"""Review packages as archives: the same bytes each time, sound or refused, and nothing written outside."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.delivery import archive
from models.delivery.manifest import MANIFEST, PROJECT, LeftOut, Manifest, Redacted, manifest_of, written
from models.delivery.member_names import collide, is_safe
from tools.fuzz_package import MUTATIONS, fuzz


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "project").write_bytes(b"project" * 1000)
    (tmp_path / "dem").write_bytes(b"dem" * 1000)
    path = tmp_path / "city.cjreview"
    files = {PROJECT: tmp_path / "project", "sources/01/高程.tif": tmp_path / "dem"}
    archive.write(path, files, Manifest(name="示例城市", synthetic=True))
    return path


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(package: Path, tmp_path: Path) -> None:
    os.utime(tmp_path / "dem", (1, 1))
    again = tmp_path / "again.cjreview"
    files = {"sources/01/高程.tif": tmp_path / "dem", PROJECT: tmp_path / "project"}
    archive.write(again, files, Manifest(name="示例城市", synthetic=True))
    assert again.read_bytes() == package.read_bytes()


def test_a_package_is_unpacked_to_the_very_bytes_that_went_in(package: Path, tmp_path: Path) -> None:
    manifest = archive.unpack(package, tmp_path / "out")
    assert (tmp_path / "out" / PROJECT).read_bytes() == b"project" * 1000
    assert (tmp_path / "out" / "sources" / "01" / "高程.tif").read_bytes() == b"dem" * 1000
    hashes = {one.name: one.sha256 for one in manifest.members}
    assert hashes[PROJECT] == hashlib.sha256(b"project" * 1000).hexdigest()
    assert not list(tmp_path.glob(".out-*"))


def test_every_file_that_differs_is_named(package: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.cjreview"
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(changed, "w") as new:
        new.writestr(MANIFEST, old.read(MANIFEST))
        new.writestr(PROJECT, b"PROJECT" * 1000)
        new.writestr("extra.txt", b"")
    _, found = archive.differences(changed)
    assert {(one.name, one.what) for one in found} == {
        (PROJECT, "hash"), ("sources/01/高程.tif", "missing"), ("extra.txt", "extra"),
    }  # fmt: skip
    with pytest.raises(UserError) as refused:
        archive.unpack(changed, tmp_path / "out")
    assert refused.value.code == "package.differs"
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(package: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UserError) as refused:
        archive.unpack(package, tmp_path / "out")
    assert refused.value.code == "package.folder_taken"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("stage", ["write", "unpack"])
def test_a_cancel_leaves_nothing_behind(package: Path, tmp_path: Path, stage: str) -> None:
    before = set(tmp_path.iterdir())
    progress = Progress()
    steps = 0

    def step(_: float, __: str) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            progress.cancel()

    progress._report = step

    def work() -> None:
        if stage == "write":
            archive.write(tmp_path / "new.cjreview", {PROJECT: tmp_path / "dem"}, Manifest(), progress)
        else:
            archive.unpack(package, tmp_path / "out", progress)

    with pytest.raises(Cancelled):
        work()
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/../b", "C:a", "C:/a", "a\\b", "a\x00b", "con", "NUL.txt", "sources/aux.tif", "com1", "lpt¹", "a.",
     "a ", ".a", "a//b", "", "a/", "a\u202eb", "e\u0301", "x" * 121, "/".join("abcdefghi")],
)  # fmt: skip
def test_names_that_not_every_system_keeps_inside_are_unsafe(name: str) -> None:
    assert not is_safe(name)


def test_names_that_are_one_on_some_system_collide() -> None:
    assert collide(["a/B.tif", "A/b.tif"])
    assert collide(["a", "a/b"])
    assert not collide(["a/b", "a/c", "b"])


def test_links_and_devices_are_refused(package: Path, tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFDIR):
        evil = tmp_path / "evil.cjreview"
        with zipfile.ZipFile(package) as old, zipfile.ZipFile(evil, "w") as new:
            for info in old.infolist():
                if info.filename == PROJECT:
                    info.external_attr = (kind | 0o777) << 16
                new.writestr(info, old.read(info.filename) if kind != stat.S_IFLNK else b"/etc/passwd")
        with pytest.raises(UserError) as refused:
            archive.differences(evil)
        assert refused.value.code == "package.unsafe"


def test_a_list_that_would_fill_the_memory_is_refused_before_it_is_read(package: Path, tmp_path: Path) -> None:
    raw = package.read_bytes()
    at = raw.rfind(b"PK\x05\x06")
    evil = tmp_path / "evil.cjreview"
    evil.write_bytes(raw[:at] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, at, 0, 0))
    with pytest.raises(UserError) as refused:
        archive.differences(evil)
    assert refused.value.code == "package.bomb"


def test_a_manifest_says_again_what_was_written() -> None:
    told = Manifest(
        name="城", name_en="City", program="1", horizontal="EPSG:4548", vertical="EPSG:5737", synthetic=True,
        saved_at="2026-01-01", origin="院", definitions="abc", counts={"layers": 3}, fonts={"a.otf": "0" * 64},
        members=(archive.Member(PROJECT, 3, "f" * 64),), left_out=(LeftOut("底图", "server"),),
        redacted=(Redacted("fields", "建筑 · owner", 7),),
    )  # fmt: skip
    assert manifest_of(written(told), "x") == told
    assert json.loads(written(told))["figures"] == "computed_before_redaction"


def test_a_package_of_a_later_program_says_so() -> None:
    told = json.loads(written(Manifest(members=(archive.Member(PROJECT, 3, "f" * 64),))))
    with pytest.raises(UserError) as refused:
        manifest_of(json.dumps(told | {"version": 2}).encode(), "x")
    assert refused.value.code == "package.newer"


def test_broken_and_hostile_packages_write_nothing_outside_and_end_in_words(tmp_path: Path) -> None:
    outcome = fuzz(12 * len(MUTATIONS), tmp_path, seed=7)
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert {"package.unsafe", "package.bomb", "package.differs", "package.damaged"} <= set(outcome.endings)
