"""What a session holds of alarms: the log beside its project, the engine that judges live, the last replay."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from models.readings.folder import folder_beside

if TYPE_CHECKING:
    from models.alarms.alarm import Alarms
    from models.store.readings.alarm_log import AlarmLog


class HeldAlarms:
    """Alarms of one session; let go of with its project.

    Signals
    -------
    changed : () alarms were raised, cleared, acknowledged, silenced or replayed; from any thread
    """

    changed = Signal()

    def __init__(self) -> None:
        self.lock = threading.RLock()
        #: What judges live, None while nothing is received; see :mod:`app.usecases.alarms.live`.
        self.judging: object | None = None
        #: What all rules raised in the span that was replayed last, with the rules.
        self.replayed: tuple[object, Alarms] | None = None
        #: Whether what sources bring is judged.
        self.watches = False
        self._log: AlarmLog | None = None

    @property
    def open_log(self) -> AlarmLog | None:
        """Return the log that is open, None where none is."""
        return self._log

    def log(self, project: Path | None, *, make: bool) -> AlarmLog | None:
        """Return the log of a project, None where it has none; ``make`` makes one.

        Raises
        ------
        UserError
            ``alarms.log``.
        """
        from models.store.readings.alarm_log import FILE, AlarmLog

        if project is None:
            return None
        path = folder_beside(project) / FILE
        with self.lock:
            if self._log is not None and self._log.path != path:
                self._log.close()
                self._log = None
            if self._log is None and (make or path.exists()):
                self._log = AlarmLog(path)
            return self._log

    def close(self) -> None:
        """Let go of everything."""
        with self.lock:
            log, self._log, self.judging, self.replayed = self._log, None, None, None
            if log is not None:
                log.close()
