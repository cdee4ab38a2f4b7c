"""IDS 1.0: own requirements on own models, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ifcopenshell
import pytest
from ifctester import ids as library

from app.session import Session
from app.usecases.checks import checks
from models.checks.findings import Report
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.ids import check as ids_check
from resources.words import word
from tests.support.check_models import Box, author, hold, oid_of, opened
from tests.support.paths import IFC_FILES
from viewers.texts import finding_texts as texts


def specification(name: str, entity: str, *requirements: Any, usage: str = "optional") -> library.Specification:
    made = library.Specification(name=name, ifcVersion=["IFC4"])
    made.set_usage(usage)  # type: ignore[arg-type]
    made.applicability.append(library.Entity(entity))
    made.requirements += requirements
    return made


def write(path: Path, *specifications: library.Specification) -> Path:
    ids = library.Ids(title="交付要求")
    ids.specifications += specifications
    ids.to_xml(str(path))
    return path


FIRE = library.Property(
    "Pset_WallCommon", "FireRating", value=library.Restriction({"enumeration": ["REI60", "REI90"]}), dataType="IFCLABEL"
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    def wall(name: str, at: float, **common: Any) -> Box:
        psets = {"Pset_WallCommon": common} if common else {}
        return Box("IfcWall", name, (at, 0, 0), (at + 1, 0.2, 3), psets)

    path = tmp_path / "墙.ifc"
    author(path, [
        wall("good", 0, FireRating="REI60"), wall("low", 2, FireRating="EI30"), wall("other", 4, IsExternal=True),
        wall("bare", 6), Box("IfcBuildingElementProxy", "proxy", (9, 0, 0), (10, 1, 1)),
    ])  # fmt: skip
    return path


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the start of a child, but in the tests of the child itself."""
    if "child" not in request.node.name:
        monkeypatch.setattr(
            "app.background.workers.run_child", lambda _, arguments, progress: ids_check.run_json(arguments, progress)
        )


def check(session: Session, model: Path, ids: Path) -> Report:
    hold(session, m=(opened(model), model))
    return checks.check_ids(session, "m", ids).result  # type: ignore[no-any-return]


def by_status(report: Report) -> dict[str, str]:
    return {group.title: group.status for group in report.groups if not group.parent}


def test_known_walls_pass_and_fail_with_the_reason_in_both_languages(
    session: Session, model: Path, tmp_path: Path
) -> None:
    report = check(session, model, write(tmp_path / "a.ids", specification("防火", "IFCWALL", FIRE)))
    data = session.project.data["m"]
    found = {one.parties[0].name: one for one in report.findings}
    assert {name: one.code for name, one in found.items()} == {
        "low": "ids.property.value", "other": "ids.property.novalue", "bare": "ids.property.nopset",
    }  # fmt: skip
    assert all(one.keys[0].oid == oid_of(data, name) for name, one in found.items())  # type: ignore[arg-type]
    top = report.groups[0]
    assert dict(top.counts) == {"applicable": 4, "passed": 1, "failed": 3, "unknown": 0}
    assert texts.sentence(found["low"], "zh") == "Pset_WallCommon.FireRating = EI30，应为 REI60 | REI90"
    assert texts.sentence(found["low"], "en") == "Pset_WallCommon.FireRating = EI30, should be REI60 | REI90"
    assert "Pset_WallCommon" in texts.sentence(found["bare"], "zh")
    assert found["low"].facts["detail"], "the library's own words stay as a detail"


def test_nothing_applicable_is_not_passed_and_something_required_fails(
    session: Session, model: Path, tmp_path: Path
) -> None:
    name = library.Attribute("Name")
    report = check(session, model, write(
        tmp_path / "a.ids",
        specification("columns", "IFCCOLUMN", name),
        specification("lifts", "IFCTRANSPORTELEMENT", name, usage="required"),
        specification("no proxies", "IFCBUILDINGELEMENTPROXY", usage="prohibited"),
        specification("no roofs", "IFCROOF", usage="prohibited"),
        specification("named", "IFCWALL", name),
    ))  # fmt: skip
    assert by_status(report) == {
        "columns": "idle", "lifts": "failed", "no proxies": "failed", "no roofs": "passed", "named": "passed",
    }  # fmt: skip
    assert report.counts["passed"] == 2
    assert report.counts["idle"] == 1
    assert {one.code for one in report.findings} == {"ids.required", "ids.found"}
    assert [one.parties[0].name for one in report.findings if one.code == "ids.found"] == ["proxy"]


@pytest.mark.parametrize(
    ("facet", "code"),
    [
        (library.Attribute("Description"), "ids.attribute.falsey"),
        (library.Attribute("Name", value="X"), "ids.attribute.value"),
        (library.Attribute("Name", cardinality="prohibited"), "ids.attribute.prohibited"),
        (library.Material(), "ids.material.novalue"),
        (library.Classification(system="GB/T 51269"), "ids.classification.novalue"),
        (library.PartOf("IFCSPACE", relation="IFCRELCONTAINEDINSPATIALSTRUCTURE"), "ids.partof.entity"),
        (library.Entity("IFCWALL", predefinedType="SHEAR"), "ids.entity.predefinedtype"),
        (library.Property("Pset_WallCommon", "FireRating", dataType="IFCREAL"), "ids.property.datatype"),
    ],
)
def test_every_kind_of_facet_has_a_sentence_of_its_own(
    facet: Any, code: str, session: Session, model: Path, tmp_path: Path
) -> None:
    report = check(session, model, write(tmp_path / "a.ids", specification("s", "IFCWALL", facet)))
    finding = next(one for one in report.findings if one.code == code)
    zh, en = texts.sentence(finding, "zh"), texts.sentence(finding, "en")
    assert zh != en
    assert "{" not in zh + en + texts.group_title(report.groups[1], "zh")
    assert zh != finding.facts["detail"]


def test_an_element_that_cannot_be_tested_is_neither_passed_nor_failed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = write(tmp_path / "a.ids", specification("s", "IFCWALL", FIRE))
    plain = library.Property.__call__

    def breaks(self: Any, inst: Any, logger: Any = None) -> Any:
        if inst.Name == "bare":
            raise AttributeError("NominalValue")
        return plain(self, inst, logger)

    monkeypatch.setattr(library.Property, "__call__", breaks)
    answer = ids_check.run_json({"file": str(model), "ids": str(ids)}, Progress())
    counts = answer["specifications"][0]["counts"]
    assert counts == {"applicable": 4, "passed": 1, "failed": 2, "unknown": 1}
    json.dumps(answer)


def test_a_specification_for_another_schema_is_tested_and_said_so(session: Session, tmp_path: Path) -> None:
    author(tmp_path / "m.ifc", [Box("IfcWall", "w", (0, 0, 0), (1, 0.2, 3))])
    other = specification("s", "IFCWALL", library.Attribute("Name"))
    other.ifcVersion = ["IFC2X3"]
    report = check(session, tmp_path / "m.ifc", write(tmp_path / "a.ids", other))
    assert by_status(report) == {"s": "passed"}
    caution = next(caution for caution in report.cautions if caution.code == "ids.other_version")
    assert caution.facts["said"] == "IFC2X3"


def test_a_guid_that_stands_twice_leads_to_both_elements(session: Session, tmp_path: Path) -> None:
    file = author(
        tmp_path / "m.ifc", [Box("IfcWall", name, (k, 0, 0), (k + 0.5, 0.2, 3)) for k, name in enumerate("ab")]
    )
    first, second = file.by_type("IfcWall")
    second.GlobalId = first.GlobalId
    file.write(str(tmp_path / "m.ifc"))
    report = check(session, tmp_path / "m.ifc", write(tmp_path / "a.ids", specification("s", "IFCWALL", FIRE)))
    assert {len(one.keys) for one in report.findings} == {2}


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ids xmlns="http://standards.buildingsmart.org/IDS">&b;</ids>'
EXTERNAL = (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            b'<ids xmlns="http://standards.buildingsmart.org/IDS">&a;</ids>')  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "ids.empty"),
        (b"  \n", "ids.empty"),
        (b"<ids", "ids.broken"),
        (b"\xff\xfe\x00rubbish", "ids.broken"),
        (b"ISO-10303-21;", "ids.broken"),
        (b"<html><body/></html>", "ids.not_ids"),
        (b'<ids xmlns="http://standards.buildingsmart.org/IDS"><info/></ids>', "ids.invalid"),
        (BOMB, "ids.unsafe"),
        (EXTERNAL, "ids.unsafe"),
    ],
)
def test_what_is_no_ids_is_refused_by_name(raw: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ids"
    path.write_bytes(raw)
    with pytest.raises(UserError) as error:
        ids_check.load(path)
    assert error.value.code == code
    assert error.value.facts["file"] == "x.ids"


def test_the_child_process_says_the_same(session: Session, model: Path, tmp_path: Path) -> None:
    ids = write(tmp_path / "a.ids", specification("防火", "IFCWALL", FIRE))
    report = check(session, model, ids)
    assert by_status(report) == {"防火": "failed"}
    assert len(report.findings) == 3
    json.dumps(report.as_dict())


def test_a_missing_ids_is_said_from_the_child_too(session: Session, model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        check(session, model, tmp_path / "none.ids")
    assert error.value.code == "ids.missing"


def test_a_schema_location_is_never_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.ids", specification("s", "IFCWALL", FIRE))
    text = path.read_text(encoding="utf-8")
    text = text.replace("http://standards.buildingsmart.org/IDS/1.0/ids.xsd", "http://127.0.0.1:9/evil.xsd")
    assert "127.0.0.1" in text
    path.write_text(text, encoding="utf-8")

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("asked the network")

    library.get_schema()  # the library's own schema comes from its package
    monkeypatch.setattr("socket.create_connection", no_network)
    assert len(ids_check.load(path).specifications) == 1


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.exists(), reason="no shared data")
def test_the_duplex_fails_where_the_library_itself_says_so(tmp_path: Path) -> None:
    ids = write(tmp_path / "a.ids",
                specification("walls", "IFCWALLSTANDARDCASE",
                              library.Property("Pset_WallCommon", "IsExternal", value="true", dataType="IFCBOOLEAN")),
                specification("doors", "IFCDOOR", library.Attribute("Name"), library.Material()),
                specification("columns", "IFCCOLUMN", library.Attribute("Name")))  # fmt: skip
    path = IFC_FILES / "duplex.ifc"
    answer = ids_check.run_json({"file": str(path), "ids": str(ids)}, Progress())
    reference = library.open(str(ids))
    reference.validate(ifcopenshell.open(str(path)))
    for ours, theirs in zip(answer["specifications"], reference.specifications, strict=True):
        assert ours["counts"]["applicable"] == len(theirs.applicable_entities)
        assert ours["counts"]["failed"] == len(theirs.failed_entities)
        for requirement, facet in zip(ours["requirements"], theirs.requirements, strict=True):
            assert {one["guid"] for one in requirement["failures"]} == {
                failure["element"].GlobalId for failure in facet.failures
            }
    assert answer["specifications"][0]["counts"]["failed"] > 0
    assert answer["specifications"][2]["status"] == "idle"


def outcome(tmp_path: Path, facet: Any, value: Any, kind: str = "IfcReal") -> str:
    """Return how one wall with one property ``P.a`` stands against one facet."""
    file = author(tmp_path / "m.ifc", [Box("IfcWall", "w", (0, 0, 0), (1, 0.2, 3))])
    wall = file.by_type("IfcWall")[0]
    wall.Name, wall.Description = None, ""
    held = file.createIfcPropertySingleValue("a", None, file.create_entity(kind, value), None)
    pset = file.createIfcPropertySet(ifcopenshell.guid.new(), None, "P", None, [held])
    file.createIfcRelDefinesByProperties(ifcopenshell.guid.new(), None, None, None, [wall], pset)
    file.write(str(tmp_path / "m.ifc"))
    ids = write(tmp_path / "a.ids", specification("s", "IFCWALL", facet))
    answer = ids_check.run_json({"file": str(tmp_path / "m.ifc"), "ids": str(ids)}, Progress())
    return str(answer["specifications"][0]["status"])


def real(value: Any) -> library.Property:
    return library.Property("P", "a", value=value, dataType="IFCREAL")


def restricted(**options: Any) -> library.Restriction:
    return library.Restriction(options, base="double")


@pytest.mark.parametrize(
    ("wanted", "found", "status"),
    [
        ("1.", 1.0000019, "passed"), ("1.", 1.0000021, "failed"), ("0.", 1e-6, "passed"), ("0.", 1.1e-6, "failed"),
        ("-100000.", -100000.1, "passed"), ("-100000.", -100000.2, "failed"), ("1e3", 1000.0, "passed"),
        (restricted(minInclusive="0."), -1e-6, "passed"), (restricted(minInclusive="0."), -1.1e-6, "failed"),
        (restricted(minExclusive="0."), 9e-7, "failed"), (restricted(minExclusive="0."), 1.1e-6, "passed"),
        (restricted(maxExclusive="0."), -9e-7, "failed"), (restricted(maxInclusive="3."), 3.000003, "passed"),
        (restricted(enumeration=["1.", "2."]), 2.0000001, "passed"),
    ],
)  # fmt: skip
def test_floating_point_numbers_are_compared_within_the_tolerance_of_the_standard(
    wanted: Any, found: float, status: str, tmp_path: Path
) -> None:
    assert outcome(tmp_path, real(wanted), found) == status


def test_of_several_patterns_one_is_enough(tmp_path: Path) -> None:
    wanted = library.Property(
        "P", "a", value=library.Restriction({"pattern": ["DT.*", "EI[0-9]+"]}), dataType="IFCLABEL"
    )
    assert outcome(tmp_path, wanted, "EI60", "IfcLabel") == "passed"
    assert outcome(tmp_path, wanted, "REI60", "IfcLabel") == "failed"


def test_an_optional_attribute_may_be_missing_but_not_empty(tmp_path: Path) -> None:
    for name, status in (("Name", "passed"), ("Description", "failed")):
        assert outcome(tmp_path, library.Attribute(name, value="X", cardinality="optional"), 1.0) == status
    assert outcome(tmp_path, library.Attribute("Name", value="X"), 1.0) == "failed"


@pytest.mark.parametrize(
    ("facet", "code"),
    [
        (library.Entity("IfcWall"), "ids.no_such_class"),
        (library.Entity("IFCRABBIT"), "ids.no_such_class"),
        (library.Entity("IFCSLAB"), "ids.excluded_class"),
        (library.Entity("IFCWALL", predefinedType="SHEAR"), ""),
        (library.PartOf("IFCGRID", predefinedType="X", relation="IFCRELAGGREGATES"), ""),
        (library.PartOf("IFCPROJECT", predefinedType="X", relation="IFCRELAGGREGATES"), "ids.no_such_predefined"),
        (library.Attribute("ActingRole"), "ids.no_such_attribute"),
        (library.Attribute("IsDecomposedBy"), "ids.no_such_attribute"),
        (library.Attribute("ObjectPlacement", value="here"), "ids.value_not_of_type"),
        (library.Attribute("Name", value="42,3"), ""),
        (real("42,3"), "ids.value_not_of_type"),
        (real(library.Restriction({"pattern": ".*"})), "ids.value_not_of_type"),
        (library.Property("P", "a", value="42.0", dataType="IFCINTEGER"), "ids.value_not_of_type"),
        (library.Property("P", "a", value="TRUE", dataType="IFCBOOLEAN"), "ids.value_not_of_type"),
        (library.Property("P", "a", value="true", dataType="IFCBOOLEAN"), ""),
        (library.Property("P", "a", dataType="IFCRABBITMEASURE"), "ids.no_such_type"),
    ],
)
def test_what_no_model_could_meet_is_refused_by_the_number_and_name_of_its_specification(
    facet: Any, code: str, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "a.ids", specification("墙", "IFCWALL", library.Attribute("Name")),
        specification("防火", "IFCWALL", facet),
    )  # fmt: skip
    if not code:
        assert len(ids_check.load(path).specifications) == 2
        return
    with pytest.raises(UserError) as error:
        ids_check.load(path)
    assert error.value.code == code
    assert error.value.facts["number"] == 2
    for lang in ("zh", "en"):
        assert "防火" in word(f"error.{code}", lang, **error.value.facts)


def test_a_specification_that_forbids_and_demands_is_refused(tmp_path: Path) -> None:
    forbids = specification("s", "IFCWALL", library.Attribute("Name"), usage="prohibited")
    with pytest.raises(UserError) as error:
        ids_check.load(write(tmp_path / "a.ids", forbids))
    assert error.value.code == "ids.prohibited_requires"
