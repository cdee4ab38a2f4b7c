"""What a new sheet can be about: what is selected, what is looked at, the units of the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.query import describe
from app.usecases.sheets.subjects import UNIT_ROLES, city_name, units_of
from models.core.errors import UserError
from models.sheets.spec import Subject
from models.sheets.templates import Template

if TYPE_CHECKING:
    from app.session import Session

#: More units than these are not offered in a list; a selected one always is.
MOST_UNITS = 400
#: More selected objects are named on no sheet.
MOST_OBJECTS = 200


def subjects_for(session: Session, template: Template) -> list[Subject]:
    """Return what a sheet of a template can be about, what is selected first."""
    theme = session.project.state.theme
    indicator = theme.indicator if theme.kind == "indicator" else ""
    selected = tuple(session.selection.keys[:MOST_OBJECTS])
    found: list[Subject] = []
    for kind in template.subjects:
        if kind in UNIT_ROLES:
            try:
                units = units_of(session, kind)
            except UserError:  # nothing is open that has units
                continue
            chosen = [unit for unit in units if unit.key in selected]
            rest = [unit for unit in units if unit.key not in selected][:MOST_UNITS]
            made = [Subject(kind, unit.code, unit.name, indicator) for unit in (*chosen, *rest)]
            found = [*made[: len(chosen)], *found, *made[len(chosen) :]]
        elif kind == "city":
            found.append(Subject("city", "", city_name(session), indicator))
        elif kind in ("building", "problem") and selected:
            title = describe.title_of(session, selected[-1])
            found.append(Subject(kind, "", title, indicator, selected))
        elif kind not in ("building", "problem"):
            found.append(Subject(kind, "", city_name(session), indicator, selected))
    return found or [Subject(template.subjects[0], "", "", indicator)]
