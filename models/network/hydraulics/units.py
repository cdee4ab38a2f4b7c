"""Units of model files: flow units say the system, and the system all others.

Sources: SWMM 5.2 User's Manual, appendix A.1; EPANET 2.2 User Manual, appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.network.hydraulics.document import InpDocument

FOOT_M, INCH_M, ACRE_M2 = 0.3048, 0.0254, 4046.8564224
PSI_M, KPA_M = 0.3048 / 0.4333, 1.0 / 9.80665  # EPANET: 1 ft of water is 0.4333 psi

#: Cubic metres a second in one unit of flow.
FLOW_M3_S: Mapping[str, float] = {
    "CFS": FOOT_M**3, "GPM": 0.003785411784 / 60, "MGD": 3785.411784 / 86400, "IMGD": 4546.09 / 86400,
    "AFD": 1233.48183754752 / 86400, "CMS": 1.0, "LPS": 0.001, "LPM": 0.001 / 60, "MLD": 1000 / 86400,
    "CMH": 1 / 3600, "CMD": 1 / 86400,
}  # fmt: skip
_US = frozenset({"CFS", "GPM", "MGD", "IMGD", "AFD"})


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one model.

    Parameters
    ----------
    flow : str
        Such as ``"CFS"``.
    is_stated : bool
        Whether the file says so; else the engine's own default holds.
    is_us : bool
        Feet, inches, acres; else metres, millimetres, hectares.
    length_m, diameter_m, area_m2, width_m : float
        One unit in metres (of sections in EPANET's pipes: ``diameter_m``) and square metres.
    """

    flow: str
    is_stated: bool
    is_us: bool
    length_m: float
    diameter_m: float
    area_m2: float

    @property
    def flow_m3_s(self) -> float:
        """Return one unit of flow in m³/s."""
        return FLOW_M3_S[self.flow]


def units_of(document: InpDocument) -> Units:
    """Return the units of a model; what a file does not state is the engine's default (CFS in SWMM, GPM in EPANET)."""
    options, is_swmm = document.options(), document.dialect == "swmm"
    given = options.get("FLOW_UNITS" if is_swmm else "UNITS", "").upper()
    known = given in FLOW_M3_S
    flow = given if known else "CFS" if is_swmm else "GPM"
    is_us = flow in _US
    length_m = FOOT_M if is_us else 1.0
    diameter_m = length_m if is_swmm else INCH_M if is_us else 0.001
    return Units(flow, known, is_us, length_m, diameter_m, ACRE_M2 if is_us else 10_000.0)
