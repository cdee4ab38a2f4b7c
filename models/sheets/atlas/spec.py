"""What an atlas is made of, as the project keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

#: What pages are about: units, rows of the problem list, classes of facilities, buildings.
By = Literal["district", "community", "problem", "facilities", "building"]
BY: tuple[str, ...] = get_args(By)
#: Pages in the order of codes, of names, or the worst values first.
ORDERS: tuple[str, ...] = ("code", "name", "value")


@dataclass(frozen=True, slots=True)
class AtlasSpec:
    """One atlas.

    Parameters
    ----------
    id : str
    name : str
        Its title; empty takes the name of the city.
    by : str
        What each page is about, one of :data:`BY`.
    indicators : tuple of str
        Codes. Of units each indicator is a chapter with a page for each unit; of buildings and problems those whose
        buildings and problems there are pages of; empty for all there are.
    only : tuple of str
        Codes of units, of rows or of classes, or numbers of buildings that have a page; empty for all.
    order : str
        One of :data:`ORDERS`.
    template : str
        Empty takes the one that is made for such pages first of all.
    paper : str
        A key of :data:`models.sheets.spec.PAPERS`.
    landscape : bool
    dpi : int
        Of the pictures.
    suffix : str
        ``".pdf"`` or ``".png"``.
    lang : str
        ``"zh"`` or ``"en"``.
    dark : bool
    """

    id: str = "atlas"
    name: str = ""
    by: str = "district"
    indicators: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    order: str = "code"
    template: str = ""
    paper: str = "A3"
    landscape: bool = True
    dpi: int = 300
    suffix: str = ".pdf"
    lang: str = "zh"
    dark: bool = False
