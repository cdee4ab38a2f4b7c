"""Ask how a raster is shown: what it is, which bands, how values become colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from models.layers.layer import Layer
from models.roles import RASTER_KINDS, ROLES
from models.terrain.raster_display import HEIGHT_UNITS, RAMPS, STRETCHES, Display, limits, ramp_colours
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


class RasterDialog(Ask):
    """Ask how a raster is shown; :attr:`display` and :attr:`role` hold the answer.

    The answer is ``"ok"``, ``"overviews"`` (make overviews in the cache), or nothing.

    Parameters
    ----------
    appearance : Appearance
    layer : Layer
    info : mapping
        Of its :class:`~models.layers.layer.RasterData`.
    sampled : bool
        Whether overviews would help.
    """

    def __init__(
        self,
        appearance: Appearance,
        layer: Layer,
        info: Mapping[str, Any],
        sampled: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "raster.title", parent, name=layer.title(appearance.lang))
        self._info = info
        before = Display.of(layer.source.options)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(18)
        self.form.setVerticalSpacing(10)
        shape = info.get("shape", (0, 0))
        facts = caption(
            appearance, "raster.facts", "soft", wrap=True, columns=f"{shape[1]:,}", rows=f"{shape[0]:,}",
            bands=info.get("bands", 1), dtype=info.get("dtype", ""), driver=info.get("driver", ""),
        )  # fmt: skip
        self.body.addWidget(facts)
        self.kind = self._choice([(appearance.word(ROLES[name].word), name) for name in RASTER_KINDS], layer.kind)
        self.form.addRow(caption(appearance, "raster.kind"), self.kind)
        names = [self._band_name(number) for number in range(1, int(info.get("bands", 1)) + 1)]
        bands = [(appearance.word("raster.automatic"), 0), *((name, n) for n, name in enumerate(names, 1))]
        wanted = (*before.bands, 0, 0, 0)[:3]
        self.bands = [self._choice(bands, chosen) for chosen in wanted]
        self._band_row = row(*self.bands, gap=6)
        self._band_label = caption(appearance, "raster.bands")
        self.form.addRow(self._band_label, self._band_row)
        self.stretch = self._choice(
            [(appearance.word(f"raster.stretch.{name or 'automatic'}"), name) for name in STRETCHES], before.stretch
        )
        self._stretch_label = caption(appearance, "raster.stretch")
        self.form.addRow(self._stretch_label, self.stretch)
        self.low, self.high = (self._number(value) for value in (before.low, before.high))
        self._range_label = caption(appearance, "raster.range")
        self.form.addRow(self._range_label, row(self.low, self.high, gap=6))
        self.ramp = PlainCombo()
        self.ramp.setIconSize(QSize(120, 14))
        self.ramp.addItem(appearance.word("raster.automatic"), "")
        for name in RAMPS:
            self.ramp.addItem(_ramp_icon(name), appearance.word(f"raster.ramp.{name}"), name)
        self.ramp.setCurrentIndex(max(self.ramp.findData(before.ramp), 0))
        self.reverse = QCheckBox()
        appearance.say(self.reverse.setText, "raster.reverse")
        self.reverse.setChecked(before.reverse)
        self._ramp_label = caption(appearance, "raster.ramp")
        self.form.addRow(self._ramp_label, row(self.ramp, self.reverse, 1, gap=10))
        self.unit = QLineEdit(before.unit or str(info.get("unit", "")))
        self._unit_label = caption(appearance, "raster.unit")
        self.form.addRow(self._unit_label, self.unit)
        self.height_unit = self._choice(
            [
                (appearance.word("raster.automatic"), ""),
                *((appearance.word(f"raster.height.{u}"), u) for u in HEIGHT_UNITS),
            ],
            before.height_unit,
        )
        self._height_label = caption(appearance, "raster.height_unit")
        self.form.addRow(self._height_label, self.height_unit)
        self.no_data = self._number(before.no_data)
        appearance.say(self.no_data.setPlaceholderText, "raster.as_file")
        self.form.addRow(caption(appearance, "raster.no_data"), self.no_data)
        self.body.addLayout(self.form)
        self.figures = label("small", wrap=True)
        self.body.addWidget(self.figures)
        if sampled:
            self.body.addWidget(caption(appearance, "raster.sampled_why", "soft", wrap=True))
            self.overviews = button(appearance, "raster.build", "quiet")
            self.overviews.clicked.connect(lambda: self._end("overviews"))
            self.body.addLayout(row(self.overviews, 1))
        for box in (self.kind, self.stretch, *self.bands):
            box.currentIndexChanged.connect(lambda _: self._follow())
        self.add_button("window.cancel", "")
        self.add_button("window.apply", "ok", "primary")
        self.setMinimumWidth(520)
        self._follow()

    @property
    def role(self) -> str:
        """Return what the raster is: terrain, image or surface."""
        return str(self.kind.currentData())

    @property
    def display(self) -> Display:
        """Return the display that was chosen."""
        chosen = [int(box.currentData() or 0) for box in self.bands]
        count = 3 if self.role == "image" and int(self._info.get("bands", 1)) >= 3 and chosen[1] and chosen[2] else 1
        bands = tuple(chosen[:count]) if all(chosen[:count]) else ()
        unit = self.unit.text().strip()
        return Display(
            bands=bands if self.role != "terrain" else (),
            stretch=str(self.stretch.currentData()) if self.role != "terrain" else "",
            low=_value(self.low), high=_value(self.high),
            ramp=str(self.ramp.currentData()) if self.role != "terrain" else "",
            reverse=self.reverse.isChecked(),
            unit=unit if self.role == "surface" and unit != str(self._info.get("unit", "")) else "",
            no_data=_value(self.no_data),
            height_unit=str(self.height_unit.currentData()) if self.role == "terrain" else "",
        )  # fmt: skip

    def _band_name(self, number: int) -> str:
        names = self._info.get("names") or []
        name = names[number - 1] if number <= len(names) else ""
        return f"{number}  {name}".strip()

    def _choice(self, entries: list[tuple[str, Any]], chosen: Any) -> QComboBox:
        box = PlainCombo()
        for text, value in entries:
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        return box

    def _number(self, value: float | None) -> QLineEdit:
        return QLineEdit("" if value is None else f"{value:g}")

    def _follow(self) -> None:
        """Show what belongs to the kind that is chosen, and the figures of the first band."""
        role = self.role
        many = role == "image" and int(self._info.get("bands", 1)) >= 3
        self._show(self._band_label, role != "terrain" and int(self._info.get("bands", 1)) > 1, *self.bands[:1])
        for box in self.bands[1:]:
            box.setVisible(many)
        single = role == "surface" or (role == "image" and not many)
        self._show(self._stretch_label, role != "terrain", self.stretch)
        self._show(self._range_label, role != "terrain" and self.stretch.currentData() == "range", self.low, self.high)
        self._show(self._ramp_label, single and not self._info.get("palette"), self.ramp, self.reverse)
        self._show(self._unit_label, role == "surface", self.unit)
        self._show(self._height_label, role == "terrain", self.height_unit)
        stats = self._info.get("stats") or []
        band = int(self.bands[0].currentData() or 1)
        one = stats[band - 1] if band <= len(stats) else {}
        if one and math.isfinite(one.get("min", math.nan)):
            low, high = limits(
                Display(stretch=str(self.stretch.currentData())), one, self._info.get("dtype") == "uint8"
            )
            self.figures.setText(
                self.appearance.word(
                    "raster.figures", band=band, low=f"{one['min']:.6g}", high=f"{one['max']:.6g}",
                    mean=f"{one['mean']:.6g}", std=f"{one['std']:.4g}",
                )
            )  # fmt: skip
            for field, value in ((self.low, low), (self.high, high)):
                field.setPlaceholderText(f"{value:.6g}")
        else:
            self.figures.setText(self.appearance.word("raster.no_figures"))
        self.adjustSize()

    def _show(self, words: QWidget, shown: bool, *fields: QWidget) -> None:
        """Show or hide a row of the form."""
        self.form.setRowVisible(words, shown)
        for widget in fields:
            widget.setVisible(shown)


def _value(field: QLineEdit) -> float | None:
    try:
        return float(field.text().strip().replace(",", "."))
    except ValueError:
        return None


def _ramp_icon(name: str) -> QIcon:
    table = np.ascontiguousarray(np.repeat(ramp_colours(name, count=120)[None], 14, axis=0))
    image = QImage(table.data, 120, 14, 360, QImage.Format.Format_RGB888).copy()
    return QIcon(QPixmap.fromImage(image))
