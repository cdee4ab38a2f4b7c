"""A file that a parser half understands opens whole: comments, and interim schemas with classes that nobody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.ifc.reader import read
from models.io.ifc.step_text import classes_in, without_comments
from models.io.request import ReadRequest
from models.layers.layer import ModelData

MODEL = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('{schema}'));ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'p',$,$,$,$,(#2),#3);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,$);
#3=IFCUNITASSIGNMENT((#5));
#4=IFCAXIS2PLACEMENT3D(#6,$,$);
#5=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#6=IFCCARTESIANPOINT((0.,0.,0.));
#12=IFCSHAPEREPRESENTATION(#2,'Body','Tessellation',(#20));
#13=IFCPRODUCTDEFINITIONSHAPE($,$,(#12));
#14=IFCGEOGRAPHICELEMENT('2YvctVUKr0kugbFTf53O9L',$,'ground',$,$,$,#13,$,.TERRAIN.);
#15=IFCCARTESIANPOINTLIST3D(((0.,0.,0.),(9.,0.,0.),(9.,9.,1.),(0.,9.,1.)));
{more}
ENDSEC;
END-ISO-10303-21;
"""
TIN = "#20=IFCTRIANGULATEDIRREGULARNETWORK(#15,$,.F.,((1,2,3),(1,3,4)),$,(0,0));\n"
FACES = "#20=IFCTRIANGULATEDFACESET(#15,$,.F.,((1,2,3),(1,3,4)),$);\n"
LOST = "".join(
    f"#{100 + k}=IFCALIGNMENT2DHORIZONTALSEGMENT($,$,$,#{200 + k});\n#{200 + k}=IFCLINESEGMENT2D(#6,0.,1.);\n"
    for k in range(40)
)


def opened(path: Path, schema: str, more: str) -> ModelData:
    path.write_text(MODEL.format(schema=schema, more=more), encoding="utf-8")
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


@pytest.mark.parametrize("label", ["IFC4X1", "IFC4X2"])
def test_terrain_opens_though_most_statements_are_of_classes_that_no_library_has(label: str, tmp_path: Path) -> None:
    data = opened(tmp_path / "x.ifc", label, TIN + LOST)
    assert data.meshes.triangle_count == 2
    lost = [one for one in data.cautions if one.code == "io.classes_lost"]
    assert [(one.facts["count"], one.facts["classes"]) for one in lost] == [
        (80, "IFCALIGNMENT2DHORIZONTALSEGMENT 40, IFCLINESEGMENT2D 40")
    ]
    assert not [one for one in data.cautions if one.code == "io.instances_lost"]


def test_what_the_schema_has_and_the_parser_did_not_get_is_still_damage(tmp_path: Path) -> None:
    broken = "".join(f"#{200 + k}=IFCWALL('a{k}',(((;\n" for k in range(40))
    with pytest.raises(UserError) as error:
        opened(tmp_path / "x.ifc", "IFC4X1", TIN + broken)
    assert error.value.code == "io.mostly_lost"


def test_comments_hold_no_instances_and_break_none(tmp_path: Path) -> None:
    said = (
        "/* old: #99=IFCWALL('x'); #20=IFCWALL($,$); it's (a) comment */\n"
        "#30=/* in */IFCWALL/* the */('3YvctVUKr0kugbFTf53O9L'"
        ",$/* middle */,'a /* no comment */ b',$,$,$,$,$,$);\n/*#77=IFCSLAB(1);\n#78=IFCDOOR(2);*/"
    )
    data = opened(tmp_path / "x.ifc", "IFC4", FACES + said)
    assert [one.code for one in data.cautions] == ["io.no_georeference"]
    assert data.meshes.triangle_count == 2
    assert data.elements["name"].tolist() == ["p", "ground", "a /* no comment */ b"]
    assert classes_in(said.encode()) == {"IFCWALL": 1}


def test_text_without_comments_is_the_same_object_and_an_open_comment_stays() -> None:
    for raw in (b"#1=IFCWALL('a');", b"#1=IFCWALL('/*');", b"#1=IFCWALL(/* 'a');"):
        assert without_comments(raw) == raw
