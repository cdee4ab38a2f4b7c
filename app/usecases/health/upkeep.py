"""Keeping results true: after a change, what became old is found and computed again, without being asked.

Invariants
----------
1. A result keeps its value until a newer one takes its place; a computation that fails or is cancelled leaves it and
   its mark of being old.
2. An indicator is computed again once a change: for the same stamp it is not tried twice; nothing goes in circles.
3. What is computed again is no step of its own (:meth:`models.project.history.History.amend`): undo takes back what a
   person did. A project that was saved stays saved where no figure is another than before.
4. While files are still read, nothing is judged: what is not here yet has not changed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.health import health
from app.usecases.project.exact_stage import READING
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult, Stamp

log = logging.getLogger("chengjing")

#: While one of these runs, nothing is judged: they bring data, or the very results.
WAITED_FOR = READING | {"job.open_project", "job.compute_indicators"}

Stamps = dict[tuple[str, str], "Stamp | None"]


class Upkeep:
    """Keeps the results of one session true.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._job: Job | None = None
        #: Stamp for which an indicator was computed again last, whatever came of it.
        self._tried: dict[str, Stamp | None] = {}
        #: What is being computed again now.
        self._under_way: frozenset[str] = frozenset()

    @property
    def under_way(self) -> frozenset[str]:
        """Return the indicators that are being computed again now."""
        return self._under_way

    def look(self) -> None:
        """Look which results are old, and compute those again; what is under way for an earlier state is given up."""
        session = self._session
        if any(job.title in WAITED_FOR for job in session.jobs.active):
            return  # its end asks again
        if self._job is not None and not self._job.is_over:
            self._give_up()
            self._job.cancel()
        if not session.project.state.results or session.package is not None:  # figures of a package stay as they came
            return
        state, data = session.project.state, dict(session.project.data)
        fingerprints, basis = session.project.fingerprints, health.stamp_basis(session)
        if all(held is not None and held[0] == basis for held in self._held()):
            self._compute_old()
            return

        def work(progress: Progress) -> Stamps:
            from models.health.compute import stamp_now

            found: Stamps = {}
            for result in state.results:
                progress.step()
                found[result.code, result.edition] = stamp_now(result.code, result.edition, state, data, fingerprints)
            return found

        def done(found: Stamps) -> None:
            if basis != health.stamp_basis(session):  # another look is on its way
                return
            before = health.old_codes(session) if not session.jobs.inline else None
            session.stamps.update({asked: (basis, stamp) for asked, stamp in found.items()})
            if before != health.old_codes(session):
                session.results_changed.emit()
            self._compute_old()

        self._job = session.jobs.run("job.check_indicators", work, done, failed=self._failed)

    def forget(self) -> None:
        """Try everything again, as another project opens."""
        self._tried.clear()

    def _held(self) -> list[tuple[object, Stamp | None] | None]:
        session = self._session
        return [session.stamps.get((result.code, result.edition)) for result in session.project.state.results]

    def _wanted(self) -> dict[str, Stamp | None]:
        """Return what is to be computed again, and the stamp that it will have."""
        session, absent = self._session, health.absent_layers(self._session)
        wanted: dict[str, Stamp | None] = {}
        for result in session.project.state.results:
            held = session.stamps.get((result.code, result.edition))
            if held is None or held[1] is None or any(read.layer_id in absent for read in result.stamp.layers):
                continue  # without a layer that it read, the figure would be another one
            is_due = health.is_old(session, result) or result.lacks_measures
            if is_due and self._tried.get(result.code, result) != held[1]:
                wanted[result.code] = held[1]
        return wanted

    def _compute_old(self) -> None:
        session, wanted = self._session, self._wanted()
        if not wanted:
            return
        self._tried |= wanted
        self._under_way = frozenset(wanted)
        state, data, fingerprints = session.project.state, dict(session.project.data), session.project.fingerprints
        basis = health.stamp_basis(session)
        editions = {result.code: result.edition for result in state.results}

        def work(progress: Progress) -> list[IndicatorResult]:
            from models.health.compute import compute

            made, share = [], 1 / len(wanted)
            for at, code in enumerate(wanted):
                part = progress.part(at * share, (at + 1) * share)
                try:
                    made.append(compute(code, state, data, part, fingerprints, editions[code]))
                except UserError as error:  # it stays old; the others are computed all the same
                    log.info("%s not computed again: %s", code, error)
            return made

        def done(made: list[IndicatorResult]) -> None:
            if basis != health.stamp_basis(session):  # another look is on its way
                self._give_up()
            else:
                self._under_way = frozenset()
                self._take(made)

        job = session.jobs.run("job.update_indicators", work, done, failed=self._failed, count=len(wanted))
        if not job.is_over:
            self._job = job
            session.results_changed.emit()

    def _take(self, made: list[IndicatorResult]) -> None:
        session = self._session
        before = health.all_computed(session)
        others = [result.code for result in made if not _same_figures(before.get(result.code), result)]
        was_saved = session.project.is_saved
        session.history.amend(lambda state: health.with_results(state, made), as_saved=not others)
        session.results_changed.emit()
        if others and was_saved:
            session.notices.info("notice.indicators_updated", count=len(others))

    def _give_up(self) -> None:
        """Let what is under way be tried anew: not its failure, but a change ended it."""
        for code in self._under_way:
            self._tried.pop(code, None)
        self._under_way = frozenset()

    def _failed(self, error: BaseException) -> None:
        self._under_way = frozenset()
        self._session.results_changed.emit()
        if not isinstance(error, Cancelled):
            self._session.fail(error)


def _same_figures(before: IndicatorResult | None, after: IndicatorResult) -> bool:
    """Whether a reader sees the same values, for the city and for every unit."""
    if before is None:
        return False
    return (*before.units, before.city) == (*after.units, after.city)
