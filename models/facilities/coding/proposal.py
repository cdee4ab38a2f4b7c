"""Which edition the codes of a layer seem to follow and what speaks for it: a proposal to a person, no default."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from models.facilities.coding.codes import part_texts, texts, well_formed
from models.facilities.coding.editions import CLASS_PARTS, Edition, editions, editions_of

#: So large a share of the codes must speak for an edition.
CLEAR_SHARE = 0.95
#: So many codes are looked at: the first ones tell.
LOOKED_AT = 50_000
#: Small classes of the standard of 2026 are numbered up to here; a city's own from 080 to 999.
MOST_STANDARD = 79


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the codes of a layer look like.

    Parameters
    ----------
    edition : str
        Id of the edition that is proposed, empty where nothing is clear.
    looked_at : int
        Codes that were looked at.
    digits : int
        How many digits most of them have, 0 for none.
    share_old : float
        Share whose class is in the table of 2007.
    share_named : float
        Share whose ``ObjName`` is the name of that class; NaN without names.
    share_new : float
        Share that could be standard classes of 2026.
    """

    edition: str
    looked_at: int
    digits: int
    share_old: float
    share_named: float
    share_new: float


def evidence_of(table: pd.DataFrame, code_field: str) -> Evidence:
    """Look at the codes of a layer; table index = oid."""
    codes = texts(table[code_field].iloc[:LOOKED_AT])
    told = codes[codes != ""]
    digits = told[told.str.fullmatch("[0-9]+")].str.len()
    most = int(digits.mode().iloc[0]) if len(digits) else 0
    old, new = editions()["cjt214_2007"], editions()["gbt47678_2026"]
    if not len(told):
        return Evidence("", 0, 0, 0.0, float("nan"), 0.0)
    monitoring = next((one for one in editions_of("monitoring") if one.length == most), None)
    if monitoring is not None and (digits == most).sum() >= CLEAR_SHARE * len(told):
        return Evidence(monitoring.id, len(told), most, 0.0, float("nan"), 0.0)
    kinds = part_texts(told, old, *CLASS_PARTS)
    share_old = float(kinds.isin(list(old.classes)).mean())
    named = float("nan")
    if "ObjName" in table.columns:
        names = texts(table["ObjName"].iloc[:LOOKED_AT])[codes != ""]
        expected = kinds.map({code: one.name for code, one in old.classes.items()})
        if (names != "").any():
            named = float((names == expected)[names != ""].mean())
    share_new = _share_new(told, new)
    # Old codes read as new ones give small classes such as 010, 020: nearly all of them multiples of ten.
    proposed = ""
    if share_old >= CLEAR_SHARE and not named < 0.5:
        proposed = "cjt214_2007"
    elif share_new >= CLEAR_SHARE and share_old < 0.5:
        proposed = new.id
    return Evidence(proposed, len(told), most, share_old, named, share_new)


def _share_new(told: pd.Series[str], new: Edition) -> float:
    small = pd.to_numeric(part_texts(told, new, "small"), errors="coerce")
    large = pd.to_numeric(part_texts(told, new, "large"), errors="coerce")
    return float((well_formed(told, new) & small.between(1, MOST_STANDARD) & large.between(1, 20)).mean())
