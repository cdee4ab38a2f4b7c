"""Which fields tell who somebody is, by their names and by what stands in them; what in a text does.

Names are data (``resources/standards/personal_fields.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from models.core.field_kinds import kind_of
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from resources.standards import standard

#: What takes the place of what is masked.
MASK = "***"
#: Mobile and fixed telephones of China; eighteen signs that may be an identity number, and an address of e-mail.
_PHONE = re.compile(r"(?<![\dA-Za-z])(?:\+?86[- ]?)?1[3-9]\d{9}(?![\dA-Za-z])|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<![\dA-Za-z])[1-9]\d{5}(?:18|19|20)\d{9}[\dXx](?![\dA-Za-z])")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32})+")
#: Weights and check signs of an identity number (GB 11643).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: Values of a column that are looked at for telephones and identity numbers, and the share that makes it one of them.
_LOOKED_AT, _SHARE = 2_000, 0.5


@dataclass(frozen=True, slots=True)
class FieldProposal:
    """A field that is proposed to be dropped.

    Parameters
    ----------
    layer, field : str
    kind : str
        ``"identity"``, ``"contact"``, ``"person"``, ``"people"``, ``"body"``, ``"address"``, ``"photo"``, ``"note"``,
        ``"reading"``.
    values : int
        Rows in which something stands.
    """

    layer: str
    field: str
    kind: str
    values: int


#: By which choice a kind of field is dropped.
CHOICE_OF = {"photo": "photos", "note": "notes", "people": "people", "reading": "readings"}


@lru_cache(maxsize=4096)
def kind_of_field(name: str) -> str:
    """Return what a field tells of somebody by its name, empty for nothing.

    Examples
    --------
    >>> [kind_of_field(name) for name in ("ownerName", "联系电话", "height_m", "checked_by", "DeptName2")]
    ['person', 'contact', '', 'people', 'body']
    """
    plain = name.strip().casefold()
    words = {word.casefold() for word in _WORDS.findall(name)}
    for row in _rows():
        if plain in row["whole"] or words & set(row["words"]) or any(part in plain for part in row["parts"]):
            return str(row["id"])
    return ""


def gives_needles(kind: str) -> bool:
    """Whether what stands in fields of a kind is looked for in every other text."""
    return any(row["id"] == kind and row["needles"] for row in _rows())


def proposals(state: ProjectState, data: Mapping[str, LayerData]) -> tuple[FieldProposal, ...]:
    """Return the fields of a project that tell of somebody, in the order of the layers."""
    found = []
    for layer in state.layers:
        kept = data.get(layer.id)
        if not isinstance(kept, VectorData):
            continue
        table = kept.attributes
        for name in kept.fields:
            column = table[name]
            kind = kind_of_field(name) or kind_by_values(name, column)
            if kind:
                found.append(FieldProposal(layer.id, name, kind, int(column.notna().sum())))
    return tuple(found)


def kind_by_values(name: str, column: pd.Series[Any]) -> str:
    """Return what a column tells of somebody by what stands in it: telephones, identity numbers; empty for nothing."""
    if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
        return ""
    values = [str(one) for one in column.dropna().head(_LOOKED_AT) if isinstance(one, str) and one.strip()]
    if not values or (kind_of(name).id == "code" and not any(sign in name for sign in ("话", "机", "证"))):
        return ""
    if sum(_is_identity(one) for one in values) >= _SHARE * len(values):
        return "identity"
    whole = [_PHONE.fullmatch(one.strip()) or _MAIL.fullmatch(one.strip()) for one in values]
    return "contact" if sum(map(bool, whole)) >= _SHARE * len(values) else ""


def masked_numbers(text: str) -> str:
    """Return a text without telephones, identity numbers and addresses of e-mail."""
    if len(text) < 6:
        return text
    text = _IDENTITY.sub(lambda found: MASK if _is_identity(found[0]) else found[0], text)
    return _MAIL.sub(MASK, _PHONE.sub(MASK, text)) if "@" in text else _PHONE.sub(MASK, text)


def _is_identity(text: str) -> bool:
    text = text.strip()
    if not _IDENTITY.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == text[17].upper()


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = standard("personal_fields")["kind"]
    return rows
