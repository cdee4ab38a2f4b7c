"""A sentence of the report as a project keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence in the place of the program's own.

    Parameters
    ----------
    name : str
        ``"scope"``, ``"indicator"``, ``"own.work"`` …
    lang, text : str
    """

    name: str
    lang: str
    text: str
