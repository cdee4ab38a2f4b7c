"""Opinions of the review: noted with one key, shown as pins in the city, written on paper, decisions brought back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFileDialog

from app.usecases.review import opinion_papers, opinions
from app.usecases.review.opinions import Speaker
from app.window.features.review.topics import Topics
from models.core.errors import UserError
from models.review.topics import OPINIONS, Topic
from viewers.widgets.common.canvas_tool import CanvasTool
from viewers.widgets.review.opinion_parts import ChangesQuestion, OpinionCard

if TYPE_CHECKING:
    from app.usecases.review.opinion_papers import Change
    from app.window.window_context import WindowContext
    from models.project.selection import ObjectKey

#: A pin is met this near to the middle of its head, which stands so high over its tip; pixels.
REACH_PX, HEAD_PX = 17.0, 22.0
#: So many objects are named on the card.
_NAMED = 3


class Opinions(Topics):
    """The topics of the window, of which those that are opinions can do more."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._speaker: Speaker | None = None
        context.requests.capture_opinion.answer_with(self.capture)
        context.canvas.view.tools.append(_Pins(self))
        self.panel.decide_requested.connect(self.guard(self._decide))
        self.panel.note_requested.connect(self.guard(self.capture))

    def capture(self, stop: str = "", indicator: str = "") -> None:
        """Ask what is said about what is on the screen, and keep it with view and picture.

        Parameters
        ----------
        stop : str
            Id of the stop of the agenda at which it is said.
        indicator : str
            Code of the indicator; that by which the city is coloured where it is empty.
        """
        session = self.session
        if self.context.scene_sync.scene is None:
            raise UserError("opinions.no_city")
        theme = session.project.state.theme
        indicator = indicator or (theme.indicator if theme.kind == "indicator" else "")
        view = self.view_of_now()
        keys = tuple(session.selection.keys)[: opinions.MOST_PINS]
        before = self._last_speaker()
        known = opinions.opinions_of(session.project.state)
        ask = OpinionCard(
            self.appearance,
            self._about(stop, indicator, keys),
            [(kind, self.word_of("kind", kind)) for kind in OPINIONS],
            (before.kind, before.author, before.organisation),
            [(topic.author, topic.organisation) for topic in known],
            self.context.window,
        )
        answer, said, speaker = ask.ask(), ask.said, Speaker(*ask.speaker)
        ask.deleteLater()
        if answer != "ok":
            return
        self._speaker = speaker
        scene = self.context.scene_sync.scene
        made = opinions.say(
            session, said, speaker, view, keys=keys, box_of=None if scene is None else scene.bounds_of,
            indicator=indicator, stop=stop,
        )  # fmt: skip
        session.notices.info("notice.opinion_kept", number=made.number)
        self.refresh()
        self.panel.choose(made.guid)

    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("topics")

    def export_table(self) -> None:
        """Ask where, and write the table of opinions and decisions."""
        word = self.appearance.word
        filters = {word("opinions.filter_docx"): ".docx", word("opinions.filter_xlsx"): ".xlsx"}
        out = self._ask_file("opinions.table", filters)
        if out is not None:
            opinion_papers.export_table(self.session, out)

    def export_minutes(self) -> None:
        """Ask where, and write the minutes."""
        out = self._ask_file("opinions.minutes", {self.appearance.word("opinions.filter_docx"): ".docx"})
        if out is not None:
            opinion_papers.export_minutes(self.session, out)

    def import_table(self) -> None:
        """Ask for a table that was filled in, show what it changes, and take it over."""
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, self.appearance.word("action.opinions.import"), str(self.context.folder()),
            self.appearance.word("opinions.filter_xlsx"),
        )  # fmt: skip
        if path:
            opinion_papers.read_decisions(self.session, Path(path), self._offer)

    def show(self, guid: str) -> None:
        """Show an opinion: in the panel, and from where it was said."""
        self.context.docks.bring_forward("topics")
        self.panel.choose(guid)
        self.look(guid)

    def on_selection_changed(self) -> None:
        """Say which topics are about the selected objects."""
        chosen = set(self.session.selection.keys)
        self.panel.set_selected(
            frozenset(opinions.about(self.session, chosen)) if chosen and self._pinned else frozenset()
        )

    def refresh(self) -> None:
        """Show the project's topics, and follow the selection."""
        super().refresh()
        self.on_selection_changed()

    @property
    def _pinned(self) -> Sequence[Topic]:
        return [topic for topic in self.session.project.state.topics if topic.pins]

    def _decide(self, guid: str, verdict: str, reply: str, by: str) -> None:
        opinions.decide(self.session, guid, verdict, reply, by)

    def _offer(self, changes: list[Change]) -> None:
        count = sum(one.after is not None for one in changes)
        lines = [opinion_papers.change_text(one, self.session) for one in changes]
        ask = ChangesQuestion(self.appearance, lines, count, self.context.window)
        answer = ask.ask()
        ask.deleteLater()
        if answer == "ok":
            taken = opinion_papers.take_over(self.session, changes)
            self.session.notices.info("notice.decisions_taken", count=taken)

    def _about(self, stop: str, indicator: str, keys: Sequence[ObjectKey]) -> str:
        state = self.session.project.state
        titles = [one.title for one in state.review.stops if one.id == stop]
        pins = opinions.pins_of(self.session, keys[:_NAMED])
        names = [pin.name for pin in pins]
        if len(keys) > _NAMED:
            names.append(self.appearance.word("opinions.more", count=len(keys) - _NAMED))
        return " · ".join(filter(None, (*titles, indicator, ", ".join(names))))

    def _last_speaker(self) -> Speaker:
        if self._speaker is not None:
            return self._speaker
        known = opinions.opinions_of(self.session.project.state)
        return Speaker(known[-1].kind, known[-1].author, known[-1].organisation) if known else Speaker()

    def _ask_file(self, title: str, filters: dict[str, str]) -> Path | None:
        word = self.appearance.word
        suffix = next(iter(filters.values()))
        name = f"{self.context.project_name() or word('window.untitled')}_{word(title)}{suffix}"
        path, chosen = QFileDialog.getSaveFileName(
            self.context.window, word(title), str(self.context.folder() / name), ";;".join(filters)
        )
        if not path:
            return None
        wanted = filters.get(chosen, suffix)
        known = Path(path).suffix.lower() in filters.values()
        return Path(path) if known else Path(f"{path}{wanted}")


class _Pins(CanvasTool):
    """A click on a pin shows its opinion; tools in hand come first."""

    def __init__(self, feature: Opinions) -> None:
        self._feature = feature

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Show the opinion whose pin was met, the nearest to the eye of several."""
        feature = self._feature
        context, session = feature.context, feature.session
        if not context.scene_sync.underground.shows_notes:
            return False
        pins = opinions.pin_notes(session.project.state, session.lang)
        if not pins:
            return False
        places, ahead = context.canvas.view.on_screen(np.array([pin.anchor for pin in pins]))
        away = np.hypot(places[:, 0] - at.x(), places[:, 1] - HEAD_PX - at.y())
        met = np.flatnonzero(ahead & (away <= REACH_PX))
        scene = context.scene_sync.scene
        if not len(met) or scene is None:
            return False
        eye = np.array(scene.camera.position)
        nearest = min(met.tolist(), key=lambda one: float(np.linalg.norm(np.array(pins[one].anchor) - eye)))
        show: Callable[[], object] = feature.guard(lambda: feature.show(pins[nearest].id.partition("/")[0]))
        show()
        return True
