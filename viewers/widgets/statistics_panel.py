"""What the numbers of a selection say, as figures and charts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from viewers.widgets.dress import Dress


class StatisticsPanel(QWidget):
    """What the numbers of a selection say, as figures and charts.

    Parameters
    ----------
    dress : Dress
    """

    def __init__(self, dress: Dress) -> None:
        super().__init__()
        self._dress = dress
