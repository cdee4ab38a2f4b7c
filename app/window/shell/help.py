"""What the help menu shows: mouse and keys, what the machine has, what this program is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.actions import actions as action_table
from app.actions import panels
from app.window.feature import Feature
from viewers.widgets.common import dialogs
from viewers.widgets.common.appearance import Appearance

SIGNS = {"good": "✓", "caution": "!", "bad": "✗"}


class Help(Feature):
    """The requests of the Help menu."""

    name = "help"

    def show_keys(self) -> None:
        """List mouse and keys."""
        mouse = str(self.session.settings.get("mouse"))
        show_keys(self.appearance, self.context.commands.actions, mouse, self.context.window)

    def show_diagnosis(self) -> None:
        """Examine the machine and show what was found."""
        from app.command_line import diagnosis

        lang = self.session.lang
        self.session.run(
            "job.doctor",
            lambda _: diagnosis.examine(),
            lambda findings: show_findings(self.appearance, findings, lang, self.context.window),
        )

    def show_about(self) -> None:
        """Show what this program is."""
        from models.core.program import version

        show_about(self.appearance, version(), self.context.window)


def show_keys(appearance: Appearance, actions: dict[str, QAction], mouse: str, parent: QWidget) -> None:
    """List mouse and keys."""
    lines = [appearance.word(f"keys.mouse.{mouse}"), appearance.word("keys.mouse"), ""]
    for entry in action_table():
        if keys := actions[entry.id].shortcuts():
            text = " / ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
            lines.append(f"{text:<24}{appearance.word(entry.word)}")
    lines += [f"{panel.shortcut:<24}{appearance.word(f'panel.{name}')}" for name, panel in panels().items()]
    _show_text(appearance, "action.help.keys", "keys.why", "\n".join(lines), parent)


def show_findings(appearance: Appearance, findings: Iterable[Any], lang: str, parent: QWidget) -> None:
    """Show what the diagnosis found, with a cure for what is amiss."""
    lines = []
    for finding in findings:
        lines.append(f"{SIGNS.get(finding.level, ' ')}  {finding.text(lang)}")
        if cure := finding.cure(lang):
            lines.append(f"    → {cure}")
    _show_text(appearance, "action.help.doctor", "doctor.why", "\n".join(lines), parent)


def show_about(appearance: Appearance, version: str, parent: QWidget) -> None:
    """Show what this program is."""
    ask = dialogs.AboutDialog(appearance, version, parent)
    ask.ask()
    ask.deleteLater()


def _show_text(appearance: Appearance, title: str, why: str, text: str, parent: QWidget) -> None:
    ask = dialogs.TextDialog(appearance, title, why, text, parent)
    ask.ask()
    ask.deleteLater()
