"""Parts of layers that are kept on disk: they draw the same picture, and nothing in the cache is believed unseen."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.session import Session
from models.crs.frame import Frame
from models.layers.layer import Layer, RasterData, Style, VectorData
from models.store.array_entries import ArrayEntries
from models.store.cache import GeometryCache
from models.terrain.ground import Ground, ground_under
from viewers.render.chunks.preparation import prepare
from viewers.render.layers.kept_parts import KeptParts
from viewers.render.palette.context import PrepareContext
from viewers.render.scene.offscreen import render_picture

pytestmark = pytest.mark.render

CRS = "EPSG:4548"
X, Y = 502_000, 4_059_000
FRAME = Frame(CRS, None, (X, Y, 0))
LAND = Layer("land", "用地", "vector", "land")


def table(width_m: float = 60.0, use: str = "residential") -> VectorData:
    """Three plots on a slope."""
    shapes = [shapely.box(X + e, Y - 40, X + e + width_m, Y + 70) for e in (-100, -20, 55)]
    return VectorData(gpd.GeoDataFrame({"use": [use, "park", "office"]}, geometry=shapes, crs=CRS, index=[1, 2, 3]))


def slope(steep: float = 0.2) -> Ground:
    rows = np.arange(80, dtype=np.float32)[:, None] * steep + np.zeros((80, 80), np.float32)
    terrain = RasterData(rows, (5.0, 0.0, X - 200.0, 0.0, -5.0, Y + 200.0), CRS)
    return Ground(terrain, CRS, 0.0)


def kept(root: Path) -> KeptParts:
    return KeptParts(ArrayEntries(GeometryCache(root)), pause_s=0.0)


def same(one: Any, two: Any) -> bool:
    """Whether two values are the same to the last bit."""
    if isinstance(one, np.ndarray):
        return isinstance(two, np.ndarray) and one.dtype == two.dtype and np.array_equal(one, two)
    if isinstance(one, list):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two, strict=True))
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return type(one) is type(two) and all(same(getattr(one, name), getattr(two, name)) for name in names)
    return bool(one == two)


def listings(root: Path) -> list[Path]:
    return list(root.glob("??/*/entry.json"))


def test_every_layer_of_the_sample_comes_back_to_the_last_bit_and_the_picture_to_the_last_pixel(
    sample_session: Session, tmp_path: Path
) -> None:
    state, data = sample_session.project.state, sample_session.project.data
    assert state.frame is not None
    ground = ground_under(state.layers, data, state.frame)
    roles = set()
    for layer in state.layers:
        if layer.kind in ("vector", "terrain"):
            fresh = prepare(layer, data[layer.id], state.frame, ground, kept_parts=kept(tmp_path))
            again = prepare(layer, data[layer.id], state.frame, ground, kept_parts=kept(tmp_path))
            if fresh is None or again is None:
                assert fresh is again is None
                continue
            assert same(fresh.parts, again.parts), layer.role
            assert same(fresh.bounds, again.bounds)
            assert same(fresh.framing_box, again.framing_box)
            if not again.parts[0].points.flags.writeable:  # mapped
                roles.add(layer.role)
    assert roles >= {"terrain", "land", "water", "green", "roads", "footways", "buildings", "parcels", "districts",
                     "communities", "built_up", "amenities", "pipes"}  # fmt: skip
    pictures = [
        render_picture(state, data, size=(480, 300), quality="still", kept_parts=parts)
        for parts in (None, kept(tmp_path))
    ]
    assert np.array_equal(*pictures)


def test_whatever_the_parts_depend_on_has_another_key(tmp_path: Path) -> None:
    parts, context = kept(tmp_path), PrepareContext(FRAME, slope())
    keys = [
        parts.key_of(LAND, table(), context),
        parts.key_of(LAND, table(width_m=60.001), context),
        parts.key_of(LAND, table(use="industrial"), context),
        parts.key_of(replace(LAND, style=Style(colour="#ff0000")), table(), context),
        parts.key_of(replace(LAND, role="green"), table(), context),
        parts.key_of(LAND, table(), PrepareContext(FRAME, slope(steep=0.21))),
        parts.key_of(LAND, table(), PrepareContext(Frame(CRS, None, (X + 1, Y, 0)), slope())),
        parts.key_of(LAND, table(), PrepareContext(FRAME, slope(), {**context.palette, "land.other": "#123456"})),
    ]
    assert len(set(keys)) == len(keys)
    renamed = replace(LAND, id="other", name="别名", visible=False, data_source="某单位")
    assert parts.key_of(renamed, table(), PrepareContext(FRAME, slope())) == keys[0]


def test_holes_and_heights_of_a_shape_count(tmp_path: Path) -> None:
    parts, context = kept(tmp_path), PrepareContext(FRAME, slope())
    ring = [(X, Y), (X + 40, Y), (X + 40, Y + 40), (X, Y + 40)]
    inner = [(X + 10, Y + 10), (X + 20, Y + 10), (X + 20, Y + 20), (X + 10, Y + 20)]
    hole = shapely.MultiPolygon([shapely.Polygon(ring, [inner])])
    two = shapely.MultiPolygon([shapely.Polygon(ring), shapely.Polygon(inner)])
    high = shapely.MultiPolygon([shapely.Polygon([(x, y, 5.0) for x, y in ring], [[(x, y, 5.0) for x, y in inner]])])
    frames = [gpd.GeoDataFrame(geometry=[shape], crs=CRS) for shape in (hole, two, high)]
    assert len({parts.key_of(LAND, VectorData(frame), context) for frame in frames}) == 3


def test_what_was_cut_or_changed_is_made_anew(tmp_path: Path) -> None:
    made = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
    assert made is not None
    (listing,) = listings(tmp_path)
    arrays = listing.with_name("arrays.bin")
    arrays.write_bytes(arrays.read_bytes()[:-40])
    again = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
    assert again is not None
    assert same(made.parts, again.parts)
    assert again.parts[0].points.flags.writeable, "made, not mapped"
    recalled = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
    assert recalled is not None
    assert not recalled.parts[0].points.flags.writeable, "and kept again"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("0.faces", np.array([[0, 1, 1_000_000]], np.int32)),
        ("0.faces", np.array([[0, 1, -5]], np.int32)),
        ("0.faces", np.array([[0, 1, 2]], np.int64)),
        ("0.points", np.full((3, 3), np.nan, np.float32)),
        ("0.colours", np.zeros((7, 3), np.uint8)),
        ("0.oids", np.zeros(99, np.int32)),
        ("bounds", np.zeros((3, 2))),
    ],
)
def test_a_forged_entry_is_never_drawn(tmp_path: Path, name: str, value: Any) -> None:
    """The seal of it is good, as a forger would make it; what it says is not."""
    parts = kept(tmp_path)
    made = prepare(LAND, table(), FRAME, slope(), kept_parts=parts)
    key = parts.key_of(LAND, table(), PrepareContext(FRAME, slope()))
    entries = ArrayEntries(GeometryCache(tmp_path))
    found = entries.recall(key)
    assert made is not None
    assert found is not None
    entries.forget(key)
    assert entries.keep(key, found[0], {**found[1], name: value})
    again = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
    assert again is not None
    assert same(made.parts, again.parts)


def test_words_of_a_forged_entry_are_looked_at(tmp_path: Path) -> None:
    parts = kept(tmp_path)
    made = prepare(LAND, table(), FRAME, slope(), kept_parts=parts)
    key = parts.key_of(LAND, table(), PrepareContext(FRAME, slope()))
    entries = ArrayEntries(GeometryCache(tmp_path))
    for change in ({"texture": "../../secret"}, {"edge_colour": "red; rm"}, {"opacity": "1"}, {"part": "str"},
                   {"lit": 3}, {"unheard_of": 1}):  # fmt: skip
        found = entries.recall(key)
        assert made is not None
        assert found is not None
        told = {"parts": [found[0]["parts"][0] | change]}
        arrays = {name: np.array(array) for name, array in found[1].items()}
        entries.forget(key)
        assert entries.keep(key, told, arrays)
        again = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
        assert again is not None
        assert same(made.parts, again.parts), change


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    root.write_text("a file where the folder should be")
    made = prepare(LAND, table(), FRAME, slope(), kept_parts=kept(root))
    assert made is not None
    assert made.parts


def test_kept_parts_are_counted_and_go_with_the_rest_of_the_cache(tmp_path: Path) -> None:
    prepare(LAND, table(), FRAME, slope(), kept_parts=kept(tmp_path))
    cache = GeometryCache(tmp_path, limit_bytes=1)
    assert cache.size_bytes > 1000
    cache.trim()
    assert not listings(tmp_path)


def test_the_built_up_area_is_drawn_without_a_name(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["建成区"]}, geometry=[shapely.box(X, Y, X + 50, Y + 50)], crs=CRS)
    made = prepare(Layer("b", "建成区", "vector", "built_up"), VectorData(frame), FRAME, Ground(None, CRS, 0.0))
    assert made is not None
    assert [type(part).__name__ for part in made.parts] == ["LinePart"]
