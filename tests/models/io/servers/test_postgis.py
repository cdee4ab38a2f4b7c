"""PostGIS: a real database of our own, asked as a person would, and compared with what was put into it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.servers import postgis
from models.io.servers.postgis import Server, Wanted
from models.layers.asked import Asked, asked_of
from tests.support.servers import postgis as running
from tests.support.servers import postgres_folder

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(postgres_folder() is None, reason="no PostgreSQL with PostGIS on this machine")

E0, N0, COUNT = 500_000.0, 4_059_000.0, 12_000


def houses():
    chance = np.random.default_rng(4)
    x, y = E0 + 5_000 * chance.random(COUNT), N0 + 5_000 * chance.random(COUNT)
    return gpd.GeoDataFrame(
        {
            "gid": np.arange(1, COUNT + 1), "名称": [f"{n} 号楼" for n in range(COUNT)],
            "height_m": np.where(np.arange(COUNT) % 10 == 0, np.nan, chance.integers(3, 90, COUNT)),
            "用途": chance.choice(["住宅", "办公", "50%_商业"], COUNT),
        },
        geometry=shapely.box(x, y, x + 12, y + 9), crs="EPSG:4548",
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("pg")) as port:
        where = Server("127.0.0.1", port, "city", "city")
        address = f"host=127.0.0.1 port={port} dbname=city user=city"
        with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE houses (gid int PRIMARY KEY, 名称 text, height_m double precision, 用途 text,"
                " geom geometry(Polygon, 4548))"
            )
            with cursor.copy("COPY houses FROM STDIN") as copy:
                for row in houses().itertuples(index=False):
                    height = None if np.isnan(row.height_m) else row.height_m
                    copy.write_row((row.gid, row[1], height, row[3], f"SRID=4548;{shapely.to_wkt(row.geometry)}"))
            cursor.execute("CREATE INDEX ON houses USING gist (geom)")
            cursor.execute("ANALYZE houses")
            cursor.execute("CREATE TABLE owners (gid int, owner text, share numeric(5, 2))")
            cursor.execute("INSERT INTO owners VALUES (1, '张三', 12.50), (2, NULL, NULL)")
            cursor.execute('CREATE TABLE "Ma\'d ""T" (a int, g geometry(CompoundCurve, 4326))')
            cursor.execute(
                'INSERT INTO "Ma\'d ""T" VALUES'
                " (1, ST_GeomFromText('COMPOUNDCURVE(CIRCULARSTRING(0 0, 1 1, 2 0))', 4326))"
            )
            cursor.execute("CREATE TABLE nothing (a int, geom geometry(Point, 4548))")
            cursor.execute("CREATE TABLE far (a int, geom geography(Point, 4326))")
            cursor.execute("INSERT INTO far VALUES (1, 'POINT(117.02 36.66)')")
            cursor.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
            cursor.execute("CREATE DATABASE secret")
        yield where


def table(server, name):
    return next(one for one in postgis.tables(server) if one.name == name)


def test_the_tables_are_listed_with_geometry_crs_and_size(server):
    found = {one.name: one for one in postgis.tables(server)}
    assert found["houses"].crs == "EPSG:4548"
    assert found["houses"].kind == "POLYGON"
    assert found["houses"].rows == COUNT
    assert found["owners"].geometry == ""
    assert "spatial_ref_sys" not in found
    assert [name for name, _ in postgis.fields(server, found["houses"])] == ["gid", "名称", "height_m", "用途"]


def test_every_row_comes_as_it_was_put_in(server):
    frame, cautions = postgis.read(server, Wanted(table(server, "houses")), Progress())
    before = houses()
    frame = frame.sort_values("gid")
    assert cautions == []
    assert frame.crs.equals("EPSG:4548")
    assert shapely.hausdorff_distance(frame.geometry.to_numpy(), before.geometry.to_numpy()).max() < 1e-6
    assert frame["名称"].tolist() == before["名称"].tolist()
    assert (frame["height_m"].isna().to_numpy() == before["height_m"].isna().to_numpy()).all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("height_m > 40 and 用途 = '办公'", lambda f: (f.height_m > 40) & (f["用途"] == "办公")),
        ("height_m is null", lambda f: f.height_m.isna()),
        ("not (height_m <= 50)", lambda f: f.height_m > 50),
        ("用途 in ('住宅', '办公') or height_m between 10 and 12",
         lambda f: f["用途"].isin(["住宅", "办公"]) | f.height_m.between(10, 12)),
        ("用途 contains '%_'", lambda f: f["用途"].str.contains("%_", regex=False)),
        ("名称 startswith '11'", lambda f: f["名称"].str.startswith("11")),
    ],
)  # fmt: skip
def test_the_server_answers_the_filter_as_pandas_does(server, text, expected):
    frame, cautions = postgis.read(server, Wanted(table(server, "houses"), text), Progress())
    assert cautions == []
    before = houses()
    assert set(frame["gid"]) == set(before[expected(before)]["gid"])


def test_what_a_database_is_not_asked_is_asked_here_and_said(server):
    frame, cautions = postgis.read(server, Wanted(table(server, "houses"), "round(height_m / 10) = 3"), Progress())
    before = houses()
    assert set(frame["gid"]) == set(before[np.floor(before.height_m / 10 + 0.5) == 3]["gid"])
    assert [caution.code for caution in cautions] == ["server.filtered_here"]


def test_extent_and_limit_are_the_servers_work(server):
    box = (E0 + 1_000, N0 + 1_000, E0 + 2_000, N0 + 1_500)
    frame, _ = postgis.read(server, Wanted(table(server, "houses"), box=box), Progress())
    before = houses()
    assert set(frame["gid"]) == set(before[before.intersects(shapely.box(*box))]["gid"])
    frame, cautions = postgis.read(server, Wanted(table(server, "houses"), limit=100), Progress())
    assert (len(frame), [c.code for c in cautions]) == (100, ["server.limit"])


def test_odd_names_curves_geography_and_tables_without_geometry_come_too(server):
    curve, _ = postgis.read(server, Wanted(table(server, "Ma'd \"T")), Progress())
    assert curve.geometry.iloc[0].length == pytest.approx(np.pi, rel=1e-3)
    far, _ = postgis.read(server, Wanted(next(t for t in postgis.tables(server) if t.name == "far")), Progress())
    assert len(far) == 1
    owners, _ = postgis.read(server, Wanted(table(server, "owners")), Progress())
    assert owners["share"].tolist()[0] == 12.5
    assert pd.isna(owners["share"].tolist()[1])


@pytest.mark.parametrize("text", ["1; drop table houses", "gid = 1 or exists (select 1)", "pg_sleep(10) = 1"])
def test_what_is_no_expression_never_reaches_the_server(server, text):
    with pytest.raises(UserError):
        postgis.read(server, Wanted(table(server, "houses"), text), Progress())
    assert table(server, "houses").rows == COUNT


def test_a_session_cannot_write(server):
    with pytest.raises(UserError, match=r"server\.query"), postgis.connected(server) as connection:
        connection.execute("DELETE FROM houses")


def test_a_cancel_between_batches_ends_the_reading(server):
    def stop(fraction, code):
        if code == "progress.server.rows":
            progress.cancel()

    progress = Progress(stop)
    with pytest.raises(Cancelled):
        postgis.read(server, Wanted(table(server, "houses")), progress)
    assert postgis.tables(server)


def test_what_is_wrong_is_said_without_the_password(server):
    from dataclasses import replace

    cases = {
        "server.no_answer": replace(server, port=1),
        "server.refused": replace(server, database="no_such_city"),
    }
    for code, wrong in cases.items():
        with pytest.raises(UserError, match=code.replace(".", r"\.")) as error:
            postgis.tables(replace(wrong, password="s3cret"))  # noqa: S106
        assert "s3cret" not in str(error.value.facts)
    with pytest.raises(UserError, match=r"server\.refused"):
        postgis.tables(replace(server, database="secret", user="locked", password="wrong"))  # noqa: S106
    with pytest.raises(UserError, match=r"server\.no_postgis"):
        postgis.tables(replace(server, database="secret", user="locked", password="right"))  # noqa: S106
    with pytest.raises(UserError, match=r"server\.no_rows"):
        postgis.read(server, Wanted(table(server, "nothing")), Progress())


def test_a_layer_comes_into_the_project_without_a_password_and_can_be_fetched_anew(server, tmp_path):
    from dataclasses import asdict

    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.layers import servers
    from app.usecases.project import opening

    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    where = {name: value for name, value in asdict(server).items() if name not in ("password", "tls")}
    asked = Asked("postgis", where, asdict(table(server, "houses")), "height_m > 80")
    servers.bring(session, asked, "s3cret")
    (layer,) = session.project.state.layers
    assert session.project.data[layer.id].count == int((houses().height_m > 80).sum())
    assert session.project.state.frame.horizontal == "EPSG:4548"
    opening.save_project(session, tmp_path / "city.gpkg")
    assert b"s3cret" not in (tmp_path / "city.gpkg").read_bytes()
    opening.open_project(session, tmp_path / "city.gpkg")
    (layer,) = session.project.state.layers
    assert asked_of(layer) == asked
    before = session.project.data[layer.id]
    servers.refresh(session, layer.id)
    assert session.project.data[layer.id] is not before
    assert session.project.data[layer.id].count == before.count
    session.close()
