"""Topics of a review, exchanged as BCF: the panel, the session and the view brought together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from app.usecases.review import topics, topics_from_findings
from app.window.feature import Feature
from models.review.topics import KINDS, PRIORITIES, STATUSES, Comment, Topic, TopicView, moment_of
from resources.words import has
from viewers.widgets.review.opinion_parts import DecisionView, Sortable
from viewers.widgets.review.topics_panel import FindingsQuestion, Said, TopicLine, TopicPage, TopicQuestion, TopicsPanel

if TYPE_CHECKING:
    from app.window.window_context import WindowContext
    from models.checks.findings import Finding, Group
    from models.project.selection import ObjectKey
    from models.views.camera import Vector

#: Colours of states in the list, by the word in the theme.
_TINTS = {"open": "bad", "in progress": "warn", "resolved": "accent", "closed": "good", "active": "bad"}
_VERDICT_TINTS = {"": "warn", "adopted": "good", "partly": "accent", "rejected": "text_faint"}
#: So many objects of a topic are named.
_NAMED = 8
_SNAPSHOT_PX = 1200
#: From more findings than this topics are made only after asking.
MOST_UNASKED = 50


class Topics(Feature):
    """Connects :class:`viewers.widgets.review.topics_panel.TopicsPanel` to the session."""

    name = "topics"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = panel = TopicsPanel(self.appearance)
        context.docks.add("topics", panel)
        context.requests.make_topics.answer_with(self.from_findings)
        ask = self.guard
        self._new_here = QAction(self)
        self.appearance.say(self._new_here.setText, "topics.new_here")
        self.appearance.paint(self._new_here.setIcon, "chats")
        self._new_here.triggered.connect(ask(lambda _=False: self.new()))
        panel.chosen.connect(ask(lambda _: self._show_page()))
        panel.look_requested.connect(ask(self.look))
        panel.new_requested.connect(ask(self.new))
        panel.import_requested.connect(ask(self.import_bcf))
        panel.export_requested.connect(ask(self.export_bcf))
        panel.comment_requested.connect(ask(self._comment))
        panel.status_requested.connect(ask(lambda guid, status: topics.change_topic(self.session, guid, status=status)))
        panel.delete_requested.connect(ask(lambda guid: topics.delete_topic(self.session, guid)))

    def refresh(self) -> None:
        """Show the project's topics, the one changed last on top."""
        state = self.session.project.state
        found = sorted(state.topics, key=lambda topic: moment_of(topic.last_change), reverse=True)
        self.panel.set_topics(
            [self._line(topic) for topic in found], [(s, self.word_of("status", s)) for s in STATUSES]
        )
        self._show_page()

    def new(self) -> None:
        """Ask what a topic about the present view says, and keep it."""
        view = self.view_of_now()
        ask = TopicQuestion(
            self.appearance,
            view.snapshot if view else b"",
            [(kind, self.word_of("kind", kind)) for kind in KINDS],
            [(level, self.word_of("priority", level)) for level in PRIORITIES],
            parent=self.context.window,
        )
        answer, title, fields = ask.ask(), ask.title, ask.fields
        ask.deleteLater()
        if answer == "ok":
            topic = topics.new_topic(self.session, title, view, **fields)
            self.context.docks.bring_forward("topics")
            self.refresh()
            self.panel.choose(topic.guid)

    def from_findings(self, findings: Sequence[Finding], groups: Sequence[Group] = ()) -> None:
        """Make topics of findings; of more than :data:`MOST_UNASKED` only after asking how."""
        grouped = False
        if len(findings) > MOST_UNASKED:
            ask = FindingsQuestion(
                self.appearance, len(findings), len({one.group for one in findings}), self.context.window
            )
            answer = ask.ask()
            ask.deleteLater()
            if not answer:
                return
            grouped = answer == "grouped"
        scene = self.context.scene_sync.scene

        def box_of(keys: Sequence[ObjectKey]) -> Any:
            return None if scene is None else scene.bounds_of(keys)

        before = len(self.session.project.state.topics)
        count = topics_from_findings.topics_from_findings(self.session, findings, box_of, groups, grouped=grouped)
        self.session.notices.info("notice.topics_made", count=count)
        if count:
            self.context.docks.bring_forward("topics")
            self.refresh()
            self.panel.choose(self.session.project.state.topics[before].guid)

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer a topic about what was clicked."""
        return [self._new_here] if key is not None or world is not None else []

    def look(self, guid: str, view_guid: str = "") -> None:
        """Look at a topic as one of its views says."""
        topic = topics.find_topic(self.session, guid)
        view = next((one for one in topic.views if one.guid == view_guid), topic.views[0] if topic.views else None)
        scene = self.context.scene_sync.scene
        if view is None or scene is None:
            return
        camera = topics.look_at(self.session, topic, view)
        if camera is not None:
            self.context.canvas.view.fly_by(lambda: scene.set_camera(camera))

    def import_bcf(self) -> None:
        """Ask for BCF files and read them."""
        paths, _ = QFileDialog.getOpenFileNames(
            self.context.window, self.appearance.word("topics.import"), str(self.context.folder()),
            self.appearance.word("topics.filter_read"),
        )  # fmt: skip
        for path in paths:
            topics.import_bcf(self.session, Path(path))

    def export_bcf(self, guids: Sequence[str] = ()) -> None:
        """Ask where, in which version, and write topics as BCF."""
        word = self.appearance.word
        filters = {word("topics.filter_30"): "3.0", word("topics.filter_21"): "2.1"}
        start = self.context.folder() / f"{self.context.project_name() or word('window.untitled')}.bcf"
        path, chosen = QFileDialog.getSaveFileName(
            self.context.window, word("topics.export"), str(start), ";;".join(filters)
        )
        if path:
            out = Path(path) if Path(path).suffix else Path(f"{path}.bcf")
            topics.export_bcf(self.session, out, filters.get(chosen, "3.0"), guids)

    def _comment(self, guid: str, text: str, with_view: bool) -> None:
        topics.add_comment(self.session, guid, text, self.view_of_now() if with_view else None)

    def view_of_now(self) -> TopicView | None:
        """Return how the city is looked at now, with its picture; None where nothing is open."""
        scene = self.context.scene_sync.scene
        if scene is None:
            return None
        view = self.context.canvas.view
        aspect = view.width() / max(view.height(), 1)
        return topics.view_of_now(self.session, scene.camera, aspect, self._snapshot(), self._drawn_box())

    def _drawn_box(self) -> NDArray[np.float64] | None:
        """Return the world box of all layers that are seen, None where none is."""
        scene, layers = self.context.scene_sync.scene, self.session.project.state.layers
        if scene is None:
            return None
        boxes = [box for layer in layers if layer.visible and (box := scene.bounds_of_layer(layer.id)) is not None]
        return np.stack([np.min(boxes, axis=0)[0], np.max(boxes, axis=0)[1]]) if boxes else None

    def _snapshot(self) -> bytes:
        """Return what the view shows as PNG, no wider than a page needs."""
        image = self.context.canvas.view.grabFramebuffer()
        if image.width() > _SNAPSHOT_PX:
            image = image.scaledToWidth(_SNAPSHOT_PX, Qt.TransformationMode.SmoothTransformation)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, the binding text
        return bytes(buffer.data().data())

    def _line(self, topic: Topic) -> TopicLine:
        count = len(topic.comments)
        parts = [one for one in (topic.author, _day(topic.last_change)) if one]
        if count:
            parts.append(self.appearance.word("topics.comments", count=count))
        return TopicLine(
            topic.guid,
            f"{topic.number} · {topic.title}" if topic.number else topic.title,
            self._state_word(topic),
            _VERDICT_TINTS[topic.verdict] if topic.is_opinion else _TINTS.get(topic.status.casefold(), "text_faint"),
            " · ".join(filter(None, parts)),
            next((view.snapshot for view in topic.views if view.snapshot), b""),
            " ".join((topic.description, topic.organisation, *topic.labels, *(one.text for one in topic.comments))),
            Sortable(topic.is_opinion, topic.number, topic.verdict, topic.author, topic.indicator),
        )

    def _state_word(self, topic: Topic) -> str:
        if topic.is_opinion:
            return self.appearance.word(f"topics.verdict.{topic.verdict or 'open'}")
        return self.word_of("status", topic.status)

    def _decision(self, topic: Topic) -> DecisionView | None:
        if not topic.is_opinion:
            return None
        word = self.appearance.word
        history = []
        for one in reversed(topic.decisions):
            verdict = word(f"topics.verdict.{one.verdict or 'open'}")
            history.append(" · ".join(filter(None, (verdict, one.reply, one.author, _day(one.date)))))
        last = topic.decisions[-1] if topic.decisions else None
        return DecisionView(topic.verdict, last.reply if last else "", tuple(history))

    def _show_page(self) -> None:
        guid = self.panel.current
        topic = next((one for one in self.session.project.state.topics if one.guid == guid), None)
        self.panel.show_page(None if topic is None else self._page(topic))

    def _page(self, topic: Topic) -> TopicPage:
        word = self.appearance.word
        stops = {stop.id: stop.title for stop in self.session.project.state.review.stops}
        facts: list[tuple[str, Any]] = [
            (word("topics.kind"), self.word_of("kind", topic.kind)),
            (word("topics.priority"), self.word_of("priority", topic.priority)),
            (word("topics.author"), " · ".join(filter(None, (topic.author, _day(topic.date))))),
            (word("topics.organisation"), topic.organisation),
            (word("topics.indicator"), topic.indicator),
            (word("topics.stop"), stops.get(topic.stop, "")),
            (word("topics.objects"), ", ".join(filter(None, (pin.name for pin in topic.pins[:_NAMED])))),
            (word("topics.assigned_to"), topic.assigned_to),
            (word("topics.due"), _day(topic.due_date)),
            (word("topics.labels"), ", ".join(topic.labels)),
            (word("topics.files"), ", ".join(file.name for file in topic.files)),
            (word("topics.links"), "\n".join(topic.links)),
        ]
        return TopicPage(
            topic.guid,
            topic.title,
            topic.description,
            tuple((name, str(value)) for name, value in facts if value),
            topic.status,
            tuple((view.guid, view.snapshot) for view in topic.views),
            tuple(self._comment_view(comment) for comment in topic.comments),
            self._decision(topic),
        )

    def _comment_view(self, comment: Comment) -> Said:
        return Said(f"{comment.author} · {_day(comment.date)}", comment.text, comment.view)

    def word_of(self, group: str, value: str) -> str:
        """Return our word for a state, kind or priority; one that another tool coined stays as it is."""
        key = f"topics.{group}.{value.casefold().replace(' ', '_')}"
        return self.appearance.word(key) if value and has(key) else value


def _day(moment: str) -> str:
    """Return a moment to the minute, as people write it."""
    return moment_of(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
