"""What one page is filled from: the session, its own subject, its own result and value, its own views."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from app.usecases.health import health
from app.usecases.sheets.places import keys_within
from app.usecases.sheets.subjects import UNIT_ROLES, Unit, result_of, unit_of, value_of
from models.health.results import CITY_OID, IndicatorResult, Problem, UnitValue
from models.project.selection import ObjectKey
from models.sheets.spec import Item, SheetSpec
from models.views.snapshot_spec import SnapshotSpec
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True)
class Page:
    """One page while it is filled; nothing of it outlives that.

    Parameters
    ----------
    session : Session
        In the language of the sheet.
    sheet : SheetSpec
    views : mapping of str to SnapshotSpec
        By the ids of their items.
    """

    session: Session
    sheet: SheetSpec
    views: Mapping[str, SnapshotSpec]

    def word(self, key: str, **fields: object) -> str:
        """Return a word in the language of the sheet."""
        return word(key, self.sheet.lang, **fields)

    @property
    def lang(self) -> str:
        """Return the language of the sheet."""
        return self.sheet.lang

    @cached_property
    def result(self) -> IndicatorResult | None:
        """Return the result of the page's indicator."""
        return result_of(self.session, self.sheet.subject)

    @cached_property
    def value(self) -> UnitValue | None:
        """Return the value of the page's subject."""
        return None if self.result is None else value_of(self.result, self.sheet.subject)

    @cached_property
    def unit(self) -> Unit | None:
        """Return the unit that the page is about."""
        return unit_of(self.session, self.sheet.subject)

    @cached_property
    def old(self) -> Container[str]:
        """Return the indicators whose results are out of date."""
        return health.old_codes(self.session)

    @property
    def units(self) -> tuple[UnitValue, ...]:
        """Return the values with which the subject's is compared: of all units of its kind."""
        if self.result is None:
            return ()
        return self.result.estates if self.sheet.subject.kind == "community" else self.result.units

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of the subject, worst first."""
        if self.result is None:
            return ()
        found = self.result.problems
        if self.sheet.subject.objects:
            own = set(self.sheet.subject.objects)
            return tuple(one for one in found if one.key in own)
        if self.sheet.subject.kind == "district" and self.value is not None and self.value.unit_oid != CITY_OID:
            return tuple(one for one in found if one.unit_oid == self.value.unit_oid)
        if self.unit is not None:
            inside = keys_within(self.session, [one.key for one in found], self.unit.shape)
            return tuple(one for one in found if one.key in inside)
        return () if self.sheet.subject.kind in UNIT_ROLES else found

    @property
    def objects(self) -> tuple[ObjectKey, ...]:
        """Return the objects that are numbered on the page, in the order of their numbers."""
        return self.sheet.subject.objects

    @cached_property
    def losses(self) -> dict[ObjectKey, str]:
        """Return what each object lacks, as it is written; only where somebody worked it out."""
        from viewers.texts.health_texts import amount_text

        if self.result is None:
            return {}
        quantity, own = self.result.definition.quantity_text(self.lang), set(self.objects)
        return {one.key: amount_text(one.loss, quantity) for one in self.result.problems
                if one.key in own and one.loss is not None}  # fmt: skip

    def view_of(self, item: Item) -> SnapshotSpec | None:
        """Return the view of which a legend, north arrow or scale bar speaks."""
        return self.views.get(item.of) or next(iter(self.views.values()), None)

    def item_of(self, item: Item) -> Item | None:
        """Return the item of that view."""
        wanted = item.of if item.of in self.views else next(iter(self.views), "")
        return next((one for one in self.sheet.items if one.id == wanted), None)


class _Speaking:
    """A session that speaks another language, for a sheet that is in it."""

    def __init__(self, session: Session, lang: str) -> None:
        self._session, self.lang = session, lang

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def word(self, key: str, **fields: object) -> str:
        """Return a word in that language."""
        return word(key, self.lang, **fields)


def in_language(session: Session, lang: str) -> Session:
    """Return a session as it would be in a language."""
    return session if session.lang == lang else cast("Session", _Speaking(session, lang))
