"""Whether a row is a definition: what a form or a file says is looked at before it becomes part of a project."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from models.core.errors import UserError
from models.health.editions import EditionTables, indicator_of

DIRECTIONS = ("up", "down", "context")
FORMS = ("ratio", "count")
EXTENTS = ("municipal", "built_up", "boundary", "block", "community", "building", "")
KINDS = ("bottom_line", "improvement", "")
ORIGINS = ("national", "provincial", "city")
OPERATORS = (">=", "<=")

#: The method of indicators whose formula a person wrote.
FORMULA = "formula"

_CODE = re.compile(r"[\w.-]{1,24}")
_LONGEST = 2000
_TEXTS = (
    "name", "name_en", "aspect", "aspect_en", "section", "section_en", "unit", "unit_en", "formula", "formula_en",
    "numerator", "numerator_en", "denominator", "denominator_en", "quantity_unit", "quantity_unit_en", "source",
    "denominator_unit", "denominator_unit_en", "department", "department_en", "evidence_grade", "dimension", "method",
)  # fmt: skip


def checked_row(row: Mapping[str, Any], tables: EditionTables) -> dict[str, Any]:
    """Return a row with what it left out filled in, where it is a definition.

    Parameters
    ----------
    row : mapping
        As in the tables of an edition.
    tables : EditionTables
        The edition that it becomes part of: its dimensions.

    Raises
    ------
    UserError
        ``health.definition_damaged``, with the indicator, the key and what stands there.
    """
    code = str(row.get("code", "")).strip()

    def refuse(key: str, value: object) -> None:
        raise UserError("health.definition_damaged", indicator=code or "—", field=key, value=str(value)[:60])

    if not _CODE.fullmatch(code):
        refuse("code", row.get("code", ""))
    made = dict(row) | {"code": code}
    made.setdefault("number", 0)
    name = str(made.get("name", "")).strip()
    if not name:
        refuse("name", "")
    for key, other in (("name_en", "name"), ("aspect_en", "aspect"), ("unit_en", "unit")):
        made.setdefault(other, "")
        made.setdefault(key, made[other])
    made.setdefault("direction", "context")
    for key in _TEXTS:
        if not isinstance(made.get(key, ""), str) or len(made.get(key, "")) > _LONGEST:
            refuse(key, made[key])
    if isinstance(made["number"], bool) or not isinstance(made["number"], int):
        refuse("number", made["number"])
    known = {one["id"] for one in tables.about["dimension"]}
    for key, choices in (
        ("direction", DIRECTIONS), ("form", FORMS), ("extent", EXTENTS), ("kind", KINDS), ("origin", ORIGINS),
        ("dimension", known),
    ):  # fmt: skip
        if key in made and made[key] not in choices:
            refuse(key, made[key])
    if "dimension" not in made:
        refuse("dimension", "")
    for rule in made.get("benchmark", ()):
        _checked_benchmark(rule, refuse)
    if made.get("method") == FORMULA:
        from models.health.definitions.formula_text import parse

        made["form"] = parse(str(made.get("parameters", {}).get("expression", ""))).form
    try:
        indicator_of(made, str(tables.about["edition"]["id"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        refuse(str(error).strip("'")[:40], "—")
    return made


def _checked_benchmark(rule: Any, refuse: Any) -> None:
    if not isinstance(rule, Mapping):
        refuse("benchmark", rule)
    value = rule.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        refuse("benchmark.value", value)
    if rule.get("op") not in OPERATORS:
        refuse("benchmark.op", rule.get("op"))
    for key in ("zh", "en", "source"):
        if not isinstance(rule.get(key), str):
            refuse(f"benchmark.{key}", rule.get(key))
