"""Write profiles and cross-sections as drawings or tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.network.profile.cross_section import CrossSection
from models.network.profile.longitudinal import LongProfile

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress


def write_drawing(
    session: Session, drawn: LongProfile | CrossSection, range_: str, synthetic: bool, out: Path, *, size: str,
    scale: int, vertical: int,
) -> Job:  # fmt: skip
    """Write a profile or a section by the suffix of ``out``: ``.xlsx`` its tables, else a drawing (PDF, PNG)."""
    out, lang = Path(out).resolve(), session.lang
    block = _title_block(session, range_, synthetic)

    def work(progress: Progress) -> None:
        progress.step(0.1, "progress.writing")
        if out.suffix.lower() == ".xlsx":
            from viewers.documents.profile_tables import write_profile, write_section

            if isinstance(drawn, LongProfile):
                write_profile(out, drawn, block.range, lang, synthetic=synthetic)
            else:
                write_section(out, drawn, block.range, lang, synthetic=synthetic)
        else:
            from viewers.sheets.network.pages import write

            write(out, drawn, block, lang, size=size, scale=scale, vertical=vertical)

    return session.run(
        "job.export_profile", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def _title_block(session: Session, range_: str, synthetic: bool) -> Any:
    """Return what stands in the corner of a drawing of this project."""
    from viewers.sheets.content import crs_text
    from viewers.sheets.network.pages import TitleBlock

    state = session.project.state
    name = state.name_en if session.lang == "en" and state.name_en else state.name
    datum = crs_text(state, session.lang)
    if state.frame is not None and state.frame.vertical == "EPSG:5737":
        datum = f"{datum} · {session.word('profile.height_1985')}"
    path = session.project.path
    return TitleBlock(name or (path.stem if path is not None else "—"), range_, datum, synthetic)
