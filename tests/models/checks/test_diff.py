"""Two versions compared: what came, went and changed, whatever exporters do to GUIDs and triangles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ifcopenshell
import ifcopenshell.api as api
import ifcopenshell.api.geometry
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.guid
import ifcopenshell.util.placement as placements
import ifcopenshell.util.unit
import numpy as np
import pytest

from app.session import Session
from app.usecases.checks import checks
from app.usecases.checks.diff_results import COLOURS, show
from models.checks.version_comparison import ASPECTS, Difference, compare, shapes
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import ModelData
from resources.words import has
from tests.support.check_models import Box, author, hold, oid_of, opened
from tests.support.paths import IFC_FILES
from viewers.texts import finding_texts as texts

BOXES = [
    Box("IfcWall", "kept", (0, 0, 0), (4, 0.2, 3), {"Pset_WallCommon": {"FireRating": "EI30", "IsExternal": True}}),
    Box("IfcWall", "gone", (0, 1, 0), (4, 1.2, 3)),
    Box("IfcBeam", "moved", (0, 2, 3), (4, 2.2, 3.3)),
    Box("IfcBeam", "longer", (0, 3, 3), (4, 3.2, 3.3)),
    Box("IfcColumn", "renumbered", (9, 0, 0), (9.4, 0.4, 3), tag="C-7"),
    Box("IfcColumn", "reborn:Type:1001", (12, 0, 0), (12.4, 0.4, 3)),
]


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "v1.ifc", tmp_path / "v2.ifc"
    author(old, BOXES)
    file = ifcopenshell.open(str(old))
    things = {thing.Name: thing for thing in file.by_type("IfcElement")}
    pset = next(p for p in file.by_type("IfcPropertySet"))
    api.pset.edit_pset(file, pset=pset, properties={"FireRating": "REI60", "LoadBearing": True})
    things["kept"].Description = "checked"
    matrix = np.eye(4)
    matrix[:3, 3] = [2.5, 2.1, 3]
    api.geometry.edit_object_placement(file, product=things["moved"], matrix=matrix, is_si=True)
    solid = things["longer"].Representation.Representations[0].Items[0]
    solid.SweptArea.XDim = 5.0
    things["renumbered"].GlobalId = ifcopenshell.guid.new()
    things["reborn:Type:1001"].GlobalId = ifcopenshell.guid.new()
    things["reborn:Type:1001"].Name = "reborn:Type:2002"
    api.root.remove_product(file, product=things["gone"])
    file.write(str(new))
    file = ifcopenshell.open(str(new))
    copy = api.root.copy_class(file, product=file.by_type("IfcBeam")[0])
    copy.Name = "added"
    file.write(str(new))
    return old, new


def named(data: ModelData, oid: int | None) -> str:
    return "" if oid is None else str(data.elements["name"].iat[oid])


def test_every_change_is_told_with_its_old_and_new_value(versions: tuple[Path, Path]) -> None:
    old, new = (opened(path) for path in versions)
    found = compare(old, new, Progress()).differences
    by_name = {named(new, one.new) or named(old, one.old): one for one in found}
    assert {name: (one.code, one.match) for name, one in by_name.items()} == {
        "kept": ("changed", "guid"), "moved": ("changed", "guid"), "longer": ("changed", "guid"),
        "renumbered": ("changed", "tag"), "reborn:Type:2002": ("changed", "shape"),
        "added": ("added", "guid"), "gone": ("deleted", "guid"),
    }  # fmt: skip
    kept = {change.field: (change.old, change.new) for change in by_name["kept"].changes}
    assert kept == {
        "description": (None, "checked"), "Pset_WallCommon.FireRating": ("EI30", "REI60"),
        "Pset_WallCommon.LoadBearing": (None, True),
    }  # fmt: skip
    moved = by_name["moved"].changes
    assert [change.aspect for change in moved] == ["moved"]
    assert moved[0].old == pytest.approx([2.0, 2.1, 3.15])
    assert moved[0].new == pytest.approx([2.5, 2.1, 3.15])
    longer = {change.field: (change.old, change.new) for change in by_name["longer"].changes}
    assert longer["size_m"][1] == pytest.approx([5.0, 0.2, 0.3])
    assert longer["volume_m3"] == pytest.approx((4 * 0.2 * 0.3, 5 * 0.2 * 0.3))
    assert all(change.aspect in ASPECTS for one in found for change in one.changes)


def test_a_model_does_not_differ_from_itself(versions: tuple[Path, Path]) -> None:
    assert compare(opened(versions[0]), opened(versions[0]), Progress()).differences == []


def test_another_order_of_triangles_is_no_difference(versions: tuple[Path, Path]) -> None:
    old = opened(versions[0])
    store = old.meshes
    faces = np.array(store.faces)
    for start, stop in zip(store.mesh_faces, store.mesh_faces[1:], strict=False):
        faces[start:stop] = np.roll(faces[start:stop][::-1], 1, axis=1)
    assert not np.array_equal(faces, store.faces)
    assert compare(old, replace(old, meshes=replace(store, faces=faces)), Progress()).differences == []


def test_a_model_placed_elsewhere_as_a_whole_has_no_thousand_changes(
    session: Session, versions: tuple[Path, Path]
) -> None:
    old = opened(versions[0])
    placement = old.placement.copy()
    placement[0, 3] += 250.0
    hold(session, a=old, b=replace(old, placement=placement))
    report = checks.compare_versions(session, "a", "b").result
    assert not report.findings
    assert [caution.code for caution in report.cautions] == ["checks.placed_elsewhere"]


def test_area_and_volume_are_those_of_the_boxes(versions: tuple[Path, Path]) -> None:
    data = opened(versions[0])
    measured = shapes(data)
    for box in BOXES:
        oid = oid_of(data, box.name)
        x, y, z = np.subtract(box.high, box.low)
        assert measured.volume_m3[oid] == pytest.approx(x * y * z, rel=1e-5)
        assert measured.area_m2[oid] == pytest.approx(2 * (x * y + y * z + z * x), rel=1e-5)
        assert measured.middle[oid] == pytest.approx((np.add(box.low, box.high)) / 2, abs=1e-5)
    assert np.isnan(measured.area_m2[oid_of(data, "IfcBuildingStorey")])


def test_the_report_counts_colours_and_speaks(session: Session, versions: tuple[Path, Path]) -> None:
    old, new = (opened(path) for path in versions)
    hold(session, old=old, new=new)
    report = checks.compare_versions(session, "old", "new").result
    assert {name: report.counts[name] for name in ("changed", "probably", "added", "deleted")} == {
        "changed": 3, "probably": 2, "added": 1, "deleted": 1,
    }  # fmt: skip
    show(session, report)
    look = session.visibility.of("new")
    assert look.colours is not None
    assert look.colours[oid_of(new, "added")] == COLOURS["added"]
    assert look.colours[oid_of(new, "moved")] == COLOURS["changed"]
    assert oid_of(new, "added") not in look.ghost
    gone = session.visibility.of("old")
    assert gone.colours == {oid_of(old, "gone"): COLOURS["deleted"]}
    assert oid_of(old, "kept") in gone.hidden
    for finding in report.findings:
        assert texts.sentence(finding, "zh") != texts.sentence(finding, "en")
        assert all("{" not in part for row in texts.rows(finding, "zh") for part in row)
    assert all(has(f"finding.aspect.{name}") for name in ASPECTS)


def test_a_layer_is_not_compared_with_itself(session: Session, versions: tuple[Path, Path]) -> None:
    hold(session, a=opened(versions[0]))
    with pytest.raises(UserError) as error:
        checks.compare_versions(session, "a", "a")
    assert error.value.code == "checks.same_layer"


def library_says(old: Path, new: Path) -> tuple[set[str], set[str], set[str]]:
    from ifcdiff import IfcDiff

    diff = IfcDiff(ifcopenshell.open(str(old)), ifcopenshell.open(str(new)), ["attributes", "geometry", "property"],
                   is_shallow=False)  # fmt: skip
    diff.diff()
    return set(diff.added_elements), set(diff.deleted_elements), set(diff.change_register)


def we_say(old: ModelData, new: ModelData) -> tuple[set[str], set[str], set[str]]:
    """Return added, deleted and changed GUIDs of elements, with second thoughts about GUIDs taken back."""
    added, deleted, changed = set(), set(), set()

    def guid(data: ModelData, oid: int | None) -> str:
        return "" if oid is None else str(data.elements["guid"].iat[oid])

    for one in compare(old, new, Progress()).differences:
        if one.code == "added" or _is_reborn(one):
            added.add(guid(new, one.new))
        if one.code == "deleted" or _is_reborn(one):
            deleted.add(guid(old, one.old))
        if one.code == "changed" and not _is_reborn(one):
            changed.add(guid(new, one.new))
    return added, deleted, changed


def _is_reborn(one: Difference) -> bool:
    return one.match != "guid"


def test_counts_agree_with_ifcdiff(versions: tuple[Path, Path]) -> None:
    assert we_say(*(opened(path) for path in versions)) == library_says(*versions)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not IFC_FILES.exists(), reason="no shared data")
def test_a_duplex_that_was_worked_on_differs_as_ifcdiff_says(tmp_path: Path) -> None:
    file = ifcopenshell.open(str(IFC_FILES / "duplex.ifc"))
    walls = file.by_type("IfcWallStandardCase")
    walls[0].Name = "renamed"
    location = walls[3].ObjectPlacement.RelativePlacement.Location
    location.Coordinates = (location.Coordinates[0] + 0.3, *location.Coordinates[1:])
    for thing in file.by_type("IfcFurnishingElement")[:3]:
        api.root.remove_product(file, product=thing)
    file.by_type("IfcDoor")[0].GlobalId = ifcopenshell.guid.new()
    file.write(str(tmp_path / "v2.ifc"))
    ours = we_say(opened(IFC_FILES / "duplex.ifc"), opened(tmp_path / "v2.ifc"))
    theirs = library_says(IFC_FILES / "duplex.ifc", tmp_path / "v2.ifc")
    assert ours[:2] == theirs[:2]
    # ifcdiff looks at the geometry of "Body" subcontexts alone, which this file does not have: what only we tell are
    # the wall that was moved and what stands in it
    before, after = (ifcopenshell.open(str(path)) for path in (IFC_FILES / "duplex.ifc", tmp_path / "v2.ifc"))
    places = [
        {thing.GlobalId: placements.get_local_placement(thing.ObjectPlacement) for thing in model.by_type("IfcElement")
         if not thing.is_a("IfcFeatureElement")}
        for model in (before, after)
    ]  # fmt: skip
    moved = {guid for guid in places[0].keys() & places[1].keys() if not np.allclose(places[0][guid], places[1][guid])}
    assert theirs[2]
    assert ours[2] == theirs[2] | moved


def layered(path: Path, thickness_mm: float, up_m: float, width_m: float, code: str) -> None:
    """Write two walls; the first has layers, quantities and a classification, both stand ``up_m`` above zero."""
    file = author(path, [Box("IfcWall", "墙", (0, 0, 0), (4, 0.2, 3), {"Qto_WallBaseQuantities": {"Width": width_m}}),
                         Box("IfcWall", "旁", (0, 5, 0), (4, 5.2, 3))])  # fmt: skip
    wall = file.by_type("IfcWall")[0]
    unit = 1 / ifcopenshell.util.unit.calculate_unit_scale(file)
    layers = [
        file.createIfcMaterialLayer(file.createIfcMaterial(name), size / 1000 * unit)
        for name, size in (("混凝土", thickness_mm), ("岩棉", 50), ("混凝土", 60))
    ]
    usage = file.createIfcMaterialLayerSetUsage(
        file.createIfcMaterialLayerSet(layers, "外墙"), "AXIS2", "POSITIVE", 0.0
    )
    system = file.createIfcClassification(None, None, None, "GB/T 51269")
    reference = file.createIfcClassificationReference(None, code, "墙体", system)
    for name, attribute, thing in (("IfcRelAssociatesMaterial", "RelatingMaterial", usage),
                                   ("IfcRelAssociatesClassification", "RelatingClassification", reference),
                                   ):  # fmt: skip
        relation = file.create_entity(name, GlobalId=ifcopenshell.guid.new(), RelatedObjects=[wall])
        setattr(relation, attribute, thing)
    for number, one in enumerate(file.by_type("IfcRoot")):
        one.GlobalId = f"{number:022d}"
    for one in file.by_type("IfcWall"):
        matrix = np.eye(4)
        matrix[2, 3] = up_m
        api.geometry.edit_object_placement(file, product=one, matrix=matrix, is_si=True)
    file.write(str(path))


def test_layers_quantities_and_classification_are_named_with_both_values(session: Session, tmp_path: Path) -> None:
    old, new = tmp_path / "old.ifc", tmp_path / "new.ifc"
    layered(old, 200, 0.0, 0.31, "14-10.20")
    layered(new, 240, 0.25, 0.35, "14-10.30")
    hold(session, old=opened(old), new=opened(new))
    report = checks.compare_versions(session, "old", "new").result
    assert [finding.parties[0].name for finding in report.findings] == ["墙"], "both moved, and alike"
    changes = {change[0]: tuple(change[1:]) for change in report.findings[0].facts["changes"]}
    assert changes == {
        "layers": (
            "material_layers",
            "混凝土 200 mm; 岩棉 50 mm; 混凝土 60 mm",
            "混凝土 240 mm; 岩棉 50 mm; 混凝土 60 mm",
        ),
        "classification": ("classification", "GB/T 51269: 14-10.20 墙体", "GB/T 51269: 14-10.30 墙体"),
        "quantity": ("Qto_WallBaseQuantities.Width", "0.31", "0.35"),
    }
    moved = next(caution for caution in report.cautions if caution.code == "checks.moved_as_whole")
    assert moved.facts == {"x": "+0.000", "y": "+0.000", "z": "+0.250"}
    for lang in ("zh", "en"):
        said = texts.sentence(report.findings[0], lang)
        assert "混凝土 200 mm" in said
        assert "混凝土 240 mm" in said
        assert "Qto_WallBaseQuantities.Width 0.31 → 0.35" in said


def test_what_moved_is_told_by_how_far_and_many_values_of_a_set_by_their_number(
    session: Session, tmp_path: Path
) -> None:
    author(tmp_path / "a.ifc", [Box("IfcWall", str(k), (k, 0, 0), (k + 0.5, 1, 1)) for k in range(3)])
    file = ifcopenshell.open(str(tmp_path / "a.ifc"))
    wall = file.by_type("IfcWall")[0]
    matrix = placements.get_local_placement(wall.ObjectPlacement)
    matrix[:3, 3] *= ifcopenshell.util.unit.calculate_unit_scale(file)
    matrix[:3, 3] += [0.3, 0.4, 0]
    api.geometry.edit_object_placement(file, product=wall, matrix=matrix, is_si=True)
    pset = api.pset.add_pset(file, product=wall, name="Pset_WallCommon")
    api.pset.edit_pset(file, pset=pset, properties={"FireRating": "2h", "IsExternal": True, "LoadBearing": True})
    file.write(str(tmp_path / "b.ifc"))
    hold(session, a=opened(tmp_path / "a.ifc"), b=opened(tmp_path / "b.ifc"))
    report = checks.compare_versions(session, "a", "b").result
    assert len(report.findings) == 1
    assert texts.sentence(report.findings[0], "en") == "place 0.500 m; property sets Pset_WallCommon (3 values)"
