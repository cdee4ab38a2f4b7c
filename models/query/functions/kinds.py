"""What a function of expressions is: how many arguments it takes, of which kinds, and what it does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models.core.errors import UserError
from models.query.values import Value

Make = Callable[["Context", Sequence[Value]], Value]


@dataclass(frozen=True, slots=True)
class Context:
    """Where a function stands, for its complaints, how many rows there are, and what a unit of places is in metres."""

    name: str
    places: tuple[int, ...]
    count: int
    unit_m: float = 1.0

    def refuse(self, argument: int, wanted: str, found: str) -> UserError:
        """Return the complaint that an argument is of the wrong kind."""
        return UserError("ask.argument", name=self.name, wanted=wanted, found=found, at=self.places[argument])

    def constant(self, arguments: Sequence[Value], at: int) -> Any:
        """Return the plain value of an argument that must be the same for all rows.

        Raises
        ------
        UserError
            ``ask.constant``.
        """
        if not arguments[at].is_constant:
            raise UserError("ask.constant", name=self.name, at=self.places[at])
        return arguments[at].one


@dataclass(frozen=True, slots=True)
class Function:
    """One function: the fewest and most arguments, their kinds (the last counts for all further ones), what it does.

    A kind is one of :data:`models.query.values.KINDS`, several with a stroke between them, or ``"any"`` for all but
    geometries.
    """

    least: int
    most: int
    kinds: tuple[str, ...]
    make: Make

    def wanted(self, argument: int) -> tuple[str, ...]:
        """Return the kinds that an argument may have, empty for all but geometries."""
        kind = self.kinds[min(argument, len(self.kinds) - 1)]
        return () if kind == "any" else tuple(kind.split("|"))
