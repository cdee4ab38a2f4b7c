"""Point clouds: every point where laspy says it is, thinning said, broken files refused."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.registry import find_format, format_of
from models.io.request import ReadRequest
from models.layers.layer import Style
from models.terrain.ground import Ground
from tests.support.paths import DATA
from viewers.render.chunks.preparation import prepare
from viewers.render.layers import point_cloud as cloud

laspy = pytest.importorskip("laspy")
CRS = "EPSG:4548"
E0, N0 = 500_123.456, 4_412_345.678


def write(path, count=5_000, point_format=7, crs=CRS, seed=3, version="1.4", **dimensions):
    header = laspy.LasHeader(point_format=point_format, version=version)
    header.offsets, header.scales = [500_000, 4_412_000, 0], [0.001] * 3
    if crs:
        header.add_crs(pyproj.CRS.from_user_input(crs))
    chance = np.random.default_rng(seed)
    las = laspy.LasData(header)
    las.x, las.y, las.z = (
        E0 + 100 * chance.random(count),
        N0 + 80 * chance.random(count),
        30 + 20 * chance.random(count),
    )
    las.classification = chance.choice([2, 5, 6], count)
    las.intensity = chance.integers(1, 60_000, count)
    if point_format == 7:
        las.red, las.green, las.blue = (chance.integers(0, 65_535, count) for _ in range(3))
    for name, values in dimensions.items():
        setattr(las, name, values)
    las.write(str(path))
    return laspy.read(str(path))


def read(path, crs="", **options):
    assert find_format(path).id == "pointcloud"
    (opened,) = format_of("pointcloud").read(path, ReadRequest(crs=crs, options=options), Progress())
    return opened


def codes(data):
    return {caution.code for caution in data.cautions}


@pytest.mark.parametrize("name", ["a.las", "a.laz"])
def test_every_point_is_where_it_was_written_to_the_millimetre(tmp_path, name):
    las = write(tmp_path / name)
    data = read(tmp_path / name).data
    world = data.points.astype(np.float64) + data.offset
    assert np.abs(world - np.stack([las.x, las.y, las.z], axis=1)).max() < 1e-3
    assert (data.classes == np.asarray(las.classification)).all()
    assert (data.colours == np.stack([np.asarray(las[c]) >> 8 for c in ("red", "green", "blue")], axis=1)).all()
    assert (data.crs, data.info["point_count"], data.cautions) == (CRS, 5_000, [])


def test_eight_bit_colours_stay_what_they_are_and_black_is_no_colour(tmp_path):
    bytes_ = np.arange(5_000) % 256
    write(tmp_path / "a.las", red=bytes_, green=bytes_, blue=bytes_)
    assert read(tmp_path / "a.las").data.colours.max() == 255
    none = np.zeros(5_000, np.uint16)
    write(tmp_path / "b.las", red=none, green=none, blue=none)
    assert read(tmp_path / "b.las").data.colours is None


def test_thinning_keeps_about_what_was_asked_says_so_and_is_the_same_each_time(tmp_path):
    write(tmp_path / "a.las", count=40_000)
    first, again = (read(tmp_path / "a.las", limit="4000").data for _ in range(2))
    assert 3_600 < len(first.points) < 4_400
    assert (first.points == again.points).all()
    assert codes(first) == {"io.cloud_thinned"}


def test_a_spacing_leaves_one_point_a_cube(tmp_path):
    las = write(tmp_path / "a.las", count=20_000)
    data = read(tmp_path / "a.las", spacing_m="5").data
    cells = np.floor((np.stack([las.x, las.y, las.z], axis=1) - data.offset) / 5)
    assert len(data.points) == len(np.unique(cells, axis=0))


def test_noise_is_left_out_and_counted_and_classes_can_be_chosen(tmp_path):
    classes = np.repeat([2, 7, 18, 6], 1_250)
    write(tmp_path / "a.las", classification=classes)
    data = read(tmp_path / "a.las").data
    assert len(data.points) == 2_500
    assert [(c.code, c.facts["count"]) for c in data.cautions] == [("io.cloud_noise", 2_500)]
    assert set(read(tmp_path / "a.las", classes="6").data.classes.tolist()) == {6}


def test_old_versions_without_colour_and_without_a_crs_open_where_they_are_said_to_be(tmp_path):
    write(tmp_path / "a.las", point_format=1, version="1.2", crs="")
    data = read(tmp_path / "a.las", crs=CRS).data
    assert (data.crs, data.colours) == (CRS, None)
    assert cloud.ways_of(data) == ("class", "height", "intensity")


def test_a_cloud_that_ends_too_early_is_refused_or_told(tmp_path):
    write(tmp_path / "a.laz", count=200_000)
    write(tmp_path / "a.las", count=50_000)
    for name in ("a.laz", "a.las"):
        whole = (tmp_path / name).read_bytes()
        for share in (0.02, 0.3, 0.9):
            broken = tmp_path / f"broken_{name}"
            broken.write_bytes(whole[: int(len(whole) * share)])
            try:
                assert codes(read(broken).data) & {"io.cloud_short"}
            except UserError as error:
                assert error.code in {"io.damaged", "io.no_features", "io.truncated"}  # noqa: PT017 - either ending is right


@pytest.mark.parametrize("content", [b"LASF", b"LASF" + b"\x00" * 400, b"LASF" + b"\xff" * 4000])
def test_what_only_calls_itself_a_cloud_is_refused(tmp_path, content):
    (tmp_path / "a.las").write_bytes(content)
    with pytest.raises(UserError) as error:
        read(tmp_path / "a.las")
    assert error.value.code in {"io.damaged", "io.no_features", "io.truncated"}


def test_a_cloud_without_points_is_refused(tmp_path):
    write(tmp_path / "a.las", count=0)
    with pytest.raises(UserError, match=r"io\.no_features"):
        read(tmp_path / "a.las")


def test_points_stand_in_the_scene_where_the_file_puts_them(tmp_path):
    las = write(tmp_path / "a.las", crs="EPSG:4549")
    opened = read(tmp_path / "a.las")
    frame = Frame("EPSG:4549", None, (500_000, 4_412_000, 10))
    prepared = prepare(opened.layer, opened.data, frame, Ground(None, "EPSG:4549"))
    drawn = np.concatenate([part.points for part in prepared.parts])
    expected = np.stack([las.x - 500_000, las.y - 4_412_000, las.z - 10], axis=1)
    order, same = np.lexsort(drawn.T), np.lexsort(expected.T)
    assert np.abs(drawn[order] - expected[same]).max() < 2e-3


def test_colours_and_legend_speak_of_the_same_classes(tmp_path):
    write(tmp_path / "a.las", point_format=1, version="1.2")
    opened = read(tmp_path / "a.las")
    colours = {
        "#{:02x}{:02x}{:02x}".format(*row) for row in np.unique(cloud.colours_of(opened.layer, opened.data), axis=0)
    }
    entries = cloud.entries(opened.layer, opened.data, "en")
    assert {entry.colour for entry in entries} == colours
    assert sum(entry.count for entry in entries) == 5_000
    for way in ("height", "intensity"):
        (entry,) = cloud.entries(replace(opened.layer, style=Style(by=way)), opened.data, "zh")
        assert entry.symbol == "ramp"


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="no shared data")
def test_a_real_scan_lies_on_the_buildings_of_its_register():
    folder = DATA / "scenes" / "scene_delft_3dfier"
    data = read(folder / "ahn3" / "ahn3_cropped_1.laz", crs="EPSG:28992").data
    houses = gpd.read_file(folder / "bgt" / "bgt_pand.sqlite").to_crs("EPSG:28992").union_all()
    inner = houses.buffer(-1.0)
    shapely.prepare(inner)
    firm = np.flatnonzero(np.isin(data.classes, (2, 6)))[::20]
    world = data.points[firm].astype(np.float64) + data.offset
    inside = shapely.contains_xy(inner, world[:, 0], world[:, 1])
    assert inside.sum() > 500
    assert (data.classes[firm][inside] == 6).mean() > 0.95
