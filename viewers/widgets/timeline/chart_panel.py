"""The panel of charts: what is charted with its value now, the plots, the span, and handing out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QScrollArea, QWidget

from models.timeline.zone import DEFAULT_ZONE
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import EmptyHint, button, column, label, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.timeline.sensor_chart import SensorChart
from viewers.widgets.timeline.shown_curves import ShownCurve, ShownThreshold, ValueRow

LIST_PX = 250


class ChartPanel(QWidget):
    """Series beside their plots.

    Signals
    -------
    picture_requested, table_requested, clear_requested, add_requested : ()
    span_requested : (float) seconds before the end; 0 for all
    channel_switched : (int, bool)
    """

    picture_requested = Signal()
    table_requested = Signal()
    clear_requested = Signal()
    add_requested = Signal()
    span_requested = Signal(float)
    channel_switched = Signal(int, bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.hint = EmptyHint(appearance, "chart-line", "chart.empty", "chart.add")
        self.hint.pressed.connect(self.add_requested)
        self.chart = SensorChart(appearance)
        self.span = label("small")
        self.said = label("faint")
        spans = [button(appearance, key, "quiet") for key in ("chart.day", "chart.week", "chart.all")]
        for press, seconds in zip(spans, (86400.0, 7 * 86400.0, 0.0), strict=True):
            press.clicked.connect(lambda _=False, wanted=seconds: self.span_requested.emit(wanted))
        self.add = tool(appearance, "plus", "chart.add", size=16)
        self.picture = tool(appearance, "image", "chart.picture", size=16)
        self.table = tool(appearance, "table", "chart.table", size=16)
        self.clear = tool(appearance, "trash", "chart.clear", size=16)
        for what, signal in (
            (self.add, self.add_requested), (self.picture, self.picture_requested), (self.table, self.table_requested),
            (self.clear, self.clear_requested),
        ):  # fmt: skip
            what.clicked.connect(signal)
        self.values = QListWidget()
        self.values.setFixedWidth(LIST_PX)
        self.values.setIconSize(QSize(14, 14))
        self.values.itemChanged.connect(self._on_changed)
        appearance.say(self.values.setAccessibleName, "chart.values")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.chart)
        self._tools = (*spans, self.add, self.picture, self.table, self.clear)
        head = row(self.span, self.said, 1, *self._tools, margins=(8, 4, 8, 0), gap=4)
        self.when = label("section")
        side = QWidget()
        side.setLayout(column(self.when, self.values, gap=2))
        body = row(scroll, side, gap=4)
        body.setStretch(0, 1)
        self._page = QWidget()
        self._page.setLayout(column(head, body, gap=2))
        self.setLayout(column(self.hint, self._page, gap=0))
        self.show_curves([], [], (0, 0), DEFAULT_ZONE, "")

    def show_curves(
        self, curves: Sequence[ShownCurve], thresholds: Sequence[ShownThreshold], span_us: tuple[int, int], zone: str,
        said: str,
    ) -> None:  # fmt: skip
        """Show series; ``said`` stands beside the span (zone, synthetic)."""
        self.hint.setVisible(not curves)
        self._page.setVisible(bool(curves))
        if curves:
            self.chart.show_curves(curves, thresholds, span_us, zone)
            self.span.setText(self.chart.span_text())
            self.said.setText(said)

    def picture_of_all(self) -> bytes:
        """Return plots, series and what is said of them as a PNG, without what can be pressed."""
        for one in self._tools:
            one.hide()
        try:
            picture = self._page.grab()
        finally:
            for one in self._tools:
                one.show()
        content = QBuffer()
        content.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(content, "PNG")
        return bytes(content.data().data())

    def show_values(self, rows: Sequence[ValueRow], hidden: set[int], when: str) -> None:
        """Show the value of each series under the cursor, or at the moment; ``when`` says which."""
        self.when.setText(when)
        listed = self.values
        listed.blockSignals(True)
        if [listed.item(at).data(Qt.ItemDataRole.UserRole) for at in range(listed.count())] != [
            one.channel for one in rows
        ]:
            listed.clear()
            for at, one in enumerate(rows):
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.UserRole, one.channel)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setIcon(self._chip(at))
                listed.addItem(item)
        for at, one in enumerate(rows):
            item = listed.item(at)
            item.setText(f"{one.value}   {one.name}")
            item.setToolTip(plain_tip(one.name))
            item.setCheckState(Qt.CheckState.Unchecked if one.channel in hidden else Qt.CheckState.Checked)
        listed.blockSignals(False)

    def _chip(self, at: int) -> QPixmap:
        return chip(self.chart.colour_of(at).name(), 14, hatch=self.chart.is_dashed(at))

    def _on_changed(self, item: QListWidgetItem) -> None:
        on = item.checkState() == Qt.CheckState.Checked
        self.channel_switched.emit(int(item.data(Qt.ItemDataRole.UserRole)), on)
