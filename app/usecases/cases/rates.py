"""Lists and rates of all cases of the project, and what a city sets of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from app.usecases.cases.cases import ROLE, calendar_of, now_us, zone_of
from models.cases import rates as model
from models.cases.deadline import CaseLimit, YearDays
from models.cases.denominator import Denominator
from models.cases.measures import Measures, measured
from models.layers.layer import VectorData

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class CaseBook:
    """All cases of a project at a moment.

    Parameters
    ----------
    measures : Measures
    layers : ndarray of object
        Layer id of each.
    as_of_us : int
    """

    measures: Measures
    layers: np.ndarray
    as_of_us: int


def inputs_of(session: Session) -> list[tuple[str, VectorData]]:
    """Return the tables of cases with their layers' ids, to be read off the UI thread."""
    found: list[tuple[str, VectorData]] = []
    for layer in session.project.state.with_role(ROLE):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData):
            found.append((layer.id, data))
    return found


def book_of(session: Session, as_of_us: int = 0) -> CaseBook:
    """Return all cases of the project; of the layers of role ``cases`` together."""
    return make_book(*book_asked(session, as_of_us))


def book_asked(session: Session, as_of_us: int = 0) -> tuple[Any, ...]:
    """Return what :func:`make_book` needs, taken on the thread of the session."""
    districts = [session.project.data.get(layer.id) for layer in session.project.state.with_role("districts")]
    return inputs_of(session), calendar_of(session), as_of_us or now_us(), zone_of(session), districts


def make_book(tables: Any, calendar: Any, as_of_us: int, zone: str, districts: Any) -> CaseBook:
    """Read tables of cases; takes no session, so that it may run off the UI thread."""
    frames, layers = [], []
    for layer_id, data in tables:
        frame = data.attributes
        if "district_code" not in frame.columns or frame["district_code"].isna().any():
            frame = frame.assign(district_code=_districts(data, frame, districts))
        frames.append(measured(frame, calendar, as_of_us, zone))
        layers.append(np.full(len(frame), layer_id, object))
    if not frames:
        frames, layers = [measured(pd.DataFrame({"state": []}), calendar, as_of_us, zone)], [np.zeros(0, object)]
    return CaseBook(_joined(frames), np.concatenate(layers), as_of_us)


def rates(
    session: Session, by: str = "all", book: CaseBook | None = None, since: str = "", until: str = ""
) -> list[model.Rate]:
    """Return the rates of the project's cases, by :data:`models.cases.rates.GROUPS`.

    Parameters
    ----------
    session : Session
    by : str
    book : CaseBook, optional
        Read already.
    since, until : str
        First and last month of the report, ``"2025-07"``; empty for no bound. Cases without a month are then left out.
    """
    book = book or book_of(session)
    defs = model.rate_defs(session.project.state.operations.case_denominators)
    return model.rates(book.measures, defs, by, among=in_months(book, since, until))


def in_months(book: CaseBook, since: str = "", until: str = "") -> np.ndarray:
    """Return which cases were reported in some months."""
    month = book.measures.month.astype(str)
    found = np.ones(len(month), bool)
    if since or until:
        found = (month != "") & (month >= since) & ((month <= until) if until else True)
    return found


def set_denominator(session: Session, one: Denominator) -> None:
    """Say which cases a rate is taken of, with the document that says so; one undoable step.

    Raises
    ------
    UserError
        As :func:`models.cases.rates.checked`.
    """
    model.checked(one)
    _put(session, "case_denominators", lambda held: (*(old for old in held if old.rate != one.rate), one))


def clear_denominator(session: Session, rate: str) -> None:
    """Take a denominator of the city back."""
    _put(session, "case_denominators", lambda held: tuple(old for old in held if old.rate != rate))


def set_limits(session: Session, limits: Sequence[CaseLimit]) -> None:
    """Set the time limits of the city, before those of the program."""
    _put(session, "case_limits", lambda _: tuple(limits))


def set_year(session: Session, one: YearDays) -> None:
    """Say which days of a year are worked, where the program does not know."""
    _put(session, "case_years", lambda held: (*(old for old in held if old.year != one.year), one))


def _put(session: Session, name: str, change: Any) -> None:
    def changed(state: Any) -> Any:
        held = state.operations
        return replace(state, operations=replace(held, **{name: change(getattr(held, name))}))

    session.history.do("history.case_rules", changed)


def _districts(data: VectorData, frame: pd.DataFrame, districts: Any) -> pd.Series[Any]:
    """Return the sub-district of each case: as the table says, else that in which it lies."""
    import shapely

    said = frame["district_code"] if "district_code" in frame.columns else pd.Series(None, frame.index, dtype=object)
    found = said.astype(object).where(said.notna(), "").to_numpy(dtype=object).copy()
    shapes: Any = getattr(data.frame, "geometry", None)
    for units in districts:
        if not isinstance(units, VectorData) or "code" not in units.fields or shapes is None:
            continue
        areas: Any = units.frame
        if areas.crs is not None and shapes.crs is not None and areas.crs != shapes.crs:
            areas = areas.to_crs(shapes.crs)
        open_rows = np.flatnonzero(found == "")
        tree = shapely.STRtree(areas.geometry.to_numpy())
        points = shapes.to_numpy()[open_rows]
        there = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
        row, area = tree.query(points[there], predicate="intersects")
        found[open_rows[there[row]]] = areas["code"].astype(str).to_numpy(dtype=object)[area]
    return pd.Series(found, frame.index, dtype=object)


def _joined(parts: list[Measures]) -> Measures:
    def joined(name: str) -> Any:
        held = [getattr(part, name) for part in parts]
        if isinstance(held[0], dict):
            return {key: np.concatenate([one[key] for one in held]) for key in held[0]}
        return sum(held) if isinstance(held[0], int) else np.concatenate(held)

    return parts[0] if len(parts) == 1 else Measures(**{name: joined(name) for name in Measures.__dataclass_fields__})
