"""Undo and redo over immutable project states.

A change joins the history only after it succeeded; since states are frozen values, undoing everything gives back an
equal project by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from psygnal import Signal

from models.project.project import Project, ProjectState

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One undoable change: a word key for the menu ("Undo …") and the states around it."""

    label: str
    before: ProjectState
    after: ProjectState
    burst: str = ""


class History:
    """The undo and redo stacks of one project.

    Signals
    -------
    changed : ()
    """

    changed = Signal()

    def __init__(self, project: Project) -> None:
        self._project = project
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def undo_label(self) -> str:
        """Return the word key of what undo would take back, empty if nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """Return the word key of what redo would do again, empty if nothing."""
        return self._undone[-1].label if self._undone else ""

    def do(self, label: str, change: Callable[[ProjectState], ProjectState], burst: str = "") -> None:
        """Apply ``change``; if it raises or changes nothing, history is untouched.

        Changes that follow each other with the same ``burst`` (a slider that is drawn, a list of colours gone through)
        are one step.
        """
        before = self._project.state
        after = change(before)
        if after == before:
            return
        self._project.set_state(after)
        last = self._done[-1] if self._done else None
        if burst and last is not None and last.burst == burst and last.after == before and not self._undone:
            self._done = self._done[:-1]
            if after != last.before:  # what led back to where it began is no step
                self._done = [*self._done, Step(label, last.before, after, burst)]
        else:
            self._done = [*self._done[-(LIMIT - 1) :], Step(label, before, after, burst)]
        self._undone.clear()
        self.changed.emit()

    def amend(self, change: Callable[[ProjectState], ProjectState], *, as_saved: bool = False) -> None:
        """Put into the present state what follows from it, without a step of its own.

        What is worked out again after a step belongs to the state that the step led to: undoing leads to the state
        before the step as it was, doing it again to the amended one.

        Parameters
        ----------
        change : callable
        as_saved : bool
            Whether a project that is saved counts as saved afterwards, as nothing that a person reads has changed.
        """
        before, was_saved = self._project.state, self._project.is_saved
        after = change(before)
        if after == before:
            return
        if self._done and self._done[-1].after == before:
            self._done[-1] = replace(self._done[-1], after=after)
        if self._undone and self._undone[-1].before == before:
            self._undone[-1] = replace(self._undone[-1], before=after)
        self._project.set_state(after)
        if as_saved and was_saved:
            self._project.mark_saved()

    def undo(self) -> None:
        """Take the last change back; nothing to undo is silent."""
        if self._done:
            step = self._done[-1]
            self._project.set_state(step.before)
            self._undone.append(self._done.pop())
            self.changed.emit()

    def redo(self) -> None:
        """Do the last undone change again; nothing to redo is silent."""
        if self._undone:
            step = self._undone[-1]
            self._project.set_state(step.after)
            self._done.append(self._undone.pop())
            self.changed.emit()

    @property
    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the word keys of what was done, oldest first, and of what was undone, in the order of doing it."""
        return tuple(step.label for step in self._done), tuple(step.label for step in reversed(self._undone))

    def go(self, steps: int) -> None:
        """Undo (negative) or redo several changes at once: the project passes through none of the states between."""
        taken, target = (self._done, self._undone) if steps < 0 else (self._undone, self._done)
        moved = taken[len(taken) - min(abs(steps), len(taken)) :]
        if not moved:
            return
        self._project.set_state(moved[0].before if steps < 0 else moved[0].after)
        del taken[len(taken) - len(moved) :]
        target.extend(reversed(moved))
        self.changed.emit()

    def clear(self) -> None:
        """Forget everything, as after opening another project."""
        self._done.clear()
        self._undone.clear()
        self.changed.emit()
