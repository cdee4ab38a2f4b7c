"""The units for which values are entered: sub-districts and communities of the project, by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.core.column_texts import column_texts
from models.health.partition import has_value
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState

#: Role of the layer that holds the units of a level.
ROLES: Mapping[str, str] = {"district": "districts", "community": "communities"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    Parameters
    ----------
    level, code, name, name_en : str
    layer, oid : str, int
        Its key.
    district : str
        Code of the sub-district in which a community lies; empty where its table does not say.
    """

    level: str
    code: str
    name: str
    name_en: str
    layer: str
    oid: int
    district: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language, its code where it has none."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


def units_of(state: ProjectState, data: Mapping[str, LayerData], level: str) -> tuple[Unit, ...]:
    """Return the units of a level in the order of their layers; rows without a code cannot be named and are left out.

    A code that stands in several rows names the first.
    """
    found: dict[str, Unit] = {}
    for layer in state.with_role(ROLES[level]):
        table = data.get(layer.id)
        if not isinstance(table, VectorData) or "code" not in table.fields:
            continue
        rows = table.attributes
        rows = rows[has_value(rows["code"])]
        columns = {name: column_texts(rows, name) for name in ("code", "name", "name_en", "district_code")}
        for oid, code, name, name_en, district in zip(
            rows.index, *(columns[name] for name in ("code", "name", "name_en", "district_code")), strict=True
        ):
            found.setdefault(code, Unit(level, code, name, name_en, layer.id, int(oid), district))
    return tuple(found.values())
