"""The specification of a sheet as JSON: in the picture or PDF that it made, and handed to the process that draws it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from models.sheets.spec import SheetSpec, require_sheet
from models.store.rows.state_rows import converter


def sheet_json(sheet: SheetSpec) -> dict[str, Any]:
    """Return a sheet as JSON can say it, without the paths of project files in its views."""
    items = tuple(
        item if item.view is None else replace(item, view=replace(item.view, project="")) for item in sheet.items
    )
    return cast("dict[str, Any]", converter.unstructure(replace(sheet, items=items)))


def sheet_of_json(stored: dict[str, Any]) -> SheetSpec:
    """Return the sheet that :func:`sheet_json` said; raises what a strange document raises, and ``sheets.bad_dpi``."""
    sheet = converter.structure(stored, SheetSpec)
    require_sheet(sheet)
    return sheet
