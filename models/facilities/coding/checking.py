"""What is wrong with the codes of a layer, and what they could be instead.

Invariants
----------
1. Nothing is judged without a stated edition.
2. A code is proposed only where something says it: a division that is stated or in which the component stands, a class
   that is stated in another field or by its name in the table. What nothing says stays a finding without a proposal.
3. No two components get the same code, and none a code that stands already.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.facilities.coding.codes import Texts, part_texts, texts, well_formed
from models.facilities.coding.editions import CLASS_PARTS, Edition
from models.facilities.coding.serials import gaps, next_serials

#: Kinds of findings, the gravest first; the first that fits a code is its finding.
KINDS = ("empty", "characters", "length", "division", "class", "serial", "duplicate")
#: Kind of finding of a series of numbers, not of a component.
GAPS = "gaps"
#: Fields in which a class may be stated beside the code, best first.
CLASS_FIELDS = ("class_code", "SmallClass")

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Options:
    """What a check goes by and what may be proposed.

    Parameters
    ----------
    divisions : tuple of str
        Six digits of each district that the layer may have; empty where nobody stated them.
    fill_gaps : bool
        Give new codes the lowest free number instead of the one after the highest.
    renumber, fill, redistrict : bool
        Propose new numbers for duplicates, codes where there is none, the district in which a component stands.
    """

    divisions: tuple[str, ...] = ()
    fill_gaps: bool = False
    renumber: bool = True
    fill: bool = True
    redistrict: bool = True


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The findings of one layer.

    Parameters
    ----------
    rows : DataFrame
        One row a finding: ``oid``, ``kind``, ``old``, ``new`` (empty: nothing is proposed) and ``why`` (a word key
        that says what the proposal rests on, empty for none).
    gaps : DataFrame
        One row a series: ``division``, ``class_code``, ``missing`` (how many) and ``first`` (the first number).
    total : int
        Components looked at.
    """

    rows: pd.DataFrame
    gaps: pd.DataFrame
    total: int
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def proposals(self) -> pd.DataFrame:
        """Return the findings for which a code is proposed."""
        return self.rows[self.rows["new"] != ""]


def check_codes(
    table: pd.DataFrame, code_field: str, edition: Edition, options: Options, stands_in: Sequence[str] | None = None
) -> CodeCheck:
    """Check the codes of a layer.

    Parameters
    ----------
    table : DataFrame
        Attributes, index = oid.
    code_field : str
    edition : Edition
    options : Options
    stands_in : sequence of str, optional
        Six digits of the district in which each component stands, empty where none is known.

    Raises
    ------
    UserError
        ``facilities.no_code_edition``, ``facilities.no_serial`` where the serial of the edition is not known.
    """
    if not edition.is_stated:
        raise UserError("facilities.no_code_edition", value=code_field)
    if not edition.has("serial"):
        raise UserError("facilities.no_serial", edition=edition.standard)
    old = texts(table[code_field]).reset_index(drop=True)
    here = pd.Series(list(stands_in) if stands_in is not None else [""] * len(old), dtype="str")
    cleaned = _cleaned(old)
    formed = well_formed(cleaned, edition)
    division = part_texts(cleaned, edition, "division")
    kinds = part_texts(cleaned, edition, *CLASS_PARTS)
    numbers = _numbers(part_texts(cleaned, edition, "serial"))
    allowed = list(options.divisions)
    wrong_division = formed & (((here != "") & (division != here)) | (bool(allowed) & ~division.isin(allowed)))
    wrong_class = formed & ~_possible(kinds, edition)
    duplicate = formed & cleaned.duplicated(keep="first")
    found = _first_kind(
        len(old), empty=old == "", characters=(old != "") & formed & (cleaned != old), length=(old != "") & ~formed,
        division=wrong_division, **{"class": wrong_class}, serial=formed & (numbers == 0), duplicate=duplicate,
    )  # fmt: skip
    bad_text = (found == "length") & cleaned.str.contains("[^0-9]", regex=True).to_numpy()
    found[bad_text] = "characters"
    new, why = _proposed(table, edition, options, here, old, cleaned, found)
    at = np.flatnonzero(found != "")
    rows = pd.DataFrame(
        {"oid": table.index.to_numpy()[at], "kind": found[at], "old": old.to_numpy(object)[at], "new": new[at],
         "why": why[at]}
    )  # fmt: skip
    order = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    rows = rows.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    missing = _gaps_of(division[formed], kinds[formed], numbers[formed.to_numpy()])
    counted = {kind: int((found == kind).sum()) for kind in KINDS if (found == kind).any()}
    if len(missing):
        counted[GAPS] = int(missing["missing"].sum())
    return CodeCheck(rows, missing, len(table), counted)


def _proposed(
    table: pd.DataFrame, edition: Edition, options: Options, here: pd.Series[str], old: pd.Series[str],
    cleaned: pd.Series[str], found: Texts,
) -> tuple[Texts, Texts]:  # fmt: skip
    """Return a code and its reason for each component, empty where there is none to propose."""
    n = len(old)
    new, why = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    only = options.divisions[0] if len(options.divisions) == 1 else ""
    division = here.where(here != "", only)
    own = part_texts(cleaned, edition, "division")
    kinds = part_texts(cleaned, edition, *CLASS_PARTS)
    serial = _numbers(part_texts(cleaned, edition, "serial"))
    stated, stated_why = _stated_class(table, edition)
    formed = well_formed(cleaned, edition)
    unknown = ~_possible(kinds, edition) | ~formed
    wanted_class = kinds.where(~unknown, pd.Series(stated, dtype="str"))
    wanted_division = own.where(formed, division)
    misplaced = (found == "division") & options.redistrict & (division != "").to_numpy()
    wanted_division = wanted_division.where(~misplaced, division)

    empty, lost = np.isin(found, ("empty", "length")), found == "characters"
    wrong_class, doubled = found == "class", found == "duplicate"
    has_stem = ((wanted_division != "") & (wanted_class != "")).to_numpy()
    stem = wanted_division + wanted_class
    # What keeps its number: cleaned text, and a code put into its right district where the number is free there.
    kept = has_stem & (lost | misplaced) & formed.to_numpy() & (serial > 0)
    target = pd.Series(stem + _filled(serial, edition), dtype="str")
    stays = (found == "") | (~np.isin(found, ("duplicate", "empty", "length")) & ~kept)
    standing = set(cleaned[stays & formed.to_numpy()])
    is_free = kept & ~target.isin(standing).to_numpy() & ~target.where(kept, "").duplicated(keep="first").to_numpy()
    new[is_free] = target.to_numpy(object)[is_free]
    placed = np.where((here != "").to_numpy(), "stands_in", "only_division")
    why[is_free] = np.where(lost, "cleaned", placed)[is_free]

    renumbered = has_stem & (new == "") & (
        (doubled & options.renumber) | (empty & options.fill) | (wrong_class & (stated != "") & options.fill)
        | ((found == "serial") & options.renumber) | (kept & ~is_free)
    )  # fmt: skip
    # A code that is not proposed anew keeps its number, whatever is wrong with it.
    held = pd.concat([cleaned[formed & ~renumbered & (new == "")], pd.Series(new[new != ""], dtype="str")])
    start, stop = edition.span("division", *CLASS_PARTS)
    most = 10 ** (edition.length - stop) - 1
    numbers = next_serials(
        stem.where(renumbered, ""), held.str.slice(start, stop), _numbers(held.str.slice(stop)), most,
        fill_gaps=options.fill_gaps,
    )  # fmt: skip
    given = renumbered & (numbers >= 0)
    new[given] = (stem + _filled(numbers, edition)).to_numpy(object)[given]
    renamed = np.where(doubled, "first_keeps", np.where(found == "serial", "renumbered", "taken"))
    why[given] = np.where(wrong_class | empty, stated_why, renamed)[given]
    return new, why


def _stated_class(table: pd.DataFrame, edition: Edition) -> tuple[Texts, Texts]:
    """Return the class that another field states, or the name of the component where one class is called so."""
    n = len(table)
    found, why = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for name in CLASS_FIELDS:
        if name in table.columns:
            values = texts(table[name]).to_numpy(object)
            hit = (found == "") & np.isin(values, list(edition.classes))
            found[hit], why[hit] = values[hit], "class_field"
    names = pd.Series(
        [kind.code for kind in edition.classes.values()], [kind.name for kind in edition.classes.values()]
    )
    single = names[~names.index.duplicated(keep=False)]
    if "ObjName" in table.columns and len(single):
        called = texts(table["ObjName"]).map(single).fillna("").to_numpy(object)
        hit = (found == "") & (called != "")
        found[hit], why[hit] = called[hit], "class_name"
    return found, why


def _possible(kinds: pd.Series[str], edition: Edition) -> pd.Series[bool]:
    """Return which classes an edition can have: those of its table; without a table, any but number 0."""
    if edition.classes:
        return kinds.isin(list(edition.classes))
    small = sum(part.digits for part in edition.parts if part.name == "small")
    return (kinds != "") & (kinds.str[-small:] != "0" * small) & (kinds.str[:2] != "00")


def _cleaned(old: pd.Series[str]) -> pd.Series[str]:
    """Return codes in plain digits: full width made narrow, blanks and dashes inside taken out."""
    odd = ~old.str.fullmatch("[0-9]*")
    if not odd.any():
        return old
    narrow = old[odd].map(lambda text: unicodedata.normalize("NFKC", text)).str.replace(r"[\s\-_.'’]", "", regex=True)
    fresh = old.copy()
    fresh[odd] = narrow.where(narrow.str.fullmatch("[0-9]*"), old[odd])
    return fresh


def _first_kind(count: int, **tests: Any) -> Texts:
    found = np.full(count, "", dtype=object)
    for kind in KINDS:
        found[(found == "") & np.asarray(tests[kind], dtype=bool)] = kind
    return found


def _numbers(serials: pd.Series[str]) -> NDArray[np.int64]:
    return np.asarray(pd.to_numeric(serials, errors="coerce").fillna(-1), dtype=np.int64)


def _filled(numbers: NDArray[np.int64], edition: Edition) -> pd.Series[str]:
    digits = edition.length - edition.span("serial")[0]
    return pd.Series(np.maximum(numbers, 0)).astype("str").str.zfill(digits)


def _gaps_of(division: pd.Series[str], kinds: pd.Series[str], numbers: NDArray[np.int64]) -> pd.DataFrame:
    rows = []
    for (place, kind), part in pd.Series(numbers).groupby([division.to_numpy(), kinds.to_numpy()]):
        missing = gaps(part.to_numpy())
        if len(missing):
            rows.append((place, kind, len(missing), int(missing[0])))
    return pd.DataFrame(rows, columns=["division", "class_code", "missing", "first"])
