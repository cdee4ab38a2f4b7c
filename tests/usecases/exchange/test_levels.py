"""County and city hand registers to each other, through files and a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.exchange import levels
from app.usecases.exchange.conflict_report import write_report
from app.usecases.project import opening
from app.usecases.query.query import set_cell
from models.core.errors import UserError
from models.crs.frame import Frame
from models.exchange.rollup import roll_up
from models.exchange.tables import known_of
from models.io.exchange.choices import read_choices
from models.io.exchange.files import read
from models.layers.layer import Layer, VectorData

CODES = [f"370102010100000{i}" for i in range(1, 5)]


@pytest.fixture
def party(tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    made: list[Session] = []

    def start(code: str) -> Session:
        session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
        made.append(session)
        table = gpd.GeoDataFrame(
            {"ObjID": CODES, "ObjState": ["完好"] * 4, "depth_m": [1.5, 2.0, None, 3.25]},
            geometry=[Point(500_000.123 + i, 4_000_000) for i in range(4)], crs="EPSG:4548",
            index=pd.RangeIndex(1, 5, name="fid"),
        )  # fmt: skip
        layer = Layer("covers", "井盖", "vector", "facilities")
        session.project.put_data("covers", VectorData(table))
        session.history.do("history.open_file", lambda state: _with(state, layer))
        levels.set_party(session, code)
        opening.save_project(session, tmp_path / f"{code}.gpkg")
        return session

    yield start
    for session in made:
        session.close()


def _with(state, layer):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(state.with_layer(layer), frame=Frame("EPSG:4548", origin=(500_000, 4_000_000, 0)))


def cover_layer(session: Session) -> Layer:
    return session.project.state.with_role("facilities")[0]


def state_of(session: Session, number: int) -> object:
    data = session.project.data_of(cover_layer(session).id)
    assert isinstance(data, VectorData)
    return data.attributes.set_index("ObjID")["ObjState"].get(CODES[number])


def say(session: Session, number: int, state: str) -> None:
    layer = cover_layer(session)
    data = session.project.data_of(layer.id)
    assert isinstance(data, VectorData)
    oid = data.attributes.index[data.attributes["ObjID"] == CODES[number]][0]
    set_cell(session, layer.id, int(oid), "ObjState", state)


def look(session: Session, where: Path) -> levels.Meeting:
    met: list[levels.Meeting] = []
    levels.look(session, str(where), met.append)
    return met[0]


def taken(session: Session, where: Path, policy: str = "hand", choices: object = None) -> levels.Taken:
    found: list[levels.Taken] = []
    levels.merge(session, look(session, where), policy, choices, found.append)  # type: ignore[arg-type]
    return found[0]


def test_changes_go_both_ways_and_a_conflict_is_decided_once(party: Callable[[str], Session], tmp_path: Path) -> None:
    county, city = party("370102"), party("370100")
    meet = tmp_path / "meet"
    levels.hand_out(county, str(meet))
    assert taken(city, meet).conflicts == ()  # the same register: nothing to say
    say(county, 0, "破损")
    say(county, 1, "破损")
    say(city, 1, "丢失")
    levels.hand_out(county, str(meet))
    meeting = look(city, meet)
    assert [(one.key, one.field, one.base) for one in meeting.conflicts] == [(CODES[1], "ObjState", "完好")]
    before = city.project.state
    report = tmp_path / "conflicts.xlsx"
    write_report(city, report, meeting.conflicts, {meeting.conflicts[0].id: "破损"})
    assert taken(city, meet, "hand", read_choices(report)).counts["components"]["changed"] == 2
    assert [state_of(city, number) for number in range(3)] == ["破损", "破损", "完好"]
    city.history.undo()
    assert city.project.state == before
    assert [state_of(city, number) for number in range(3)] == ["完好", "丢失", "完好"]
    taken(city, meet)  # by hand and nobody chose: it stays as it is here
    assert [state_of(city, number) for number in range(3)] == ["破损", "丢失", "完好"]
    levels.hand_out(city, str(meet))
    assert taken(county, meet).conflicts == ()  # the city has put an end to it
    assert state_of(county, 1) == "丢失"
    assert look(county, meet).packages == ()
    with pytest.raises(UserError, match=r"exchange\.nothing"):
        levels.hand_out(county, str(meet))


def test_a_deleted_component_is_deleted_at_the_other_level_too(party: Callable[[str], Session], tmp_path: Path) -> None:
    county, city = party("370102"), party("370100")
    meet = tmp_path / "meet"
    levels.hand_out(county, str(meet))
    taken(city, meet)
    data = county.project.data_of("covers")
    assert isinstance(data, VectorData)
    county.project.put_data("covers", VectorData(data.frame.drop(index=4)))
    levels.hand_out(county, str(meet))
    assert taken(city, meet).counts["components"]["deleted"] == 1
    assert state_of(city, 3) is None


@pytest.mark.parametrize("suffix", [".json", ".geojson", ".xlsx"])
def test_a_file_is_read_as_it_was_written_and_refused_when_changed(
    party: Callable[[str], Session], tmp_path: Path, suffix: str
) -> None:
    county = party("370102")
    say(county, 0, "=1+1 “破损”\r\n第二行")
    path, other = tmp_path / f"out{suffix}", tmp_path / "again.json"
    told: list[levels.HandedOut] = []
    levels.hand_out(county, str(path), done=told.append)
    found = read(path)
    assert found == told[0].package
    assert {one.key for one in found.versions} == set(CODES)
    assert (found.sender.code, found.sender.level, found.crs) == ("370102", "county", "EPSG:4548")
    levels.hand_out(county, str(other), whole=True)
    text = other.read_text(encoding="utf-8").replace('"depth_m":3.25', '"depth_m":3.26')
    other.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"exchange\.changed_on_the_way"):
        read(other)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[[[[" * 5_000, b'{"format":"chengjing-exchange","version":1,"exchange":[{}]}', b"\xff\xfe\x00", b"7"],
)
def test_a_hostile_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    for suffix in (".json", ".geojson", ".xlsx"):
        path = tmp_path / f"bad{suffix}"
        path.write_bytes(content)
        with pytest.raises(UserError) as told:
            read(path)
        assert told.value.facts["file"] == path.name


def test_what_is_half_written_is_not_there(party: Callable[[str], Session], tmp_path: Path) -> None:
    county, city = party("370102"), party("370100")
    meet = tmp_path / "meet"
    levels.hand_out(county, str(meet))
    (file,) = meet.glob("*.json")
    (meet / f".{file.stem}-saving-1.json").write_bytes(b"{")
    (meet / "0123456789abcdef0123456789abcdef.json").write_bytes(file.read_bytes()[:500])
    found = look(city, meet)
    assert [package.hash for package in found.packages] == [file.stem]
    assert len(found.unread) == 1


def test_rates_are_worked_out_of_sums_and_own_figures_stand_beside(tmp_path: Path) -> None:
    from models.exchange.divisions import Party
    from models.exchange.records import Package, Version

    def result(division: str, numerator: float | None, denominator: float, value: float | None) -> Version:
        said = {
            "division": division, "indicator": "HC25-25", "edition": "2025", "scope": "whole", "form": "ratio",
            "denominator": denominator, "factor": 100.0,
        } | ({} if numerator is None else {"numerator": numerator, "value": value})  # fmt: skip
        return Version("results", f"{division}/HC25-25", said, sender=division, time_us=1)

    versions = (
        result("370102", 1, 2, 50), result("370103", 90, 100, 90), result("370104", None, 5, None),
        result("370100", 80, 100, 80),
    )  # fmt: skip
    package = Package(Party("370102"), 1, "", {}, {}, versions)
    found = roll_up(known_of([package]), "city", 1)
    (one,) = found.results
    assert one.value == pytest.approx(100 * 91 / 102)  # and not the mean of 50 and 90
    assert (one.parties, one.without, one.own) == (2, 1, 80)


def test_what_the_project_says_of_the_exchange_is_kept_in_its_file(
    party: Callable[[str], Session], tmp_path: Path
) -> None:
    county = party("370102")
    levels.hand_out(county, str(tmp_path / "meet"))
    opening.save_project(county)
    again = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    opening.open_project(again, tmp_path / "370102.gpkg")
    assert again.project.state.operations.exchange == county.project.state.operations.exchange
    assert json.loads(next((tmp_path / "370102.exchange").glob("*.json")).read_bytes())["sender"] == "370102"
    again.close()
