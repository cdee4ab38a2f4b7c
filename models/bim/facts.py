"""The facts of a building that a city's records keep, taken from its model.

Invariants
----------
1. Where the model is silent a fact is None, never zero: no lift in the model means that none is modelled, not that the
   house has none. A zero is only stated where the model states every case (doors that all say they are no fire exit).
2. A stated property counts before a quantity, a quantity before what is counted, and that before geometry; unless what
   is drawn rules it out (:mod:`models.bim.possible`): then it is measured instead, and the fact says so.
3. Names of sets, storeys, rooms and materials are data: ``resources/standards/ifc_facts.toml``.
4. A fact names the elements it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.bim.columns import column
from models.bim.fact import CODES, Fact
from models.bim.fact_reader import FactReader
from models.layers.layer import ModelData
from resources.standards import standard


def facts(data: ModelData) -> list[Fact]:
    """Return the facts of a model: all of :data:`CODES`, in that order."""
    reader = FactReader(data)
    return [reader.fact(code) for code in CODES]


def named(code: str, value: str, lang: str) -> str:
    """Return the name of a structure or of a use in a language; other texts stay as they are."""
    rows = standard("ifc_facts")["structure" if code == "structure" else "use"]
    return next((str(row[lang]) for row in rows if row["id"] == value), value)


def columns() -> dict[str, str]:
    """Return ``{fact: column of the table of buildings}`` of the facts that go there."""
    return {row["fact"]: row["column"] for row in standard("ifc_facts")["column"]}


def footprint(data: ModelData) -> Any:
    """Return the building's outline at the ground floor in model coordinates (shapely), None without geometry."""
    return FactReader(data).footprint()[0]


def as_dict(data: ModelData, fact: Fact) -> Mapping[str, Any]:
    """Return a fact as JSON, its elements by GlobalId."""
    guids, _ = column(data, "guid")
    return {
        "fact": fact.code, "value": fact.value, "unit": fact.unit, "basis": fact.basis, "source": fact.source,
        "certainty": fact.certainty, "parts": dict(fact.parts), "elements": [guids[oid] for oid in fact.oids],
        "refused": None if fact.refused is None else asdict(fact.refused),
    }  # fmt: skip
