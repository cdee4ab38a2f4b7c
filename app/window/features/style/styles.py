"""How layers are drawn: the style panel, its previews, and what is taken over from QML and SLD."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.usecases.layers import layers
from app.usecases.query.query import crs_of
from app.usecases.style import styles
from app.window.feature import Feature
from models.core.errors import UserError
from models.layers.layer import Layer, Style, VectorData
from models.style.classify import classified, ends_of, numbers_of, proposed
from viewers.widgets.common import dialogs
from viewers.widgets.style.style_panel import StylePanel

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: Changes that follow each other within so many seconds are one step to undo.
BURST_S = 1.5


class Styles(Feature):
    """How layers are drawn: the style panel, its previews, and what is taken over from QML and SLD."""

    name = "styles"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = StylePanel(self.appearance)
        self._dock = context.docks.add("style", self.panel)
        self._copied: Style | None = None
        self._burst = (0, 0.0, "")
        self._asked: object = None
        self._shown: object = None
        panel, guard = self.panel, self.guard
        panel.layer_chosen.connect(guard(self.open))
        panel.changed.connect(guard(self._on_changed))
        panel.role_changed.connect(guard(lambda layer, role: layers.set_role(self.session, layer, role)))
        panel.copy_requested.connect(guard(self.copy))
        panel.paste_requested.connect(guard(self.paste))
        panel.load_requested.connect(guard(self.load))
        panel.save_requested.connect(guard(self.save))
        panel.reset_requested.connect(guard(self.reset))
        panel.show_requested.connect(guard(lambda layer: layers.set_visible(self.session, layer, True)))
        panel.other_requested.connect(guard(self.style_layer))
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.refresh)
        self._dock.visibilityChanged.connect(lambda _: self._later.start())
        context.requests.style_layer.answer_with(self.style_layer)
        self._edge = QTimer(self, singleShot=True, interval=60)
        self._edge.timeout.connect(self._keep_labels_out)
        context.canvas.legend.resized.connect(self._edge.start)

    # --- requests of the action table --------------------------------------------------------------------------------
    def style_layer(self, layer_id: str = "") -> None:
        """Show how a layer is drawn: in the style panel, or by a dialog where it has no features."""
        chosen = layer_id or self.session.current_layer.id
        if not chosen or self.can_style(chosen):
            self.open(chosen)
            return
        layer = self.session.project.state.layer(chosen)
        ask = dialogs.StyleDialog(self.appearance, layer, [], self.context.window)
        if ask.ask() == "ok":
            if ask.role != layer.role:
                layers.set_role(self.session, chosen, ask.role)
            layers.set_style(self.session, chosen, ask.style_chosen)
        ask.deleteLater()

    # --- what others ask ---------------------------------------------------------------------------------------
    def open(self, layer_id: str = "") -> None:
        """Show how a layer is drawn."""
        self.panel.flush()
        known = styles.styled_layers(self.session)
        if layer_id or (known and not self.session.current_layer.id):
            self.session.current_layer.set(layer_id or _first_seen(known).id)
        self._shown = None
        self.context.docks.bring_forward("style")
        self.refresh()

    def can_style(self, layer_id: str) -> bool:
        """Whether a layer can have a style by its data."""
        return any(layer.id == layer_id for layer in styles.styled_layers(self.session))

    def copy(self, layer_id: str = "") -> None:
        """Keep a layer's style, that of the current one where none is named, to be pasted onto another."""
        layer_id = layer_id or self.session.current_layer.id
        if not layer_id:
            return
        self.panel.flush()
        self._copied = self.session.project.state.layer(layer_id).style
        self.panel.set_can_paste(True)

    def paste(self, layer_id: str = "") -> None:
        """Draw a layer, the current one where none is named, as the one whose style was copied.

        Raises
        ------
        UserError
            ``style.nothing_copied``.
        """
        layer_id = layer_id or self.session.current_layer.id
        if self._copied is None:
            raise UserError("style.nothing_copied")
        if layer_id:
            style = self.session.project.state.layer(layer_id).style
            styles.set_style(self.session, layer_id, styles.pasted(style, self._copied))

    def reset(self, layer_id: str) -> None:
        """Draw a layer by what it is, as at first."""
        style = self.session.project.state.layer(layer_id).style
        plain = Style(
            height_field=style.height_field, storeys_field=style.storeys_field, storey_height_m=style.storey_height_m
        )
        styles.set_style(self.session, layer_id, plain)

    def load(self, layer_id: str) -> None:
        """Ask for a style file and take it over."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("style.load"), str(self.context.folder()), word("dialog.filter.style_in")
        )
        if path:
            styles.load_style(self.session, layer_id, Path(path))

    def save(self, layer_id: str) -> None:
        """Ask where, and write the style for QGIS."""
        word = self.appearance.word
        name = f"{self.session.project.state.layer(layer_id).title(self.session.lang)}.qml"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("style.save"), str(self.context.folder() / name), word("dialog.filter.style_out")
        )
        if path:
            out = Path(path) if Path(path).suffix else Path(f"{path}.qml")
            styles.save_style(self.session, layer_id, out)

    # --- showing ----------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the layer's style if anything about it is new."""
        self._keep_labels_out()
        if not self._dock.isVisible():
            return
        known = styles.styled_layers(self.session)
        lang = self.session.lang
        self.panel.set_layers([(layer.id, layer.title(lang)) for layer in known])
        if not known:
            return
        current = self.session.current_layer.id or _first_seen(known).id
        layer = next((one for one in known if one.id == current), None)
        if layer is None:
            self._shown = None
            self.panel.show_other(self.session.project.state.layer(current))
            return
        data = self.session.project.data[layer.id]
        assert isinstance(data, VectorData)  # noqa: S101 - styled_layers looked
        shown = (layer, id(data), lang, self.appearance.theme)
        if shown == self._shown or self.panel.is_pending:
            return
        self._shown = shown
        self.panel.show_layer(layer, styles.fields_of(self.session, layer.id), 2)
        self._ask_facts(layer, data, lang)

    def _ask_facts(self, layer: Layer, data: VectorData, lang: str) -> None:
        """Count and measure off the window's thread."""
        asked = object()
        self._asked = asked
        crs = crs_of(self.session)

        def work(_: Any) -> Any:
            facts = styles.facts_of(layer, data, lang, crs)
            symbology = layer.style.symbology
            table = (data if facts.error else styles.left_of(layer, data, crs)).attributes
            numeric = [one for one in table.columns if table[one].dtype.kind in "iuf"]
            tops = {str(name): float(np.nanmax(numbers_of(table, str(name)), initial=0.0)) for name in numeric}
            ends = (0.0, 1.0)
            if symbology is not None and symbology.kind == "ramp":
                ends = ends_of(symbology, numbers_of(table, symbology.field))
            return facts, ends, tops

        def done(found: Any) -> None:
            if self._asked is asked and self.panel.layer_id == layer.id:
                self.panel.show_facts(*found)

        self.session.run("job.style_facts", work, done)

    def _keep_labels_out(self) -> None:
        """Keep words from under what floats over the picture."""
        canvas = self.context.canvas
        ratio, height = canvas.devicePixelRatioF(), canvas.height()
        boxes = []
        for piece in (
            canvas.legend,
            canvas.compass,
            canvas.buttons,
            canvas.badge,
            canvas.section_notice,
            *canvas.cards,
        ):
            if piece.isVisible():
                box = piece.geometry()
                boxes.append(tuple(
                    float(value * ratio)
                    for value in (box.left(), height - box.bottom() - 1, box.right() + 1, height - box.top())
                ))  # fmt: skip
        self.context.scene_sync.keep_labels_out(tuple(boxes))  # type: ignore[arg-type]

    def on_current_layer_changed(self) -> None:
        """Show how the current layer is drawn; what was changed of the last one is done first."""
        self.panel.flush()
        self._later.start()

    # --- changing ---------------------------------------------------------------------------------------------------
    def _on_changed(self, layer_id: str, style: object, redo: str) -> None:
        assert isinstance(style, Style)  # noqa: S101 - the panel's signal
        burst = self._burst_of(layer_id)
        data, symbology = self.session.project.data.get(layer_id), style.symbology
        if not redo or symbology is None or not isinstance(data, VectorData):
            styles.set_style(self.session, layer_id, style, burst)
            self._later.start()  # also where the style is what it was
            return
        styles.check_field(data.attributes, symbology.kind, symbology.field)
        layer, crs = self.session.project.state.layer(layer_id), crs_of(self.session)

        def work(_: Any) -> Any:
            table = styles.left_of(layer, data, crs).attributes
            if redo == "kind":
                return proposed(symbology.kind, symbology.field, table, symbology)
            return classified(symbology, table)

        def done(made: Any) -> None:
            styles.set_style(self.session, layer_id, replace(style, symbology=made), burst)

        self.session.run("job.style_classes", work, done)

    def _burst_of(self, layer_id: str) -> str:
        """Return the name of the burst that a change belongs to."""
        number, last, layer = self._burst
        now = time.monotonic()
        if layer != layer_id or now - last > BURST_S:
            number += 1
        self._burst = (number, now, layer_id)
        return f"style:{layer_id}:{number}"


def _first_seen(layers: Sequence[Layer]) -> Layer:
    """Return the first layer that is seen, the first of all where none is."""
    return next((layer for layer in layers if layer.visible), layers[0])
