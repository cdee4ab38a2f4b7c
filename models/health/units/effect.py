"""Which check units hold now: codes of administrative units, as tables have them, led to the units and back."""

from __future__ import annotations

from collections import Counter

from models.health.units.unit_sets import UnitSet
from models.project.project import ProjectState


def sets_in_effect(state: ProjectState, role: str) -> tuple[UnitSet, ...]:
    """Return the sets whose layer has a role, ``"communities"`` or ``"districts"``."""
    shown = {layer.id for layer in state.with_role(role)}
    return tuple(one for one in state.health.unit_sets if one.layer in shown)


def members_of_unit(state: ProjectState, code: str) -> tuple[str, ...]:
    """Return the codes of the administrative units in a check unit that holds now; the code itself where it is none."""
    for role in ("communities", "districts"):
        for units in sets_in_effect(state, role):
            for unit in units.units:
                if unit.code == code:
                    return unit.members
    return (code,)


def unit_of_member(state: ProjectState, role: str) -> dict[str, str]:
    """Return the check unit of each administrative unit that lies in one whole, where a set stands in its place.

    Parameters
    ----------
    state : ProjectState
    role : str
        ``"communities"`` or ``"districts"``.
    """
    found: dict[str, str] = {}
    for units in sets_in_effect(state, role):
        owned = Counter(member for unit in units.units for member in unit.members)
        found |= {member: unit.code for unit in units.units for member in unit.members if owned[member] == 1}
    return found
