"""What comes together and where renewal should begin: counted by hand in a small city, and by plain NumPy."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.health.book import book_of
from models.health.patterns.analysis import Wanted, patterns_of
from models.health.patterns.places import ground_of
from models.health.patterns.priority import priority_of
from models.health.patterns.problems import Looked
from models.health.patterns.rules import PatternWeight, components, weights_of
from models.health.patterns.tables import density_table, priority_table
from models.health.patterns.together import by_unit, together_of
from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, city, layer_of


def looked_of(looked, fails, unit=None):
    count = len(looked)
    codes = tuple(f"C{k}" for k in range(looked.shape[1]))
    return Looked(codes, np.full(count, "b", object), np.arange(count), np.zeros((count, 2)),
                  np.zeros(count, np.int64) if unit is None else unit,
                  sp.csr_matrix(looked.astype(np.int64)), sp.csr_matrix((looked & fails).astype(np.int64)))  # fmt: skip


def test_pairs_are_counted_over_what_was_looked_at_under_both():
    dice = np.random.default_rng(4)
    looked, fails = dice.random((400, 3)) < 0.8, dice.random((400, 3)) < 0.4
    pairs = together_of(looked_of(looked, fails)).pairs
    assert len(pairs) == 3
    for row in pairs.to_dict("records"):
        a, b = int(row["first"][1]), int(row["second"][1])
        both_seen = looked[:, a] & looked[:, b]
        fa, fb = fails[both_seen, a], fails[both_seen, b]
        assert (row["looked"], row["n_first"], row["n_second"]) == (both_seen.sum(), fa.sum(), fb.sum())
        assert row["both"] == (fa & fb).sum()
        assert row["expected"] == pytest.approx(fa.sum() * fb.sum() / both_seen.sum())
        assert row["lift"] == pytest.approx((fa & fb).sum() / row["expected"])
        assert row["jaccard"] == pytest.approx((fa & fb).sum() / (fa | fb).sum())


def test_what_was_never_looked_at_together_is_no_pair_and_small_numbers_are_marked():
    looked = np.array([[1, 0, 1], [1, 0, 1], [0, 1, 0], [1, 0, 1]], bool)
    found = together_of(looked_of(looked, np.ones_like(looked)))
    assert found.pairs[["first", "second", "few"]].to_numpy().tolist() == [["C0", "C2", True]]
    assert np.isnan(found.lift[0, 1])


def test_a_unit_fails_where_something_in_it_fails():
    looked = np.array([[1, 1], [1, 0], [1, 1], [1, 1]], bool)
    fails = np.array([[1, 0], [0, 0], [0, 1], [0, 0]], bool)
    units = by_unit(looked_of(looked, fails, np.array([0, 1, 0, -1])), 3)
    assert units.looked.toarray().tolist() == [[1, 1], [1, 0], [0, 0]]
    assert units.fails.toarray().tolist() == [[1, 1], [0, 0], [0, 0]]


def values_of(**columns):
    blank = dict.fromkeys(components(), np.nan)
    return pd.DataFrame(blank | {"problems": 0.0} | columns)


def test_a_unit_is_scored_by_what_is_known_of_it():
    found = priority_of(values_of(density=[10.0, 20.0, 0.0], age=[1.0, np.nan, 0.0]), {
        name: {"density": 0.75, "age": 0.25}.get(name, 0.0) for name in components()
    })  # fmt: skip
    rows = found.rows.set_index("unit").sort_index()
    assert rows["score"].tolist() == pytest.approx([0.75 * 0.5 + 0.25, 1.0, 0.0])
    assert rows["known"].tolist() == pytest.approx([1.0, 0.75, 1.0])
    assert rows["rank"].tolist() == [2, 1, 3]
    assert rows.loc[1, ["rank_low", "rank_high"]].tolist() == [1, 1]


def test_ranks_that_hang_on_the_weights_have_a_span():
    weights = dict.fromkeys(components(), 0.0) | {"density": 0.5, "age": 0.5}
    close = (
        priority_of(values_of(density=[1.0, 0.0, 0.5], age=[0.02, 1.0, 0.5]), weights)
        .rows.set_index("unit")
        .sort_index()
    )
    assert close.loc[0, "rank_low"] == 1 < close.loc[0, "rank_high"]


def test_nothing_known_is_no_score():
    found = priority_of(values_of(density=[np.nan, np.nan]), weights_of())
    assert found.rows["score"].isna().all()
    assert found.rows["rank_low"].isna().all()


def test_weights_of_a_project_add_up_to_one():
    weights = weights_of((PatternWeight("density", 3.0), PatternWeight("age", -1.0)))
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["age"] == 0.0


def small_city():
    shapes = [at(shapely.box(1000 * k, 0, 1000 * k + 1000, 1000)) for k in range(2)]
    people = layer_of("communities", shapes, code=["A", "B"], name=["甲", "乙"], population=[1000.0, None])
    houses = [at(shapely.box(x, 100, x + 10, 110)) for x in range(50, 2000, 100)]
    codes = [f"H{k}" for k in range(len(houses))]
    years = [1980.0] * 5 + [2010.0] * 5 + [None] * 10
    dwellings = layer_of("buildings", houses, code=codes, use=["residential"] * 20, year=years)
    rows = [(code, "building", "HC25-03", "03-1", "yes" if k < 12 else "no", 5 if k < 3 else 2)
            for k, code in enumerate(codes)]  # fmt: skip
    rows += [(codes[0], "building", "HC25-04", "04-1", "yes", None), ("away", "building", "HC25-04", "04-1", "yes", 1)]
    table = pd.DataFrame(rows, columns=["object_code", "object_kind", "indicator", "item", "found", "severity"])
    return city(people, dwellings, (Layer("records", "", "table", "check_records"), VectorData(table)))


def test_problems_of_check_records_are_counted_where_their_objects_are():
    state, data = small_city()
    found = patterns_of(state, data, {}, book_of(state.health), Wanted(), (), Progress())
    assert (len(found.problems.rows), found.problems.unplaced) == (13, 1)
    table = density_table(found.density, found.chosen, found.ground).set_index("unit")
    assert table["problems"].tolist() == [11.0, 2.0]
    assert table["per_km2"].tolist() == pytest.approx([11.0, 2.0])
    rows = priority_table(found.priority, found.ground).set_index("unit").sort_index()
    assert rows["breadth"].tolist() == [2.0, 1.0]
    assert rows["severe"].tolist() == pytest.approx([3 / 10, 0.0])
    assert rows["age"].iloc[0] == pytest.approx(0.5)
    assert rows["age"].isna().iloc[1]
    assert rows["residents"].isna().iloc[1]
    assert found.at_objects.pairs.empty


def test_a_city_without_units_is_refused():
    with pytest.raises(UserError, match=r"health\.patterns\.no_units"):
        ground_of(*city(layer_of("buildings", [at(shapely.box(0, 0, 9, 9))], code=["H"])))
