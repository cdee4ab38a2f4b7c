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
    found = compare(old, new, Progress())
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
    assert compare(opened(versions[0]), opened(versions[0]), Progress()) == []


def test_another_order_of_triangles_is_no_difference(versions: tuple[Path, Path]) -> None:
    old = opened(versions[0])
    store = old.meshes
    faces = np.array(store.faces)
    for start, stop in zip(store.mesh_faces, store.mesh_faces[1:], strict=False):
        faces[start:stop] = np.roll(faces[start:stop][::-1], 1, axis=1)
    assert not np.array_equal(faces, store.faces)
    assert compare(old, replace(old, meshes=replace(store, faces=faces)), Progress()) == []


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

    for one in compare(old, new, Progress()):
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
