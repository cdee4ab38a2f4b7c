"""A SWMM model drafted from a register of drains and a terrain: it runs, and says of every figure what was assumed.

What the register records is taken as it stands. What it lacks is filled by a stated rule and counted
(:class:`models.network.hydraulics.draft.rules.Assumption`); a draft is a beginning for an engineer and not calibrated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.ends import text_of
from models.network.graph import build_network
from models.network.hydraulics.draft.catchments import Surfaces, catchments_of
from models.network.hydraulics.draft.parts import Parts, parts_of
from models.network.hydraulics.draft.rules import Assumption, DraftRules, Storm
from models.network.hydraulics.draft.text import model_text
from models.terrain.ground import Ground

#: Kinds of CJJ 61 that carry rain.
RAIN_KINDS = ("YS", "HS", "PS")


@dataclass(slots=True)
class Draft:
    """A drafted model: its text, what was assumed, how much there is of what."""

    text: str
    assumptions: list[Assumption]
    counts: Mapping[str, int]


def draft_model(
    pipes: Any, nodes: Any, ground: Ground | None, storm: Storm, *, surfaces: Surfaces | None = None,
    rules: DraftRules | None = None, crs: str = "",
) -> Draft:  # fmt: skip
    """Draft a model.

    Parameters
    ----------
    pipes, nodes : GeoDataFrame
        Canonical fields, in one projected CRS; ``nodes`` may be None.
    ground : Ground or None
    storm : Storm
    surfaces : Surfaces, optional
        Buildings, roads, green and water, in the same CRS.
    rules : DraftRules, optional
    crs : str
        For the title.

    Raises
    ------
    UserError
        ``network.no_drains`` where no pipe carries rain, and those of :func:`models.network.graph.build_network`.
    """
    rules = rules or DraftRules()
    kind = pd.Series(text_of(pipes, "kind"), index=pipes.index).str.upper()
    drains = pipes[kind.isin(RAIN_KINDS).to_numpy()] if (kind != "").any() else pipes
    if not len(drains):
        raise UserError("network.no_drains")
    network, _ = build_network(drains, nodes, separate_kinds=False)
    parts = parts_of(network, drains, nodes, ground, rules)
    catchments = catchments_of(parts.xy, ~parts.is_outfall, _inlets(nodes, kind), ground, surfaces or Surfaces(), rules)
    for code, count, total, value in catchments.notes:
        parts.note(code, count, total, value)
    parts.note("lengthened", 1, 1, "5 s")
    _note_rain(parts, storm)
    counts = {"junctions": int((~parts.is_outfall).sum()), "outfalls": int(parts.is_outfall.sum()),
              "conduits": len(parts.link_name), "subcatchments": len(catchments.area_m2)}  # fmt: skip
    return Draft(model_text(parts, catchments, storm, crs), parts.notes, counts)


def _note_rain(parts: Parts, storm: Storm) -> None:
    formula = storm.formula
    value = f"{formula.name}: {formula.source or '—'} ({formula.certainty})"
    parts.note("rain", 1, 1, value)
    parts.note(
        "storm", 1, 1, f"P = {storm.years:g} a, {storm.minutes:g} min, r = {storm.peak:g}, {storm.step_min:g} min"
    )


def _inlets(nodes: Any, kind: Any) -> NDArray[np.float64]:
    """Return the places of inlets that a register records, (n, 2)."""
    if nodes is None or "node_type" not in nodes:
        return np.empty((0, 2))
    rain = np.isin(pd.Series(text_of(nodes, "kind")).str.upper(), ("", *RAIN_KINDS))
    mine = nodes[(text_of(nodes, "node_type") == "inlet") & rain]
    points = mine.geometry[mine.geometry.notna() & (mine.geometry.geom_type == "Point")]
    return np.column_stack([points.x, points.y]).astype(np.float64)
