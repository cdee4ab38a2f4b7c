"""Which check units hold now: codes of administrative units, as tables have them, led to the units and back.

A school names the community that it serves, a record of a check the community that was looked at. When a check unit
takes the place of that community, the table still has the administrative code; so it is read as the unit's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from models.health.partition import MEMBER, MEMBERS
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


#: Fields that name a unit of a role, in tables of any other role; one cell may name several.
UNIT_CODES: Mapping[str, str] = {"community_code": "communities", "district_code": "districts"}
_BETWEEN = r"[,;，；、\s]+"


class UnitsInEffect:
    """Leads codes of administrative units to the check units that hold now; without any, tables stay as they are.

    Parameters
    ----------
    state : ProjectState
    """

    def __init__(self, state: ProjectState) -> None:
        found = {role: unit_of_member(state, role) for role in UNIT_CODES.values()}
        self._units = {role: codes for role, codes in found.items() if codes}
        self._divided = {
            role: frozenset(member for held in sets_in_effect(state, role) for unit in held.units
                            for member in unit.members) - set(codes)
            for role, codes in found.items()
        }  # fmt: skip

    def led(self, frame: pd.DataFrame, *, are_records: bool = False) -> pd.DataFrame:
        """Return a table in which its codes of administrative units are those of the units that hold now.

        Codes of units that were divided are left out: which part is meant is told by the place alone.

        Parameters
        ----------
        frame : DataFrame
        are_records : bool
            Check records: communities that were looked at are led too, with :data:`MEMBER` and :data:`MEMBERS`.
        """
        for name, role in UNIT_CODES.items():
            held = self._units.get(role, {}) | dict.fromkeys(self._divided[role], "")
            if name in frame.columns and held:
                frame = frame.assign(**{name: _led(frame[name], held)})
        communities = self._units.get("communities")
        if not (are_records and communities and "object_code" in frame.columns):
            return frame
        own = frame["object_code"].astype("str").str.strip()
        kinds = frame["object_kind"] if "object_kind" in frame.columns else pd.Series("", frame.index)
        units = own.map(communities).where(kinds.fillna("").astype("str").str.strip().isin(["", "community"]))
        size = units.map(Counter(communities.values()))
        return frame.assign(object_code=units.fillna(own)).assign(
            **{MEMBER: own}, **{MEMBERS: size.fillna(1).astype("int64")}
        )


def _led(column: pd.Series, units: Mapping[str, str]) -> pd.Series:
    """Return a column of codes, each cell of one code or several, in the codes of other units."""
    texts = column.astype("str").str.strip()
    one = texts.map(units)
    several = texts.str.contains(_BETWEEN, regex=True) & column.notna()
    parts = texts[several].str.split(_BETWEEN, regex=True).explode()
    joined = (
        parts.map(units).fillna(parts).groupby(level=0).agg(lambda codes: ",".join(filter(None, dict.fromkeys(codes))))
    )
    return one.fillna(joined).fillna(column.astype(object))
