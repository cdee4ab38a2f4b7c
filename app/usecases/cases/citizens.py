"""Messages of citizens (12345) brought into a project: classed, placed, grouped, held against cases; made cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.cases.cases import file as file_case
from models.cases.citizens.rules import MessageRules, message_rules
from models.cases.draft import CaseDraft
from models.core.errors import UserError
from models.layers.layer import Layer, Source, VectorData, new_layer_id
from resources.words import word

if TYPE_CHECKING:
    import pandas as pd

    from app.background.jobs import Job
    from app.session import Session
    from models.cases.citizens.placing import Gazetteer
    from models.core.progress import Progress
    from models.project.project import ProjectState
    from models.roles import Role

#: Option of the layer that holds messages.
MESSAGES = "citizen_messages"
#: Layers whose names say a point, and those whose names say a road or a unit.
_POINTS: tuple[Role, ...] = (
    "buildings", "parcels", "green", "amenities", "sites", "heritage", "water", "bridges", "structures", "events",
)  # fmt: skip
_UNITS: tuple[Role, ...] = ("communities", "districts")


@dataclass(frozen=True, slots=True)
class Measured:
    """How the rules did against classes that somebody gave.

    Parameters
    ----------
    name : str
    right, told, given : int
        Messages that have the class by both, by the rules, by the table.
    """

    name: str
    right: int
    told: int
    given: int

    @property
    def precision(self) -> float | None:
        """Return the share of those told that are right; None where none was told."""
        return self.right / self.told if self.told else None

    @property
    def recall(self) -> float | None:
        """Return the share of those given that were told; None where none was given."""
        return self.right / self.given if self.given else None


@dataclass(frozen=True, slots=True)
class Citizens:
    """What came of an import.

    Parameters
    ----------
    layer : str
        Id of the layer of messages.
    count : int
    classes, placed, districts, months : mapping of str to int
        By class (empty: no rule), by kind of place (empty: could not be placed), by sub-district, by month.
    matters : int
        Groups of messages that speak of one matter.
    cases : mapping of str to int
        Number of case → messages that speak of it.
    bare_times : int
        Times without a zone, taken to be in the project's.
    measured : tuple of Measured
        Empty where the table gives no classes.
    """

    layer: str
    count: int
    classes: Mapping[str, int]
    placed: Mapping[str, int]
    districts: Mapping[str, int]
    months: Mapping[str, int]
    matters: int
    cases: Mapping[str, int]
    bare_times: int
    measured: tuple[Measured, ...] = ()

    @property
    def unplaced_share(self) -> float | None:
        """Return the share of messages that could not be placed, 0…1; None where there are none."""
        return self.placed.get("", 0) / self.count if self.count else None


def bring_in(
    session: Session, path: Path, rules: MessageRules | None = None, *, personal: bool = False,
    done: Callable[[Citizens], object] | None = None,
) -> Job:  # fmt: skip
    """Read a table of messages into a layer; one undoable step.

    Parameters
    ----------
    session : Session
    path : Path
        CSV, XLSX or ODS.
    rules : MessageRules, optional
        The program's set ``matters`` where none are given.
    personal : bool
        Whether to keep who wrote them and what numbers stand in the texts.
    done : callable, optional

    Raises
    ------
    UserError
        ``citizens.no_frame``; from the job what reading raises.
    """
    state = session.project.state
    if state.frame is None:
        raise UserError("citizens.no_frame")
    used, crs, zone = rules or message_rules(), state.frame.horizontal, state.operations.zone.name
    path = Path(path)

    def work(progress: Progress) -> tuple[Any, Citizens]:
        import geopandas as gpd

        from models.cases.citizens.table import messages_of
        from models.io.text_table import read_texts

        progress.step(0.05, "progress.io.reading")
        found, bare = messages_of(read_texts(path), path.name, zone, personal=personal)
        progress.step(0.2, "progress.citizens.classing")
        found["class"] = used.classes(found["subject"].tolist(), found["text"].tolist())
        progress.step(0.4, "progress.citizens.placing")
        placed = _placed(found, gazetteer_of(session, crs), progress)
        xy = placed[["x", "y"]].to_numpy(np.float64)
        found["place"], found["place_kind"] = placed["name"], placed["kind"]
        found["district"] = _districts(session, crs, xy)
        progress.step(0.8, "progress.citizens.grouping")
        found["matter"] = _matters(found, xy)
        found["matter_count"] = found.groupby("matter")["matter"].transform("size")
        found["case"] = _cases_of(session, crs, found, xy, used, zone)
        report = _report(found, used, bare, zone)
        found["time"] = _iso(found["time_us"].to_numpy(np.int64), zone)
        shapes = gpd.points_from_xy(xy[:, 0], xy[:, 1])
        shapes = [
            shape if is_known else None for shape, is_known in zip(shapes, np.isfinite(xy).all(axis=1), strict=True)
        ]
        kept = found.drop(columns=[] if personal else ["user"]).drop(columns="time_us")
        kept.index = kept.index + 1
        kept.index.name = "fid"
        return gpd.GeoDataFrame(kept, geometry=gpd.GeoSeries(shapes, index=kept.index, crs=crs)), report

    def finish(made: tuple[Any, Citizens]) -> None:
        frame, report = made
        layer = Layer(
            new_layer_id("messages"), word("citizens.layer", "zh"), "vector", "other",
            Source(options={MESSAGES: used.name}), name_en=word("citizens.layer", "en"), data_source=path.name,
        )  # fmt: skip
        session.project.put_data(layer.id, VectorData(frame))
        session.history.do("history.citizens", lambda state: state.with_layer(layer))
        session.notices.info(
            "notice.citizens", count=report.count, unplaced=report.placed.get("", 0), matters=report.matters
        )
        if done is not None:
            done(replace(report, layer=layer.id))

    return session.run("job.citizens", work, finish, file=path.name)


def gazetteer_of(session: Session, crs: str) -> Gazetteer:
    """Return the names of the city's own layers, in a CRS."""
    import shapely

    from models.cases.citizens.placing import POINT, ROAD, UNIT, Gazetteer, Place

    places = []
    for roles, kind in ((_POINTS, POINT), (("roads",), ROAD), (_UNITS, UNIT)):
        for layer in session.project.state.layers:
            data = session.project.data.get(layer.id)
            if layer.role not in roles or not isinstance(data, VectorData) or "name" not in data.fields:
                continue
            frame: Any = data.frame
            if "geometry" not in frame.columns:
                continue
            frame = frame[frame["name"].notna() & frame.geometry.notna()]
            shapes = frame.geometry if frame.crs is None or frame.crs == crs else frame.to_crs(crs).geometry
            if kind == ROAD:
                points, at = shapely.get_coordinates(shapes.array, return_index=True)
                cuts = np.searchsorted(at, np.arange(len(frame) + 1))
                parts = [points[start:end] for start, end in pairwise(cuts)]
            else:
                parts = [point[None] for point in shapely.get_coordinates(shapely.centroid(shapes.array))]
            places += [Place(str(name), kind, part) for name, part in zip(frame["name"], parts, strict=True)]
    return Gazetteer(places)


def draft_of(session: Session, layer_id: str, oid: int) -> CaseDraft:
    """Return what a case would be made of from a message.

    Raises
    ------
    UserError
        ``project.no_object``.
    """
    from models.cases.times import us_of

    data = session.project.data_of(layer_id)
    if not isinstance(data, VectorData) or oid not in data.attributes.index:
        raise UserError("project.no_object", layer=layer_id, oid=oid)
    row = data.row(oid)
    shape = row.get("geometry")
    at = None if shape is None or shape.is_empty else (float(shape.x), float(shape.y), 0.0)
    text = str(row.get("subject") or row.get("text") or "")
    zone = session.project.state.operations.zone.name
    return CaseDraft(
        text, "hotline", str(row.get("number") or oid), at, str(row.get("address") or row.get("place") or ""),
        reported_us=us_of(row.get("time"), zone) or 0,
    )  # fmt: skip


def file_message(session: Session, layer_id: str, oid: int) -> str:
    """Make a case of a message and return its number; the same message gives the same case.

    Raises
    ------
    UserError
        As :func:`draft_of` and :func:`app.usecases.cases.cases.file`.
    """
    return file_case(session, draft_of(session, layer_id, oid))


def _placed(found: pd.DataFrame, gazetteer: Gazetteer, progress: Progress) -> pd.DataFrame:
    import pandas as pd

    rows = []
    columns = found["address"].tolist(), found["subject"].tolist(), found["text"].tolist()
    for number, texts in enumerate(zip(*columns, strict=True)):
        if number % 2_000 == 0:
            progress.step(0.4 + 0.4 * number / len(found))
        placed = gazetteer.place(texts)
        rows.append((placed.name, placed.kind, placed.x, placed.y))
    return pd.DataFrame(rows, columns=["name", "kind", "x", "y"])


def _districts(session: Session, crs: str, xy: Any) -> Any:
    """Return the name of the sub-district of each point, empty where there is none."""
    import shapely

    made = np.full(len(xy), "", dtype=object)
    state: ProjectState = session.project.state
    for layer in state.with_role("districts"):
        data = session.project.data.get(layer.id)
        if not isinstance(data, VectorData) or "name" not in data.fields:
            continue
        frame: Any = data.frame
        shapes = frame.geometry if frame.crs is None or frame.crs == crs else frame.to_crs(crs).geometry
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        points, areas = shapely.STRtree(shapes.array).query(shapely.points(xy[known]), predicate="intersects")
        made[known[points]] = frame["name"].astype(str).to_numpy(dtype=object)[areas]
    return made


def _matters(found: pd.DataFrame, xy: Any) -> Any:
    from models.cases.citizens.grouping import groups

    return groups(
        xy, found["time_us"].to_numpy(np.int64), found["class"].to_numpy(dtype=object),
        found["subject"].to_numpy(dtype=object),
    )  # fmt: skip


def _cases_of(session: Session, crs: str, found: pd.DataFrame, xy: Any, rules: MessageRules, zone: str) -> Any:
    """Return the number of the case that each message speaks of, empty for none."""
    import shapely

    from models.cases.citizens.grouping import speaking_of
    from models.cases.times import moments

    made = np.full(len(found), "", dtype=object)
    for layer in session.project.state.with_role("cases"):
        data = session.project.data.get(layer.id)
        wanted = {"taskNum", "reported_at"}
        if not isinstance(data, VectorData) or not wanted <= set(data.fields):
            continue
        frame: Any = data.frame
        frame = frame[frame.geometry.notna()]
        shapes = frame.geometry if frame.crs is None or frame.crs == crs else frame.to_crs(crs).geometry
        case_us, _ = moments(frame["reported_at"], zone)
        codes = frame["class_code"].astype(str).to_numpy(dtype=object) if "class_code" in frame.columns else None
        fits = np.ones((len(found), len(frame)), dtype=bool)
        for row in rules.rows:
            if row.codes and codes is not None:
                of_class = (found["class"] == row.name).to_numpy()
                fits[of_class] = np.isin(codes, row.codes)[None]
        points = shapely.get_coordinates(shapely.centroid(shapes.array))
        at = speaking_of(xy, found["time_us"].to_numpy(np.int64), points, case_us, fits)
        fresh = (at >= 0) & (made == "")
        made[fresh] = frame["taskNum"].astype(str).to_numpy(dtype=object)[at[fresh]]
    return made


def _iso(time_us: Any, zone: str) -> list[str | None]:
    from models.cases.deadline import NONE_US
    from models.timeline.zone import iso

    return [None if value == NONE_US else iso(int(value), zone) for value in time_us]


def _report(found: pd.DataFrame, rules: MessageRules, bare: int, zone: str) -> Citizens:
    months = Counter("" if text is None else text[:7] for text in _iso(found["time_us"].to_numpy(np.int64), zone))
    given = found["label"].to_numpy(dtype=object)
    told = found["class"].to_numpy(dtype=object)
    names = [row.name for row in rules.rows]
    measured = tuple(
        Measured(name, int(((told == name) & (given == name)).sum()), int((told == name).sum()),
                 int((given == name).sum()))
        for name in names
    )  # fmt: skip
    spoken = Counter(found["case"])
    spoken.pop("", None)
    return Citizens(
        "", len(found), dict(Counter(told)), dict(Counter(found["place_kind"])), dict(Counter(found["district"])),
        dict(sorted(months.items())), int(found["matter"].nunique()), dict(spoken.most_common()), bare,
        measured if np.isin(given, names).any() else (),
    )  # fmt: skip
