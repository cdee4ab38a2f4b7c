"""Write the slides of the meeting: the stops of the agenda, or without them the indicators that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.report.basis import report_basis
from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.review.agenda import Stop

PPTX = ".pptx"
#: Pixels of a picture of a stop.
SIZE_PX = (1600, 900)
QUALITY = 88


def write_deck(
    session: Session, path: Path, lang: str = "", *, with_pictures: bool = True, date: str = "",
    numbers: Sequence[int] = (),
) -> Job:  # fmt: skip
    """Write the slides of what the project holds now; the project stays as it is.

    Parameters
    ----------
    session : Session
    path : Path
    lang : str
        Empty for the session's.
    with_pictures : bool
        Whether the city is drawn.
    date : str
        ISO date on the first slide; today where it is empty.
    numbers : sequence of int
        Only these stops, from 1; all where it is empty.

    Raises
    ------
    UserError
        ``report.bad_suffix``; ``deck.nothing`` where there are neither stops nor results; ``deck.no_stop``.
    """
    from app.usecases.health.health import all_kept

    stops = session.project.state.review.stops
    if path.suffix.lower() != PPTX:
        raise UserError("report.bad_suffix", file=path.name, suffix=PPTX)
    if not stops and not all_kept(session):
        raise UserError("deck.nothing")
    for number in numbers:
        if not 1 <= number <= len(stops):
            raise UserError("deck.no_stop", number=number, count=len(stops))
    chosen = tuple(stops[number - 1] for number in numbers) or stops
    basis = report_basis(session, lang, date=date)

    def work(progress: Progress) -> list[Path]:
        from app.usecases.report.maps import maps_of
        from viewers.documents.report import deck, deck_file

        drawn, pictures, share = basis, {}, progress.part(0.0, 0.9)
        if with_pictures and chosen:
            pictures = pictures_of(session, chosen, basis.lang, share)
        elif with_pictures:
            codes = [one.definition.code for one in deck.failing(basis)]
            drawn = replace(basis, pictures=maps_of(session, codes, basis.lang, share))
        progress.step(0.9, "progress.writing")
        deck_file.write_deck(path, deck.deck_of(drawn, chosen, pictures))
        return [path]

    def tell(files: list[Path]) -> None:
        session.notices.info("notice.written", file=files[0].name)

    return session.run("job.deck", work, tell, file=path.name)


def pictures_of(session: Session, stops: Sequence[Stop], lang: str, progress: Progress) -> dict[str, bytes]:
    """Return a JPEG of each stop; the small one that it keeps where its view can no longer be drawn.

    For the thread that owns VTK.
    """
    from app.usecases.views.pictures import Pictures
    from viewers.documents.report.charts import encoded

    found = {}
    with Pictures(session, lang) as pictures:
        for at, stop in enumerate(stops):
            progress.step(at / len(stops), "progress.deck.pictures")
            spec = replace(stop.view, width_px=SIZE_PX[0], height_px=SIZE_PX[1], lang=lang)
            try:
                found[stop.id] = encoded(pictures.composed(spec), b"JPG", QUALITY)
            except UserError:
                found[stop.id] = stop.thumbnail
    return found
