"""The city at the moment of the clock, worked out off the thread of the window: the latest wins.

Invariants
----------
1. ``session.shown`` holds the city at ``session.clock.moment_us``, or at the last moment that is worked out already
   while a hand drags; None while the program shows what is live.
2. One moment is worked out at a time. Who asks meanwhile is answered next, and only the last of them.
3. While time is played, the moments that come next are worked out before they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.alarms.alarms import replay_unasked
from app.usecases.timeline.at_hand import AlarmCourses, alarm_courses, readings_at_hand
from app.usecases.timeline.current import data_now
from models.core.progress import Progress
from models.core.watch import watch
from models.readings.access import MemoryReadings
from models.readings.batch import nothing
from models.readings.current_columns import asks_now
from models.timeline.city_state import CityState, Places, city_state
from models.timeline.zone import iso, us_of_iso

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.layers.layer import LayerData
    from models.project.project import ProjectState
    from viewers.render.symbology.theme_picture import ThemePicture

#: So many moments are kept ready, and so many are worked out ahead in one go.
KEPT, AHEAD = 48, 4


def zone_of(session: Session) -> str:
    """Return the IANA name of the zone in which the project shows times."""
    return session.project.state.operations.zone.name


def moment_of(session: Session) -> str:
    """Return the moment that is shown as a picture's specification holds it, empty for what is live."""
    moment_us = session.clock.moment_us
    return "" if moment_us is None else iso(moment_us, zone_of(session))


def moment_caption(session: Session, moment: str, lang: str) -> str:
    """Return the moment of a specification in words, empty for none."""
    from viewers.texts.moment_texts import moment_phrase

    zone = zone_of(session)
    return moment_phrase(us_of_iso(moment, zone), lang, zone) if moment else ""


def go_to(session: Session, moment: str) -> None:
    """Show a moment of a specification; an empty one shows what is live."""
    if moment:
        session.clock.go(us_of_iso(moment, zone_of(session)))
    else:
        session.clock.go_live()


def state_of_moment(session: Session, moment_us: int) -> CityState:
    """Return the city at a moment, worked out here and now."""
    return _Basis(session).state(moment_us)


def data_for(session: Session, state: ProjectState, moment: str) -> Mapping[str, LayerData]:
    """Return the data of a picture: with what sensors say at its moment, where a style of its state asks for that."""
    if not any(asks_now(layer) for layer in state.layers):
        return dict(session.project.data)
    if session.jobs.inline and session.alarms.replayed is None:  # without a window nobody judged the past yet
        replay_unasked(session, Progress())
    return data_now(session, us_of_iso(moment, zone_of(session)) if moment else None)


def pictured_at_moment(
    session: Session, picture: ThemePicture, moment: str, lang: str, state: ProjectState
) -> ThemePicture:  # fmt: skip
    """Return what a theme gives, at the moment of a specification; as it is where that names none.

    Parameters
    ----------
    session : Session
    picture : ThemePicture
        Of :func:`data_for`.
    moment, lang : str
    state : ProjectState
        Of the picture. Where a style of it speaks of present values itself, it alone decides the colours of its layer,
        and explains them; only the moment is to be said.
    """
    if not moment:
        return picture
    from viewers.render.symbology.moment_colours import pictured_at
    from viewers.texts.moment_texts import moment_phrase

    zone = zone_of(session)
    moment_us = us_of_iso(moment, zone)
    found = pictured_at(picture, state_of_moment(session, moment_us), lang, zone)
    asking = [layer.id for layer in state.layers if asks_now(layer)]
    if not asking:
        return found
    own = {layer_id: picture.colours[layer_id] for layer_id in asking if layer_id in picture.colours}
    said, legend = moment_phrase(moment_us, lang, zone), picture.legend
    if legend is not None:
        legend = replace(legend, note=f"{legend.note}\n{said}" if legend.note else said)
    return replace(found, colours={**found.colours, **own}, legend=legend)


class _Basis:
    """What moments are worked out from: readings and where they belong, as they were when it was made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._at_hand = readings_at_hand(session)
        self._places: Places | None = None
        self._courses: AlarmCourses | None = None

    def state(self, moment_us: int) -> CityState:
        """Return the city at a moment."""
        if self._courses is None:
            self._courses = alarm_courses(self._session)
        at_hand, alarms = self._at_hand, self._courses.on(moment_us)
        if at_hand is None:
            return city_state(MemoryReadings((), nothing()), Places(()), moment_us, alarms)
        if self._places is None:
            channels = at_hand.access.channels()
            self._places = Places(channels, at_hand.devices, at_hand.facilities, watched=at_hand.watched)
        return city_state(at_hand.access, self._places, moment_us, alarms)


class Moments:
    """Keeps ``session.shown`` true to the clock of a session.

    Parameters
    ----------
    session : Session
    ahead : callable
        From a moment to those that will be asked for next, none while time stands still.
    """

    def __init__(self, session: Session, ahead: Callable[[int], Sequence[int]] = lambda _: ()) -> None:
        self._session, self._ahead = session, ahead
        self._basis: _Basis | None = None
        self._kept: OrderedDict[int, CityState] = OrderedDict()
        self._job: Job | None = None
        self._stops = (watch(session.clock.changed, self._follow), watch(session.project.data_changed, self._forget))

    def close(self) -> None:
        """Stop following."""
        for stop in self._stops:
            stop()
        if self._job is not None:
            self._job.cancel()

    def renew(self) -> None:
        """Work out anew what is shown: readings or alarms came in."""
        self._basis = None
        self._kept.clear()
        self._follow()

    def _forget(self, *_: object) -> None:
        self._basis = None
        self._kept.clear()

    def _follow(self) -> None:
        moment_us = self._session.clock.moment_us
        if moment_us is None:
            self._session.shown.show(None)
            return
        held = self._kept.get(moment_us)
        if held is not None:
            self._session.shown.show(held)
        if self._job is None:
            wanted = [one for one in (moment_us, *self._ahead(moment_us)[:AHEAD]) if one not in self._kept]
            if wanted:
                self._work_out(wanted)

    def _work_out(self, wanted: list[int]) -> None:
        session = self._session
        basis = self._basis = self._basis or _Basis(session)

        def work(progress: Progress) -> list[CityState]:
            found = []
            for moment_us in wanted:
                progress.step()
                found.append(basis.state(moment_us))
            return found

        def done(found: list[CityState]) -> None:
            self._job = None
            if self._basis is basis:
                for state in found:
                    self._kept[state.moment_us] = state
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
                self._show_nearest(found)
            self._follow_on()

        def failed(error: BaseException) -> None:
            self._job = None
            if not session.jobs.closed:
                session.fail(error)

        job = session.jobs.run("job.moment", work, done, failed=failed)
        self._job = None if job.is_over else job

    def _show_nearest(self, found: list[CityState]) -> None:
        """Show the moment of the clock; while a hand drags on, the one that it was at."""
        moment_us = self._session.clock.moment_us
        if moment_us is not None and found:
            self._session.shown.show(self._kept.get(moment_us, found[0]))

    def _follow_on(self) -> None:
        moment_us = self._session.clock.moment_us
        if moment_us is not None and moment_us not in self._kept:
            self._follow()
