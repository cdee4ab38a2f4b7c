"""What a draft assumes where a register says nothing, the rain that falls, and how assumptions are counted."""

from __future__ import annotations

from dataclasses import dataclass

from models.network.hydraulics.draft.rain import RainFormula


@dataclass(frozen=True, slots=True)
class DraftRules:
    """What is assumed where nothing is recorded; each use is counted.

    Parameters
    ----------
    diameter_mm : float
        GB 50014-2021, 5.2: least diameter of a rain drain.
    cover_m : float
        Depth of a manhole about which neither invert nor neighbour is known.
    roughness : float
        Manning's n, GB 50014-2021 table 5.2.3: concrete 0.013–0.014.
    plastic_roughness : float
        The same table: plastic 0.009–0.011.
    slope_percent, imperv_percent : float
        Of a subcatchment without terrain or without land use.
    open_imperv_percent : float
        Of ground that is neither building, road, green nor water.
    reach_m : float
        The study area: so far from the drains.
    """

    diameter_mm: float = 300.0
    cover_m: float = 2.0
    roughness: float = 0.013
    plastic_roughness: float = 0.010
    slope_percent: float = 0.5
    imperv_percent: float = 60.0
    open_imperv_percent: float = 40.0
    reach_m: float = 60.0


@dataclass(frozen=True, slots=True)
class Storm:
    """The rain that falls: a formula, return period in years, duration and step in minutes, share before the peak."""

    formula: RainFormula
    years: float = 3.0
    minutes: float = 120.0
    peak: float = 0.4
    step_min: float = 5.0


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that the register did not say.

    Parameters
    ----------
    code : str
        ``network.draft.<code>`` is its sentence.
    count, total : int
        Of how many objects it was assumed, of how many.
    value : str
        What was put in.
    """

    code: str
    count: int
    total: int
    value: str = ""
