"""An atlas of a made-up city: each page has its own value, a killed run is taken up again, equal bytes at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest

from app.session import Session
from app.usecases.health import health
from app.usecases.project import opening
from app.usecases.sheets.atlas.making import make_atlas
from models.core.errors import UserError
from models.sheets.atlas.spec import AtlasSpec
from tests.support.paths import ROOT
from tests.support.small_city import open_tower_city

pytestmark = pytest.mark.render
SPEC = AtlasSpec(by="district", indicators=("HC25-25",), paper="A4", dpi=40)
_RUN = re.compile(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> (?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")


def words_on(page: pikepdf.Page) -> str:
    """Read the text of a page back through the tables of its fonts."""
    signs: dict[str, dict[int, str]] = {}
    for name, font in page.obj.Resources.Font.items():
        table = signs.setdefault(str(name), {})
        for first, _, alone, many in _RUN.findall(font.ToUnicode.read_bytes()):
            for step, sign in enumerate([alone] if alone else re.findall(rb"<([0-9A-Fa-f]+)>", many)):
                table[int(first, 16) + step] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    text, font_name = [], ""
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            font_name = str(operands[0])
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            text.append(
                "".join(signs[font_name].get(int.from_bytes(raw[k : k + 2], "big"), "") for k in range(0, len(raw), 2))
            )
    return "".join(text)


def test_each_page_of_an_atlas_has_the_value_and_the_name_of_its_own_unit(session: Session, tmp_path: Path) -> None:
    open_tower_city(session, 5)
    made = make_atlas(session, SPEC, tmp_path / "atlas", workers=0).result
    assert (made.count, made.drawn, made.hidden) == (5, 5, ())
    result = health.kept(session, "HC25-25")
    assert result is not None
    values = [unit.value for unit in result.units]
    assert len({round(value, 1) for value in values if value is not None}) > 1
    listing = json.loads((tmp_path / "atlas" / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert [row["number"] for row in listing] == [f"1-0{k}" for k in range(1, 6)]
    with pikepdf.open(made.pdf) as book:
        assert len(book.pages) == 6
        texts = [words_on(page) for page in book.pages]
        assert str(book.Root.PageLabels.Nums[3].P) == "1-01"
        assert json.loads(book.attachments["pages.json"].get_file().read_bytes())["pages"] == listing
        with book.open_outline() as outline:
            assert [len(chapter.children) for chapter in outline.root] == [5]
    for row, unit, text in zip(listing, result.units, texts[1:], strict=True):
        assert unit.unit_name in text.replace("\n", "")
        assert row["value"] in text, (row["number"], text)
        assert row["number"] in text
        assert row["objects"] == [["districts", unit.unit_oid]]
        assert all(one[:2] != ["districts", 0] for one in row["seen"])
        assert row["number"] in texts[0]
        assert row["value"] in texts[0], "and the index says the same"
    others = {unit.unit_name for unit in result.units}
    assert all(sum(name in text.partition("图例")[0] for name in others) >= 1 for text in texts[1:])


def test_what_is_there_is_kept_and_what_changed_is_drawn_anew(session: Session, tmp_path: Path) -> None:
    open_tower_city(session, 3)
    folder = tmp_path / "atlas"
    first = make_atlas(session, SPEC, folder, workers=0).result
    book = first.pdf.read_bytes()
    assert make_atlas(session, SPEC, folder, workers=0).result.drawn == 0
    assert first.pdf.read_bytes() == book
    broken = sorted((folder / "pages").glob("1-02*.pdf"))[0]
    broken.write_bytes(broken.read_bytes()[:-40])
    assert make_atlas(session, SPEC, folder, workers=0).result.drawn == 1, "a page that is not whole is no page"
    assert first.pdf.read_bytes() == book
    with pytest.raises(UserError, match=r"atlas\.no_pages"):
        make_atlas(session, AtlasSpec(by="problem"), folder, workers=0)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UserError, match=r"store\."):
        make_atlas(session, SPEC, tmp_path / "taken", workers=0)
    for text in ("7-9", "a"):
        with pytest.raises(UserError, match=r"atlas\.bad_pages"):
            make_atlas(session, SPEC, folder, workers=0, pages=text)


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process group")
def test_a_killed_run_is_taken_up_where_it_ended(session: Session, tmp_path: Path) -> None:
    open_tower_city(session, 8)
    project, folder = tmp_path / "city.gpkg", tmp_path / "atlas"
    opening.save_project(session, project)
    command = [
        sys.executable, "main.py", "--lang", "zh", "atlas", str(project), "--by", "街区", "--indicators", "HC25-25",
        "--paper", "A4", "--dpi", "40", "--out", str(folder), "--workers", "1",
    ]  # fmt: skip
    env = {**os.environ, "CHENGJING_HOME": str(tmp_path / "home")}
    run = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
    records: list[Path] = []
    while len(records) < 3 and run.poll() is None:
        time.sleep(0.02)
        records = sorted((folder / "pages").glob("*.json"))
    assert run.poll() is None, "it was killed at work"
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not (folder / "all.pdf").exists()
    kept = {file: file.stat().st_mtime_ns for file in sorted((folder / "pages").glob("[0-9]*.json"))}
    opening.open_project(session, project)
    made = make_atlas(session, SPEC, folder, workers=0).result
    assert (made.count, made.drawn) == (8, 8 - len(kept))
    assert {file: file.stat().st_mtime_ns for file in kept} == kept, "none was drawn twice"
    assert len(list((folder / "pages").iterdir())) == 16, "and nothing half-written is left"
    opening.open_project(session, project)
    whole = make_atlas(session, SPEC, tmp_path / "again", workers=0).result
    assert whole.pdf.read_bytes() == (folder / "all.pdf").read_bytes()
