"""Asks whether a project from elsewhere may reach outside its folder: a bar above the view, and the details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import rows_item, rows_list

ICONS = {"host": "globe", "share": "share-network", "file": "file"}
#: From so many pixels on the buttons stand beside the words.
WIDE_PX = 620


@dataclass(frozen=True, slots=True)
class Place:
    """One thing outside a project's folder, as shown: kind (``"host"``, ``"share"``, ``"file"``), where, for whom."""

    kind: str
    where: str
    layers: tuple[str, ...] = ()


class TrustBar(QFrame):
    """A bar above the view that names hosts and paths and asks; it blocks nothing.

    Signals
    -------
    trusted, put_off, details_requested : ()

    Parameters
    ----------
    appearance : Appearance
    """

    trusted = Signal()
    put_off = Signal()
    details_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.appearance = appearance
        self._places: tuple[Place, ...] = ()
        self.setProperty("role", "bar")
        self._icon = label()
        self.words = caption(appearance, "trust.bar", "strong", wrap=True)
        self.where = label("soft")
        self.where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.yes = button(appearance, "trust.yes", "primary")
        self.details = button(appearance, "trust.details")
        self.later = button(appearance, "trust.later", "quiet")
        self.yes.clicked.connect(self.trusted)
        self.details.clicked.connect(self.details_requested)
        self.later.clicked.connect(self.put_off)
        #: Buttons beside the words, or below them where that is too narrow.
        self._inner = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._inner.setSpacing(8)
        self._inner.addLayout(column(self.words, self.where, gap=1), 1)
        self._inner.addLayout(row(self.later, self.details, self.yes, gap=8))
        line = row(self._icon, self._inner, margins=(14, 8, 12, 8), gap=10)
        line.setStretch(1, 1)
        line.setAlignment(self._icon, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
        appearance.lang_changed.connect(self._say)
        appearance.look_changed.connect(self._say)
        self.hide()

    def set_places(self, places: Sequence[Place]) -> None:
        """Name what the project would reach; nothing hides the bar."""
        self._places = tuple(sorted(places, key=lambda place: list(ICONS).index(place.kind)))
        self.where.setToolTip(plain_tip("\n".join(place.where for place in self._places)))
        self._say()
        self.setVisible(bool(places))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Name as much as there is room for."""
        super().resizeEvent(event)
        wide = event.size().width() >= WIDE_PX
        self._inner.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._say()

    def _say(self) -> None:
        self._icon.setPixmap(self.appearance.icon("shield-warning", "warn").pixmap(24, 24))
        text = "   ".join(place.where for place in self._places)
        if len(self._places) > 1:
            text = self.appearance.word("trust.bar.places", where=text, count=len(self._places))
        room = self.where.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(self.where.width(), 120))
        self.where.setText(room)


class TrustQuestion(Ask):
    """All that a project would reach, and by which layers; answers ``"trust"`` or nothing.

    Parameters
    ----------
    appearance : Appearance
    name : str
        Of the project.
    places : sequence of Place
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, name: str, places: Sequence[Place], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "trust.title", parent)
        self.body.addWidget(caption(appearance, "trust.question", "heading", wrap=True, name=name))
        self.body.addWidget(caption(appearance, "trust.why", "soft", wrap=True))
        self.list = rows_list(appearance)
        self.list.setMinimumHeight(200)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        joint = "、" if appearance.lang == "zh" else ", "
        for place in sorted(places, key=lambda place: list(ICONS).index(place.kind)):
            kind = appearance.word(f"trust.kind.{place.kind}")
            by = joint.join(place.layers) or appearance.word("trust.none")
            icon = appearance.icon(ICONS[place.kind], "warn" if place.kind != "file" else "text_soft")
            self.list.addItem(rows_item(icon, place.where, appearance.word("trust.layers", kind=kind, layers=by), None))
        self.body.addWidget(self.list)
        self.later = self.add_button("trust.later", "")
        self.yes = self.add_button("trust.yes", "trust", "primary")
        self.setMinimumWidth(560)
