"""Kinds of underground pipes as they are drawn: colour of CJJ 61, pattern, tint of ours, name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from resources.standards import standard
from viewers.render.palette.pipe_shading import DASH, DASH_DOT, DOT, SOLID
from viewers.render.palette.status_colours import status

_PATTERNS = {"solid": SOLID, "dash": DASH, "dash_dot": DASH_DOT, "dot": DOT}
#: The kind of a pipe of which nobody says what it is.
UNIDENTIFIED = "BM"


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return the standard's kinds by code (``"JS"`` water supply …)."""
    return {row["code"]: row for row in standard("pipes_cjj61")["kind"]}


@lru_cache(maxsize=256)
def kind_of(code: str) -> str:
    """Return the standard's kind of a code: the code itself, or the kind that it begins with; else unidentified."""
    text = code.strip().upper()
    return next((known for known in (text, text[:2]) if known in kinds()), UNIDENTIFIED)


def kind_colour(code: str, tints: bool = False) -> str:
    """Return the colour of a kind as ``"#rrggbb"``; unheard-of kinds are drawn as unidentified.

    Parameters
    ----------
    code : str
    tints : bool
        Rain, sewage and combined sewers in tints of ours instead of the one brown of the standard.
    """
    kind = kind_of(code)
    own = status()["pipes"]["tints"].get(kind) if tints else None
    r, g, b = kinds()[kind]["rgb"]
    return own or f"#{r:02x}{g:02x}{b:02x}"


def kind_pattern(code: str) -> int:
    """Return the number of a kind's pattern, see :mod:`viewers.render.palette.pipe_shading`."""
    return _PATTERNS[kinds()[kind_of(code)]["pattern"]]


def kind_name(code: str, lang: str) -> str:
    """Return the name of a kind; empty for one that is not known."""
    kind = kind_of(code)
    return "" if kind == UNIDENTIFIED else str(kinds()[kind]["en" if lang == "en" else "zh"])
