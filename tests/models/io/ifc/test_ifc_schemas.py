"""IFC files of interim, odd and missing schemas; archives; statements that break the grammar."""

import re
import zipfile
from pathlib import Path
from typing import Any

import ifcopenshell.geom
import pytest

from models.core.errors import Caution, UserError
from models.io.ifc.elements import collect
from models.io.ifc.open_file import opened, prepared_bytes
from models.io.ifc.schema import label_in, nearest_schema, with_label
from models.io.registry import find_format
from tests.support.io_models import write_model
from tests.support.paths import IFC_FILES

HEAD = (
    "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
    "FILE_SCHEMA(('{}'));\nENDSEC;\nDATA;\n"
)
ROOT = "'2fvEX7jfz1SQLHX0yusiv{}',$,'{}',$,$,$,$"


def write(path: Path, label: str, *statements: str) -> Path:
    path.write_text(HEAD.format(label) + "\n".join(statements) + "\nENDSEC;\nEND-ISO-10303-21;\n", encoding="ascii")
    return path


def read(path: Path) -> tuple[Any, list[Caution]]:
    with opened(path) as (model, _, cautions):
        return model, cautions


@pytest.mark.parametrize(("label", "schema"), [
    ("IFC2X3", "IFC2X3"), ("ifc2x3", "IFC2X3"), ("IFC2X_FINAL", "IFC2X3"), ("IFC2X2_FINAL", "IFC2X3"), ("IFC4", "IFC4"),
    ("IFC4RC4", "IFC4"), ("IFC3X2", "IFC4"), (" IFC4 ", "IFC4"), ("IFC4_ADD2", "IFC4"), ("IFC4X1", "IFC4X3_ADD2"),
    ("IFC4X2", "IFC4X3_ADD2"), ("IFC4X3", "IFC4X3_ADD2"), ("IFC4x3_RC1", "IFC4X3_ADD2"), ("IFC4X3_TC1", "IFC4X3_ADD2"),
    ("IFC4X3_ADD1", "IFC4X3_ADD2"), ("ifc 4.3", "IFC4X3_ADD2"), ("IFC4X3_ADD2", "IFC4X3_ADD2"),
])  # fmt: skip
def test_every_label_opens_with_its_nearest_schema(tmp_path: Path, label: str, schema: str) -> None:
    assert nearest_schema(label) == schema
    path = write_model(tmp_path / "a.ifc", schema=schema)
    path.write_bytes(path.read_bytes().replace(f"'{schema}'".encode(), f"'{label}'".encode()))
    model, cautions = read(path)
    assert model.schema_identifier == schema
    assert len(model.by_type("IfcColumn")) == 3
    assert [c.code for c in cautions] == ([] if label.strip().upper() == schema else ["io.schema_swapped"])


@pytest.mark.parametrize("header", [
    b"FILE_SCHEMA /* 'IFC2X3' */ (\n(\n 'IFC4X3_RC2'\n)\n)",
    b"/* FILE_SCHEMA(('IFC2X3')); */\nfile_schema (('IFC4X3_RC2'))",
    b"FILE_SCHEMA(('IFC4X3_RC2','OTHER'))", b"FILE_SCHEMA('IFC4X3_RC2')",
])  # fmt: skip
def test_a_label_is_found_behind_comments_and_over_lines(header: bytes) -> None:
    file = b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('FILE_SCHEMA((''IFC4''));'),'2;1');\n" + header + b";\nENDSEC;"
    assert label_in(file) == "IFC4X3_RC2"
    changed = with_label(file, "IFC4X3_ADD2")
    assert label_in(changed) == "IFC4X3_ADD2"
    assert b"RC2" not in changed
    assert b"OTHER" not in changed


def test_a_file_without_a_label_is_read_by_its_classes(tmp_path: Path) -> None:
    for schema in ("IFC2X3", "IFC4", "IFC4X3_ADD2"):
        path = write_model(tmp_path / f"{schema}.ifc", schema=schema)
        path.write_bytes(re.sub(rb"FILE_SCHEMA[^;]*;", b"", path.read_bytes()))
        model, cautions = read(path)
        assert len(model.by_type("IfcColumn")) == 3
        assert "io.schema_swapped" in [c.code for c in cautions]


@pytest.mark.parametrize(("written", "becomes"), [
    ("IFCSOLIDSTRATUM({},$)", ("IfcGeotechnicalStratum", {"PredefinedType": "SOLID", "Name": "n"})),
    ("IFCFACILITYPART({},'L',.ELEMENT.,IFCROADPARTTYPEENUM(.ROADSEGMENT.),.LATERAL.)",
     ("IfcRoadPart", {"PredefinedType": "ROADSEGMENT", "UsageType": "LATERAL", "LongName": "L"})),
    ("IFCFACILITYPART({},$,.ELEMENT.,IFCFACILITYPARTCOMMONTYPEENUM(.SEGMENT.),.LATERAL.)",
     ("IfcFacilityPartCommon", {"PredefinedType": "SEGMENT", "CompositionType": "ELEMENT"})),
    ("IFCWALLELEMENTEDCASE({},'T',.SOLIDWALL.)", ("IfcWall", {"PredefinedType": "SOLIDWALL", "Tag": "T"})),
    ("IFCPROXY({},.PRODUCT.,'T')", ("IfcBuildingElementProxy", {"Tag": "T"})),
    ("IFCALIGNMENT({},#9,.USERDEFINED.)", ("IfcAlignment", {"PredefinedType": "USERDEFINED"})),
])  # fmt: skip
def test_a_statement_of_a_release_candidate_is_written_anew(tmp_path: Path, written: str, becomes: Any) -> None:
    statement = f"#1 = {written.format(ROOT.format('f', 'n'))} ;"
    model, cautions = read(write(tmp_path / "a.ifc", "IFC4X3_RC2", statement, "#2=IFCDIRECTION((0.,1.));"))
    assert [c.code for c in cautions] == ["io.schema_swapped", "io.classes_mended"]
    thing = model.by_id(1)
    assert thing.is_a() == becomes[0]
    assert {name: getattr(thing, name) for name in becomes[1]} == becomes[1]


def test_a_bridge_part_is_turned_only_where_its_schema_had_it_the_other_way_round(tmp_path: Path) -> None:
    early = f"#1=IFCBRIDGEPART({ROOT.format('f', 'n')},$,.ELEMENT.,IFCBRIDGEPARTTYPEENUM(.DECK.),.VERTICAL.);"
    late = f"#1=IFCBRIDGEPART({ROOT.format('f', 'n')},$,.ELEMENT.,.VERTICAL.,.DECK.);"
    for label, statement in (("IFC4X3_RC1", early), ("IFC4X3", late)):
        part = read(write(tmp_path / "a.ifc", label, statement))[0].by_id(1)
        assert (part.PredefinedType, part.UsageType) == ("DECK", "VERTICAL")


def test_colours_of_older_candidates_survive(tmp_path: Path) -> None:
    model, cautions = read(write(
        tmp_path / "a.ifc", "IFC4X3_RC2", "#1=IFCSURFACESTYLE('s',.BOTH.,(#2));", "#2=IFCSURFACESTYLESHADING(#3,$);",
        "#3=IFCCOLOURRGB($,1.,0.,0.);", "#4=IFCPRESENTATIONSTYLEASSIGNMENT((#1));", "#5=IFCSTYLEDITEM(#6,(#4),$);",
        "#6=IFCCARTESIANPOINT((0.,0.));",
    ))  # fmt: skip
    assert [style.Name for style in model.by_id(5).Styles] == ["s"]
    assert "io.classes_lost" not in [c.code for c in cautions]


def test_a_linear_placement_keeps_its_plain_coordinates(tmp_path: Path) -> None:
    model, _ = read(write(
        tmp_path / "a.ifc", "IFC4X2", "#1=IFCLINEARPLACEMENT($,#9,#8,$,#2);", "#2=IFCAXIS2PLACEMENT3D(#3,$,$);",
        "#3=IFCCARTESIANPOINT((1.,2.,3.));",
    ))  # fmt: skip
    assert model.by_id(1).is_a("IfcLocalPlacement")
    assert model.by_id(1).RelativePlacement.Location.Coordinates == (1.0, 2.0, 3.0)


def test_what_cannot_be_saved_is_named_with_its_number(tmp_path: Path) -> None:
    rows = [f"#{n}=IFCALIGNMENT2DVERTICAL((#9{n}));" for n in range(1, 4)]
    _, cautions = read(
        write(tmp_path / "a.ifc", "IFC4X1", *rows, *(f"#{n}=IFCDIRECTION((0.,1.));" for n in range(10, 20)))
    )
    assert [c.facts["classes"] for c in cautions if c.code == "io.classes_lost"] == ["IFCALIGNMENT2DVERTICAL 3"]


@pytest.mark.parametrize("bad", [
    "#50=IFCDIRECTION((0.,1.);", "#50IFCDIRECTION((0.,1.));", "#50=IFCWALL(#);", "#50=IFCDIRECTION((NAN,0.));",
    "/* open",
    "#50=IFCWALL('a,$);", "#50=IFCWALL($,@,!);", "#99999999999999999999=IFCDIRECTION((0.,1.));",
    "#-5=IFCDIRECTION((0.,1.));",
    "#50=IFCDIRECTION(" + "(" * 5000 + "1." + ")" * 5000 + ");",
])  # fmt: skip
def test_one_bad_statement_costs_one_statement(tmp_path: Path, bad: str) -> None:
    path = write_model(tmp_path / "a.ifc")
    path.write_bytes(path.read_bytes().replace(b"DATA;\n", b"DATA;\n" + bad.encode() + b"\n"))
    model, cautions = read(path)
    assert len(model.by_type("IfcColumn")) == 3
    assert {c.code for c in cautions} <= {"io.instances_lost"}


def test_a_step_file_of_another_trade_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ifc", "AUTOMOTIVE_DESIGN", "#1=CARTESIAN_POINT('',(0.,0.,0.));")
    with pytest.raises(UserError, match=r"io\.not_ifc"):
        read(path)


def test_an_archive_opens_whatever_lies_around_the_model(tmp_path: Path) -> None:
    inside = write_model(tmp_path / "a.ifc")
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._a.ifc", b"shadow")
        archive.writestr("readme.txt", b"hello")
        archive.writestr("C:\\temp\\..\\..\\evil.ifc", inside.read_bytes())
        archive.write(inside, "deep/er/b.IFC")
    assert find_format(path).id == "ifc"
    raw, header, cautions = prepared_bytes(path)
    assert header.schema == "IFC4"
    assert b"IFCCOLUMN" in raw
    assert [c.facts["count"] for c in cautions] == [2]
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.ifc", "a.ifczip"}


def test_a_broken_archive_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(write_model(tmp_path / "a.ifc"), "a.ifc")
    whole = bytearray(path.read_bytes())
    whole[60:300] = bytes(240)
    path.write_bytes(whole)
    with pytest.raises(UserError, match=r"io\.damaged"):
        prepared_bytes(path)


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.is_dir(), reason="no real files here")
def test_the_terrain_of_a_release_candidate_comes_back() -> None:
    model, cautions = read(IFC_FILES / "Georeferencing-Tin-12d-1.ifc")
    (terrain,) = model.by_type("IfcGeotechnicalStratum")
    shape = ifcopenshell.geom.create_shape(ifcopenshell.geom.settings(), terrain)
    assert len(shape.geometry.faces) // 3 > 100
    assert "io.classes_lost" not in [c.code for c in cautions]


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.is_dir(), reason="no real files here")
def test_facility_parts_of_a_release_candidate_keep_their_kind_and_place() -> None:
    model, _ = read(IFC_FILES / "DrainageSystem-2.IFC")
    frame = collect(model, set(), 1.0).frame
    assert {"IfcRoadPart", "IfcRailwayPart", "IfcFacilityPartCommon"} & set(frame["ifc_class"])
    parts = frame[frame["ifc_class"].str.endswith(("Part", "PartCommon"))]
    assert (parts["parent"] >= 0).all()
