"""A review package holds what the project holds, opens without it, and, redacted, holds nothing that was taken out."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.delivery import package_opening, packages
from app.usecases.project import opening
from models.core.errors import UserError
from models.crs.frame import Frame
from models.delivery import archive, redaction
from models.delivery.choices import REDACTIONS, Choices
from models.delivery.manifest import Manifest
from models.health.entered.values import EnteredValue, EvidenceFile
from models.health.lists.rows import LedgerRow
from models.health.results import CITY_OID, IndicatorResult, Problem, UnitValue
from models.health.state import HealthState
from models.layers.layer import Layer, Source, VectorData
from models.project.edits import Edit
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.review.agenda import Stop
from models.review.state import ReviewState
from models.review.topics import SYSTEM, Comment, Component, Pin, Topic, TopicView
from models.sheets.spec import Subject
from models.store import project_file
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec

CRS = "EPSG:4548"
EAST, NORTH = 502_000.0, 4_059_000.0
OWNER, PHONE, IDENTITY = "欧阳澄岚", "13812345678", "11010519491231002X"
SECRETS = (
    OWNER,
    PHONE,
    IDENTITY,
    "梧桐巷7号3单元502",
    "邻居半夜放炮",
    "机密备注",
    "质检员甲",
    "evidence/site.jpg",
    "PICTURE-OF-A-FACE",
)
IFC = f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('ViewDefinition [ReferenceView]'),'2;1');
FILE_NAME('C:\\\\Users\\\\{OWNER}\\\\house.ifc','2026-01-01T00:00:00',('{OWNER}'),('Office'),'x','y','');
FILE_SCHEMA(('IFC4'));
ENDSEC;
DATA;
#1=IFCPERSON($,'{OWNER}','L;eo',$,$,$,$,$);
#2=IFCTELECOMADDRESS($,$,$,('{PHONE}'),$,$,$,$,$);
#3=IFCPROPERTYSINGLEVALUE('Owner',$,IFCLABEL('{OWNER}'),$);
#4=IFCPROPERTYSINGLEVALUE('FireRating',$,IFCLABEL('F90'),$);
ENDSEC;
END-ISO-10303-21;
"""


def fresh(folder: Path) -> Session:
    return Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=folder / "cache")


def result() -> IndicatorResult:
    city = UnitValue("communities", CITY_OID, "", "全市", "City", 61.5, 8.0, 13.0, 1.0, "ok", "", "not_met")
    problem = Problem(ObjectKey("buildings", 1), "below_benchmark", 1.0, "B1", f"{OWNER}家", "", 1, 1.0, 0.2)
    return IndicatorResult("HC25-01", "2025", (), city, (problem,))


def a_project(folder: Path) -> Path:
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "site.jpg").write_bytes(b"\xff\xd8PICTURE-OF-A-FACE")
    (folder / "house.ifc").write_text(IFC, encoding="utf-8")
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", crs=CRS,
        transform=rasterio.transform.from_origin(EAST, NORTH + 400, 100, 100),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, 4, 4), 30.0, dtype="float32"))
    homes = gpd.GeoDataFrame(
        {"code": ["B1", "B2", "B3"], "owner": [OWNER, "个人", None], "联系电话": [PHONE, None, None],
         "note": ["机密备注", None, None], "number": [IDENTITY, IDENTITY, IDENTITY], "storeys": [3, 6, 9]},
        geometry=[shapely.box(EAST + 30 * n, NORTH + 10, EAST + 30 * n + 20, NORTH + 25) for n in range(3)], crs=CRS,
        index=pd.Index([1, 2, 3], name="fid"),
    )  # fmt: skip
    cases = gpd.GeoDataFrame(
        {"taskNum": ["T1", "T2"], "address": ["梧桐巷7号3单元502", None], "eventDesc": [f"{OWNER}说邻居半夜放炮", None],
         "title": [f"投诉人{OWNER} {PHONE}", "井盖"]},
        geometry=[shapely.Point(EAST + 12.3456, NORTH + 17.6543), shapely.Point(EAST + 2e5, NORTH)], crs=CRS,
        index=pd.Index([1, 2], name="fid"),
    )  # fmt: skip
    units = gpd.GeoDataFrame(
        {"code": ["C1"]}, geometry=[shapely.box(EAST, NORTH, EAST + 400, NORTH + 400)], crs=CRS,
        index=pd.Index([1], name="fid"),
    )  # fmt: skip
    readings = pd.DataFrame({"sensor": ["S1"], "value": [7.125]}, index=pd.Index([1], name="fid"))
    data = {"buildings": homes, "cases": cases, "communities": units, "readings": readings}
    inside = Source(crs=CRS)
    layers = (
        Layer("dem", "高程", "terrain", "terrain", Source("dem.tif", reader="raster", crs=CRS)),
        Layer("house", "住宅", "model", "model", Source("house.ifc", reader="ifc")),
        Layer("map", "底图", "image", "image", Source(reader="basemap", options={"url": "https://tiles.invalid/{z}"})),
        Layer("communities", "社区", "vector", "communities", inside),
        Layer("cases", "案件", "vector", "cases", inside),
        Layer("readings", "读数", "table", "readings"),
        Layer("buildings", "建筑", "vector", "buildings", Source(crs=CRS, options={"origin": f"/users/{OWNER}/b.shp"})),
    )  # fmt: skip
    view = SnapshotSpec(f"/users/{OWNER}/city.gpkg", 800, 600, Camera((EAST, NORTH, 900), (EAST, NORTH, 0), (0, 1, 0)))
    topic = Topic(
        "t1", f"{OWNER}的意见", "2026-01-01", "专家", f"请联系 {PHONE}", comments=(Comment("c", "", "甲", IDENTITY),),
        views=(TopicView("v", snapshot=b"PICTURE-OF-A-FACE"),),
        pins=(Pin(Component("", SYSTEM, "cases/1"), point=(EAST + 12.3456, NORTH + 17.6543, 30.0)),),
    )  # fmt: skip
    ledger = LedgerRow(
        "L1", "HC25-01", "01-1", "", ObjectKey("buildings", 1), "B1", f"{OWNER}宅", "building", "D1",
        checked_by="质检员甲", note="机密备注", photo="evidence/site.jpg", remark="机密备注",
    )  # fmt: skip
    entered = EnteredValue(
        "HC25-02", "city", "", 3.0, evidence=(EvidenceFile("evidence/site.jpg", "0" * 64),), who="质检员甲"
    )
    state = ProjectState(
        "示例", frame=Frame(CRS, None, (502_000, 4_059_000, 0)), layers=layers, results=(result(),), topics=(topic,),
        notes=(Note("n", "text", ((EAST, NORTH, 0.0),), f"{OWNER} {PHONE}", author="质检员甲"),),
        edits=(Edit("buildings", 1, "owner", OWNER, "个人"), Edit("buildings", 1, "storeys", 2, 3)),
        health=HealthState(ledger=(ledger,), entered=(entered,)),
        review=ReviewState(stops=(Stop("s", f"看{OWNER}家", view, notes=IDENTITY, thumbnail=b"PICTURE-OF-A-FACE"),)),
    )  # fmt: skip
    path = folder / "city.gpkg"
    project_file.save_project(state, {name: VectorData(table) for name, table in data.items()}, path)
    return path


def make(project: Path, out: Path, choose: Callable[[Session], Choices] = lambda _: Choices()) -> Manifest:
    session = fresh(out.parent / "maker")
    opening.open_project(session, project)
    found: list[packages.Made] = []
    packages.make_package(session, out, choose(session), found.append)
    session.close()
    return found[0].manifest


def everything(session: Session) -> Choices:
    return Choices(redact=REDACTIONS, fields=tuple((one.layer, one.field) for one in packages.proposals(session)))


@dataclass(frozen=True)
class Made:
    """A project, a package of it, and a redacted one, unpacked."""

    project: Path
    plain: Path
    plain_says: Manifest
    public: Path
    public_says: Manifest
    unpacked: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("packages")
    project = a_project(home / "office")
    plain_says = make(project, home / "city.cjreview")
    public_says = make(project, home / "public.cjreview", everything)
    archive.unpack(home / "public.cjreview", home / "unpacked")
    return Made(project, home / "city.cjreview", plain_says, home / "public.cjreview", public_says, home / "unpacked")


def test_a_package_opens_elsewhere_without_the_project_as_the_same_project(made: Made, tmp_path: Path) -> None:
    package = shutil.copy(made.plain, tmp_path / "city.cjreview")
    before, before_data = project_file.open_project(made.project)
    session = fresh(tmp_path / "elsewhere")
    made.project.parent.rename(made.project.parent.with_name("gone"))
    try:
        package_opening.open_package(session, package)
    finally:
        made.project.parent.with_name("gone").rename(made.project.parent)
    assert session.package is not None
    assert session.package.path == package
    state = session.project.state
    assert (state.results, state.topics, state.health) == (before.results, before.topics, before.health)
    assert [layer.id for layer in state.layers] == [layer.id for layer in before.layers if layer.id != "map"]
    assert {(one.what, one.why) for one in made.plain_says.left_out} == {("底图", "server")}
    for name in ("buildings", "cases", "readings"):
        there, here = session.project.data[name], before_data[name]
        assert isinstance(there, VectorData)
        assert isinstance(here, VectorData)
        pd.testing.assert_frame_equal(there.frame, here.frame)
    assert float(session.project.data["dem"].values.max()) == 30.0  # type: ignore[union-attr]
    assert not session.withheld
    assert (session.package.folder / "evidence" / "site.jpg").exists()
    with pytest.raises(UserError) as refused:
        opening.save_project(session)
    assert refused.value.code == "package.read_only"
    opening.save_project(session, tmp_path / "mine.gpkg")
    assert session.package is None
    session.close()


def test_the_same_project_gives_the_same_package(made: Made, tmp_path: Path) -> None:
    make(made.project, tmp_path / "again.cjreview", everything)
    assert (tmp_path / "again.cjreview").read_bytes() == made.public.read_bytes()


def test_a_changed_package_is_not_opened(made: Made, tmp_path: Path) -> None:
    package = shutil.copy(made.plain, tmp_path / "city.cjreview")
    with zipfile.ZipFile(package, "a") as archived:
        archived.writestr("sources/99/more.tif", b"more")
    session = fresh(tmp_path / "elsewhere")
    with pytest.raises(UserError) as refused:
        package_opening.open_package(session, package)
    assert refused.value.code == "package.differs"
    assert session.package is None
    assert not session.project.state.layers
    session.close()


def secrets_in(raw: bytes) -> set[str]:
    return {
        one for one in SECRETS
        if one.encode() in raw or one.encode("utf-16-le") in raw or json.dumps(one).strip('"').encode() in raw
        or base64.b64encode(one.encode()).rstrip(b"=")[:-1] in raw
    }  # fmt: skip


def test_what_was_taken_out_stands_nowhere_in_the_package(made: Made, tmp_path: Path) -> None:
    archive.unpack(made.plain, tmp_path / "plain")
    assert secrets_in(b"".join(path.read_bytes() for path in (tmp_path / "plain").rglob("*.*"))) == set(SECRETS)
    for file in (path for path in made.unpacked.rglob("*") if path.is_file()):
        assert not secrets_in(file.read_bytes()), file.name
    with sqlite3.connect(made.unpacked / "project.gpkg") as connection:
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (0,)
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    kinds = {one.kind for one in made.public_says.redacted}
    assert kinds == {"readings", "places", "fields", "people", "photos", "notes", "texts", "models"}
    assert "F90" in next(made.unpacked.rglob("house.ifc")).read_text(encoding="utf-8")


def test_redaction_moves_points_and_leaves_figures_and_other_fields(made: Made) -> None:
    state, data = project_file.open_project(made.unpacked / "project.gpkg")
    homes, cases = data["buildings"], data["cases"]
    assert isinstance(homes, VectorData)
    assert isinstance(cases, VectorData)
    assert set(homes.fields) == {"code", "storeys"}
    assert list(homes.frame["storeys"]) == [3, 6, 9]
    points = cases.frame.geometry
    assert (points.iloc[0].x, points.iloc[0].y) == (EAST + 200, NORTH + 200)
    assert points.iloc[1] is None
    assert [one.city for one in state.results] == [result().city]
    assert state.edits == (Edit("buildings", 1, "storeys", 2, 3),)
    assert state.topics[0].pins[0].point is None


def test_a_person_keeps_the_fields_that_are_not_chosen(made: Made) -> None:
    state, data = project_file.open_project(made.project)
    choices = Choices(redact=("fields",), fields=(("buildings", "联系电话"),))
    homes = redaction.redacted(state, data, choices, "zh").data["buildings"]
    assert isinstance(homes, VectorData)
    assert "owner" in homes.fields
    assert "联系电话" not in homes.fields
    assert data["buildings"].fields[2] == "联系电话"  # type: ignore[union-attr]


@pytest.mark.render
def test_a_sheet_drawn_from_a_package_is_the_sheet_of_the_project_to_the_byte(made: Made, tmp_path: Path) -> None:
    pytest.importorskip("vtkmodules")
    from app.usecases.sheets.sheets import draw_sheet, sheet_for

    drawn = []
    for name in ("project", "package"):
        session = fresh(tmp_path / name)
        if name == "project":
            opening.open_project(session, made.project)
        else:
            package_opening.open_package(session, made.plain)
        sheet = sheet_for(session, "health_map", Subject("city"), paper="A4", dpi=40)
        draw_sheet(session, sheet, tmp_path / f"{name}.png")
        drawn.append((tmp_path / f"{name}.png").read_bytes())
        session.close()
    assert drawn[0] == drawn[1]
