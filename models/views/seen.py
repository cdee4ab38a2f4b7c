"""What a picture was made of, and what has changed since: layers, their data and styles, and the figures it shows.

A picture carries a :class:`Seen` beside its specification. Held against what is there now, it says what a person who
finds the picture again must know before it is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: No more layers, or figures, are taken from a file.
MOST = 5_000
ChangeKind = Literal["gone", "added", "data", "style", "value", "files", "project"]
#: In this order changes are told: what matters to what is read off the picture first.
ORDER: tuple[ChangeKind, ...] = ("project", "value", "gone", "data", "style", "added", "files")


@dataclass(frozen=True, slots=True)
class SeenLayer:
    """A layer of the project when the picture was made.

    Parameters
    ----------
    name : str
    rows : int
        How many features, elements or points; -1 where nobody counted.
    data, style : str
        Fingerprints; empty where none was made.
    """

    name: str
    rows: int = -1
    data: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture was made of.

    Parameters
    ----------
    layers : mapping of str to SeenLayer
        By id.
    indicator, unit : str
        What coloured it, and its unit as it is written.
    values : mapping of str to (name, value or None)
        Figures by place, ``""`` for the city.
    """

    layers: Mapping[str, SeenLayer] = field(default_factory=dict)
    indicator: str = ""
    unit: str = ""
    values: Mapping[str, tuple[str, float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise now.

    Parameters
    ----------
    kind : str
        A layer is gone or was added, its data or style changed, a figure is another, the files are others in a way that
        the picture does not show, or the picture was made of another project.
    name : str
        Of the layer or the place.
    then, now : float or None
        Rows of a layer, figures of a place; None for none.
    place : str
        Of a figure: where, ``""`` for the city.
    """

    kind: ChangeKind
    name: str = ""
    then: float | None = None
    now: float | None = None
    place: str = ""


def changes(then: Seen, now: Seen) -> list[Change]:
    """Return what is otherwise now, in the order in which it is told."""
    found: list[Change] = []
    for layer_id, was in then.layers.items():
        is_ = now.layers.get(layer_id)
        if is_ is None:
            found.append(Change("gone", was.name))
            continue
        if was.data and is_.data and (was.data != is_.data):
            rows = (None, None) if was.rows == is_.rows or min(was.rows, is_.rows) < 0 else (was.rows, is_.rows)
            found.append(Change("data", is_.name, *rows))
        if was.style and is_.style and was.style != is_.style:
            found.append(Change("style", is_.name))
    found += [Change("added", one.name) for layer_id, one in now.layers.items() if layer_id not in then.layers]
    if then.indicator and then.indicator == now.indicator:
        for place, (name, value) in then.values.items():
            at_present = now.values.get(place, (name, None))[1]
            if not _alike(value, at_present):
                found.append(Change("value", name, value, at_present, place))
    return sorted(found, key=lambda change: ORDER.index(change.kind))


def _alike(one: float | None, other: float | None) -> bool:
    """Whether two figures are the same as far as anybody reads them."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1.0)


def seen_json(seen: Seen) -> dict[str, Any]:
    """Return what a picture was made of as JSON can say it."""
    return {
        "layers": {
            layer_id: [layer.name, layer.rows, layer.data, layer.style] for layer_id, layer in seen.layers.items()
        },
        "indicator": seen.indicator,
        "unit": seen.unit,
        "values": {place: [name, value] for place, (name, value) in seen.values.items()},
    }  # fmt: skip


def seen_of_json(stored: Any) -> Seen | None:
    """Return what :func:`seen_json` said; None for anything else, as older pictures say nothing."""
    try:
        layers = {
            str(layer_id): SeenLayer(str(name), int(rows), str(data), str(style))
            for layer_id, (name, rows, data, style) in list(stored["layers"].items())[:MOST]
        }
        values = {
            str(place): (str(name), None if value is None else float(value))
            for place, (name, value) in list(stored["values"].items())[:MOST]
        }
        return Seen(layers, str(stored["indicator"]), str(stored["unit"]), values)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
