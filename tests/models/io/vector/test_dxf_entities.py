"""What a drawing holds is drawn, or counted by kind: nothing of it goes without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.io.vector.dxf_entities import through

CRS = "EPSG:4548"
E0, N0 = 501_000.0, 4_058_000.0
CASE = Path(__file__).parents[4].parent / "shared" / "cases" / "tables" / "utf8_in_ansi936.dxf"


def place(code: int, x: float, y: float, z: float = 0.0) -> list[Any]:
    return [10 + code, E0 + x, 20 + code, N0 + y, 30 + code, z]


class Pen:
    """Writes entities with handles in the order in which they come."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.count = 0x100

    def add(self, kind: str, *pairs: Any, layer: str = "A", paper: bool = False) -> str:
        self.count += 1
        handle = f"{self.count:X}"
        self.lines += [0, kind, 5, handle, 100, "AcDbEntity", *([67, 1] if paper else []), 8, layer, *pairs]
        return handle

    def save(self, path: Path, blocks: list[Any] | None = None) -> Path:
        lines = [0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1024", 0, "ENDSEC", 0, "SECTION", 2, "BLOCKS",
                 *(blocks or []), 0, "ENDSEC", 0, "SECTION", 2, "ENTITIES", *self.lines, 0, "ENDSEC",
                 0, "EOF"]  # fmt: skip
        path.write_text("\n".join(map(str, lines)) + "\n", encoding="utf-8")
        return path


FIT = [(0.0, 0.0), (10.0, 20.0), (20.0, 0.0)]


def fit_spline(pen: Pen, layer: str = "样条", paper: bool = False) -> str:
    points = [value for x, y in FIT for value in place(1, x, y)]
    return pen.add("SPLINE", 100, "AcDbSpline", 70, 0, 71, 3, 72, 0, 73, 0, 74, 3, *points, layer=layer, paper=paper)


def read(path: Path) -> list[Any]:
    return find_format(path).read(path, ReadRequest(crs=CRS), Progress())


def told(parts: list[Any]) -> dict[str, Any]:
    return {caution.code: caution.facts for part in parts for caution in part.data.cautions}


def test_a_spline_by_fit_points_goes_through_them(tmp_path: Path) -> None:
    pen = Pen()
    pen.add("LINE", 100, "AcDbLine", *place(0, 0, 0), *place(1, 10, 10))
    fit_spline(pen)
    fit_spline(pen, paper=True)
    parts = read(pen.save(tmp_path / "a.dxf"))
    assert [part.layer.name for part in parts] == ["A", "样条"]
    line = parts[1].data.frame.geometry.iat[0]
    assert all(line.distance(shapely.Point(E0 + x, N0 + y)) < 1e-6 for x, y in FIT)
    assert line.length > 2 * np.hypot(10, 20)
    assert told(parts)["vector.dxf_fit_splines"]["count"] == 1
    assert "vector.dxf_not_drawn" not in told(parts)


def test_a_closed_spline_has_no_corner_where_it_closes() -> None:
    line = through([[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0], [0, 0, 0]])
    assert line.is_closed
    (a, b), (y, z) = line.coords[:2], line.coords[-2:]
    first, last = np.subtract(b, a), np.subtract(z, y)
    assert first @ last / np.linalg.norm(first) / np.linalg.norm(last) > 0.9
    assert through([[0, 0, 0], [0, 0, 0]]) is None
    assert through([[0, 0, 1], [5, 0, 2]]).has_z


def test_what_cannot_be_read_is_counted_by_kind_with_the_first_handles(tmp_path: Path) -> None:
    pen = Pen()
    pen.add("LINE", 100, "AcDbLine", *place(0, 0, 0), *place(1, 10, 10))
    handles = [pen.add(kind, 100, "AcDbModelerGeometry", 70, 1, 1, "mnop") for kind in ("3DSOLID", "3DSOLID", "REGION")]
    handles.append(pen.add("RAY", 100, "AcDbRay", *place(0, 0, 0), 11, 1, 21, 0, 31, 0))
    handles.append(pen.add("INSERT", 100, "AcDbBlockReference", 2, "没有这个块", *place(0, 5, 5)))
    pen.add("VIEWPORT", *place(0, 0, 0), 40, 5, 41, 5, paper=True)
    path = pen.save(tmp_path / "a.dxf")
    facts = told(read(path))["vector.dxf_not_drawn"]
    assert facts["count"] == 5
    assert facts["kinds"] == "3DSOLID 2, REGION 1, RAY 1, INSERT 1"
    assert facts["rows"] == ", ".join(handles)
    assert "vector.dxf_not_drawn" in {caution.code for caution in inspect(path).cautions}


def test_what_a_block_holds_counts_as_often_as_the_block_stands_there(tmp_path: Path) -> None:
    inside = Pen()
    inside.add("LINE", 100, "AcDbLine", *place(0, -E0, -N0), *place(1, 1 - E0, 1 - N0))
    inside.add("MLINE", 2, "STANDARD")
    block = [0, "BLOCK", 5, "10", 8, 0, 2, "井", 70, 0, 10, 0, 20, 0, 30, 0, 3, "井", *inside.lines, 0, "ENDBLK"]
    pen = Pen()
    for n in range(3):
        pen.add("INSERT", 100, "AcDbBlockReference", 2, "井", *place(0, 10 * n, 0))
    parts = read(pen.save(tmp_path / "a.dxf", block))
    assert len(parts[0].data.frame) == 3
    assert told(parts)["vector.dxf_not_drawn"]["kinds"] == "MLINE 3"


def test_a_drawing_of_solids_alone_is_refused_by_what_it_holds(tmp_path: Path) -> None:
    pen = Pen()
    pen.add("3DSOLID", 100, "AcDbModelerGeometry", 70, 1, 1, "mnop")
    with pytest.raises(UserError, match=r"vector\.dxf_nothing_drawn.*3DSOLID 1"):
        read(pen.save(tmp_path / "a.dxf"))


def test_a_drawing_without_handles_is_counted_by_kind(tmp_path: Path) -> None:
    lines = [0, "SECTION", 2, "ENTITIES", 0, "LINE", 8, "A", *place(0, 0, 0), *place(1, 5, 5),
             0, "3DSOLID", 8, "A", 0, "ENDSEC", 0, "EOF"]  # fmt: skip
    (tmp_path / "a.dxf").write_text("\n".join(map(str, lines)) + "\n")
    facts = told(read(tmp_path / "a.dxf"))["vector.dxf_not_drawn"]
    assert (facts["kinds"], facts["rows"]) == ("3DSOLID 1", "–")


@pytest.mark.parametrize("height_m", [0.0, 5.0])
def test_faces_in_space_are_bodies_and_flat_ones_areas(tmp_path: Path, height_m: float) -> None:
    pen = Pen()
    corners = (place(0, 0, 0), place(1, 10, 0), place(2, 10, 0, height_m) if height_m else place(2, 10, 10))
    last = place(3, 0, 0, height_m) if height_m else place(3, 0, 10)
    for _ in range(2):
        pen.add("3DFACE", 100, "AcDbFace", *(value for corner in corners for value in corner), *last, layer="楼")
    pen.add("POLYLINE", 100, "AcDbPolyFaceMesh", 66, 1, 70, 64, 71, 4, 72, 1, *place(0, 0, 0), layer="楼")
    for x, y, z in ((0, 0, 0), (10, 0, 0), (10, 10, height_m), (0, 10, height_m)):
        pen.add("VERTEX", *place(0, x, y, z), 70, 192, layer="楼")
    pen.add("VERTEX", 10, 0, 20, 0, 30, 0, 70, 128, 71, 1, 72, 2, 73, 3, 74, 4, layer="楼")
    pen.add("SEQEND", layer="楼")
    (part,) = read(pen.save(tmp_path / "a.dxf"))
    assert part.layer.kind == ("model" if height_m else "vector")
    if height_m:
        assert len(part.data.elements) == 3
        assert len(part.data.meshes.faces) == 6
        assert part.data.placement[0, 3] == pytest.approx(E0, abs=20)
    else:
        assert part.data.frame.geometry.area.tolist() == [100.0] * 3


@pytest.mark.skipif(not CASE.exists(), reason="no shared cases here")
def test_the_drawing_of_the_cases_keeps_its_spline() -> None:
    parts = read(CASE)
    assert "样条" in [part.layer.name for part in parts]
    assert told(parts)["vector.dxf_fit_splines"]["count"] == 1
    assert "vector.dxf_not_drawn" not in told(parts)
