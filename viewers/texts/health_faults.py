"""What could not be taken of a file that came back, in words: where it stands, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from resources.words import word


class FaultLike(Protocol):
    """A fault of a workbook of values or of a return of a collection."""

    @property
    def code(self) -> str:
        """Return its kind."""

    @property
    def sheet(self) -> str:
        """Return the sheet, layer or indicator in which it stands."""

    @property
    def place(self) -> str:
        """Return the cell, row or unit."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Return values for its sentence."""


def fault_text(fault: FaultLike, lang: str) -> str:
    """Return a fault as one line."""
    where = " ".join(part for part in (fault.sheet, fault.place) if part)
    return word("health.fault.line", lang, where=where, what=fault_sentence(fault, lang))


def fault_sentence(fault: FaultLike, lang: str) -> str:
    """Return what is wrong, without the place."""
    return word(f"health.fault.{fault.code}", lang, **fault.facts)
