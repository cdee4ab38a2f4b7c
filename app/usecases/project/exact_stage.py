"""The exact stage of a building model that was opened as a preview: finished in the background, or dropped."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import notice_of_caution
from models.core.errors import Cancelled
from models.core.progress import Progress
from models.core.watch import watch
from models.layers.layer import Layer, ModelData, uncut_in

if TYPE_CHECKING:
    from app.background.ingest import ExactStage
    from app.session import Session

#: Jobs that bring the first picture of a file in.
READING = frozenset({"job.open_file", "job.load_source"})


class Coming:
    """The exact stage of what a job opened as a preview, which somebody must finish or drop."""

    def __init__(self) -> None:
        self.rest: ExactStage | None = None

    def give_way(self, session: Session) -> None:
        """End the child where others are to be read or refined first; ends are waited for, hence on a worker thread."""
        active = [job.title for job in list(session.jobs.active)]
        if self.rest is not None and (sum(title in READING for title in active) > 1 or "job.refine" in active):
            self.rest.end_children()

    def take(self) -> ExactStage | None:
        """Hand it on, once."""
        rest, self.rest = self.rest, None
        return rest

    def drop(self) -> None:
        """Give it up, if nobody took it."""
        if rest := self.take():
            rest.drop()

    def watched(self, job: Job) -> Job:
        """Return the job; however it ends, nothing stays behind."""
        if job.is_over:
            self.drop()
        else:
            watch(job.ended, lambda _: self.drop())
        return job


def refine(session: Session, layer: Layer, coming: Coming) -> None:
    """Compute the exact geometry of a layer that shows its preview, and put it in the preview's place.

    Where the preview shows some elements uncut, one with their cuts comes in between.
    """
    rest = coming.take()
    if rest is None:
        return

    def work(progress: Progress) -> list[Any]:
        while any(job.title in READING for job in list(session.jobs.active)):  # every first picture before any finer
            progress.step(0.0, "progress.io.waiting")
            time.sleep(0.1)
        return rest.finish(progress, lambda opened: session.jobs.post(lambda: show_cut(opened[0].data)))

    def show_cut(better: Any) -> None:
        shown = session.project.data.get(layer.id)
        if isinstance(shown, ModelData) and uncut_in(shown):
            session.project.put_data(layer.id, replace(better, placement=shown.placement, crs=shown.crs))

    def done(opened: list[Any]) -> None:
        shown = session.project.data.get(layer.id)
        if not any(old.id == layer.id for old in session.project.state.layers) or not isinstance(shown, ModelData):
            session.notices.info("notice.result_dropped", name=layer.title(session.lang))
            return
        exact = opened[0].data
        for caution in exact.cautions:
            if caution not in shown.cautions:
                session.notices.add(notice_of_caution(caution))
        # Where it stands is where it stood: the preview's bounds may have placed it, or a person since.
        session.project.put_data(layer.id, replace(exact, placement=shown.placement, crs=shown.crs))
        session.notices.info("notice.refined", layer=layer.title(session.lang))

    def failed(error: BaseException) -> None:
        rest.drop()
        if not isinstance(error, Cancelled):
            session.fail(error)

    session.jobs.run("job.refine", work, done, failed=failed, background=True, file=Path(layer.source.path).name)
