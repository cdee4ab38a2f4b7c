"""In towns made at random the sums of the sub-districts are those of the city, and both sides name the same objects."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.health import methods
from models.health.editions import indicator
from models.health.inputs import gathered
from models.health.partition import Partition, combined
from tests.support.health_city import CRS, at, built_up, city, districts, layer_of, park

CODES = ("HC25-25", "HC25-35", "HC21-49", "HC25-58")
SIDE_M = 2000


def town(seed: int):
    """Return a town over two districts: parcels, parks, roads, covers and buildings, some across the border."""
    rng = np.random.default_rng(seed)

    def squares(count, size):
        return [at(box(x, y, x + size, y + size / 2)) for x, y in rng.uniform(0, SIDE_M - size, (count, 2)).tolist()]

    lines = [at(LineString(ends)) for ends in rng.uniform(0, SIDE_M, (12, 2, 2)).tolist()]
    points = [at(Point(*place)) for place in rng.uniform(0, SIDE_M, (30, 2)).tolist()]
    states = rng.choice(["完好", "破损", "丢失", None], 30).tolist()
    return city(
        districts(),
        layer_of("parcels", squares(15, 150), code=[f"P{n}" for n in range(15)], land_use=["R2"] * 10 + ["B1"] * 5),
        park(at(box(300, 300, 420, 420))),
        layer_of("roads", lines, **{"class": ["arterial"] * 12}),
        layer_of("facilities", points, ObjID=[f"3701020101{n:06}" for n in range(30)], ObjState=states),
        layer_of("buildings", squares(20, 60), height_m=[12.0] * 20),
        built_up(at(box(200, 0, 1800, 900))),
    )


def ids_of(objects):
    return set(zip(objects["layer"], objects["oid"], objects["reason"], strict=True))


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 1000), st.sampled_from(CODES))
def test_the_sums_of_partitions_are_those_of_the_whole_city(seed, code):
    definition = indicator(code)
    method = methods.method(definition.method)
    whole = gathered(definition, method, *town(seed), CRS).partition
    parts = [
        Partition(whole.units, whole.shapes, np.arange(len(whole.units)) == unit, whole.frames)
        for unit in range(len(whole.units))
    ]
    once, summed = method.measure(whole, definition), combined([method.measure(part, definition) for part in parts])
    np.testing.assert_allclose(summed.numerator, once.numerator, rtol=1e-9)
    np.testing.assert_allclose(summed.denominator, once.denominator, rtol=1e-9)
    for side in ("good", "bad"):
        ids = [
            set(zip(m["layer"], m["oid"], m["reason"], strict=True))
            for m in (getattr(once, side), getattr(summed, side))
        ]
        assert ids[0] == ids[1]
    assert {role: len(rows) for role, rows in summed.used.items()} == {
        role: len(rows) for role, rows in once.used.items()
    }
