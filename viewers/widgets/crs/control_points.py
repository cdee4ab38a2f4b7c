"""Control points: a table that takes cells from a spreadsheet, the fit, its residuals as numbers and arrows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from models.core.errors import UserError
from models.crs.doctor.fits import ControlPoint, Fit, fit_plane, fit_space, from_text, to_csv
from models.store.atomic import write_text
from resources.visible_text import visible_text
from viewers.texts.crs_texts import short_crs
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.crs.crs_dialog import fill

COLUMNS = ("used", "name", "x", "y", "h", "easting", "northing", "height", "de", "dn", "w")
_INPUTS = COLUMNS[1:8]
_ROUND_MM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000)


class ResidualPlot(QWidget):
    """Arrows of residuals where the points lie, with a circle for scale."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._points: Sequence[ControlPoint] = ()
        self._fit: Fit | None = None
        self.setMinimumSize(QSize(210, 210))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        appearance.look_changed.connect(self.update)

    def show_fit(self, points: Sequence[ControlPoint], fit: Fit | None) -> None:
        """Show another fit."""
        self._points, self._fit = points, fit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the plot."""
        painter, appearance = QPainter(self), self._appearance
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(appearance.colour("line"), 1))
        painter.setBrush(appearance.colour("sunken"))
        painter.drawRoundedRect(box, 6, 6)
        fit = self._fit
        if fit is None or not self._points:
            return
        font = painter.font()
        font.setPixelSize(TYPE_SCALE["tiny"])
        painter.setFont(font)
        x = [point.easting for point in self._points]
        y = [point.northing for point in self._points]
        size = max(max(x) - min(x), max(y) - min(y), 1e-9)
        room = min(box.width(), box.height() - 26) - 64
        worst_mm = max((1000 * math.hypot(*r) for r in fit.residuals_m), default=0.0)
        circle_mm = next((mm for mm in _ROUND_MM if mm >= worst_mm), _ROUND_MM[-1])
        unit = 26.0 / circle_mm
        middle = (max(x) + min(x)) / 2, (max(y) + min(y)) / 2
        for at, (point, (east, north)) in enumerate(zip(self._points, fit.residuals_m, strict=True)):
            spot = QPointF(
                box.center().x() + (point.easting - middle[0]) / size * room,
                box.center().y() - 8 - (point.northing - middle[1]) / size * room,
            )
            bad = at in fit.outliers
            tint = appearance.colour("bad" if bad else "accent" if point.used else "none")
            painter.setPen(QPen(appearance.colour("line_strong"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot, 26.0, 26.0)
            painter.setPen(QPen(tint, 2))
            painter.drawLine(spot, spot + QPointF(east * 1000 * unit, -north * 1000 * unit))
            painter.setBrush(tint)
            painter.drawEllipse(spot, 3.0, 3.0)
            painter.setPen(appearance.colour("text_soft"))
            painter.drawText(spot + QPointF(5, -5), visible_text(point.name))
        painter.setPen(appearance.colour("text_faint"))
        text = appearance.word("crs_fit.plot", mm=circle_mm)
        painter.drawText(box.adjusted(8, 0, -8, -6), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)


class CrsFit(Ask):
    """Ask for control points and fit them; :attr:`fit`, :attr:`points` and :attr:`target` hold the answer.

    Parameters
    ----------
    source, target : str
        CRS of the layer's numbers as declared (for 7 parameters), and of the points' other half.
    choose : callable
        Asks for another CRS and returns it, empty if none was chosen.
    """

    def __init__(
        self, appearance: Appearance, layer: str, source: str, target: str, choose: Callable[[str], str],
        points: Sequence[ControlPoint] = (), parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "crs_fit.title", parent)
        self.source, self.target, self._choose = source, target, choose
        self.fit: Fit | None = None
        self._filling = False
        title = label("heading", wrap=True)
        title.setText(layer)
        self.body.addWidget(title)
        self.body.addWidget(caption(appearance, "crs_fit.why", "soft", wrap=True))
        self.kind_ = PlainCombo()
        for kind in ("plane4", "space7"):
            self.kind_.addItem(appearance.word(f"crs_fit.kind.{kind}"), kind)
        self.source_name, self.target_name = label(), label()
        self.source_button = button(appearance, "crs_fit.change", "quiet")
        self.target_button = button(appearance, "crs_fit.change", "quiet")
        self.source_button.clicked.connect(lambda: self._change("source"))
        self.target_button.clicked.connect(lambda: self._change("target"))
        self.source_said = caption(appearance, "crs_fit.source", "soft")
        self.body.addLayout(
            row(self.kind_, 12, self.source_said, self.source_name, self.source_button,
                caption(appearance, "crs_fit.target", "soft"), self.target_name, self.target_button, gap=8)
        )  # fmt: skip
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels([appearance.word(f"crs_fit.col.{name}") for name in COLUMNS])
        self.table.verticalHeader().hide()
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(54)
        header.setStretchLastSection(True)
        self.table.itemChanged.connect(self._on_edited)
        self.plot = ResidualPlot(appearance)
        pair = row(self.table, self.plot, gap=12)
        pair.setStretch(0, 1)
        self.body.addLayout(pair)
        self.body.setStretch(3, 1)
        tools = row(gap=6)
        for key, act in (
            ("crs_fit.add", self.add_row), ("crs_fit.remove", self.remove_rows), ("crs_fit.paste", self.paste),
            ("crs_fit.import", self._import), ("crs_fit.export", self._export),
        ):  # fmt: skip
            press = button(appearance, key, "quiet")
            press.setAutoDefault(False)
            press.clicked.connect(lambda _=False, act=act: act())
            tools.addWidget(press)
        tools.addStretch(1)
        self.body.addLayout(tools)
        self.outcome, self.remark = label("strong", wrap=True, select=True), label("small", wrap=True)
        self.body.addLayout(column(self.outcome, self.remark, gap=4))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("crs_fit.use", "ok", "primary")
        QShortcut(QKeySequence.StandardKey.Paste, self.table, self.paste)
        QShortcut(QKeySequence.StandardKey.Delete, self.table, self.remove_rows)
        self.kind_.currentIndexChanged.connect(lambda *_: self._solve())
        fill(self)
        self.resize(1060, 640)
        self.set_points(list(points))
        if not points:
            for _ in range(4):
                self.add_row()
        self._name()

    @property
    def kind(self) -> str:
        """Return ``"plane4"`` or ``"space7"``."""
        return str(self.kind_.currentData())

    @property
    def points(self) -> list[ControlPoint]:
        """Return the rows that are complete."""
        found: list[ControlPoint] = []
        for at in range(self.table.rowCount()):
            texts = {name: self._text(at, name) for name in _INPUTS}
            try:
                x, y, east, north = (_number(texts[name]) for name in ("x", "y", "easting", "northing"))
                h, height = (_number(texts[name]) if texts[name] else 0.0 for name in ("h", "height"))
            except ValueError:
                continue
            box = self.table.item(at, 0)
            used = box is None or box.checkState() == Qt.CheckState.Checked
            found.append(ControlPoint(texts["name"] or str(at + 1), x, y, east, north, h, height, used))
        return found

    def set_points(self, points: Sequence[ControlPoint]) -> None:
        """Show these points."""
        self._filling = True
        self.table.setRowCount(0)
        for point in points:
            self._append(point)
        self._filling = False
        self._solve()

    def add_row(self) -> None:
        """Add an empty row."""
        self._filling = True
        self._append(None)
        self._filling = False

    def remove_rows(self) -> None:
        """Delete the rows that are marked."""
        for at in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(at)
        self._solve()

    def paste(self) -> None:
        """Take rows from the clipboard, below the ones there are."""
        self._take(QGuiApplication.clipboard().text())

    def _take(self, text: str) -> None:
        try:
            new = from_text(text)
        except UserError as error:
            self._say_error(error)
            return
        if new:
            self.set_points([*self.points, *new])

    def _import(self) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(self, word("crs_fit.import"), "", word("crs_fit.filter"))
        if path:
            raw = Path(path).read_bytes()[:4_000_000]
            try:
                self._take(raw.decode("utf-8-sig"))
            except UnicodeDecodeError:
                self._take(raw.decode("gb18030", "replace"))

    def _export(self) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(self, word("crs_fit.export"), "points.csv", word("crs_fit.filter"))
        if path:
            try:
                write_text(Path(path), to_csv(self.points), "utf-8-sig")
            except UserError as error:
                self._say_error(error)

    def _append(self, point: ControlPoint | None) -> None:
        at = self.table.rowCount()
        self.table.insertRow(at)
        box = QTableWidgetItem()
        box.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        box.setCheckState(Qt.CheckState.Checked if point is None or point.used else Qt.CheckState.Unchecked)
        self.table.setItem(at, 0, box)
        for column_, name in enumerate(_INPUTS, 1):
            text = ""
            if point is not None:
                value = getattr(point, name)
                text = value if name == "name" else "" if name in ("h", "height") and not value else f"{value:.4f}"
            cell = QTableWidgetItem(text)
            if name != "name":
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(at, column_, cell)
        for column_ in range(8, len(COLUMNS)):
            cell = QTableWidgetItem("")
            cell.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(at, column_, cell)

    def _text(self, at: int, name: str) -> str:
        item = self.table.item(at, COLUMNS.index(name))
        return item.text().strip() if item is not None else ""

    def _on_edited(self, _: QTableWidgetItem) -> None:
        if not self._filling:
            self._solve()

    def _change(self, which: str) -> None:
        if crs := self._choose(getattr(self, which)):
            setattr(self, which, crs)
            self._name()
            self._solve()

    def _name(self) -> None:
        self.source_name.setText(short_crs(self.source, self.appearance.lang))
        self.target_name.setText(short_crs(self.target, self.appearance.lang))

    def _solve(self) -> None:
        """Fit what stands in the table and show what comes out."""
        space = self.kind == "space7"
        for part in (self.source_said, self.source_name, self.source_button):
            part.setVisible(space)
        for name in ("h", "height"):
            self.table.setColumnHidden(COLUMNS.index(name), not space)
        points, self.fit = self.points, None
        try:
            self.fit = fit_space(points, self.source, self.target) if space else fit_plane(points)
        except UserError as error:
            self._say_error(error)
        self.plot.show_fit(points, self.fit)
        self._show_residuals(points)
        self.ok.setEnabled(self.fit is not None)
        if self.fit is not None:
            self._say_fit(points, self.fit)

    def _show_residuals(self, points: Sequence[ControlPoint]) -> None:
        self._filling = True
        complete = iter(range(len(points)))
        for at in range(self.table.rowCount()):
            ready = all(_is_number(self._text(at, name)) for name in ("x", "y", "easting", "northing"))
            k = next(complete, None) if ready else None
            texts = ["", "", ""]
            bad = False
            if self.fit is not None and k is not None:
                east, north = self.fit.residuals_m[k]
                w = self.fit.normalised[k]
                bad = k in self.fit.outliers
                texts = [f"{1000 * east:+.1f}", f"{1000 * north:+.1f}", "—" if math.isnan(w) else f"{w:.1f}"]
            for column_, text in enumerate(texts, 8):
                cell = self.table.item(at, column_)
                if cell is not None:
                    cell.setText(text)
                    cell.setForeground(QColor(self.appearance.colour("bad" if bad else "text")))
        self._filling = False

    def _say_fit(self, points: Sequence[ControlPoint], fit: Fit) -> None:
        word, rms = self.appearance.word, 1000 * fit.rms_m
        if fit.kind == "plane4":
            tx, ty = fit.values[:2]
            text = word("crs_fit.result.plane4", tx=tx, ty=ty, turn=fit.turn_deg, scale=fit.scale, rms=rms)
        else:
            dx, dy, dz, rx, ry, rz, ppm = fit.values
            text = word("crs_fit.result.space7", dx=dx, dy=dy, dz=dz, rx=rx, ry=ry, rz=rz, ppm=ppm, rms=rms)
        self.outcome.setText(text)
        if fit.redundancy <= 0:
            self.remark.setText(word("crs_fit.no_check"))
        elif fit.outliers:
            worst = fit.outliers[0]
            self.remark.setText(word("crs_fit.outlier", name=points[worst].name, w=fit.normalised[worst]))
        else:
            count = sum(point.used for point in points)
            self.remark.setText(word("crs_fit.good", count=count, redundancy=fit.redundancy))

    def _say_error(self, error: UserError) -> None:
        facts = dict(error.facts)
        self.outcome.setText(self.appearance.word(f"error.{error.code}", **facts))
        self.remark.setText(self.appearance.word(f"error.{error.code}.cure", **facts))


def _number(text: str) -> float:
    value = float(text.replace(",", "").replace(" ", ""))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True
