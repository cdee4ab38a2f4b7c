"""PostGIS tables as cities keep them: systems of their own, columns of any shape, surfaces, types that Python lacks."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.servers import postgis
from models.io.servers.postgis import Server, Wanted
from models.layers.asked import Asked, asked_of
from tests.support.servers import postgis as running
from tests.support.servers import postgres_folder

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(postgres_folder() is None, reason="no PostgreSQL with PostGIS on this machine")

CITY_WKT = (
    'PROJCS["城市坐标系",GEOGCS["CGCS2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",120.333],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",150000],PARAMETER["false_northing",0],UNIT["metre",1]]'
)
BOX = (
    "POLYHEDRALSURFACE Z (((0 0 5,0 8 5,10 8 5,10 0 5,0 0 5)),((0 0 35,10 0 35,10 8 35,0 8 35,0 0 35)),"
    "((0 0 5,10 0 5,10 0 35,0 0 35,0 0 5)),((10 0 5,10 8 5,10 8 35,10 0 35,10 0 5)),"
    "((10 8 5,0 8 5,0 8 35,10 8 35,10 8 5)),((0 8 5,0 0 5,0 0 35,0 8 35,0 8 5)))"
)
TABLES = f"""
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (990001, NULL, NULL, '{CITY_WKT}', '');
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (990002, 'EPSG', 990002, '{CITY_WKT}', '');
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (990003, 'nobody', 3, 'no WKT', '+proj=tmerc +lon_0=120.333 +x_0=150000 +ellps=GRS80 +units=m');
CREATE TABLE own (a int, g geometry(Point, 990001)); INSERT INTO own VALUES (1, ST_SetSRID(ST_MakePoint(150000, 4000000), 990001));
CREATE TABLE own2 (a int, g geometry(Point, 990002)); INSERT INTO own2 VALUES (1, ST_SetSRID(ST_MakePoint(150000, 4000000), 990002));
CREATE TABLE own3 (a int, g geometry(Point, 990003)); INSERT INTO own3 VALUES (1, ST_SetSRID(ST_MakePoint(150000, 4000000), 990003));
CREATE TABLE loose_own (a int, g geometry); INSERT INTO loose_own VALUES (1, ST_SetSRID(ST_MakePoint(150000, 4000000), 990001));
CREATE TABLE mixed (id int, kind text, g geometry);
INSERT INTO mixed VALUES (1, 'pt', ST_GeomFromText('POINT(501000 4058000)', 4548)),
 (2, 'ln', ST_GeomFromText('LINESTRING(501000 4058000, 501100 4058100)', 4548)),
 (3, 'pg', ST_GeomFromText('POLYGON((501000 4058000, 501100 4058000, 501100 4058100, 501000 4058000))', 4548)),
 (4, 'gc', ST_GeomFromText('GEOMETRYCOLLECTION(POINT(501000 4058000),CIRCULARSTRING(0 0, 1 1, 2 0))', 4548)),
 (5, 'empty', ST_GeomFromText('POLYGON EMPTY', 4548)), (6, 'null', NULL);
CREATE TABLE mixed_srid (id int, g geometry);
INSERT INTO mixed_srid VALUES (1, ST_GeomFromText('POINT Z(120.38 36.07 7)', 4326)), (2, ST_GeomFromText('POINT(501000 4058000)', 4548)),
 (3, ST_GeomFromText('POINT(501001 4058000)', 4548)), (4, ST_GeomFromText('POINT(5 5)', 0));
CREATE TABLE nosrid (id int, g geometry); INSERT INTO nosrid SELECT i, ST_MakePoint(501000 + i, 4058000 + i) FROM generate_series(1, 20) i;
CREATE TABLE solids (gml_id text, g geometry(PolyhedralSurfaceZ, 4548)); INSERT INTO solids VALUES ('b1', ST_Translate(ST_GeomFromText('{BOX}', 4548), 501000, 4058000));
CREATE TABLE tins (a int, g geometry(TinZ, 4548)); INSERT INTO tins VALUES (1, ST_GeomFromText('TIN Z (((0 0 1, 0 4 1, 4 4 3, 0 0 1)),((0 0 1, 4 4 3, 4 0 2, 0 0 1)))', 4548));
CREATE TABLE triangle (a int, g geometry); INSERT INTO triangle VALUES (1, ST_GeomFromText('TRIANGLE((0 0, 0 4, 4 4, 0 0))', 4548));
CREATE TABLE zm (a int, g geometry(PointZM, 4548)); INSERT INTO zm VALUES (1, ST_GeomFromText('POINT ZM(1 2 3 4)', 4548));
CREATE TABLE far (a int, g geography(Point, 4326)); INSERT INTO far VALUES (1, 'POINT(117.02 36.66)');
CREATE TABLE shadowed (geometry text, g geometry(Point, 4548)); INSERT INTO shadowed VALUES ('文字', ST_GeomFromText('POINT(501000 4058000)', 4548));
CREATE TYPE mood AS ENUM ('好', '坏');
CREATE TABLE types (号 bigint, 层数 int, 高度 numeric(8, 2), 码 numeric(20, 0), 大码 numeric(30, 0), 竣工 date, 更新 timestamptz, 时刻 timestamp, 钟 time,
 在用 boolean, 标签 text[], 其他 jsonb, 图 bytea, 时长 interval, 唯一 uuid, 心情 mood, 范围 int4range, 网 inet, 永远 date, 古代 date, geom geometry(Point, 4548));
INSERT INTO types VALUES (9007199254740993, 6, 12.50, 12345678901234567, 123456789012345678901234567890, '2024-03-01', '2024-03-01 08:00+08', '1823-03-02 00:30', '08:30',
 true, ARRAY['a', 'b,c'], '{{"k": [1, 2]}}', '\\x00ff', '1 month 2 days', '00000000-0000-0000-0000-000000000001', '好', '[1,5)', '10.0.0.1', 'infinity', '0044-03-15 BC', ST_GeomFromText('POINT(501000 4058000)', 4548)),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ST_GeomFromText('POINT(501000 4058000)', 4548));
"""  # noqa: E501, S608


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("pg")) as port:
        address = f"host=127.0.0.1 port={port} dbname=city user=city"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(TABLES)
        yield Server("127.0.0.1", port, "city", "city")


def table(server: Server, name: str) -> postgis.Table:
    return next(one for one in postgis.tables(server) if one.name == name)


def read(server: Server, name: str, **asked: Any) -> tuple[Any, dict[str, Any]]:
    frame, cautions = postgis.read(server, Wanted(table(server, name), **asked), Progress())
    return frame, {caution.code: caution.facts for caution in cautions}


@pytest.mark.parametrize("name", ["own", "own2", "own3", "loose_own"])
def test_a_citys_own_system_is_taken_from_its_text(server: Server, name: str) -> None:
    frame, _ = read(server, name)
    lon, lat = frame.to_crs(4326).geometry.iat[0].coords[0][:2]
    assert (round(lon, 6), round(lat, 3)) == (120.333, 36.13)
    if name != "loose_own":
        assert parse_crs(table(server, name).crs).is_projected


def test_a_column_of_any_shape_opens_with_the_system_of_its_rows(server: Server) -> None:
    frame, cautions = read(server, "mixed")
    assert frame.crs.equals("EPSG:4548")
    assert len(frame) == 6
    assert frame.geometry.notna().sum() == 5
    assert cautions == {}


def test_rows_of_several_systems_are_brought_to_one_and_counted(server: Server) -> None:
    frame, cautions = read(server, "mixed_srid")
    assert frame.crs.equals("EPSG:4548")
    assert cautions["server.mixed_crs"]["count"] == 1
    assert (cautions["server.rows_without_crs"]["count"], cautions["server.rows_without_crs"]["rows"]) == (1, "4")
    moved = frame.geometry.iat[0]
    truth = shapely.transform(shapely.Point(120.38, 36.07), lambda _: _)
    back = frame.geometry.iloc[[0]].to_crs(4326).iat[0]
    assert back.distance(truth) < 1e-8
    assert moved.z == 7
    assert frame.geometry.iat[1].coords[0] == (501000.0, 4058000.0)
    assert frame.geometry.iat[3] is None


def test_shapes_of_which_nobody_knows_the_system_are_asked_for(server: Server) -> None:
    with pytest.raises(UserError, match=r"server\.no_crs"):
        read(server, "nosrid")
    frame, _ = read(server, "nosrid", crs="EPSG:4548")
    assert (len(frame), frame.crs.to_epsg()) == (20, 4548)


def test_a_solid_stands_on_its_outline_with_its_height(server: Server) -> None:
    frame, cautions = read(server, "solids")
    assert frame.geometry.area.tolist() == [80.0]
    assert (frame["bottom_m"].tolist(), frame["height_m"].tolist()) == ([5.0], [30.0])
    assert cautions["server.outlines"]["count"] == 1


def test_tins_triangles_measures_and_geography_open(server: Server) -> None:
    frame, _ = read(server, "tins")
    assert (frame.geometry.area.tolist(), frame["height_m"].tolist()) == ([16.0], [2.0])
    assert read(server, "triangle")[0].geometry.area.tolist() == [8.0]
    assert read(server, "zm")[0].geometry.iat[0].z == 3
    far, _ = read(server, "far")
    assert far.geometry.iat[0].coords[0] == (117.02, 36.66)
    assert far.crs.to_epsg() == 4326


def test_a_field_called_geometry_stays_beside_the_shapes(server: Server) -> None:
    frame, _ = read(server, "shadowed")
    assert frame["geometry_"].tolist() == ["文字"]
    assert frame.geometry.iat[0].x == 501000


def test_every_type_comes_as_what_it_says(server: Server) -> None:
    frame, cautions = read(server, "types")
    first = frame.iloc[0]
    assert (first["号"], first["层数"], first["高度"], first["码"]) == (9007199254740993, 6, 12.5, 12345678901234567)
    assert first["大码"] == "123456789012345678901234567890"
    assert str(frame["层数"].dtype) == "Int64"
    assert frame["在用"].iat[0]
    assert str(first["竣工"])[:10] == "2024-03-01"
    assert first["更新"] == pd.Timestamp("2024-03-01 08:00+08:00")
    assert str(first["时刻"]) == "1823-03-02 00:30:00"
    texts = {
        name: str(first[name]) for name in ("钟", "标签", "其他", "图", "时长", "心情", "范围", "网", "永远", "古代")
    }
    assert texts == {
        "钟": "08:30:00", "标签": '["a","b,c"]', "其他": '{"k": [1, 2]}', "图": "\\x00ff", "时长": "1 mon 2 days",
        "心情": "好", "范围": "[1,5)", "网": "10.0.0.1/32", "永远": "infinity", "古代": "0044-03-15 BC",
    }  # fmt: skip
    assert frame.iloc[1].drop("geometry").isna().all()
    assert {facts["field"] for code, facts in cautions.items() if code == "vector.mixed_offsets"} <= {"永远", "古代"}


@pytest.mark.parametrize("name", ["own", "mixed", "mixed_srid", "solids", "tins", "far", "types", "nosrid"])
def test_odd_tables_come_into_a_project_and_are_asked_for_again(server: Server, tmp_path: Path, name: str) -> None:
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.layers import servers

    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    where = {field: value for field, value in asdict(server).items() if field not in ("password", "tls")}
    asked = Asked("postgis", where, asdict(table(server, name)))
    if name == "nosrid":
        with pytest.raises(UserError, match=r"server\.no_crs"):
            servers.bring(session, asked)
        asked = replace(asked, crs="EPSG:4548")
    servers.bring(session, asked)
    layers = session.project.state.layers
    assert layers
    assert asked_of(layers[0]) == asked
    session.close()
