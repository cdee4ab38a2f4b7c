"""The session: everything one run holds, handed around and never global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from app.background.feeds import Feeds
from app.background.jobs import Job, Jobs
from app.background.workers import Workers
from app.key_store import KeyStore
from app.notices import Notices, notice_of
from app.project_memory import ProjectMemory
from app.settings import Settings, cache_folder
from app.trusted import Trusted
from app.usecases.alarms.held import HeldAlarms
from app.usecases.readings.held import HeldStore
from models.cases.command.tracks import Tracks
from models.facilities.live_status import LiveStatus
from models.project.current_layer import CurrentLayer
from models.project.history import History
from models.project.project import Project
from models.project.reaches import Reach
from models.project.selection import ObjectKey, Selection
from models.timeline.clock import Clock
from models.timeline.runs import Runs
from models.timeline.shown import Shown
from models.views.camera import Vector
from models.views.visibility import Visibility
from resources.words import LANGUAGES, system_language, word

if TYPE_CHECKING:
    from models.cases.command.by_road import Roads
    from models.delivery.opened import OpenedPackage
    from models.facilities.quality.kept import Gate
    from models.health.results import IndicatorResult, Stamp
    from models.health.units.fitness import Fitness
    from models.project.business_keys import BusinessKeys
    from models.scenes.active import ActiveScene
    from models.store.cache import GeometryCache
    from models.store.project_lock import ProjectLock


class Session:
    """Project, selection, current layer, history, visibility, jobs, notices and settings of one run.

    Signals
    -------
    lang_changed : (str)
    results_changed : () indicators were computed; ask ``app.usecases.health.health.latest``
    withheld_changed : () other things outside the project's folder are left alone than before
    package_changed : () another review package is open, or none

    Parameters
    ----------
    settings : Settings
    jobs : Jobs
        ``Jobs(inline=True)`` for the command line and tests.
    lang : str
        Overrides the settings' language.
    cache_root : Path, optional
        Where the geometry cache lies.
    trusted : Trusted, optional
        What earlier runs were allowed to reach; without it, only what this one is.
    keys : KeyStore, optional
        Keys and logins by host; without it, those of this session.
    """

    lang_changed = Signal(str)
    results_changed = Signal()
    withheld_changed = Signal()
    package_changed = Signal()

    def __init__(
        self, settings: Settings, jobs: Jobs, *, lang: str = "", cache_root: Path | None = None,
        trusted: Trusted | None = None, keys: KeyStore | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.trusted = trusted or Trusted(None)
        self.keys = keys or KeyStore()
        #: How projects looked when they were left.
        self.memory = ProjectMemory(None if settings.path is None else settings.path.parent / "projects")
        #: What the open project would reach and may not; see :mod:`app.usecases.project.trust`.
        self.withheld: frozenset[Reach] = frozenset()
        #: The folder in which the run was started, where file dialogs begin.
        self.started_in = Path.cwd()
        #: Whether every project may go where it wants, as ``--trust`` says.
        self.trusts_all = False
        self.jobs = jobs
        self.workers = Workers()
        self.notices = Notices()
        self.project = Project()
        self.selection = Selection()
        self.current_layer = CurrentLayer(self.project)
        self.history = History(self.project)
        self.visibility = Visibility()
        #: What is reported of facilities now; no part of the project.
        self.live = LiveStatus()
        #: Live sources that are received; see :mod:`app.usecases.readings.feeds`.
        self.feeds = Feeds(self._post)
        self.project.path_changed.connect(self.feeds.stop)
        #: The open store of readings beside the project; see :mod:`app.usecases.readings.readings`.
        self.readings = HeldStore()
        self.project.path_changed.connect(self.readings.close)
        #: The log of alarms, what judges live, the last replay; see :mod:`app.usecases.alarms.alarms`.
        self.alarms = HeldAlarms()
        self.project.path_changed.connect(self.alarms.close)
        #: The moment that everything shows; live until somebody goes to another.
        self.clock = Clock()
        #: The city at that moment; see :mod:`app.usecases.timeline.moment`.
        self.shown = Shown()
        #: Runs of hydraulic models that stand on the time line.
        self.runs = Runs()
        #: Where terminals of crews and vehicles were; no part of the project.
        self.tracks = Tracks()
        self.project.path_changed.connect(self.tracks.clear)
        #: The roads as a graph, with what it was made of; see :mod:`app.usecases.cases.command`.
        self.roads: tuple[object, Roads] | None = None
        #: The scene preset that is on, and what leaving it brings back; see :mod:`app.usecases.scenes.scenes`.
        self.scene: ActiveScene | None = None
        #: Photos outside the project's folder that the person asked to see, absolute.
        self.shown_photos: set[str] = set()
        #: What the quality gate found last; no part of the project.
        self.gate: Gate | None = None
        #: What results would read now, by indicator and edition, with the state of the project that this holds for.
        self.stamps: dict[tuple[str, str], tuple[object, Stamp | None]] = {}
        #: What entered values come to, with what that was made of; see :func:`app.usecases.health.health.all_kept`.
        self.entered: tuple[object, dict[str, IndicatorResult]] | None = None
        #: The rate of rectification, with what it was made of; see :mod:`app.usecases.health.rectified`.
        self.rectified: tuple[object, object, IndicatorResult | None] | None = None
        #: Which units may be judged alone, as it was worked out last (by the window, off its thread).
        self.fitness: Mapping[ObjectKey, Fitness] = {}
        #: Business keys of what the project names in linked files that are not read yet, by layer.
        self.linked_keys: dict[str, BusinessKeys] = {}
        #: Graphs of pipe networks by layer, each with what it was made of; see :mod:`app.usecases.network.graph`.
        self.networks: dict[str, tuple[object, object]] = {}
        #: Held on the project that is open, so that others see it; None on the command line.
        self.lock: ProjectLock | None = None
        #: The review package that is open, None for a project of one's own.
        self.package: OpenedPackage | None = None
        #: The object that was clicked last, and where (project CRS).
        self.picked: tuple[ObjectKey, Vector] | None = None
        self.cache_root = cache_root or cache_folder(settings)
        wanted = lang or settings.get("lang") or system_language()
        self._lang = wanted if wanted in LANGUAGES else "zh"

    @property
    def lang(self) -> str:
        """Return the language of this run, ``"zh"`` or ``"en"``."""
        return self._lang

    def set_lang(self, lang: str) -> None:
        """Speak another language from now on, and keep that; empty for the system's."""
        self.settings.set("lang", lang)
        wanted = lang or system_language()
        if wanted != self._lang and wanted in LANGUAGES:
            self._lang = wanted
            self.lang_changed.emit(wanted)

    def word(self, key: str, **fields: object) -> str:
        """Return a word in this run's language."""
        return word(key, self._lang, **fields)

    def cache(self) -> GeometryCache:
        """Return the geometry cache of this run."""
        from models.store.cache import GeometryCache

        return GeometryCache(self.cache_root, int(self.settings.get("cache_gb")) * 1024**3)

    def _post(self, call: Callable[[], None]) -> None:
        self.jobs.post(call)  # the window sets it after the session is made

    def run(
        self,
        title: str,
        work: Callable[..., Any],
        done: Callable[[Any], object] | None = None,
        *,
        reading: bool = False,
        **facts: object,
    ) -> Job:
        """Run a job whose bad ending becomes a notice; inline (CLI, tests) it is raised to the caller instead."""
        failed = None if self.jobs.inline else self.fail
        return self.jobs.run(title, work, done, failed=failed, background=False, reading=reading, **facts)

    def fail(self, error: BaseException) -> None:
        """Turn any bad ending into a notice."""
        self.notices.add(notice_of(error))

    def close(self) -> None:
        """End all jobs and child processes, and let go of the project."""
        self.jobs.close()
        self.workers.close()
        self.feeds.stop()
        self.readings.close()
        self.alarms.close()
        if self.lock is not None:
            self.lock.let_go()
            self.lock = None
