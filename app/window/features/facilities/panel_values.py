"""What the panel of municipal components shows, made from the register: words, colours and counts. No Qt."""

from __future__ import annotations

import numpy as np

from app.session import Session
from app.usecases.facilities import facilities
from models.core.errors import UserError
from models.core.value_text import text_or_empty
from models.project.selection import ObjectKey
from resources.standards import standard
from viewers.widgets.facilities.facilities_panel import ClassView, ItemView, StateView

#: How many objects a list shows: more than anyone reads, few enough to be quick.
LISTED = 2000


def state_views(lang: str) -> list[StateView]:
    """Return the states of components, as the table of the standard gives them."""
    return [
        StateView(str(row["id"]), str(row[lang]), str(row["colour"]), int(row["severity"]) > 1)
        for row in standard("facility_states")["state"]
    ]


def class_views(session: Session) -> list[ClassView]:
    """Return the components by class and state, empty if there is no register."""
    try:
        table = facilities.facility_counts(session)
    except UserError:
        return []
    names = {str(row["code"]): str(row[session.lang]) for row in standard("facility_components")["class"]}
    views = []
    for index, row in table.iterrows():
        code = str(index)
        counts = {str(name): int(count) for name, count in row.items() if isinstance(count, (int, np.integer))}
        counts.pop("total", None)
        name = names.get(code) or str(row.get("name_en" if session.lang == "en" else "name", "") or "")
        views.append(ClassView(code, name or session.word("facilities.unclassified"), counts))
    return [view for view in views if view.total]


def facility_items(session: Session, code: str, state: str) -> tuple[str, list[ItemView], int]:
    """Return a title, the components of a class (or all) in a state (or any fault), and how many there are."""
    from models.facilities.codes import classify
    from models.facilities.register import status_of

    states = {view.id: view for view in state_views(session.lang)}
    wanted = {state} if state else {view.id for view in states.values() if view.faulty}
    severity = {str(row["id"]): int(row["severity"]) for row in standard("facility_states")["state"]}
    found: list[tuple[int, ItemView]] = []
    total = 0
    for layer, frame in facilities.facility_tables(session):
        status = np.asarray(status_of(frame)).astype(str)
        hit = np.isin(status, sorted(wanted))
        if code and "ObjID" in frame.columns:
            hit &= np.asarray(classify(frame["ObjID"])).astype(str) == code
        rows = np.flatnonzero(hit)
        total += len(rows)
        for at in rows[: LISTED * 2]:
            row = frame.iloc[at]
            own = states[str(status[at])]
            title = text_or_empty(row.get("ObjName")) or text_or_empty(row.get("ObjID")) or layer.title(session.lang)
            detail = "  ".join(
                part
                for part in (own.text, text_or_empty(row.get("ObjID")), text_or_empty(row.get("LocateDSC")))
                if part
            )
            key = ObjectKey(layer.id, int(frame.index[at]))
            found.append((-severity.get(own.id, 0), ItemView(key, title, detail, own.colour)))
    found.sort(key=lambda pair: pair[0])
    names = {view.code: view.name for view in class_views(session)} if code else {}
    what = states[state].text if state else session.word("facilities.all_faults")
    title = session.word(
        "facilities.list_title", name=names.get(code, session.word("facilities.all")), state=what, count=f"{total:,}"
    )
    return title, [item for _, item in found[:LISTED]], total
