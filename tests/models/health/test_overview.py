"""How the indicators of a project stand: verdicts, filters, orders, dimensions."""

from __future__ import annotations

from dataclasses import replace

from shapely import Point

from models.health.compute import compute
from models.health.editions import edition
from models.health.overview import FILTERS, STATES, by_dimension, counts, ordered, overview
from models.health.profile import CityProfile
from models.health.results import IndicatorResult
from tests.support.health_city import PARK, STRIP, at, city, districts, layer_of, park


def results() -> dict[str, IndicatorResult]:
    parcels = layer_of("parcels", [STRIP], code=["P1"], land_use=["R2"])
    points = [at(Point(50.0 + 20 * k, 450.0)) for k in range(4)]
    codes = [f"3701020101{k:06}" for k in range(4)]
    covers = layer_of("facilities", points, ObjID=codes, ObjState=["完好"] * 3 + ["破损"])
    state, data = city(districts(), parcels, park(PARK), covers)
    return {code: compute(code, state, data) for code in ("HC25-25", "HC21-49", "HC25-35")}


def test_every_indicator_stands_in_one_way_and_the_ways_add_up() -> None:
    book = edition()
    rows = overview(book, results(), CityProfile())
    assert [row.definition.code for row in rows] == list(book.indicators)
    assert {row.state for row in rows} <= set(STATES)
    assert sum(counts(rows).values()) == len(rows)
    assert sum(len(group) for group in by_dimension(book, rows).values()) == len(rows)
    states = {row.definition.code: row.state for row in rows}
    assert states["HC25-25"] == "not_met"
    assert states["HC25-35"] == "no_data", "tried, without roads"
    assert states["HC25-01"] == "missing"


def test_an_indicator_that_is_not_meant_for_the_city_is_not_counted_as_missing() -> None:
    book, small = edition(), CityProfile(size_class="small_1")
    meant = {code for code, row in book.indicators.items() if not row.applicable(small)}
    rows = overview(book, {}, small)
    assert {row.definition.code for row in rows if row.state == "not_applicable"} == meant


def test_filters_and_search_show_what_they_say() -> None:
    rows = overview(edition(), results(), CityProfile(), decided=("HC21-49",))
    chosen = {name: {row.definition.code for row in rows if row.passes(name)} for name in FILTERS}
    assert chosen["not_met"] == {"HC25-25"}
    assert chosen["to_decide"] == {"HC25-25"}
    assert chosen["all"] >= chosen["no_data"] | chosen["not_met"]
    assert all(edition().indicators[code].kind == "bottom_line" for code in chosen["bottom_line"])
    assert [row.definition.code for row in rows if row.speaks_of("25 公园")] == ["HC25-25"]
    assert any(row.definition.code == "HC25-25" for row in rows if row.speaks_of("PARK"))


def test_the_change_against_last_year_is_for_the_better_or_the_worse_by_direction() -> None:
    found = results()
    value = found["HC25-25"].city.value or 0.0
    rows = {
        row.definition.code: row for row in overview(edition(), found, CityProfile(), before={"HC25-25": value + 5})
    }
    assert rows["HC25-25"].change == -5.0
    assert rows["HC25-25"].is_better is False
    assert rows["HC21-49"].change is None


def test_the_largest_gap_comes_first_and_what_has_none_last() -> None:
    found = results()
    worse = replace(found["HC25-25"], city=replace(found["HC25-25"].city, value=1.0))
    rows = ordered(overview(edition(), found | {"HC25-25": worse}, CityProfile()), "worst")
    assert rows[0].definition.code == "HC25-25"
    assert rows[-1].gap is None
    assert [row.definition.code for row in ordered(rows, "number")] == [row.definition.code for row in rows]
