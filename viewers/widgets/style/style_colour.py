"""The first page of the style panel: by what a layer is coloured, in which classes, with which colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from models.core.errors import UserError
from models.layers.layer import Style
from models.style.classify import inner_limits, missing_classes, recoloured, with_limits
from models.style.kinds import METHODS, STATISTICS, Class, Density, Symbology, single, with_class
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, label, row, tool
from viewers.widgets.style.style_classes import NO_DATA, OTHER, ClassTable
from viewers.widgets.style.style_controls import (
    ALL_DIGITS,
    Choice,
    ColourButton,
    Count,
    Form,
    Number,
    RampChoice,
    Share,
    hint,
)

if TYPE_CHECKING:
    from viewers.widgets.style.style_histogram import Histogram

#: What a layer can be coloured by; "role" is what it has without a style.
WAYS = ("role", "single", "categorised", "graduated", "ramp", "rules", "heat", "hex")
ROWS = {
    "role": (), "single": ("colour",), "categorised": ("field", "ramp"),
    "graduated": ("field", "method", "ramp"), "ramp": ("field", "ramp", "ends", "middle"), "rules": (),
    "heat": ("weight", "ramp", "radius"), "hex": ("statistic", "value", "ramp", "width", "rise"),
}  # fmt: skip


class FieldLike(Protocol):
    """A column as the panel shows it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def numeric(self) -> bool: ...  # noqa: D102


class FactsLike(Protocol):
    """What the data says of a style."""

    @property
    def counts(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def other(self) -> int: ...  # noqa: D102
    @property
    def blank(self) -> int: ...  # noqa: D102
    @property
    def labels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def edges(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def heights(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def total(self) -> int: ...  # noqa: D102
    @property
    def error(self) -> UserError | None: ...  # noqa: D102


class ColourPage(QWidget):
    """Kind, field, ramp, histogram, classes, opacity.

    Signals
    -------
    changed : (Style, str)
        The style that is wanted; and ``"classes"`` if its classes are to be made anew from the data, ``"kind"`` if all
        of it is to be proposed.
    """

    changed = Signal(object, str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._style = Style()
        self._fields: Sequence[FieldLike] = ()
        self.way = Choice(appearance, "style.way")
        self.way.offer_words([(way, f"style.way.{way}") for way in WAYS])
        self.field = Choice(appearance, "style.field")
        self.method = Choice(appearance, "style.method")
        self.method.offer_words([(one, f"style.method.{one}") for one in METHODS])
        self.count = Count(2, 12)
        self.ramp = RampChoice(appearance)
        self.reverse = tool(appearance, "arrows-left-right", "style.reverse", size=16)
        self.reverse.setCheckable(True)
        self.colour = ColourButton(appearance, "style.colour")
        self.low, self.high = Number(-1e12, 1e12, ALL_DIGITS), Number(-1e12, 1e12, ALL_DIGITS)
        self.middle = QCheckBox()
        self.middle_at = Number(-1e12, 1e12, ALL_DIGITS)
        self.statistic = Choice(appearance, "style.statistic")
        self.statistic.offer_words([(one, f"style.statistic.{one}") for one in STATISTICS])
        self.weight, self.value = Choice(appearance, "style.weight"), Choice(appearance, "style.value")
        self.radius, self.width_ = Number(0, 100_000, 0, "m", 50), Number(0, 100_000, 0, "m", 50)
        self.rise = Number(0, 100_000, 3, "m", 1)
        for box in (self.radius, self.width_):
            box.setSpecialValueText(" ")
            appearance.say(box.setSpecialValueText, "style.automatic")
        appearance.say(self.rise.setSpecialValueText, "style.flat")
        self.form = Form(appearance)
        self.form.add("way", "style.way", self.way)
        self.form.add("colour", "style.colour", self.colour)
        self.form.add("field", "style.field", self.field)
        self.form.add("statistic", "style.statistic", self.statistic)
        self.form.add("value", "style.value", self.value)
        self.form.add("weight", "style.weight", self.weight)
        self.form.add("method", "style.method", self.method, self.count)
        self.form.add("ramp", "style.ramp", self.ramp, self.reverse)
        self.form.add("ends", "style.ends", self.low, self.high)
        self.form.add("middle", "style.middle", self.middle_at, self.middle)
        self.form.add("radius", "style.radius", self.radius)
        self.form.add("width", "style.hex_width", self.width_)
        self.form.add("rise", "style.hex_rise", self.rise)
        #: Made with the first values to show: its library takes a moment to load.
        self.histogram: Histogram | None = None
        self.histogram_room = QWidget()
        self.histogram_room.setLayout(column(gap=0))
        self.table = ClassTable(appearance)
        self.rules = QWidget()
        add, take = (
            tool(appearance, "plus", "style.rule.add", size=15),
            tool(appearance, "minus", "style.rule.remove", size=15),
        )
        up, down = (
            tool(appearance, "caret-up", "style.rule.up", size=15),
            tool(appearance, "caret-down", "style.rule.down", size=15),
        )
        self.fewer = label("small", wrap=True)
        self.fewer.hide()
        self.trouble = label("small", wrap=True)
        self.trouble.setStyleSheet("color: palette(link-visited)")
        self.rules.setLayout(row(add, take, up, down, 1, gap=2))
        self.opacity = Share()
        self.opacity_text = label("small")
        self.outline = ColourButton(appearance, "style.outline")
        self.outline_px = Number(0, 8, 1, "px", 0.5)
        appearance.say(self.outline_px.setSpecialValueText, "style.automatic")
        self.foot = Form(appearance)
        self.foot.add("opacity", "layers.opacity", self.opacity, self.opacity_text)
        self.foot.add("outline", "style.outline", self.outline, self.outline_px)
        self.note = hint(appearance, "style.note.role")
        self.setLayout(
            column(
                self.form,
                self.histogram_room,
                self.table,
                self.fewer,
                self.rules,
                self.trouble,
                self.foot,
                self.note,
                1,
                gap=10,
            )
        )
        self._connect(add, take, up, down)

    def _connect(self, add: QWidget, take: QWidget, up: QWidget, down: QWidget) -> None:
        self.way.picked.connect(self._on_way)
        self.field.picked.connect(lambda name: self._propose(field=str(name), classes=()))
        self.method.picked.connect(lambda name: self._ask("classes", method=str(name)))
        self.count.picked.connect(lambda value: self._ask("classes", count=value, method=self._automatic_method()))
        self.ramp.picked.connect(lambda name: self._recolour(ramp=str(name)))
        self.reverse.clicked.connect(lambda on: self._recolour(reverse=bool(on)))
        self.colour.picked.connect(self._on_colour)
        self.low.picked.connect(lambda value: self._ask("", low=value))
        self.high.picked.connect(lambda value: self._ask("", high=value))
        self.middle.clicked.connect(lambda on: self._ask("", midpoint=self.middle_at.value() if on else None))
        self.middle_at.picked.connect(lambda value: self._ask("", midpoint=value) if self.middle.isChecked() else None)
        self.statistic.picked.connect(lambda name: self._density(statistic=str(name)))
        self.weight.picked.connect(lambda name: self._density(field=str(name)))
        self.value.picked.connect(lambda name: self._density(field=str(name)))
        self.radius.picked.connect(lambda value: self._density(size_m=value))
        self.width_.picked.connect(lambda value: self._density(size_m=value))
        self.rise.picked.connect(lambda value: self._density(factor=value))
        self.table.class_changed.connect(self._on_class)
        self.opacity.picked.connect(self._on_opacity)
        self.outline.picked.connect(lambda colour: self._ask("", outline=colour, outline_px=self._outline_width()))
        self.outline_px.picked.connect(lambda value: self._ask("", outline_px=value))
        for press, act in ((add, self._add_rule), (take, self._take_rule)):
            press.clicked.connect(act)  # type: ignore[attr-defined]
        up.clicked.connect(lambda: self._move_rule(-1))  # type: ignore[attr-defined]
        down.clicked.connect(lambda: self._move_rule(1))  # type: ignore[attr-defined]

    # --- shown ----------------------------------------------------------------------------------------------------
    def show_style(self, style: Style, fields: Sequence[FieldLike]) -> None:
        """Show a style of a layer with these columns."""
        self._style, self._fields = style, fields
        symbology = style.symbology
        way = "role" if symbology is None else symbology.kind
        held = symbology or Symbology()
        self.way.choose(way)
        numeric = way in ("graduated", "ramp")
        self.field.offer([(one.name, one.label) for one in fields if one.numeric or not numeric])
        if held.field and self.field.findData(held.field) < 0:
            self.field.addItem(held.field, held.field)
        self.field.choose(held.field)
        numbers = [(one.name, one.label) for one in fields if one.numeric]
        count_only = [("", self._appearance.word("style.each_object"))]
        self.weight.offer([*count_only, *numbers])
        self.value.offer(numbers)
        self.ramp.set_kinds(("qualitative", "sequential") if way == "categorised" else ("sequential", "diverging"))
        self.ramp.choose(held.ramp)
        self.reverse.setChecked(held.reverse)
        self.method.choose(held.method)
        self.count.put(held.count)
        self.colour.put(held.classes[0].colour if way == "single" and held.classes else style.colour)
        self.middle.setChecked(held.midpoint is not None)
        self.middle_at.put(held.midpoint or 0.0)
        density = held.density or Density()
        self.statistic.choose(density.statistic)
        self.weight.choose(density.field)
        self.value.choose(density.field)
        self.radius.put(density.size_m)
        self.width_.put(density.size_m)
        self.rise.put(density.factor)
        self.opacity.put(style.opacity)
        self.opacity_text.setText(f"{round(style.opacity * 100)} %")
        self.outline.put(held.outline)
        self.outline_px.put(held.outline_px)
        rows = [name for name in ROWS[way] if name != "value" or density.statistic != "count"]
        self.form.show_rows(("way", *rows))
        self.foot.show_rows(("opacity",) if way in ("role", "heat", "hex") else ("opacity", "outline"))
        self.histogram_room.setVisible(numeric)
        self.table.setVisible(way in ("categorised", "graduated", "rules", "ramp"))
        self.rules.setVisible(way == "rules")
        self.note.setVisible(way == "role")
        self.trouble.hide()
        self.fewer.hide()

    def _made_histogram(self) -> Histogram:
        if self.histogram is None:
            from viewers.widgets.style.style_histogram import Histogram

            self.histogram = Histogram(self._appearance)
            self.histogram.limits_moved.connect(self._on_limits)
            layout = self.histogram_room.layout()
            assert layout is not None  # noqa: S101 - it was given one
            layout.addWidget(self.histogram)
        return self.histogram

    def show_facts(self, facts: FactsLike, ends: tuple[float, float]) -> None:
        """Show counts and spread; ``ends`` are those of a continuous ramp."""
        symbology = self._style.symbology
        if symbology is None:
            return
        for box, own, end in ((self.low, symbology.low, ends[0]), (self.high, symbology.high, ends[1])):
            box.put(end if own is not None else float(f"{end:.6g}"))  # what nobody chose needs few digits
        graduated = symbology.kind == "graduated"
        colours = tuple(one.colour for one in symbology.classes) if graduated else ()
        if facts.heights or self.histogram is not None:
            self._made_histogram().show_values(
                facts.edges, facts.heights, inner_limits(symbology.classes) if graduated else (), colours
            )
        other = (symbology.other, facts.other) if symbology.kind in ("categorised", "rules") and facts.other else None
        blank = (symbology.no_data, facts.blank) if facts.blank else None
        rules = symbology.kind == "rules"
        self.table.show_classes(symbology.classes, facts.labels, facts.counts, other, blank, rules=rules)
        self.table.setVisible(symbology.kind in ("categorised", "graduated", "rules") or blank is not None)
        missing, made = missing_classes(symbology), len(symbology.classes)
        self.fewer.setVisible(missing > 0)
        self.fewer.setText(self._appearance.word("legend.fewer", asked=made + missing, made=made) if missing else "")
        self.trouble.setVisible(facts.error is not None)
        if facts.error is not None:
            error = facts.error
            self.trouble.setText(self._appearance.word(f"error.{error.code}", **dict(error.facts)))

    # --- changed --------------------------------------------------------------------------------------------------
    def _symbology(self) -> Symbology:
        return self._style.symbology or Symbology()

    def _give(self, symbology: Symbology | None, redo: str = "") -> None:
        self._style = replace(self._style, symbology=symbology)
        self.changed.emit(self._style, redo)

    def _ask(self, redo: str, **changes: object) -> None:
        self._give(replace(self._symbology(), **changes), redo)  # type: ignore[arg-type]

    def _propose(self, **changes: object) -> None:
        self._ask("kind", **changes)

    def _on_way(self, way: object) -> None:
        if way == "role":
            self._give(None)
            return
        held, kind = self._symbology(), str(way)
        if kind == "single":
            self._give(replace(single(held.classes[0].colour if held.classes else "#8fb4dc"), extrusion=held.extrusion))
            return
        numeric = kind in ("graduated", "ramp")
        names = [one.name for one in self._fields if one.numeric or not numeric]
        field = ""
        if "field" in ROWS[kind]:
            field = held.field if held.field in names else self._best(names)
        fresh = Symbology(
            kind=kind, field=field, count=held.count, extrusion=held.extrusion, sizes=held.sizes, no_data=held.no_data
        )
        if kind == "rules":
            otherwise = Class(label=self._appearance.word("legend.otherwise"))
            fresh = replace(fresh, classes=held.classes if held.kind == "rules" else (otherwise,))
        if kind in ("heat", "hex"):
            fresh = replace(fresh, ramp="sunset", density=Density(), extrusion=None)
        self._give(fresh, "kind" if kind in ("categorised", "graduated", "ramp") else "")

    @staticmethod
    def _best(names: Sequence[str]) -> str:
        """Return the column that is most likely meant: not a code, not an id."""
        dull = ("code", "id", "fid", "objid", "name_en", "gid", "objectid")
        return next((name for name in names if name.lower() not in dull), names[0] if names else "")

    def _automatic_method(self) -> str:
        method = self._symbology().method
        return "quantiles" if method == "manual" else method

    def _recolour(self, **changes: object) -> None:
        changed = replace(self._symbology(), **changes)  # type: ignore[arg-type]
        self._give(recoloured(changed) if changed.kind in ("categorised", "graduated") else changed)

    def _density(self, **changes: object) -> None:
        held = self._symbology()
        density = replace(held.density or Density(), **changes)  # type: ignore[arg-type]
        if held.kind == "hex" and density.statistic != "count" and not density.field:
            density = replace(density, field=next((one.name for one in self._fields if one.numeric), ""))
        self._give(replace(held, density=density))

    def _on_colour(self, colour: str) -> None:
        held = self._symbology()
        one = replace(held.classes[0], colour=colour) if held.classes else Class(colour)
        self._give(replace(held, classes=(one,)))

    def _on_limits(self, limits: object) -> None:
        assert isinstance(limits, tuple)  # noqa: S101 - the histogram's signal
        self._give(replace(with_limits(self._symbology(), limits), method="manual", count=len(limits) + 1))

    def _on_class(self, number: int, changed: object) -> None:
        assert isinstance(changed, Class)  # noqa: S101 - the table's signal
        held = self._symbology()
        if number == OTHER:
            self._give(replace(held, other=changed))
        elif number == NO_DATA:
            self._give(replace(held, no_data=changed))
        else:
            self._give(with_class(held, number, changed))

    def _on_opacity(self, share: float) -> None:
        self.opacity_text.setText(f"{round(share * 100)} %")
        self._style = replace(self._style, opacity=max(share, 0.05))
        self.changed.emit(self._style, "")

    def _outline_width(self) -> float:
        return max(self._symbology().outline_px, 1.0)

    # --- rules ----------------------------------------------------------------------------------------------------
    def _add_rule(self) -> None:
        held = self._symbology()
        colours = ("#e2907c", "#8fb4dc", "#8ec6a2", "#f2b65a", "#b99cd3", "#6fbac0")
        ruled = [one for one in held.classes if one.expression]
        last = [one for one in held.classes if not one.expression]
        name = next(
            (one.name for one in self._fields if one.numeric), self._fields[0].name if self._fields else "field"
        )
        fresh = Class(colours[len(ruled) % len(colours)], expression=f'"{name}" > 0')
        self._give(replace(held, classes=(*ruled, fresh, *last)))

    def _take_rule(self) -> None:
        held, at = self._symbology(), self.table.current
        if at is not None and 0 <= at < len(held.classes):
            self._give(replace(held, classes=(*held.classes[:at], *held.classes[at + 1 :])))

    def _move_rule(self, by: int) -> None:
        held, at = self._symbology(), self.table.current
        if at is None or not (0 <= at < len(held.classes) and 0 <= at + by < len(held.classes)):
            return
        classes = list(held.classes)
        classes[at], classes[at + by] = classes[at + by], classes[at]
        self._give(replace(held, classes=tuple(classes)))
