"""Search in the command palette: objects by name, address or code, layers, coordinates.

Invariants
----------
1. The index is made by a job, for the layers as they are when somebody first types, and again when they have changed.
2. A key asks a job; an answer that comes after the next key is dropped.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.usecases.query import search
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.progress import Progress
from models.core.value_text import coordinate
from models.project.selection import ObjectKey
from models.query.coordinates_text import place_of
from viewers.texts.values import field_label
from viewers.widgets.shell.command_palette import Entry

PAUSE_MS = 40
MOST_OBJECTS, MOST_LAYERS = 24, 4


class Search(Feature):
    """The search behind the palette of one window."""

    name = "search"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._finder: search.Finder | None = None
        self._stamp: object = None
        self._making = False
        self._asked = ""
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        context.palette.search_requested.connect(self._on_search_requested)
        context.palette.picked.connect(context.guard(self.go))

    def end(self) -> None:
        """Stop asking."""
        self._pause.stop()
        super().end()

    def go(self, own: str) -> None:
        """Go to what was picked."""
        kind, _, rest = own[1:].partition(":")
        if kind == "object":
            layer, _, oid = rest.rpartition(":")
            self.context.requests.go_to(ObjectKey(layer, int(oid)))
        elif kind == "layer":
            self.context.requests.zoom_to_layer(rest)
        else:
            x, y, z = (float(part) for part in rest.split(","))
            self.context.canvas.view.fly_to_point((x, y, z), 400.0)

    def _on_search_requested(self, text: str) -> None:
        self._asked = text
        self._pause.start()

    def _ask(self) -> None:
        text = self._asked
        self._show(text, [])
        stamp = self._now()
        if stamp != self._stamp and not self._making:
            self._make(stamp)
        if self._finder is None or not len(self._finder):
            return
        finder = self._finder

        def done(found: list[search.Hit]) -> None:
            if text == self._asked:
                self._show(text, search.current_first(found, self.session.current_layer.id))

        self.session.run("job.find", lambda _: finder.find(text, MOST_OBJECTS), done)

    def _now(self) -> object:
        state = self.session.project.state
        return self.session.project.data_stamp(), tuple((layer.id, layer.filter) for layer in state.layers)

    def _make(self, stamp: object) -> None:
        self._making = True

        def work(progress: Progress) -> search.Finder | None:
            try:
                return search.finder_of(self.session, progress)
            finally:
                self._making = False

        def done(finder: search.Finder | None) -> None:
            self._finder, self._stamp = finder, stamp
            if self.context.palette.isVisible() and self._asked:
                self._pause.start()

        self.session.run("job.index_names", work, done)

    def _show(self, text: str, hits: list[search.Hit]) -> None:
        session, word = self.session, self.appearance.word
        state, lang = session.project.state, session.lang
        found = []
        place = place_of(text, state.frame)
        if place is not None:
            spoken = f"E {coordinate(place[0])}   N {coordinate(place[1])}"
            found.append(Entry(f"@place:{place[0]},{place[1]},{place[2]}", word("find.fly_to", place=spoken), (),
                               "crosshair-simple", group="place"))  # fmt: skip
        low = text.casefold()
        named = [layer for layer in state.layers if low in layer.name.casefold() or low in layer.name_en.casefold()]
        for layer in named[:MOST_LAYERS]:
            found.append(Entry(f"@layer:{layer.id}", layer.title(lang), (), "stack", group="layer"))
        known = {layer.id: layer for layer in state.layers}
        for hit in hits:
            if (own := known.get(hit.key.layer)) is None:
                continue
            about = f"{own.title(lang)} · {field_label(hit.field, session.lang)}"
            found.append(
                Entry(f"@object:{hit.key.layer}:{hit.key.oid}", hit.text, (), "map-pin", about, group="object")
            )
        self.context.palette.show_found(text, found)
