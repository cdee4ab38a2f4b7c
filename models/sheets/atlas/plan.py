"""The pages of an atlas: chapters, order, numbers and ids, from what there is to be shown.

A number says chapter and page, ``"3-07"``, with as many digits as the longest chapter needs. The id of a page is made
of what it is about and stays when other pages come or go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from models.project.selection import ObjectKey
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that gets a page.

    Parameters
    ----------
    kind : str
        Of the subject.
    code, name : str
    chapter, chapter_name : str
        Under what it stands: an indicator, a kind of facility.
    indicator : str
        Code, empty for none.
    frame : tuple of ObjectKey
        What fills the picture.
    objects : tuple of ObjectKey
        What is pointed at and must be seen; empty for ``frame``.
    value : float or None
        By which pages are ordered; None for no data.
    value_text : str
        The value as the page prints it.
    is_worse_high : bool
        Whether more is worse.
    """

    kind: SubjectKind
    code: str
    name: str
    chapter: str = ""
    chapter_name: str = ""
    indicator: str = ""
    frame: tuple[ObjectKey, ...] = ()
    objects: tuple[ObjectKey, ...] = field(default=(), repr=False)
    value: float | None = None
    value_text: str = ""
    is_worse_high: bool = False

    @property
    def subject(self) -> Subject:
        """Return what the page is about."""
        return Subject(self.kind, self.code, self.name, self.indicator, self.objects)


@dataclass(frozen=True, slots=True)
class AtlasPage:
    """One page.

    Parameters
    ----------
    id : str
        Stable: ``"district-HC25-25-370102001"``.
    number : str
        ``"3-07"``.
    place : int
        Its place in the atlas, from 1, without the index.
    entry : Entry
    """

    id: str
    number: str
    place: int
    entry: Entry


def planned(spec: AtlasSpec, entries: Iterable[Entry]) -> tuple[AtlasPage, ...]:
    """Return the pages of an atlas.

    Parameters
    ----------
    spec : AtlasSpec
        Its filter and order.
    entries : iterable of Entry
        Chapters in the order in which they come first.
    """
    wanted = set(spec.only)
    chapters: dict[str, list[Entry]] = {}
    for entry in entries:
        if not wanted or entry.code in wanted or entry.name in wanted:
            chapters.setdefault(entry.chapter, []).append(entry)
    digits = max(2, *(len(str(len(chapter))) for chapter in chapters.values())) if chapters else 2
    pages: list[AtlasPage] = []
    for number, chapter in enumerate(chapters.values(), start=1):
        for place, entry in enumerate(sorted(chapter, key=lambda one: _rank(spec.order, one)), start=1):
            name = "-".join(filter(None, (entry.kind, entry.indicator, entry.code)))
            pages.append(AtlasPage(name, f"{number}-{place:0{digits}d}", len(pages) + 1, entry))
    return tuple(pages)


def _rank(order: str, entry: Entry) -> tuple[object, ...]:
    if order == "name":
        return (entry.name, entry.code)
    if order == "value":
        sign = -1.0 if entry.is_worse_high else 1.0
        return (entry.value is None, 0.0 if entry.value is None else sign * entry.value, entry.code)
    return (len(entry.code) if entry.code.isdigit() else 0, entry.code)


def in_range(pages: tuple[AtlasPage, ...], wanted: str) -> tuple[AtlasPage, ...]:
    """Return some pages by their places, ``"1-20"`` or ``"1,5-8"``; all for an empty text.

    Raises
    ------
    ValueError
        A text that names no places.
    """
    if not wanted.strip():
        return pages
    places: set[int] = set()
    for part in wanted.replace("，", ",").split(","):
        first, _, last = part.strip().partition("-")
        low = int(first)
        high = int(last) if last.strip() else low
        if low < 1 or high < low:
            raise ValueError(part)
        places.update(range(low, min(high, len(pages)) + 1))
    return tuple(page for page in pages if page.place in places)
