"""Which layer of components a verb speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.core.errors import UserError

if TYPE_CHECKING:
    from app.session import Session
    from models.layers.layer import Layer


def facility_layer(session: Session, wanted: str) -> Layer:
    """Return the layer of components of an id or a name; the only one where none is named.

    Raises
    ------
    UserError
        ``facilities.none``, ``ask.which_layer`` with those there are.
    """
    from app.usecases.facilities.facilities import facility_layers

    layers = facility_layers(session)
    if not layers:
        raise UserError("facilities.none")
    found = [one for one in layers if not wanted or wanted in (one.id, one.name, one.name_en)]
    if len(found) != 1:
        shown = "  ".join(one.title(session.lang) for one in layers[:30])
        raise UserError("ask.which_layer", name=wanted or "—", layers=shown)
    return found[0]
