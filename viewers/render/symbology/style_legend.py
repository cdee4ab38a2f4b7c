"""The legend of styled layers, with the values of the data as texts.

Invariants
----------
1. Rows come from the same classes that colour the objects; what is hidden is not in the legend.
2. No data is a hatched row with its count, wherever there is any.
3. A legend is read in a glance: of many categories the most frequent are listed, the rest is counted in one row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.core.field_kinds import kind_of
from models.core.value_text import class_limit
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState
from models.roles import role_row
from models.style.class_names import range_names
from models.style.classify import codes_of, counts_of, ends_of, missing_classes, numbers_of
from models.style.kinds import Class, Density, Reach, Symbology
from models.style.matching import table_for
from models.style.ramps import ramp
from models.views.scene_state import Theme
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.palette.context import PrepareContext
from viewers.render.symbology.heat_map import heat_grid
from viewers.render.symbology.pipe_theme import pipe_remarks
from viewers.render.symbology.reach_shapes import MOST, reaching
from viewers.render.symbology.style_colours import hexagons_of, passing
from viewers.texts.values import category, field_label

Floats = NDArray[np.float64]

#: Classes listed one by one in one layer's legend, and in that of a city with several styled layers.
MOST_ROWS, MOST_ROWS_OF_MANY = 16, 9
#: Colours by which a bar of a continuous ramp is told.
STEPS = 24


def style_legend(state: ProjectState, data: Mapping[str, LayerData], legend: Legend, theme: Theme, lang: str) -> Legend:
    """Return a legend with the rows of all layers that are drawn by a style, before those that were in it."""
    shown = [
        layer for layer in reversed(state.layers)
        if layer.visible and isinstance(data.get(layer.id), VectorData) and _is_told(layer)
    ]  # fmt: skip
    rows: list[LegendEntry] = []
    most = MOST_ROWS if len(shown) == 1 else MOST_ROWS_OF_MANY
    for layer in shown:
        found = data[layer.id]
        assert isinstance(found, VectorData)  # noqa: S101 - looked above
        rows += layer_rows(layer, found, lang, state=state, most=most)
    if not rows:
        return legend
    first, second = (legend.entries, rows) if theme.kind != "plain" else (rows, legend.entries)
    between = [LegendEntry(word("legend.rest", lang), "", symbol="head")] if theme.kind == "plain" and second else []
    note = legend.note
    synthetic = [layer.title(lang) for layer in shown if layer.synthetic]
    if synthetic:
        note = "\n".join(
            text for text in (note, word("legend.synthetic", lang, names=_listed(synthetic, lang))) if text
        )
    return Legend(legend.title, (*first, *between, *second), note)


def _is_told(layer: Layer) -> bool:
    """Return whether a layer has a style of which the legend speaks."""
    return layer.style.symbology is not None and layer.style.symbology.in_legend


def layer_rows(
    layer: Layer, data: VectorData, lang: str, *, state: ProjectState | None = None, most: int = MOST_ROWS
) -> list[LegendEntry]:
    """Return the legend of one layer's style: its name, then its classes, ramp, sizes and what has no data."""
    symbology = layer.style.symbology
    if symbology is None:
        return []
    layer, left = passing(layer, data, None if state is None else state.frame)
    assert isinstance(left, VectorData)  # noqa: S101 - a part of what was one
    data = left
    symbol = _symbol(layer, data)
    if symbology.kind == "heat":
        return [_head(layer, "", lang), *_heat_rows(layer, data, state, lang)]
    if symbology.kind == "hex":
        return [_head(layer, "", lang), *_hex_rows(layer, data, state, lang)]
    if symbology.kind == "single":
        one = symbology.classes[0] if symbology.classes else Class()
        rows = [LegendEntry(one.title(lang) or layer.title(lang), one.colour, symbol=symbol, count=data.count)]
        return rows + _form_rows(symbology, data, lang)
    rows = [_head(layer, "" if symbology.kind == "rules" else symbology.field, lang, symbology.unit)]
    table = data.attributes
    if symbology.kind == "ramp":
        values = numbers_of(table, symbology.field)
        low, high = ends_of(symbology, values)
        if symbology.midpoint is not None:
            reach = max(abs(high - symbology.midpoint), abs(symbology.midpoint - low))
            low, high = symbology.midpoint - reach, symbology.midpoint + reach
        rows.append(ramp_row(symbology, low, high, symbology.midpoint))
        blank = int((~np.isfinite(values)).sum())
    else:
        codes = codes_of(symbology, table_for(symbology, data))
        counts, other, blank = counts_of(symbology, codes)
        rows += class_rows(symbology, counts, other, symbol, lang, most)
        if fewer := fewer_text(symbology, lang):
            rows.append(LegendEntry(fewer, "", symbol="none"))
    if blank and symbology.no_data.visible:
        sign = "line" if layer.role == "pipes" else ""
        rows.append(LegendEntry(word("legend.no_data", lang), symbology.no_data.colour, "hatch", sign, blank))
    remarks = pipe_remarks([layer], {layer.id: data}, lang) if layer.role == "pipes" else []
    return rows + _form_rows(symbology, data, lang) + remarks


def class_rows(
    symbology: Symbology, counts: tuple[int, ...], other: int, symbol: str, lang: str, most: int = MOST_ROWS
) -> list[LegendEntry]:
    """Return a row a class; of more than ``most`` the fullest, and one row that counts the others."""
    seen = [k for k, one in enumerate(symbology.classes) if one.visible]
    if symbology.kind == "graduated":
        seen.reverse()  # the highest on top, as on a thermometer
    elif symbology.kind in ("categorised", "rules"):
        seen = [k for k in seen if counts[k]]
    listed = seen
    if len(seen) > most:
        fullest = set(sorted(seen, key=lambda k: -counts[k])[: most - 1])
        listed = [k for k in seen if k in fullest]
    labels = class_labels(symbology, lang)
    rows = [LegendEntry(labels[k], symbology.classes[k].colour, "", symbol, counts[k]) for k in listed]
    rest = [k for k in seen if k not in set(listed)]
    if rest:
        rows.append(
            LegendEntry(
                word("legend.more", lang, count=len(rest)), "", symbol="none", count=sum(counts[k] for k in rest)
            )
        )
    if other and symbology.other.visible:
        name = symbology.other.title(lang) or word("legend.other", lang)
        rows.append(LegendEntry(name, symbology.other.colour, "", symbol, other))
    return rows


def fewer_text(symbology: Symbology, lang: str) -> str:
    """Return that there are fewer classes than were asked for, and why; empty where there are as many."""
    missing = missing_classes(symbology)
    made = len(symbology.classes)
    return word("legend.fewer", lang, asked=made + missing, made=made) if missing else ""


def class_labels(symbology: Symbology, lang: str) -> list[str]:
    """Return what each class is called: its own label, else its value, range or rule."""
    ranges = range_names(symbology.classes, symbology.field)
    labels = []
    for one, own in zip(symbology.classes, ranges, strict=True):
        if one.label:
            labels.append(one.title(lang))
        elif symbology.kind == "graduated":
            labels.append(own or word("legend.all_values", lang))
        elif symbology.kind == "rules":
            labels.append(one.expression or word("legend.otherwise", lang))
        else:
            labels.append(category(symbology.field, one.value, lang))
    return labels


def ramp_row(
    symbology: Symbology, low: float, high: float, middle: float | None = None, step: float | None = None
) -> LegendEntry:
    """Return a bar of the ramp with its ends, and its middle where it has one."""
    colours = ramp(symbology.ramp).at(np.linspace(0.0, 1.0, STEPS), reverse=symbology.reverse)
    texts = tuple("#{:02x}{:02x}{:02x}".format(*row) for row in colours)
    step = (high - low) / 50 if step is None else step
    half = (low + high) / 2 if step > 1 else float(f"{(low + high) / 2:.3g}")  # a middle nobody chose needs few digits
    ends = (low, half if middle is None else middle, high)
    grouped = kind_of(symbology.field).id != "year"
    said = tuple(class_limit(end, step, grouped=grouped) for end in ends)
    return LegendEntry("", texts[0], symbol="ramp", colours=texts, ends=said)


def _head(layer: Layer, field: str, lang: str, unit: str = "") -> LegendEntry:
    name = layer.title(lang)
    if field:
        name = word("legend.layer_field", lang, layer=name, field=field_label(field, lang))
    if unit:
        name = word("legend.indicator", lang, name=name, unit=unit)
    return LegendEntry(name, "", symbol="head")


def _symbol(layer: Layer, data: VectorData) -> str:
    if layer.role in ("other", "surveys", "check_records", "responses"):
        kind = _dimension(data)
        return ("dot", "line", "")[kind]
    return role_row(layer.role).symbol


def _dimension(data: VectorData) -> int:
    """Return the dimension of a layer's first features: 0 points, 1 lines, 2 areas."""
    import shapely

    if data.features is not None:
        return int(np.max((data.features.kind[:200].astype(int) - 1) % 3, initial=0))
    geometry = getattr(data.frame.head(200), "geometry", None)
    return 2 if geometry is None else int(np.max(shapely.get_dimensions(geometry.to_numpy()), initial=0))


def _form_rows(symbology: Symbology, data: VectorData, lang: str) -> list[LegendEntry]:
    """Return what heights and sizes mean."""
    rows: list[LegendEntry] = []
    raised, sizes = symbology.extrusion, symbology.sizes
    if raised is not None and raised.field:
        field = field_label(raised.field, lang)
        rows.append(LegendEntry(word("legend.height_of", lang, field=field), "", symbol="none"))
    if sizes is not None and sizes.field:
        values = numbers_of(data.attributes, sizes.field)
        top = sizes.top or float(np.nanmax(values, initial=0.0))
        rows.append(LegendEntry(word("legend.size_of", lang, field=field_label(sizes.field, lang)), "", symbol="head"))
        for value in nice_sizes(top):
            share = float(np.sqrt(value / top)) if top else 1.0
            rows.append(LegendEntry(class_limit(value), "", symbol="size", share=share))
    if symbology.reach is not None:
        rows += _reach_rows(symbology, symbology.reach, data, lang)
    return rows


def _reach_rows(symbology: Symbology, reach: Reach, data: VectorData, lang: str) -> list[LegendEntry]:
    """Return what discs and sectors mean, and how many of them are drawn where that is not all."""
    if reach.field:
        told = [word("legend.reach_of", lang, field=field_label(reach.field, lang))]
    else:
        told = [word("legend.reach", lang, metres=class_limit(reach.constant_m))]
    count = len(reaching(symbology, data.frame)[0])
    if count > MOST:
        told.append(word("legend.reach_most", lang, shown=f"{MOST:,}", count=f"{count:,}"))
    return [LegendEntry(text, "", symbol="none") for text in told]


def nice_sizes(top: float) -> tuple[float, ...]:
    """Return three round values, from the largest down, whose discs a legend shows."""
    if top <= 0:
        return ()
    power = 10.0 ** np.floor(np.log10(top))
    first = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= top * 1.0001)
    return tuple(float(f"{first * share:.2g}") for share in (1.0, 0.4, 0.1))


def _heat_rows(layer: Layer, data: VectorData, state: ProjectState | None, lang: str) -> list[LegendEntry]:
    symbology = layer.style.symbology
    if symbology is None or state is None or state.frame is None:
        return []
    from models.terrain.ground import Ground

    grid = heat_grid(layer, data, PrepareContext(state.frame, Ground(None, state.frame.horizontal)))
    high = symbology.high if symbology.high is not None else float(grid.values.max())
    density = symbology.density or Density()
    told = field_label(density.field, lang) if density.field else word("legend.objects", lang)
    return [
        LegendEntry(word("legend.per_km2", lang, what=told), "", symbol="none"),
        ramp_row(symbology, symbology.low or 0.0, high),
    ]


def _hex_rows(layer: Layer, data: VectorData, state: ProjectState | None, lang: str) -> list[LegendEntry]:
    symbology = layer.style.symbology
    if symbology is None or state is None or state.frame is None:
        return []
    cells = hexagons_of(layer, data, state.frame)
    density = symbology.density or Density()
    what = word(f"legend.hex.{density.statistic}", lang, field=field_label(density.field, lang))
    size = word("legend.hex_size", lang, what=what, size=class_limit(cells.size_m))
    low, high = ends_of(symbology, cells.values)
    whole = 50.0 if density.statistic == "count" else None  # objects come in whole numbers
    rows = [LegendEntry(size, "", symbol="none"), ramp_row(symbology, low, high, step=whole)]
    blank = int((~np.isfinite(cells.values)).sum())
    if blank:
        rows.append(LegendEntry(word("legend.no_data", lang), symbology.no_data.colour, "hatch", "", blank))
    return rows


def _listed(names: list[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(names)
