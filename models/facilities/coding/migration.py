"""Codes of one edition brought to another by a crosswalk: old class to new class, serials that fit, keys that survive.

Invariants
----------
1. Nothing is matched by likeness: a class that the crosswalk does not name is unmatched and listed.
2. An unmatched component has no code in the new edition. Its old digits would mean something else there, so the field
   is emptied and the old code stays in the field of old codes.
3. A serial is kept where it fits and is free; otherwise the component gets the next number of its new class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.core.errors import UserError
from models.facilities.coding.codes import part_texts, texts, well_formed
from models.facilities.coding.editions import CLASS_PARTS, Edition
from models.facilities.coding.serials import next_serials

#: Where the old code is kept, by the field of the code.
OLD_SUFFIX = "_old"
#: What happened to a code.
KEPT, RENUMBERED, COLLISION, DUPLICATE = "serial_kept", "serial_too_long", "serial_taken", "duplicate"
#: Why there is no new code.
MALFORMED, NO_CLASS, TOO_MANY = "malformed", "class_unmatched", "class_full"


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """What became of one class.

    Parameters
    ----------
    old, new : str
        Class codes in the old and the new edition; ``new`` is empty for a class that has no successor.
    old_name, new_name : str
    """

    old: str
    new: str
    old_name: str = ""
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Which class of one edition became which of another.

    Parameters
    ----------
    rows : tuple of CrosswalkRow
    source : str
        File it was read from.
    """

    rows: tuple[CrosswalkRow, ...]
    source: str = ""

    def by_old(self) -> dict[str, str]:
        """Return the new class of each old one that has one."""
        return {row.old: row.new for row in self.rows if row.new}


@dataclass(frozen=True, slots=True)
class Migration:
    """The codes of a layer in another edition.

    Parameters
    ----------
    rows : DataFrame
        One row a component: ``oid``, ``old``, ``new`` (empty: unmatched), ``note`` (one of the words above),
        ``old_class``, ``new_class``.
    code_field : str
    old_edition, new_edition : Edition
    """

    rows: pd.DataFrame
    code_field: str
    old_edition: Edition
    new_edition: Edition

    @property
    def old_field(self) -> str:
        """Return the field that keeps the old codes."""
        return self.code_field + OLD_SUFFIX

    @property
    def unmatched(self) -> pd.DataFrame:
        """Return the components without a new code."""
        return self.rows[self.rows["new"] == ""]

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many components each note holds."""
        return {str(note): int(count) for note, count in self.rows["note"].value_counts().items()}

    def unmatched_classes(self) -> pd.DataFrame:
        """Return how many components each unmatched old class has: ``old_class``, ``count``."""
        found = self.rows.loc[self.rows["note"] == NO_CLASS, "old_class"].value_counts().sort_index()
        return found.rename_axis("old_class").reset_index(name="count")


def checked_crosswalk(rows: list[CrosswalkRow], old: Edition, new: Edition, source: str) -> Crosswalk:
    """Return a crosswalk whose classes fit the two editions.

    Raises
    ------
    UserError
        ``facilities.crosswalk_empty``, ``facilities.crosswalk_class`` (a class has not the digits of its edition),
        ``facilities.crosswalk_twice`` (one old class becomes two).
    """
    told: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        for code, edition in ((row.old, old), (row.new, new)):
            is_whole = len(code) == edition.class_digits and code.isascii() and code.isdigit()
            if not is_whole and (code or edition is old):
                raise UserError("facilities.crosswalk_class", file=source, row=number, value=code or "—",
                                digits=edition.class_digits, edition=edition.standard)  # fmt: skip
        if told.get(row.old, row.new) != row.new:
            raise UserError("facilities.crosswalk_twice", file=source, row=number, value=row.old)
        told[row.old] = row.new
    if not any(told.values()):
        raise UserError("facilities.crosswalk_empty", file=source)
    return Crosswalk(tuple(rows), source)


def migrate(table: pd.DataFrame, code_field: str, old: Edition, new: Edition, crosswalk: Crosswalk) -> Migration:
    """Return the codes of a layer in another edition; nothing is changed.

    Parameters
    ----------
    table : DataFrame
        Attributes, index = oid.
    code_field : str
    old, new : Edition
    crosswalk : Crosswalk

    Raises
    ------
    UserError
        ``facilities.no_code_edition``, ``facilities.same_edition``, ``facilities.no_serial``.
    """
    if not old.is_stated:
        raise UserError("facilities.no_code_edition", value=code_field)
    if old.id == new.id:
        raise UserError("facilities.same_edition", edition=old.standard)
    for edition in (old, new):
        if not edition.has("serial") or not edition.class_digits:
            raise UserError("facilities.no_serial", edition=edition.standard)
    codes = texts(table[code_field]).reset_index(drop=True)
    formed = well_formed(codes, old)
    division, kinds = part_texts(codes, old, "division"), part_texts(codes, old, *CLASS_PARTS)
    serial = np.asarray(pd.to_numeric(part_texts(codes, old, "serial"), errors="coerce").fillna(-1), dtype=np.int64)
    fresh = kinds.map(crosswalk.by_old()).fillna("").astype("str")
    twice = formed & codes.duplicated(keep="first")
    has_class = (formed & (fresh != "")).to_numpy()
    digits = new.length - new.span("serial")[0]
    most = 10**digits - 1
    stem = (division + fresh).where(pd.Series(has_class), "")
    fits = has_class & (serial >= 1) & (serial <= most)
    target = stem + pd.Series(np.where(fits, serial, 0)).astype("str").str.zfill(digits)
    # Where two old classes become one, the first with a number keeps it, in the order of the table.
    taken = fits & target.where(pd.Series(fits), pd.Series(range(len(codes))).astype("str")).duplicated().to_numpy()
    kept = fits & ~taken
    again = has_class & ~kept
    numbers = next_serials(stem.where(pd.Series(again), ""), stem[kept], serial[kept], most)
    given = again & (numbers >= 0)
    result = np.full(len(codes), "", dtype=object)
    result[kept] = target.to_numpy(object)[kept]
    result[given] = (stem + pd.Series(np.maximum(numbers, 0)).astype("str").str.zfill(digits)).to_numpy(object)[given]
    note: Any = np.select(
        [kept, given & twice.to_numpy(), given & taken, given, ~formed.to_numpy(), (fresh == "").to_numpy()],
        [KEPT, DUPLICATE, COLLISION, RENUMBERED, MALFORMED, NO_CLASS], TOO_MANY,
    )  # fmt: skip
    rows = pd.DataFrame({
        "oid": table.index.to_numpy(), "old": codes.to_numpy(object), "new": result, "note": note.astype(object),
        "old_class": kinds.to_numpy(object), "new_class": np.where(result != "", fresh, ""),
    })  # fmt: skip
    return Migration(rows, code_field, old, new)


def changed_columns(table: pd.DataFrame, made: Migration) -> dict[str, pd.Series[Any]]:
    """Return the columns of a layer after its migration, by name; index = oid.

    The field of the code, that of the old codes, and fields that state the class beside the code.
    """
    rows = made.rows.set_index("oid").reindex(table.index)
    new = rows["new"].where(rows["new"] != "", None).astype(object)
    before = texts(table[made.code_field])
    old = before.where(before != "", None).astype(object)
    columns: dict[str, pd.Series[Any]] = {made.code_field: new.astype("str"), made.old_field: old.astype("str")}
    for name, start, stop in (("class_code", 0, None), ("LargeClass", 0, 2), ("SmallClass", 2, None)):
        if name in table.columns and name != made.code_field:
            told = texts(table[name])
            whole, part = rows["old_class"], rows["old_class"].str.slice(start, stop)
            fresh = rows["new_class"].where(told == whole, rows["new_class"].str.slice(start, stop))
            says_so = ((told == whole) | (told == part)) & (rows["new_class"] != "")
            columns[name] = fresh.where(says_so, told.where(told != "", None)).astype("str")
    return columns


def mended_column(table: pd.DataFrame, code_field: str, proposals: pd.DataFrame) -> pd.Series[Any]:
    """Return the field of the codes with proposals of a check (``oid``, ``new``) put in."""
    column = texts(table[code_field]).astype(object)
    column = column.where(column != "", None)
    column.loc[proposals["oid"].to_numpy()] = proposals["new"].to_numpy(object)
    return column.astype("str")
