"""Editions of the code of municipal components: which digits mean what, and the classes that are known of each.

Invariants
----------
1. The edition is stated per layer (:attr:`models.layers.layer.Layer.code_edition`) and never guessed per row: the same
   16 digits are two different things in two editions.
2. Where no edition is stated (:data:`UNSTATED`) no class is known; nothing falls back to some edition.
3. What is not known of a standard stays empty in its table and is said; a class table that a city has
   (:class:`ClassTable`) is part of the project and takes the place of what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from models.core.errors import UserError
from resources.standards import standard, standards_in

FOLDER = "component_codes"
#: Parts of a code that make its class.
CLASS_PARTS = ("large", "middle", "small")


@dataclass(frozen=True, slots=True)
class FacilityClass:
    """One small class (小类) of components.

    Parameters
    ----------
    code : str
        Large class and small class, ``"0103"`` or ``"01003"``.
    name, name_en : str
    group, group_en : str
        Name of the large class (大类).
    symbol : str
        Which glyph draws it.
    cover : bool
        Whether it counts as a manhole cover (窨井盖).
    table : str
        Id of the edition whose class table it stands in; ``"0103"`` of two tables are two classes.
    """

    code: str
    name: str
    name_en: str = ""
    group: str = ""
    group_en: str = ""
    symbol: str = ""
    cover: bool = False
    table: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from all classes of all tables, empty for the unknown class."""
        return f"{self.table}:{self.code}" if self.code else ""

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" and self.name_en else self.name

    def group_title(self, lang: str) -> str:
        """Return the name of the large class in a language."""
        return self.group_en if lang == "en" and self.group_en else self.group


#: The class of what nobody can classify.
NO_CLASS = FacilityClass("", "")


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Classes that a city brings to an edition.

    Parameters
    ----------
    edition : str
        Id of the edition.
    classes : tuple of FacilityClass
        They take the place of those of the same code and are added to the rest.
    source : str
        Where the table comes from, as a person said.
    """

    edition: str
    classes: tuple[FacilityClass, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some digits of a code.

    Parameters
    ----------
    name : str
        ``"division"``, ``"large"``, ``"small"``, ``"serial"``, ``"street"``, ``"community"`` or ``"rest"`` for digits
        whose meaning is not known.
    digits : int
    """

    name: str
    digits: int


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One edition of a code.

    Parameters
    ----------
    id : str
        Name of its table in ``resources/standards/component_codes``; empty for :data:`UNSTATED`.
    kind : str
        ``"component"``, ``"monitoring"`` or ``"grid"``.
    standard : str
        Number of the standard.
    names, short_names, notes : tuple of str
        Chinese and English: the title, a short one, and what is not certain.
    in_force_from : str
        ISO date, empty where it was not found.
    replaced_by : str
        Id of a later edition, empty for none.
    certainty, class_certainty : str
        A (text of the document) to D (inference) of the fields and of the class table; empty without a table.
    parts : tuple of Part
    classes : mapping of str to FacilityClass
        By code.
    table : str
        Id of the edition whose class table is used.
    extension : tuple of int or None
        Small classes that a city numbers itself, from the first downwards to the last.
    class_source : str
        Where classes that a city brought come from.
    area_m2 : float
        About what a unit grid covers.
    """

    id: str = ""
    kind: str = ""
    standard: str = ""
    names: tuple[str, str] = ("", "")
    short_names: tuple[str, str] = ("", "")
    notes: tuple[str, str] = ("", "")
    in_force_from: str = ""
    replaced_by: str = ""
    certainty: str = ""
    class_certainty: str = ""
    parts: tuple[Part, ...] = ()
    classes: Mapping[str, FacilityClass] = field(default_factory=lambda: MappingProxyType({}))
    table: str = ""
    extension: tuple[int, int] | None = None
    class_source: str = ""
    area_m2: float = 0.0

    @property
    def is_stated(self) -> bool:
        """Whether it is one at all."""
        return bool(self.parts)

    @property
    def length(self) -> int:
        """Return how many digits a code has."""
        return sum(part.digits for part in self.parts)

    @property
    def class_digits(self) -> int:
        """Return how many digits a class has, 0 where they are not known."""
        return sum(part.digits for part in self.parts if part.name in CLASS_PARTS)

    def span(self, *names: str) -> tuple[int, int]:
        """Return where parts that follow each other begin and end in a code; ``(0, 0)`` if it has none of them."""
        start, found = 0, []
        for part in self.parts:
            if part.name in names:
                found.append((start, start + part.digits))
            start += part.digits
        return (found[0][0], found[-1][1]) if found else (0, 0)

    def has(self, name: str) -> bool:
        """Whether its codes have such a part."""
        return any(part.name == name for part in self.parts)

    def is_own_class(self, class_code: str) -> bool:
        """Whether a class is one of those that a city numbers itself (自定义)."""
        digits = next((part.digits for part in self.parts if part.name == "small"), 0)
        small = class_code[-digits:] if digits else ""
        return self.extension is not None and small.isdigit() and self.extension[1] <= int(small) <= self.extension[0]

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.names[lang == "en"]

    def short(self, lang: str) -> str:
        """Return its short name in a language."""
        return self.short_names[lang == "en"]

    def note(self, lang: str) -> str:
        """Return what is not certain about it."""
        return self.notes[lang == "en"]


#: What a layer has whose edition nobody stated: no parts, no classes.
UNSTATED = Edition()


@lru_cache(maxsize=1)
def editions() -> Mapping[str, Edition]:
    """Return every edition by its id, oldest first, with the classes that its standard is known to have."""
    tables = {name: standard(f"{FOLDER}/{name}") for name in standards_in(FOLDER)}
    ordered = sorted(tables.items(), key=lambda item: item[1]["meta"]["rank"])
    return MappingProxyType({name: _edition(name, tables) for name, _ in ordered})


def editions_of(kind: str) -> list[Edition]:
    """Return the editions of one kind, oldest first."""
    return [one for one in editions().values() if one.kind == kind]


def edition_named(name: str, tables: Iterable[ClassTable] = ()) -> Edition:
    """Return an edition with the class table that a project brings to it.

    Raises
    ------
    UserError
        ``facilities.no_edition``.
    """
    if name not in editions():
        raise UserError("facilities.no_edition", edition=name, known=", ".join(editions()))
    return stated_edition(name, tables)


def stated_edition(name: str, tables: Iterable[ClassTable] = ()) -> Edition:
    """Return the edition that a layer states, with the project's class table; :data:`UNSTATED` for none we know."""
    own = tuple(table for table in tables if table.edition == name)
    return _with_tables(name, own) if name in editions() else UNSTATED


@lru_cache(maxsize=32)
def _with_tables(name: str, tables: tuple[ClassTable, ...]) -> Edition:
    edition = editions()[name]
    for table in tables:
        # From here on the classes are this edition's own, no longer those that it borrows.
        classes = {code: replace(one, table=name) for code, one in edition.classes.items()}
        classes |= {one.code: replace(one, table=name) for one in table.classes}
        ordered = MappingProxyType(dict(sorted(classes.items())))
        edition = replace(edition, classes=ordered, table=name, class_source=table.source)
    return edition


def _edition(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Edition:
    table = tables[name]
    meta = table["meta"]
    lender = str(meta.get("classes_of", name))
    extension = table.get("extension")
    return Edition(
        id=name,
        kind=meta["kind"],
        standard=meta["standard"],
        names=(meta["zh"], meta["en"]),
        short_names=(meta["short_zh"], meta["short_en"]),
        notes=(meta["note_zh"], meta["note_en"]),
        in_force_from=meta["in_force_from"],
        replaced_by=meta["replaced_by"],
        certainty=meta["certainty"],
        class_certainty=meta["class_certainty"],
        parts=tuple(Part(row["name"], row["digits"]) for row in table["part"]),
        classes=MappingProxyType(_classes(lender, tables[lender])),
        table=lender,
        extension=(extension["first"], extension["last"]) if extension else None,
        area_m2=float(table.get("grid", {}).get("area_m2", 0.0)),
    )


def _classes(name: str, table: Mapping[str, Any]) -> dict[str, FacilityClass]:
    groups = {row["code"]: row for row in table.get("group", ())}
    return {
        row["code"]: FacilityClass(
            row["code"], row["zh"], row["en"], groups[row["code"][:2]]["zh"], groups[row["code"][:2]]["en"],
            row["symbol"], row["cover"], name,
        )
        for row in table.get("class", ())
    }  # fmt: skip
