"""What is selected: one small set of object keys that every view shows and asks to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from psygnal import Signal


class ObjectKey(NamedTuple):
    """The stable name of one thing in the project.

    Parameters
    ----------
    layer : str
        Layer id.
    oid : int
        Feature id (``fid`` of the GeoPackage table) or row of an IFC model's element table.
    """

    layer: str
    oid: int


@dataclass(frozen=True, slots=True)
class SelectionSet:
    """A selection that was given a name: a rule that is asked anew each time, or the very objects.

    Parameters
    ----------
    name : str
        Unique in the project.
    rule : str
        Text of a rule (:mod:`models.bim.rules`), which looks into every building model; empty for explicit objects.
    keys : tuple of ObjectKey
    """

    name: str
    rule: str = ""
    keys: tuple[ObjectKey, ...] = ()


class Selection:
    """The selected objects, in the order they were picked.

    Signals
    -------
    changed : (frozenset of ObjectKey before, frozenset after)
    """

    changed = Signal(frozenset, frozenset)

    def __init__(self) -> None:
        self._keys: tuple[ObjectKey, ...] = ()

    @property
    def keys(self) -> tuple[ObjectKey, ...]:
        """Return the selected keys in the order they were picked."""
        return self._keys

    def set(self, keys: Iterable[ObjectKey]) -> None:
        """Select exactly these; silent if nothing changes."""
        fresh = tuple(dict.fromkeys(keys))
        if fresh != self._keys:
            before, self._keys = self._keys, fresh
            self.changed.emit(frozenset(before), frozenset(fresh))

    def of_layer(self, layer: str) -> list[int]:
        """Return the selected ids of one layer."""
        return [key.oid for key in self._keys if key.layer == layer]
