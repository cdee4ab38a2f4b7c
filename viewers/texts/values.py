"""Values as a person reads them: numbers with units, words for codes, yes and no, and what stands for no data.

How a number is written (digits, thousands, sign) is decided in :mod:`models.core.value_text`; here is what needs words.
Every function takes ``lang``, ``"zh"`` or ``"en"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from models.core.field_kinds import kind_of
from models.core.value_text import (
    NumberForm,
    figure,
    form_of,
    indicator_digits,
    is_fraction,
    is_missing,
    is_whole,
    percent,
    quantity,
    rounded,
    statistic,
)
from models.query.shown_words import ShownWords
from resources.words import LANGUAGES, has, table, word

if TYPE_CHECKING:
    from models.bim.fact import Fact

#: What a field's name ends with → how its unit is written. Longer endings first.
_UNITS = (
    ("_m2", " m²"), ("_mm", " mm"), ("_m", " m"), ("_pct", " %"), ("_deg", "°"), ("_min", " min"), ("_m3", " m³"),
)  # fmt: skip


def no_data(lang: str) -> str:
    """Return what stands where there is no value: a dash."""
    return word("value.none", lang)


def yes_no(value: object, lang: str) -> str:
    """Return a truth value in words."""
    return word("value.yes" if value else "value.no", lang)


def field_label(field: str, lang: str) -> str:
    """Return a field's name in words, the field itself where the program has none for it."""
    return word(f"field.{field}", lang) if has(f"field.{field}") else field


def category(field: str, code: str, lang: str) -> str:
    """Return a code of a field in words, the code itself where the program has none for it."""
    key = f"value.{field}.{code}"
    return word(key, lang) if has(key) else code


@lru_cache(maxsize=1)
def shown_words() -> ShownWords:
    """Return the words of all codes, and of yes and no, in every language: what may be asked for."""
    codes: dict[str, dict[str, tuple[str, ...]]] = {}
    for key, pair in table().items():
        kind, _, rest = key.partition(".")
        field, dot, code = rest.partition(".")
        if kind == "value" and dot:
            codes.setdefault(field, {})[code] = tuple(dict.fromkeys(pair[lang] for lang in LANGUAGES))
    yes, no = (tuple(word(f"value.{name}", lang) for lang in LANGUAGES) for name in ("yes", "no"))
    return ShownWords(codes, yes, no)


def unit_of(field: str) -> str:
    """Return the unit that a field's name ends with, as it follows a number (``" m²"``); empty for none."""
    return next((text for ending, text in _UNITS if field.endswith(ending)), "")


def field_with_unit(field: str, label: str, lang: str) -> str:
    """Return the heading of a field with its unit, as an axis has it."""
    unit = unit_of(field).strip()
    return word("field.with_unit", lang, name=label, unit=unit) if unit and unit not in label else label


def field_value(field: str, value: object, lang: str, form: NumberForm | None = None) -> str:
    """Return the value of a field: its unit (which its name ends with) after a number, words for a known code.

    Parameters
    ----------
    field : str
    value : object
    lang : str
    form : NumberForm, optional
        How the column writes its numbers (:meth:`models.query.columns.Columns.form`); None for one value alone.
    """
    if is_missing(value):
        return no_data(lang)
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return yes_no(value, lang)
    if is_whole(value) or is_fraction(value):
        return figure(value, form or form_of(field, (value,))) + unit_of(field)
    return category(field, str(value), lang)


def property_value(value: object, unit: str, lang: str) -> str:
    """Return a property of an IFC element with its unit.

    Lengths, areas and volumes have three decimals: the trade reads millimetres in metres.
    """
    if unit and isinstance(value, (int, float)) and not isinstance(value, bool):
        gap = "" if unit == "°" else " "
        return rounded(value, 3 if unit in ("m", "m²", "m³") else 4) + gap + unit
    if isinstance(value, (list, tuple)):
        text = ", ".join(field_value("", one, lang) for one in value)
        return f"{text} {unit}" if unit else text
    return field_value("", value, lang)


def compared_value(value: object, lang: str) -> str:
    """Return a value that two versions differ in; what is not there is stated in words, never an empty text."""
    if value is None or value == "":
        return word("finding.absent", lang)
    if isinstance(value, bool):
        return yes_no(value, lang)
    if isinstance(value, float):
        return rounded(value, 4)
    if isinstance(value, (list, tuple)):
        return " × ".join(compared_value(one, lang) for one in value)
    return str(value)


def fact_value(fact: Fact, lang: str, missing: str = "", *, trimmed: bool = True) -> str:
    """Return what a building model states of its building, with its unit.

    Parameters
    ----------
    fact : Fact
    lang : str
    missing : str
        What is returned where the model does not state it.
    trimmed : bool
        As on a panel: no zeros at the end, thousands of whole numbers apart. Else as in a table of the terminal.
    """
    from models.bim.facts import named

    value = fact.value
    if value is None:
        return missing
    if isinstance(value, bool):
        return word("bim.true" if value else "bim.false", lang)
    if isinstance(value, float):
        return quantity(value, fact.unit, trimmed=trimmed)
    if isinstance(value, int) and trimmed:
        return str(value) if fact.code == "year" else f"{value:,}"
    return named(fact.code, str(value), lang)


def indicator_value(value: float | None, unit: str, missing: str) -> str:
    """Return the value of a health indicator: one decimal for per cent and from a hundred on, else two."""
    if value is None:
        return missing
    return quantity(value, unit, indicator_digits(value, unit), trimmed=True)


def statistic_value(name: str, value: float | None, field: str = "") -> str:
    """Return a figure of a column's statistics (``"count"``, ``"mean"``, ``"coverage"`` …), empty for none.

    Parameters
    ----------
    name : str
        Of :class:`models.query.statistics.Figures`.
    value : int, float or None
    field : str
        Of which field: the least and the most of years and codes are written as years and codes are.
    """
    if value is None:
        return ""
    if name == "coverage":
        return f"{percent(value, 1)} %"
    if name in ("count", "missing", "distinct"):
        return f"{value:,}"
    kind = kind_of(field)
    if (name == "sum" and kind.id and not kind.adds_up) or (name in ("sum", "mean", "spread") and kind.id == "code"):
        return ""  # the sum of years, or the mean of codes, is a number that says nothing
    if field and name in ("least", "most"):
        return figure(value, form_of(field, (value,)))
    return statistic(value, grouped=not field or kind.grouped)


def without_common_ending(names: Iterable[str]) -> dict[str, str]:
    """Return short names of sub-districts by their full ones: without the ending that all of them share."""
    known = list(dict.fromkeys(name for name in names if name))
    least = min((len(name) for name in known), default=0)
    size = next((n for n in range(least) if len({name[-n - 1 :] for name in known}) > 1), 0)
    return {name: name[:-size].strip() for name in known} if len(known) > 1 and size > 1 else {}
