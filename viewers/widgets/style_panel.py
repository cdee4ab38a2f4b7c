"""How one layer is drawn."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from viewers.widgets.dress import Dress


class StylePanel(QWidget):
    """How one layer is drawn.

    Parameters
    ----------
    dress : Dress
    """

    def __init__(self, dress: Dress) -> None:
        super().__init__()
        self._dress = dress
