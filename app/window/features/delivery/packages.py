"""Makes review packages, opens them, and says above the view that one is open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.notices import Notice
from app.usecases.delivery import package_opening, packages
from app.window.feature import Feature
from models.core.watch import watch
from models.delivery.choices import REDACTIONS, Choices
from models.delivery.manifest import INDEX, PROJECT, SUFFIX, Manifest
from models.delivery.personal import FieldProposal
from viewers.documents.package_page import left_out_text
from viewers.widgets.delivery.package_bar import PackageBar, PackageFacts
from viewers.widgets.delivery.package_dialog import FieldRow, LayerRow, PackageDialog

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class Packages(Feature):
    """Review packages."""

    name = "package"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = PackageBar(self.appearance)
        context.bars.addWidget(self.bar)
        self.bar.keep_requested.connect(self.guard(self.keep))
        self.bar.contents_requested.connect(self.guard(self.show_contents))
        context.requests.open_package.answer_with(self.open_package)
        self.stops.append(watch(self.session.package_changed, self._show))

    def make(self) -> None:
        """Ask what goes in, and write it in the background."""
        dialog = self._dialog()
        answer = dialog.ask()
        choices = Choices(dialog.without, dialog.redact, dialog.dropped)
        dialog.deleteLater()
        if answer != "ok":
            return
        word = self.appearance.word
        stem = self.context.project_name() or word("window.untitled")
        start = str((self.session.project.path or self.session.started_in / stem).with_suffix(SUFFIX))
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("package.dialog.title"), start, word("dialog.filter.package")
        )
        if path:
            packages.make_package(self.session, Path(path), choices)

    def open_package(self, path: Path) -> None:
        """Verify a package and open it to be looked at."""
        package_opening.open_package(self.session, path)

    def verify(self) -> None:
        """Ask for a package and say whether every file in it is as it should be."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window,
            word("action.package.verify"),
            str(self.context.folder()),
            word("dialog.filter.package"),
        )
        if path:
            self._verify(Path(path))

    def keep(self) -> None:
        """Ask for a folder, unpack the open package there, and open the project in it."""
        package = self.session.package
        if package is None:
            return
        parent = QFileDialog.getExistingDirectory(
            self.context.window, self.appearance.word("package.bar.keep"), str(self.context.folder())
        )
        if parent:
            folder = _free(Path(parent) / package.path.stem)

            def done(_: Manifest) -> None:
                self.context.requests.open_paths([folder / PROJECT])

            package_opening.unpack_package(self.session, package.path, folder, done)

    def show_contents(self) -> None:
        """Show the page of the open package."""
        if (package := self.session.package) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(package.folder / INDEX)))

    def _verify(self, path: Path) -> None:
        def done(manifest: Manifest, found: list[tuple[str, str]]) -> None:
            if found:
                names = ", ".join(name for name, _ in found[:5]) + (" …" if len(found) > 5 else "")
                facts: dict[str, object] = {"file": path.name, "count": len(found), "names": names}
                self.session.notices.add(Notice("caution", "notice.package.differs", facts))
            else:
                self.session.notices.info("notice.package.sound", file=path.name, count=len(manifest.members))

        package_opening.verify_package(self.session, path, done)

    def _dialog(self) -> PackageDialog:
        lang, word, state = self.session.lang, self.appearance.word, self.session.project.state
        preview = packages.preview(self.session)
        titles = {layer.id: layer.title(lang) for layer in state.layers}
        layers = [
            LayerRow(
                one.layer, titles[one.layer],
                left_out_text(one.why, lang) if one.how == "left_out" else word(f"package.how.{one.how}"),
                one.size_bytes, one.how != "left_out",
            )
            for one in reversed(preview.parts)
        ]  # fmt: skip

        def as_row(one: FieldProposal) -> FieldRow:
            title = f"{titles[one.layer]} · {one.field}"
            return FieldRow(one.layer, one.field, title, word(f"package.tells.{one.kind}"), one.values)

        fields = [as_row(one) for one in packages.proposals(self.session)]
        sizes = sum(one.size_bytes for one in preview.parts if one.how != "left_out")
        evidence = (preview.evidence, preview.size_bytes - sizes)
        return PackageDialog(self.appearance, layers, fields, REDACTIONS, evidence, self.context.window)

    def _show(self) -> None:
        package = self.session.package
        if package is None:
            self.bar.set_facts(None)
            return
        told = package.manifest
        self.bar.set_facts(
            PackageFacts(
                package.path.name,
                told.origin or (told.name_en if self.session.lang == "en" and told.name_en else told.name),
                len(told.members),
                bool(told.redacted),
                len(told.left_out),
                package.fonts_differ,
            )
        )


def _free(folder: Path) -> Path:
    """Return a folder that is not there yet."""
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free
