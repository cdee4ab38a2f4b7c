"""Indicators of a city that is too large for one process: over tiles, by processes here or machines elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.progress import Progress

if TYPE_CHECKING:
    from models.health.editions import IndicatorDef
    from models.health.engine.choice import Choice
    from models.health.engine.scheduler import Certificates
    from models.health.partition import Measured, Method, Partition


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one indicator.

    Parameters
    ----------
    code : str
    choice : Choice
        How it was worked out, and why so.
    units, tiles, kept, missing : int
        Units that it was measured over; tiles, those that were finished before, and those that were never finished.
    """

    code: str
    choice: Choice
    units: int
    tiles: int = 0
    kept: int = 0
    missing: int = 0

    def facts(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "indicator": self.code, "units": self.units, "cluster": self.choice.cluster, "reason": self.choice.reason,
            "one_process_s": round(self.choice.one_process_s, 1), "cluster_s": round(self.choice.cluster_s, 1),
            "memory_mb": round(self.choice.memory_bytes / 1e6), "tiles": self.tiles, "kept": self.kept,
            "missing": self.missing,
        }  # fmt: skip


@dataclass
class OverTiles:
    """Measures an indicator over tiles where that pays, else as one process does.

    Parameters
    ----------
    scheduler : str
        As :func:`models.health.engine.scheduler.checked` takes it.
    folder : Path
        Takes the tiles and what they come to; machines elsewhere must see it under the same path.
    crs : str
        Of the project.
    workers : int
        Processes of a local cluster; 0 for as many as there are processors.
    always : bool
        Take the cluster also where it does not pay.
    certificates : Certificates, optional
    progress : Progress, optional
    told : list of Told
        What became of each.
    """

    scheduler: str
    folder: Path
    crs: str
    workers: int = 0
    always: bool = False
    certificates: Certificates | None = None
    progress: Progress = field(default_factory=Progress)
    told: list[Told] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _client: Any = None

    def __call__(self, method: Method, partition: Partition, definition: IndicatorDef) -> Measured:
        """Return the sums of a partition."""
        from dataclasses import replace

        from models.health.engine import run, tiles

        choice = self._choice(method, partition, definition)
        split = method.split
        if not choice.cluster or split is None:
            self.told.append(Told(definition.code, choice, len(partition.shapes)))
            return method.measure(partition, definition)
        place = self.folder / f"{definition.code}-{len(partition.shapes)}"
        cut = tiles.cut(partition, split, definition, self.crs, place, self.progress)
        done = run.run(cut, definition, self._doer, self.progress)
        if done.missing:
            choice = replace(choice, reason="incomplete")
        self.told.append(
            Told(definition.code, choice, len(partition.shapes), len(cut.tiles), done.kept, len(done.missing))
        )
        return run.measured(cut, done, split, partition.shapes)

    def _choice(self, method: Method, partition: Partition, definition: IndicatorDef) -> Choice:
        from models.health.engine.choice import Choice, choose
        from models.health.engine.scheduler import workers_here

        if method.split is None:
            return Choice(False, "not_splittable")
        if method.split.hinders(partition, definition):
            return Choice(False, "hindered")
        choice = choose(sum(map(len, partition.frames.values())), self.workers or workers_here())
        if self.always and not choice.cluster:
            return Choice(True, "asked", choice.one_process_s, choice.cluster_s, choice.memory_bytes)
        return choice

    def _doer(self, work: Any, tasks: Any, progress: Progress) -> Iterator[tuple[int, Any]]:
        from models.health.engine import scheduler

        if not tasks:
            return iter(())
        if self._client is None:
            self._client = self._open.enter_context(
                scheduler.client_of(self.scheduler, self.certificates, self.workers, self.folder)
            )
        return scheduler.done_by(self._client, work, tasks, progress)

    def close(self) -> None:
        """End the cluster that was started."""
        self._open.close()


@contextmanager
def over_tiles(
    scheduler: str,
    crs: str,
    folder: Path | None = None,
    workers: int = 0,
    *,
    always: bool = False,
    certificates: Certificates | None = None,
) -> Iterator[OverTiles]:
    """Give what measures over tiles; a cluster that it starts ends with it, and tiles nobody asked to keep are removed.

    Raises
    ------
    UserError
        As :func:`models.health.engine.scheduler.checked`.
    """
    from models.health.engine.scheduler import checked

    checked(scheduler, certificates)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chengjing-tiles-")))
        measuring = OverTiles(scheduler, place.resolve(), crs, workers, always, certificates)
        stack.callback(measuring.close)
        yield measuring
