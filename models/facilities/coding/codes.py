"""The identity of a municipal component as digits: built, taken apart and classified by the edition that is stated.

A component (部件) such as a manhole cover or a street light is known by 6 digits of administrative division, then large
class, small class and serial number, 16 in all. How the last ten are split depends on the edition: the digits
``3701990101000001`` are no. 000001 of class 0101 until 2026 and no. 00001 of class 01-010 since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.facilities.coding.editions import CLASS_PARTS, Edition, FacilityClass

#: Class of a component whose code says nothing we know.
UNKNOWN_CLASS = ""

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Code:
    """A code taken apart.

    Parameters
    ----------
    edition : Edition
    digits : tuple of str
        Of each part of the edition, in order.
    """

    edition: Edition
    digits: tuple[str, ...]

    def part(self, *names: str) -> str:
        """Return the digits of some parts, empty if the edition has none of them."""
        pairs = zip(self.edition.parts, self.digits, strict=True)
        return "".join(digits for part, digits in pairs if part.name in names)

    @property
    def division(self) -> str:
        """Return the six digits of the county or district (GB/T 2260)."""
        return self.part("division")

    @property
    def class_code(self) -> str:
        """Return large and small class."""
        return self.part(*CLASS_PARTS)

    @property
    def serial(self) -> str:
        """Return the serial number."""
        return self.part("serial")

    @property
    def known_class(self) -> FacilityClass | None:
        """Return its class as the edition's table has it, None where it has none."""
        return self.edition.classes.get(self.class_code)

    def __str__(self) -> str:
        return "".join(self.digits)


def parse(code: object, edition: Edition) -> Code:
    """Take a code apart.

    Raises
    ------
    UserError
        ``facilities.bad_code`` if it has not the digits of the edition, ``facilities.no_code_edition`` without one.
    """
    text = str(code).strip()
    if not edition.is_stated:
        raise UserError("facilities.no_code_edition", value=text)
    if len(text) != edition.length or not _is_digits(text):
        raise UserError("facilities.bad_code", value=text, digits=edition.length)
    digits, start = [], 0
    for part in edition.parts:
        digits.append(text[start : start + part.digits])
        start += part.digits
    return Code(edition, tuple(digits))


def build(edition: Edition, **parts: str | int) -> str:
    """Return the code of some parts, ``build(edition, division="370199", large="01", small="010", serial=1)``.

    Parameters
    ----------
    edition : Edition
    **parts : str or int
        One a part of the edition; numbers are filled up with zeros. ``class_code`` may stand for large and small class.

    Raises
    ------
    UserError
        ``facilities.bad_code_part`` where a part is missing, no digits, or has too many.
    """
    if "class_code" in parts:
        text, start = str(parts.pop("class_code")), 0
        for part in (one for one in edition.parts if one.name in CLASS_PARTS):
            parts[part.name] = text[start : start + part.digits]
            start += part.digits
        if start != len(text):
            raise UserError("facilities.bad_code_part", part="class", value=text, digits=start)
    digits = []
    for part in edition.parts:
        value = parts.get(part.name, "")
        text = str(value).zfill(part.digits) if isinstance(value, int) else value
        if len(text) != part.digits or not _is_digits(text):
            raise UserError("facilities.bad_code_part", part=part.name, value=text, digits=part.digits)
        digits.append(text)
    return "".join(digits)


def texts(codes: pd.Series[Any] | NDArray[Any]) -> pd.Series[str]:
    """Return codes as text, empty where there is none; whole numbers of a spreadsheet lose their ``.0``."""
    column = pd.Series(codes)
    if pd.api.types.is_float_dtype(column.dtype):
        whole = np.isfinite(column.astype(float)) & (np.abs(column.astype(float)) < 2**53)
        column = column.where(whole & (column % 1 == 0)).astype("Int64")
    plain = column.astype(object)
    return plain.where(plain.notna(), "").astype("str").str.strip()


def part_texts(codes: pd.Series[str], edition: Edition, *names: str) -> pd.Series[str]:
    """Return some parts of each code as text, empty where it has not the digits of the edition."""
    start, stop = edition.span(*names)
    return codes.str.slice(start, stop).where(well_formed(codes, edition), "")


def well_formed(codes: pd.Series[str], edition: Edition) -> pd.Series[bool]:
    """Return which texts have the digits of the edition, and nothing else."""
    return codes.str.fullmatch(f"[0-9]{{{edition.length}}}") & edition.is_stated


def classify(codes: pd.Series[Any] | NDArray[Any], edition: Edition) -> Texts:
    """Return the class of each code.

    Parameters
    ----------
    codes : Series or array
        Codes of components, or class codes alone.
    edition : Edition

    Returns
    -------
    ndarray of str
        ``""`` where the code is malformed, its class is not in the table, or no edition is stated.
    """
    text = texts(codes)
    if not edition.class_digits:
        return np.full(len(text), UNKNOWN_CLASS, dtype=object)
    kinds = text.where(text.str.len() == edition.class_digits, part_texts(text, edition, *CLASS_PARTS))
    return kinds.where(kinds.isin(list(edition.classes)), UNKNOWN_CLASS).to_numpy(dtype=object)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
