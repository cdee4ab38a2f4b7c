"""What is selected: object keys that every view shows and asks to change, kept as arrays so that a million is nothing.

Invariants
----------
1. Order is the order of picking: :attr:`Selection.keys` gives it back, the last one is what is described.
2. An object is selected once.
3. :class:`ObjectKey` tuples are made when somebody looks at them, one by one; nothing here makes them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

Oids = NDArray[np.int64]


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


class Keys(Sequence[ObjectKey]):
    """Object keys as runs of (layer, ids), made into tuples only where somebody looks.

    Equal to a tuple of the same keys in the same order, and to a set of the same keys.

    Parameters
    ----------
    runs : iterable of (str, ndarray of int64)
    """

    __slots__ = ("_runs", "_sets", "_starts")

    def __init__(self, runs: Iterable[tuple[str, Oids]] = ()) -> None:
        self._runs = tuple((layer, oids) for layer, oids in runs if len(oids))
        self._starts = np.cumsum([0, *(len(oids) for _, oids in self._runs)])
        self._sets: dict[str, Oids] | None = None

    @classmethod
    def of(cls, keys: Iterable[ObjectKey]) -> Keys:
        """Return keys as runs; those that are runs already as they are."""
        if isinstance(keys, Keys):
            return keys
        runs = groupby(dict.fromkeys(keys), key=lambda key: key[0])
        return cls((layer, np.array([key[1] for key in run], np.int64)) for layer, run in runs)

    @property
    def runs(self) -> tuple[tuple[str, Oids], ...]:
        """Return (layer, ids) in the order of picking; a layer may come more than once."""
        return self._runs

    def by_layer(self) -> Mapping[str, Oids]:
        """Return the ids of each layer, ascending."""
        if self._sets is None:
            found: dict[str, list[Oids]] = {}
            for layer, oids in self._runs:
                found.setdefault(layer, []).append(oids)
            self._sets = {layer: np.sort(np.concatenate(parts)) for layer, parts in found.items()}
        return self._sets

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __iter__(self) -> Iterator[ObjectKey]:
        for layer, oids in self._runs:
            for oid in oids.tolist():
                yield ObjectKey(layer, oid)

    @overload
    def __getitem__(self, at: int) -> ObjectKey: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ObjectKey, ...]: ...
    def __getitem__(self, at: int | slice) -> ObjectKey | tuple[ObjectKey, ...]:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(*at.indices(len(self))))
        number = at + len(self) if at < 0 else at
        if not 0 <= number < len(self):
            raise IndexError(at)
        run = int(np.searchsorted(self._starts, number, side="right")) - 1
        layer, oids = self._runs[run]
        return ObjectKey(layer, int(oids[number - self._starts[run]]))

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, tuple) or len(key) != 2:
            return False
        oids = self.by_layer().get(key[0])
        if oids is None:
            return False
        at = int(np.searchsorted(oids, key[1]))
        return at < len(oids) and int(oids[at]) == key[1]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Keys):
            if len(self) != len(other):
                return False
            mine, theirs = _merged(self._runs), _merged(other._runs)
            return len(mine) == len(theirs) and all(
                one[0] == two[0] and np.array_equal(one[1], two[1]) for one, two in zip(mine, theirs, strict=True)
            )
        if isinstance(other, (tuple, list)):
            return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))
        if isinstance(other, (set, frozenset)):
            return len(self) == len(other) and all(key in self for key in other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((len(self), self[0] if len(self) else None))

    def __repr__(self) -> str:
        shown = ", ".join(f"{layer}:{len(oids)}" for layer, oids in self._runs[:4])
        return f"Keys({shown}{'…' if len(self._runs) > 4 else ''})"


class Selection:
    """The selected objects, in the order they were picked.

    Signals
    -------
    changed : (Keys before, Keys after)
    """

    changed = Signal(object, object)

    def __init__(self) -> None:
        self._keys = Keys()

    @property
    def keys(self) -> Keys:
        """Return the selected keys in the order they were picked."""
        return self._keys

    def set(self, keys: Iterable[ObjectKey]) -> None:
        """Select exactly these; silent if nothing changes."""
        self._take(Keys.of(keys))

    def set_rows(self, layer: str, oids: Iterable[int] | NDArray[Any], mode: str = "new") -> None:
        """Select objects of one layer.

        Parameters
        ----------
        layer : str
        oids : array of int
        mode : str
            ``"new"`` selects exactly these; ``"add"``, ``"remove"`` and ``"common"`` (what is in both) work on what is
            selected, other layers' objects included.
        """
        self.set_many({layer: oids}, mode)

    def set_many(self, oids: Mapping[str, Iterable[int] | NDArray[Any]], mode: str = "new") -> None:
        """Select objects of several layers; see :meth:`set_rows`."""
        fresh = {layer: _distinct(those) for layer, those in oids.items()}
        if mode == "new":
            self._take(Keys(fresh.items()))
            return
        runs: list[tuple[str, Oids]] = []
        for layer, mine in self._keys.runs:
            theirs = fresh.get(layer)
            if mode == "common":
                if theirs is not None:
                    runs.append((layer, mine[np.isin(mine, theirs)]))
            elif theirs is None:
                runs.append((layer, mine))
            else:  # what is added again comes last
                runs.append((layer, mine[~np.isin(mine, theirs)]))
        self._take(Keys([*runs, *fresh.items()] if mode == "add" else runs))

    def of_layer(self, layer: str) -> list[int]:
        """Return the selected ids of one layer in the order they were picked."""
        return [int(oid) for oid in self.oids_of(layer).tolist()]

    def oids_of(self, layer: str) -> Oids:
        """Return the selected ids of one layer in the order they were picked, as an array."""
        mine = [oids for name, oids in self._keys.runs if name == layer]
        return np.concatenate(mine) if mine else np.zeros(0, np.int64)

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the layers of which anything is selected."""
        return tuple(dict.fromkeys(layer for layer, _ in self._keys.runs))

    def _take(self, fresh: Keys) -> None:
        if fresh != self._keys:
            before, self._keys = self._keys, fresh
            self.changed.emit(before, fresh)


def _distinct(oids: Iterable[int] | NDArray[Any]) -> Oids:
    """Return ids once each, in the order in which they first come."""
    found = np.asarray(oids if isinstance(oids, np.ndarray) else list(oids), dtype=np.int64)
    if len(found) > 1 and not (found[1:] > found[:-1]).all():
        _, first = np.unique(found, return_index=True)
        found = found[np.sort(first)]
    return found


def _merged(runs: Sequence[tuple[str, Oids]]) -> list[tuple[str, Oids]]:
    """Return runs with neighbours of one layer put together."""
    return [
        (layer, np.concatenate([oids for _, oids in part])) for layer, part in groupby(runs, key=lambda run: run[0])
    ]
