"""Run the CRS doctor on every opened layer, apply what is certain, let a person accept or change the rest.

Invariants
----------
1. What is done without asking (:attr:`~models.crs.doctor.verdict.Verdict.acts`) is said, and is taken back with one
   undo.
2. A layer without a CRS of which the doctor is not confident stays refused, as readers refuse it: a guess puts a city
   into another country.
3. Nothing here reads a file again: a standing moves the numbers that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.notices import Notice, notice_of_caution
from app.usecases.crs.height_doctor import say_heights, with_heights
from models.bim.placement import standing as as_placed
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.doctor.apply_standing import crs_of, read_crs_of, restated
from models.crs.doctor.evidence import Evidence, Neighbour, evidence_of, neighbour_of
from models.crs.doctor.examine import examine
from models.crs.doctor.steps import Step, in_plane, undo
from models.crs.doctor.verdict import ACTS, Candidate, Standing, UserCrs, Verdict
from models.crs.frame import UNSETTLED, Frame, crs_label, parse_crs, transformer
from models.layers.layer import Layer, LayerData
from models.project.project import ProjectState

if TYPE_CHECKING:
    from pathlib import Path

    from app.background.jobs import Job
    from app.session import Session
    from models.io.request import Opened

#: Refusals of readers with which the doctor may help.
PLACELESS = frozenset({"io.no_crs", "io.metres_in_degrees"})
#: Kinds of layers that can have coordinates of their own; of models only those of cities have.
PLACED_KINDS = ("vector", "terrain", "image", "surface", "cloud", "model")
#: A layer whose verdict nobody has confirmed counts no more than this when others are compared with it.
UNCONFIRMED = 0.72
#: So many other layers are compared with, the largest first.
MOST_NEIGHBOURS = 8
#: Layers farther from each other than this are not compared again, degrees.
_NEAR_DEG = 0.05


# --- on opening ---------------------------------------------------------------------------------------------------


def read_settled(session: Session, crs: str, read: Callable[[str], list[Opened]]) -> list[Opened]:
    """Read a file and say of each of its layers where it stands.

    Parameters
    ----------
    session : Session
    crs : str
        What the user said, empty for nothing.
    read : callable
        Reads the file, asked for a CRS.

    Returns
    -------
    list of Opened
        With a verdict in each layer; what the doctor is sure of is done already.

    Raises
    ------
    UserError
        What the reader says, unless the doctor is confident.
    """
    state, data = session.project.state, dict(session.project.data)
    try:
        opened, refused = read(crs), None
    except UserError as error:
        if crs or error.code not in PLACELESS:
            raise
        refused = error
        opened = read(UNSETTLED)
    neighbours = neighbours_of(state, data)
    settled = [_settled(item, neighbours, asked=crs, refused=refused is not None) for item in opened]
    settled = [_levelled(item, state, data) for item in settled]
    if refused is not None and not any(_is_settled(item.layer, refused) for item in settled):
        raise refused
    return settled


def _is_settled(layer: Layer, refused: UserError) -> bool:
    """Whether a layer that its reader refused has a place: the doctor gave it one, or but a few rows looked wrong."""
    verdict = layer.verdict
    bulk_is_fine = verdict is not None and verdict.code == "fine" and refused.code == "io.metres_in_degrees"
    return verdict is not None and (verdict.done == "applied" or bulk_is_fine)


def read_raw(session: Session, path: Path) -> list[Opened]:
    """Read a file as it is, whatever it says of its CRS.

    Raises
    ------
    UserError
        What the reader says of anything but the CRS.
    """
    from app.background.ingest import ingest
    from models.io.request import ReadRequest

    request = ReadRequest(crs=UNSETTLED)
    return ingest(path, request, session.cache(), Progress(), workers=session.workers)


def read_again(layer: Layer, crs: str, read: Callable[[str], list[Opened]]) -> list[Opened]:
    """Read a linked source of the open project again; it stands where the project says."""
    standing = layer.standing
    if standing is None:
        return read(crs)
    opened = read(crs if standing.read_crs else UNSETTLED)
    return [replace(item, data=restated(item.data, None, standing)) for item in opened]


def _settled(item: Opened, neighbours: Sequence[Neighbour], *, asked: str, refused: bool) -> Opened:
    """Return one layer with its verdict, standing where the doctor is sure that it stands."""
    found = verdict_on(item.layer, item.data, neighbours)
    if found is None:
        return item
    if asked:  # a person said it: the doctor only remarks
        found = replace(found, done="proposed" if found.asks else "nothing")
        return replace(item, layer=replace(item.layer, verdict=found))
    acts = found.acts or (refused and found.differs and found.is_confident and bool(found.crs))
    if not acts:
        done = "proposed" if found.asks else "nothing"
        return replace(item, layer=replace(item.layer, verdict=replace(found, done=done)))
    found = replace(found, done="applied")
    read_crs = crs_of(item.data)
    if not found.steps and found.crs == read_crs:  # the reader saw it too, and has said so
        return replace(item, layer=replace(item.layer, verdict=found))
    standing = Standing(found.crs, found.steps, "" if read_crs == UNSETTLED else read_crs, "doctor")
    layer = replace(item.layer, verdict=found, standing=standing)
    return replace(item, layer=layer, data=restated(item.data, None, standing))


def _levelled(item: Opened, state: ProjectState, data: Mapping[str, LayerData]) -> Opened:
    """Return one layer with what can be said of its heights against the ground of the project."""
    verdict = item.layer.verdict
    if verdict is None:
        return item
    return replace(item, layer=replace(item.layer, verdict=with_heights(item.layer, item.data, verdict, state, data)))


def verdict_on(layer: Layer, data: LayerData, neighbours: Sequence[Neighbour] = ()) -> Verdict | None:
    """Return what the doctor says of data as it was read; None for what has no coordinates of its own."""
    seen = evidence_of(layer, data)
    return None if seen is None else examine(seen, [one for one in neighbours if one.layer_id != layer.id])


def neighbours_of(state: ProjectState, data: Mapping[str, LayerData], without: Iterable[str] = ()) -> list[Neighbour]:
    """Return the layers of a project as something to compare with, the surest and largest first."""
    left_out = set(without)
    found: list[Neighbour] = []
    for layer in state.layers:
        held = data.get(layer.id)
        if held is None or layer.id in left_out or layer.kind not in PLACED_KINDS:
            continue
        one = neighbour_of(layer, as_placed(layer, held), trust(layer))
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda one: (-one.sure, -len(one.lonlat)))[:MOST_NEIGHBOURS]


def trust(layer: Layer) -> float:
    """Return how sure a layer's present place is."""
    verdict = layer.verdict
    if layer.standing is not None and layer.standing.by in ("person", "points"):
        return 0.97
    if verdict is None:
        return UNCONFIRMED
    if verdict.done in ("accepted", "changed"):
        return 0.97
    if verdict.done == "proposed":
        return 0.3
    return verdict.sure if verdict.code != "cannot_tell" else 0.3


def say_verdicts(session: Session, layers: Iterable[Layer]) -> None:
    """Say in a notice what is worth saying: what was done, and what is in doubt."""
    for layer in layers:
        verdict = layer.verdict
        say_heights(session, layer)
        if verdict is None or verdict.done in ("accepted", "changed"):
            continue
        facts: dict[str, object] = {
            "layer": layer.title(session.lang), "layer_id": layer.id, "percent": round(100 * verdict.sure),
            "crs": crs_label(verdict.crs) if verdict.crs else "—",
        }  # fmt: skip
        if verdict.done == "applied" and layer.standing is not None:
            session.notices.add(Notice("caution", f"caution.crs_doctor.did.{verdict.code}", facts))
        elif verdict.done == "proposed" or verdict.code == "old_datum":
            session.notices.add(Notice("caution", f"caution.crs_doctor.think.{verdict.code}", facts))
        elif any(reason.code == "offset_seen" for reason in verdict.reasons):
            session.notices.add(Notice("caution", "caution.crs_doctor.think.datum_offset", facts))


def look_again(session: Session, new: Sequence[str]) -> Job | None:
    """Compare layers of which the doctor is not confident with those that have come; a job of its own.

    Two files opened together do not see each other; and a layer that looked well alone may be the one that is shifted.
    """
    state = session.project.state
    unsure = [layer for layer in state.layers if _may_change(layer)]
    fresh = set(new)
    has_ground = any(layer.kind == "terrain" for layer in state.layers)
    new_ground = any(layer.kind == "terrain" for layer in state.layers if layer.id in fresh)
    levelled = [
        layer for layer in state.layers
        if layer.verdict is not None and has_ground and (new_ground or layer.id in fresh)
    ]  # fmt: skip
    if len(state.layers) < 2 or not (unsure or levelled):
        return None
    data = dict(session.project.data)

    def work(progress: Progress) -> list[tuple[Layer, Verdict, LayerData | None]]:
        around = {layer.id: layer for layer in state.layers}
        everything = neighbours_of(state, data)
        came = [one for one in everything if one.layer_id in fresh]
        found: list[tuple[Layer, Verdict, LayerData | None]] = []
        for number, layer in enumerate(unsure):
            progress.step(number / len(unsure), "progress.crs_doctor.comparing")
            held = data.get(layer.id)
            others = everything if layer.id in fresh else came
            others = [one for one in others if one.layer_id != layer.id]
            if layer.id not in fresh and not _meets(layer, held, others):
                continue
            if held is None or not others:
                continue
            raw = restated(held, layer.standing, None)
            verdict = verdict_on(around[layer.id], raw, others)
            if verdict is None or layer.verdict is None or not _says_more(verdict, layer.verdict):
                continue
            if layer.verdict.done == "applied" and not verdict.acts:  # what was set right stays so
                continue
            verdict = replace(verdict, lift=layer.verdict.lift)
            if verdict.acts:
                standing = _standing(layer, verdict.as_candidate(), crs_of(raw), "doctor")
                found.append((layer, replace(verdict, done="applied"), restated(raw, None, standing)))
            else:
                found.append((layer, replace(verdict, done="proposed" if verdict.asks else "nothing"), None))
        judged = {layer.id: number for number, (layer, _, _) in enumerate(found)}
        for layer in levelled:
            number = judged.get(layer.id, -1)
            held = found[number][2] if number >= 0 and found[number][2] is not None else data.get(layer.id)
            old = found[number][1] if number >= 0 else layer.verdict
            if held is None or old is None:
                continue
            verdict = with_heights(layer, held, old, state, data)
            if number >= 0:
                found[number] = (layer, verdict, found[number][2])
            elif verdict.lift != old.lift:
                found.append((layer, verdict, None))
        return found

    def done(found: list[tuple[Layer, Verdict, LayerData | None]]) -> None:
        changed: list[Layer] = []
        for layer, verdict, moved in found:
            here = next((one for one in session.project.state.layers if one.id == layer.id), None)
            if here is None or here.standing != layer.standing or here.verdict != layer.verdict:
                continue
            stands = here.standing
            if moved is not None:
                stands = _standing(layer, verdict.as_candidate(), read_crs_of(layer, data[layer.id]), "doctor")
                session.project.prepare_standing(layer.id, stands, moved)
            changed.append(replace(here, verdict=verdict, standing=stands))
        if changed:
            session.history.do("history.crs_doctor", lambda before: _with(before, changed))
            say_verdicts(session, [one for one in changed if one.verdict and (one.verdict.differs or one.verdict.lift)])

    return session.jobs.run("job.crs_doctor", work, done, failed=session.fail, background=True)


def _may_change(layer: Layer) -> bool:
    """Whether another layer may yet say more of a layer: it is as sure as it can be alone, whatever was done."""
    verdict = layer.verdict
    return verdict is not None and verdict.done in ("nothing", "proposed", "applied") and verdict.sure < ACTS


def _says_more(new: Verdict, old: Verdict) -> bool:
    changed = (new.code, new.crs, new.steps) != (old.code, old.crs, old.steps)
    return new.sure > old.sure + 0.02 or (changed and new.code != "cannot_tell" and new.sure > old.sure - 0.1)


def _meets(layer: Layer, held: LayerData | None, others: Sequence[Neighbour]) -> bool:
    """Whether layers that came lie where a layer stands, or it stands nowhere: else they tell nothing new of it."""
    verdict = layer.verdict
    if held is None or verdict is None or verdict.done == "proposed" or verdict.code == "cannot_tell":
        return True
    own = neighbour_of(layer, held, 1.0)
    if own is None:
        return True
    low, high = own.lonlat.min(axis=0) - _NEAR_DEG, own.lonlat.max(axis=0) + _NEAR_DEG
    return any((one.lonlat.min(axis=0) <= high).all() and (one.lonlat.max(axis=0) >= low).all() for one in others)


def _with(state: ProjectState, layers: Iterable[Layer]) -> ProjectState:
    for layer in layers:
        state = state.with_layer(layer)
    return state


# --- what a person makes of it ------------------------------------------------------------------------------------


def verdict_of(session: Session, layer_id: str) -> Verdict | None:
    """Return what the doctor says of a layer, looking now if it never looked."""
    layer = session.project.state.layer(layer_id)
    if layer.verdict is not None:
        return layer.verdict
    data = session.project.data_of(layer_id)
    neighbours = neighbours_of(session.project.state, session.project.data, (layer_id,))
    verdict = verdict_on(layer, restated(data, layer.standing, None), neighbours)
    state = session.project.state
    return None if verdict is None else with_heights(layer, data, verdict, state, session.project.data)


def accept(session: Session, layer_id: str) -> Job | None:
    """Agree with the doctor: what it says is done if it is not yet, and is not asked about again."""
    layer = session.project.state.layer(layer_id)
    verdict = verdict_of(session, layer_id)
    if verdict is None or not verdict.crs:
        return None
    agreed = replace(verdict, done="accepted")
    stands = layer.standing
    if not verdict.differs or (stands and (stands.crs, in_plane(stands.steps)) == (verdict.crs, verdict.steps)):
        session.history.do("history.crs_accept", lambda state: state.with_layer(replace(layer, verdict=agreed)))
        return None
    return _stand(session, layer, verdict.as_candidate(), agreed, "doctor", "history.crs_accept")


def choose(session: Session, layer_id: str, crs: str, steps: Sequence[Step] = (), by: str = "person") -> Job:
    """Let a layer's numbers stand in another CRS, after steps; one undoable change, the file is not read again.

    Raises
    ------
    UserError
        ``crs.unknown``; ``crs_doctor.a_model`` for building models, which are placed by hand.
    """
    parse_crs(crs)
    layer = session.project.state.layer(layer_id)
    verdict = verdict_of(session, layer_id)
    if verdict is None:
        raise UserError("crs_doctor.a_model", layer=layer.title(session.lang))
    chosen = Candidate("changed", crs, 1.0, tuple(steps))
    same = crs == verdict.declared and not steps
    kept = replace(verdict, done="accepted" if same and not verdict.differs else "changed")
    return _stand(session, layer, chosen, kept, by, "history.crs_choose")


def as_read(session: Session, layer_id: str) -> None:
    """Take the doctor's and everybody's changes off a layer: it stands where its file says."""
    layer = session.project.state.layer(layer_id)
    if layer.standing is None:
        return
    verdict = None if layer.verdict is None else replace(layer.verdict, done="changed")
    plain = replace(layer, standing=None, verdict=verdict)
    session.history.do("history.crs_as_read", lambda state: state.with_layer(plain))


def _stand(session: Session, layer: Layer, chosen: Candidate, verdict: Verdict, by: str, label: str) -> Job:
    data = session.project.data_of(layer.id)
    read_crs = read_crs_of(layer, data)
    standing = _standing(layer, chosen, read_crs, by)

    def work(progress: Progress) -> LayerData:
        progress.step(0.0, "progress.crs_doctor.moving")
        return restated(data, layer.standing, standing)

    def done(moved: LayerData) -> None:
        here = session.project.state.layer(layer.id)
        if session.project.data.get(layer.id) is data:
            session.project.prepare_standing(layer.id, standing, moved)
        placed = replace(here, standing=standing, verdict=verdict)
        session.history.do(label, lambda state: state.with_layer(placed))
        facts = {"layer": here.title(session.lang), "crs": crs_label(chosen.crs)}
        session.notices.info("notice.crs_stands", **facts)
        for caution in (one for one in getattr(moved, "cautions", ()) if one.code == "crs_doctor.grid_bent"):
            session.notices.add(notice_of_caution(caution))

    return session.run("job.crs_place", work, done, layer=layer.title(session.lang))


def _standing(layer: Layer, chosen: Candidate, read_crs: str, by: str) -> Standing:
    """Return a standing in the plane; what was added to the heights stays."""
    kept = [step for step in layer.standing.steps if step.name == "height"] if layer.standing is not None else []
    steps = chosen.steps if any(step.name == "height" for step in chosen.steps) else (*chosen.steps, *kept)
    return Standing(chosen.crs, steps, read_crs, by)


def set_frame(session: Session, crs: str, vertical: str | None = None) -> None:
    """Show the project in another projected CRS; layers keep theirs, what stands in project coordinates goes along.

    Raises
    ------
    UserError
        ``crs.not_projected``, ``crs.unknown``; ``crs_doctor.not_there`` where the CRS cannot hold the city.
    """
    state = session.project.state
    old = state.frame
    if old is None:
        return
    x, y = transformer(old.horizontal, crs).transform(*old.origin[:2], errcheck=False)
    if not np.isfinite([x, y]).all():
        raise UserError("crs_doctor.not_there", crs=crs_label(crs))
    frame = Frame(crs, old.vertical if vertical is None else vertical or None, (round(x), round(y), old.origin[2]))
    from models.crs.doctor.reframed import reframed

    session.history.do("history.set_frame", lambda before: reframed(before, frame))


def keep_crs(session: Session, user_crs: UserCrs) -> None:
    """Keep a CRS that somebody defined in the project; one of the same name is replaced.

    Raises
    ------
    UserError
        ``crs.unknown``; ``crs_doctor.no_name`` for a blank name.
    """
    if not user_crs.name.strip():
        raise UserError("crs_doctor.no_name")
    parse_crs(user_crs.wkt)
    others = tuple(one for one in session.project.state.user_crs if one.name != user_crs.name)
    session.history.do("history.keep_crs", lambda state: replace(state, user_crs=(*others, user_crs)))


def raw_sample(session: Session, layer_id: str) -> Evidence | None:
    """Return a layer's numbers as its file has them, some of them, for previews."""
    layer, data = session.project.state.layer(layer_id), session.project.data_of(layer_id)
    seen = evidence_of(layer, data)
    if seen is None or layer.standing is None:
        return seen
    return replace(seen, points=undo(layer.standing.steps, seen.points), declared=layer.standing.read_crs)
