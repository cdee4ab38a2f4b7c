"""Heights of layers against the ground of the project: what the CRS doctor offers to add, and adding it.

Nothing is ever added to heights without somebody saying so: a national mean and a median over a terrain are estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from app.notices import Notice
from models.core.progress import Progress
from models.crs.doctor import heights
from models.crs.doctor.apply_standing import crs_of, read_crs_of, restated
from models.crs.doctor.levels import levels_of
from models.crs.doctor.steps import Step, in_plane
from models.crs.doctor.verdict import Standing, Verdict
from models.crs.frame import UNSETTLED
from models.layers.layer import Layer, LayerData
from models.project.project import ProjectState
from viewers.texts.crs_texts import signed

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session


def with_heights(
    layer: Layer, held: LayerData, verdict: Verdict, state: ProjectState, data: Mapping[str, LayerData]
) -> Verdict:
    """Return a verdict with what its heights are, compared with the ground of the project where there is one.

    A terrain is compared with those that stand before it in the list, so that of two only the later one is in doubt.

    Parameters
    ----------
    layer, held : Layer, LayerData
        As it stands now.
    verdict : Verdict
    state, data
        The project without the layer, or with it.
    """
    from models.terrain.ground import ground_under

    levels, frame = levels_of(layer, held), state.frame
    if levels is None or not crs_of(held) or crs_of(held) == UNSETTLED:
        return verdict
    if layer.standing is not None and layer.standing.lift_m:
        levels = replace(levels, heights=levels.heights - layer.standing.lift_m)
    before: list[Layer] = []
    for one in state.layers:
        if one.id == layer.id and layer.kind == "terrain":
            break
        if one.kind == "terrain" and one.id != layer.id and one.id in data:
            before.append(one)
    there = None
    if frame is not None and before:
        there = levels.on(ground_under(before, data, frame), crs_of(held))
    named = {one.verdict.vertical for one in before if one.verdict is not None and one.verdict.vertical}
    vertical = (frame.vertical if frame is not None else None) or (named.pop() if len(named) == 1 else "")
    lift, reasons = heights.lift_of(verdict.vertical, levels, there, vertical)
    others = tuple(reason for reason in verdict.reasons if reason.code not in heights.COMPARED)
    return replace(verdict, lift=lift, reasons=(*others, *reasons))


def is_lift_open(layer: Layer) -> bool:
    """Whether the doctor would add something to a layer's heights that nobody has added."""
    lift = layer.verdict.lift if layer.verdict is not None else None
    return lift is not None and not (layer.standing is not None and layer.standing.lift_m)


def say_heights(session: Session, layer: Layer) -> None:
    """Say in a notice what could be added to a layer's heights, if anything."""
    lift = layer.verdict.lift if layer.verdict is not None else None
    if lift is None or not is_lift_open(layer):
        return
    facts: dict[str, object] = {"layer": layer.title(session.lang), "layer_id": layer.id, "metres": signed(lift.metres),
             "spread": f"{lift.spread_m:g}"}  # fmt: skip
    session.notices.add(Notice("caution", f"caution.crs_doctor.height.{lift.code}", facts))


def lift(session: Session, layer_id: str, metres: float | None = None) -> Job | None:
    """Add metres to a layer's heights, what the doctor proposes if none are given; 0 takes what was added off again.

    One undoable change; the plane is left alone.
    """
    layer = session.project.state.layer(layer_id)
    verdict = layer.verdict
    if metres is None:
        if verdict is None or verdict.lift is None:
            return None
        metres = verdict.lift.metres
    data = session.project.data_of(layer_id)
    old = layer.standing
    read_crs, crs = read_crs_of(layer, data), crs_of(data)
    steps = in_plane(old.steps) if old is not None else ()
    if metres:
        steps = (*steps, Step("height", (float(metres),)))
    plain = not steps and crs == read_crs
    standing = None if plain else Standing(crs, steps, read_crs, old.by if old is not None else "doctor")

    def work(progress: Progress) -> LayerData:
        progress.step(0.0, "progress.crs_doctor.moving")
        return restated(data, old, standing)

    def done(moved: LayerData) -> None:
        here = session.project.state.layer(layer_id)
        if session.project.data.get(layer_id) is data:
            session.project.prepare_standing(layer_id, standing, moved)
        session.history.do("history.crs_lift", lambda state: state.with_layer(replace(here, standing=standing)))
        session.notices.info("notice.crs_lifted", layer=here.title(session.lang), metres=signed(metres))

    return session.run("job.crs_place", work, done, layer=layer.title(session.lang))
