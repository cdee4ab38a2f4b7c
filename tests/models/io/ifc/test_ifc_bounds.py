"""Shapes that multiply without end: bounded, the elements named, and the rest of the file opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.core.progress import Progress
from models.io.ifc.reader import read
from models.io.ifc.shapes.bounds import MOST_DEEP, MOST_EXPANDED, without_bombs
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from resources.words import word
from tests.support.paths import DATA

LEVELS = 40
HEAD = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4'));ENDSEC;
DATA;
#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'p',$,$,$,$,(#2),#3);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,$);
#3=IFCUNITASSIGNMENT((#5));
#4=IFCAXIS2PLACEMENT3D(#6,$,$);
#5=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#6=IFCCARTESIANPOINT((0.,0.,0.));
#7=IFCBLOCK(#4,1.,1.,1.);
#8=IFCDIRECTION((0.,0.,1.));
#9=IFCCARTESIANTRANSFORMATIONOPERATOR3D($,$,#6,$,$);
#12=IFCSHAPEREPRESENTATION(#2,'Body','CSG',(#7));
#13=IFCPRODUCTDEFINITIONSHAPE($,$,(#12));
#14=IFCWALL('2YvctVUKr0kugbFTf53O9L',$,'good',$,$,$,#13,$,$);
#20=IFCWALL('1YvctVUKr0kugbFTf53O9L',$,'bad',$,$,$,#30,$,$);
#30=IFCPRODUCTDEFINITIONSHAPE($,$,(#31));
"""
BODY = "#31=IFCSHAPEREPRESENTATION(#2,'Body;','Any',({}));\n"
EXTRUDED = BODY.format("#90") + "#90=IFCEXTRUDEDAREASOLID(#91,#4,#8,1.);\n"


def levels(line: str, step: int, last: str, count: int = LEVELS) -> str:
    """Return statements from #100 on, each of which names the next one."""
    text = "".join(line.format(*range(100 + step * k, 100 + step * (k + 2))) for k in range(count))
    return text + f"#{100 + step * count}={last};\n"


BOMBS = {
    "booleans": BODY.format("#100") + levels("#{0}=IFCBOOLEANRESULT(.UNION.,#{1},#{1});\n", 1, "IFCBLOCK(#4,1.,1.,1.)"),
    "a circle of booleans": BODY.format("#100")
    + "#100=IFCBOOLEANRESULT(.UNION.,#101,#7);\n#101=IFCBooleanResult(.UNION.,#7,#100);\n",
    "mapped items": BODY.format("#100,#100")
    + levels(
        "#{0}=IFCMAPPEDITEM(#{1},#9);\n#{1}=IFCREPRESENTATIONMAP(#4,#{2});\n"
        "#{2}=IFCSHAPEREPRESENTATION(#2,'Body','MappedRepresentation',(#{3},#{3}));\n", 3, "IFCBLOCK(#4,1.,1.,1.)",
    ),
    "a circle of mapped items": BODY.format("#100")
    + "#100=IFCMAPPEDITEM(#101,#9);\n#101=IFCREPRESENTATIONMAP(#4,#31);\n",
    "one item in a huge list": BODY.format(",".join(["#100"] * (MOST_EXPANDED + 1)))
    + "#100=IFCMAPPEDITEM(#101,#9);\n#101=IFCREPRESENTATIONMAP(#4,#12);\n",
    "a chain of half-spaces": BODY.format("#100") + "#51=IFCPLANE(#4);\n#52=IFCHALFSPACESOLID(#51,.F.);\n"
    + levels("#{0}=IFCBOOLEANCLIPPINGRESULT(.DIFFERENCE.,#{1},#52);\n", 1, "IFCBLOCK(#4,1.,1.,1.)", MOST_DEEP + 1),
    "curves": EXTRUDED + "#91=IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,#100);\n"
    + levels(
        "#{0}=IFCCOMPOSITECURVE((#{1},#{1}),.F.);\n#{1}=IFCCOMPOSITECURVESEGMENT(.CONTINUOUS.,.T.,#{2});\n", 2,
        "IFCPOLYLINE((#6,#6))",
    ),
    "profiles": EXTRUDED.replace("#91", "#100")
    + levels("#{0}=IFCCOMPOSITEPROFILEDEF(.AREA.,$,(#{1},#{1}),$);\n", 1, "IFCRECTANGLEPROFILEDEF(.AREA.,$,$,1.,1.)"),
    "sets": BODY.format("#100") + levels("#{0}=IFCGEOMETRICSET((#{1},#{1}));\n", 1, "IFCCARTESIANPOINT((0.,0.,0.))"),
}  # fmt: skip


def bomb(body: str) -> str:
    return HEAD + body + "ENDSEC;\nEND-ISO-10303-21;\n"


def opened(path: Path) -> ModelData:
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


@pytest.mark.parametrize("kind", BOMBS)
def test_a_shape_without_bound_costs_its_own_element_and_names_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.ifc"
    path.write_text(bomb(BOMBS[kind]), encoding="ascii")
    data = opened(path)
    caution = next(one for one in data.cautions if one.code == "io.unbounded")
    assert caution.facts["names"] == "IfcWall #20"
    assert "IfcWall #20" in word("caution.io.unbounded", "zh", **caution.facts)
    shown = data.elements[data.elements["has_geometry"]]
    assert shown["name"].tolist() == ["good"]
    assert set(data.elements["name"]) >= {"good", "bad"}


def test_the_sound_part_of_a_shape_stays(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ifc"
    path.write_text(bomb(BOMBS["booleans"].replace("(#100));", "(#100,#7));")), encoding="ascii")
    assert opened(path).elements.set_index("name")["has_geometry"].to_dict()["bad"]


def test_an_array_of_thousands_and_a_wall_cut_fifty_times_are_no_bombs() -> None:
    rows = "".join(f"#{200 + k}=IFCMAPPEDITEM(#101,#9);\n" for k in range(5000))
    array = BODY.format(",".join(f"#{200 + k}" for k in range(5000))) + "#101=IFCREPRESENTATIONMAP(#4,#12);\n" + rows
    cut = BODY.format("#100") + levels(
        "#{0}=IFCBOOLEANCLIPPINGRESULT(.DIFFERENCE.,#{1},#52);\n", 1, "IFCBLOCK(#4,1.,1.,1.)", 50
    )
    for body in (array, cut):
        raw = bomb(body).encode()
        same, count, names = without_bombs(raw)
        assert same is raw
        assert (count, names) == (0, "")


def test_circles_and_doubling_among_properties_parts_and_units_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ifc"
    body = "#31=IFCSHAPEREPRESENTATION(#2,'Body','CSG',(#7));\n" + levels(
        "#{0}=IFCCOMPLEXPROPERTY('c{0}',$,'u',(#{1},#{1}));\n", 1, "IFCPROPERTYSINGLEVALUE('a',$,IFCREAL(1.),$)"
    )
    body += "#90=IFCPROPERTYSET('3YvctVUKr0kugbFTf53O9L',$,'P',$,(#100,#92));\n"
    body += "#91=IFCRELDEFINESBYPROPERTIES('4YvctVUKr0kugbFTf53O9L',$,$,$,(#14),#90);\n"
    body += "#92=IFCCOMPLEXPROPERTY('circle',$,'u',(#92));\n"
    body += "#93=IFCRELAGGREGATES('5YvctVUKr0kugbFTf53O9L',$,$,$,#14,(#20));\n"
    body += "#94=IFCRELAGGREGATES('6YvctVUKr0kugbFTf53O9L',$,$,$,#20,(#14));\n"
    body += "#95=IFCCONVERSIONBASEDUNIT($,.PLANEANGLEUNIT.,'d',#96);\n#96=IFCMEASUREWITHUNIT(IFCREAL(1.),#95);\n"
    path.write_text(bomb(body).replace("(#5));", "(#5,#95));"), encoding="ascii")
    data = opened(path)
    assert data.elements["has_geometry"].sum() == 2
    parents = data.elements.set_index("name")["parent"]
    assert np.count_nonzero(parents[["good", "bad"]] >= 0) == 1  # cut once, and the rest of the tree stands


@pytest.mark.parametrize("name", ["doubling_booleans.ifc", "mapped_bomb.ifc"])
def test_the_bombs_that_were_met_open(name: str) -> None:
    path = DATA.parent / "cases" / "hostile" / name
    if not path.is_file():
        pytest.skip("no shared cases")
    data = opened(path)
    assert any(one.code == "io.unbounded" for one in data.cautions)
    assert "IfcWall" in set(data.elements["ifc_class"])
