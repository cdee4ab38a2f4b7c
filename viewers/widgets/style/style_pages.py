"""The other pages of the style panel: form (heights and sizes by value), labels, and when a layer is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from models.layers.layer import Layer, Style
from models.roles import ROLES
from models.style.kinds import Extrusion, Labels, ScaleRange, Sizes, Symbology
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column
from viewers.widgets.style.style_colour import FieldLike
from viewers.widgets.style.style_controls import Choice, ColourButton, Count, Form, Number, Share, hint

#: Map scales that are offered.
SCALES = (0, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)


class FormPage(QWidget):
    """Objects raised or sized by a value; how high buildings are.

    Signals
    -------
    changed : (Style)
    """

    changed = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._style, self._dimension = appearance, Style(), 2
        self.shape_ = Choice(appearance, "style.form")
        self.shape_.offer_words([(one, f"style.form.{one}") for one in ("own", "prism", "column", "sizes")])
        self.field = Choice(appearance, "style.field")
        self.factor = Number(0.0001, 100_000, 4, "m", 0.1)
        self.wide = Number(0.5, 5000, 1, "m", 5)
        self.largest = Number(1, 20_000, 0, "m", 10)
        self.form = Form(appearance)
        self.form.add("shape", "style.form", self.shape_)
        self.form.add("field", "style.field", self.field)
        self.form.add("factor", "style.form.factor", self.factor)
        self.form.add("wide", "style.form.wide", self.wide)
        self.form.add("largest", "style.form.largest", self.largest)
        self.size_ = Number(0.2, 5.0, 2, "×", 0.1)
        self.height_field, self.storeys_field = (
            Choice(appearance, "style.height_field"),
            Choice(appearance, "style.storeys_field"),
        )
        self.storey = Number(2.0, 8.0, 1, "m", 0.1)
        self.own = Form(appearance)
        self.own.add("size", "style.size", self.size_)
        self.own.add("height", "style.height_field", self.height_field)
        self.own.add("storeys", "style.storeys_field", self.storeys_field)
        self.own.add("storey", "style.storey_height", self.storey)
        self.note = hint(appearance, "style.note.heights")
        self.setLayout(column(self.form, self.own, self.note, 1, gap=14))
        self.shape_.picked.connect(lambda _: self._give())
        self.field.picked.connect(lambda _: self._give(guess=True))
        for box in (self.factor, self.wide, self.largest, self.size_, self.storey):
            box.picked.connect(lambda _: self._give())
        for choice in (self.height_field, self.storeys_field):
            choice.picked.connect(lambda _: self._give())
        #: The highest value of each numeric field, to propose a factor by.
        self.tops: dict[str, float] = {}

    def show_style(self, layer: Layer, fields: Sequence[FieldLike], dimension: int) -> None:
        """Show the forms of a layer."""
        style = layer.style
        self._style, self._dimension = style, dimension
        numbers = [(one.name, one.label) for one in fields if one.numeric]
        symbology = style.symbology or Symbology()
        raised, sizes = symbology.extrusion, symbology.sizes
        shape = "sizes" if sizes else raised.shape if raised else "own"
        self.shape_.choose(shape)
        self.field.offer(numbers)
        self.field.choose(sizes.field if sizes else raised.field if raised else self.field.currentData())
        self.factor.put(raised.factor if raised else 1.0)
        self.wide.put(raised.width_m if raised else 20.0)
        self.largest.put(sizes.largest_m if sizes else 60.0)
        rows = {"own": (), "prism": ("field", "factor"), "column": ("field", "factor", "wide"),
                "sizes": ("field", "largest")}[shape]  # fmt: skip
        self.form.show_rows(("shape", *rows))
        automatic = ("", self._appearance.word("style.automatic"))
        every = [(one.name, one.label) for one in fields]
        for choice, name in ((self.height_field, style.height_field), (self.storeys_field, style.storeys_field)):
            choice.offer([automatic, *every])
            choice.choose(name)
        self.size_.put(style.size)
        self.storey.put(style.storey_height_m)
        buildings = layer.role == "buildings"
        self.own.show_rows(("height", "storeys", "storey") if buildings else ("size",))
        self.note.setVisible(buildings)

    def _give(self, *, guess: bool = False) -> None:
        symbology = self._style.symbology
        shape, field = str(self.shape_.currentData()), str(self.field.currentData() or "")
        before = symbology or Symbology()
        extrusion, sizes = None, None
        if shape in ("prism", "column") and field:
            held = before.extrusion
            factor = self.factor.value()
            if held is None or guess or held.field != field:
                factor = self._factor(field)
            extrusion = Extrusion(field, factor, shape, self.wide.value())
        elif shape == "sizes" and field:
            sizes = Sizes(field, self.largest.value())
        if symbology is not None or extrusion or sizes:
            kept = before if before.classes or before.kind != "single" else replace(before, classes=())
            symbology = replace(kept, extrusion=extrusion, sizes=sizes)
        self._style = replace(
            self._style, symbology=symbology, size=round(self.size_.value(), 2),
            height_field=str(self.height_field.currentData() or ""),
            storeys_field=str(self.storeys_field.currentData() or ""), storey_height_m=round(self.storey.value(), 2),
        )  # fmt: skip
        self.changed.emit(self._style)

    def _factor(self, field: str) -> float:
        """Return metres for one unit, so that the highest object is some hundred metres high."""
        top = self.tops.get(field, 0.0)
        return float(f"{300.0 / top:.1g}") if top > 0 else 1.0


class LabelsPage(QWidget):
    """What is written beside the objects.

    Signals
    -------
    changed : (Style)
    """

    changed = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._style = appearance, Style()
        self.way = Choice(appearance, "style.labels")
        self.way.offer_words([(one, f"style.labels.{one}") for one in ("role", "none", "field", "text")])
        self.field = Choice(appearance, "style.field")
        self.text = QLineEdit()
        appearance.say(self.text.setPlaceholderText, "style.labels.example")
        appearance.say(self.text.setAccessibleName, "style.labels.text")
        self.size_ = Count(8, 40)
        self.size_.setSuffix(" px")
        self.colour = ColourButton(appearance, "style.colour")
        self.plate = QCheckBox()
        appearance.say(self.plate.setText, "style.labels.plate")
        self.priority = Share()
        self.rank = Choice(appearance, "style.labels.rank")
        self.gap = Number(0, 200, 0, "px", 5)
        self.reach = Number(0, 500_000, 0, "m", 100)
        appearance.say(self.reach.setSpecialValueText, "style.automatic")
        self.form = Form(appearance)
        for name, key, fields in (
            ("way", "style.labels", (self.way,)), ("field", "style.field", (self.field,)),
            ("text", "style.labels.text", (self.text,)), ("size", "style.labels.size", (self.size_, self.plate)),
            ("colour", "style.colour", (self.colour,)), ("priority", "style.labels.priority", (self.priority,)),
            ("rank", "style.labels.rank", (self.rank,)), ("gap", "style.labels.gap", (self.gap,)),
            ("reach", "style.labels.reach", (self.reach,)),
        ):  # fmt: skip
            self.form.add(name, key, *fields)
        self.note = hint(appearance, "style.note.labels")
        self.setLayout(column(self.form, self.note, 1, gap=10))
        for choice in (self.way, self.field, self.rank):
            choice.picked.connect(lambda _: self._give())
        for box in (self.size_, self.gap, self.reach, self.priority):
            box.picked.connect(lambda _: self._give())
        self.colour.picked.connect(lambda _: self._give())
        self.plate.clicked.connect(lambda _: self._give())
        self.text.editingFinished.connect(self._give)

    def show_style(self, style: Style, fields: Sequence[FieldLike]) -> None:
        """Show the labels of a style."""
        self._style = style
        labels = style.labels
        held = labels or Labels()
        way = "role" if labels is None else "text" if held.expression else "field" if held.field else "none"
        self.way.choose(way)
        self.field.offer([(one.name, one.label) for one in fields])
        self.field.choose(held.field or self._name(fields))
        self.rank.offer([("", self._appearance.word("style.labels.by_size")),
                         *((one.name, one.label) for one in fields if one.numeric)])  # fmt: skip
        self.rank.choose(held.priority_field)
        self.text.setText(held.expression)
        self.size_.put(held.size_px)
        self.colour.put(held.colour)
        self.plate.setChecked(held.halo)
        self.priority.put(held.priority / 100)
        self.gap.put(held.gap_px)
        self.reach.put(held.reach_m)
        shown = {"role": (), "none": (), "field": ("field",), "text": ("text",)}[way]
        more = ("size", "colour", "priority", "rank", "gap", "reach") if shown else ()
        self.form.show_rows(("way", *shown, *more))
        self.note.setVisible(way == "text")

    @staticmethod
    def _name(fields: Sequence[FieldLike]) -> str:
        names = [one.name for one in fields]
        return next((name for name in names if name.lower() == "name"), names[0] if names else "")

    def _give(self) -> None:
        way = str(self.way.currentData())
        labels: Labels | None = None
        if way != "role":
            field = str(self.field.currentData() or "") if way == "field" else ""
            text = (self.text.text().strip() or f"{{{self.field.currentData()}}}") if way == "text" else ""
            colour: Any = self.colour.text() if self.colour.text().startswith("#") else ""
            labels = Labels(
                field, text, self.size_.value(), colour, self.plate.isChecked(), self.priority.value(),
                str(self.rank.currentData() or ""), self.gap.value(), self.reach.value(),
            )  # fmt: skip
        self._style = replace(self._style, labels=labels)
        self.changed.emit(self._style)


class RangePage(QWidget):
    """What a layer is, and between which map scales it is seen.

    Signals
    -------
    changed : (Style)
    role_changed : (str)
    """

    changed = Signal(object)
    role_changed = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._style = appearance, Style()
        self.role = Choice(appearance, "style.role")
        self.role.offer_words(
            [(name, facts.word) for name, facts in ROLES.items() if name not in ("terrain", "image", "model")]
        )
        self.far, self.near = Choice(appearance, "style.range.far"), Choice(appearance, "style.range.near")
        self.form = Form(appearance)
        self.form.add("role", "style.role", self.role)
        self.form.add("far", "style.range.far", self.far)
        self.form.add("near", "style.range.near", self.near)
        self.setLayout(column(self.form, hint(appearance, "style.note.range"), 1, gap=10))
        self.role.picked.connect(lambda role: self.role_changed.emit(str(role)))
        for choice in (self.far, self.near):
            choice.picked.connect(lambda _: self._give())
        appearance.lang_changed.connect(self._offer)
        self._offer()

    def show_style(self, layer: Layer) -> None:
        """Show role and range of a layer."""
        self._style = layer.style
        scales = layer.style.scales or ScaleRange()
        self.role.choose(layer.role)
        for choice, value in ((self.far, scales.smallest), (self.near, scales.largest)):
            if choice.findData(int(value)) < 0:
                choice.addItem(f"1 : {int(value):,}", int(value))
            choice.choose(int(value))

    def _offer(self) -> None:
        unlimited = self._appearance.word("style.range.unlimited")
        for choice in (self.far, self.near):
            choice.offer([(value, f"1 : {value:,}" if value else unlimited) for value in SCALES])  # type: ignore[misc]

    def _give(self) -> None:
        far, near = float(self.far.currentData() or 0), float(self.near.currentData() or 0)
        scales = ScaleRange(near, far) if far or near else None
        self._style = replace(self._style, scales=scales)
        self.changed.emit(self._style)
