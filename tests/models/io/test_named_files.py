"""A model names files in its own folder or below it; nothing else is opened, fetched or looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.io.common.dependent_files import PICTURES, dependent_files
from models.io.common.textures import inside
from models.io.mesh.gltf_file import parse
from models.store.style_files import read_style


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "model"
    (home / "pictures").mkdir(parents=True)
    for path in (home / "wall.png", home / "pictures" / "roof.png", tmp_path / "secret.png"):
        path.write_bytes(b"\x89PNG")
    return home


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("wall.png", "wall.png"), ("./pictures/roof.png", "pictures/roof.png"),
        ("pictures\\roof.png", "pictures/roof.png"),
        ("pictures/../wall.png", "wall.png"), ("../secret.png", None), ("pictures/../../secret.png", None),
        ("%2e%2e/secret.png", None), ("..%5csecret.png", None), ("//server/share/a.png", None),
        ("\\\\server\\share\\a.png", None), (".//server/share/a.png", None), ("/etc/passwd", None),
        ("C:\\a.png", None), ("file:///etc/passwd", None), ("http://127.0.0.1:9/a.png", None), ("wall.png\0", None),
    ],
)  # fmt: skip
def test_only_files_in_the_folder_of_a_model_are_found(folder: Path, name: str, found: str | None) -> None:
    path = inside(folder, name)
    assert path == (None if found is None else folder / found)


@pytest.mark.skipif(os.name == "nt", reason="making links needs a right on Windows")
def test_a_link_in_the_folder_that_leads_out_is_not_followed(folder: Path, tmp_path: Path, monkeypatch) -> None:
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "share.png").symlink_to("//server/share/a.png")
    (folder / "away").symlink_to(tmp_path)
    (folder / "same.png").symlink_to("wall.png")
    looked: list[str] = []
    real = os.stat

    def watched(path: object = ".", *rest: object, **named: object) -> os.stat_result:
        if named.get("follow_symlinks", True):
            looked.append(os.path.realpath(os.fspath(path)) if isinstance(path, (str, os.PathLike)) else "")
        return real(path, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", watched)
    for name in ("out.png", "share.png", "away/secret.png"):
        assert inside(folder, name) is None
    assert inside(folder, "same.png") == folder / "wall.png"
    model = folder / "a.obj"
    model.touch()
    assert {name for name, *_ in dependent_files(model, PICTURES, ())} >= {"wall.png", "pictures/roof.png"}
    assert not [one for one in looked if "server" in one or one == str(tmp_path / "secret.png")]


@pytest.mark.parametrize("uri", ["../secret.png", "http://127.0.0.1:9/a.bin", "//server/share/a.bin", "/etc/passwd"])
def test_a_gltf_gets_no_bytes_from_outside(folder: Path, uri: str) -> None:
    document = parse(b'{"asset": {"version": "2.0"}, "buffers": []}', folder)
    assert document.bytes_of(uri) is None


def test_a_style_that_names_pictures_of_its_own_uses_none(tmp_path: Path) -> None:
    path = tmp_path / "a.qml"
    path.write_text(
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">'
        '<qgis version="3.34"><renderer-v2 type="singleSymbol">'
        '<symbols><symbol type="marker" name="0"><layer class="SvgMarker" enabled="1"><Option type="Map">'
        '<Option name="name" value="http://127.0.0.1:9/a.svg" type="QString"/>'
        '<Option name="color" value="255,0,0,255" type="QString"/></Option></layer></symbol></symbols>'
        "</renderer-v2></qgis>",
        encoding="utf-8",
    )
    read = read_style(path)
    assert "127.0.0.1" not in repr(read)
