"""Words and figures of network drawings and their tables: stations, sizes, slopes, limits."""

from __future__ import annotations

import math

from models.core.value_text import minus
from models.network.clearance.rules import Rules
from models.network.kinds import name_of
from resources.words import word

#: What stands where a level is not known.
UNKNOWN = "—"


def level(value: float) -> str:
    """Return a height or depth: metres to the centimetre… or a dash."""
    return minus(f"{value:.3f}") if math.isfinite(value) else UNKNOWN


def length(value: float) -> str:
    """Return a length: metres to the centimetre, or a dash."""
    return minus(f"{value:.2f}") if math.isfinite(value) else UNKNOWN


def station(value: float) -> str:
    """Return a station: ``K1+035.20``.

    Examples
    --------
    >>> station(1035.2)
    'K1+035.20'
    """
    value = round(value, 2)
    kilometres = int(value // 1000)
    return f"K{kilometres}+{value - 1000 * kilometres:06.2f}"


def size(diameter_mm: float, width_mm: float, height_mm: float, is_box: bool, lang: str) -> str:
    """Return a size: ``DN400``, ``2000×1500``, or that it is unknown."""
    if is_box and math.isfinite(width_mm) and math.isfinite(height_mm):
        return f"{width_mm:.0f}×{height_mm:.0f}"
    return f"DN{diameter_mm:.0f}" if diameter_mm > 0 else word("profile.no_size", lang)


def slope(value: float) -> str:
    """Return a slope in per mille, or a dash."""
    return minus(f"{value * 1000:.1f}‰") if math.isfinite(value) else UNKNOWN


def kind(code: str, lang: str) -> str:
    """Return the name of a kind of pipe."""
    return name_of(code, lang) if code else word("profile.no_kind", lang)


def limit(required_m: float, rule: int, rules: Rules, lang: str) -> str:
    """Return a limit with how sure it is: ``≥ 1.50``, ``≥ 0.15 ?``, or that none is settled."""
    if not math.isfinite(required_m):
        return word("profile.limit_unsettled" if rule >= 0 else "profile.limit_none", lang)
    row = rules.rows[rule]
    mark = word("profile.limit_own", lang) if row.own else "" if row.certainty == "checked" else " ?"
    return f"≥ {required_m:.2f}{mark}"
