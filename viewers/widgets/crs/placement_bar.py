"""The card over the city in which a model is placed: how, what to do next, the figures, and the way out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QWidget

from models.bim.placement_value import Placement
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, restyle, row
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.tool_bar_card import ToolCard, choices

#: The two ways with their icons.
MODES = {"points": "map-pin", "move": "arrows-out-cardinal"}
FIGURES = ("east", "north", "height", "bearing")


class PlaceBar(ToolCard):
    """Asks for a model's place.

    Signals
    -------
    mode_chosen : (str)
        ``"points"`` or ``"move"``.
    values_edited : (float east, float north, float height, float bearing)
        A figure was typed.
    ground_chosen : (bool)
        Whether the model shall stand on the terrain.
    apply_requested, reset_requested : ()
    origin_requested : (str)
        The model shall stand on the local origin of the layer with this id.
    """

    mode_chosen = Signal(str)
    values_edited = Signal(float, float, float, float)
    ground_chosen = Signal(bool)
    apply_requested = Signal()
    reset_requested = Signal()
    origin_requested = Signal(str)
    hint_role = "soft"

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "map-pin-line", "place.title", parent)
        self.name = label("soft")
        self.modes = choices(appearance, self, MODES, lambda one: f"place.mode.{one}", self.mode_chosen.emit)
        self.fill_head([self.name], [*self.modes.values(), 6], indent=0)
        self.fields = {name: self._field(name) for name in FIGURES}
        self.fields["bearing"].setSuffix("°")
        self.fields["bearing"].setFixedWidth(112)
        self.ground = QCheckBox()
        appearance.say(self.ground.setText, "place.on_ground")
        appearance.say(self.ground.setToolTip, "place.on_ground.tip")
        self.ground.clicked.connect(self.ground_chosen)
        figures = row(gap=12)
        for name, field in self.fields.items():
            figures.addLayout(column(caption(appearance, f"place.{name}", "faint"), field, gap=2))
        figures.addStretch(1)
        self.standing = label("small", wrap=True)
        self.result = label("small")
        self.reset = button(appearance, "place.reset", "quiet", "arrow-counter-clockwise")
        self._origin_id = ""
        self.origin = button(appearance, "action.model.same_origin", "quiet", "map-pin")
        self.origin.clicked.connect(lambda: self.origin_requested.emit(self._origin_id))
        self.cancel = button(appearance, "window.cancel")
        self.apply = button(appearance, "place.apply", "primary")
        self.reset.clicked.connect(self.reset_requested)
        self.cancel.clicked.connect(self.closed)
        self.apply.clicked.connect(self.apply_requested)
        foot = row(self.ground, 1, self.origin, self.reset, self.cancel, self.apply)
        self.lay_out(self.hint, self.standing, figures, self.result, foot, margins=(12, 6, 12, 10), gap=7)
        self.result.hide()

    def show_model(self, name: str) -> None:
        """Name the model that is being placed."""
        shown = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 200)
        self.name.setText(shown)
        self.name.setToolTip(plain_tip(name))

    def show_standing(self, kind: str, certainty: str) -> None:
        """Say by what the model stands where it is, and how sure that is, in words."""
        self.appearance.say(self.standing.setText, "place.stands", kind=kind, certainty=certainty)

    def show_origin(self, layer_id: str, name: str) -> None:
        """Offer the local origin of another model; none for an empty id."""
        self._origin_id = layer_id
        self.origin.setVisible(bool(layer_id))
        if layer_id:
            short = self.origin.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 180)
            self.appearance.say(self.origin.setText, "place.same_origin", other=short)
            self.appearance.say(self.origin.setToolTip, "place.same_origin.tip")

    def show_mode(self, mode: str) -> None:
        """Show which way is chosen."""
        self.modes[mode].setChecked(True)

    def show_place(self, place: Placement) -> None:
        """Show where the model would stand, without a signal."""
        values = (place.east_m, place.north_m, place.height_m, place.bearing_deg)
        for field, value in zip(self.fields.values(), values, strict=True):
            if abs(field.value() - value) > 5e-4:
                field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(False)

    def show_result(self, key: str = "", *, bad: bool = False, **facts: object) -> None:
        """Say how well two points fitted; an empty key says nothing."""
        if key:
            self.appearance.say(self.result.setText, key, **facts)
        self.result.setVisible(bool(key))
        restyle(self.result, "role", "bad" if bad else "small")
        self.resized.emit()

    def set_ready(self, *, apply: bool, reset: bool) -> None:
        """Offer what can be done."""
        self.apply.setEnabled(apply)
        self.reset.setVisible(reset)  # without a hand-made place there is nothing to go back from

    def _field(self, name: str) -> QDoubleSpinBox:
        field = number_field(-1e8, 1e8, suffix=" m", decimals=3)
        field.setKeyboardTracking(False)
        field.setFixedWidth(150)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.appearance.say(field.setAccessibleName, f"place.{name}")
        field.valueChanged.connect(self._on_edited)
        return field

    def _on_edited(self, _: float) -> None:
        self.values_edited.emit(*(field.value() for field in self.fields.values()))
