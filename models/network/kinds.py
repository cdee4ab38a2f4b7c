"""Kinds of pipes (CJJ 61): their codes, and which of them drain by their slope."""

from __future__ import annotations

from functools import lru_cache

from resources.standards import standard


@lru_cache(maxsize=1)
def gravity_codes() -> frozenset[str]:
    """Return the codes of pipes that drain by their slope: rain, sewage, combined."""
    return frozenset(row["code"] for row in standard("pipes_cjj61")["kind"] if row["gravity"])


def colour_of(code: str) -> tuple[int, int, int]:
    """Return the standard's colour of a kind (0…255); that of "other" for a code it does not know."""
    rows = {row["code"]: tuple(row["rgb"]) for row in standard("pipes_cjj61")["kind"]}
    red, green, blue = rows.get(code.upper(), rows["QT"])
    return int(red), int(green), int(blue)


def name_of(code: str, lang: str) -> str:
    """Return the name of a kind; its code where the standard does not know it."""
    rows = {row["code"]: row for row in standard("pipes_cjj61")["kind"]}
    row = rows.get(code.upper())
    return str(row[lang]) if row is not None else code
