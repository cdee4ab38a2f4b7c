"""What the register of municipal components says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.query.filtering import filtered

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from app.session import Session


#: By what components are counted; ``class`` needs the editions of their layers, the others a field.
BY = ("class", "state", "department", "owner", "maintainer", "district", "layer")
_FIELDS = {"department": ("DeptName1",), "owner": ("DeptName2",), "maintainer": ("DeptName3",)}


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


def counts_by(session: Session, by: str) -> tuple[list[str], list[list[object]]]:
    """Return components counted by something and state, as heads and rows; those out of use in a column apart.

    Parameters
    ----------
    session : Session
    by : str
        One of :data:`BY`. Components that do not say it stand in the last row.

    Raises
    ------
    UserError
        ``facilities.none`` if no layer holds components, ``register.by`` for something else.
    """
    import pandas as pd

    from models.facilities.register import states, status_of

    if by not in BY:
        raise UserError("register.by", value=by, known=", ".join(BY))
    if by == "class":
        return counts_table(session)
    tables = facility_tables(session)
    if not tables:
        raise UserError("facilities.none")
    lang = session.lang
    status = np.concatenate([status_of(table) for _, table in tables])
    names = [one for one in states() if one in set(status.tolist())]
    if by == "state":
        heads = [session.word("register.by.state"), session.word("cli.table.total")]
        return heads, [[states()[name].title(lang), int((status == name).sum())] for name in names]
    groups = np.concatenate([_groups(session, layer, table, by) for layer, table in tables])
    counted = pd.crosstab(pd.Series(groups, dtype=object), pd.Series(status, dtype=object))
    counted = counted.reindex(columns=names, fill_value=0)
    totals = {str(name): int(total) for name, total in counted.sum(axis=1).items()}
    order = sorted(totals, key=lambda name: (name == "", -totals[name], name))
    heads = [session.word(f"register.by.{by}"), *(states()[name].title(lang) for name in names),
             session.word("cli.table.total")]  # fmt: skip
    rows: list[list[object]] = []
    for name in order:
        cells = np.asarray(counted.loc[name], dtype=np.int64).tolist()
        rows.append([name or session.word("register.by.none"), *cells, sum(cells)])
    return heads, rows


def _groups(session: Session, layer: Layer, table: pd.DataFrame, by: str) -> NDArray[np.object_]:
    """Return the group of each component, empty where it says none."""
    from models.facilities.fault_ranking import DISTRICT_FIELDS, district_texts
    from models.facilities.register import field_of

    if by == "layer":
        return np.full(len(table), layer.title(session.lang), dtype=object)
    if by == "district":
        texts: NDArray[np.object_] = district_texts(table, district_names(session))
        return texts
    field = field_of(table, _FIELDS.get(by, DISTRICT_FIELDS))
    if field is None:
        return np.full(len(table), "", dtype=object)
    return np.where(table[field].notna(), table[field].astype("str").str.strip(), "").astype(object)


def district_names(session: Session) -> dict[str, str]:
    """Return the names of sub-districts by their code."""
    from models.core.value_text import text_or_empty

    names: dict[str, str] = {}
    for layer in session.project.state.with_role("districts"):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and {"code", "name"} <= set(data.fields):
            table = data.attributes
            field = "name_en" if session.lang == "en" and "name_en" in table.columns else "name"
            names |= {str(code): text_or_empty(name) for code, name in zip(table["code"], table[field], strict=True)}
    return names
