"""What the register of municipal components says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.query.filtering import filtered

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session


def facility_layers(session: Session) -> list[Layer]:
    """Return the layers of municipal components whose data is here."""
    return [layer for layer in session.project.state.with_role("facilities") if layer.id in session.project.data]


def facility_tables(session: Session) -> list[tuple[Layer, pd.DataFrame]]:
    """Return each layer of components with the table of what passes its filter."""
    frame = session.project.state.frame
    crs = "" if frame is None else frame.horizontal
    held = [(layer, filtered(layer, session.project.data[layer.id], crs)) for layer in facility_layers(session)]
    return [(layer, data.attributes) for layer, data in held if isinstance(data, VectorData)]


def facility_counts(session: Session) -> pd.DataFrame:
    """Return how many components pass the filters of their layers, a row a class and a column a state.

    Raises
    ------
    UserError
        ``facilities.none`` if no layer holds components.
    """
    from models.facilities.register import counts_by_class

    state = session.project.state
    tables = [(table, state.edition_of(layer)) for layer, table in facility_tables(session)]
    if not tables:
        raise UserError("facilities.none")
    return counts_by_class(tables)


def counts_table(session: Session) -> tuple[list[str], list[list[object]]]:
    """Return the counts as heads and rows in the session's language, the total of each class at the end."""
    from models.facilities.coding.editions import NO_CLASS
    from models.facilities.register import rows_by_class, states

    counted, lang = facility_counts(session), session.lang
    names = [name for name in states() if name in counted.columns]
    heads = [
        session.word("cli.table.facility_class"),
        *(states()[name].title(lang) for name in names),
        session.word("cli.table.total"),
    ]
    rows: list[list[object]] = []
    for kind, row in rows_by_class(counted):
        title = session.word("cli.table.unknown_class") if kind == NO_CLASS else f"{kind.code} {kind.title(lang)}"
        rows.append([title, *(int(row[name]) for name in names), int(row["total"])])
    return heads, rows
