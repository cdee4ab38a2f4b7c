"""Questions of the room: what is typed is looked for in agenda, indicators and objects, and shown on the wall.

Invariants
----------
1. Names of objects are gathered by a job when somebody first asks, and again when layers have changed.
2. An answer that comes after the next letter is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.usecases.query import search
from app.usecases.review import questions
from app.usecases.review.questions import Answer
from viewers.widgets.review.question_box import QuestionBox

if TYPE_CHECKING:
    from app.session import Session


class Asking(QObject):
    """Answers what is typed into a box, wherever that stands.

    Parameters
    ----------
    session : Session
    answered : callable
        ``answered(answer)``: this one was chosen.
    parent : QObject
    """

    def __init__(self, session: Session, answered: Callable[[Answer], object], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._answered = session, answered
        self._finder: search.Finder | None = None
        self._stamp: object = None
        self._is_making = False
        self._text = ""
        self._answers: list[Answer] = []

    def attach(self, box: QuestionBox) -> None:
        """Answer what is typed into a box."""
        box.asked.connect(lambda text: self.ask(box, text))
        box.picked.connect(lambda row: self._pick(box, row))

    def ask(self, box: QuestionBox, text: str) -> None:
        """Look for a text: stops and indicators at once, objects by a job."""
        self._text = text = text.strip()
        at_once = questions.answers_at_once(self._session, text)
        self._show(box, at_once)
        state = self._session.project.state
        stamp = (self._session.project.data_stamp(), state.layers)
        if not text:
            return
        if stamp != self._stamp:
            self._make(box, stamp)
        elif self._finder is not None and len(self._finder):

            def done(found: list[Answer]) -> None:
                if text == self._text:
                    self._show(box, [*at_once, *found])

            self._session.run("job.find", questions.objects_named(self._session, self._finder, text), done)

    def _make(self, box: QuestionBox, stamp: object) -> None:
        if self._is_making:
            return
        self._is_making = True

        def done(finder: search.Finder) -> None:
            self._finder, self._stamp, self._is_making = finder, stamp, False
            if self._text:
                self.ask(box, self._text)

        job = self._session.run("job.index_names", lambda progress: search.finder_of(self._session, progress), done)
        job.ended.connect(lambda _: setattr(self, "_is_making", False))

    def _show(self, box: QuestionBox, answers: list[Answer]) -> None:
        self._answers = answers
        box.show_answers([(one.kind, one.title, one.about) for one in answers])

    def _pick(self, box: QuestionBox, row: int) -> None:
        if 0 <= row < len(self._answers):
            answer = self._answers[row]
            box.field.clear()
            box.left.emit()
            self._answered(answer)
