"""What is asked before a check runs: which models, which IDS, which tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QSizePolicy, QWidget

from models.network.kinds import name_of
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: Titles and ids of layers.
Choices = Sequence[tuple[str, str]]


class Chooser(PlainCombo):
    """A choice of layers that keeps its choice while layers come and go.

    Parameters
    ----------
    appearance : Appearance
    name : str
        Word key, for screen readers.
    """

    def __init__(self, appearance: Appearance, name: str) -> None:
        super().__init__()
        appearance.say(self.setAccessibleName, name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)

    def offer(self, choices: Choices, prefer: int = 0) -> None:
        """Offer layers; what was chosen stays chosen, else the one at ``prefer``."""
        if [(self.itemData(at), self.itemText(at)) for at in range(self.count())] == list(choices):
            return
        kept = self.currentData()
        self.blockSignals(True)
        self.clear()
        for layer, title in choices:
            self.addItem(title, layer)
        at = self.findData(kept)
        self.setCurrentIndex(at if at >= 0 else min(prefer, len(choices) - 1))
        self.blockSignals(False)

    @property
    def layer(self) -> str:
        """Return the chosen layer's id."""
        return str(self.currentData() or "")

    def choose(self, layer: str) -> None:
        """Choose a layer, if it is offered."""
        if (at := self.findData(layer)) >= 0:
            self.setCurrentIndex(at)

    def differ(self, other: Chooser) -> None:
        """Choose another layer than the other box has, if there is one."""
        if self.layer == other.layer and self.count() > 1:
            self.setCurrentIndex(1 if self.currentIndex() == 0 else 0)


class Form(QWidget):
    """One check's questions and the button that starts it.

    Signals
    -------
    asked : ()
    """

    asked = Signal()

    def __init__(self, appearance: Appearance, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.column = column(margins=(14, 10, 12, 10), gap=6)
        self.setLayout(self.column)
        self.run = button(appearance, f"checks.run.{kind}", "primary", "play")
        self.run.clicked.connect(self.asked)
        self._appearance = appearance

    def add(self, key: str, *widgets: QWidget) -> None:
        """Add a line: what it is, and the widgets that answer it."""
        name = caption(self._appearance, key, "small")
        name.setFixedWidth(64)
        line = row(name, *widgets, gap=6)
        line.setStretch(1, 1)
        self.column.addLayout(line)

    def finish(self) -> None:
        """Put the button below everything."""
        self.column.addWidget(self.run)

    def prefer(self, layer: str) -> None:
        """Take the model that somebody just looks at."""


class QualityForm(Form):
    """Which model."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "quality")
        self.model = Chooser(appearance, "checks.model")
        self.add("checks.model", self.model)
        self.finish()

    def offer(self, models: Choices, pipes: Choices) -> None:
        """Offer layers."""
        self.model.offer(models)

    def prefer(self, layer: str) -> None:
        """Take the model that somebody just looks at."""
        self.model.choose(layer)


class IdsForm(Form):
    """Which model, and which IDS.

    Signals
    -------
    browse_requested : ()
    """

    browse_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "ids")
        self.path: Path | None = None
        self.model = Chooser(appearance, "checks.model")
        self.file = button(appearance, "checks.ids_choose", "", "file-text")
        self.file.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.file.clicked.connect(self.browse_requested)
        self.add("checks.model", self.model)
        self.add("checks.ids", self.file)
        self.finish()
        self.run.setEnabled(False)

    def offer(self, models: Choices, pipes: Choices) -> None:
        """Offer layers."""
        self.model.offer(models)

    def prefer(self, layer: str) -> None:
        """Take the model that somebody just looks at."""
        self.model.choose(layer)

    def set_path(self, path: Path) -> None:
        """Take an IDS file."""
        self.path = path
        self._appearance.hush(self.file.setText)
        self.file.setText(self.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, 210))
        self.file.setToolTip(plain_tip(str(path)))
        self.run.setEnabled(True)


class ClashForm(Form):
    """Which two, how deep is a touch, how near is too near."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "clash")
        self.first, self.second = Chooser(appearance, "checks.first"), Chooser(appearance, "checks.second")
        self.tolerance = _metres(0.01, 0.0, 1.0, 0.005)
        self.clearance = _metres(0.0, 0.0, 50.0, 0.05)
        self.clearance_name = caption(appearance, "checks.clearance", "small")
        self.add("checks.first", self.first)
        self.add("checks.second", self.second)
        self.add("checks.tolerance", self.tolerance, self.clearance_name, self.clearance)
        self.hint = label("faint", wrap=True)
        appearance.say(self.hint.setText, "checks.gb50289")
        self.column.addWidget(self.hint)
        self.finish()
        self._pipes: set[str] = set()
        self.second.currentIndexChanged.connect(lambda _: self._on_second_changed())
        self._on_second_changed()

    def offer(self, models: Choices, pipes: Choices) -> None:
        """Offer layers: pipes only as the second."""
        alone = self.second.count() < 2
        self.first.offer(models)
        self._pipes = {layer for layer, _ in pipes}
        self.second.offer([*models, *pipes], 1)
        if alone:  # from then on somebody may want a model against itself
            self.second.differ(self.first)
        self._on_second_changed()

    def prefer(self, layer: str) -> None:
        """Take the model that somebody just looks at as the first."""
        self.first.choose(layer)
        self.second.differ(self.first)

    @property
    def clearance_m(self) -> float | None:
        """Return the clearance asked for; None for the standard's, with pipes."""
        value = self.clearance.value()
        return None if value == 0 and self.second.layer in self._pipes else value

    def _on_second_changed(self) -> None:
        self.hint.setVisible(self.second.layer in self._pipes)


class ClearanceForm(Form):
    """Which kinds of pipes, and whether buildings count.

    Signals
    -------
    rules_requested : () the limits are to be edited
    """

    rules_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "clearance")
        self.kinds = PlainCombo()
        appearance.say(self.kinds.setAccessibleName, "checks.clearance_kinds")
        self.kinds.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buildings = QCheckBox()
        self.buildings.setChecked(True)
        appearance.say(self.buildings.setText, "checks.clearance_buildings")
        self.rules = button(appearance, "checks.clearance_rules", "quiet", "sliders")
        self.rules.clicked.connect(self.rules_requested)
        self.add("checks.clearance_kinds", self.kinds)
        self.column.addLayout(row(self.buildings, 1, self.rules, gap=6))
        self.finish()
        self._offered: tuple[str, ...] = ()
        appearance.lang_changed.connect(lambda: self._say_kinds(self._offered))

    def offer(self, models: Choices, pipes: Choices) -> None:
        """Offer layers: all pipes of the project take part."""

    def offer_kinds(self, kinds: Sequence[str]) -> None:
        """Offer the kinds of pipes that are there."""
        if tuple(kinds) != self._offered or not self.kinds.count():
            self._say_kinds(tuple(kinds))

    @property
    def chosen(self) -> frozenset[str]:
        """Return the chosen kind, none for all."""
        kind = str(self.kinds.currentData() or "")
        return frozenset({kind} if kind else ())

    def _say_kinds(self, kinds: tuple[str, ...]) -> None:
        kept, self._offered = self.kinds.currentData(), kinds
        self.kinds.clear()
        self.kinds.addItem(self._appearance.word("checks.clearance_all"), "")
        for kind in kinds:
            self.kinds.addItem(name_of(kind, self._appearance.lang), kind)
        self.kinds.setCurrentIndex(max(self.kinds.findData(kept), 0))


class DiffForm(Form):
    """Which is the older version, which the newer.

    Signals
    -------
    add_requested : ()
    """

    add_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "diff")
        self.old, self.new = Chooser(appearance, "checks.old"), Chooser(appearance, "checks.new")
        swap = tool(appearance, "arrows-down-up", "checks.swap", size=16)
        swap.clicked.connect(self._swap)
        more = tool(appearance, "folder-plus", "checks.add_version", size=16)
        more.clicked.connect(self.add_requested)
        for press in (swap, more):
            press.setFixedSize(QSize(26, 26))
        self.add("checks.old", self.old, more)
        self.add("checks.new", self.new, swap)
        self.finish()

    def offer(self, models: Choices, pipes: Choices) -> None:
        """Offer layers."""
        self.old.offer(models)
        self.new.offer(models, 1)
        self.new.differ(self.old)

    def prefer(self, layer: str) -> None:
        """Take the model that somebody just looks at as the newer one."""
        self.new.choose(layer)
        self.old.differ(self.new)

    def _swap(self) -> None:
        old, new = self.old.currentIndex(), self.new.currentIndex()
        self.old.setCurrentIndex(new)
        self.new.setCurrentIndex(old)


def _metres(value: float, low: float, high: float, step: float) -> QDoubleSpinBox:
    spin = number_field(low, high, value, suffix=" m", decimals=3, step=step)
    spin.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    spin.setMinimumWidth(78)
    return spin
