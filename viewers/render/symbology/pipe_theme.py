"""Pipes coloured by material, age, cover, size, load or state, and what the legend says of pipes in any theme.

Invariants
----------
1. Colours and rows of the legend come from the same classes in the same call.
2. What has no value has the colour of no data, which pipes of that colour are drawn hatched in.
3. What is assumed or made larger is said: a depth, a size, a factor, a tint that no standard knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.facilities.register import UNKNOWN, states, status_of
from models.layers.layer import Layer, LayerData, VectorData
from models.network.levels import levels_of
from models.network.pipe_themes import PipeTheme, classes_of, cover_m, pipe_themes, values_of
from models.project.project import ProjectState
from models.style.kinds import NO_DATA, OTHER
from models.terrain.ground import ground_under
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.layers.pipe_kinds import kind_colour, kind_pattern, kinds
from viewers.render.layers.pipe_runs import CABLES, kinds_of, sizes_of
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.pipe_shading import SOLID
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import ThemePicture, one_colour, table_of
from viewers.texts.values import category


def pipe_picture(state: ProjectState, data: Mapping[str, LayerData], by: str, lang: str) -> ThemePicture:
    """Return the colours of all pipes by a row of ``pipe_themes.toml``, and their legend.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    by : str
        Id of the row; one that is not known colours nothing.
    lang : {"zh", "en"}
    """
    theme = pipe_themes().get(by)
    layers = [layer for layer in state.with_role("pipes") if isinstance(data.get(layer.id), VectorData)]
    if theme is None or not layers:
        return ThemePicture({}, Legend(word("legend.plain", lang)))
    tables = {layer.id: _table(layer, data) for layer in layers}
    codes, rows = _classes(theme, state, data, layers, tables, lang)
    colours: dict[str, LayerColours] = {}
    table = np.array([rgba(row.colour) for row in rows] + [rgba(NO_DATA)], dtype=np.uint8)
    count = np.zeros(len(rows) + 1, dtype=np.int64)
    for layer in layers:
        own = codes[layer.id]
        colours[layer.id] = (np.asarray(tables[layer.id].index.to_numpy(), dtype=np.int64), table[own])
        count += np.bincount(np.where(own < 0, len(rows), own), minlength=len(rows) + 1)
    for layer in state.with_role("pipe_nodes"):  # what is not spoken of steps back
        if (nodes := table_of(layer, data)) is not None:
            colours[layer.id] = one_colour(nodes.index.to_numpy(), rgba(status()["pipes"]["shaft"]))
    entries = [
        LegendEntry(row.text, row.colour, symbol="line", count=int(number))
        for row, number in zip(rows, count, strict=False) if number or theme.kind in ("ranges", "years")
    ]  # fmt: skip
    if count[-1]:
        entries.append(LegendEntry(word("legend.no_data", lang), NO_DATA, "hatch", "line", int(count[-1])))
    name = theme.title(lang)
    title = word("legend.indicator", lang, name=name, unit=theme.unit) if theme.unit else name
    note = word("legend.pipes.cover_note", lang) if theme.id == "cover" else ""
    return ThemePicture(colours, Legend(title, tuple(entries), note))


def _table(layer: Layer, data: Mapping[str, LayerData]) -> pd.DataFrame:
    found = table_of(layer, data)
    assert found is not None  # noqa: S101 - features, as the caller looked
    return found


def _classes(
    theme: PipeTheme, state: ProjectState, data: Mapping[str, LayerData], layers: list[Layer],
    tables: Mapping[str, pd.DataFrame], lang: str,
) -> tuple[dict[str, NDArray[np.int64]], list[LegendEntry]]:  # fmt: skip
    """Return the class of each row of each layer, -1 for no data, and what the classes are called."""
    if theme.kind == "states":
        return _by_state(tables, lang)
    if theme.kind == "categories":
        return _by_material(theme, tables, lang)
    codes = {
        layer.id: classes_of(theme, _cover(state, data, layer) if theme.id == "cover" else values_of(
            theme, tables[layer.id]))
        for layer in layers
    }  # fmt: skip
    return codes, [
        LegendEntry(text, colour) for text, colour in zip(range_texts(theme), theme.colours, strict=True)
    ]  # fmt: skip


def range_texts(theme: PipeTheme) -> list[str]:
    """Return what the classes between limits are called, from the lowest."""
    limits = [f"{limit:g}" for limit in theme.limits]
    if theme.kind == "years":
        between = [f"{low:.0f}–{high - 1:.0f}" for low, high in pairwise(theme.limits)]
    else:
        between = [f"{low} – {high}" for low, high in pairwise(limits)]
    return [f"< {limits[0]}", *between, f"≥ {limits[-1]}"]


def _cover(state: ProjectState, data: Mapping[str, LayerData], layer: Layer) -> NDArray[np.float64]:
    """Return the depth of cover over the pipes of a layer."""
    found = data[layer.id]
    assert isinstance(found, VectorData)  # noqa: S101 - features, as the caller looked
    frame = found.frame
    if state.frame is None or not hasattr(frame, "geometry"):
        return np.full(found.count, np.nan)
    ground = ground_under(state.layers, data, state.frame)
    local = PrepareContext(state.frame, ground).local_frame(found)
    nodes = [table for node in state.with_role("pipe_nodes") if (table := table_of(node, data)) is not None]
    cover = cover_m(local, pd.concat(nodes) if nodes else None, None if ground.terrain is None else ground.height_m)
    result = pd.Series(cover, index=local.index).reindex(frame.index).to_numpy(dtype=np.float64)
    return np.asarray(result, dtype=np.float64)


def _by_state(tables: Mapping[str, pd.DataFrame], lang: str) -> tuple[dict[str, NDArray[np.int64]], list[LegendEntry]]:
    known = [one for one in states().values() if one.id != UNKNOWN]
    place = pd.Index([one.id for one in known])
    codes = {
        name: np.asarray(place.get_indexer(pd.Index(status_of(table))), np.int64) for name, table in tables.items()
    }
    return codes, [LegendEntry(one.title(lang), one.colour) for one in known]


def _by_material(
    theme: PipeTheme, tables: Mapping[str, pd.DataFrame], lang: str
) -> tuple[dict[str, NDArray[np.int64]], list[LegendEntry]]:
    said = {
        name: table[field].astype("str").where(table[field].notna(), "").str.strip()
        if (field := theme.field_of(table.columns)) is not None else pd.Series("", index=table.index)
        for name, table in tables.items()
    }  # fmt: skip
    counts = pd.concat(list(said.values())).value_counts()
    counts = counts[counts.index != ""]
    named = list(counts.index[: len(theme.colours)])
    rest = len(counts) - len(named)
    place = pd.Index(named)
    codes: dict[str, NDArray[np.int64]] = {}
    for name, column in said.items():
        found = np.asarray(place.get_indexer(pd.Index(column)), dtype=np.int64)
        found[(found < 0) & (column != "").to_numpy()] = len(named)
        codes[name] = found
    rows = [LegendEntry(category("material", str(name), lang), theme.colours[k]) for k, name in enumerate(named)]
    return codes, [*rows, LegendEntry(word("legend.pipes.other", lang, count=rest), OTHER)]


# --- what the legend says of pipes in their own colours ---------------------------------------------------------------


def pipe_entries(layers: Iterable[Layer], data: Mapping[str, LayerData], lang: str) -> list[LegendEntry]:
    """Return the kinds of the pipes that are seen, and what of them is assumed, made larger or ours."""
    shown = [(layer, table) for layer in layers if (table := table_of(layer, data)) is not None]
    if not shown:
        return []
    tints = any(layer.style.pipes.tints for layer, _ in shown)
    found = pd.concat([pd.Series(kinds_of(table)) for _, table in shown]).value_counts()
    entries = []
    for code, row in kinds().items():
        if code in found.index:
            name = kind_title(row, lang)
            pattern = "" if row["pattern"] == "solid" else "dash"
            entries.append(LegendEntry(name, kind_colour(code, tints), pattern, "line", int(found[code])))
    if tints:
        entries.append(LegendEntry(word("legend.pipes.tints", lang), "", symbol="none"))
    return entries + pipe_remarks([layer for layer, _ in shown], data, lang)


def kind_title(row: Mapping[str, Any], lang: str) -> str:
    """Return what pipes of a kind are called; no name says twice that they are pipes."""
    name = str(row["en"] if lang == "en" else row["zh"])
    return name if name.endswith(("管线", "管沟", "tunnel")) else word("legend.pipe_kind", lang, name=name)


def pattern_entries(layers: Iterable[Layer], data: Mapping[str, LayerData], lang: str) -> list[LegendEntry]:
    """Return what the patterns mean while a theme has taken the colours."""
    tables = [table for layer in layers if (table := table_of(layer, data)) is not None]
    found = {code for table in tables for code in set(kinds_of(table).tolist())}
    return [
        LegendEntry(kind_title(row, lang), status()["general"]["count"], "dash", "line")
        for code, row in kinds().items() if code in found and kind_pattern(code) != SOLID
    ]  # fmt: skip


def pipe_remarks(layers: Iterable[Layer], data: Mapping[str, LayerData], lang: str) -> list[LegendEntry]:
    """Return what the arrows mean, what is assumed, and by how much pipes are drawn wider than they are."""
    layers, table = list(layers), status()["pipes"]
    depth = size = 0
    levels = drawn = False
    for layer in layers:
        found = data.get(layer.id)
        if not isinstance(found, VectorData):
            continue
        attributes = table_of(layer, data)
        if attributes is None:
            continue
        size += int(sizes_of(attributes)[3].sum())
        has_level = _has_levels(found, attributes)
        depth += int((~has_level).sum())
        if layer.style.pipes.arrows:
            codes = kinds_of(attributes).astype(str)
            drains = np.isin(codes, [code for code, row in kinds().items() if row["gravity"]])
            levels |= bool((drains & has_level).any())
            drawn |= bool(((~drains | ~has_level) & ~np.isin(codes, CABLES)).any())
    rows = []
    if levels:
        rows.append(LegendEntry(word("legend.pipes.flow", lang), table["arrow"], symbol="arrow"))
    if drawn:
        rows.append(LegendEntry(word("legend.pipes.flow_drawn", lang), table["arrow_drawn"], symbol="arrow"))
    if depth:
        text = word("legend.pipes.depth_assumed", lang, depth=f"{table['depth_m']:g}")
        rows.append(LegendEntry(text, status()["general"]["count"], "dash", "line", depth))
    if size:
        rows.append(LegendEntry(word("legend.pipes.size_assumed", lang), "", symbol="none", count=size))
    wider = max((layer.style.size for layer in layers), default=1.0)
    if wider != 1.0:
        rows.append(LegendEntry(word("legend.pipes.wider", lang, factor=f"{wider:g}"), "", symbol="none"))
    return rows


def _has_levels(found: VectorData, attributes: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which pipes say how deep they lie, by inverts at both ends or by heights of their axis."""
    ends = np.isfinite(levels_of(attributes, "start_invert_m")) & np.isfinite(levels_of(attributes, "end_invert_m"))
    if ends.all() or found.columnar is not None:
        return ends
    geometry: Any = getattr(found.frame, "geometry", None)
    if geometry is None:
        return ends
    points = shapely.get_point(shapely.get_geometry(geometry.to_numpy(), 0), 0)
    z = np.asarray(shapely.get_z(points), dtype=np.float64)
    result: NDArray[np.bool_] = ends | (np.isfinite(z) & (z != 0.0))
    return result
