"""The middle of the window: the 3D view and what floats over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from viewers.render.palette.context import material_colours
from viewers.widgets.bim.measure_bar import MeasureBar
from viewers.widgets.bim.section_bar import SectionBar, SectionNotice
from viewers.widgets.bim.storey_bar import StoreyBar
from viewers.widgets.canvas.overlays import Badge, Compass, LegendCard, LoadingCard, ViewButtons
from viewers.widgets.canvas.pulse import Pulse
from viewers.widgets.canvas.scale_bar import ScaleBar
from viewers.widgets.canvas.tool_overlay import ToolOverlay
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.tool_bar_card import ToolCard
from viewers.widgets.crs.placement_bar import PlaceBar
from viewers.widgets.shell.opening_card import OpeningCard, OpeningVeil

EDGE = 14
#: Room for the row of badge and notices at the top.
ROW_PX = 36
#: A view narrower than this has no scale bar; gap between what lies at its lower edge.
NARROW_PX, GAP = 420, 6


class Canvas(QWidget):
    """The 3D view with compass, view buttons, legend, badge, loading card, and the cards of the tools in hand.

    Signals
    -------
    home_requested, zoom_selection_requested : ()
    cards_changed : () the card of a tool has come or gone
    legend_moved : () a hand has moved or folded the legend, see :attr:`legend_place`
    arranged : () everything lies where it belongs; what others put over the view may follow
    """

    home_requested = Signal()
    zoom_selection_requested = Signal()
    legend_moved = Signal()
    cards_changed = Signal()
    arranged = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rooms: Callable[[QRect], QRect] | None = None
        #: Whether the city is shown without compass, buttons, legend, scale bar and badge: others say it larger.
        self.is_bare = False
        #: Where the card of a tool begins, and how far from the lower edge names of pictures that are compared stand.
        self.card_top, self.low_px = EDGE + ROW_PX, EDGE
        #: While one card takes the place of another, which is then not closed for good.
        self.is_exchanging = False
        self.view = View3D(self)
        self.tool_overlay = ToolOverlay(appearance, self.view, self)
        self.pulse = Pulse(self.view, material_colours()["select"], self)
        self.compass = Compass(appearance, self)
        self.buttons = ViewButtons(appearance, self)
        self.legend = LegendCard(appearance, self)
        #: Where a hand has put the legend, as shares 0…1 of the room that is free; None for its own corner.
        self.legend_place: tuple[float, float] | None = None
        self.scale_bar = ScaleBar(appearance, self.view, self)
        #: What else lies at the lower edge: the names of pictures that are compared.
        self.names: Callable[[], Sequence[QWidget]] = tuple
        self.badge = Badge(appearance, self)
        self.loading_card = LoadingCard(appearance, self)
        self.opening_card, self.opening_veil = OpeningCard(appearance, self), OpeningVeil(appearance, self)
        self.section_bar = SectionBar(appearance, self)
        self.storey_bar = StoreyBar(appearance, self)
        self.measure_bar = MeasureBar(appearance, self)
        self.place_bar = PlaceBar(appearance, self)
        self.cards: tuple[ToolCard, ...] = (self.section_bar, self.storey_bar, self.measure_bar, self.place_bar)
        self.section_notice = SectionNotice(appearance, self)
        self.compass.pressed.connect(self.view.north_up)
        self.buttons.home_requested.connect(self.home_requested)
        self.buttons.top_requested.connect(self.view.top_view)
        self.buttons.selection_requested.connect(self.zoom_selection_requested)
        self.buttons.zoom_requested.connect(self.view.zoom_step)
        self.buttons.set_has_selection(False)
        self.legend.resized.connect(self.arrange)
        self.legend.dragged.connect(self._on_legend_dragged)
        self.legend.sent_back.connect(lambda: self._put_legend(None))
        self.legend.folded.connect(self.legend_moved)
        self.view.turned.connect(self.pulse.update)
        self.view.camera_moved.connect(self._on_camera_moved)
        for piece in (self.badge, self.loading_card, self.opening_card, self.section_notice, *self.cards):
            piece.installEventFilter(self)
        for card in self.cards:
            card.resized.connect(self.arrange)
        appearance.lang_changed.connect(self.arrange)

    def add_card(self, card: ToolCard) -> None:
        """Take the card of another tool among those that stand at the left."""
        self.cards = (*self.cards, card)
        card.installEventFilter(self)
        card.resized.connect(self.arrange)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay everything out again."""
        super().resizeEvent(event)
        self.arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Lay out again when something appears, or what others made room for goes."""
        if event.type() == QEvent.Type.Show or (
            event.type() == QEvent.Type.Hide and watched in (self.badge, self.loading_card)
        ):
            self.arrange()
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and watched in self.cards:
            self.cards_changed.emit()
        return super().eventFilter(watched, event)

    @property
    def told(self) -> set[str]:
        """Return what of the picture the open cards tell."""
        return {card.tells for card in self.cards if card.isVisible()}

    def set_rooms(self, rooms: Callable[[QRect], QRect] | None) -> None:
        """Share the middle with other pictures: ``rooms`` lays them out and returns what is left to the view."""
        self._rooms = rooms
        self.arrange()

    @property
    def is_shared(self) -> bool:
        """Whether other pictures are shown beside the view, or over a part of it."""
        return self._rooms is not None

    def arrange(self) -> None:
        """Put the view into its room and the floating things into their corners."""
        width, height = self.width(), self.height()
        room = self.rect() if self._rooms is None else self._rooms(self.rect())
        if self.view.geometry() != room:
            self.view.setGeometry(room)
            self.tool_overlay.setGeometry(room)
        self.compass.move(width - self.compass.width() - EDGE, EDGE)
        self.buttons.adjustSize()
        middle = self.compass.x() + (self.compass.width() - self.buttons.width()) // 2
        self.buttons.move(middle, self.compass.y() + self.compass.height() + 8)
        self.badge.adjustSize()
        self.badge.move(EDGE, EDGE)
        self.section_notice.adjustSize()
        left = EDGE + (self.badge.width() + 8 if self.badge.isVisible() else 0)
        self.section_notice.move(
            left, EDGE - max(0, (self.section_notice.height() - self.badge.height()) // 2) * self.badge.isVisible()
        )
        self.loading_card.adjustSize()
        self.loading_card.move((width - self.loading_card.width()) // 2, height - self.loading_card.height() - EDGE - 8)
        self.opening_veil.setGeometry(self.rect())
        self.opening_card.adjustSize()
        self.opening_card.move((width - self.opening_card.width()) // 2, (height - self.opening_card.height()) * 2 // 5)
        self._arrange_cards()
        self._arrange_low(room)
        self.tool_overlay.raise_()
        for piece in (
            self.compass,
            self.buttons,
            self.scale_bar,
            self.legend,
            self.badge,
            self.section_notice,
            self.loading_card,
            *self.cards,
            self.opening_veil,
            self.opening_card,
        ):
            piece.raise_()
        self.arranged.emit()

    def set_bare(self, bare: bool) -> None:
        """Show the city without what floats over it, or with it again."""
        self.is_bare = bare
        for piece in (self.compass, self.buttons):
            piece.setVisible(not bare)
        self.legend.set_legend(self.legend.legend)
        self.arrange()

    def _arrange_low(self, room: QRect) -> None:
        """Put legend and scale bar to the lower edge of the view, clear of each other and of the picture's name."""
        bar, legend = self.scale_bar, self.legend
        lying = [piece for piece in (*self.names(), self.loading_card) if piece.isVisible()]
        taken = [QRect(piece.mapTo(self, QPoint()), piece.size()) for piece in lying]
        bar.has_room = room.width() >= NARROW_PX and not self.is_bare
        bar.setVisible(bool(bar.length_m) and bar.has_room)
        if self.is_bare:
            legend.hide()
            self.badge.hide()
            return
        corner = QPoint(room.right() + 1 - bar.width() - EDGE, room.bottom() + 1 - bar.height() - EDGE)
        bar.move(_clear_of(taken, QRect(corner, bar.size()), room))
        if bar.isVisible():
            taken.append(bar.geometry())
        legend.fold_if_tall(room.height() if room.height() < self.height() else 10 * self.height())
        tallest = room.height() - 2 * EDGE - ROW_PX - 24
        open_card = next((card for card in self.cards if card.isVisible()), None)
        if open_card is not None and self.legend_place is None:  # the legend gives way to the tool in hand
            lowest = min([room.bottom() + 1 - EDGE, *(one.y() - GAP for one in taken if one.x() < room.x() + 260)])
            tallest = min(tallest, lowest - open_card.geometry().bottom() - GAP)
        legend.fit(max(64, tallest), min(260, max(room.width() - 2 * EDGE, 120)))
        across, down = (0.0, 1.0) if self.legend_place is None else self.legend_place
        left = room.x() + EDGE + round(across * max(room.width() - 2 * EDGE - legend.width(), 0))
        top = room.y() + EDGE + round(down * max(room.height() - 2 * EDGE - legend.height(), 0))
        legend.move(_clear_of(taken, QRect(QPoint(left, top), legend.size()), room))

    def _on_legend_dragged(self, corner: QPoint) -> None:
        room = self.view.geometry()
        free = (room.width() - 2 * EDGE - self.legend.width(), room.height() - 2 * EDGE - self.legend.height())
        wanted = (corner.x() - room.x() - EDGE, corner.y() - room.y() - EDGE)
        across, down = (min(max(at / max(most, 1), 0.0), 1.0) for at, most in zip(wanted, free, strict=True))
        self._put_legend((across, down))

    def _put_legend(self, place: tuple[float, float] | None) -> None:
        self.legend_place = place
        self.arrange()
        self.legend_moved.emit()

    def _arrange_cards(self) -> None:
        """Put the card of the tool in hand at the left, below the row of badge and notices, where nothing pushes it."""
        for card in self.cards:
            if card.isVisible():
                card.fit(self.compass.x() - 2 * EDGE)
                card.move(EDGE, self.card_top)

    def _on_camera_moved(self) -> None:
        pose = self.view.pose
        if pose is not None:
            self.compass.set_view(pose.bearing_deg, pose.pitch_deg)


def _clear_of(taken: Sequence[QRect], place: QRect, room: QRect) -> QPoint:
    """Return the upper left corner of a place, moved up where something is there already."""
    for other in sorted(taken, key=lambda one: -one.y()):
        if place.intersects(other.adjusted(-GAP, -GAP, GAP, GAP)):
            place.moveBottom(other.y() - GAP - 1)
    place.moveTop(max(place.top(), room.y() + EDGE))
    return place.topLeft()
