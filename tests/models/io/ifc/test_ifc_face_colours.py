"""Each face of a tessellated face set in the colour that its map gives it, in both stages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.progress import Progress
from models.io.ifc.reader import Source, read
from models.io.request import ReadRequest
from models.layers.layer import ModelData

MODEL = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4'));ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'p',$,$,$,$,(#2),#3);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,$);
#3=IFCUNITASSIGNMENT((#5));
#4=IFCAXIS2PLACEMENT3D(#6,$,$);
#5=IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.);
#6=IFCCARTESIANPOINT((0.,0.,0.));
#7=IFCCARTESIANPOINT((7000.,0.,0.));
#8=IFCDIRECTION((0.,1.,0.));
#9=IFCDIRECTION((0.,0.,1.));
#10=IFCAXIS2PLACEMENT3D(#7,#9,#8);
#11=IFCLOCALPLACEMENT($,#10);
#12=IFCSHAPEREPRESENTATION(#2,'Body','Tessellation',(#20));
#13=IFCPRODUCTDEFINITIONSHAPE($,$,(#12));
#14=IFCBUILDINGELEMENTPROXY('2YvctVUKr0kugbFTf53O9L',$,'box',$,$,#11,{shape},$,$);
#15=IFCCARTESIANPOINTLIST3D(((0.,0.,0.),(1000.,0.,0.),(1000.,1000.,0.),(0.,1000.,0.),(0.,0.,1000.),(1000.,0.,1000.),
(1000.,1000.,1000.),(0.,1000.,1000.)));
#30=IFCINDEXEDCOLOURMAP(#20,{opacity},#31,({index}));
#31=IFCCOLOURRGBLIST(((1.,0.,0.),(0.,1.,0.),(0.,0.,1.)));
#40=IFCREPRESENTATIONMAP(#4,#12);
#41=IFCCARTESIANTRANSFORMATIONOPERATOR3D($,$,#7,$,$);
#42=IFCMAPPEDITEM(#40,#41);
#43=IFCSHAPEREPRESENTATION(#2,'Body','MappedRepresentation',(#42));
#44=IFCPRODUCTDEFINITIONSHAPE($,$,(#43));
{faces}ENDSEC;
END-ISO-10303-21;
"""
RINGS = ((1, 4, 3, 2), (5, 6, 7, 8), (1, 2, 6, 5), (2, 3, 7, 6), (3, 4, 8, 7), (4, 1, 5, 8))
COLOURS = (1, 2, 3, 3, 1, 2)
POLYGONS = "".join(
    f"#{50 + k}=IFCINDEXEDPOLYGONALFACE(({','.join(map(str, ring))}));\n" for k, ring in enumerate(RINGS)
)
POLYGONS += "#20=IFCPOLYGONALFACESET(#15,.T.,(#50,#51,#52,#53,#54,#55),$);\n"
TRIANGLES = ",".join(f"({a},{b},{c}),({a},{c},{d})" for a, b, c, d in RINGS)
TRIANGLES = f"#20=IFCTRIANGULATEDFACESET(#15,$,.T.,({TRIANGLES}),$);\n"


def written(path: Path, faces: str, shape: str = "#13", opacity: str = "$") -> Path:
    index = COLOURS if faces is POLYGONS else [colour for colour in COLOURS for _ in range(2)]
    text = MODEL.format(faces=faces, shape=shape, opacity=opacity, index=",".join(map(str, index)))
    path.write_text(text, encoding="ascii")
    return path


def by_direction(data: ModelData) -> dict[tuple[int, ...], tuple[float, ...]]:
    """Return the colour of what faces each way in model coordinates; one colour a way."""
    store = data.meshes
    matrix = store.placement_matrix[0]
    corners = (store.vertices @ matrix[:3, :3].T)[store.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.round(normals / np.linalg.norm(normals, axis=1)[:, None]).astype(int)
    found: dict[tuple[int, ...], set[tuple[float, ...]]] = {}
    for normal, material in zip(normals.tolist(), store.face_material.tolist(), strict=True):
        found.setdefault(tuple(normal), set()).add(tuple(np.round(store.materials[material], 3).tolist()))
    return {way: colours.pop() for way, colours in found.items() if len(colours) == 1}


RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
#: The box is turned by a quarter: its own -y looks along +x.
WANTED = {
    (0, 0, -1): RED, (0, 0, 1): GREEN, (1, 0, 0): BLUE, (0, 1, 0): BLUE, (-1, 0, 0): RED, (0, -1, 0): GREEN,
}  # fmt: skip


@pytest.mark.parametrize("faces", [POLYGONS, TRIANGLES], ids=["polygons", "triangles"])
@pytest.mark.parametrize("shape", ["#13", "#44"], ids=["own", "mapped"])
def test_each_face_has_its_colour_in_both_stages(faces: str, shape: str, tmp_path: Path) -> None:
    path = written(tmp_path / "m.ifc", faces, shape)
    first = Source.open(path, ReadRequest()).preview()
    assert first is not None
    for data in (first.data, read(path, ReadRequest(), Progress())[0].data):
        assert isinstance(data, ModelData)
        assert by_direction(data) == {way: (*colour, 1.0) for way, colour in WANTED.items()}


def test_the_opacity_of_a_map_is_that_of_its_faces(tmp_path: Path) -> None:
    data = read(written(tmp_path / "m.ifc", POLYGONS, opacity="0.4"), ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    assert {round(colour[3], 3) for colour in by_direction(data).values()} == {0.4}


def test_a_map_that_names_no_colour_leaves_its_face_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "m.ifc", POLYGONS)
    path.write_text(path.read_text(encoding="ascii").replace("(1,2,3,3,1,2)", "(1,9,3,0,1)"), encoding="ascii")
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    found = by_direction(data)
    assert found[0, 0, -1] == (*RED, 1.0)
    assert found[0, 0, 1] not in {(*RED, 1.0), (*GREEN, 1.0), (*BLUE, 1.0)}
