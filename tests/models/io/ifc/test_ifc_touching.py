"""Faces whose outline touches itself have the area that their author drew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.progress import Progress
from models.io.ifc.reader import Source, read
from models.io.ifc.shapes.outlines import faulty, outlines, simple_rings, split
from models.io.ifc.shapes.shortfall import lacks
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from resources.words import word

HEAD = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4'));ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'p',$,$,$,$,(#2),#3);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,$);
#3=IFCUNITASSIGNMENT((#5));
#4=IFCAXIS2PLACEMENT3D(#6,$,$);
#5=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#6=IFCCARTESIANPOINT((0.,0.,0.));
#12=IFCSHAPEREPRESENTATION(#2,'Body','Any',(#20));
#13=IFCPRODUCTDEFINITIONSHAPE($,$,(#12));
#14=IFCBUILDINGELEMENTPROXY('2YvctVUKr0kugbFTf53O9L',$,'sheet',$,$,$,#13,$,$);
"""
#: Outline, its area.
RINGS = {
    "a hole by a way in": ([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (3, 3), (3, 7), (7, 7), (7, 3), (3, 3)], 84),
    "two squares at one corner": ([(0, 0), (5, 0), (5, 5), (10, 5), (10, 10), (5, 10), (5, 5), (0, 5)], 50),
    "a spike": ([(0, 0), (10, 0), (10, 10), (6, 10), (6, 5), (6, 10), (0, 10)], 100),
    "a notch to the other side": ([(0, 0), (10, 0), (10, 10), (6, 10), (5, 0), (4, 10), (0, 10)], 90),
    "a ring that closes on its own side": (
        [(0, 0), (10, 0), (10, 10), (6, 10), (6, 8), (8, 8), (8, 2), (2, 2), (2, 8), (6, 9), (0, 10)], 59,
    ),
    "a way back to its own side": ([(0, 0), (10, 0), (10, 10), (0, 10), (0, 5), (5, 0), (0, 4)], 97.5),
    "a slit": ([(0, 0), (10, 0), (10, 10), (5, 10), (5, 2), (5, 8), (0, 8)], 90),
    "an eight": ([(0, 0), (5, 5), (10, 10), (10, 0), (5, 5), (0, 10)], 50),
}  # fmt: skip


#: Outlines that cross themselves: what is meant is not clear, what even and odd enclose is compared.
CROSSED = {
    "a bow": [(0, 0), (10, 10), (10, 0), (0, 10)],
    "a notch through the other side": [(0, 0), (10, 0), (10, 10), (6, 10), (5, -2), (4, 10), (0, 10)],
}
#: What the first picture goes by.
TYPES = {"indexed": "Tessellation", "loop": "SurfaceModel", "curve": "SweptSolid", "polyline": "SweptSolid"}
SHIFT = "#70=IFCLOCALPLACEMENT($,#71);\n#71=IFCAXIS2PLACEMENT3D(#72,#73,#74);\n#72=IFCCARTESIANPOINT((7.,-3.,2.));\n"
SHIFT += "#73=IFCDIRECTION((1.,1.,1.));\n#74=IFCDIRECTION((1.,0.,-1.));\n"
OPENING = """#80=IFCOPENINGELEMENT('3YvctVUKr0kugbFTf53O9L',$,$,$,$,#70,#81,$,$);
#81=IFCPRODUCTDEFINITIONSHAPE($,$,(#82));
#82=IFCSHAPEREPRESENTATION(#2,'Body','CSG',(#83));
#83=IFCBLOCK(#4,1.,1.,1.);
#84=IFCRELVOIDSELEMENT('4YvctVUKr0kugbFTf53O9L',$,$,$,#14,#80);
"""


def drawn(ring: list[tuple[int, int]], kind: str) -> str:
    corners = list(dict.fromkeys(ring))
    index = [corners.index(one) for one in ring]
    flat = ",".join(f"({x}.,{y}.)" for x, y in [*ring, ring[0]])
    if kind == "indexed":
        points = ",".join(f"({x}.,{y}.,0.)" for x, y in corners)
        body = f"#15=IFCCARTESIANPOINTLIST3D(({points}));\n#20=IFCPOLYGONALFACESET(#15,.F.,(#21),$);\n"
        body += f"#21=IFCINDEXEDPOLYGONALFACE(({','.join(str(at + 1) for at in index)}));\n"
    elif kind == "loop":
        body = "".join(f"#{100 + at}=IFCCARTESIANPOINT(({x}.,{y}.,0.));\n" for at, (x, y) in enumerate(corners))
        body += f"#50=IFCPOLYLOOP(({','.join(f'#{100 + at}' for at in index)}));\n#51=IFCFACEOUTERBOUND(#50,.T.);\n"
        body += "#52=IFCFACE((#51));\n#53=IFCCONNECTEDFACESET((#52));\n#20=IFCFACEBASEDSURFACEMODEL((#53));\n"
    else:
        body = "#20=IFCEXTRUDEDAREASOLID(#21,$,#22,3.);\n#21=IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,#23);\n"
        body += "#22=IFCDIRECTION((0.,0.,1.));\n"
        if kind == "polyline":
            body += "".join(
                f"#{100 + at}=IFCCARTESIANPOINT(({x}.,{y}.));\n" for at, (x, y) in enumerate([*ring, ring[0]])
            )
            body += f"#23=IFCPOLYLINE(({','.join(f'#{100 + at}' for at in range(len(ring) + 1))}));\n"
        else:
            body += f"#23=IFCINDEXEDPOLYCURVE(#24,$,$);\n#24=IFCCARTESIANPOINTLIST2D(({flat}));\n"
    return body


def text(body: str) -> str:
    return HEAD.replace("'sheet',$,$,$", "'sheet',$,$,#70") + SHIFT + body + "ENDSEC;\nEND-ISO-10303-21;\n"


def opened(path: Path, body: str) -> ModelData:
    path.write_text(text(body), encoding="ascii")
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def triangles(data: ModelData) -> np.ndarray:
    return np.concatenate([
        data.meshes.vertices[data.meshes.mesh_vertices[mesh] :][
            data.meshes.faces[data.meshes.mesh_faces[mesh] : data.meshes.mesh_faces[mesh + 1]]
        ]
        for mesh in data.meshes.placement_mesh
    ]).astype(np.float64)  # fmt: skip


def area_of(data: ModelData) -> float:
    a, b, c = triangles(data).transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def volume_of(data: ModelData) -> float:
    a, b, c = triangles(data).transpose(1, 0, 2)
    return float((a * np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("kind", ["indexed", "loop"])
@pytest.mark.parametrize("name", RINGS)
def test_a_face_that_touches_itself_has_its_area_and_is_told(name: str, kind: str, tmp_path: Path) -> None:
    ring, area = RINGS[name]
    data = opened(tmp_path / "m.ifc", drawn(ring, kind))
    assert area_of(data) == pytest.approx(area, rel=1e-6)
    told = next(one for one in data.cautions if one.code == "io.faces_mended")
    assert (told.facts["count"], told.facts["left"]) == (1, 0)
    assert not any(one.code in ("io.faces_lost", "io.faces_unsure") for one in data.cautions)


@pytest.mark.parametrize("kind", ["polyline", "curve"])
@pytest.mark.parametrize("name", RINGS)
def test_a_solid_on_an_outline_that_touches_itself_has_its_volume(name: str, kind: str, tmp_path: Path) -> None:
    ring, area = RINGS[name]
    data = opened(tmp_path / "m.ifc", drawn(ring, kind))
    assert volume_of(data) == pytest.approx(3 * area, rel=1e-6)
    assert next(one for one in data.cautions if one.code == "io.faces_mended").facts["count"] == 1


def test_voids_go_to_the_outlines_that_they_lie_in(tmp_path: Path) -> None:
    ring, area = RINGS["a notch to the other side"]
    body = drawn(ring, "curve").replace(
        "IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,#23)", "IFCARBITRARYPROFILEDEFWITHVOIDS(.AREA.,$,#23,(#25,#27))"
    )
    body += "#25=IFCINDEXEDPOLYCURVE(#26,$,$);\n#26=IFCCARTESIANPOINTLIST2D(((1.,1.),(2.,1.),(2.,2.),(1.,1.)));\n"
    body += "#27=IFCINDEXEDPOLYCURVE(#28,$,$);\n#28=IFCCARTESIANPOINTLIST2D(((8.,1.),(9.,1.),(9.,3.),(8.,1.)));\n"
    assert volume_of(opened(tmp_path / "m.ifc", body)) == pytest.approx(3 * (area - 0.5 - 1.0), rel=1e-6)


def test_an_indexed_face_keeps_the_hole_that_stands_beside_its_outline(tmp_path: Path) -> None:
    ring, area = RINGS["a slit"]
    body = drawn(ring, "indexed").replace("0.)));", "0.),(7.,1.,0.),(9.,1.,0.),(9.,3.,0.)));")
    body = body.replace(
        "IFCINDEXEDPOLYGONALFACE((1,2,3,4,5,6,7))", "IFCINDEXEDPOLYGONALFACEWITHVOIDS((1,2,3,4,5,6,7),((8,9,10)))"
    )
    assert "WITHVOIDS" in body
    assert area_of(opened(tmp_path / "m.ifc", body)) == pytest.approx(area - 2, rel=1e-6)


@pytest.mark.parametrize("kind", ["indexed", "loop", "curve", "polyline"])
@pytest.mark.parametrize("name", [
    "a hole by a way in", "two squares at one corner", "a notch to the other side",
    "a ring that closes on its own side", "a way back to its own side",
])  # fmt: skip
def test_the_first_picture_shows_them_whole_too(name: str, kind: str, tmp_path: Path) -> None:
    ring, area = RINGS[name]
    path = tmp_path / "m.ifc"
    path.write_text(text(drawn(ring, kind)).replace("'Any'", f"'{TYPES[kind]}'"), encoding="ascii")
    first = Source.open(path, ReadRequest()).preview()
    assert first is not None
    assert isinstance(first.data, ModelData)
    is_face = kind in ("indexed", "loop")
    assert (area_of if is_face else volume_of)(first.data) == pytest.approx(area if is_face else 3 * area, rel=1e-5)


@pytest.mark.parametrize("kind", ["indexed", "loop", "curve"])
@pytest.mark.parametrize("name", CROSSED)
def test_an_outline_that_crosses_itself_is_told_by_element(name: str, kind: str, tmp_path: Path) -> None:
    data = opened(tmp_path / "m.ifc", drawn(CROSSED[name], kind))
    told = next(one for one in data.cautions if one.code in ("io.faces_lost", "io.no_shape"))
    assert (told.facts["count"], told.facts["names"]) == (1, "IfcBuildingElementProxy #14")
    for language in ("zh", "en"):
        assert "IfcBuildingElementProxy #14" in word(f"caution.{told.code}", language, **told.facts)


def test_a_shell_thatlacks_one_of_its_faces_is_told(tmp_path: Path) -> None:
    sound = "".join(f"#{200 + at}=IFCCARTESIANPOINT(({x}.,{y}.,5.));\n" for at, (x, y) in enumerate(CROSSED["a bow"]))
    sound += "#60=IFCPOLYLOOP((#200,#202,#201,#203));\n#61=IFCFACEOUTERBOUND(#60,.T.);\n#62=IFCFACE((#61));\n"
    for ring in CROSSED.values():
        body = drawn(ring, "loop").replace("FACESET((#52))", "FACESET((#52,#62))") + sound
        data = opened(tmp_path / "m.ifc", body)
        assert next(one for one in data.cautions if one.code == "io.faces_lost").facts["count"] == 1


def test_a_crossed_face_that_is_shown_whole_is_not_said_to_be_lost(tmp_path: Path) -> None:
    body = drawn(CROSSED["a bow"], "indexed")
    path = tmp_path / "m.ifc"
    path.write_text(text(body).replace("'Any'", "'Tessellation'"), encoding="ascii")
    codes = [one.code for one in read(path, ReadRequest(), Progress())[0].data.cautions]
    assert "io.preview_kept" in codes
    assert "io.faces_lost" not in codes


def test_holes_beside_an_outline_are_not_counted_as_lost() -> None:
    square = np.array([(0, 0, 0), (10, 0, 0), (10, 10, 0), (0, 10, 0.0)])
    hole = np.array([(0, 0, 0), (10, 0, 0), (0, 10, 0.0)])
    half = square[[[1, 2, 3]]]
    assert not lacks([square, hole], half)
    assert lacks([square], half)


def test_what_an_opening_cuts_cannot_be_compared_and_is_told(tmp_path: Path) -> None:
    data = opened(tmp_path / "m.ifc", drawn(CROSSED["a notch through the other side"], "curve") + OPENING)
    told = next(one for one in data.cautions if one.code == "io.faces_unsure")
    assert told.facts["names"] == "IfcBuildingElementProxy #14"


def test_a_corner_is_on_an_edge_within_what_kernels_take_for_one() -> None:
    def notch(gap: float) -> np.ndarray:
        return np.array([(0, 0, 0), (10, 0, 0), (10, 10, 0), (6, 10, 0), (5, gap, 0), (4, 10, 0), (0, 10, 0.0)])

    rings = [notch(gap) for gap in (0.0, 1e-5, -1e-5, 1e-4, -1e-4)]
    assert faulty(rings, 2e-5) == ([0, 1, 2], [4])
    assert [outlines(one, split(one, 2e-5)) != [] for one in rings[:3]] == [True, True, True]


def test_a_ring_that_goes_round_twice_is_left_to_the_comparison() -> None:
    twice = np.array([(0, 0, 0), (9, 0, 0), (9, 9, 0), (0, 9, 0), (0, 0, 0), (3, 1, 0), (3, 3, 0), (1, 3, 0.0)])
    assert faulty([twice], 1e-6) == ([0], [])
    assert outlines(twice, split(twice, 1e-6)) == []


def test_many_corners_are_looked_at_as_few_are() -> None:
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    touched = np.insert(circle, 1, [(circle[100] + circle[101]) / 2], axis=0)
    assert faulty([circle, touched], 1e-6) == ([1], [])


def test_a_corner_named_twice_in_a_row_is_no_touch() -> None:
    square = np.array([(0, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 0.0)])
    assert split(square, 1e-6) == [0, 1, 3, 4]
    assert faulty([square], 1e-6) == ([], [])


def test_rings_are_taken_apart_where_they_touch() -> None:
    assert simple_rings([0, 1, 2]) == [[0, 1, 2]]
    assert simple_rings([0, 1, 2, 1]) == []
    assert simple_rings([0, 1, 2, 0, 3, 4]) == [[0, 1, 2], [0, 3, 4]]
