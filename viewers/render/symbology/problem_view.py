"""What fails an indicator, seen: buildings, roads or covers in the colour of problems, everything else stepped back.

Invariants
----------
1. What fails is coloured where it stands: a parcel out of reach lies under the city, its buildings are seen.
2. The rest keeps its shape and loses its colour: a city of pale stone, at night of slate, in which a place is still
   recognised.
3. Numbers are the ranks of the list, worst first, and the legend counts what is coloured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.buildings.heights import heights
from models.facilities.register import states
from models.health.failing import Places, failing_role, failing_things, places_of
from models.health.results import IndicatorResult
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.project import ProjectState
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.layers.facilities import MARKER
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import Number, ThemePicture, hatched, joined, one_colour, over, table_of

#: So many problems, the worst, are numbered in the city.
NUMBERED = 40
#: How far a number stands above what it numbers, metres.
ABOVE_M = 9.0
#: Roles of places on which other things stand: what fails them is a wash.
GROUND = ("parcels", "communities", "districts", "land", "green", "built_up", "heritage", "sites", "amenities")


def problem_view(
    state: ProjectState,
    data: Mapping[str, LayerData],
    result: IndicatorResult,
    title: str,
    lang: str,
    dark: bool = False,
) -> ThemePicture:
    """Return the picture of what fails an indicator.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    result : IndicatorResult
    title : str
        Of the indicator, as the legend says it.
    lang : {"zh", "en"}
    dark : bool
        Whether it is drawn in the dark look.
    """
    ground: Mapping[str, str] = status()["problem_view_dark" if dark else "problem_view"]
    crs = state.frame.horizontal if state.frame is not None else ""
    places = places_of(result, data, crs)
    things = failing_things(result, places, state, data)
    stepped = {
        layer.id: calm(layer, data[layer.id], ground) for layer in state.layers if layer.visible and layer.id in data
    }
    colours: dict[str, LayerColours] = {name: table for name, table in stepped.items() if table is not None}
    called: set[str] = set()

    def paint(layer_id: str, table: LayerColours) -> None:
        called.add(layer_id)
        colours[layer_id] = over(colours[layer_id], table) if layer_id in colours else table

    blank = [unit.unit_oid for unit in result.units if unit.value is None]
    if blank:
        paint(result.units[0].unit_layer, hatched(np.array(blank), quiet=True))
    for layer_id, (oids, _) in things.items():
        paint(layer_id, one_colour(oids, rgba(status()["general"]["problem"])))
    for layer_id, table in _objects(state, data, result, bool(things)).items():
        paint(layer_id, table)
    entries = _entries(state, result, things, lang, ground["land"])
    if blank:
        entries.append(
            LegendEntry(word("legend.no_data", lang), status()["general"]["no_data"], "hatch", count=len(blank))
        )
    legend = Legend(word("legend.problem_view", lang, title=title), tuple(entries))
    numbers = _numbers(state, data, result, places, things)
    return ThemePicture(colours, legend, frozenset(colours) - called, numbers)


def calm(layer: Layer, data: LayerData, ground: Mapping[str, str]) -> LayerColours | None:
    """Return the colours in which a layer steps back, None for what has no objects to colour."""
    colour = ground.get(layer.role if layer.kind == "vector" else layer.kind)
    if colour is None:
        return None
    if isinstance(data, ModelData):
        return one_colour(np.arange(len(data.elements)), rgba(colour))
    if not isinstance(data, VectorData):
        return None
    features = data.columnar
    oids = features.fids if features is not None else data.frame.index.to_numpy()
    if not colour:  # a wash that would lie over what fails
        return one_colour(oids, (0, 0, 0, 0))
    plain = one_colour(oids, rgba(colour))
    if layer.role in ("facilities", "sensors", "cases"):
        return joined([plain, one_colour(oids + MARKER, (0, 0, 0, 0))])
    return plain


def _objects(
    state: ProjectState, data: Mapping[str, LayerData], result: IndicatorResult, is_built: bool
) -> dict[str, LayerColours]:
    """Return the colours of the failing objects themselves, and of the sites that count."""
    general, roles = status()["general"], {layer.id: layer.role for layer in state.layers}
    found: dict[str, LayerColours] = {}
    for good in result.good:
        if good.reason == "site":
            for layer_id, oids in good.keys.runs:
                colour = general["site_green"] if roles.get(layer_id) == "green" else general["site"]
                found[layer_id] = one_colour(oids, rgba(colour, general["calm_site"]))
    by_layer: dict[str, list[tuple[int, tuple[int, int, int, int]]]] = {}
    for problem in result.problems:
        by_layer.setdefault(problem.key.layer, []).append(
            (problem.key.oid, _colour(problem.reason, roles.get(problem.key.layer, ""), is_built))
        )
    for layer_id, rows in by_layer.items():
        oids = np.array([oid for oid, _ in rows], dtype=np.int64)
        table: LayerColours = oids, np.array([colour for _, colour in rows], dtype=np.uint8)
        if roles.get(layer_id) == "facilities":
            table = joined([table, (oids + MARKER, table[1])])
        found[layer_id] = over(found[layer_id], table) if layer_id in found else table
    return found


def _colour(reason: str, role: str, is_built: bool) -> tuple[int, int, int, int]:
    """Return the colour of an object that fails: a cover's by its state, the ground of a place as a wash."""
    general = status()["general"]
    if reason.startswith("cover_"):
        known = states().get(reason.removeprefix("cover_"))
        return rgba(known.colour if known is not None else general["problem"])
    if role not in GROUND:
        return rgba(general["problem"])
    return rgba(general["problem"], general["problem_ground"] if is_built else general["parcel_fill"])


def _entries(
    state: ProjectState,
    result: IndicatorResult,
    things: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
    lang: str,
    ground: str,
) -> list[LegendEntry]:
    reasons: dict[str, int] = {}
    roles: dict[str, str] = {}
    of_layer = {layer.id: str(layer.role) for layer in state.layers}
    for problem in result.problems:
        reasons[problem.reason] = reasons.get(problem.reason, 0) + 1
        roles.setdefault(problem.reason, of_layer.get(problem.key.layer, ""))
    entries = []
    for reason, count in reasons.items():
        colour = _swatch(reason, roles[reason], bool(things), ground)
        symbol = "dot" if reason.startswith("cover_") else ""
        entries.append(LegendEntry(word(f"problem.{reason}", lang), colour, symbol=symbol, count=count))
    if things:
        standing = sum(len(oids) for oids, _ in things.values())
        name = word(f"legend.failing.{failing_role(result)}", lang)
        entries.append(LegendEntry(name, status()["general"]["problem"], count=standing))
    sites = sum(len(good.keys) for good in result.good if good.reason == "site")
    if sites:
        green = any(item.role == "green" for item in result.inputs)
        key, colour = ("legend.sites.green", "site_green") if green else ("legend.sites", "site")
        entries.append(LegendEntry(word(key, lang), status()["general"][colour], count=sites))
    return entries


def _swatch(reason: str, role: str, is_built: bool, ground: str) -> str:
    """Return the colour of a reason in the legend: that of a place as its wash is over the ground."""
    red, green, blue, share = _colour(reason, role, is_built)
    mixed = (round(own * share / 255 + below * (1 - share / 255)) for own, below in
             zip((red, green, blue), rgba(ground)[:3], strict=True))  # fmt: skip
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _numbers(
    state: ProjectState, data: Mapping[str, LayerData], result: IndicatorResult, places: Places,
    things: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
) -> tuple[Number, ...]:  # fmt: skip
    """Return the ranks of the worst problems, each above the highest building that stands there."""
    count = min(NUMBERED, len(result.problems))
    above = np.zeros(count)
    for layer in state.with_role("buildings"):
        oids, problem = things.get(layer.id, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
        few = problem < count
        table = table_of(layer, data)
        if few.any() and table is not None:
            rows: pd.DataFrame = table.loc[oids[few]]
            known = heights(rows, layer.style.height_field, layer.style.storeys_field)
            np.maximum.at(above, problem[few], known.height_m)
    found = []
    for rank, shape in enumerate(places.shapes[:count]):
        if shape is not None and not shape.is_empty:
            point = shapely.point_on_surface(shape)
            found.append(Number(str(rank + 1), point.x, point.y, float(above[rank]) + ABOVE_M))
    return tuple(found)
