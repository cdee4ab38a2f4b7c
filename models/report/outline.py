"""The outline of the report as data: chapters, sections and what stands in them.

``resources/report/outline.toml`` holds it in the handbook's order (annex 3); a section names its blocks, a block its
kind: ``text`` (a sentence of :mod:`models.report.text.sentences_book`), ``own`` (only people know it; grey until then),
``table:<name>``, ``chart:<name>``, ``indicators`` (all of a dimension), ``missing`` (nothing is there for it).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resources import HERE


@dataclass(frozen=True, slots=True)
class BlockDef:
    """One block of the outline.

    Parameters
    ----------
    kind : str
        ``"text"``, ``"own"``, ``"table"``, ``"chart"``, ``"indicators"`` or ``"missing"``.
    name : str
        Of its sentence or table.
    dimension : str
        Of which it speaks; empty for none.
    """

    kind: str
    name: str = ""
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter or section.

    Parameters
    ----------
    id : str
        ``"4.housing.items"``.
    level : int
        1 … 3; 0 of an annex.
    title, title_en : str
    blocks : tuple of BlockDef
    landscape : bool
    """

    id: str
    level: int
    title: str
    title_en: str
    blocks: tuple[BlockDef, ...]
    landscape: bool = False

    def heading(self, lang: str) -> str:
        """Return its title in a language."""
        return self.title_en if lang == "en" else self.title


@lru_cache(maxsize=1)
def outline() -> tuple[Section, ...]:
    """Return the sections of the report in their order."""
    raw = tomllib.loads((HERE / "report" / "outline.toml").read_text(encoding="utf-8"))
    return tuple(_section(row) for row in raw["section"])


def _section(row: dict[str, Any]) -> Section:
    return Section(
        row["id"], row["level"], row["zh"], row["en"],
        tuple(_block(text, row.get("dimension", "")) for text in row.get("blocks", ())), row.get("landscape", False),
    )  # fmt: skip


def _block(text: str, dimension: str) -> BlockDef:
    kind, _, name = text.partition(":")
    return BlockDef(kind, name, dimension)
