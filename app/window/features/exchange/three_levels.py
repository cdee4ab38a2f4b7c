"""Three levels in the window: hand records out, merge what others handed out, decide conflicts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.exchange import levels
from app.usecases.exchange.conflict_report import write_report
from app.window.feature import Feature
from app.window.features.exchange.conflict_texts import cells_of, heading_of, value_text
from app.window.window_context import WindowContext
from models.exchange.deciding import RecordField, ours, side_by, theirs, values_of
from models.exchange.kinds import CLASSES
from models.exchange.merging import Conflict, Said
from viewers.widgets.exchange.hand_out_dialog import DATABASE, FOLDER, HandOutDialog
from viewers.widgets.exchange.merge_dialog import CHOSEN, KIND, MergeDialog


class ThreeLevels(Feature):
    """The dialogs of handing out and of merging."""

    name = "levels"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: MergeDialog | None = None
        self._meeting: levels.Meeting | None = None
        #: What was decided: conflict → side. A side of this project may not be among those of the conflict.
        self.decided: dict[RecordField, Said] = {}

    # --- handing out --------------------------------------------------------------------------------------------------
    def hand_out(self) -> None:
        """Ask what is handed out and where to, and write it in the background."""
        levels.memory_of(self.session)  # says where the project has no file yet
        dialog = HandOutDialog(self.appearance, levels.classes_here(self.session), *self._party(), self.context.window)
        answer, choice = dialog.ask(), dialog.choice
        dialog.deleteLater()
        if answer != "ok":
            return
        where = choice.address if choice.form == DATABASE else self._asked_place(choice.form, choice.code)
        if where:
            self._say_party(choice.code, choice.name)
            levels.hand_out(self.session, where, choice.kinds, whole=choice.whole)

    def _asked_place(self, form: str, code: str) -> str:
        """Return the folder or the file that is written, empty where nobody named one."""
        word, folder = self.appearance.word, self.context.folder()
        if form == FOLDER:
            return QFileDialog.getExistingDirectory(self.context.window, word("exchange.hand_out.folder"), str(folder))
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("exchange.hand_out.title"), str(folder / f"{code}{form}"), f"(*{form})"
        )
        return str(path if not path or path.endswith(form) else f"{path}{form}")

    def _party(self) -> tuple[str, str]:
        held = self.session.project.state.operations.exchange
        return held.code or levels.proposed_party(self.session), held.name

    def _say_party(self, code: str, name: str) -> None:
        held = self.session.project.state.operations.exchange
        if (code, name) != (held.code, held.name):
            levels.set_party(self.session, code, name)

    # --- merging ------------------------------------------------------------------------------------------------------
    def open_merge(self) -> None:
        """Show the dialog of a merge."""
        levels.memory_of(self.session)
        if self.dialog is None:
            made = self.dialog = MergeDialog(self.appearance, self._sides, self.context.window)
            ask = self.guard
            made.files_requested.connect(ask(self._choose_files))
            made.folder_requested.connect(ask(self._choose_folder))
            made.read_requested.connect(ask(self.read))
            made.decide_requested.connect(ask(self._decide))
            made.side_requested.connect(ask(self._take_side))
            made.row_chosen.connect(ask(self._fly))
            made.report_requested.connect(ask(self._report))
            made.merge_requested.connect(ask(self._merge))
            made.rejected.connect(self._forget)
        self.dialog.party.show_party(*self._party())
        self.dialog.show()
        self.dialog.raise_()

    def read(self) -> None:
        """Read what the named places hold, and compare."""
        if self.dialog is None:
            return
        self._forget()
        self._say_party(*self.dialog.party.said)
        levels.look(self.session, self.dialog.places, self._show)

    def refresh(self) -> None:
        """Say that the project changed since it was compared."""
        if self.dialog is None or self._meeting is None or not self.dialog.isVisible():
            return
        if self.session.project.state != self._meeting.state:
            self.dialog.set_stale(self.session.word("exchange.merge.stale"))

    def _choose_files(self) -> None:
        from models.io.exchange.files import SUFFIXES

        word = self.appearance.word
        kinds = f"{word('exchange.merge.packages')} ({' '.join(f'*{one}' for one in SUFFIXES)})"
        found, _ = QFileDialog.getOpenFileNames(
            self.dialog, word("exchange.merge.files"), str(self.context.folder()), kinds
        )
        self._put_places(found)

    def _choose_folder(self) -> None:
        word = self.appearance.word
        found = QFileDialog.getExistingDirectory(self.dialog, word("exchange.merge.folder"), str(self.context.folder()))
        self._put_places([found] if found else [])

    def _put_places(self, places: list[str]) -> None:
        if places and self.dialog is not None:
            self.dialog.place.setText("; ".join(places))
            if self.dialog.read.isEnabled():
                self.read()

    def _forget(self) -> None:
        self._meeting = None
        self.decided = {}
        if self.dialog is not None:
            self.dialog.show_nothing()

    # --- what is shown ------------------------------------------------------------------------------------------------
    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Return the conflicts that are listed."""
        return () if self._meeting is None else self._meeting.conflicts

    def _show(self, meeting: levels.Meeting) -> None:
        if self.dialog is None or not self.dialog.isVisible():
            return
        self._meeting = meeting
        word = self.session.word
        senders = sorted({f"{one.sender.code} {one.sender.name}".strip() for one in meeting.packages})
        if meeting.packages:
            told = word("exchange.merge.told", packages=len(meeting.packages), parties=", ".join(senders),
                        records=f"{len(meeting.touched):,}")  # fmt: skip
        else:
            told = word("exchange.merge.nothing")
        warned = [word(f"error.{error.code}", **error.facts) for error in meeting.unread]
        if any(one.synthetic for one in meeting.packages):
            warned.insert(0, word("app.synthetic"))
        counts = [
            (word(f"exchange.class.{kind}"), (one.new, one.changed, one.deleted, one.same, one.conflicting))
            for kind in CLASSES
            if (one := meeting.foreseen.get(kind)) is not None
        ]
        self.dialog.show_meeting(
            told, "\n".join(warned), counts, len(meeting.conflicts), self._cells,
            lambda at: self.conflicts[at].id in self.decided,
        )  # fmt: skip
        self._tell()

    def _own(self, conflict: Conflict) -> Said | None:
        meeting = self._meeting
        return None if meeting is None else ours(conflict, meeting.known, meeting.mine)

    def _cells(self, at: int) -> tuple[str, ...]:
        conflict = self.conflicts[at]
        own = self._own(conflict)
        return cells_of(self.session, conflict, own, theirs(conflict, own), self.decided.get(conflict.id))

    def _sides(self, at: int) -> list[tuple[str, str]]:
        conflict = self.conflicts[at]
        own = self._own(conflict)
        sides = ([] if own is None else [own]) + list(theirs(conflict, own))
        return [
            (
                one.version,
                f"{heading_of(self.session, one, own)}: {value_text(self.session, conflict.field, one.value)}",
            )
            for one in sides
        ]

    def _tell(self) -> None:
        if self.dialog is not None:
            self.dialog.show_decided(self.session.word(
                "exchange.merge.conflicts", count=f"{len(self.conflicts):,}", decided=f"{len(self.decided):,}"
            ))  # fmt: skip

    def _fly(self, at: int) -> None:
        conflict = self.conflicts[at]
        key = levels.object_of(self.session, conflict.kind, conflict.key)
        if key is not None and self.session.project.state.layer(key.layer).kind == "vector":
            self.context.requests.go_to(key)

    # --- what is decided ----------------------------------------------------------------------------------------------
    def _decide(self, way: str, scope: str) -> None:
        if self.dialog is None:
            return
        rows = self.dialog.chosen_rows
        found = self.conflicts
        if scope == CHOSEN:
            found = tuple(found[at] for at in rows)
        elif scope == KIND:
            kinds = {(found[at].kind, found[at].field) for at in rows}
            found = tuple(one for one in found if (one.kind, one.field) in kinds)
        if not found:
            self.dialog.detail.setText(self.session.word("exchange.decide.choose_first"))
        for conflict in found:
            side = side_by(conflict, way, self._own(conflict))
            if side is not None:
                self.decided[conflict.id] = side
        self._tell()

    def _take_side(self, at: int, version: str) -> None:
        conflict = self.conflicts[at]
        own = self._own(conflict)
        side = next((one for one in (own, *conflict.sides) if one is not None and one.version == version), None)
        if side is not None:
            self.decided[conflict.id] = side
            self._tell()

    def _report(self) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.dialog, word("exchange.merge.report"), str(self.context.folder() / "conflicts.xlsx"), "(*.xlsx)"
        )
        if path:
            write_report(
                self.session, Path(path).with_suffix(".xlsx"), self.conflicts,
                values_of(self.conflicts, self.decided),
            )  # fmt: skip
            self.session.notices.info("notice.exchange_report", file=Path(path).name)

    def _merge(self) -> None:
        if self._meeting is None:
            return
        choices = {conflict: side.version for conflict, side in self.decided.items()}
        levels.merge(self.session, self._meeting, "hand", choices, lambda _: self._merged())

    def _merged(self) -> None:
        if self.dialog is not None:
            self._forget()
            self.dialog.hide()
