"""How a form of a community is laid out as a workbook, for who writes it and who reads it."""

from __future__ import annotations

#: The hidden sheet, and what it says in its first row.
MARK_SHEET, MARK, VERSION = "chengjing", "chengjing.health.collection", "1"
#: Rows of a sheet of objects: title, how to, key, indicator, item; then the objects.
KEY_ROW, INDICATOR_ROW, ITEM_ROW, FIRST_ROW = 3, 4, 5, 6
#: Fields of a form after its items, in workbooks and GeoPackages.
TAIL = ("checked_by", "checked_on", "note", "photo")
#: Fields of the table of values of a community.
VALUE_COLUMNS = ("indicator", "name", "unit", "numerator", "denominator", "value", "as_of", "source", "note")
#: Name of that table in a GeoPackage, and head row of its sheet.
VALUES, VALUES_HEAD = "unit_values", 3
YES, NO = "yes", "no"
#: Between several photographs in a cell.
PHOTO_MARK = ";"
