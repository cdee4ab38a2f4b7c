"""The seven steps of a case as data: states, moves, roles and sources, and what other systems call them.

The table is ``resources/standards/cases/steps.toml``; nothing else in the program lists a state or a move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.core.errors import UserError
from resources.standards import standard

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: State of a case of which nobody knows the state, or which the table does not list.
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id and a name in both languages: a step, a role, a source."""

    id: str
    zh: str
    en: str
    words: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class State(Named):
    """What a case can be in.

    Parameters
    ----------
    step : str
        The last of the seven steps that is done.
    owner : str
        Role whose turn it is, empty where nothing is left to do.
    clock : bool
        Whether the deadline runs.
    ended, valid : bool
        Nothing is left to handle; it counts as a case at all (not 作废, not 不立案).
    """

    step: str = ""
    owner: str = ""
    clock: bool = False
    ended: bool = False
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Move(Named):
    """What can be done with a case.

    Parameters
    ----------
    starts : tuple of str
        States in which it can be made.
    to : str
        State that it leads to; empty leaves the state.
    role : str
        Who makes it.
    asks, may : tuple of str
        What has to be said with it: ``"reason"``, ``"note"``, ``"department"``, ``"deadline"``, ``"rating"``; and what
        may be.
    back : bool
        It leads back.
    once_asked : bool or None
        Only while a postponement is asked for (True), or while none is (False).
    """

    starts: tuple[str, ...] = ()
    to: str = ""
    role: str = ""
    asks: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    back: bool = False
    once_asked: bool | None = None


def _named(kind: type[Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def value(key: str, held: Any) -> Any:
        return tuple(held) if isinstance(held, list) else held

    made = [kind(**{("starts" if key == "from" else key): value(key, held) for key, held in row.items()})
            for row in rows]  # fmt: skip
    return {one.id: one for one in made}


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return standard("cases/steps")


@lru_cache(maxsize=1)
def steps() -> Mapping[str, Named]:
    """Return the seven steps (七步) in their order, by id."""
    return _named(Named, _table()["step"])


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Named]:
    """Return the roles by id."""
    return _named(Named, _table()["role"])


@lru_cache(maxsize=1)
def states() -> Mapping[str, State]:
    """Return the states by id, in the order in which a case goes through them."""
    return _named(State, _table()["state"])


@lru_cache(maxsize=1)
def moves() -> Mapping[str, Move]:
    """Return the moves by id, those that lead on first."""
    return _named(Move, _table()["move"])


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Named]:
    """Return the sources of cases by id."""
    return _named(Named, _table()["source"])


def move_of(name: str) -> Move:
    """Return a move by id.

    Raises
    ------
    UserError
        ``cases.no_move``.
    """
    found = moves().get(name)
    if found is None:
        raise UserError("cases.no_move", move=name, known=", ".join(moves()))
    return found


def next_moves(state: str, asked: bool = False) -> tuple[Move, ...]:
    """Return what can be done with a case in a state; ``asked``: a postponement is asked for."""
    return tuple(
        move
        for move in moves().values()
        if state in move.starts and (move.once_asked is None or move.once_asked == asked)
    )


@lru_cache(maxsize=2)
def _meanings(what: str) -> Mapping[str, str]:
    table = states() if what == "state" else sources()
    found: dict[str, str] = {}
    for one in table.values():
        for text in (one.id, one.zh, one.en, *one.words):
            found.setdefault(text.strip().casefold(), one.id)
    return found


def state_of(text: object) -> str:
    """Return the state that a text of any known system says, ``""`` for none that the table lists."""
    return str(ids_of(pd.Series([text], dtype=object), "state")[0])


def ids_of(texts: pd.Series[Any], what: str = "state") -> NDArray[np.object_]:
    """Return the ids of states (or of ``"source"``) that texts or code numbers say, ``""`` for what is not listed."""
    plain = texts.astype(object).where(texts.notna(), "").astype(str).str.strip().str.casefold()
    plain = plain.str.replace(r"^(\d+)\.0$", r"\1", regex=True)  # a code read as a fraction
    return plain.map(_meanings(what)).fillna(UNKNOWN).to_numpy(dtype=object)
