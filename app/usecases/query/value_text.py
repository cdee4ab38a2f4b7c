"""The words of fields and values in the session's language, as properties, tables and the command line show them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from resources.words import has

if TYPE_CHECKING:
    from app.session import Session

#: What a field's name ends with → how its unit is written. Longer endings first.
_UNITS = (
    ("_m2", " m²"), ("_mm", " mm"), ("_m", " m"), ("_pct", " %"), ("_deg", "°"), ("_min", " min"), ("_m3", " m³"),
)  # fmt: skip


def field_label(session: Session, field: str) -> str:
    """Return a field's name in the session's language, the field itself where there is no word for it."""
    return session.word(f"field.{field}") if has(f"field.{field}") else field


def value_text(session: Session, field: str, value: object) -> str:
    """Return one value as shown: units after numbers, words for known codes, a dash for no data."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "<NA>", ""):
        return session.word("value.none")
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return session.word("value.yes" if value else "value.no")
    if isinstance(value, (int, float)) or hasattr(value, "dtype"):
        unit = next((text for ending, text in _UNITS if field.endswith(ending)), "")
        number = float(value)  # type: ignore[arg-type]
        if field == "year" or (number.is_integer() and not unit):
            return f"{int(number)}" if field == "year" else f"{int(number):,}"
        return f"{number:,.2f}".rstrip("0").rstrip(".") + unit
    text = str(value)
    return session.word(f"value.{field}.{text}") if has(f"value.{field}.{text}") else text


def in_unit(value: float, unit: str) -> str:
    """Write a measured number: millimetres for lengths, as the trade reads them in metres with three digits."""
    digits = 3 if unit in ("m", "m²", "m³") else 2
    text = f"{value:,.{digits}f}".rstrip("0").rstrip(".")
    return f"{text}{unit}" if unit == "°" else f"{text} {unit}"
