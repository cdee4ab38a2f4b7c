"""Numbers of tables and pictures: chapter and place in it (表 4-1), of annexes one after another (附表 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.report.pieces import Heading, Picture, Piece, Table


@dataclass(frozen=True, slots=True)
class Number:
    """The number of a table or picture.

    Parameters
    ----------
    kind : str
        ``"table"``, ``"picture"`` or ``"annex"`` (a table of an annex).
    chapter : int
        0 of an annex.
    place : int
        1 for the first.
    """

    kind: str
    chapter: int
    place: int


def numbered(pieces: Iterable[Piece]) -> dict[str, Number]:
    """Return the numbers of the tables and pictures of a report by their ids."""
    found: dict[str, Number] = {}
    chapter, in_annex = 0, False
    counts: dict[tuple[str, int], int] = {}
    for piece in pieces:
        if isinstance(piece, Heading):
            chapter += piece.level == 1
            in_annex = in_annex or piece.level == 0
        elif isinstance(piece, (Table, Picture)):
            kind = "annex" if in_annex else "table" if isinstance(piece, Table) else "picture"
            place = (kind, 0 if in_annex else chapter)
            counts[place] = counts.get(place, 0) + 1
            found[piece.id] = Number(kind, place[1], counts[place])
    return found
