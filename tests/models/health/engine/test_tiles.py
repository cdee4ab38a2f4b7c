"""Tiles of a city come to the very figures of the whole city, whoever does the work."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.health.editions import indicator
from models.health.engine import run as tile_run
from models.health.engine import tiles as tile_files
from models.health.engine.choice import choose
from models.health.engine.quadtree import tiles_of
from models.health.engine.scheduler import Certificates, checked, done_here
from models.health.methods import method
from models.health.partition import Partition
from tests.support.health_tiles import CRS, frame, random_city

PARKS = indicator("HC25-25")


@pytest.fixture
def city() -> Partition:
    return random_city()


def cut(city, folder, most=150, definition=PARKS):
    split = method(definition.method).split
    return tile_files.cut(city, split, definition, CRS, folder, most=most), split


def figures(city, folder, most=150, definition=PARKS):
    tiles, split = cut(city, folder, most, definition)
    done = tile_run.run(tiles, definition, done_here)
    return tile_run.measured(tiles, done, split, city.shapes), done


def same(one, other):
    np.testing.assert_allclose(one.numerator, other.numerator, rtol=1e-12)
    np.testing.assert_allclose(one.denominator, other.denominator, rtol=1e-12)
    for side in ("good", "bad"):
        mine, theirs = (getattr(m, side).sort_values(["layer", "oid"]) for m in (one, other))
        assert list(mine["oid"]) == list(theirs["oid"])
        assert list(mine["unit"].astype(int)) == list(theirs["unit"].astype(int))
    assert {r: len(f) for r, f in one.used.items()} == {r: len(f) for r, f in other.used.items()}


def test_tiles_with_their_halo_come_to_what_the_whole_city_comes_to(city, tmp_path):
    tiled, done = figures(city, tmp_path)
    assert len(done.sums) > 12
    same(tiled, method(PARKS.method).measure(city, PARKS))


def test_without_the_halo_the_figure_would_be_another(city, tmp_path):
    tiles, _ = cut(city, tmp_path)
    for tile in tiles.tiles:
        file = tmp_path / tile.files["green"]
        parks, parcels = gpd.read_parquet(file), gpd.read_parquet(tmp_path / tile.files["parcels"])
        parks[parks.intersects(shapely.box(*parcels.total_bounds))].to_parquet(file)
    poorer = tile_run.run(tiles, PARKS, done_here).numerator.sum()
    assert poorer < 0.999 * method(PARKS.method).measure(city, PARKS).numerator.sum()


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=200), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_every_place_is_in_one_tile_and_no_tile_is_too_large(places, most):
    x, y = (np.array([place[axis] for place in places], dtype=float) for axis in (0, 1))
    found = tiles_of(x, y, most)
    assert sorted(np.concatenate(found).tolist() if found else []) == list(range(len(places)))
    for members in found:
        assert len(members) <= most or np.ptp(x[members]) + np.ptp(y[members]) <= 1e-4 * 2e6


def test_what_is_finished_is_not_done_again_and_what_changed_is(city, tmp_path):
    figures(city, tmp_path)
    _, again = figures(city, tmp_path)
    assert again.kept == len(again.sums)
    city.frames["parcels"].loc[0, "land_use"] = "B9"
    _, changed = figures(city, tmp_path)
    assert changed.kept == len(changed.sums) - 1


def test_a_cancelled_run_goes_on_where_it_stopped(city, tmp_path):
    tiles, _ = cut(city, tmp_path)
    progress = Progress()

    def doer(work, tasks, progress):
        for number, result in done_here(work, tasks, progress):
            yield number, result
            if number == 3:
                progress.cancel()

    with pytest.raises(Cancelled):
        tile_run.run(tiles, PARKS, doer, progress)
    assert tile_run.run(tiles, PARKS, done_here).kept == 4


def test_units_of_a_tile_that_is_missing_have_no_data(city, tmp_path):
    tiles, split = cut(city, tmp_path)
    lost = next(n for n, tile in enumerate(tiles.tiles) if tile.bounds[2] < 4900 and tile.bounds[3] < 4900)

    def doer(work, tasks, progress):
        yield from (one for one in done_here(work, tasks, progress) if one[0] != lost)

    done = tile_run.run(tiles, PARKS, doer)
    part = tile_run.measured(tiles, done, split, city.shapes)
    assert len(done.missing) == 1
    assert part.denominator[0] == 0
    assert np.isinf(part.seen[0])
    assert (part.denominator[1:] > 0).all()


@pytest.mark.parametrize("code", ["HC25-35", "HC21-49"])
def test_other_methods_that_say_they_can_be_split_can(code, tmp_path):
    dice = np.random.default_rng(3)
    units = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)]
    x, y = dice.uniform(0, 1900, 300), dice.uniform(0, 900, 300)
    frames = {
        "roads": frame(
            shapely.linestrings(np.stack([x, y, x + 120, y + 40], axis=1).reshape(-1, 2, 2)), "roads",
            **{"class": dice.choice(["arterial", "branch", "lane"], 300)},
        ),
        "facilities": frame(
            shapely.points(x, y), "facilities", ObjState=dice.choice(["完好", "破损", ""], 300), is_cover=True,
            code_edition="cjt214_2007", ObjID="3701020101000001",
        ),
    }  # fmt: skip
    shapes = np.asarray(units, dtype=object)
    city = Partition(frame(units, "districts", code=["A", "B"]), shapes, np.ones(2, dtype=bool), frames)
    tiled, done = figures(city, tmp_path, 40, indicator(code))
    assert len(done.sums) > 5
    same(tiled, method(indicator(code).method).measure(city, indicator(code)))


def test_a_city_without_anything_to_count_has_no_tiles(city, tmp_path):
    city.frames["parcels"] = city.frames["parcels"].iloc[:0]
    tiled, done = figures(city, tmp_path)
    assert done.sums == ()
    assert not tiled.denominator.any()


def test_only_loopback_is_reached_without_certificates(tmp_path):
    assert checked("tcp://127.0.0.1:8786") == "tcp://127.0.0.1:8786"
    assert checked("tcp://[::1]:8786")
    for address, code in (
        ("tcp://10.0.0.5:8786", "health.engine.needs_tls"),
        ("tcp://example.org:8786", "health.engine.needs_tls"),
        ("tls://10.0.0.5:8786", "health.engine.needs_certificates"),
        ("http://127.0.0.1:80", "health.engine.address"),
        ("tcp://127.0.0.1", "health.engine.address"),
        ("rubbish", "health.engine.address"),
        ("tcp://127.0.0.1:99999999", "health.engine.address"),
    ):
        with pytest.raises(UserError, match=code.replace(".", r"\.")):
            checked(address)
    nothing = Certificates(tmp_path / "a.pem", tmp_path / "b.pem", tmp_path / "c.pem")
    with pytest.raises(UserError, match=r"io\.missing"):
        checked("tls://10.0.0.5:8786", nothing)


def test_small_stays_small_and_what_has_not_the_memory_goes_to_the_cluster():
    assert not choose(50_000, 8).cluster
    assert choose(50_000, 8).reason == "small"
    assert choose(20_000_000, 16, free_bytes=10**12, tiled=True).reason == "faster"
    assert choose(20_000_000, 2, free_bytes=4 * 10**9).reason == "memory"


def test_a_list_of_tiles_that_leads_elsewhere_is_refused(city, tmp_path):
    cut(city, tmp_path)
    index = tmp_path / tile_files.INDEX
    content = json.loads(index.read_text(encoding="utf-8"))
    content["tiles"][0]["files"]["green"] = "../secret.parquet"
    for text in (json.dumps(content), "{", "[]", ""):
        index.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=r"health\.no_tiles"):
            tile_files.opened(tmp_path)
