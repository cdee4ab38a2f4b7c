"""Codes of units that are made: the same members have the same code as in an earlier set, others a new one."""

from __future__ import annotations

from models.health.state import HealthState
from models.health.units.rules import Level


class UnitCodes:
    """Gives codes that no unit of a level has.

    Parameters
    ----------
    health : HealthState
        Draft and versions, whose codes are taken.
    level : Level
    """

    def __init__(self, health: HealthState, level: Level) -> None:
        self._prefix = level.prefix
        earlier = [unit for one in health.unit_sets if one.level == level.id for unit in one.units]
        self._known = {(unit.members, unit.reason): unit.code for unit in earlier if unit.reason in _SAME}
        numbers = [unit.code.removeprefix(self._prefix) for unit in earlier if unit.code.startswith(self._prefix)]
        self._last = max((int(one) for one in numbers if one.isascii() and one.isdecimal()), default=0)

    def of(self, members: tuple[str, ...], reason: str) -> str:
        """Return the code of a unit of some members: the one that it had, where it was made for the same reason."""
        key = members, reason
        if key not in self._known:
            self._known[key] = self.new()
        return self._known[key]

    def new(self) -> str:
        """Return a code that is not taken."""
        self._last += 1
        return f"{self._prefix}{self._last:04d}"


#: Reasons by which the members say all of the shape.
_SAME = ("merged", "temporary")
