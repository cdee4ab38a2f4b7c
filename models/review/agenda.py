"""The agenda of a review session: stops, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.views.snapshot_spec import SnapshotSpec


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
    """

    id: str
    title: str
    view: SnapshotSpec
    indicator: str = ""
    sheet: str = ""
    notes: str = ""
    minutes: float = 0.0
    thumbnail: bytes = field(default=b"", hash=False)
