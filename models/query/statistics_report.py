"""The contents of the statistics panel for some rows of a table, computed in one call on a job thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.core.field_kinds import kind_of
from models.core.progress import Progress
from models.query import statistics, values
from models.query.columns import Columns
from models.query.statistics import Bar, Box, Figures, Group
from models.query.values import Value

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Charts: "histogram" and "bars" of one field, "scatter" of two, "box" by group.
CHARTS = ("bars", "histogram", "scatter", "box")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a field, perhaps a second one (scatter), perhaps groups, and how it is drawn.

    Parameters
    ----------
    layer : str
    field : str
        Empty counts rows alone.
    other : str
        Second field of a scatter.
    by : str
        Field that makes groups, empty for none.
    chart : str
        One of :data:`CHARTS`.
    figure : str
        Height of bars by group: a figure of :class:`models.query.statistics.Figures`.
    bins : int
        Of a histogram; 0 lets the data choose.
    """

    layer: str
    field: str = ""
    other: str = ""
    by: str = ""
    chart: str = "bars"
    figure: str = "count"
    bins: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """The answer. Rows are numbers into ``oids``."""

    question: Question
    oids: Rows
    is_number: bool
    #: Whether the bars are those of a histogram: ranges of numbers in their order, on an axis of numbers.
    is_histogram: bool
    whole: Figures
    groups: tuple[Group, ...] = ()
    bars: tuple[Bar, ...] = ()
    boxes: tuple[Box, ...] = ()
    x: Floats | None = None
    y: Floats | None = None
    point_rows: Rows | None = None


def report(columns: Columns, question: Question, rows: Rows | None = None, progress: Progress | None = None) -> Report:
    """Work out figures and a chart of some rows (all where None)."""
    progress = progress or Progress()
    oids = columns.oids if rows is None else columns.oids[rows]
    count = len(oids)
    value = _taken(columns, question.field, rows) if question.field else _ones(count)
    whole = statistics.figures(value, count)
    progress.step(0.3)
    by = _taken(columns, question.by, rows) if question.by else None
    made = statistics.groups(value, by, count) if by is not None else []
    progress.step(0.6)
    number = value.kind == "number" and bool(question.field)
    # Bars of a measured field are ranges in their order, never single values sorted by how often they occur.
    ranges = number and (
        question.chart == "histogram"
        or (question.chart == "bars" and by is None and _is_measured(question.field, value))
    )
    answer = {"question": question, "oids": oids, "is_number": number, "is_histogram": ranges, "whole": whole,
              "groups": tuple(made)}  # fmt: skip
    if question.chart == "scatter" and question.other:
        other = _taken(columns, question.other, rows)
        if number and other.kind == "number":
            both = np.flatnonzero(np.broadcast_to(value.known & other.known, count))
            x, y = (values.as_float(one)[both] for one in (value, other))
            return Report(**answer, x=x, y=y, point_rows=both)  # type: ignore[arg-type]
    elif question.chart == "box" and number:
        grouped = made or [Group("", np.arange(count), whole)]
        return Report(**answer, boxes=tuple(statistics.boxes(value, grouped, count)))  # type: ignore[arg-type]
    elif ranges:
        return Report(**answer, bars=tuple(statistics.histogram(value, count, question.bins)))  # type: ignore[arg-type]
    elif question.chart in ("bars", "histogram"):
        figure = question.figure if by is not None and number else "count"
        of = value if by is not None and number else _ones(count)
        if not made and question.field:  # one bar a value
            made = statistics.groups(of, value, count)
        ordered = (by if by is not None else value).kind == "number" and kind_of(
            question.by or question.field
        ).id != "code"
        drawn = statistics.bars(made, of, count, figure, ordered=ordered and bool(question.by or question.field))
        return Report(**answer, bars=tuple(drawn))  # type: ignore[arg-type]
    return Report(**answer)  # type: ignore[arg-type]


def _is_measured(field: str, value: Value) -> bool:
    """Whether numbers are measured or counted: those of a code are names, of which each is a category."""
    return kind_of(field).id != "code" and value.kind == "number"


def _taken(columns: Columns, field: str, rows: Rows | None) -> Value:
    value = columns.value(field)
    if rows is None:
        return value
    if value.kind == "text":
        import pyarrow as pa

        return values.text(value.data.take(pa.array(rows)))
    return Value(value.kind, value.data[rows], value.known[rows])


def _ones(count: int) -> Value:
    return values.number(np.ones(count, np.int64), np.ones(count, bool))
