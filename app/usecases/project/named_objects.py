"""Find again what a project names, where the tables behind it have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.notices import notice_of_caution
from models.core.errors import Caution

if TYPE_CHECKING:
    from app.session import Session


def find_named_again(session: Session, layer_id: str) -> None:
    """Lead selections, edits, problem lists and topics to the objects of a linked file that has been read now.

    No step of the history: it is the state in which the project was saved, said of the file as it is.
    """
    from models.store.rows import object_keys

    kept = session.linked_keys.pop(layer_id, None)
    data = session.project.data.get(layer_id)
    if kept is None or data is None:
        return
    cautions: list[Caution] = []
    session.history.amend(lambda state: object_keys.found_again(state, layer_id, kept, data, cautions))
    for caution in cautions:
        session.notices.add(notice_of_caution(caution))
