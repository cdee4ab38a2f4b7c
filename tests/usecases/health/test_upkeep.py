"""Results that keep their value, say when they are out of date, and are computed again by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.session import Session
from app.usecases.health import health, upkeep
from app.usecases.health.upkeep import Upkeep
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.query import query as ask
from models.core.errors import Cancelled, UserError
from models.health.results import LayerRead, Stamp
from models.layers.layer import VectorData
from models.views.scene_state import Theme
from tests.support.health_city import PARK, PREFECTURE, STRIP, at, built_up, city, districts, layer_of, park
from viewers.render.symbology.theming import themed


def covers(*states: str):
    from shapely.geometry import Point

    shapes = [at(Point(50.0 + 20 * k, 450.0)) for k in range(len(states))]
    codes = [f"3701020101{k:06}" for k in range(len(states))]
    return layer_of("facilities", shapes, ObjID=codes, ObjState=list(states))


def opened(session: Session, *parts) -> None:
    parcels = layer_of("parcels", [STRIP], code=["P1"], name=["长街"], land_use=["R2"])
    state, data = city(districts(), parcels, park(PARK), covers("完好", "破损", "完好", "丢失"), *parts)
    session.project.replace_all(state, data, None)
    health.compute_indicators(session, ("HC21-49", "HC25-25"))
    session.history.clear()
    session.project.mark_saved()


def value(session: Session, code: str) -> float | None:
    result = health.kept(session, code)
    assert result is not None
    return result.city.value


def mend(session: Session, states: list[str]) -> None:
    table = session.project.data["facilities"].frame
    session.project.put_data("facilities", VectorData(table.assign(ObjState=states)))


def test_an_old_result_keeps_its_value_on_the_map_and_its_legend_says_that_it_is_old(session: Session) -> None:
    opened(session)
    before = themed(session.project.state, session.project.data, Theme("indicator", "HC21-49"),
                    health.all_kept(session), "zh", health.old_codes(session))  # fmt: skip
    mend(session, ["完好"] * 4)
    assert health.old_codes(session) == {"HC21-49"}
    after = themed(session.project.state, session.project.data, Theme("indicator", "HC21-49"),
                   health.all_kept(session), "zh", health.old_codes(session))  # fmt: skip
    assert value(session, "HC21-49") == 50.0
    assert "过期" in after.legend.title
    assert "过期" not in before.legend.title
    assert after.legend.entries == before.legend.entries
    assert after.colours["districts"][1].tolist() == before.colours["districts"][1].tolist()


def test_what_became_old_is_computed_again_by_itself_and_nothing_else_is(session: Session) -> None:
    opened(session)
    parks = health.kept(session, "HC25-25")
    mend(session, ["完好"] * 4)
    Upkeep(session).look()
    assert value(session, "HC21-49") == 100.0
    assert not health.old_codes(session)
    assert health.kept(session, "HC25-25") is parks
    assert not session.project.is_saved, "the figure is another than the one on disk"


def test_removing_the_components_leaves_park_coverage_alone(session: Session) -> None:
    opened(session)
    parks = health.kept(session, "HC25-25")
    layers.remove_layer(session, "facilities")
    assert health.old_codes(session) == {"HC21-49"}
    Upkeep(session).look()
    assert health.kept(session, "HC25-25") is parks
    assert value(session, "HC21-49") is None, "without covers there is nothing to measure, and that is said"


def test_undo_leads_to_exactly_the_state_before_and_redo_to_the_figures_after(session: Session) -> None:
    opened(session)
    keeper = Upkeep(session)
    first = session.project.state
    ask.set_filter(session, "facilities", "ObjState = '完好'")
    keeper.look()
    second = session.project.state
    assert value(session, "HC21-49") == 100.0
    ask.set_filter(session, "facilities", "ObjState = '破损'")
    keeper.look()
    assert value(session, "HC21-49") == 0.0
    session.history.undo()
    assert session.project.state == second
    session.history.undo()
    assert session.project.state == first
    assert session.project.is_saved
    assert not session.history.undo_label, "what was computed again is no step"
    session.history.redo()
    assert session.project.state == second
    assert not health.old_codes(session)


def test_the_same_change_is_computed_again_once_only(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(session)
    asked: list[str] = []

    def fails(code: str, *_: object, **__: object) -> None:
        asked.append(code)
        raise UserError("health.no_districts")

    monkeypatch.setattr("models.health.compute.compute", fails)
    mend(session, ["完好"] * 4)
    keeper = Upkeep(session)
    for _ in range(3):
        keeper.look()
    assert asked == ["HC21-49"]
    assert value(session, "HC21-49") == 50.0
    assert health.old_codes(session) == {"HC21-49"}, "what failed keeps its value and its mark"
    mend(session, ["破损"] * 4)
    keeper.look()
    assert asked == ["HC21-49"] * 2, "another change is tried anew"


def test_a_cancelled_update_leaves_the_old_value_with_its_mark(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(session)

    def stops(*_: object, **__: object) -> None:
        raise Cancelled

    monkeypatch.setattr("models.health.compute.compute", stops)
    mend(session, ["完好"] * 4)
    Upkeep(session).look()
    assert value(session, "HC21-49") == 50.0
    assert health.old_codes(session) == {"HC21-49"}
    assert not [notice for notice in session.notices.all if notice.level in ("error", "fault")]


def test_a_project_whose_figures_stay_the_same_stays_saved(session: Session) -> None:
    opened(session)
    old = health.kept(session, "HC21-49")
    assert old is not None
    state = session.project.state  # as an elder program has computed it
    session.project.set_state(health.with_results(state, [replace(old, stamp=Stamp("elder", old.stamp.crs))]))
    session.project.mark_saved()
    session.stamps.clear()
    assert health.old_codes(session) == {"HC21-49"}
    Upkeep(session).look()
    assert not health.old_codes(session)
    assert session.project.is_saved
    assert not [notice for notice in session.notices.all if notice.key == "notice.indicators_updated"]


def test_a_file_that_another_program_changed_says_that_figures_are_others(session: Session) -> None:
    opened(session)
    mend(session, ["完好"] * 4)  # as it comes from the file
    Upkeep(session).look()
    assert [n.facts for n in session.notices.all if n.key == "notice.indicators_updated"] == [{"count": 1}]


def test_saved_results_are_there_at_once_on_opening_and_say_which_are_old(session: Session, tmp_path: Path) -> None:
    opened(session)
    mend(session, ["完好"] * 4)
    opening.save_project(session, tmp_path / "p.gpkg")
    session.stamps.clear()
    opening.open_project(session, tmp_path / "p.gpkg")
    assert {code for code, _ in session.stamps} == {"HC21-49", "HC25-25"}, "nobody has to work them out again"
    assert value(session, "HC21-49") == 50.0
    assert health.old_codes(session) == {"HC21-49"}


def test_a_layer_that_is_not_here_yet_makes_nothing_old_and_nothing_is_computed_without_it(session: Session) -> None:
    opened(session)
    kept = session.project.state.results
    away = session.project.data.pop("facilities")
    session.stamps.clear()
    assert not health.old_codes(session)
    mend_parcels = session.project.data["parcels"].frame.assign(land_use="A1")
    session.project.put_data("parcels", VectorData(mend_parcels))
    Upkeep(session).look()
    assert health.kept(session, "HC21-49") is kept[0]
    session.project.put_data("facilities", away)
    assert "HC21-49" not in health.old_codes(session)


def test_a_finer_stage_of_a_model_makes_no_result_old_in_two_stages_of_reading(session: Session) -> None:
    from tests.support.bim_models import cubes

    opened(session, built_up())
    layer, exact = cubes(["IfcWall", "IfcSlab"])
    preview = replace(exact, info={**exact.info, "stage": "preview"})
    session.project.put_data(layer.id, preview)
    session.project.set_state(replace(session.project.state.with_layer(layer), profile=PREFECTURE))
    health.compute_indicators(session, ("HC25-58",))
    kept = session.project.state.results
    finer = replace(exact.meshes, vertices=exact.meshes.vertices * 0.999)
    session.project.put_data(layer.id, replace(exact, meshes=finer, info={**exact.info, "stage": "exact"}))
    Upkeep(session).look()
    assert session.project.state.results is kept
    assert not health.old_codes(session)


def test_nothing_is_judged_while_files_are_read(session: Session) -> None:
    opened(session)
    mend(session, ["完好"] * 4)

    class Reading:
        title = "job.load_source"

    session.jobs.active.append(Reading())  # type: ignore[arg-type]
    Upkeep(session).look()
    assert value(session, "HC21-49") == 50.0
    session.jobs.active.clear()
    Upkeep(session).look()
    assert value(session, "HC21-49") == 100.0
    assert "job.load_source" in upkeep.WAITED_FOR


def test_a_stamp_holds_whatever_is_not_here_and_not_where_something_else_is_read() -> None:
    stamp = Stamp("d", "c", (LayerRead("a", "green", {"f": "1"}), LayerRead("b", "parcels", {"f": "2"})))
    assert stamp.holds(stamp)
    assert stamp.holds(Stamp("d", "c", stamp.layers[:1]), {"b"})
    assert not stamp.holds(Stamp("d", "c", stamp.layers[:1]))
    assert not stamp.holds(None)
    assert not stamp.holds(replace(stamp, crs="x"))


def test_what_objects_explain_is_saved_and_a_result_of_an_elder_program_gets_it_quietly(
    session: Session, tmp_path: Path
) -> None:
    opened(session)
    opening.save_project(session, tmp_path / "p.gpkg")
    before = session.project.state.results
    opening.open_project(session, tmp_path / "p.gpkg")
    assert session.project.state.results == before
    bare = [
        replace(one, problems=tuple(replace(each, loss=None, loss_share=None, beyond_m=None) for each in one.problems))
        for one in before
    ]
    session.project.set_state(health.with_results(session.project.state, bare))
    session.project.mark_saved()
    assert not health.old_codes(session)
    Upkeep(session).look()
    assert session.project.state.results == before
    assert session.project.is_saved


def test_the_view_of_what_fails_is_saved_with_the_project(session: Session, tmp_path: Path) -> None:
    opened(session)
    health.set_theme(session, Theme("indicator", "HC25-25", "problems"))
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.open_project(session, tmp_path / "p.gpkg")
    assert session.project.state.theme == Theme("indicator", "HC25-25", "problems")


def test_looking_at_one_thing_after_another_is_one_step_and_coming_back_is_none(session: Session) -> None:
    opened(session)
    for theme in (Theme("indicator", "HC25-25", "problems"), Theme("indicator", "HC25-25")):
        health.set_theme(session, theme)
    session.history.undo()
    assert session.project.state.theme == Theme()
    session.history.clear()
    health.set_theme(session, Theme("indicator", "HC25-25", "problems"))
    health.set_theme(session, Theme())
    assert not session.history.undo_label
