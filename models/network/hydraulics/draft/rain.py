"""Rain of a design storm: a city's intensity formula and the hyetograph of Keifer and Chu (1957), "Chicago".

The formula is that of GB 50014: ``q = 167 A1 (1 + C lg P) / (t + b)^n`` in L/(s·ha), t in minutes, P in years;
so ``i = A1 (1 + C lg P) / (t + b)^n`` in mm/min. Its parameters are a city's own, issued by its authority: none is a
default here, and a record says where it is from and how sure that is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from resources.standards import standard

#: One hectare and a millimetre a minute are 166.7 L/s; the code rounds that.
Q_PER_MM_MIN = 167.0


@dataclass(frozen=True, slots=True)
class RainFormula:
    """An intensity formula.

    Parameters
    ----------
    id : str
    a1, c, b, n : float
        ``i = a1 (1 + c lg P) / (t + b)^n``, mm/min.
    name, name_en : str
    source : str
        Where it is from, in the words of who entered it.
    certainty : str
        A (text read) … D (memory); E for one that was typed in.
    """

    id: str
    a1: float
    c: float
    b: float
    n: float
    name: str = ""
    name_en: str = ""
    source: str = ""
    certainty: str = "E"

    def intensity_mm_min(self, minutes: float, years: float) -> float:
        """Return the mean intensity of a duration and a return period."""
        return float(self.a1 * (1 + self.c * math.log10(years)) / (minutes + self.b) ** self.n)


def formulas() -> dict[str, RainFormula]:
    """Return the records of the table by id."""
    rows = standard("rain_formulas").get("formula", [])
    return {
        str(row["id"]): RainFormula(str(row["id"]), float(row["a1"]), float(row["c"]), float(row["b"]), float(row["n"]),
                                    str(row["zh"]), str(row["en"]), str(row["source"]), str(row["certainty"]))
        for row in rows
    }  # fmt: skip


def formula_of(text: str) -> RainFormula:
    """Return a formula by its id, or of four numbers: ``"A1,C,b,n"`` (mm/min).

    Raises
    ------
    UserError
        ``network.no_rain`` for an empty text or an unknown id, ``network.bad_rain`` for numbers that are none.
    """
    known = formulas()
    if text in known:
        return known[text]
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise UserError("network.no_rain", known=", ".join(known) or "—")
    try:
        a1, c, b, n = (float(part) for part in parts)
    except ValueError as error:
        raise UserError("network.bad_rain", value=text[:80]) from error
    if not (0 < a1 < 500 and 0 <= c < 10 and 0 <= b < 200 and 0 < n < 2 and all(map(math.isfinite, (a1, c, b, n)))):
        raise UserError("network.bad_rain", value=text[:80])
    return RainFormula("entered", a1, c, b, n, text, text)


def chicago(
    formula: RainFormula, years: float, minutes: float, peak: float, step_min: float
) -> NDArray[np.float64]:  # fmt: skip
    """Return mean intensities of the steps of a storm, mm/h.

    The depth before and after the peak is that of the formula, so that the whole storm has the formula's own depth for
    its duration, whatever the step.

    Parameters
    ----------
    formula : RainFormula
    years : float
        Return period.
    minutes : float
        Duration.
    peak : float
        Share of the duration before the peak, 0…1 (r).
    step_min : float
    """
    if not (0.2 <= years <= 1000 and 0 < step_min <= minutes <= 2880 and 0 < peak < 1):
        raise UserError("network.bad_storm")
    edges = np.arange(0.0, minutes + step_min / 2, step_min)
    at = edges - peak * minutes  # from the peak

    def depth(since: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        long = since / share
        means = np.array([formula.intensity_mm_min(float(one), years) for one in long])
        return np.asarray(share * long * means, dtype=np.float64)

    total = np.where(at < 0, -depth(np.maximum(-at, 0), peak), depth(np.maximum(at, 0), 1 - peak))
    return np.asarray(np.diff(total) / step_min * 60, dtype=np.float64)
