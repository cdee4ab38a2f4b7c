"""A table of another system as cases: what it says of states, sources, times and codes, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.cases.cases import ROLE, calendar_of, now_us, zone_of
from app.usecases.facilities.coding import set_edition
from models.cases.measures import measured
from models.cases.table import columns_of
from models.core.errors import UserError
from models.layers.layer import VectorData

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class CasesRead:
    """What was understood of a table of cases.

    Parameters
    ----------
    cases : int
    unknown_state : int
        Cases of whose state nobody knows what it means.
    other_states : str
        Such states, the first few.
    without_zone : int
        Times that had no zone and were taken to stand in the project's.
    zone : str
    without_number, twice : int
        Cases without a number; with the number of another case of the project.
    without_place : int
    without_due : int
        Open or closed cases that say no deadline.
    edition : str
        Edition of the class codes as it was stated, empty where it was not: then no class has a name.
    fields : str
        What was found of the fields of cases.
    """

    cases: int
    unknown_state: int
    other_states: str
    without_zone: int
    zone: str
    without_number: int
    twice: int
    without_place: int
    without_due: int
    edition: str
    fields: str

    def as_dict(self) -> dict[str, Any]:
        """Return it by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def take_over(session: Session, layers: Sequence[str], file: str, edition: str = "") -> CasesRead:
    """Let layers that were just read be cases, as one undoable step, and say what was understood.

    Raises
    ------
    UserError
        ``cases.no_cases`` for a table that says neither number nor description; ``facilities.no_edition``.
    """
    found = None
    for layer_id in layers:
        data = session.project.data.get(layer_id)
        if isinstance(data, VectorData) and {"taskNum", "eventDesc"} & set(columns_of(data.fields)):
            found = layer_id
            break
    if found is None:
        raise UserError("cases.no_cases", file=file)
    held = _numbers(session)
    layer = replace(session.project.state.layer(found), role=ROLE)
    session.history.do("history.import_cases", lambda state: state.with_layer(layer))
    if edition:
        set_edition(session, found, edition)
    return report(session, found, held)


def report(session: Session, layer_id: str, held: set[str]) -> CasesRead:
    """Say what is understood of a layer of cases; ``held``: the numbers of other cases."""
    data = session.project.data[layer_id]
    assert isinstance(data, VectorData)  # noqa: S101 - cases are rows
    columns, frame = columns_of(data.fields), data.attributes
    read = measured(frame, calendar_of(session), now_us(), zone_of(session))
    unlisted = read.state == ""
    others = (
        sorted({str(text) for text in frame[columns["state"]][unlisted].dropna()})[:5] if "state" in columns else []
    )
    numbers = read.texts["taskNum"]
    shapes: Any = getattr(data.frame, "geometry", None)
    placeless = len(frame) if shapes is None else int((shapes.isna() | shapes.is_empty).sum())
    boxes = read.times["due_at"]
    return CasesRead(
        len(frame), int(unlisted.sum()), ", ".join(others), read.without_zone, zone_of(session),
        int((numbers == "").sum()), int(np.isin(numbers.astype(str), list(held)).sum()) if held else 0, placeless,
        int((boxes < 0).sum()), session.project.state.layer(layer_id).code_edition, ", ".join(columns),
    )  # fmt: skip


def _numbers(session: Session) -> set[str]:
    held: set[str] = set()
    for layer in session.project.state.with_role(ROLE):
        data = session.project.data.get(layer.id)
        column = columns_of(data.fields).get("taskNum") if isinstance(data, VectorData) else None
        if column is not None and isinstance(data, VectorData):
            held |= set(data.attributes[column].dropna().astype(str))
    return held
