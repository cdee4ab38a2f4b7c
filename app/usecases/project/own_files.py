"""Say what of the person's own files (settings, trusted projects) could not be used, and where the copies lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.notices import notice_of_caution
from app.settings import home
from models.core.errors import Caution

if TYPE_CHECKING:
    from app.session import Session


def tell(session: Session) -> None:
    """Say it once at the start of a run."""
    settings, trusted = session.settings, session.trusted
    if settings.odd:
        keys = ", ".join(settings.odd)
        code = "settings.unreadable" if settings.odd == ("*",) else "settings.odd"
        session.notices.add(notice_of_caution(Caution(code, keys=keys, copy=str(settings.put_aside or "—"))))
    if not settings.can_be_kept():
        session.notices.add(notice_of_caution(Caution("settings.not_kept", folder=str(home()))))
    if trusted.put_aside is not None:
        session.notices.add(notice_of_caution(Caution("trusted.damaged", copy=str(trusted.put_aside))))
