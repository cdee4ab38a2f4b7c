"""Lengths and scales that a map says: round ones."""

from __future__ import annotations

import math

STEPS = (1.0, 2.0, 5.0)


def round_length_m(most_m: float) -> float:
    """Return the largest length of 1, 2 or 5 times a power of ten that is not longer than ``most_m`` metres."""
    if not (math.isfinite(most_m) and most_m > 0):
        return 0.0
    power = 10.0 ** math.floor(math.log10(most_m) + 1e-12)
    return max((step * power for step in STEPS if step * power <= most_m * (1 + 1e-9)), default=power)


def round_denominator(denominator: float) -> int:
    """Return the denominator of a scale to two digits: what is on a screen is not more certain."""
    if not (math.isfinite(denominator) and denominator >= 1):
        return 1
    power = 10.0 ** max(math.floor(math.log10(denominator)) - 1, 0)
    return round(round(denominator / power) * power)


def length_text(length_m: float) -> str:
    """Return a round length with its unit, ``"200 m"`` or ``"2 km"``."""
    if length_m >= 1000:
        return f"{length_m / 1000:,.0f} km"
    return f"{length_m:g} m" if length_m >= 1 else f"{length_m * 100:g} cm"
