"""What mending the first objects of a list would give, against computing the indicator again once they are mended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import LineString, Point, box

from models.health.compute import compute
from models.health.mending import factor_of, first_to_meet, mended
from models.health.results import IndicatorResult
from tests.support.health_city import PARK, at, city, districts, layer_of, park


def losses_of(result: IndicatorResult) -> np.ndarray:
    return np.array([problem.loss for problem in result.problems], dtype=float)


def values(result: IndicatorResult) -> np.ndarray:
    found = mended(result, result.city, losses_of(result))
    assert found is not None
    return found


def test_mending_covers_one_by_one_gives_what_computing_again_gives() -> None:
    states = ["完好", "破损", "丢失", None, "破损"]
    points = [at(Point(50.0 + 20 * k, 450.0)) for k in range(5)]
    codes = [f"3701020101{k:06}" for k in range(5)]

    def result_of(now: list[str | None]) -> IndicatorResult:
        return compute("HC21-49", *city(districts(), layer_of("facilities", points, ObjID=codes, ObjState=now)))

    result = result_of(states)
    told, now = values(result), list(states)
    assert told[0] == result.city.value
    for count, problem in enumerate(result.problems, 1):
        now[problem.key.oid - 1] = "完好"
        assert told[count] == pytest.approx(result_of(now).city.value, rel=1e-12)


def test_mending_a_parcel_gives_what_a_park_on_it_gives() -> None:
    corners = [(0, 0), (1500, 0), (1500, 500)]
    parcels = layer_of("parcels", [at(box(x, y, x + 100, y + 60)) for x, y in corners], code=list("ABC"),
                       land_use=["R2"] * 3)  # fmt: skip
    result = compute("HC25-25", *city(districts(), parcels, park(PARK)))
    first = result.problems[0]
    x, y = corners[first.key.oid - 1]
    both = layer_of("green", [PARK, at(box(x, y, x + 100, y + 60))], kind=["park"] * 2, open_to_public=[True] * 2,
                    historic=[False] * 2)  # fmt: skip
    after = compute("HC25-25", *city(districts(), parcels, both))
    assert values(result)[1] == pytest.approx(after.city.value, rel=1e-9)


def test_mending_the_districts_of_a_length_brings_the_city_to_what_the_longer_roads_give() -> None:
    line = at(LineString([(0, 500), (1000, 500)]))
    result = compute("HC25-35", *city(districts(), layer_of("roads", [line], **{"class": ["branch"]})))
    worst = result.problems[0]
    assert worst.code == "B"
    more = at(LineString([(1000, 500), (2000, 500)]))
    lacks_km = worst.loss or 0.0
    turns = [at(LineString([(1001, 10 + 2 * k), (1999, 10 + 2 * k)])) for k in range(int((lacks_km - 1.0) // 0.998))]
    rest_m = lacks_km * 1000 - 1000 - len(turns) * 998
    turns.append(at(LineString([(1001, 5), (1001 + rest_m, 5)])))
    lines = [line, more, *turns]
    after = compute("HC25-35", *city(districts(), layer_of("roads", lines, **{"class": ["branch"] * len(lines)})))
    assert values(result)[1] == pytest.approx(after.city.value, rel=1e-9)


def test_a_count_of_what_is_wrong_goes_down_by_what_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [at(Point(50.0 + 20 * k, 450.0)) for k in range(3)]
    codes = [f"3701020101{k:06}" for k in range(3)]
    facilities = layer_of("facilities", points, ObjID=codes, ObjState=["破损"] * 3)
    result = compute("HC21-49", *city(districts(), facilities))
    definition = replace(result.definition, form="count", direction="down")
    monkeypatch.setattr(IndicatorResult, "definition", property(lambda _: definition))
    result = replace(result, city=replace(result.city, value=3.0, numerator=3.0, denominator=20.0))
    assert values(result).tolist() == [3.0, 2.0, 1.0, 0.0]


def test_the_factor_is_told_by_the_values_and_by_the_unit_where_all_are_zero() -> None:
    point = [at(Point(50.0, 450.0))]
    facilities = layer_of("facilities", point, ObjID=["3701020101000001"], ObjState=["破损"])
    result = compute("HC21-49", *city(districts(), facilities))
    assert result.city.value == 0.0
    assert factor_of(result) == 100.0
    assert values(result).tolist() == [0.0, 100.0]


def test_no_value_and_no_losses_promise_nothing() -> None:
    point = [at(Point(50.0, 450.0))]
    facilities = layer_of("facilities", point, ObjID=["3701020101000001"], ObjState=["破损"])
    result = compute("HC21-49", *city(districts(), facilities))
    assert mended(result, result.city, np.array([np.nan])) is None
    assert mended(result, replace(result.city, value=None), np.array([1.0])) is None


def test_it_says_how_many_must_be_mended_until_the_benchmark_is_met() -> None:
    line = at(LineString([(0, 500), (1000, 500)]))
    result = compute("HC25-35", *city(districts(), layer_of("roads", [line], **{"class": ["branch"]})))
    (aim, *_) = result.benchmarks
    assert first_to_meet(values(result), aim) == 2
    assert first_to_meet(values(result), None) is None
    assert first_to_meet(np.array([aim.value + 1.0]), aim) == 0
    assert first_to_meet(np.array([aim.value - 1.0]), aim) is None
