"""The cases of a project as rows of a list: the overdue first, then the near, then by deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.cases.rates import CaseBook, book_of
from models.cases.deadline import NONE_US
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.session import Session

#: Lights in the order in which cases need somebody.
LIGHTS = ("red", "yellow", "unknown", "green", "")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of a list."""

    key: ObjectKey
    number: str
    state: str
    light: str
    description: str
    address: str
    department: str
    district: str
    class_code: str
    reported_us: int | None
    due_us: int | None


def rows_of(
    session: Session, book: CaseBook | None = None, *, states: Sequence[str] = (), red: bool = False, text: str = "",
    most: int = 0, among: Any = None,
) -> list[CaseRow]:  # fmt: skip
    """Return cases as rows.

    Parameters
    ----------
    session : Session
    book : CaseBook, optional
    states : sequence of str
        Ids; empty for all.
    red : bool
        Only those that are overdue.
    text : str
        Part of number, description, address or department.
    most : int
        How many at the most; 0 for all.
    among : ndarray of bool, optional
    """
    book = book or book_of(session)
    places = places_of(book, states=states, red=red, text=text, among=among)
    return rows_at(book, places[:most] if most else places)


def places_of(
    book: CaseBook, *, states: Sequence[str] = (), red: bool = False, text: str = "", among: Any = None
) -> np.ndarray:
    """Return the places of cases in a book, in the order of the list."""
    told = book.measures
    chosen = np.ones(len(told.oids), bool) if among is None else np.asarray(among, bool).copy()
    if states:
        chosen &= np.isin(told.state, list(states))
    if red:
        chosen &= told.light == "red"
    wanted = text.strip().casefold()
    if wanted:
        found = np.zeros(len(chosen), bool)
        for name in ("taskNum", "eventDesc", "address", "department"):
            found |= np.char.find(np.char.lower(told.texts[name].astype(str)), wanted) >= 0
        chosen &= found
    rank = np.select([told.light == light for light in LIGHTS], range(len(LIGHTS)), len(LIGHTS))
    due = np.where(told.times["due_at"] == NONE_US, np.iinfo(np.int64).max, told.times["due_at"])
    ended = np.where(told.light == "", -told.times["reported_at"].clip(0), due)  # of the rest the newest first
    order = np.lexsort((ended, rank))
    return np.asarray(order[chosen[order]])


def rows_at(book: CaseBook, places: np.ndarray) -> list[CaseRow]:
    """Return rows for places in a book."""
    told = book.measures

    def moment(name: str, at: int) -> int | None:
        value = int(told.times[name][at])
        return None if value == NONE_US else value

    texts = told.texts
    return [
        CaseRow(
            ObjectKey(str(book.layers[at]), int(told.oids[at])), str(texts["taskNum"][at]), str(told.state[at]),
            str(told.light[at]), str(texts["eventDesc"][at]), str(texts["address"][at]), str(texts["department"][at]),
            str(texts["district_code"][at]), str(texts["class_code"][at]), moment("reported_at", at),
            moment("due_at", at),
        )
        for at in places.tolist()
    ]  # fmt: skip
