"""Faces whose outline touches itself have the area that their author drew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.progress import Progress
from models.io.ifc.reader import read
from models.io.ifc.shapes.touching import simple_rings, touching_rings
from models.io.request import ReadRequest
from models.layers.layer import ModelData

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
}  # fmt: skip


def sheet(path: Path, ring: list[tuple[int, int]], kind: str) -> ModelData:
    corners = list(dict.fromkeys(ring))
    index = [corners.index(one) for one in ring]
    if kind == "indexed":
        points = ",".join(f"({x}.,{y}.,0.)" for x, y in corners)
        body = f"#15=IFCCARTESIANPOINTLIST3D(({points}));\n#20=IFCPOLYGONALFACESET(#15,.F.,(#21),$);\n"
        body += f"#21=IFCINDEXEDPOLYGONALFACE(({','.join(str(at + 1) for at in index)}));\n"
    else:
        body = "".join(f"#{100 + at}=IFCCARTESIANPOINT(({x}.,{y}.,0.));\n" for at, (x, y) in enumerate(corners))
        body += f"#50=IFCPOLYLOOP(({','.join(f'#{100 + at}' for at in index)}));\n#51=IFCFACEOUTERBOUND(#50,.T.);\n"
        body += "#52=IFCFACE((#51));\n#53=IFCCONNECTEDFACESET((#52));\n#20=IFCFACEBASEDSURFACEMODEL((#53));\n"
    path.write_text(HEAD + body + "ENDSEC;\nEND-ISO-10303-21;\n", encoding="ascii")
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


@pytest.mark.parametrize("kind", ["indexed", "loop"])
@pytest.mark.parametrize("name", RINGS)
def test_a_face_that_touches_itself_has_its_area_and_is_told(name: str, kind: str, tmp_path: Path) -> None:
    ring, area = RINGS[name]
    data = sheet(tmp_path / "m.ifc", ring, kind)
    corners = data.meshes.vertices[data.meshes.faces].astype(np.float64)
    found = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    assert found == pytest.approx(area, rel=1e-6)
    told = next(one for one in data.cautions if one.code == "io.faces_mended")
    assert (told.facts["count"], told.facts["left"]) == (1, 0)


def test_a_corner_named_twice_in_a_row_is_no_touch() -> None:
    assert touching_rings(b"#1=IFCPOLYLOOP((#2,#3,#3,#4));\n#5=IFCPOLYLOOP((#2,#3,#4,#2));") == []
    assert touching_rings(b"#1=IFCPOLYLOOP((#2,#3,#4,#2,#5,#6));") == [1]


def test_rings_are_taken_apart_where_they_touch() -> None:
    assert simple_rings([0, 1, 2]) == [[0, 1, 2]]
    assert simple_rings([0, 1, 2, 1]) == []
    assert simple_rings([0, 1, 2, 0, 3, 4]) == [[0, 1, 2], [0, 3, 4]]
