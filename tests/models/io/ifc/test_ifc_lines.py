"""Alignments, referents, grids and annotations as lines, and rooms as bodies without matter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from models.core.progress import Progress
from models.io.common.mesh_builder import joined
from models.io.ifc.reader import Source, read
from models.io.ifc.shapes.lines import chains
from models.io.request import ReadRequest
from models.layers.layer import ModelData

MODEL = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4X3_ADD2'));ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'p',$,$,$,$,(#2),#3);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,$);
#3=IFCUNITASSIGNMENT((#5));
#4=IFCAXIS2PLACEMENT3D(#6,$,$);
#5=IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.);
#6=IFCCARTESIANPOINT((0.,0.,0.));
#7=IFCCARTESIANPOINT((10000.,0.,0.));
#8=IFCAXIS2PLACEMENT3D(#7,$,$);
#9=IFCLOCALPLACEMENT($,#8);
#10=IFCLOCALPLACEMENT($,#4);
#11=IFCBLOCK(#4,2000.,2000.,3000.);
#12=IFCSHAPEREPRESENTATION(#2,'Body','CSG',(#11));
#13=IFCPRODUCTDEFINITIONSHAPE($,$,(#12));
#14=IFCWALL('1YvctVUKr0kugbFTf53O9L',$,'wall',$,$,#10,#13,$,$);
#15=IFCSPACE('2YvctVUKr0kugbFTf53O9L',$,'101',$,$,#9,#13,'Office',.ELEMENT.,$,$);
#20=IFCCARTESIANPOINT((0.,0.,1000.));
#21=IFCCARTESIANPOINT((50000.,0.,2000.));
#22=IFCCARTESIANPOINT((50000.,80000.,2000.));
#23=IFCPOLYLINE((#20,#21,#22));
#24=IFCSHAPEREPRESENTATION(#2,'Axis','Curve3D',(#23));
#25=IFCPRODUCTDEFINITIONSHAPE($,$,(#24));
#26=IFCALIGNMENT('3YvctVUKr0kugbFTf53O9L',$,'A1',$,$,#9,#25,$);
#27=IFCREFERENT('4YvctVUKr0kugbFTf53O9L',$,'K0+010',$,$,#9,$,.STATION.);
#30=IFCCARTESIANPOINT((0.,0.));
#31=IFCCARTESIANPOINT((0.,90000.));
#32=IFCPOLYLINE((#30,#31));
#33=IFCGRIDAXIS('1',#32,.T.);
#34=IFCGRID('5YvctVUKr0kugbFTf53O9L',$,'轴网',$,$,#9,$,(#33),(#33),$,$);
#35=IFCSHAPEREPRESENTATION(#2,'Annotation','Annotation2D',(#36));
#36=IFCGEOMETRICCURVESET((#32));
#37=IFCPRODUCTDEFINITIONSHAPE($,$,(#35));
#38=IFCANNOTATION('6YvctVUKr0kugbFTf53O9L',$,'note',$,$,#10,#37);
ENDSEC;
END-ISO-10303-21;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "m.ifc"
    made.write_text(MODEL.replace("轴网", "grid"), encoding="ascii")
    return made


def lines_of(data: ModelData, name: str) -> list[list[list[float]]]:
    store = data.meshes
    assert store.line_points is not None
    assert store.line_starts is not None
    assert store.line_element is not None
    oid = data.elements.index[data.elements["name"] == name][0]
    return [
        np.round(store.line_points[store.line_starts[k] : store.line_starts[k + 1]], 6).tolist()
        for k in np.flatnonzero(store.line_element == oid)
    ]


def test_lines_are_elements_at_their_place_in_metres(path: Path) -> None:
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    assert lines_of(data, "A1") == [[[10, 0, 1], [60, 0, 2], [60, 80, 2]]]
    assert lines_of(data, "K0+010") == [[[10, 0, 0], [10, 0, 2]]]
    assert lines_of(data, "grid") == [[[10, 0, 0], [10, 90, 0]]] * 2
    assert lines_of(data, "note") == [[[0, 0, 0], [0, 90, 0]]]
    shown = data.elements.set_index("name")["has_geometry"]
    assert shown.drop("p").all()
    assert not [one for one in data.cautions if one.code == "io.no_shape"]


def test_rooms_have_a_shape_and_no_matter_and_neither_they_nor_lines_move_the_model(path: Path) -> None:
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    classes = data.elements["ifc_class"].to_numpy()[data.meshes.placement_element]
    assert dict(zip(classes, data.meshes.matter.tolist(), strict=True)) == {"IfcWall": True, "IfcSpace": False}
    box = data.meshes.bounds()
    assert box is not None
    assert box.tolist() == [[0, 0, 0], [2, 2, 3]]


def test_an_element_has_one_oid_in_both_stages(path: Path) -> None:
    first = Source.open(path, ReadRequest()).preview()
    assert first is not None
    early, late = first.data, read(path, ReadRequest(), Progress())[0].data
    assert isinstance(early, ModelData)
    assert isinstance(late, ModelData)
    names = early.elements["name"].tolist()
    assert late.elements["name"].tolist()[: len(names)] == names
    assert "A1" in names


def test_a_model_of_lines_alone_has_bounds(path: Path) -> None:
    text = path.read_text(encoding="ascii").replace("#10,#13,$,$)", "#10,$,$,$)").replace("#9,#13,", "#9,$,")
    path.write_text(text, encoding="ascii")
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    box = data.meshes.bounds()
    assert box is not None
    assert box.tolist() == [[0, 0, 0], [60, 90, 2]]
    assert not [one for one in data.cautions if one.code == "io.no_geometry"]


def test_edges_become_runs_and_rings() -> None:
    edges = np.array([[0, 1], [2, 1], [3, 4], [4, 5], [5, 3], [6, 7], [6, 8], [6, 9]], dtype=np.int32)
    found = chains(edges)
    assert sorted(map(len, found)) == [2, 2, 2, 3, 4]
    assert [3, 4, 5, 3] in found
    assert sorted(tuple(sorted(edge)) for run in found for edge in pairwise(run)) == sorted(
        tuple(sorted(edge)) for edge in edges.tolist()
    )


def test_joining_keeps_lines(path: Path) -> None:
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    twice = joined([data.meshes, data.meshes])
    assert twice.line_element is not None
    assert twice.line_points is not None
    assert data.meshes.line_element is not None
    assert len(twice.line_element) == 2 * len(data.meshes.line_element)
    assert twice.line_starts is not None
    assert twice.line_starts[-1] == len(twice.line_points)
