"""Styles by value: classes and ramps against independent references, rules, density, sizes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.core.value_text import class_limit
from models.layers.layer import VectorData
from models.style.breaks import class_of, limits, rounded
from models.style.classify import (
    NO_DATA,
    classified,
    codes_of,
    counts_of,
    numbers_of,
    proposed,
    shares_of,
)
from models.style.density import heat, hexagons
from models.style.kinds import METHODS, Class, Symbology
from models.style.ramps import ramp, ramps
from tests.support.blocks import layer_with
from viewers.render.layers.areas import HATCH
from viewers.render.symbology.style_colours import style_colours

RNG = np.random.default_rng(4)

# --- classes ----------------------------------------------------------------------------------------------------------


def test_quantiles_hold_as_many_values_as_those_of_mapclassify() -> None:
    values = RNG.lognormal(3, 1, 997)
    ours = np.bincount(class_of(values, limits(values, "quantiles", 5)))
    theirs = mapclassify.Quantiles(values, k=5).counts
    assert np.abs(ours - theirs).max() <= 1


def test_equal_intervals_are_those_of_mapclassify() -> None:
    values = RNG.normal(50, 12, 400)
    assert limits(values, "equal", 6) == pytest.approx(tuple(mapclassify.EqualInterval(values, k=6).bins[:-1]))


def test_natural_breaks_part_values_as_fisher_jenks_does() -> None:
    values = np.concatenate([RNG.normal(centre, 1, 60) for centre in (10, 50, 90, 160)])
    reference = mapclassify.FisherJenks(values, k=4)
    assert class_of(values, limits(values, "jenks", 4)).tolist() == reference.yb.tolist()


def test_natural_breaks_of_many_values_are_sampled_and_the_same_every_time() -> None:
    values = np.concatenate([RNG.normal(centre, 1, 20_000) for centre in (10, 50, 90)])
    first = limits(values, "jenks", 3)
    assert first == limits(RNG.permutation(values), "jenks", 3)
    centres = class_of(np.array([10.0, 12.0, 49.0, 51.0, 89.0, 91.0]), first)
    assert centres.tolist() == [0, 0, 1, 1, 2, 2]


def test_limits_by_deviation_stand_around_the_mean() -> None:
    values = RNG.normal(100, 10, 5000)
    found = limits(values, "deviation", 4)
    mean, spread = values.mean(), values.std()
    assert found == pytest.approx((mean - spread, mean, mean + spread))


def test_pretty_limits_are_round() -> None:
    found = limits(np.array([3.2, 17.0, 96.4]), "pretty", 5)
    assert found == (20.0, 40.0, 60.0, 80.0)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9, allow_nan=False, width=64), max_size=60),
    st.sampled_from([method for method in METHODS if method != "manual"]),
    st.integers(1, 9),
)
def test_every_value_falls_into_exactly_one_class(values: list[float], method: str, count: int) -> None:
    known = np.array([*values, np.nan, np.inf])
    inner = limits(known, method, count)
    assert all(low < high for low, high in itertools.pairwise(inner))
    found = class_of(known, inner)
    assert (found[-2:] == NO_DATA).all()
    edges = np.array([-np.inf, *inner, np.inf])
    inside = (known[:-2, None] >= edges[:-1]) & (known[:-2, None] < edges[1:])
    assert (inside.sum(axis=1) == 1).all()
    assert found[:-2].tolist() == inside.argmax(axis=1).tolist() if len(values) else True


def test_rounding_limits_moves_next_to_no_value_into_another_class() -> None:
    values = RNG.gamma(2, 9, 3000)
    exact = limits(values, "quantiles", 5)
    short = rounded(exact, values)
    assert sum(len(f"{one:g}") for one in short) < sum(len(f"{one:g}") for one in exact)
    assert (class_of(values, exact) != class_of(values, short)).mean() <= 0.04


def test_figures_are_written_with_the_digits_that_their_neighbours_need() -> None:
    assert class_limit(1234567.0) == "1,234,567"
    assert class_limit(0.25, 0.05) == "0.25"
    assert class_limit(-3.5, 0.5) == "−3.5"


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UserError, match=r"style\.unknown_method"):
        limits(np.arange(9.0), "guess", 3)


def test_categories_merge_what_is_written_alike_and_empty_is_no_category() -> None:
    table = pd.DataFrame({"use": ["a", "a ", "b", None, "", 3.0, "3"]})
    made = proposed("categorised", "use", table)
    assert {one.value for one in made.classes} == {"a", "b", "3"}
    assert (codes_of(made, table) == NO_DATA).tolist() == [False, False, False, True, True, False, False]


def test_of_many_categories_the_rest_is_other() -> None:
    table = pd.DataFrame({"use": [f"k{n}" for n in range(50) for _ in range(n + 1)]})
    made = proposed("categorised", "use", table)
    counts, other, blank = counts_of(made, codes_of(made, table))
    assert len(made.classes) == 30
    assert min(counts) == 21  # the fullest thirty
    assert other == sum(range(1, 21))
    assert blank == 0


def test_the_first_rule_that_holds_wins_and_the_empty_one_takes_the_rest() -> None:
    table = pd.DataFrame({"h": [3.0, 20.0, 90.0, np.nan]})
    rules = (Class(expression="h > 50"), Class(expression="h > 10"), Class())
    assert codes_of(Symbology(kind="rules", classes=rules), table).tolist() == [2, 1, 0, 2]
    assert codes_of(Symbology(kind="rules", classes=rules[:2]), table).tolist() == [2, 1, 0, 2]  # 2 is "other"


def test_a_diverging_ramp_has_its_middle_at_the_midpoint() -> None:
    values = np.array([-10.0, 0.0, 40.0])
    shares = shares_of(Symbology(kind="ramp", low=-10, high=40, midpoint=0.0), values)
    assert shares.tolist() == pytest.approx([0.375, 0.5, 1.0])


# --- ramps ------------------------------------------------------------------------------------------------------------


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Return CIE L* of (n, 3) bytes."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return 116 * np.where(y > 0.008856, np.cbrt(y), 7.787 * y + 16 / 116) - 16


def blind(rgb: np.ndarray, kind: str) -> np.ndarray:
    """Return colours as a dichromat sees them (Viénot, Brettel, Mollon 1999), linear light."""
    linear = (rgb / 255.0) ** 2.2
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    loss = {"protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
            "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]}[kind]  # fmt: skip
    seen = np.linalg.inv(to_lms) @ np.array(loss) @ to_lms @ linear.T
    return np.clip(seen.T, 0, 1) ** (1 / 2.2) * 255


@pytest.mark.parametrize("id_", [one.id for one in ramps().values() if one.kind == "sequential"])
def test_the_lightness_of_a_sequential_ramp_goes_one_way(id_: str) -> None:
    light = lightness(ramp(id_).at(np.linspace(0, 1, 40)).astype(float))
    steps = np.diff(light)
    assert (steps > -0.05).all() or (steps < 0.05).all()
    assert abs(light[-1] - light[0]) > 45


@pytest.mark.parametrize("kind", ["protan", "deutan"])
@pytest.mark.parametrize("id_", [one.id for one in ramps().values() if one.safe])
def test_a_ramp_marked_safe_keeps_its_classes_apart_with_red_green_blindness(id_: str, kind: str) -> None:
    count = len(ramp(id_).colours) if ramp(id_).kind == "qualitative" else 5
    colours = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in ramp(id_).classes(count)], dtype=float)
    seen = blind(colours, kind)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)[np.triu_indices(count, 1)]
    assert apart.min() > (25 if ramp(id_).kind == "qualitative" else 20)


# --- density ----------------------------------------------------------------------------------------------------------


def test_hexagons_hold_every_point_once_and_within_reach() -> None:
    xy = RNG.uniform(0, 1000, (4000, 2))
    cells = hexagons(xy, 80.0)
    assert cells.counts.sum() == 4000
    nearest = np.min(np.linalg.norm(xy[:, None] - cells.centres[None], axis=2), axis=1)
    assert nearest.max() <= 80 / np.sqrt(3) + 1e-6
    sums = hexagons(xy, 80.0, "sum", np.full(4000, 2.0))
    assert sums.values == pytest.approx(2.0 * cells.counts)


def test_the_mean_of_a_hexagon_leaves_missing_values_out() -> None:
    cells = hexagons(np.zeros((3, 2)), 10.0, "mean", np.array([4.0, np.nan, 8.0]))
    assert cells.values.tolist() == [6.0]
    assert np.isnan(hexagons(np.zeros((2, 2)), 10.0, "sum", np.full(2, np.nan)).values[0])


def test_a_heat_map_sums_up_to_its_objects() -> None:
    xy = RNG.uniform(0, 2000, (500, 2))
    grid = heat(xy, 200.0)
    cell_km2 = (grid.high[0] - grid.low[0]) / grid.values.shape[1] * (grid.high[1] - grid.low[1]) / grid.values.shape[0]
    assert grid.values.sum() * cell_km2 / 1e6 == pytest.approx(500, rel=0.01)


# --- colours and legend -----------------------------------------------------------------------------------------------


def test_a_million_rows_are_coloured_column_by_column() -> None:
    count = 100_000
    data = VectorData(pd.DataFrame({"v": RNG.normal(size=count), "use": RNG.choice(["a", "b", "c"], count)}))  # type: ignore[arg-type]
    data.frame.loc[5, "v"] = np.nan
    for made in (proposed("graduated", "v", data.frame), proposed("ramp", "v", data.frame)):
        oids, rgba = style_colours(layer_with(made), data) or (None, None)
        assert oids is not None
        assert rgba is not None
        assert len(oids) == count + 1  # one has no value: its hatch comes after
        assert oids[-1] == 5 + HATCH
    oids, rgba = style_colours(layer_with(proposed("categorised", "use", data.frame)), data) or (None, None)
    assert rgba is not None
    assert len(np.unique(rgba, axis=0)) == 3


def test_classes_made_again_keep_names_and_what_is_hidden() -> None:
    table = pd.DataFrame({"use": list("aab")})
    made = proposed("categorised", "use", table)
    named = replace(made, classes=(replace(made.classes[0], label="甲", visible=False), *made.classes[1:]))
    again = classified(named, pd.DataFrame({"use": list("aabc")}))
    assert again.classes[0].label == "甲"
    assert not again.classes[0].visible
    assert numbers_of(table, "gone").tolist() == pytest.approx([np.nan] * 3, nan_ok=True)
