"""Check units as people make them: proposals and accepted versions, values that the project's state holds.

Invariants
----------
1. A set is whole in itself: members by business key, and shapes, so that an old version can be looked at, compared and
   taken up again whatever became of the layers from which it was made.
2. There is at most one draft a level. Accepting one gives it the next number; a version never changes afterwards.
3. A population that nobody knows is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Version of a set that nobody has accepted yet.
DRAFT = 0


@dataclass(frozen=True, slots=True)
class CheckUnit:
    """One check unit.

    Parameters
    ----------
    code : str
        Business key; that of its member where it is one whole community or sub-district.
    members : tuple of str
        Codes of the communities, sub-districts or buildings of which it is made; of those that it holds in part too.
    reason : str
        ``"kept"``, ``"merged"``, ``"split"``, ``"temporary"``, ``"renewal"``; ``"by_hand"`` after a person's edit.
    population : float or None
        People.
    population_from : str
        How it is known: ``"stated"`` by the members' own field, or the share of it by ``"floor_area"`` of dwellings,
        ``"parcel_area"`` of residential land or plain ``"area"``; empty where it is not known.
    area_m2 : float
    shape : str
        WKB in hexadecimal, in the CRS of the set.
    districts : tuple of str
        Codes of the sub-districts in which its members lie; of more than one it crosses their border.
    advice : str
        Why it could not be made to fit: ``"no_neighbour"``, ``"no_partner"`` (every neighbour would make it too large),
        ``"other_district"`` (only neighbours across the border would do), ``"barrier"`` (only neighbours beyond one),
        ``"no_line"`` (nothing to divide it along); empty.
    name, name_en : str
    """

    code: str
    members: tuple[str, ...]
    reason: str
    population: float | None
    population_from: str
    area_m2: float
    shape: str
    districts: tuple[str, ...] = ()
    advice: str = ""
    name: str = ""
    name_en: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language; its code where it has none."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


@dataclass(frozen=True, slots=True)
class UnitSet:
    """The check units of one level: a draft, or a version that was accepted.

    Parameters
    ----------
    level : str
    version : int
        :data:`DRAFT`, or 1, 2 …
    crs : str
        Of the shapes.
    units : tuple of CheckUnit
    made_on : str
        ISO 8601.
    made_by : str
    layer : str
        Id of the layer that shows it, empty for none.
    from_layer : str
        Id of the layer of members.
    """

    level: str
    version: int
    crs: str
    units: tuple[CheckUnit, ...]
    made_on: str = ""
    made_by: str = ""
    layer: str = ""
    from_layer: str = ""


@dataclass(frozen=True, slots=True)
class StoodAside:
    """An administrative layer whose place a set of check units took.

    Parameters
    ----------
    layer : str
        Its id.
    role : str
        The role that it had.
    visible : bool
        Whether it was shown.
    """

    layer: str
    role: str
    visible: bool


@dataclass(frozen=True, slots=True)
class SampledUnit:
    """What of a unit was drawn as a random sample (抽样): its figures are estimates.

    Parameters
    ----------
    level, unit_code : str
    indicator : str
        Empty for all of the unit.
    drawn, total : int
        How many objects were drawn at random, and of how many.
    said_by, said_on : str
    """

    level: str
    unit_code: str
    indicator: str
    drawn: int
    total: int
    said_by: str = ""
    said_on: str = ""
