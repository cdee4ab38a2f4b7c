"""Ask for a base map: one of those offered, or an address of one's own; and which area of it to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from models.core.addresses import without_secrets
from models.core.errors import UserError
from models.layers.basemaps import KINDS, MOST_TILES, Basemap, own_id
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import rows_item, rows_list

OWN = "own"


class BasemapDialog(Ask):
    """Ask for a base map; :attr:`basemap` and :attr:`key` hold the answer.

    Parameters
    ----------
    appearance : Appearance
    offered : sequence of Basemap
    own : sequence of Basemap
        The user's own, kept in the settings.
    has_key : callable
        Whether a key is kept for the host of a base map; the key itself is never shown.
    test : callable
        ``test(basemap, key, answer)``: fetch one tile off this thread, then call ``answer(pixels or UserError)``.
    """

    def __init__(
        self, appearance: Appearance, offered: Sequence[Basemap], own: Sequence[Basemap],
        has_key: Callable[[Basemap], bool],
        test: Callable[[Basemap, str, Callable[[Any], None]], None], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "basemap.title", parent)
        self._has_key, self._test = has_key, test
        self.list = rows_list(appearance)
        self.list.setMinimumSize(300, 380)
        for one in (*offered, *own):
            name = (one.name_en if appearance.lang == "en" else "") or one.name or one.id
            grid = appearance.word(f"basemap.grid.{one.grid}")
            detail = grid if one not in own else appearance.word("basemap.mine")
            icon = appearance.icon("map-trifold" if not one.overlay else "text-t", "text_soft")
            self.list.addItem(rows_item(icon, name, detail, one))
        mine = rows_item(
            appearance.icon("link", "text_soft"),
            appearance.word("basemap.own"),
            appearance.word("basemap.own_tip"),
            OWN,
        )
        self.list.addItem(mine)
        self.list.currentItemChanged.connect(lambda *_: self._follow())
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        self.form = form
        self.name = QLineEdit()
        self.kind = PlainCombo()
        for kind in KINDS:
            self.kind.addItem(appearance.word(f"basemap.kind.{kind}"), kind)
        self.url = QLineEdit()
        self.layers = QLineEdit()
        self.grid = PlainCombo()
        for grid in ("mercator", "degrees"):
            self.grid.addItem(appearance.word(f"basemap.grid.{grid}"), grid)
        self.low, self.high = QSpinBox(), QSpinBox()
        for spin, value in ((self.low, 0), (self.high, 18)):
            spin.setRange(0, 24)
            spin.setValue(value)
        self.shifted = QCheckBox()
        appearance.say(self.shifted.setText, "basemap.shifted")
        appearance.say(self.shifted.setToolTip, "basemap.shifted_tip")
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self.credit, self.review = QLineEdit(), QLineEdit()
        rows: list[tuple[str, Any]] = [
            ("name", self.name), ("kind", self.kind), ("url", self.url), ("layers", self.layers), ("grid", self.grid),
            ("levels", row(self.low, self.high, 1, gap=6)), ("key", self.key), ("credit", self.credit),
            ("review", self.review),
        ]  # fmt: skip
        self._labels = {}
        for word_, field in rows:
            self._labels[word_] = caption(appearance, f"basemap.{word_}")
            form.addRow(self._labels[word_], field)
        form.addRow("", self.shifted)
        self.kind.currentIndexChanged.connect(lambda _: self._follow_kind())
        self.picture = label()
        self.picture.setFixedSize(256, 160)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.verdict = label("small", wrap=True)
        self.verdict.setMinimumHeight(34)
        self.try_ = button(appearance, "basemap.test", icon="arrows-clockwise")
        self.try_.clicked.connect(self._try)
        right = column(form, row(self.try_, 1), row(self.picture, self.verdict, gap=12), 1, gap=12)
        self.body.addLayout(row(self.list, right, gap=18))
        self.body.addWidget(caption(appearance, "basemap.terms", "small", wrap=True))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("basemap.add", "ok", "primary")
        self.setMinimumWidth(880)
        self.list.setCurrentRow(0)

    @property
    def chosen(self) -> Basemap | None:
        """Return the base map of the current row, None for a new address."""
        item = self.list.currentItem()
        value = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return value if isinstance(value, Basemap) else None

    @property
    def basemap(self) -> Basemap:
        """Return the base map as it stands in the fields (not checked)."""
        chosen = self.chosen
        credit, review = self.credit.text().strip(), self.review.text().strip()
        if chosen is not None:
            return replace(chosen, attribution=credit, review=review)
        kind, url, layers = str(self.kind.currentData()), self.url.text().strip(), self.layers.text().strip()
        id_ = own_id(kind, without_secrets(url)[0], layers)
        return Basemap(
            id_, kind, url,
            name=self.name.text().strip() or self.appearance.word("basemap.own_name"),
            grid=str(self.grid.currentData()), layers=layers, low_zoom=self.low.value(), high_zoom=self.high.value(),
            datum="gcj02" if self.shifted.isChecked() else "",
            key_name=id_ if "{key}" in url else "", attribution=credit, review=review,
        )  # fmt: skip

    @property
    def is_own(self) -> bool:
        """Whether a new address was given."""
        return self.chosen is None

    def _follow(self) -> None:
        chosen = self.chosen
        mine = chosen is None
        for word_ in ("name", "kind", "url", "layers", "grid", "levels"):
            self.form.setRowVisible(self._labels[word_], mine)
        self._follow_kind()
        self.shifted.setVisible(mine or bool(chosen and chosen.datum))
        self.shifted.setEnabled(mine)
        needs_key = mine or bool(chosen and "{key}" in chosen.url)
        self.form.setRowVisible(self._labels["key"], needs_key)
        if chosen is not None:
            self.credit.setText(chosen.attribution)
            self.review.setText(chosen.review)
            self.key.clear()
            kept = needs_key and self._has_key(chosen)
            self.key.setPlaceholderText(self.appearance.word("basemap.key_kept") if kept else "")
            self.shifted.setChecked(chosen.datum == "gcj02")
        else:
            self.credit.clear()
            self.review.clear()
            self.key.clear()
            self.key.setPlaceholderText("")
        self.picture.clear()
        self.verdict.clear()

    def _follow_kind(self) -> None:
        """Ask for layers of a WMS only."""
        self.form.setRowVisible(self._labels["layers"], self.chosen is None and self.kind.currentData() == "wms")

    def _try(self) -> None:
        basemap = self.basemap
        try:
            basemap.check()
        except UserError as error:
            self._say(error)
            return
        self.verdict.setText(self.appearance.word("basemap.testing"))
        self.try_.setEnabled(False)
        self._test(basemap, self.key.text().strip(), self._say)

    def _say(self, answer: NDArray[np.uint8] | UserError) -> None:
        self.try_.setEnabled(True)
        if isinstance(answer, UserError):
            self.picture.clear()
            self.verdict.setText(self.appearance.word(f"error.{answer.code}", **answer.facts))
            return
        pixels = np.ascontiguousarray(answer)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
        self.picture.setPixmap(QPixmap.fromImage(image).copy(0, 48, 256, 160))
        self.verdict.setText(self.appearance.word("basemap.works"))


class OfflineDialog(Ask):
    """Ask which levels of an area to keep for use without a network; :attr:`levels` holds the answer.

    Parameters
    ----------
    appearance : Appearance
    name : str
    low, high : int
        Levels that the map has.
    estimate : callable
        ``estimate(low, high) -> (tiles, bytes)``.
    """

    def __init__(
        self, appearance: Appearance, name: str, low: int, high: int, estimate: Callable[[int, int], tuple[int, int]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "basemap.offline_title", parent)
        self._estimate = estimate
        self.body.addWidget(caption(appearance, "basemap.offline_question", "heading", wrap=True, name=name))
        self.body.addWidget(caption(appearance, "basemap.offline_why", "soft", wrap=True))
        self.low, self.high = QSpinBox(), QSpinBox()
        for spin, value in ((self.low, max(low, 8)), (self.high, min(high, 16))):
            spin.setRange(low, high)
            spin.setValue(value)
            spin.valueChanged.connect(lambda _: self._count())
        self.body.addLayout(
            row(
                caption(appearance, "basemap.levels"),
                self.low,
                caption(appearance, "basemap.to"),
                self.high,
                1,
                gap=8,
            )
        )
        self.figures = label("", wrap=True)
        self.body.addWidget(self.figures)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("basemap.fetch", "ok", "primary")
        self.setFixedWidth(460)
        self._count()

    @property
    def levels(self) -> tuple[int, int]:
        """Return the first and the last level."""
        return min(self.low.value(), self.high.value()), max(self.low.value(), self.high.value())

    def _count(self) -> None:
        tiles, size = self._estimate(*self.levels)
        self.figures.setText(
            self.appearance.word(
                "basemap.estimate" if tiles <= MOST_TILES else "basemap.estimate_too_many", tiles=f"{tiles:,}",
                megabytes=f"{max(size / 1e6, 0.1):,.1f}", most=f"{MOST_TILES:,}",
            )
        )  # fmt: skip
        self.ok.setEnabled(0 < tiles <= MOST_TILES)
