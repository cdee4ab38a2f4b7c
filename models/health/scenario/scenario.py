"""A scenario (现场试算): some facilities elsewhere, some planned, some closed, some rules other than they are.

Nothing of it is in the layers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.project.selection import ObjectKey


@dataclass(frozen=True, slots=True)
class Moved:
    """A facility that stands elsewhere.

    Parameters
    ----------
    key : ObjectKey
    east_m, north_m : float
        By how much, in the project's CRS.
    """

    key: ObjectKey
    east_m: float
    north_m: float

    @property
    def layer(self) -> str:
        """Return the id of its layer."""
        return self.key.layer


@dataclass(frozen=True, slots=True)
class Added:
    """A planned facility.

    Parameters
    ----------
    layer : str
        Id of the layer in which it would stand.
    easting_m, northing_m : float
        In the project's CRS.
    values : tuple of (str, str)
        Field and value: ``("kind", "middle_school")``. Numbers and yes/no are turned into what the layer holds.
    area_m2 : float
        Of its site, laid as a square around the place; 0 for a point.
    """

    layer: str
    easting_m: float
    northing_m: float
    values: tuple[tuple[str, str], ...] = ()
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class Closed:
    """A facility that is no more."""

    key: ObjectKey

    @property
    def layer(self) -> str:
        """Return the id of its layer."""
        return self.key.layer


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A rule with another value.

    Parameters
    ----------
    code : str
        Of the indicator.
    path : str
        ``"benchmark.0"`` or a place among its parameters, ``"radius.1.radius_m"``.
    value : float
    """

    code: str
    path: str
    value: float


#: One thing that is other.
Deed = Moved | Added | Closed | ChangedRule


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is other than it is.

    Parameters
    ----------
    name : str
    moved, added, closed, rules : tuple
    """

    name: str = ""
    moved: tuple[Moved, ...] = ()
    added: tuple[Added, ...] = ()
    closed: tuple[Closed, ...] = ()
    rules: tuple[ChangedRule, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is as it is."""
        return not self.deeds

    @property
    def layers(self) -> frozenset[str]:
        """Return the ids of the layers in which something is other."""
        return frozenset(one.layer for one in self.deeds if not isinstance(one, ChangedRule))

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """Return all that is other."""
        return (*self.moved, *self.added, *self.closed, *self.rules)

    def with_moved(self, moved: Moved) -> Scenario:
        """Return it with one more move; moves of the same facility add up, and one that leads back is none."""
        before = next((one for one in self.moved if one.key == moved.key), None)
        if before is not None:
            moved = Moved(moved.key, before.east_m + moved.east_m, before.north_m + moved.north_m)
        others = tuple(one for one in self.moved if one.key != moved.key)
        return replace(self, moved=(*others, moved) if abs(moved.east_m) + abs(moved.north_m) > 0 else others)

    def without(self, one: Deed) -> Scenario:
        """Return it without one of the things that are other in it."""
        return replace(
            self,
            moved=tuple(own for own in self.moved if own is not one),
            added=tuple(own for own in self.added if own is not one),
            closed=tuple(own for own in self.closed if own is not one),
            rules=tuple(own for own in self.rules if own is not one),
        )

    def with_rule(self, change: ChangedRule) -> Scenario:
        """Return it with a rule changed, in the place of an earlier change of the same."""
        others = tuple(one for one in self.rules if (one.code, one.path) != (change.code, change.path))
        return replace(self, rules=(*others, change))
