"""The fields that indicators read, by the role of their layer: their words, and which indicators ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from models.health import methods
from models.health.editions import Edition
from models.health.inputs import PROJECTIONS
from models.health.partition import CODE_EDITION, COVER
from resources.standards import standard

#: Whether an indicator has no value without a field, or a value from less.
NEEDED, USED = "needed", "used"


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field that indicators know.

    Parameters
    ----------
    id : str
    type : str
        ``"text"``, ``"number"``, ``"yes_no"`` or ``"choice"``.
    name, name_en : str
    aliases : tuple of str
    values : mapping of str to tuple of str
        Of a choice: what indicators know → words in which tables write it.
    """

    id: str
    type: str
    name: str
    name_en: str
    aliases: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class KnownRole:
    """What a role's layers hold, and the words by which they are found.

    Parameters
    ----------
    id, geometry : str
        ``geometry`` is empty for any.
    names : tuple of str
    fields : tuple of KnownField
    """

    id: str
    geometry: str
    names: tuple[str, ...]
    fields: tuple[KnownField, ...]

    def field(self, name: str) -> KnownField:
        """Return a field by its name; one that the table has not is a text of that name."""
        return next((one for one in self.fields if one.id == name), KnownField(name, "text", name, name))


@lru_cache(maxsize=1)
def known_roles() -> Mapping[str, KnownRole]:
    """Return the roles that are described, by id."""
    return {
        row["id"]: KnownRole(
            row["id"], row.get("geometry", ""), tuple(row["names"]),
            tuple(
                KnownField(
                    one["id"], one["type"], one["zh"], one["en"], tuple(one["aliases"]),
                    {name: tuple(words) for name, words in one.get("values", {}).items()},
                )
                for one in row["field"]
            ),
        )
        for row in standard("health_fields")["role"]
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the indicators of an edition want of one role.

    Parameters
    ----------
    role : str
    indicators : tuple of str
        That need a layer of the role.
    fields : mapping of str to mapping of str to str
        Field → indicator → :data:`NEEDED` or :data:`USED`.
    """

    role: str
    indicators: tuple[str, ...]
    fields: Mapping[str, Mapping[str, str]]


def wanted_of(book: Edition) -> dict[str, Wanted]:
    """Return what the computed indicators of an edition want, by role."""
    roles: dict[str, list[str]] = {"districts": [], "communities": []}
    fields: dict[str, dict[str, dict[str, str]]] = {
        "districts": {"code": {}, "name": {}}, "communities": {"code": {}, "name": {}, "district_code": {}},
    }  # fmt: skip
    for code in book.computed:
        definition = book.indicators[code]
        method = methods.method(definition.method)
        for item in definition.inputs:
            roles.setdefault(item.role, []).append(code)
        for role, names in method.fields_of(definition).items():
            for name in names:
                if role != PROJECTIONS and name not in (CODE_EDITION, COVER):
                    fields.setdefault(role, {}).setdefault(name, {})[code] = USED
        for need in method.needs(definition):
            if need.fields[0] not in (CODE_EDITION, COVER):
                fields.setdefault(need.role, {}).setdefault(need.fields[0], {})[code] = NEEDED
    order = [*known_roles(), *(role for role in roles if role not in known_roles())]
    return {
        role: Wanted(role, tuple(dict.fromkeys(roles.get(role, ()))), fields.get(role, {}))
        for role in order
        if roles.get(role) or fields.get(role)
    }
