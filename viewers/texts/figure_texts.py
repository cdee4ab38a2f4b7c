"""Figures as a person reads them. Every function takes ``lang``, ``"zh"`` or ``"en"``."""

from __future__ import annotations

from models.core.value_text import minus, number, quantity, rounded
from models.report.figure import Figure
from resources.words import word


def figure_text(
    figure: Figure, lang: str, *, with_unit: bool = True, missing: str | None = None, tight: bool = False
) -> str:
    """Return a figure as it is printed.

    Parameters
    ----------
    figure : Figure
    lang : str
    with_unit : bool
        With its unit behind it; a share always has its sign.
    missing : str, optional
        What stands where there is no data; the word for it where nothing is said.
    tight : bool
        As running Chinese text is set: no gap before a unit that is no letter (``72.3%``, ``12栋``, ``4 km²``).
    """
    text = _text(figure, lang, with_unit, missing)
    if tight and figure.value is not None and " " in text:
        head, _, unit = text.partition(" ")
        return text if unit[:1].isascii() and unit[:1].isalpha() else head + unit
    return text


def _text(figure: Figure, lang: str, with_unit: bool, missing: str | None) -> str:
    value = figure.value
    if value is None:
        return word("health.no_data", lang) if missing is None else missing
    if figure.form == "year":
        return str(int(value))
    if figure.form == "count":
        unit = figure.unit_text(lang) if with_unit else ""
        return f"{int(value):,} {unit}".strip()
    if figure.form == "share":
        return f"{minus(number(100.0 * value, figure.digits, grouped=False, trimmed=True))} %"
    if not with_unit:
        return minus(rounded(value, figure.digits))
    return minus(quantity(value, figure.unit_text(lang), figure.digits, trimmed=True))


def readings(figure: Figure, lang: str) -> tuple[str, ...]:
    """Return all the ways in which documents write a figure: with its unit and without, an amount without its sign."""
    if figure.value is None:
        return ()
    tight = lang == "zh"
    found = [figure_text(figure, lang, with_unit=unit, tight=tight) for unit in (True, False)]
    bare = [text.removesuffix("%").strip() for text in found]
    return tuple(dict.fromkeys(one for text in (*found, *bare) for one in (text, text.removeprefix("−"))))
