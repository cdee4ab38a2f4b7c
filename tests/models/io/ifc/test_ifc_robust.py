"""Files and disks that are not as they should be: what was found by fuzzing and by hand, one small case each."""

from __future__ import annotations

import errno
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.util.placement
import numpy as np
import pytest

from app.background.ingest import ingest
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from models.core.errors import UserError
from models.core.progress import Progress
from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import MeshBuilder
from models.io.ifc import child as ifc_child
from models.io.ifc.exact_geometry import plan, round_products
from models.io.ifc.geometry import products, says_body
from models.io.ifc.open_file import opened
from models.io.ifc.place.georeference import Georef, find
from models.io.ifc.place.statements import axis_matrix, degrees, number
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from models.store.cache import GeometryCache
from tests.support.io_models import write_model

HOUSE = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4'));ENDSEC;
DATA;
#1=IFCPROJECT('0000000000000000000001',$,$,$,$,$,$,(#2),#5);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#3,#13);
#3=IFCAXIS2PLACEMENT3D(#4,$,$);
#4=IFCCARTESIANPOINT((0.,0.,0.));
#5=IFCUNITASSIGNMENT((#6));
#6=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#7=IFCWALL('0000000000000000000002',$,$,$,$,#8,#9,$,$);
#8=IFCLOCALPLACEMENT($,#3);
#9=IFCPRODUCTDEFINITIONSHAPE($,$,(#10));
#10=IFCSHAPEREPRESENTATION(#2,'Body','SweptSolid',(#11));
#11=IFCEXTRUDEDAREASOLID(#12,#3,#16,3.);
#12=IFCRECTANGLEPROFILEDEF(.AREA.,$,$,4.,0.2);
#13=IFCDIRECTION((0.,1.));
#16=IFCDIRECTION((0.,0.,1.));
#17=IFCDIRECTION((1.,0.,0.));
#18=IFCDIRECTION((0.,0.,0.));
#14=IFCMAPCONVERSION(#2,#15,500000.,4000000.,0.,1.,0.,1.);
#15=IFCPROJECTEDCRS('EPSG:4548',$,$,$,$,$,$);
#20=IFCSITE('0000000000000000000003',$,$,$,$,#8,$,$,$,(36,8,0),(117,0,0),0.,$,$);
#21=IFCOPENINGELEMENT('0000000000000000000004',$,$,$,$,#8,$,$,$);
#22=IFCRELVOIDSELEMENT('0000000000000000000005',$,$,$,#7,#21);
#23=IFCBUILDING('0000000000000000000006',$,$,$,$,$,$,$,$,$,$,$);
ENDSEC;
END-ISO-10303-21;
"""
#: A statement of the house, and what stands in its place.
BROKEN = {
    "a wall where the world's system belongs": ("1.E-5,#3,#13", "1.E-5,#7,#13"),
    "a system at a wall": ("PLACEMENT3D(#4,$,$)", "PLACEMENT3D(#7,$,$)"),
    "a system of five coordinates": ("POINT((0.,0.,0.))", "POINT((0.,0.,0.,0.,0.))"),
    "a system of one coordinate": ("POINT((0.,0.,0.))", "POINT((0.))"),
    "a system beyond all measure": ("POINT((0.,0.,0.))", "POINT((1.E300,0.,0.))"),
    "a system without a length of axis": ("PLACEMENT3D(#4,$,$)", "PLACEMENT3D(#4,#18,#18)"),
    "two axes that are one": ("PLACEMENT3D(#4,$,$)", "PLACEMENT3D(#4,#17,#17)"),
    "a wall for north": ("1.E-5,#3,#13", "1.E-5,#3,#7"),
    "a north of one number": ("DIRECTION((0.,1.))", "DIRECTION((1.))"),
    "a north that is text": ("DIRECTION((0.,1.))", "DIRECTION('up')"),
    "a wall for a CRS": ("(#2,#15,5", "(#2,#7,5"),
    "a wall for a context": ("(#2,#15,5", "(#7,#15,5"),
    "an easting that is text": ("500000.,4", "'far',4"),
    "an easting beyond all measure": ("500000.,4", "1.E308,4"),
    "a scale of nothing and an axis of nothing": ("0.,1.,0.,1.);", "0.,0.,0.,0.);"),
    "a latitude that is a wall": ("(36,8,0)", "#7"),
    "a latitude without degrees": ("(36,8,0)", "($,8,0)"),
    "a latitude of a thousand million": ("(36,8,0)", "(2147483647,8,0)"),
    "a site placed at a wall": ("$,#8,$,$,$,(36", "$,#7,$,$,$,(36"),
    "a unit that is a wall": ("ASSIGNMENT((#6))", "ASSIGNMENT((#7))"),
    "a wall shaped like a wall": ("$,#8,#9,$,$);\n#8", "$,#8,#7,$,$);\n#8"),
    "a shape of numbers": ("SHAPE($,$,(#10))", "SHAPE($,$,(1,2))"),
    "a shape of walls": ("SHAPE($,$,(#10))", "SHAPE($,$,(#7))"),
    "an opening cut from a point": ("$,#7,#21)", "$,#4,#21)"),
    "an opening cut from nothing": ("$,#7,#21)", "$,$,#21)"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_thing_in_the_wrong_place_costs_no_more_than_itself(how: str, tmp_path: Path) -> None:
    old, new = BROKEN[how]
    assert HOUSE.count(old) == 1
    georef = _georef(HOUSE.replace(old, new), tmp_path)
    assert np.isfinite(georef.placement).all()
    assert abs(np.linalg.det(georef.placement[:3, :3])) == pytest.approx(1.0)
    json.dumps(georef.detail, allow_nan=False)
    with opened(tmp_path / "house.ifc") as (model, _, _):
        bodies = products(model)
        assert all(says_body(thing) in (True, False) for thing in bodies.values())
        assert {key for batch in plan(model, list(bodies)) for key in batch.ids} == set(bodies)
        assert isinstance(round_products(model), set)
        assert (7 in bodies) == (not how.startswith(("a wall shaped", "a shape of numbers")))


def test_the_sound_house_stands_where_it_says(tmp_path: Path) -> None:
    georef = _georef(HOUSE, tmp_path)
    assert (georef.kind, georef.crs) == ("map_conversion", "EPSG:4548")
    assert georef.placement[:3, 3] == pytest.approx([500000.0, 4000000.0, 0.0])


@pytest.mark.parametrize(
    ("z", "x"), [((0, 0, 1), (1, 0, 0)), ((0.0, 0.6, 0.8), (1.0, 0.0, 0.0)), ((0, 0, -1), (0.6, 0.8, 0)), (None, None)]
)
def test_sound_axes_are_read_as_the_library_reads_them(z: Any, x: Any) -> None:
    model = ifcopenshell.file(schema="IFC4")

    def direction(ratios: Any) -> Any:
        return None if ratios is None else model.create_entity("IfcDirection", [float(ratio) for ratio in ratios])

    point = model.create_entity("IfcCartesianPoint", (4.0, -5.0, 6.0))
    placement = model.create_entity("IfcAxis2Placement3D", point, direction(z), direction(x))
    ours = axis_matrix(placement)
    assert ours is not None
    assert ours == pytest.approx(ifcopenshell.util.placement.get_axis2placement(placement))


def test_axes_that_are_not_square_are_made_so_about_z() -> None:
    model = ifcopenshell.file(schema="IFC4")
    point, z, x = (
        model.create_entity(name, values)
        for name, values in (
            ("IfcCartesianPoint", (1.0, 2.0, 3.0)), ("IfcDirection", (0.0, 0.0, 2.0)), ("IfcDirection", (3.0, 0.0, 4.0))
        )
    )  # fmt: skip
    ours = axis_matrix(model.create_entity("IfcAxis2Placement3D", point, z, x))
    assert ours is not None
    assert ours[:3, :3] == pytest.approx(np.eye(3))


def test_a_tower_of_placements_ends(tmp_path: Path) -> None:
    tower = "".join(f"#{n}=IFCLOCALPLACEMENT(#{n + 1},#3);\n" for n in range(1000, 6000))
    text = HOUSE.replace("#8=IFCLOCALPLACEMENT($,#3);", f"#8=IFCLOCALPLACEMENT(#1000,#3);\n{tower}")
    text = text.replace("ENDSEC;\nEND", "#6000=IFCLOCALPLACEMENT($,#3);\nENDSEC;\nEND")
    text = text.replace("#14=IFCMAPCONVERSION", "#14=IFCNOSUCHTHING")
    assert _georef(text, tmp_path).kind == "site_latlon"


def test_numbers_that_are_none_count_as_not_said() -> None:
    assert number("12.5") == 12.5
    assert [number(value) for value in (None, "x", float("nan"), 1e300, (1, 2), "1e999", {"value": None})] == [0.0] * 7
    assert [degrees(value) for value in ("abc", 7, (), (None, 1), (float("inf"),))] == [None] * 5


@pytest.mark.parametrize("far", ["1.E12", "1.E300", "-1.E200"])
def test_geometry_beyond_the_moon_is_left_out_and_the_model_opens(far: str, tmp_path: Path) -> None:
    text = HOUSE.replace("POINT((0.,0.,0.))", f"POINT(({far},0.,0.))").replace("#14=IFCMAPCONVERSION", "#14=IFCNOSUCH")
    session = Session(Settings(None), Jobs(inline=True), cache_root=tmp_path / "cache")
    opening.open_files(session, [_written(tmp_path / "far.ifc", text)])
    (data,) = session.project.data.values()
    assert isinstance(data, ModelData)
    assert data.meshes.triangle_count == 0
    assert "io.no_geometry" in [caution.code for caution in data.cautions]
    session.close()


# --------------------------------------------------------------------------------------------------------- odd files


def test_a_pipe_and_a_link_to_itself_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ifc")
    (tmp_path / "loop.ifc").symlink_to("loop.ifc")
    assert _refused(tmp_path / "pipe.ifc") == "io.unknown_kind"
    assert _refused(tmp_path / "loop.ifc") == "io.unreadable"


def test_an_archive_cut_off_is_called_that_and_one_of_rubbish_too(tmp_path: Path) -> None:
    whole, half, rubbish = (tmp_path / name for name in ("whole.ifczip", "half.ifczip", "rubbish.ifczip"))
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("../../out/of/here.ifc", HOUSE)
    with zipfile.ZipFile(rubbish, "w") as archive:
        archive.writestr("a.ifc", "nothing of the kind " * 20)
    half.write_bytes(whole.read_bytes()[:-100])
    assert _refused(half) == "io.truncated"
    assert _refused(rubbish) == "io.not_what_it_says"
    with pytest.raises(UserError, match=r"io\.not_what_it_says"):
        inspect(rubbish)
    assert inspect(whole).counts["IfcWall"] == 1
    assert not (tmp_path.parent / "out").exists()


def test_models_in_xml_and_in_two_byte_signs_are_inspected_too(tmp_path: Path) -> None:
    wide, xml, broken = (tmp_path / name for name in ("wide.ifc", "a.ifcxml", "b.ifcxml"))
    wide.write_bytes(HOUSE.encode("utf-16"))
    xml.write_text(
        '<ifcXML xmlns="http://www.buildingsmart-tech.org/ifcXML/IFC4/Add2"><IfcWall id="i1" GlobalId="0"/></ifcXML>'
    )
    broken.write_text('<ifcXML xmlns="http://www.buildingsmart-tech.org/ifcXML/IFC4/Add2"><IfcWall></ifcXML>')
    assert inspect(wide).counts == inspect(_written(tmp_path / "a.ifc", HOUSE)).counts
    assert inspect(xml).counts == {"IfcWall": 1}
    with pytest.raises(UserError, match=r"io\.damaged"):
        inspect(broken)


def test_a_file_that_goes_while_it_is_read_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_model(tmp_path / "a.ifc")
    with pytest.raises(UserError, match=r"io\.missing"), opened(tmp_path / "b.ifc"):
        pass
    hashed = GeometryCache.key_of

    def gone_before(cache: GeometryCache, where: Path, *rest: Any) -> str:
        where.unlink()
        return hashed(cache, where, *rest)

    def gone_after(cache: GeometryCache, where: Path, *rest: Any) -> str:
        key = hashed(cache, where, *rest)
        where.unlink()
        return key

    for gone in (gone_before, gone_after):
        shutil.copy(write_model(tmp_path / "c.ifc"), path)
        monkeypatch.setattr(GeometryCache, "key_of", gone)
        with pytest.raises(UserError, match=r"io\.missing"):
            ingest(path, ReadRequest(), GeometryCache(tmp_path / "cache"), Progress())


@pytest.mark.parametrize(
    "name", ["中文 模型 🏗️ 名.ifc", "a b\tc.ifc", "q'uote\"{x}%s.ifc", "-dash.ifc", "x" * 240 + ".ifc"]
)
def test_names_are_only_names(name: str, tmp_path: Path) -> None:
    path = _written(tmp_path / name, HOUSE)
    (read,) = ingest(path, ReadRequest(), GeometryCache(tmp_path / "cache"), Progress())
    assert read.layer.source.path == str(path)
    assert isinstance(read.data, ModelData)
    assert read.data.meshes.triangle_count == 12


# --------------------------------------------------------------------------------------------------------- odd disks


def test_a_cache_that_is_taken_away_while_a_model_is_read_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "a.ifc")
    reserve = GeometryCache.reserve

    def away(cache: GeometryCache) -> Path:
        folder = reserve(cache)
        shutil.rmtree(cache.root)
        cache.root.write_text("something else now")
        return folder

    monkeypatch.setattr(GeometryCache, "reserve", away)
    (read,) = ingest(path, ReadRequest(), GeometryCache(tmp_path / "cache"), Progress())
    assert isinstance(read.data, ModelData)
    assert read.data.meshes.triangle_count == 36
    assert [caution.code for caution in read.data.cautions].count("io.cache_unwritable") == 1


def test_a_cache_that_cannot_be_written_is_told_once_a_session(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache should be")
    session = Session(Settings(None), Jobs(inline=True), cache_root=blocked)
    opening.open_files(session, [write_model(tmp_path / "a.ifc"), write_model(tmp_path / "b.ifc")])
    assert len(session.project.data) == 2
    assert [notice.key for notice in session.notices.all].count("caution.io.cache_unwritable") == 1
    session.close()


def test_a_commit_that_fails_leaves_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = GeometryCache(tmp_path / "cache")
    folder = cache.reserve()
    (folder / "entry.json").write_text("{}")

    def refused(self: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
            cache.commit(folder, "ab" * 20)
    assert (folder / "entry.json").exists()
    half = cache.folder_of("ab" * 20)
    (half / "0").mkdir(parents=True)  # what is left when somebody deletes files by age
    cache.commit(folder, "ab" * 20)
    assert "entry.json" in {path.name for path in half.iterdir()}
    assert not (half / "0").exists()


def test_a_batch_goes_to_the_temporary_files_when_the_cache_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meshes = MeshBuilder().store()
    assert ifc_child._kept(meshes, tmp_path / "out", "a.ifc") == tmp_path / "out"
    elsewhere = ifc_child._kept(meshes, tmp_path / "no" / "such" / "folder", "a.ifc")
    assert MeshStore.load(elsewhere, mapped=False).triangle_count == 0
    shutil.rmtree(elsewhere)

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ifc_child, "mkdtemp", full)
    with pytest.raises(UserError, match=r"io\.no_space"):
        ifc_child._kept(meshes, tmp_path / "no" / "such" / "folder", "a.ifc")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="ascii")
    return path


def _georef(text: str, folder: Path) -> Georef:
    path = _written(folder / "house.ifc", text)
    with opened(path) as (model, _, _):
        return find(model, 1.0, np.zeros(3), "", path.name)


def _refused(path: Path) -> str:
    try:
        find_format(path)
        with opened(path):
            return ""
    except UserError as error:
        return error.code
