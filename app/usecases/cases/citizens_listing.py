"""Citizens' messages of a project as a list, and how many there are by class, month and sub-district."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.usecases.cases.citizens import MESSAGES
from models.cases.citizens.rules import message_rules
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData

if TYPE_CHECKING:
    from app.session import Session

#: Fields of the layer by which messages are counted; of ``month`` the field is ``time``.
GROUPS = ("class", "month", "district")
#: Which messages are listed: all, those without a place, those that speak of no case.
ALL, UNPLACED, NO_CASE = SHOWN = ("all", "unplaced", "no_case")
_FIELDS = ("number", "subject", "text", "address", "class", "district", "place", "place_kind", "matter", "case", "time")


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of a layer.

    Parameters
    ----------
    layer : Layer
    oids : ndarray of int
    fields : dict of str to ndarray of str
        Text of each message by field; empty where nothing is said.
    titles : dict of (str, str) to str
        Class and language → what it is called.
    """

    layer: Layer
    oids: NDArray[np.int64]
    fields: dict[str, NDArray[Any]]
    titles: dict[tuple[str, str], str]

    @property
    def unplaced(self) -> int:
        """Return how many could not be placed."""
        return int((self.fields["place_kind"] == "").sum())

    @property
    def matters(self) -> int:
        """Return how many matters they speak of."""
        return len(np.unique(self.fields["matter"]))

    def class_title(self, name: str, lang: str) -> str:
        """Return what a class is called by the rules that gave it; its own name where they are not the program's."""
        return self.titles.get((name, lang), name)

    def chosen(self, by: str, group: str | None, shown: str, text: str) -> NDArray[np.int64]:
        """Return places of messages, the newest first.

        Parameters
        ----------
        by : str
            Of :data:`GROUPS`.
        group : str or None
            Only those of one group; empty: those of which it is not known.
        shown : str
            Of :data:`SHOWN`.
        text : str
            Part of number, subject, text, address or place, in any case.
        """
        keep = np.ones(len(self.oids), bool)
        if group is not None:
            keep &= self.fields[by] == group
        if shown != ALL:
            keep &= self.fields["place_kind" if shown == UNPLACED else "case"] == ""
        if wanted := text.strip().casefold():
            at = np.flatnonzero(keep)
            columns = [self.fields[name][at] for name in ("number", "subject", "text", "address", "place")]
            found = [any(wanted in str(cell).casefold() for cell in row) for row in zip(*columns, strict=True)]
            keep[at] = found
        at = np.flatnonzero(keep)
        return at[np.argsort(self.fields["time"][at].astype(str), kind="stable")[::-1]]

    def counted(self, by: str) -> list[tuple[str, int]]:
        """Return group and how many messages it has: the newest month first, others the most first, unknown last."""
        names, counts = np.unique(self.fields[by].astype(str), return_counts=True)
        pairs = [(str(name), int(count)) for name, count in zip(names, counts, strict=True)]
        pairs.sort(key=lambda pair: pair[0] if by == "month" else pair[1], reverse=True)
        return sorted(pairs, key=lambda pair: not pair[0])


def messages_of(session: Session) -> Messages | None:
    """Return the messages that were brought in last, None where there are none."""
    for layer in reversed(session.project.state.layers):
        data = session.project.data.get(layer.id)
        if MESSAGES not in layer.source.options or not isinstance(data, VectorData):
            continue
        frame = data.attributes
        fields = {name: _texts(frame, name) for name in _FIELDS}
        fields["month"] = np.array([text[:7] for text in fields["time"]], dtype=object)
        return Messages(layer, frame.index.to_numpy(np.int64), fields, _titles(layer.source.options[MESSAGES]))
    return None


def _titles(name: str) -> dict[tuple[str, str], str]:
    """Return what the classes of a set of rules are called, nothing where it is not one of the program's."""
    try:
        rows = message_rules(name).rows
    except UserError:
        return {}
    return {(row.name, lang): row.title(lang) for row in rows for lang in ("zh", "en")}


def _texts(frame: Any, name: str) -> NDArray[Any]:
    """Return a column as texts, empty where it says nothing, or where a layer of another program lacks it."""
    if name not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    column = frame[name].astype(object)
    return np.asarray(column.where(column.notna(), "").astype(str).to_numpy(dtype=object))
