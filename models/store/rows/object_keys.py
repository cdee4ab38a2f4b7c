"""Business keys of what a project names, so that it is found again in a table that another program has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.core.errors import Caution
from models.layers.layer import LayerData
from models.project.business_keys import BusinessKeys, business_keys, renaming
from models.project.project import ProjectState
from models.project.rekeyed import named_objects, rekeyed

TABLE = "chengjing_object_keys"
COLUMNS: Mapping[str, type] = {"layer": str, "oid": int, "field": str, "value": str}


def rows_of(state: ProjectState, data: Mapping[str, LayerData]) -> list[dict[str, Any]]:
    """Return a row for each object that selections, edits, problem lists and topics name, where its table has a key."""
    rows: list[dict[str, Any]] = []
    for layer, oids in named_objects(state).items():
        known = business_keys(data.get(layer))
        if known is None:
            continue
        few = known.only(oids)
        rows += [
            {"layer": layer, "oid": oid, "field": few.field, "value": value}
            for oid, value in zip(few.oids.tolist(), few.values.tolist(), strict=True)
        ]
    return rows


def remembered(rows: list[dict[str, Any]]) -> dict[str, BusinessKeys]:
    """Return the business keys that were kept, by layer; rows that nobody can read are left out."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row in rows:
        layer, oid, field = row.get("layer"), row.get("oid"), row.get("field")
        if isinstance(layer, str) and isinstance(oid, int) and isinstance(field, str) and field:
            found.setdefault((layer, field), []).append((oid, str(row.get("value") or "")))
    return {
        layer: BusinessKeys(field, np.array([oid for oid, _ in pairs], np.int64),
                            np.array([value for _, value in pairs], dtype=object))
        for (layer, field), pairs in found.items()
    }  # fmt: skip


def found_again(
    state: ProjectState, layer: str, kept: BusinessKeys, data: LayerData, cautions: list[Caution]
) -> ProjectState:
    """Return the state that names the objects of a layer in the rows in which they stand now.

    Parameters
    ----------
    state : ProjectState
    layer : str
    kept : BusinessKeys
        As the file remembers them.
    data : LayerData
        As the table is now.
    cautions : list of Caution
        Takes ``project.keys_moved`` and ``project.key_field_gone``.
    """
    now = business_keys(data, kept.field)
    title = next((one.name for one in state.layers if one.id == layer), layer)
    if now is None:
        cautions.append(Caution("project.key_field_gone", layer=title, layer_id=layer, field=kept.field))
        return state
    led = renaming(kept, now)
    if not led.changes:
        return state
    cautions.append(Caution("project.keys_moved", layer=title, layer_id=layer, field=kept.field, moved=led.moved,
                            gone=led.gone))  # fmt: skip
    return rekeyed(state, layer, layer, led)
