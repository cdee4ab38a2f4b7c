"""How one layer is drawn: colours, forms, labels, range; every change is seen at once and can be undone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QWidget

from models.layers.layer import Layer, Style
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, button, caption, column, line, row, tool
from viewers.widgets.style.style_colour import ColourPage, FactsLike, FieldLike
from viewers.widgets.style.style_controls import Choice
from viewers.widgets.style.style_pages import FormPage, LabelsPage, RangePage

PAGES = ("colour", "form", "labels", "range")
#: A change is asked for when nothing more has come for so many milliseconds.
DELAY_MS = 120


class StylePanel(QWidget):
    """The style of one layer.

    Signals
    -------
    layer_chosen : (layer id)
    changed : (layer id, Style, str)
        The last: ``"classes"`` or ``"kind"`` where the data has to be asked, see :class:`ColourPage`.
    role_changed : (layer id, role)
    show_requested : (layer id) the layer is hidden and shall be seen
    other_requested : (layer id) the dialog of a layer that has no features
    copy_requested, paste_requested, load_requested, save_requested, reset_requested : (layer id)

    Parameters
    ----------
    appearance : Appearance
    """

    layer_chosen = Signal(str)
    changed = Signal(str, object, str)
    role_changed = Signal(str, str)
    show_requested = Signal(str)
    other_requested = Signal(str)
    copy_requested = Signal(str)
    paste_requested = Signal(str)
    load_requested = Signal(str)
    save_requested = Signal(str)
    reset_requested = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.layer_id = self._other_id = ""
        self._pending: tuple[str, Style, str] | None = None
        self.layer = Choice(appearance, "style.layer")
        self.copy = tool(appearance, "copy", "style.copy", size=16)
        self.paste = tool(appearance, "clipboard-text", "style.paste", size=16)
        self.load = tool(appearance, "folder-open", "style.load", size=16)
        self.save = tool(appearance, "floppy-disk", "style.save", size=16)
        self.reset = tool(appearance, "arrow-counter-clockwise", "style.reset", size=16)
        for press, signal in (
            (self.copy, self.copy_requested), (self.paste, self.paste_requested), (self.load, self.load_requested),
            (self.save, self.save_requested), (self.reset, self.reset_requested),
        ):  # fmt: skip
            press.clicked.connect(lambda _, signal=signal: signal.emit(self.layer_id))
        self.paste.setEnabled(False)
        self.show_again = button(appearance, "layers.show", "quiet", "eye")
        self.show_again.clicked.connect(lambda: self.show_requested.emit(self.layer_id))
        self._hidden = QFrame()
        self._hidden.setProperty("role", "hint")
        said = caption(appearance, "style.hidden", "small", wrap=True)
        inner = row(said, self.show_again, margins=(10, 4, 4, 4))
        inner.setStretch(0, 1)
        self._hidden.setLayout(inner)
        self._hidden.hide()
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        for _ in PAGES:
            self.tabs.addTab("")
        self.colour, self.form = ColourPage(appearance), FormPage(appearance)
        self.labels, self.range = LabelsPage(appearance), RangePage(appearance)
        self._pages = QStackedWidget()
        for page in (self.colour, self.form, self.labels, self.range):
            holder = Page()
            holder.column.addWidget(page)
            self._pages.addWidget(holder)
        body = QWidget()
        body.setLayout(
            column(
                row(self.layer, margins=(14, 10, 14, 2)),
                row(self._hidden, margins=(10, 4, 10, 2)),
                row(self.copy, self.paste, self.load, self.save, 1, self.reset, margins=(10, 0, 10, 0), gap=2),
                self.tabs, line(), self._pages, gap=2,
            )
        )  # fmt: skip
        self._hint = EmptyHint(appearance, "paint-brush", "style.empty")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._hint)
        self._stack.addWidget(body)
        self._other = EmptyHint(appearance, "sliders-horizontal", "style.empty", "style.other.open")
        self._other.pressed.connect(lambda: self.other_requested.emit(self._other_id))
        self._stack.addWidget(self._other)
        self.setLayout(column(self._stack))
        self._later = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._later.timeout.connect(self.flush)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.layer.picked.connect(lambda layer: self.layer_chosen.emit(str(layer)))
        self.colour.changed.connect(self._on_changed)
        for page in (self.form, self.labels, self.range):
            page.changed.connect(lambda style: self._on_changed(style, ""))
        self.range.role_changed.connect(lambda role: self.role_changed.emit(self.layer_id, role))
        appearance.lang_changed.connect(self._say)
        self._say()

    def set_layers(self, layers: Sequence[tuple[str, str]]) -> None:
        """Offer layers as ``(id, title)``."""
        self.layer.offer(layers)
        self.layer.choose(self.layer_id)
        if not layers:
            self.layer_id = ""
            self._stack.setCurrentIndex(0)

    def show_other(self, layer: Layer) -> None:
        """Say that a layer without features has a dialog of its own."""
        self._other_id = layer.id
        self._appearance.say(self._other.words.setText, "style.other", layer=layer.title(self._appearance.lang))
        self._stack.setCurrentIndex(2)

    def show_layer(self, layer: Layer, fields: Sequence[FieldLike], dimension: int) -> None:
        """Show a layer's style; a change of the person's that is still to be asked for is not overwritten."""
        if self.is_pending and layer.id == self.layer_id:
            return
        self.layer_id = layer.id
        self.layer.choose(layer.id)
        self._hidden.setVisible(not layer.visible)
        self._stack.setCurrentIndex(1)
        self.colour.show_style(layer.style, fields)
        self.form.show_style(layer, fields, dimension)
        self.labels.show_style(layer.style, fields)
        self.range.show_style(layer)

    def show_facts(self, facts: FactsLike, ends: tuple[float, float], tops: dict[str, float]) -> None:
        """Show what the data says of the style."""
        self.form.tops = tops
        if self._pending is None:
            self.colour.show_facts(facts, ends)

    @property
    def is_pending(self) -> bool:
        """Whether a change of the person's is still to be asked for."""
        return self._pending is not None and self._pending[0] == self.layer_id

    def set_can_paste(self, can: bool) -> None:
        """Say whether there is a style to paste."""
        self.paste.setEnabled(can)

    def flush(self) -> None:
        """Ask now for what was changed last."""
        self._later.stop()
        if self._pending is not None:
            asked, self._pending = self._pending, None
            self.changed.emit(*asked)

    def _on_changed(self, style: object, redo: str) -> None:
        assert isinstance(style, Style)  # noqa: S101 - the pages' signals
        before = self._pending[2] if self._pending is not None and self._pending[0] == self.layer_id else ""
        self._pending = (self.layer_id, style, redo or before)
        self._later.start()

    def _say(self) -> None:
        for at, name in enumerate(PAGES):
            self.tabs.setTabText(at, self._appearance.word(f"style.page.{name}"))
