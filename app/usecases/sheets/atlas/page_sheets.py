"""The sheet of a page: made from a template, its pictures turned to what the page is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.usecases.sheets.framing import DIRECTIONS, view_of
from app.usecases.sheets.sheets import sheet_for
from app.usecases.views.framing import looked_at
from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.sheets.atlas.plan import AtlasPage
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import templates

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.views.pictures import Pictures
    from models.health.results import IndicatorResult

#: Another number draws all pages anew: how pictures are framed has changed.
FRAMING = 1


@dataclass(frozen=True, slots=True)
class Framed:
    """A sheet whose pictures are settled.

    Parameters
    ----------
    sheet : SheetSpec
    seen : mapping of ObjectKey to int
        Pixels, in the picture that shows it best.
    hidden : tuple of ObjectKey
        What no picture of the page shows.
    """

    sheet: SheetSpec
    seen: Mapping[ObjectKey, int]
    hidden: tuple[ObjectKey, ...]


def template_for(spec: AtlasSpec) -> str:
    """Return the template of an atlas: the one that is named, else the one that names such pages first of all.

    Raises
    ------
    UserError
        ``atlas.no_template``.
    """
    if spec.template:
        return spec.template
    fitting = [one for one in templates() if spec.by in one.subjects]
    if not fitting:
        raise UserError("atlas.no_template", by=spec.by)
    return min(fitting, key=lambda one: one.subjects.index(spec.by)).id


def sheet_of(session: Session, spec: AtlasSpec, page: AtlasPage) -> SheetSpec:
    """Return the sheet of a page, its pictures not yet turned to anything."""
    sheet = sheet_for(
        session, template_for(spec), page.entry.subject, paper=spec.paper, landscape=spec.landscape,
        number=page.number, dark=spec.dark, dpi=spec.dpi,
    )  # fmt: skip
    return replace(sheet, id=page.id, lang=spec.lang)


def framed_sheet(session: Session, pictures: Pictures, sheet: SheetSpec, page: AtlasPage) -> Framed:
    """Return the sheet with its pictures turned so that they show what the page is about."""
    entry = page.entry
    items: list[Item] = []
    seen: dict[ObjectKey, int] = {}
    hidden: set[ObjectKey] | None = None
    for item in sheet.items:
        if item.kind != "view" or item.hidden or item.view is not None or not entry.frame:
            items.append(item)
            continue
        base = view_of(session, sheet, item, pictures)
        bearing, pitch = DIRECTIONS.get(item.source, DIRECTIONS["oblique"])
        asked = entry.objects or (() if entry.kind == "facilities" else entry.frame)
        if base.camera.parallel_scale_m is None:
            found = pictures.framed(base, entry.frame, important=asked, bearing_deg=bearing, pitch_deg=-pitch)
        else:  # a plan keeps the scale that its sheet gave it
            found = looked_at(pictures, base, asked)
        for key, count in found.seen.items():
            seen[key] = max(seen.get(key, 0), count)
        hidden = set(found.hidden) if hidden is None else hidden & set(found.hidden)
        items.append(replace(item, view=replace(found.spec, project="")))
    return Framed(replace(sheet, items=tuple(items)), seen, tuple(sorted(hidden or ())))


def page_hash(sheet: SheetSpec, content: str, result: IndicatorResult | None, spec: AtlasSpec) -> str:
    """Return the SHA-256 of all that a page is made from: its sheet, the project's data, the figures of its result."""
    from models.core.program import version
    from models.store.rows.sheet_json import sheet_json

    made_of = [FRAMING, version(), sheet_json(sheet), content, result_hash(result), spec.suffix]
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def result_hash(result: IndicatorResult | None) -> str:
    """Return the SHA-256 of the figures of a result, whenever they were worked out; empty for none."""
    if result is None:
        return ""
    units = [
        [one.unit_code, one.unit_oid, one.value, one.numerator, one.denominator, one.coverage, one.grade]
        for one in (result.city, *result.units, *result.estates)
    ]
    problems = [[*one.key, one.reason, one.loss] for one in result.problems]
    said = [result.code, result.edition, result.origin, result.reading, units, problems]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
