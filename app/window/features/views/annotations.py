"""Annotations in the city: text, pins, arrows, lines, areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFileDialog

from app.usecases.views import annotations_and_flights as views
from app.window.feature import Feature
from app.window.tools.digitizer import Digitizer
from models.views import annotations as noting
from models.views.annotations import Note
from models.views.camera import Vector
from viewers.widgets.common.canvas_tool import CanvasTool
from viewers.widgets.views.annotation_bar import ICONS, NoteBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

#: A note is taken hold of this near to its anchor, pixels.
REACH_PX = 14.0
#: What the pen draws for a kind.
SHAPES = {"text": "point", "pin": "point", "arrow": "arrow", "line": "line", "area": "ring", "freehand": "freehand"}


class Annotations(Feature):
    """Annotations in the city: text, pins, arrows, lines, areas."""

    name = "annotations"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = NoteBar(self.appearance, noting.COLOURS, context.canvas)
        context.canvas.add_card(self.bar)
        self._digitizer = Digitizer(context, "note", self._on_shape, self.put_away, self._say)
        self._mover = _Mover(self)
        self.kind, self.colour, self._edited = "", noting.COLOURS[0], ""
        self.bar.author.setText(str(self.session.settings.get("author") or ""))
        bar, ask = self.bar, self.guard
        bar.kind_chosen.connect(ask(self.choose))
        bar.colour_chosen.connect(ask(self._choose_colour))
        bar.words_changed.connect(ask(self._keep_words))
        bar.go_requested.connect(ask(self._go))
        bar.edit_requested.connect(ask(self.edit))
        bar.delete_requested.connect(ask(lambda note: views.delete_notes(self.session, [note])))
        bar.clear_requested.connect(ask(self.clear))
        bar.export_requested.connect(ask(self.export))
        bar.shown_changed.connect(ask(self.context.scene_sync.underground.show_notes))
        bar.closed.connect(self.put_away)

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self, kind: str = "") -> None:
        """Open the card, and draw where a kind is named."""
        self.context.open_card(self.bar)
        tools = self.context.canvas.view.tools
        if self._mover not in tools:
            tools.append(self._mover)
        self.refresh()
        if kind:
            self.choose(kind)

    def choose(self, kind: str) -> None:
        """Write another kind of note; empty lays the pen down."""
        self._end_edit()
        self.kind = kind
        if kind:
            self._digitizer.begin(SHAPES[kind])
        else:
            self._digitizer.put_away()
        self.bar.show_kind(kind)
        self._say(0)

    def clear(self) -> None:
        """Take all notes away."""
        views.delete_notes(self.session, [note.id for note in self.session.project.state.notes])

    def export(self) -> None:
        """Ask where, and write the notes as GeoJSON."""
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("notes.export"), str(self.context.folder() / "notes.geojson"),
            "GeoJSON (*.geojson)",
        )  # fmt: skip
        if path:
            from pathlib import Path

            views.export_notes(self.session, Path(path))

    def put_away(self) -> None:
        """Close the card; what was written stays."""
        self._digitizer.put_away()
        self._end_edit()
        self.kind = ""
        self.bar.show_kind("")
        tools = self.context.canvas.view.tools
        if self._mover in tools:
            tools.remove(self._mover)
        self.bar.hide()
        self.context.canvas.view.setFocus()

    def edit(self, note_id: str) -> None:
        """Change words and colour of a note with the card's fields."""
        self.choose("")
        note = self.note(note_id)
        self._edited = note_id
        self.bar.text.setPlainText(note.text)
        self.colour = note.colour
        self.bar.show_colour(note.colour)
        self.bar.done.show()
        self.bar.text.setFocus()
        self._say(0)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        if not self.session.project.state.layers:
            self.put_away()
        if not self.bar.isVisible():
            return
        word = self.appearance.word
        rows = []
        for note in reversed(self.session.project.state.notes):
            name = word(f"notes.kind.{note.kind}") + (f" {note.number}" if note.number else "")
            title = note.text.strip().splitlines()[0] if note.text.strip() else name
            told = [name if title != name else "", note.author, note.date]
            rows.append((note.id, f"{ICONS[note.kind]}:{note.colour}", title, " · ".join(t for t in told if t)))
        self.bar.show_notes(rows)
        self._say(0)

    def end(self) -> None:
        """Stop watching; the window closes."""
        self._digitizer.put_away()
        super().end()

    def note(self, note_id: str) -> Note:
        """Return a note by id."""
        return next(one for one in self.session.project.state.notes if one.id == note_id)

    def move(self, note_id: str, by: Vector) -> None:
        """Shift a note."""
        views.move_note(self.session, note_id, by)

    def _on_shape(self, places: Floats) -> None:
        text = self.bar.text.toPlainText().strip()
        if self.kind == "text" and not text:
            text = self.context.ask_name("notes.words", "")
            if not text.strip():
                return
        author = self.bar.author.text().strip()
        if author != (self.session.settings.get("author") or ""):
            self.session.settings.set("author", author)
        points = tuple((float(x), float(y), float(z)) for x, y, z in places)
        note = Note("", self.kind, points, text, self.colour, author)
        self.guard(lambda: views.save_note(self.session, note))()
        self.bar.text.clear()

    def _choose_colour(self, colour: str) -> None:
        self.colour = colour
        if self._edited:
            views.save_note(self.session, replace(self.note(self._edited), colour=colour))

    def _keep_words(self) -> None:
        if self._edited:
            text = self.bar.text.toPlainText().strip()
            author = self.bar.author.text().strip()
            old = self.note(self._edited)
            views.save_note(self.session, replace(old, text=text, author=author or old.author))
        self._end_edit()

    def _end_edit(self) -> None:
        if self._edited:
            self._edited = ""
            self.bar.text.clear()
        self.bar.done.hide()

    def _go(self, note_id: str) -> None:
        note = self.note(note_id)
        reach = float(np.ptp(np.asarray(note.points), axis=0).max())
        self.context.canvas.view.fly_to_point(note.anchor, max(3.0 * reach, 80.0))

    def _say(self, count: int) -> None:
        word = self.appearance.word
        if self._edited:
            self.bar.say(word("notes.hint.edit"))
        elif not self.kind:
            self.bar.say(word("notes.hint.idle"))
        elif count and SHAPES[self.kind] in ("line", "ring"):
            self.bar.say(word("notes.hint.more"))
        else:
            self.bar.say(word(f"notes.hint.{self.kind}"))


class _Mover(CanvasTool):
    """Drags notes about by their anchors while the card is open and nothing is drawn."""

    def __init__(self, notes: Annotations) -> None:
        self._notes = notes
        self._held: Note | None = None
        self._start: Floats | None = None

    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take hold of the note under the cursor."""
        notes = self._notes
        if notes.kind or not notes.session.project.state.notes:
            return False
        anchors = np.array([note.anchor for note in notes.session.project.state.notes])
        places, ahead = notes.context.canvas.view.on_screen(anchors)
        away = np.where(ahead, np.hypot(places[:, 0] - at.x(), places[:, 1] - at.y()), np.inf)
        best = int(np.argmin(away))
        if away[best] > REACH_PX:
            return False
        self._held, self._start = notes.session.project.state.notes[best], anchors[best]
        return True

    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Show where the note would stand."""
        by = self._step(at)
        if self._held is None or by is None:
            return False
        held = self._held
        shown = self._notes.session.project.state.notes
        moved = [noting.moved(note, by) if note.id == held.id else note for note in shown]
        self._notes.context.scene_sync.underground.put_notes(moved)
        self._notes.context.canvas.view.mark_dirty()
        return True

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Put the note down."""
        held, by = self._held, self._step(at)
        self._held = None
        if held is not None and by is not None and float(np.linalg.norm(by)) > 0.01:
            self._notes.guard(lambda: self._notes.move(held.id, by))()

    def _step(self, at: QPointF) -> Vector | None:
        place = self._notes._digitizer.place_at(at)
        if place is None or self._start is None:
            return None
        east, north, up = (float(v) for v in place - self._start)
        return east, north, up
