"""GeoPackages for the field: a layer a kind of objects, with a form that QGIS and QField show.

The form stands in ``layer_styles`` of the file itself, as QGIS keeps it: names of fields, choices, a date, a camera, a
tab an indicator. A table ``chengjing_collection`` says what the file is.

Source: QGIS 3, layer_styles of GeoPackage and the QML of vector layers (fields and forms).
"""

from __future__ import annotations

import contextlib
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from models.core.errors import UserError, first_line
from models.store.sqlite_guard import is_sqlite

#: The table that says what a file is.
MARK_TABLE = "chengjing_collection"
#: Largest file that is taken for a return, bytes, and most features in it.
MOST_BYTES, MOST_FEATURES = 512 * 1024**2, 200_000
_STYLES = """CREATE TABLE IF NOT EXISTS layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Parameters
    ----------
    name, title : str
        Column, and what a person reads.
    widget : str
        ``"text"``, ``"choice"``, ``"date"``, ``"photo"`` or ``"fixed"`` (shown, not changed).
    tab : str
        Where it stands.
    choices : mapping of str to str
        What a person reads → what is kept.
    """

    name: str
    title: str
    widget: str = "text"
    tab: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldLayer:
    """One layer of a GeoPackage for the field."""

    name: str
    title: str
    frame: pd.DataFrame
    fields: Sequence[FormField]


def write_field_geopackage(path: Path, layers: Sequence[FieldLayer], marks: Mapping[str, str]) -> None:
    """Write layers with their forms into a file that does not exist yet."""
    for layer in layers:
        pyogrio.write_dataframe(layer.frame, path, layer=layer.name, driver="GPKG", append=path.exists())
    table = pd.DataFrame({"name": list(marks), "value": list(marks.values())})
    pyogrio.write_dataframe(table, path, layer=MARK_TABLE, driver="GPKG", append=path.exists())
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_STYLES)
        connection.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES"
            " ('layer_styles', 'attributes', 'layer_styles')"
        )
        for layer in layers:
            geometry = "geom" if isinstance(layer.frame, gpd.GeoDataFrame) else ""
            connection.execute(
                "UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?", (layer.title, layer.name)
            )
            connection.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, 'form', ?, '', 1, ?, ?)",
                (layer.name, geometry, form_qml(layer), layer.title, "chengjing"),
            )


def form_qml(layer: FieldLayer) -> str:
    """Return the form of a layer as QGIS keeps it."""
    root = ET.Element("qgis", version="3.28.0-Firenze", styleCategories="Fields|Forms|AttributeTable")
    configuration = ET.SubElement(root, "fieldConfiguration")
    aliases, editable = ET.SubElement(root, "aliases"), ET.SubElement(root, "editable")
    for at, one in enumerate(layer.fields, 1):  # 0 is the number of the feature
        held = ET.SubElement(configuration, "field", name=one.name, configurationFlags="None")
        kind, options = _widget(one)
        widget = ET.SubElement(ET.SubElement(held, "editWidget", type=kind), "config")
        _options(ET.SubElement(widget, "Option", type="Map"), options)
        ET.SubElement(aliases, "alias", field=one.name, index=str(at), name=one.title)
        ET.SubElement(editable, "field", name=one.name, editable="0" if one.widget == "fixed" else "1")
    ET.SubElement(root, "editorlayout").text = "tablayout"
    form = ET.SubElement(root, "attributeEditorForm")
    tabs: dict[str, ET.Element] = {}
    for at, one in enumerate(layer.fields, 1):
        if one.tab not in tabs:
            tabs[one.tab] = ET.SubElement(
                form, "attributeEditorContainer", name=one.tab, showLabel="1", columnCount="1", groupBox="0",
                type="Tab", visibilityExpressionEnabled="0", collapsed="0",
            )  # fmt: skip
        ET.SubElement(tabs[one.tab], "attributeEditorField", name=one.name, index=str(at), showLabel="1")
    ET.SubElement(root, "previewExpression").text = '"object_name"'
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _widget(one: FormField) -> tuple[str, dict[str, Any]]:
    if one.widget == "choice":
        return "ValueMap", {"map": [{shown: kept} for shown, kept in one.choices.items()]}
    if one.widget == "date":
        return "DateTime", {"display_format": "yyyy-MM-dd", "field_format": "yyyy-MM-dd", "calendar_popup": True,
                            "allow_null": True}  # fmt: skip
    if one.widget == "photo":  # relative to the project, which QField makes of the file it opens
        return "ExternalResource", {"DocumentViewer": 1, "RelativeStorage": 1, "StorageMode": 0, "FileWidget": True,
                                    "FileWidgetButton": True}  # fmt: skip
    return "TextEdit", {"IsMultiline": one.name == "note", "UseHtml": False}


def _options(parent: ET.Element, options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if isinstance(value, list):
            listed = ET.SubElement(parent, "Option", name=name, type="List")
            for item in value:
                _options(ET.SubElement(listed, "Option", type="Map"), item)
        else:
            kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "QString"
            text = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(parent, "Option", name=name, type=kind, value=text)


def read_field_geopackage(path: Path) -> tuple[dict[str, str], dict[str, pd.DataFrame]]:
    """Return what a file says it is, and its layers by name.

    Raises
    ------
    UserError
        ``health.return_foreign``, ``health.return_unreadable``, ``health.return_huge``.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("health.return_huge", file=path.name)
        if not is_sqlite(path):
            raise UserError("health.return_foreign", file=path.name)
        names = [str(row[0]) for row in pyogrio.list_layers(path)]
        if MARK_TABLE not in names:
            raise UserError("health.return_foreign", file=path.name)
        found: dict[str, pd.DataFrame] = {}
        for name in names:
            if name == "layer_styles":
                continue
            if pyogrio.read_info(path, layer=name, force_feature_count=True)["features"] > MOST_FEATURES:
                raise UserError("health.return_huge", file=path.name)
            found[name] = pyogrio.read_dataframe(path, layer=name)
    except UserError:
        raise
    except Exception as error:  # whatever is wrong in it
        raise UserError("health.return_unreadable", file=path.name, reason=first_line(error)) from error
    marks = found.pop(MARK_TABLE)
    if not {"name", "value"} <= set(marks.columns):
        raise UserError("health.return_foreign", file=path.name)
    return {str(k): str(v) for k, v in zip(marks["name"], marks["value"], strict=True)}, found
