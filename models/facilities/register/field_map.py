"""Which column of a foreign table is which field of a register, in which unit, and what in it means no data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.facilities.register.fields import Schema, metres, schema

#: How the value of a field comes out of its columns.
WAYS = ("value", "lowest", "below", "constant")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where one canonical field comes from.

    Parameters
    ----------
    target : str
        Canonical name.
    sources : tuple of str
        Columns, as the foreign table names them; empty for a constant.
    way : str
        ``"value"``: of the one column; ``"lowest"``: the lowest of several; ``"below"``: the first less the second
        (ground level less depth); ``"constant"``: ``constant`` in every row.
    part : str
        Of a size such as ``300×200``: ``"width"``, ``"height"``, or empty for a single number.
    unit : str
        In which the columns are; empty for the field's own.
    sentinels : tuple of float
        Numbers that mean no data.
    blanks : tuple of str
        Texts that mean no data, folded.
    values : tuple of (str, str)
        Text of the column (as it stands, blanks cut) → value of the domain.
    constant : str
    reason : str
        Why it was guessed: ``"same"``, ``"alias"``, ``"pattern"``, ``"content"``, ``"table_name"``, ``"ids"``,
        ``"walls"``, ``"depth"``, ``"size"``; empty where a person said it.
    unit_reason : str
        ``"name"``, ``"values"``, ``"sizes"``, ``"lengths"``, ``"assumed"``; empty where there is nothing to say.
    """

    target: str
    sources: tuple[str, ...] = ()
    way: str = "value"
    part: str = ""
    unit: str = ""
    sentinels: tuple[float, ...] = ()
    blanks: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    constant: str = ""
    reason: str = ""
    unit_reason: str = ""

    @property
    def source(self) -> str:
        """Return the first column, empty for a constant."""
        return self.sources[0] if self.sources else ""

    def factor(self, unit: str) -> float:
        """Return by what a number of the columns is multiplied to be in a unit."""
        return metres(self.unit) / metres(unit) if self.unit and unit else 1.0


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a foreign table is brought to the canonical fields of a register.

    Parameters
    ----------
    kind : str
        Id of the schema: ``"components"``, ``"pipes"``, ``"nodes"``.
    fields : tuple of FieldMap
        In the order of the schema, at most one a target.
    keep_others : bool
        Whether columns that no field comes from are kept under their names.
    name : str
        Of the profile, empty for none.
    """

    kind: str
    fields: tuple[FieldMap, ...] = ()
    keep_others: bool = True
    name: str = ""

    @property
    def schema(self) -> Schema:
        """Return the canonical fields."""
        return schema(self.kind)

    def of(self, target: str) -> FieldMap | None:
        """Return where a field comes from, None where nowhere."""
        return next((one for one in self.fields if one.target == target), None)

    def with_field(self, fresh: FieldMap | None, target: str = "") -> Mapping:
        """Return a mapping with one field mapped anew; None takes the field ``target`` out."""
        held = {one.target: one for one in self.fields}
        if fresh is None:
            held.pop(target, None)
        else:
            held[fresh.target] = fresh
        return replace(self, fields=tuple(held[one.name] for one in self.schema.fields if one.name in held))

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the required fields that come from nowhere."""
        there = {one.target for one in self.fields}
        return tuple(one.name for one in self.schema.fields if one.required and one.name not in there)
