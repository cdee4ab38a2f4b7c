"""A map sheet as data: a page, what is on it and where, and what it is about.

Invariants
----------
1. All places on a page are millimetres from its upper left corner; nothing here knows pixels.
2. A page says what it is about (:class:`Subject`); legend, values, badge and call-outs are made for that very page when
   it is drawn and are never kept here, so that they cannot belong to another page.
3. A picture on a page is a :class:`~models.views.snapshot_spec.SnapshotSpec` without furniture: whoever can draw a
   snapshot can draw it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.views.snapshot_spec import SnapshotSpec

#: Sizes of paper (ISO 216), millimetres, the short side first.
PAPERS: dict[str, tuple[int, int]] = {
    "A0": (841, 1189), "A1": (594, 841), "A2": (420, 594), "A3": (297, 420), "A4": (210, 297),
}  # fmt: skip

#: Dots an inch of the pictures on a sheet.
LEAST_DPI, MOST_DPI = 36, 1200
#: What stands on a page is no larger and no further away, millimetres.
_MOST_MM = 10_000.0

ItemKind = Literal[
    "view", "keymap", "title", "legend", "north", "scale", "values", "chart", "table", "photo", "text", "block", "logo",
]  # fmt: skip
SubjectKind = Literal["city", "district", "community", "building", "problem", "facilities", "comparison", "scene"]

#: How far a sheet is: said on it in words and, unless approved, across it.
Standing = Literal["draft", "checked", "approved"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What one page is about.

    Parameters
    ----------
    kind : str
    code : str
        Of the unit (district or community), of the row of a list, of the class of facilities; empty for the city.
    name : str
        As people call it, in the language of the sheet.
    indicator : str
        ``"HC25-25"``, empty for none.
    objects : tuple of ObjectKey
        What is shown, numbered and pointed at.
    """

    kind: SubjectKind = "city"
    code: str = ""
    name: str = ""
    indicator: str = ""
    objects: tuple[ObjectKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a page.

    Parameters
    ----------
    id : str
        Unique on its page.
    kind : str
        What it is: a picture (``view``), a small map that says where (``keymap``), heading, legend, north arrow, scale
        bar, values by unit, chart, table, photo, free text, the block of title, unit and approval (``block``), logo.
    box : (left, top, width, height)
        Millimetres from the upper left corner of the page.
    view : SnapshotSpec or None
        Of a ``view``: what is drawn; None frames the subject of the page.
    of : str
        Id of the ``view`` that a legend, north arrow or scale bar speaks of; empty for the first.
    source : str
        Of a chart or table: which (``"units"``, ``"years"``, ``"problems"``, ``"attributes"`` …); of a photo: its file;
        of a picture without a view of its own: how it looks at the subject (``"oblique"``, ``"opposite"``,
        ``"closer"``, ``"plan"``, ``"around"``; ``"before"``, ``"after"`` and ``"curtain"`` for two years).
    text : str
        Of a text or title: the words; fields in braces are filled in: ``"{subject} · {indicator}"``.
    hidden : bool
        On the page and not drawn.
    """

    id: str
    kind: ItemKind
    box: tuple[float, float, float, float]
    view: SnapshotSpec | None = None
    of: str = ""
    source: str = ""
    text: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What a sheet owes to whoever is answerable for it; one for the project.

    Parameters
    ----------
    organisation : str
        编制单位.
    drawn_by, checked_by, approved_by : str
        编制人, 审核人, 审定人.
    map_approval : str
        审图号. A sheet without one says that it is internal material (内部资料).
    secrecy : str
        密级, empty for none.
    logo : bytes
        PNG or JPEG, empty for none.
    """

    organisation: str = ""
    drawn_by: str = ""
    checked_by: str = ""
    approved_by: str = ""
    map_approval: str = ""
    secrecy: str = ""
    logo: bytes = field(default=b"", hash=False)


#: Of a project that does not say who makes its sheets.
NOBODY = TitleBlock()


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One page.

    Parameters
    ----------
    id : str
    name : str
        As the list of sheets shows it.
    template : str
        From which template it was made (``resources/sheets/<template>.toml``).
    paper : str
        A key of :data:`PAPERS`.
    landscape : bool
    subject : Subject
    items : tuple of Item
        Lowest first.
    title : str
        Empty: made of the subject.
    number : str
        Sheet number, as ``"3-07"``; empty for none.
    standing : str
        Draft, checked or approved.
    lang : str
        ``"zh"`` or ``"en"``.
    dark : bool
    dpi : int
        Of the pictures on it.
    """

    id: str
    name: str = ""
    template: str = "health_map"
    paper: str = "A3"
    landscape: bool = True
    subject: Subject = field(default_factory=Subject)
    items: tuple[Item, ...] = ()
    title: str = ""
    number: str = ""
    standing: Standing = "draft"
    lang: str = "zh"
    dark: bool = False
    dpi: int = 300

    @property
    def size_mm(self) -> tuple[int, int]:
        """Width and height of the page."""
        short, long = PAPERS[self.paper]
        return (long, short) if self.landscape else (short, long)


def require_dpi(dpi: int) -> None:
    """Refuse a resolution in which nothing is drawn.

    Raises
    ------
    UserError
        ``sheets.bad_dpi``.
    """
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise UserError("sheets.bad_dpi", dpi=dpi, least=LEAST_DPI, most=MOST_DPI)


def require_page(paper: str, lang: str, dpi: int) -> None:
    """Refuse what a stranger's file says of a page where no such page can be drawn.

    Raises
    ------
    ValueError
        For paper or language that do not exist.
    UserError
        As :func:`require_dpi`.
    """
    if paper not in PAPERS or lang not in ("zh", "en"):
        raise ValueError(f"{paper} {lang}")
    require_dpi(dpi)


def require_sheet(sheet: SheetSpec) -> None:
    """Refuse a sheet out of a stranger's file that cannot be drawn; raises as :func:`require_page`."""
    require_page(sheet.paper, sheet.lang, sheet.dpi)
    for item in sheet.items:
        if not all(abs(side) <= _MOST_MM for side in item.box) or min(item.box[2:]) < 0:  # NaN is refused too
            raise ValueError(f"{item.id}: {item.box}")
