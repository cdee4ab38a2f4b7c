"""What QGIS will show of a style that it has nothing like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.notices import notice_of_caution
from models.core.errors import Caution
from models.layers.layer import Layer

if TYPE_CHECKING:
    from app.session import Session


def say_what_qgis_shows(session: Session, layers: Iterable[Layer]) -> None:
    """Say once of each layer that QGIS will show its heat map or hexagons as single symbols."""
    from models.store.qgis_style import plain_in_qgis

    for layer in layers:
        if kind := plain_in_qgis(layer):
            caution = Caution(f"style.plain_in_qgis.{kind}", layer=layer.title(session.lang))
            if (notice := notice_of_caution(caution)) not in session.notices.all:
                session.notices.add(notice)
