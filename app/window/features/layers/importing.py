"""Bring files in: what holds several tables is looked into first, a layer can be read again with other settings, and
tables are joined to layers.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.notices import notice_of
from app.usecases.layers import importing, joins
from app.usecases.project import opening, trust
from app.window.feature import Feature
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.layers.layer import VectorData
from viewers.widgets.layers.import_dialog import ImportChoice, ImportDialog
from viewers.widgets.layers.join_dialog import JoinDialog, JoinRow

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class Importing(Feature):
    """Questions on the way in; everything else opens at once."""

    name = "importing"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.requests.open_file.answer_with(self.open)
        #: What was chosen for files whose CRS is still to be asked for.
        self._wishes: dict[Path, ImportChoice] = {}

    def open(self, path: Path, crs: str) -> None:
        """Open a project, a file or a folder; ask first where a file holds several tables."""
        from models.store.project_file import is_project

        if crs or not importing.may_ask(path) or (path.is_file() and is_project(path)):
            wish = self._wishes.pop(path, ImportChoice()) if crs else ImportChoice()
            opening.open_files(self.session, [path], crs, _options(wish), wish.sublayers)
            return

        def done(info: dict[str, Any]) -> None:
            if importing.needs_choice(info):
                self._ask(path, info)
            else:
                opening.open_files(self.session, [path])

        importing.look_into(self.session, path, done)

    def open_folder(self) -> None:
        """Ask for a folder: a File Geodatabase, or one with data in it."""
        word = self.appearance.word
        folder = QFileDialog.getExistingDirectory(
            self.context.window, word("dialog.open_folder"), str(self.context.folder())
        )
        if folder:
            self.context.requests.open_paths([folder])

    def read_again(self, layer_id: str = "") -> None:
        """Ask how a layer is to be read, and read it again.

        Raises
        ------
        UserError
            ``vector.no_origin`` where its file is not there; ``project.untrusted``.
        """
        layer = self._layer(layer_id, None)
        path = importing.origin_of(layer)
        if path is not None:
            trust.require(self.session, layer)
            trust.require_file(self.session, layer, str(path))
        if path is None or not path.exists():
            raise UserError("vector.no_origin", layer=layer.title(self.session.lang))
        importing.look_into(self.session, path, lambda info: self._ask(path, info, layer.id))

    def join(self, layer_id: str = "") -> None:
        """Ask which table is joined to a layer, and join it."""
        layer = self._layer(layer_id, VectorData)
        others = joins.joinable(self.session, layer.id)
        if not others:
            raise UserError("joins.nothing", layer=layer.title(self.session.lang))
        lang, data = self.session.lang, self.session.project.data
        tables = [JoinRow(one.id, one.title(lang), one.kind, tuple(_fields(data[one.id]))) for one in others]
        present = [(join.id, f"{join.table_name} · {join.layer_key} = {join.table_key}")
                   for join in joins.joins_of(self.session, layer.id)]  # fmt: skip
        ask = JoinDialog(
            self.appearance, layer.title(lang), tuple(_fields(data[layer.id])), tables, present, self.context.window
        )

        def propose(table: str) -> None:
            self.session.run(
                "job.look_at_keys",
                lambda progress: joins.propose_keys(self.session, layer.id, table),
                lambda pairs: ask.show_proposals(table, pairs),
            )

        def look() -> None:
            wish = joins.Wish(layer.id, *ask.keys, zeros=ask.zeros)

            def work(_: Progress) -> Any:
                return joins.look_at_keys(self.session, wish)

            self.session.run("job.look_at_keys", work, lambda found: ask.show_match(wish.table, wish.layer_key,
                                                                                  wish.table_key, found))  # fmt: skip

        ask.proposals_requested.connect(self.guard(propose))
        ask.match_requested.connect(self.guard(look))
        ask.remove_requested.connect(self.guard(functools.partial(self._remove, ask)))
        ask.start()
        if ask.ask() == "ok":
            chosen = ask.choice
            wish = joins.Wish(
                layer.id, chosen.table, chosen.layer_key, chosen.table_key, chosen.columns, chosen.duplicates,
                chosen.zeros, chosen.prefix,
            )  # fmt: skip
            joins.join_table(self.session, wish)
        ask.deleteLater()

    def _remove(self, ask: JoinDialog, join_id: str) -> None:
        joins.remove_join(self.session, join_id)
        ask.forget(join_id)

    def _ask(self, path: Path, info: dict[str, Any], again: str = "") -> None:
        """Show what a file holds and open what is ticked."""
        if self.context.is_closing:
            return
        state = self.session.project.state
        like = state.frame.horizontal if state.frame else str(self.session.settings.get("default_crs"))
        last: dict[str, str] = {}
        sublayer = ""
        if again:
            layer = state.layer(again)
            last, sublayer = importing.last_settings(layer), layer.source.sublayer
        ask = ImportDialog(
            self.appearance, info, like, self.context.window, again=bool(again), chosen=last, sublayer=sublayer
        )
        newest = [0]

        def preview(sublayer_: str, encoding: str) -> None:
            newest[0] += 1
            mine = newest[0]

            def done(rows: dict[str, Any]) -> None:
                if mine == newest[0]:
                    ask.show_rows(rows)

            def failed(error: BaseException) -> None:
                if mine == newest[0] and not isinstance(error, Cancelled):
                    ask.show_problem(notice_of(error).text(self.session.lang))

            importing.preview(self.session, path, sublayer_, encoding, done, failed)

        ask.preview_requested.connect(self.guard(preview))
        ask.ask_preview()
        answer, choice = ask.ask(), ask.choice
        newest[0] += 1
        ask.deleteLater()
        if answer != "ok":
            return
        if again:
            opening.read_again(self.session, again, path, choice.crs, _options(choice), choice.sublayers)
        else:
            self._wishes[path] = choice
            opening.open_files(self.session, [path], choice.crs, _options(choice), choice.sublayers)

    def _layer(self, layer_id: str, kind: type | None) -> Any:
        chosen = layer_id or self.session.current_layer.id
        layers = self.session.project.state.layers
        if not chosen and layers:
            data = self.session.project.data
            chosen = next(
                (one.id for one in reversed(layers) if kind is None or isinstance(data.get(one.id), kind)), ""
            )
        return self.session.project.state.layer(chosen)


def _options(choice: ImportChoice) -> dict[str, str]:
    return choice.options | ({"encoding": choice.encoding} if choice.encoding else {})


def _fields(data: Any) -> list[str]:
    return list(data.fields) if isinstance(data, VectorData) else []
