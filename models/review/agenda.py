"""The agenda of a review session: stops, one after another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from models.views.snapshot_spec import SnapshotSpec

#: A place in a picture: right of and below its middle, in heights of the picture, so that any width shows it in place.
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class InkStroke:
    """A line that somebody drew on the picture with the pen.

    Parameters
    ----------
    places : tuple of (float, float)
    colour : str
        Name of an ink, one of :data:`INKS`.
    width : float
        In heights of the picture.
    """

    places: tuple[Place, ...]
    colour: str = "red"
    width: float = 0.005


#: Names of the inks with their colours: seen on light and dark pictures, and told apart by who sees no red or green.
INKS = {"red": "#E5383B", "yellow": "#FFC300", "blue": "#2F7FD1", "white": "#FFFFFF"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the meeting: what is on the wall, and what is said.

    Parameters
    ----------
    id : str
    title : str
        On the wall; empty for none.
    view : SnapshotSpec
        Camera, layers, styles, theme, cut, sun and selection: all that the city looks like at this stop. Its ``date``
        is the date of what is shown.
    indicator : str
        Code of the indicator of which the meeting speaks here, empty for none.
    sheet : str
        Id of the sheet that belongs to it, empty for none.
    notes : str
        For the presenter's eyes only.
    minutes : float
        How long it is meant to take; 0 for not said.
    thumbnail : bytes
        A small JPEG, empty for none.
    ink : tuple of InkStroke
        What was drawn on the picture and kept with the stop.
    """

    id: str
    title: str
    view: SnapshotSpec
    indicator: str = ""
    sheet: str = ""
    notes: str = ""
    minutes: float = 0.0
    thumbnail: bytes = field(default=b"", hash=False)
    ink: tuple[InkStroke, ...] = ()


def total_minutes(stops: Iterable[Stop]) -> float:
    """Return how long an agenda is meant to take, as far as its stops say."""
    return sum(stop.minutes for stop in stops)
