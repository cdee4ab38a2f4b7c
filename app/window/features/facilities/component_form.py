"""The form of a component: shown for what is selected, changed in one step, with photos and the states it was in."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QImage, QImageReader
from PySide6.QtWidgets import QFileDialog, QMenu

from app.usecases.facilities import component_form, state_export
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.progress import Progress
from models.facilities.register import states
from models.facilities.register.fields import domain
from models.facilities.register.state_history import StateChange
from models.project.selection import ObjectKey
from models.views.camera import Vector
from viewers.widgets.common.appearance import chip
from viewers.widgets.facilities.component_panel import (
    THUMBNAIL,
    ChangeView,
    ComponentPanel,
    ComponentView,
    FieldView,
    PhotoDialog,
    PhotoView,
)

#: A photo larger than this is not read, bytes and pixels.
MOST_BYTES, MOST_PIXELS = 60_000_000, 120_000_000
#: So wide a form is filled in without scrolling, pixels.
FORM_PX = 380


class ComponentForm(Feature):
    """Connects the form to the session."""

    name = "component_form"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._form: component_form.Form | None = None
        self._thumbs: dict[tuple[str, float], QImage] = {}
        self._menu: QMenu | None = None
        self.panel = ComponentPanel(self.appearance)
        dock = context.docks.add("component", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        self.panel.apply_requested.connect(self.guard(self._apply))
        self.panel.step_requested.connect(self.guard(self._step))
        self.panel.zoom_requested.connect(self.guard(self._zoom))
        self.panel.photo_requested.connect(self.guard(self._show_photo))
        self.panel.photo_allowed.connect(self.guard(self._allow_photo))
        self.panel.photo_added.connect(self.guard(self._add_photo))
        self.panel.history_requested.connect(self.guard(self._export_history))

    # --- requests of the action table ---------------------------------------------------------------------------------
    def open_form(self) -> None:
        """Show the form of what is selected."""
        self.context.docks.bring_forward("component")
        self.context.docks.widen("component", FORM_PX)
        self.refresh()

    # --- following ----------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the form of the object that was selected last, where it has one; what is typed stays till it changes."""
        if not self.panel.isVisible():
            return
        key = self._key()
        form = None if key is None else component_form.form_of(self.session, key)
        view = None if form is None else self._view(form)
        if form is None or view is None:
            self._form = None
            self.panel.show_nothing()
        elif self._form is None or view != self.panel.view or form.key != self._form.key:
            self._form = form
            self.panel.show_component(view)
            self._load_thumbnails(form)

    def on_selection_changed(self) -> None:
        """Show the form of what was selected."""
        self.refresh()

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer the states of a component, and its form."""
        if key is None or not component_form.has_form(self.session, key):
            return []
        opened = QAction(
            self.appearance.icon("identification-card"), self.appearance.word("action.component.form"), self
        )
        opened.triggered.connect(lambda: self._open(key))
        layer = self.session.project.state.layer(key.layer)
        if layer.role != "facilities":
            return [opened]
        menu = self._menu = QMenu(self.appearance.word("component.set_state"), self.context.window)
        for state in states().values():
            if state.id != "unknown":
                act = menu.addAction(chip(state.colour, 12, round_=True), state.title(self.session.lang))
                act.triggered.connect(self.guard(partial(self._set_state, key, state.id)))
        return [menu.menuAction(), opened]

    # --- what a person does -------------------------------------------------------------------------------------------
    def _open(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.open_form()

    def _set_state(self, key: ObjectKey, state: str, *_: object) -> None:
        component_form.set_state(self.session, key, state)

    def _apply(self, texts: dict[str, str], reason: str) -> None:
        if self._form is not None:
            component_form.change(self.session, self._form.key, texts, reason)
            self.refresh()

    def _step(self, step: int) -> None:
        if self._form is not None and (key := component_form.neighbour(self.session, self._form.key, step)) is not None:
            self.session.selection.set([key])

    def _zoom(self) -> None:
        if self._form is not None:
            self.context.requests.go_to(self._form.key)

    def _allow_photo(self, text: str) -> None:
        component_form.allow_photo(self.session, text)
        self.refresh()

    def _add_photo(self) -> None:
        form, word = self._form, self.appearance.word
        if form is None:
            return
        chosen, _ = QFileDialog.getOpenFileNames(
            self.context.window, word("component.add_photo"), str(self.context.folder()), word("component.photo.filter")
        )
        if chosen:
            texts = [component_form.photo_text(self.session, Path(path)) for path in chosen]
            for text in texts:  # the person has just chosen them
                component_form.allow_photo(self.session, text)
            held = [one.text for one in form.photos]
            joined = ";".join(dict.fromkeys([*held, *texts]))
            component_form.change(self.session, form.key, {"photo": joined})

    def _export_history(self) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("component.export_history"), str(self.context.folder() / "states.csv"),
            word("component.history.filter"),
        )  # fmt: skip
        if path:
            state_export.export(self.session, Path(path))

    # --- photos -------------------------------------------------------------------------------------------------------
    def _load_thumbnails(self, form: component_form.Form) -> None:
        """Read the small pictures off the UI thread; those read before are kept."""
        wanted = [
            (number, one.path) for number, one in enumerate(form.photos) if one.path is not None and not one.fault
        ]
        if not wanted:
            return

        def work(_: Progress) -> list[tuple[int, QImage]]:
            return [(number, self._thumbnail(path)) for number, path in wanted]

        def done(images: list[tuple[int, QImage]]) -> None:
            if self._form is form:
                for number, image in images:
                    self.panel.set_thumbnail(number, image)

        self.session.jobs.run("job.read_photos", work, done, background=True)

    def _thumbnail(self, path: Path) -> QImage:
        try:
            stamp = (str(path), path.stat().st_mtime)
        except OSError:
            return QImage()
        if stamp not in self._thumbs:
            if len(self._thumbs) > 200:
                self._thumbs.clear()
            self._thumbs[stamp] = read_picture(path, THUMBNAIL * 2)
        return self._thumbs[stamp]

    def _show_photo(self, number: int) -> None:
        form = self._form
        shown = [] if form is None else [one for one in form.photos if one.path is not None and not one.fault]
        if form is None or not shown or form.photos[number] not in shown:
            return
        dialog = PhotoDialog(self.appearance, self.context.window)
        at = shown.index(form.photos[number])

        def show(step: int = 0) -> None:
            nonlocal at
            at = (at + step) % len(shown)
            one, size = shown[at], dialog.size_px * 2
            path = one.path
            assert path is not None  # noqa: S101 - chosen so above
            title = f"{path.name}  {at + 1} / {len(shown)}"
            self.session.jobs.run(
                "job.read_photos", lambda _: read_picture(path, size),
                lambda image: dialog.show_picture(image, title), background=True,
            )  # fmt: skip

        dialog.step_requested.connect(show)
        show()
        dialog.ask()
        dialog.deleteLater()

    # --- views --------------------------------------------------------------------------------------------------------
    def _key(self) -> ObjectKey | None:
        keys = self.session.selection.keys
        key = keys[len(keys) - 1] if keys else None
        return key if key is not None and component_form.has_form(self.session, key) else None

    def _view(self, form: component_form.Form) -> ComponentView:
        lang = self.session.lang
        fields = tuple(
            FieldView(one.field, one.title, one.text, tuple((choice.id, choice.title(lang)) for choice in one.choices))
            for one in form.fields
        )
        photos = tuple(PhotoView(one.text, Path(one.text.replace("\\", "/")).name, one.fault) for one in form.photos)
        place = f"{form.place:,} / {form.count:,}" if form.place else ""
        history = tuple(self._change(one) for one in form.history[:50])
        return ComponentView(form.title, form.code, form.layer, place, fields, form.state, photos, history)

    def _change(self, one: StateChange) -> ChangeView:
        colours = {state.name: state.colour for state in states().values()}
        when = one.time[:16].replace("T", " ")
        grey = states()["unknown"].colour
        before, after = self._state_word(one.before), self._state_word(one.after)
        return ChangeView(when, before, after, colours.get(one.after, grey), one.author, one.reason)

    def _state_word(self, text: str) -> str:
        """Return a state as it is called; one that no table knows as it stands."""
        if not text:
            return self.appearance.word("component.no_state")
        for name in ("state", "pipe_state"):
            found = next((choice for choice in domain(name).choices if choice.id == text), None)
            if found is not None:
                return found.title(self.session.lang)
        return text


def read_picture(path: Path, size: QSize) -> QImage:
    """Return a picture no larger than a size; a null one where it cannot be read or is larger than we read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return QImage()
    except OSError:
        return QImage()
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    whole = reader.size()
    if whole.isEmpty() or whole.width() * whole.height() > MOST_PIXELS:
        return QImage()
    if whole.width() > size.width() or whole.height() > size.height():
        reader.setScaledSize(whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
