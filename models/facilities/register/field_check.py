"""What a person typed into a field of a register, as a value, and what is wrong with it."""

from __future__ import annotations

import math
from datetime import date

from models.facilities.register.credit_code import fault_of
from models.facilities.register.fields import Field, domain

#: Fields that hold the credit code of an organisation.
CREDIT_CODES = ("DeptCode1", "DeptCode2", "DeptCode3")
#: The longest text of a cell.
MOST_TEXT = 2_000


def checked(field: Field, text: str) -> tuple[str | float | int | None, str]:
    """Return the value that a text means and the code of what is wrong with it, empty where it is sound.

    Parameters
    ----------
    field : Field
    text : str
        Blank means no data.

    Returns
    -------
    value : str, float, int or None
    fault : str
        ``"number"``, ``"range"``, ``"date"``, ``"choice"``, ``"long"``, ``"credit_length"``, ``"credit_sign"``,
        ``"credit_check"``.
    """
    plain = text.strip()
    if not plain:
        return None, ""
    if len(plain) > MOST_TEXT:
        return plain, "long"
    if field.type in ("number", "year"):
        return _number(field, plain)
    if field.type == "date":
        return _day(plain)
    if field.type == "choice":
        known = plain in {choice.id for choice in domain(field.domain).choices} or domain(field.domain).open
        return plain, "" if known else "choice"
    if field.name in CREDIT_CODES and (fault := fault_of(plain)):
        return plain, f"credit_{fault}"
    return plain, ""


def _number(field: Field, plain: str) -> tuple[str | float | int | None, str]:
    try:
        number = float(plain.replace(",", ""))
    except ValueError:
        return plain, "number"
    if not math.isfinite(number) or (field.type == "year" and number != int(number)):
        return plain, "number"
    least = -math.inf if field.least is None else field.least
    most = math.inf if field.most is None else field.most
    value = int(number) if field.type == "year" else number
    return value, "" if least <= number <= most else "range"


def _day(plain: str) -> tuple[str, str]:
    text = plain.replace("/", "-").replace(".", "-")
    parts = text[:10].rstrip("T ").split("-")
    try:
        day = date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except (TypeError, ValueError):
        day = None
    return (day.isoformat(), "") if day is not None else (plain, "date")
