"""The properties of the project: what it is called, of what and by whom it was made, where and how large it is."""

from __future__ import annotations

import datetime
from pathlib import Path

from app.usecases.project import opening
from app.usecases.review import topics
from app.window.feature import Feature
from models.core.value_text import byte_size
from models.project.about import About
from viewers.sheets.content import crs_text
from viewers.widgets.shell.project_dialog import ProjectAbout, ProjectDialog


class ProjectProperties(Feature):
    """Asks for the properties of the project and keeps them in it."""

    name = "project_properties"

    def open(self) -> None:
        """Show the properties and take what is changed."""
        state = self.session.project.state
        own = state.about
        shown = ProjectAbout(state.name, state.name_en, own.source, own.author, own.note)
        dialog = ProjectDialog(self.appearance, shown, topics.author(self.session), self._facts(), self.context.window)
        answer, new = dialog.ask(), dialog.about
        dialog.deleteLater()
        if answer == "ok" and new != shown:
            about = About(new.source, new.author, new.note)
            opening.describe_project(self.session, new.title, new.title_en, about)

    def _facts(self) -> list[tuple[str, str]]:
        """Return what is told, as word keys and texts."""
        session, word = self.session, self.appearance.word
        state, path = session.project.state, session.project.path
        facts = [
            ("project.crs", crs_text(state, session.lang) if state.frame is not None else "–"),
            ("project.layers", self._layers()),
            ("project.synthetic", word("project.synthetic.yes" if state.synthetic else "project.synthetic.no")),
            ("project.sources", self._sources() or "–"),
        ]
        if path is None:
            return [*facts, ("project.file", word("project.file.none"))]
        return [*facts, ("project.file", str(path)), ("project.saved", _saved(path))]

    def _layers(self) -> str:
        layers = self.session.project.state.layers
        linked = sum(bool(layer.source.path) for layer in layers)
        return self.appearance.word("project.layers.of", count=len(layers), linked=linked)

    def _sources(self) -> str:
        """Return what the layers say of where their data come from."""
        named = dict.fromkeys(layer.data_source for layer in self.session.project.state.layers if layer.data_source)
        return ("；" if self.session.lang == "zh" else "; ").join(named)


def _saved(path: Path) -> str:
    """Return when a file was written last, and how large it is."""
    try:
        facts = path.stat()
    except OSError:  # it was moved away
        return "–"
    when = datetime.datetime.fromtimestamp(facts.st_mtime).strftime("%Y-%m-%d %H:%M")
    return f"{when} · {byte_size(facts.st_size)}"
