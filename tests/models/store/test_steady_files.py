"""Office documents have the same bytes whenever they are written."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from models.store.steady_files import steady_zip

_CORE = '<x xmlns:dcterms="d"><dcterms:created xsi:type="dcterms:W3CDTF">{now}</dcterms:created></x>'


def _archive(path: Path, now: float, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            about = zipfile.ZipInfo(name, time.gmtime(now)[:6])
            text = _CORE.format(now=time.strftime("%Y", time.gmtime(now))) if name.startswith("docProps") else name
            archive.writestr(about, text)
    return path


def test_an_archive_has_the_same_bytes_whatever_the_hour_and_the_order(tmp_path: Path) -> None:
    names = ["word/document.xml", "docProps/core.xml", "[Content_Types].xml"]
    one, two = _archive(tmp_path / "1.docx", 1e9, names), _archive(tmp_path / "2.docx", 1.5e9, names[::-1])
    for path in (one, two):
        steady_zip(path, "2026-11-30T00:00:00Z")
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert b">2026-11-30T00:00:00Z<" in archive.read("docProps/core.xml")
        assert archive.testzip() is None
