"""What the panel of municipal components shows, made from the register: words, colours and counts. No Qt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.session import Session
from app.usecases.facilities import facilities
from models.core.errors import UserError
from models.facilities.register import rows_by_class, states
from models.query.ranking import Ranking, Rows
from viewers.facility_icons import icon_of
from viewers.texts.values import without_common_ending
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.facilities.facilities_panel import ClassView, StateView


def state_views(lang: str) -> list[StateView]:
    """Return the states of components, as the table of the standard gives them."""
    return [
        StateView(state.id, state.title(lang), state.colour, state.severity > 1, state.active)
        for state in states().values()
    ]


def class_views(session: Session) -> list[ClassView]:
    """Return the components by class and state, empty if there is no register."""
    try:
        table = facilities.facility_counts(session)
    except UserError:
        return []
    views = []
    for kind, row in rows_by_class(table):
        counts = {str(name): int(count) for name, count in row.items() if isinstance(count, (int, np.integer))}
        counts.pop("total", None)
        name = kind.title(session.lang) or session.word("facilities.unclassified")
        views.append(ClassView(kind.key, kind.code, name, counts, icon_of(kind)))
    return [view for view in views if view.total]


def unstated(session: Session) -> list[tuple[str, str]]:
    """Return id and title of the layers of components whose code edition nobody stated."""
    return [
        (layer.id, layer.title(session.lang))
        for layer in facilities.facility_layers(session)
        if not session.project.state.edition_of(layer).is_stated
    ]


def list_title(session: Session, class_key: str, state: str, count: int) -> str:
    """Return what a list of the components of a class (or all) in a state (or any fault) is called."""
    states = {view.id: view.text for view in state_views(session.lang)}
    names = {
        kind.key: kind.title(session.lang)
        for layer in facilities.facility_layers(session)
        for kind in session.project.state.edition_of(layer).classes.values()
    }
    what = states[state] if state else session.word("facilities.all_faults")
    name = (
        names.get(class_key, session.word("facilities.unclassified")) if class_key else session.word("facilities.all")
    )
    return session.word("facilities.list_title", name=name, state=what, count=f"{count:,}")


def component_columns(session: Session, ranking: Ranking) -> list[RankedColumn]:
    """Return how listed components are written; a column in which nothing stands is left out."""
    wide = session.lang == "en"
    widths = {"name": 96 if wide else 108, "state": 92 if wide else 62, "class": 112, "district": 82, "since": 92,
              "code": 140, "place": 130}  # fmt: skip
    short = without_common_ending(ranking.columns["district"].tolist())
    columns = [RankedColumn("", session.word("ranked.rank"), width_px=44, is_number=True, number_format="0")]
    for field, width in widths.items():
        texts = set(ranking.columns[field].tolist()) - {""}
        if not texts or (field == "class" and texts == set(ranking.columns["name"].tolist())):
            continue
        tip = session.word("ranked.since.tip") if field == "since" else ""
        text_of = (lambda name: short.get(name, name)) if field == "district" else str
        columns.append(RankedColumn(field, session.word(f"ranked.{field}"), text_of, width, tip=tip))
    return columns


def component_total(session: Session) -> Callable[[Ranking, Rows], str]:
    """Return what stands below the list: how many of how many."""
    return lambda ranking, rows: session.word("ranked.total", count=f"{len(rows):,}", total=f"{len(ranking):,}")
