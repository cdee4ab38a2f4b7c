"""Opinions said in a review: noted with the view they were said at, pinned to objects, decided and answered.

An opinion is a topic (:mod:`models.review.topics`); what is here is only what a topic of another kind does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.usecases.query.describe import title_of
from app.usecases.review import topics
from models.core.errors import UserError
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.review.topics import OPINIONS, VERDICTS, Decision, Pin, Topic, TopicView, new_guid, next_number, now
from models.views.annotations import Note
from models.views.camera import Vector
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session

#: Objects → their box in the project's CRS, (2, 3); None for what is not drawn.
BoxOf = Callable[[Sequence[ObjectKey]], "NDArray[np.float64] | None"]

#: A title is at most so many characters of what was said.
TITLE_LENGTH = 40
#: An opinion is pinned to so many objects at most: of more, the view's selection tells.
MOST_PINS = 100
#: In the picture each opinion stands at so many of its objects.
MOST_SHOWN = 12
#: Colours of pins by what was decided.
COLOURS = {"": "#e8590c", "adopted": "#2f9e44", "partly": "#1c7ed6", "rejected": "#6b7280"}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says an opinion.

    Parameters
    ----------
    kind : str
        One of :data:`models.review.topics.OPINIONS`.
    author, organisation : str
        Name, and for whom it speaks.
    """

    kind: str = OPINIONS[0]
    author: str = ""
    organisation: str = ""


def say(
    session: Session,
    text: str,
    speaker: Speaker,
    view: TopicView | None = None,
    *,
    keys: Iterable[ObjectKey] = (),
    box_of: BoxOf | None = None,
    indicator: str = "",
    stop: str = "",
) -> Topic:
    """Note an opinion.

    Parameters
    ----------
    session : Session
    text : str
        What was said; its beginning is the title.
    speaker : Speaker
        Without a name, whoever works here.
    view : TopicView, optional
    keys : iterable of ObjectKey
        Objects it is about.
    box_of : callable, optional
        Gives the places of pins; without it objects have none.
    indicator, stop : str
        Code of the indicator, and id of the stop of the agenda, at which it was said.

    Raises
    ------
    UserError
        ``topic.no_text``.
    """
    text = text.strip()
    if not text:
        raise UserError("topic.no_text")
    title = headline(text)
    return topics.new_topic(
        session, title, view, kind=speaker.kind, author=speaker.author.strip(),
        description="" if title == text else text, organisation=speaker.organisation.strip(), indicator=indicator,
        stop=stop, pins=pins_of(session, keys, box_of), number=next_number(session.project.state.topics),
    )  # fmt: skip


def headline(text: str) -> str:
    """Return the beginning of what was said, as the title of its topic."""
    first = text.strip().splitlines()[0].strip()
    return first if len(first) <= TITLE_LENGTH else f"{first[: TITLE_LENGTH - 1]}…"


def pins_of(session: Session, keys: Iterable[ObjectKey], box_of: BoxOf | None = None) -> tuple[Pin, ...]:
    """Return objects as a topic is pinned to them: name, layer and place as they are now."""
    known = {layer.id for layer in session.project.state.layers}
    asked = [key for key in dict.fromkeys(keys) if key.layer in known][:MOST_PINS]
    named = topics.components_of(session, asked)
    titles = {layer.id: layer.title(session.lang) for layer in session.project.state.layers}

    def place(key: ObjectKey) -> Vector | None:
        box = None if box_of is None else box_of([key])
        if box is None or not np.isfinite(box).all():
            return None
        east, north = (float(value) for value in box.mean(axis=0)[:2])
        return east, north, float(box[1, 2])

    return tuple(
        Pin(component, title_of(session, key), titles.get(key.layer, ""), place(key))
        for component, key in zip(named, asked, strict=True)
    )


def decide(session: Session, guid: str, verdict: str, reply: str = "", author: str = "") -> None:
    """Decide about an opinion; what was decided before stays in its history. An empty verdict takes it back.

    Who replies is who is named: nobody is guessed from the machine's user, as the papers of the meeting name people.

    Raises
    ------
    UserError
        ``topic.unknown``, ``topic.bad_verdict``, ``topic.no_reason`` for what is not adopted without a reply.
    """
    topic = topics.find_topic(session, guid)
    decided = decided_topic(topic, verdict, reply, author.strip(), now())
    if decided != topic:
        topics.put_topics(session, "history.decide_topic", [decided])


def decided_topic(topic: Topic, verdict: str, reply: str, author: str, date: str) -> Topic:
    """Return a topic with one decision more; the very topic where nothing changes."""
    reply = reply.strip()
    if verdict and verdict not in VERDICTS:
        raise UserError("topic.bad_verdict", verdict=verdict)
    if verdict in ("partly", "rejected") and not reply:
        raise UserError("topic.no_reason")
    last = topic.decisions[-1] if topic.decisions else None
    if (verdict, reply) == ((last.verdict, last.reply) if last else ("", "")):
        return topic
    decision = Decision(new_guid(), date, author, verdict, reply)
    return replace(
        topic, decisions=(*topic.decisions, decision), status="Resolved" if verdict else "Open",
        modified_date=date, modified_author=author,
    )  # fmt: skip


def opinions_of(state: ProjectState) -> list[Topic]:
    """Return the opinions of a project by their numbers; those without one, from elsewhere, last and by date."""
    found = [topic for topic in state.topics if topic.is_opinion]
    return sorted(found, key=lambda topic: (topic.number == 0, topic.number, topic.date))


def about(session: Session, keys: Iterable[ObjectKey]) -> set[str]:
    """Return the guids of topics that are pinned to any of some objects."""
    named = set(topics.components_of(session, keys))
    return {topic.guid for topic in session.project.state.topics if any(pin.component in named for pin in topic.pins)}


def pin_notes(state: ProjectState, lang: str) -> list[Note]:
    """Return the opinions as pins in the city, with number and state."""
    return [
        Note(f"{topic.guid}/{number}", "pin", (pin.point,), word(f"topics.verdict.{topic.verdict or 'open'}", lang),
             COLOURS[topic.verdict], topic.author, topic.date, topic.number)
        for topic in state.topics
        if topic.is_opinion and topic.status != "Closed"
        for number, pin in enumerate(topic.pins[:MOST_SHOWN])
        if pin.point is not None
    ]  # fmt: skip
