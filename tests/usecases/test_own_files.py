"""The person's own files, edited by hand or damaged, cost what cannot be read of them and nothing else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import tomli_w

from app.background.jobs import Jobs
from app.command_line.main import run
from app.session import Session
from app.settings import DEFAULTS, Settings
from app.usecases.project.own_files import tell
from models.store import schema
from models.store.recovery import left_behind

TEXT = 'author = "王工"\nlang = "en"\ncache_gb = 3\nrecent = ["/项目/a.gpkg"]\n'
NOTE = {"project": "", "name": "b", "saved_at": "2026-01-01T10:00:00+00:00"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_settings_in_any_encoding_of_an_editor_are_read_whole(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(TEXT.encode(encoding))
    settings = Settings(path)
    assert settings.get("author") == "王工"
    assert settings.get("recent") == ["/项目/a.gpkg"]
    assert settings.odd == ()
    settings.set("theme", "dark")
    assert Settings(path).get("author") == "王工"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lang", "klingon"), ("lang", 5), ("theme", ["dark"]), ("recent", "a"), ("cache_gb", "much"), ("cache_gb", -1),
        ("cache_gb", 2.5), ("cache_gb", True), ("cache_gb", 10**15), ("author", 7), ("window", [1]), ("tables", "x"),
        ("servers", {"a": 1}), ("autosave_min", "5"), ("basemap_keys", ["k"]), ("basemaps", 3), ("key_hosts", 1),
    ],
)  # fmt: skip
def test_a_setting_of_a_wrong_type_has_its_default_and_the_rest_is_kept(
    tmp_path: Path, name: str, value: object
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(tomli_w.dumps({"author": "王工", "a_later_one": 1, name: value}), encoding="utf-8")
    settings = Settings(path)
    assert settings.get(name) == DEFAULTS[name]
    assert settings.odd == (name,)
    if name != "author":
        assert settings.get("author") == "王工"
    assert settings.put_aside is not None
    assert settings.put_aside.read_bytes() == path.read_bytes()
    settings.set("theme", "dark")
    assert "a_later_one" in path.read_text(encoding="utf-8")


def test_odd_entries_of_lists_are_left_out_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    document = {
        "recent": ["/a.gpkg", 5, {"b": 1}, "bad\0path"],
        "servers": [{"kind": "web", "url": "https://h.org"}, "x", {"kind": {"deep": 1}}],
        "tables": {"good": {"hidden": ["a"], "widths": {"b": 80}}, "odd": {"widths": {"b": "wide"}}, "none": 3},
    }
    path.write_text(tomli_w.dumps(document), encoding="utf-8")
    settings = Settings(path)
    assert settings.get("recent") == ["/a.gpkg"]
    assert settings.get("servers") == [{"kind": "web", "url": "https://h.org"}]
    assert set(settings.get("tables")) == {"good"}


@pytest.mark.parametrize(
    "data", [b"\xff\x00garbage\x9c", b"lang = ", b"\x00" * 64, b"a=" + b"[" * 50_000, TEXT.encode()[:20]]
)
def test_settings_that_nobody_can_read_start_with_defaults_and_a_copy(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    session = Session(Settings(path), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    assert session.settings.get("cache_gb") == DEFAULTS["cache_gb"]
    tell(session)
    (notice,) = session.notices.all
    assert notice.key == "caution.settings.unreadable"
    assert str(path) in notice.text("en")
    assert (tmp_path / "settings.toml.damaged").read_bytes() == data


def test_a_command_says_it_and_works(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text('cache_gb = "much"\n', encoding="utf-8")
    (tmp_path / "trusted.json").write_text("{", encoding="utf-8")
    code = run(["build", "--out", str(tmp_path / "a.gpkg"), str(tmp_path / "none.shp"), "--lang", "en"])
    told = capsys.readouterr().err
    assert code == 3
    assert "cache_gb" in told
    assert "trusted projects is damaged" in told


@pytest.mark.parametrize(
    "note", [b"", b"{", b"\xff\xfe", b"[]", json.dumps(NOTE | {"saved_at": "2026-01-01"}).encode()]
)
def test_unsaved_work_beside_a_damaged_note_is_offered_all_the_same(tmp_path: Path, note: bytes) -> None:
    for name, text in (("a", note), ("b", json.dumps(NOTE).encode())):
        with closing(sqlite3.connect(tmp_path / f"{name}.gpkg")) as project:
            project.execute(f"create table {schema.META} (id integer)")
        (tmp_path / f"{name}.json").write_bytes(text)
        (tmp_path / f"{name}.lock").touch()
    assert {one.file.name for one in left_behind(tmp_path)} == {"a.gpkg", "b.gpkg"}
