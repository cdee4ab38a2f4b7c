"""What is looked at in the field: kinds of objects and the indicators whose check items are recorded at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from models.health.editions import CheckItem, Edition
from resources.standards import standard


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of objects that are looked at.

    Parameters
    ----------
    id : str
        As in the table of records (``object_kind``).
    name, name_en : str
    role : str
        Of the layer in which they stand.
    indicators : tuple of str
    where : mapping of str to tuple of str
        Field → values of those that are looked at; empty for all of the layer.
    only : mapping of str to tuple of str
        For an indicator, which of those values it is about.
    """

    id: str
    name: str
    name_en: str
    role: str
    indicators: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name

    def concerns(self, indicator: str, value: str) -> bool:
        """Whether an object with this value of the telling field is looked at for an indicator."""
        return indicator not in self.only or value in self.only[indicator]


@dataclass(frozen=True, slots=True)
class OutlierRules:
    """When a return looks wrong although every cell is sound."""

    same_answer_objects: int
    objects_a_day: int


@lru_cache(maxsize=1)
def object_kinds() -> tuple[ObjectKind, ...]:
    """Return the kinds of objects, in the order in which forms have them."""
    return tuple(
        ObjectKind(
            row["id"], row["zh"], row["en"], row["role"], tuple(row["indicators"]),
            {name: tuple(values) for name, values in row.get("where", {}).items()},
            {name: tuple(values) for name, values in row.get("only", {}).items()},
        )
        for row in standard("health_collection")["kind"]
    )  # fmt: skip


@lru_cache(maxsize=1)
def outlier_rules() -> OutlierRules:
    """Return when a return looks wrong."""
    return OutlierRules(**standard("health_collection")["outliers"])


@lru_cache(maxsize=1)
def progress_colours() -> Mapping[str, str]:
    """Return the colour of each state of a community, ``"#rrggbb"``, from nothing sent to complete."""
    return dict(standard("health_collection")["progress"])


def kind_of(indicator: str) -> ObjectKind | None:
    """Return the kind of objects at which an indicator is recorded, None for one that is collected as a value."""
    return next((kind for kind in object_kinds() if indicator in kind.indicators), None)


@dataclass(frozen=True, slots=True)
class FormItem:
    """A check item of a form.

    Parameters
    ----------
    indicator : str
    item : CheckItem
    """

    indicator: str
    item: CheckItem

    @property
    def column(self) -> str:
        """Return its name as a field of a table: ``i03_3``."""
        return "i" + self.item.id.replace("-", "_")


def items_of(book: Edition, indicators: Iterable[str]) -> tuple[FormItem, ...]:
    """Return the check items of indicators that are recorded at objects, in their order."""
    return tuple(
        FormItem(code, item)
        for code in indicators
        if code in book.indicators and kind_of(code) is not None
        for item in book.indicators[code].check_items
    )
