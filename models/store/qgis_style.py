"""QGIS's default styles, so that a project opened there has the city's colours.

QGIS looks for a table ``layer_styles`` inside a GeoPackage and draws each layer with the row marked as default. Rows
that a person made in QGIS are never touched; if one of them is the default, ours steps back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from models.geometry.feature_table import Features
from models.layers.layer import Layer
from models.roles import role_row
from models.style.class_names import range_names
from models.style.kinds import Class, Sizes, Symbology
from resources.standards import standard

if TYPE_CHECKING:
    import pandas as pd

#: How our own rows are told from a person's.
OWNER = "chengjing"
#: More categories than this are not a legend any more.
CATEGORY_LIMIT = 40

_TABLE = """CREATE TABLE IF NOT EXISTS layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""

#: Colours by the value of a field, by role.
CATEGORIES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "buildings": ("use", {
        "residential": "#e8cf9c", "office": "#9fb8d0", "commercial": "#e0a39a", "education": "#b7cf97",
        "medical": "#e9b6c0", "industrial": "#b7aeb9", "public": "#a9c7c4", "old_house": "#c9a986", "other": "#c9c4bb",
    }),
    "land": ("use", {
        "residential": "#efe6c9", "commercial": "#f0d5ce", "industrial": "#dcd6de", "education": "#e3ebd3",
        "medical": "#f3dfe3", "park": "#bdd6a2", "farmland": "#dfe2b4", "plaza": "#e8e2d6", "road_green": "#c7d9b0",
        "hill": "#a9c08b", "construction": "#dccbae", "old_quarter": "#e3d3bf",
    }),
    "green": ("kind", {
        "park": "#9cc27c", "activity_ground": "#bfd39b", "gated_green": "#cfdcb8", "roadside": "#b6cd98",
        "hill": "#8fae73",
    }),
    "roads": ("class", {
        "expressway": "#d98b3a", "arterial": "#e0b04c", "sub_arterial": "#b9b2a4", "branch": "#c9c6bd",
        "lane": "#dad8d2",
    }),
}  # fmt: skip
#: Id of the symbol layer that hatches what has no value, by which it is known when a style is read.
HATCHED = "chengjing-no-data"
#: Over what has no value: lines, and how much of the grey below them is left, as in the scene.
HATCH, NO_DATA_WASH = "#5d666b", 0.34
#: Colours for a field of which nothing is known.
PALETTE = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#8aa0ac",
)  # fmt: skip


def write(
    connection: sqlite3.Connection,
    tables: Sequence[tuple[str, pd.DataFrame, str | None, Layer]],
    moment: str,
) -> None:
    """Give each feature table its default style.

    Parameters
    ----------
    connection : sqlite3.Connection
        The GeoPackage, in a transaction.
    tables : sequence of (table name, frame, geometry column or None, layer)
        Tables without geometry are left out.
    moment : str
        ISO time noted as that of the style.
    """
    connection.execute(_TABLE)
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (moment,),
    )
    for table, frame, geometry, layer in tables:
        if geometry is None:
            continue
        connection.execute("DELETE FROM layer_styles WHERE f_table_name = ? AND owner = ?", (table, OWNER))
        (theirs,) = connection.execute(
            "SELECT count(*) FROM layer_styles WHERE f_table_name = ? AND useAsDefault", (table,)
        ).fetchone()
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, ?, ?, ?, '', ?, ?, ?, NULL, ?)",
            (table, geometry, OWNER, qml(layer, frame), not theirs, layer.name, OWNER, moment),
        )


def plain_in_qgis(layer: Layer) -> str:
    """Return the kind of a style that QGIS shows as single symbols, for it has none like it; empty for others."""
    symbology = layer.style.symbology
    return symbology.kind if symbology is not None and symbology.kind in ("heat", "hex") else ""


def qml(layer: Layer, frame: Any) -> str:
    """Return a layer's QGIS style.

    Parameters
    ----------
    layer : Layer
        An explicit ``style.by`` categorises, an explicit ``style.colour`` paints in one colour; else the role decides.
    frame : GeoDataFrame or Features

    Returns
    -------
    str
        A QML document: one symbol, or one a category and one for the rest.
    """
    kind = symbol_kind(frame)
    frame = frame.attributes if isinstance(frame, Features) else frame
    root = ET.Element("qgis", version="3.28.0-Firenze", styleCategories="Symbology|Labeling|Rendering")
    _ranges_and_labels(root, layer)
    if layer.style.symbology is not None:
        _by_symbology(root, layer, layer.style.symbology, frame, kind)
        return _document(root, layer, kind)
    field, colours = _categories(layer, frame)
    if field:
        values = [(value, colour, str(value)) for value, colour in colours.items()]
        rest = ("", role_row(layer.role).colour, "")
        renderer = ET.SubElement(
            root, "renderer-v2", type="categorizedSymbol", attr=field, symbollevels="0", enableorderby="0"
        )
        categories = ET.SubElement(renderer, "categories")
        symbols = ET.SubElement(renderer, "symbols")
        for number, (value, colour, label) in enumerate([*values, rest]):
            text = str(value)
            ET.SubElement(
                categories, "category", value=text, symbol=str(number), label=label, render="true", type="string"
            )
            _symbol(symbols, str(number), kind, colour, layer)
    else:
        renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0")
        symbols = ET.SubElement(renderer, "symbols")
        _symbol(symbols, "0", kind, layer.style.colour or role_row(layer.role).colour, layer)
    return _document(root, layer, kind)


def _document(root: ET.Element, layer: Layer, kind: str) -> str:
    ET.SubElement(root, "layerOpacity").text = f"{layer.style.opacity:g}"
    ET.SubElement(root, "layerGeometryType").text = str({"marker": 0, "line": 1, "fill": 2}[kind])
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


#: Steps by which a continuous ramp is written: QGIS has classes.
RAMP_STEPS = 12
_RENDERERS = {"categorised": "categorizedSymbol", "graduated": "graduatedSymbol", "rules": "RuleRenderer"}


def _by_symbology(root: ET.Element, layer: Layer, symbology: Symbology, frame: Any, kind: str) -> None:
    """Write a style by value: what is drawn here is drawn there, as far as flat symbols can say it."""
    if symbology.kind == "ramp":
        symbology = _in_steps(symbology, frame)
    if symbology.kind in ("categorised", "graduated") and _has_blanks(symbology, frame):
        _with_no_data(root, layer, symbology, frame, kind)
        return
    name = _RENDERERS.get(symbology.kind, "singleSymbol")
    renderer = ET.SubElement(root, "renderer-v2", type=name, symbollevels="0", enableorderby="0")
    symbols = ET.Element("symbols")
    rows = [*symbology.classes]
    if symbology.kind == "categorised":
        renderer.set("attr", symbology.field)
        listed = ET.SubElement(renderer, "categories")
        rows.append(symbology.other)
        for number, one in enumerate(rows):
            is_truth = one.value in ("True", "False")
            ET.SubElement(listed, "category", value=one.value.lower() if is_truth else one.value, symbol=str(number),
                          label=one.label or one.value, render=_flag(one.visible),
                          type="bool" if is_truth else "string")  # fmt: skip
    elif symbology.kind == "graduated":
        renderer.set("attr", symbology.field)
        renderer.set("graduatedMethod", "GraduatedColor")
        listed = ET.SubElement(renderer, "ranges")
        names = range_names(rows, symbology.field)
        for number, (one, low, high) in enumerate(_closed(rows, symbology.field, frame)):
            ET.SubElement(listed, "range", lower=repr(low), upper=repr(high), symbol=str(number),
                          label=one.label or names[number], render=_flag(one.visible))  # fmt: skip
    elif symbology.kind == "rules":
        listed = ET.SubElement(renderer, "rules", key="chengjing")
        taken: list[str] = []
        for number, one in enumerate(rows):
            # QGIS draws every rule that holds, ours stop at the first; what is not known is not so.
            own = " AND ".join([f"({one.expression})", *(f"NOT coalesce({before}, false)" for before in taken)])
            rule = ET.SubElement(listed, "rule", key=f"r{number}", symbol=str(number), filter=own,
                                 label=one.label or one.expression)  # fmt: skip
            if not one.expression:
                rule.set("filter", "ELSE")
            if not one.visible:
                rule.set("checkstate", "0")
            taken += [one.expression] if one.expression else []
    elif not rows:
        rows = [Class(role_row(layer.role).colour)]
    renderer.append(symbols)
    for number, one in enumerate(rows[:1] if name == "singleSymbol" else rows):
        _class_symbol(symbols, str(number), kind, one, layer, symbology)


def _class_symbol(
    symbols: ET.Element, name: str, kind: str, one: Class, layer: Layer, symbology: Symbology, *, hatched: bool = False
) -> None:
    _symbol(symbols, name, kind, one.colour, layer, filled=True, factor=one.size, hatched=hatched)
    symbols[-1].set("alpha", f"{one.opacity:g}")
    sizes = symbology.sizes
    if kind == "marker" and sizes is not None and sizes.field:
        _sized(symbols[-1][0], sizes)


def _sized(drawn: ET.Element, sizes: Sizes) -> None:
    """Let QGIS size a marker by a value: its area grows with it, metres on the ground."""
    field = quoted_field(sizes.field)
    top = f"maximum({field})" if sizes.top is None else repr(sizes.top)
    rule = f"{sizes.largest_m:g} * sqrt(max(0, {field}) / {top})"
    holder = ET.SubElement(ET.SubElement(drawn, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(holder, "Option", name="name", type="QString", value="")
    properties = ET.SubElement(holder, "Option", name="properties", type="Map")
    size = ET.SubElement(properties, "Option", name="size", type="Map")
    ET.SubElement(size, "Option", name="active", type="bool", value="true")
    ET.SubElement(size, "Option", name="expression", type="QString", value=rule)
    ET.SubElement(size, "Option", name="type", type="int", value="3")
    ET.SubElement(holder, "Option", name="type", type="QString", value="collection")
    for option in drawn.iter():
        if option.get("name") == "size_unit":
            option.set("value", "MapUnit")
        elif option.tag == "prop" and option.get("k") == "size_unit":
            option.set("v", "MapUnit")


def quoted_field(name: str) -> str:
    """Return a field as QGIS's expressions name it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _has_blanks(symbology: Symbology, frame: Any) -> bool:
    """Whether some object has no value and that is to be seen: QGIS's classes draw nothing there, or "other"."""
    import numpy as np

    from models.style.classify import NO_DATA, codes_of

    return symbology.no_data.visible and bool(np.any(codes_of(symbology, frame) == NO_DATA))


def _with_no_data(root: ET.Element, layer: Layer, symbology: Symbology, frame: Any, kind: str) -> None:
    """Write classes as rules, so that what has no value is grey, and hatched where it is an area."""
    from models.style.classify import inner_limits, is_number

    field = quoted_field(symbology.field)
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    # What the rules came from stands beside them for our own reader; QGIS drops it when somebody changes them.
    listed = ET.SubElement(renderer, "rules", key="chengjing", kind=symbology.kind, attr=symbology.field)
    symbols = ET.Element("symbols")
    rows: list[tuple[Class, str, str, dict[str, str]]] = []
    if symbology.kind == "graduated":
        number = field if is_number(frame, symbology.field) else f"to_real({field})"
        names, limits = range_names([*symbology.classes], symbology.field), inner_limits(symbology.classes)
        for at, one in enumerate(symbology.classes):
            tests = [f"{number} >= {limits[at - 1]!r}"] if at else [f"{field} IS NOT NULL"]
            tests += [f"{number} < {limits[at]!r}"] if at < len(limits) else []
            ends = {} if not at else {"lower": repr(limits[at - 1])}
            rows.append((one, " AND ".join(tests), one.label or names[at], ends))
    else:
        texts = [_literal(one.value) for one in symbology.classes]
        for one, text in zip(symbology.classes, texts, strict=True):
            rows.append((one, f"{field} = {text}", one.label or one.value, {"value": one.value}))
        tests = [f"{field} IS NOT NULL", f"{field} <> ''", *(f"{field} <> {text}" for text in texts)]
        rows.append((symbology.other, " AND ".join(tests), symbology.other.label, {"rest": "other"}))
    blank = symbology.no_data
    rows.append((blank, f"{field} IS NULL OR {field} = ''", blank.label or "—", {"rest": "no_data"}))
    renderer.append(symbols)
    for at, (one, rule, label, origin) in enumerate(rows):
        made = ET.SubElement(
            listed, "rule", {"key": f"r{at}", "symbol": str(at), "filter": rule, "label": label, **origin}
        )
        if not one.visible:
            made.set("checkstate", "0")
        _class_symbol(symbols, str(at), kind, one, layer, symbology, hatched=one is blank)


def _literal(text: str) -> str:
    """Return a text as QGIS's expressions write it; a truth is one there."""
    if text in ("True", "False"):
        return text.lower()
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _closed(rows: Sequence[Class], field: str, frame: Any) -> list[tuple[Class, float, float]]:
    """Return graduated classes with both ends; QGIS holds the upper end too, so that it is a hair below the limit."""
    import numpy as np

    from models.style.classify import numbers_of

    values = numbers_of(frame, field)
    known = values[np.isfinite(values)]
    least, most = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    closed = []
    for one in rows:
        low = min(least, one.high if one.high is not None else least) if one.low is None else one.low
        high = max(most, low) if one.high is None else float(np.nextafter(one.high, -np.inf))
        closed.append((one, low, high))
    return closed


def _in_steps(symbology: Symbology, frame: Any) -> Symbology:
    import numpy as np

    from models.style.classify import ends_of, numbers_of, with_limits

    values = numbers_of(frame, symbology.field)
    low, high = ends_of(symbology, values)
    inner = np.linspace(low, high, RAMP_STEPS + 1)[1:-1].tolist() if high > low else []
    return replace(with_limits(replace(symbology, classes=()), inner), kind="graduated")


def _ranges_and_labels(root: ET.Element, layer: Layer) -> None:
    scales, labels = layer.style.scales, layer.style.labels
    if scales is not None:
        root.set("hasScaleBasedVisibilityFlag", "1")
        root.set("minScale", f"{scales.smallest or 1e8:g}")
        root.set("maxScale", f"{scales.largest:g}")
    if labels is not None and labels.field and not labels.expression:
        root.set("labelsEnabled", "1")
        settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings")
        words = ET.SubElement(settings, "text-style", fieldName=labels.field, isExpression="0",
                              fontSize=f"{labels.size_px * 0.75:g}", fontSizeUnit="Point",
                              textColor=_rgba(labels.colour or "#2b3a45"))  # fmt: skip
        ET.SubElement(words, "text-buffer", bufferDraw=str(int(labels.halo)), bufferSize="0.7", bufferSizeUnits="MM",
                      bufferColor=_rgba("#ffffff"))  # fmt: skip


def _flag(value: bool) -> str:
    return "true" if value else "false"


def symbol_kind(frame: Any) -> str:
    """Return ``"marker"``, ``"line"`` or ``"fill"``: the dimension of the first geometry that there is."""
    import numpy as np
    import shapely

    if isinstance(frame, Features):
        return ("marker", "line", "fill")[int((np.asarray(frame.kind[:1000]) - 1).max() % 3)]
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    return ("marker", "line", "fill")[int(np.max(dimensions[:1000], initial=0))]


def _categories(layer: Layer, frame: Any) -> tuple[str, dict[Any, str]]:
    """Return the field that colours a layer and the colour of each value, an empty field for one colour."""
    style = layer.style
    if style.by and style.by in frame.columns:
        values = sorted({str(value) for value in frame[style.by].dropna().unique()})
        if 0 < len(values) <= CATEGORY_LIMIT:
            return style.by, {value: PALETTE[number % len(PALETTE)] for number, value in enumerate(values)}
    if style.colour:
        return "", {}
    if layer.role == "facilities" and "ObjState" in frame.columns:
        return "ObjState", _state_colours()
    if layer.role == "pipes" and "kind" in frame.columns:
        return "kind", _pipe_colours()
    field, colours = CATEGORIES.get(layer.role, ("", {}))
    return (field, dict(colours)) if field in frame.columns else ("", {})


@lru_cache(maxsize=1)
def _state_colours() -> dict[Any, str]:
    return {row["words"][0]: row["colour"] for row in standard("facility_states")["state"] if row["words"]}


@lru_cache(maxsize=1)
def _pipe_colours() -> dict[Any, str]:
    return {row["code"]: "#{:02x}{:02x}{:02x}".format(*row["rgb"]) for row in standard("pipes_cjj61")["kind"]}


def _symbol(
    parent: ET.Element, name: str, kind: str, colour: str, layer: Layer, *, filled: bool = False, factor: float = 1.0,
    hatched: bool = False,
) -> None:  # fmt: skip
    symbol = ET.SubElement(parent, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    classes = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    drawn = ET.SubElement(symbol, "layer", {"class": classes[kind], "enabled": "1", "locked": "0", "pass": "0"})
    size = layer.style.size * factor
    if kind == "marker":
        options = {
            "name": "circle", "color": _rgba(colour), "outline_color": _rgba("#ffffff"), "outline_width": "0.1",
            "size": f"{1.6 * size:g}", "size_unit": "MM",
        }  # fmt: skip
    elif kind == "line":
        options = {
            "line_color": _rgba(colour), "line_width": f"{0.4 * size:g}", "line_width_unit": "MM",
            "line_style": "solid",
            "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
    else:
        hollow = role_row(layer.role).outline and not filled
        options = {
            "color": _rgba(colour), "style": "no" if hollow else "solid", "outline_style": "solid",
            "outline_color": _rgba(colour if hollow else "#7d8d96"), "outline_width_unit": "MM",
            "outline_width": f"{0.5 * size if hollow else 0.1:g}",
        }  # fmt: skip
    if hatched and kind == "fill":
        options["color"] = _rgba(colour, NO_DATA_WASH)
    _options(drawn, options)
    if hatched and kind == "fill":
        lines = ET.SubElement(
            symbol, "layer", {"class": "LinePatternFill", "id": HATCHED, "enabled": "1", "locked": "0", "pass": "0"}
        )
        _options(lines, {"angle": "45", "distance": "1.6", "distance_unit": "MM", "line_width": "0.2",
                         "line_width_unit": "MM", "color": _rgba(HATCH)})  # fmt: skip
        ink = ET.SubElement(
            lines, "symbol", name=f"@{name}@1", type="line", alpha="1", clip_to_extent="1", force_rhr="0"
        )
        stroke = ET.SubElement(ink, "layer", {"class": "SimpleLine", "enabled": "1", "locked": "0", "pass": "0"})
        _options(
            stroke, {"line_color": _rgba(HATCH), "line_width": "0.2", "line_width_unit": "MM", "line_style": "solid"}
        )


def _options(drawn: ET.Element, options: Mapping[str, str]) -> None:
    mapping = ET.SubElement(drawn, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(mapping, "Option", name=key, type="QString", value=value)
    for key, value in options.items():  # for QGIS before 3.16
        ET.SubElement(drawn, "prop", k=key, v=value)


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
