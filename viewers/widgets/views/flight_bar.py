"""The card of flights: which path, how it is flown, and where on it the eye is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QMenu, QSlider, QToolButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, card_number, label, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.tool_bar_card import ToolCard, word_button

#: Steps of the bar that is dragged through a flight.
STEPS = 2000


class TourBar(ToolCard):
    """A path, its numbers, and the transport.

    Signals
    -------
    path_chosen : (path id)
    draw_requested, line_requested, views_requested : () a new path by hand, along what is selected, through the views
    changed : () height, speed, pitch, loop or where it looks; ask the fields
    aim_requested : () choose the point that is looked at
    play_requested : (bool)
    scrubbed : (share 0…1)
    rename_requested, delete_requested, frames_requested : ()
    """

    path_chosen = Signal(str)
    draw_requested = Signal()
    line_requested = Signal()
    views_requested = Signal()
    changed = Signal()
    aim_requested = Signal()
    play_requested = Signal(bool)
    scrubbed = Signal(float)
    rename_requested = Signal()
    delete_requested = Signal()
    frames_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "airplane-tilt", "tour.title", parent)
        self._quiet = False
        self.paths = PlainCombo()
        self.paths.setMinimumWidth(150)
        appearance.say(self.paths.setAccessibleName, "tour.path")
        self.paths.activated.connect(lambda _: self.path_chosen.emit(str(self.paths.currentData() or "")))
        self.new = word_button(appearance, "plus", "tour.new")
        menu = QMenu(self.new)
        for icon, key, signal in (
            ("pencil-line", "tour.draw", self.draw_requested), ("path", "tour.from_line", self.line_requested),
            ("camera", "tour.from_views", self.views_requested),
        ):  # fmt: skip
            entry = menu.addAction("", signal.emit)
            appearance.say(entry.setText, key)
            appearance.paint(entry.setIcon, icon)
        self.new.setMenu(menu)
        self.new.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.rename = tool(appearance, "pencil-simple", "tour.rename", size=15)
        self.rename.clicked.connect(self.rename_requested)
        self.remove = tool(appearance, "trash", "tour.delete", size=15)
        self.remove.clicked.connect(self.delete_requested)
        self.frames = word_button(appearance, "film-strip", "tour.frames", "tour.frames.tip")
        self.frames.clicked.connect(self.frames_requested)
        self.fill_head((self.paths, self.new, self.rename, self.remove, self.frames), indent=0)
        self.above = card_number(appearance, "tour.height", 1.0, 20000.0, decimals=1, step=5.0)
        self.speed = card_number(appearance, "tour.speed", 0.1, 1000.0, suffix=" m/s", decimals=1)
        self.pitch = card_number(appearance, "tour.pitch", -89.0, 45.0, suffix="°", decimals=1)
        self.loop = QCheckBox()
        appearance.say(self.loop.setText, "tour.loop")
        self.loop.toggled.connect(lambda _: self._tell())
        self.ahead = word_button(appearance, "", "tour.ahead", checkable=True)
        self.aim = word_button(appearance, "", "tour.aim", "tour.aim.tip", checkable=True)
        self.ahead.clicked.connect(lambda: self._look("ahead"))
        self.aim.clicked.connect(self.aim_requested)
        for field in (self.above, self.speed, self.pitch):
            field.valueChanged.connect(lambda _: self._tell())
        numbers = row(
            caption(appearance, "tour.height", "small"),
            self.above,
            caption(appearance, "tour.speed", "small"),
            self.speed,
            1,
            gap=6,
        )
        self._pitch_words = caption(appearance, "tour.pitch", "small")
        looks = row(
            caption(appearance, "tour.look", "small"),
            self.ahead,
            self.aim,
            self._pitch_words,
            self.pitch,
            1,
            self.loop,
            gap=6,
        )
        self.play = tool(appearance, "play", "tour.play", size=20, tint="accent")
        self.play.setCheckable(True)
        self.play.clicked.connect(self.play_requested)
        self.bar = QSlider(Qt.Orientation.Horizontal)
        self.bar.setRange(0, STEPS)
        appearance.say(self.bar.setAccessibleName, "tour.where")
        self.bar.sliderMoved.connect(lambda at: self.scrubbed.emit(at / STEPS))
        self.bar.actionTriggered.connect(lambda _: self.scrubbed.emit(self.bar.sliderPosition() / STEPS))
        self.time = label("small")
        transport = row(self.play, self.bar, self.time, gap=8)
        transport.setStretch(1, 1)
        self.lay_out(numbers, looks, transport, self.hint)

    @property
    def look(self) -> str:
        """Return where the flight looks."""
        return "point" if self.aim.isChecked() else "ahead"

    def show_paths(self, paths: list[tuple[str, str]], chosen: str) -> None:
        """Offer ``(id, title)`` of each path."""
        shown = [(self.paths.itemData(k), self.paths.itemText(k)) for k in range(self.paths.count())]
        if shown != paths:
            self.paths.clear()
            for id_, title in paths:
                self.paths.addItem(title, id_)
        self.paths.setCurrentIndex(self.paths.findData(chosen))
        self.paths.setVisible(bool(paths))
        for piece in (self.rename, self.remove, self.frames, self.play, self.bar, self.above, self.speed, self.pitch,
                      self.loop, self.ahead, self.aim):  # fmt: skip
            piece.setEnabled(bool(chosen))

    def show_numbers(
        self, height_m: float, speed_mps: float, pitch_deg: float, loop: bool, look: str, *, tour: bool
    ) -> None:
        """Show how a path is flown; a tour of views has heights and directions of its own."""
        self._quiet = True
        self.above.setValue(height_m)
        self.speed.setValue(speed_mps)
        self.pitch.setValue(pitch_deg)
        self.loop.setChecked(loop)
        self.ahead.setChecked(look == "ahead")
        self.aim.setChecked(look == "point")
        self.above.setEnabled(not tour)
        self.pitch.setEnabled(not tour and look == "ahead")
        self._quiet = False

    def show_time(self, share: float, text: str) -> None:
        """Show where the flight is."""
        if not self.bar.isSliderDown():
            self.bar.setValue(round(share * STEPS))
        self.time.setText(text)

    def show_playing(self, playing: bool) -> None:
        """Show whether it flies."""
        self.play.setChecked(playing)
        self.appearance.paint(self.play.setIcon, "pause" if playing else "play", "accent")
        self.appearance.say(self.play.setToolTip, "tour.pause" if playing else "tour.play")

    def _look(self, look: str) -> None:
        self.ahead.setChecked(look == "ahead")
        self.aim.setChecked(look == "point")
        self._tell()

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()
