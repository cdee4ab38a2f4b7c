"""ifcXML: written from a model by the schema's rules, read back, and compared with the model."""

import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import ifcopenshell
import ifcopenshell.util.element
import numpy as np
import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.ifc import reader as ifc
from models.io.ifc.elements import collect
from models.io.ifc.ifcxml import is_ifc_xml, to_text
from models.io.ifc.open_file import opened
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from tests.support.io_models import make_model

NAMESPACES = (
    'xmlns="http://www.buildingsmart-tech.org/ifcXML/IFC4/final" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def is_thing(value: Any) -> bool:
    return isinstance(value, ifcopenshell.entity_instance) and value.id() != 0


def plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def written_flat(model: ifcopenshell.file) -> str:
    """Return ifcXML 4 with every instance at the top: values in attributes, instances by reference."""
    rows = []
    for thing in model:
        attributes, children = "", ""
        for name, value in thing.get_info(recursive=False).items():
            if name in ("id", "type") or value is None or (thing.is_a("IfcSIUnit") and name == "Dimensions"):
                continue
            if is_thing(value):
                children += f'<{name} xsi:type="{value.is_a()}" xsi:nil="true" ref="i{value.id()}"/>'
            elif isinstance(value, ifcopenshell.entity_instance):
                children += f"<{name}><{value.is_a()}-wrapper>{plain(value[0])}</{value.is_a()}-wrapper></{name}>"
            elif isinstance(value, tuple) and value and is_thing(value[0]):
                inner = "".join(f'<{one.is_a()} xsi:nil="true" ref="i{one.id()}"/>' for one in value)
                children += f"<{name}>{inner}</{name}>"
            elif isinstance(value, tuple):
                attributes += f" {name}={quoteattr(' '.join(plain(one) for one in value))}"
            else:
                is_enumeration = thing.attribute_type(name) == "ENUMERATION"
                attributes += f" {name}={quoteattr(value.lower() if is_enumeration else plain(value))}"
        rows.append(f'<{thing.is_a()} id="i{thing.id()}"{attributes}>{children}</{thing.is_a()}>')
    header = "<header><originating_system>测试 &amp; Test</originating_system></header>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ifcXML {NAMESPACES}>{header}{"".join(rows)}</ifcXML>'


def written_2x3(model: ifcopenshell.file) -> str:
    """Return ifcXML 2x3: everything in elements, everything by reference."""
    rows = []
    for thing in model:
        children = ""
        for name, value in thing.get_info(recursive=False).items():
            if name in ("id", "type") or value is None or (thing.is_a("IfcSIUnit") and name == "Dimensions"):
                continue
            if is_thing(value):
                inner = f'<{value.is_a()} xsi:nil="true" ref="i{value.id()}"/>'
            elif isinstance(value, ifcopenshell.entity_instance):
                inner = f"<{value.is_a()}>{plain(value[0])}</{value.is_a()}>"
            elif isinstance(value, tuple) and value and is_thing(value[0]):
                inner = "".join(f'<{one.is_a()} xsi:nil="true" ref="i{one.id()}"/>' for one in value)
            elif isinstance(value, tuple):
                inner = "".join(f"<ex:double-wrapper>{one}</ex:double-wrapper>" for one in value)
            else:
                inner = plain(value)
            children += f"<{name}>{inner}</{name}>"
        rows.append(f'<{thing.is_a()} id="i{thing.id()}">{children}</{thing.is_a()}>')
    spaces = (
        'xmlns:ex="urn:iso.org:standard:10303:part(28):version(2):xmlschema:common" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    inside = f'<uos xmlns="urn:IFC2X3" configuration="i-ifc2x3">{"".join(rows)}</uos>'
    return f"<ex:iso_10303_28 {spaces}>{inside}</ex:iso_10303_28>"


def read(path: Path) -> ModelData:
    data = ifc.read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


@pytest.mark.parametrize("schema", ["IFC4", "IFC2X3"])
def test_a_model_in_xml_is_the_model_in_text(tmp_path: Path, schema: str) -> None:
    model = make_model(schema)
    path, text = tmp_path / "a.ifcxml", tmp_path / "a.ifc"
    path.write_text(written_flat(model) if schema == "IFC4" else written_2x3(model), encoding="utf-8")
    model.write(str(text))
    assert find_format(path).id == "ifc"
    with opened(path) as (found, header, cautions):
        assert header.schema == schema
        assert [caution.code for caution in cautions] == ["io.from_xml"]
        kinds = sorted(thing.is_a() for thing in found)
        assert kinds == sorted(thing.is_a() for thing in model)
        mine, theirs = collect(found, set(), 1.0), collect(model, set(), 1.0)
        wanted = ["ifc_class", "name", "storey", "type_name", "material"]
        assert mine.frame[wanted].sort_values(wanted).to_numpy().tolist() == (
            theirs.frame[wanted].sort_values(wanted).to_numpy().tolist()
        )
        for column in found.by_type("IfcColumn"):
            other = next(one for one in model.by_type("IfcColumn") if one.Name == column.Name)
            first, second = (ifcopenshell.util.element.get_psets(one) for one in (column, other))
            assert {k: {p: v for p, v in s.items() if p != "id"} for k, s in first.items()} == (
                {k: {p: v for p, v in s.items() if p != "id"} for k, s in second.items()}
            )
    mine_bounds, their_bounds = read(path).meshes.bounds(), read(text).meshes.bounds()
    assert mine_bounds is not None
    assert their_bounds is not None
    assert np.allclose(mine_bounds, their_bounds)


def test_relations_nested_in_their_objects_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.ifcxml"
    path.write_text(f"""<ifcXML {NAMESPACES}>
      <IfcProject id="p" GlobalId="1DbztTzGD71ejuZQqQcxa1" Name="P &#x9879;目"><IsDecomposedBy>
        <IfcRelAggregates GlobalId="2">
        <RelatedObjects><IfcSite id="s" GlobalId="1DbztTzGD71ejuZQqQcxa2" Name="S" RefLatitude="36 39 36 0">
          <ContainsElements><IfcRelContainedInSpatialStructure GlobalId="3"><RelatedElements>
            <IfcWall id="w" GlobalId="1DbztTzGD71ejuZQqQcxa3" Name="W" PredefinedType="solidwall">
              <IsDefinedBy><IfcRelDefinesByProperties id="r" GlobalId="4">
                <RelatingPropertyDefinition><IfcPropertySet GlobalId="5" Name="Pset"><HasProperties>
                  <IfcPropertySingleValue Name="Load">
                    <NominalValue><IfcBoolean-wrapper>true</IfcBoolean-wrapper></NominalValue>
                  </IfcPropertySingleValue></HasProperties></IfcPropertySet></RelatingPropertyDefinition>
              </IfcRelDefinesByProperties></IsDefinedBy></IfcWall>
            <IfcDoor id="d" GlobalId="1DbztTzGD71ejuZQqQcxa4" Name="D" OverallHeight="2100">
              <IsDefinedBy><IfcRelDefinesByProperties ref="r" xsi:nil="true"/></IsDefinedBy></IfcDoor>
          </RelatedElements></IfcRelContainedInSpatialStructure></ContainsElements></IfcSite></RelatedObjects>
      </IfcRelAggregates></IsDecomposedBy></IfcProject><IfcNoSuchThing/></ifcXML>""", encoding="utf-8")  # fmt: skip
    with opened(path) as (model, _, cautions):
        elements = collect(model, set(), 1.0)
        assert elements.frame[["ifc_class", "name", "parent"]].to_numpy().tolist() == [
            ["IfcProject", "P 项目", -1], ["IfcSite", "S", 0], ["IfcWall", "W", 1], ["IfcDoor", "D", 1],
        ]  # fmt: skip
        assert model.by_type("IfcSite")[0].RefLatitude == (36, 39, 36, 0)
        assert (model.by_type("IfcWall")[0].PredefinedType, model.by_type("IfcDoor")[0].OverallHeight) == (
            "SOLIDWALL",
            2100.0,
        )
        assert elements.psets[2] == elements.psets[3] == {"Pset": {"Load": True}}
        assert [c.facts["count"] for c in cautions if c.code == "io.xml_unknown"] == [1]


def test_lists_of_lists_become_lists_of_lists() -> None:
    rows = "".join(f"<Seq-IfcLengthMeasure-wrapper>{x} 0 1.5e-7</Seq-IfcLengthMeasure-wrapper>" for x in (1, 2))
    text, _ = to_text(f'<ifcXML {NAMESPACES}><IfcCartesianPointList3D id="a"><CoordList>{rows}</CoordList>'
                      "</IfcCartesianPointList3D></ifcXML>".encode(), "a")  # fmt: skip
    points = ifcopenshell.file.from_string(text.decode()).by_type("IfcCartesianPointList3D")[0]
    assert points.CoordList == ((1.0, 0.0, 1.5e-7), (2.0, 0.0, 1.5e-7))


@pytest.mark.parametrize("bad", [
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ifcXML>&b;</ifcXML>',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><ifcXML>&e;</ifcXML>',
    "<ifcXML><IfcWall></ifcXML>", "<ifcXML>" + "<IfcWall><Representation>" * 3000, "<ifcXML \xff",
])  # fmt: skip
def test_dangerous_and_broken_xml_is_refused_by_name(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "a.ifcxml"
    path.write_bytes(bad.encode("latin-1"))
    with pytest.raises(UserError, match=r"io\.damaged"), opened(path):
        pass


def test_xml_in_an_archive_opens_and_other_xml_is_no_ifc(tmp_path: Path) -> None:
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/a.ifcXML", written_flat(make_model()))
    assert find_format(path).id == "ifc"
    with opened(path) as (model, _, _):
        assert len(model.by_type("IfcColumn")) == 3
    assert not is_ifc_xml(b"<kml xmlns='http://www.opengis.net/kml/2.2'/>")
    other = tmp_path / "b.ifcxml"
    other.write_text("<html/>")
    with pytest.raises(UserError, match=r"io\.not_what_it_says"):
        find_format(other)
