"""Reading an IFC model in two stages, with children that may hang or die: the parent's side.

Invariants
----------
1. The first picture comes from the fast kernel and is a cache entry like any other; where what is cut takes long, a
   second one follows; the exact one replaces both.
2. A batch whose child dies or falls silent is done again one element at a time; an element that breaks the fast kernel
   gets one retry with the safe one, an element that breaks that, or takes too long, is given up. All are named.
3. What a batch gave is on disk before the next one starts, so that a death costs one batch.
4. Every run ends: each element has a limit, opening has a limit, and the whole exact stage has a budget.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.background.workers import Child, Workers, told_error
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common.file_head import refusal
from models.io.request import ReadRequest

log = logging.getLogger(__name__)

SAFE_KERNEL = "opencascade"
#: Options of an IFC source, in seconds: the limit of one element, and of all elements together.
ELEMENT_S, BUDGET_S = 20.0, 900.0
_OPENING_S, _OPENING_S_PER_MB = 60.0, 5.0
_SINGLES = 12
#: A second child pays once the first has worked this long and much is left.
_ALONE_S = 3.0
_POLL_S = 0.05


@dataclass(slots=True)
class Folders:
    """Where a run writes.

    Parameters
    ----------
    preview, cut, exact : Path or None
        Empty folders for the first picture, the one that has what is cut, and the exact entry; None for one that is
        not wanted, or where the cache cannot be written. Without ``preview`` nothing is shown before ``cut`` is there.
    work : Path
        For what batches gave; removed at the end.
    """

    preview: Path | None
    cut: Path | None
    exact: Path | None
    work: Path


@dataclass(slots=True)
class _ChildTask:
    """A child and what it is doing."""

    child: Child
    ready: bool = False
    batch: dict[str, Any] | None = None
    out: str = ""
    at: int | None = None
    begun_at: float = field(default_factory=time.monotonic)


class StagedReading:
    """One IFC model read in two stages, by children that may die.

    Parameters
    ----------
    path : Path
    request : ReadRequest
        ``options``: ``kernel``, ``element_s``, ``budget_s``.
    folders : Folders
    workers : Workers
    is_shown : bool
        There is a picture from before.
    """

    def __init__(
        self, path: Path, request: ReadRequest, folders: Folders, workers: Workers, *, is_shown: bool = False
    ) -> None:
        self.path, self.request, self.folders, self.workers = path, request, folders, workers
        self.cautions: list[dict[str, Any]] = []
        self.retried = False
        self._element_s = _seconds(request, "element_s", ELEMENT_S)
        self._budget_s = _seconds(request, "budget_s", BUDGET_S)
        try:
            size = path.stat().st_size
        except OSError as error:  # it was there a moment ago
            raise refusal(path, error) from error
        self._opening_s = _OPENING_S + _OPENING_S_PER_MB * size / 1e6
        #: Whether there is a picture, and whether one that has what is cut is still to come.
        self.is_shown, self.cuts_due = is_shown, folders.cut is not None
        self._tasks: list[_ChildTask] = []
        self._waiting: deque[dict[str, Any]] | None = None
        self._chunks: list[str] = []
        self._total = self._done = 0
        self._slow: list[int] = []
        self._broke: list[int] = []
        self._retried_ids: list[int] = []
        self._skipped: list[int] = []

    def preview(self, progress: Progress) -> Path | None:
        """Return the folder of the first picture once it is written; None where the fast kernel shows nothing."""
        while True:
            if not self._tasks:
                self._start(preview=not self.retried)
            answer = self._take_answer(self._tasks[0], progress)
            if answer is not None and "preview" in answer:
                return Path(answer["preview"])
            if self._waiting is not None:
                return None

    def exact(self, progress: Progress, on_cut: Callable[[Path], None] = lambda folder: None) -> Path:
        """Return the folder of the exact entry.

        Parameters
        ----------
        progress : Progress
        on_cut : callable
            Given the folder of the second picture where there is one.

        Raises
        ------
        UserError
            What the reader says of the file; ``io.crashed``, ``io.too_slow``.
        Cancelled
        """
        began = time.monotonic()
        while self._waiting is None or self._waiting or any(task.batch for task in self._tasks):
            if not self._tasks:
                self._start(preview=False)
            if self._waiting and time.monotonic() - began > self._budget_s:
                self._skipped += [key for batch in self._waiting for key in batch["ids"]]
                self._waiting.clear()
            self._assign_batches(began)
            for task in list(self._tasks):
                answer = self._take_answer(task, progress, _POLL_S / len(self._tasks))
                if answer is not None and "preview" in answer:
                    on_cut(Path(answer["preview"]))
        for task in self._tasks[1:]:
            self._end_child(task)
        return self._finish(progress)

    def end_children(self) -> None:
        """End the children but keep what is known; :meth:`exact` starts new ones."""
        for task in list(self._tasks):
            self._end_child(task)

    def end(self) -> None:
        """End the children and remove what they left half done."""
        for number, task in enumerate(self._tasks):
            self.workers.release(task.child) if number == 0 else task.child.end()
        self._tasks.clear()
        # A chunk lies elsewhere where the cache could not take it.
        for left in (self.folders.work, *map(Path, self._chunks)):
            shutil.rmtree(left, ignore_errors=True)

    # --- children -----------------------------------------------------------------------------------------------------

    def _start(self, *, preview: bool) -> None:
        child = self.workers.take()
        wanted = [self.folders.preview] if preview else []
        wanted += [self.folders.cut] if self.cuts_due and self._waiting is None else []
        child.send(
            job="ifc", path=str(self.path), request=self.request.as_dict(), limit_s=self._element_s,
            previews=[str(folder) for folder in wanted if folder is not None], plan=self._waiting is None,
        )  # fmt: skip
        self._tasks.append(_ChildTask(child))

    def _end_child(self, task: _ChildTask) -> None:
        task.child.end()
        self._tasks.remove(task)
        if task.batch is not None and self._waiting is not None:
            self._waiting.append(task.batch)

    def _assign_batches(self, began: float) -> None:
        """Give each idle child a batch, and call a second child where there is work for two."""
        for task in self._tasks:
            if task.ready and task.batch is None and self._waiting:
                task.batch = self._waiting.popleft()
                task.out, task.at = str(self.folders.work / f"{len(self._chunks)}-{time.monotonic_ns()}"), None
                task.child.send(batch=task.batch, out=task.out)
        if (
            len(self._tasks) == 1
            and self._tasks[0].batch is not None
            and self._waiting
            and time.monotonic() - began > _ALONE_S
        ):
            self._start(preview=False)

    def _take_answer(self, task: _ChildTask, progress: Progress, timeout_s: float = _POLL_S) -> dict[str, Any] | None:
        """Take one answer of a child and act on it, or on its silence."""
        answer = task.child.answer(timeout_s)
        if answer is None:
            progress.step()
            limit_s = self._element_s if task.batch is not None else self._opening_s
            busy = task.batch is not None or not task.ready
            if busy and task.child.silent_s() > limit_s:
                self._on_child_lost(task, is_slow=True)
            return None
        if "crash" in answer:
            log.warning("a child that read %s died: %s", self.path.name, answer["crash"])
            self._on_child_lost(task, is_slow=False)
        elif "error" in answer:
            raise told_error(answer)
        elif "fault" in answer:
            raise RuntimeError(f"the reader failed:\n{answer['fault']}")
        elif "preview" in answer:
            self.is_shown, self.cuts_due = True, answer["uncut"] > 0
        elif "plan" in answer:
            task.ready = True
            if self._waiting is None:
                self._waiting = deque(answer["plan"])
                self._total = sum(len(batch["ids"]) for batch in self._waiting)
        elif "at" in answer:
            task.at = int(answer["at"])
        elif "chunk" in answer and task.batch is not None:
            self._chunks.append(answer["chunk"])
            self._done += len(task.batch["ids"])
            task.batch = None
        share = self._done / self._total if self._total else 0.0
        progress.step(0.1 + 0.8 * share, str(answer.get("code") or "progress.io.exact" if self._total else ""))
        return answer

    def _on_child_lost(self, task: _ChildTask, *, is_slow: bool) -> None:
        """Requeue or give up the work of a child that died or fell silent."""
        batch, at = task.batch, task.at
        task.batch = None
        self._end_child(task)
        if batch is None:
            was_cutting, self.cuts_due = self.cuts_due and self.is_shown, False
            if was_cutting:  # what cannot be cut for the second picture may be cut exactly
                return
            if is_slow:
                raise UserError("io.too_slow", file=self.path.name, seconds=round(self._opening_s))
            if self._waiting is not None and self._tasks:
                return  # a second child that never came to work; the first goes on
            if self.retried:
                raise UserError("io.crashed", file=self.path.name)
            self.retried = True
            if self._waiting is None:
                self.request = replace(self.request, options={**self.request.options, "kernel": SAFE_KERNEL})
            return
        shutil.rmtree(task.out, ignore_errors=True)
        assert self._waiting is not None  # noqa: S101 - batches come from the plan
        if not batch.get("single"):
            self._requeue(batch["ids"], batch["kernel"])
            return
        culprit: int = at if at is not None and at in batch["ids"] else batch["ids"][0]
        self._requeue([key for key in batch["ids"] if key != culprit], batch["kernel"])
        if is_slow:
            self._slow.append(culprit)
        elif batch["kernel"] == SAFE_KERNEL:
            self._broke.append(culprit)
        else:
            self._retried_ids.append(culprit)
            self._requeue([culprit], SAFE_KERNEL)
            return
        self._done += 1

    def _requeue(self, ids: list[int], kernel: str) -> None:
        assert self._waiting is not None  # noqa: S101
        for start in range(0, len(ids), _SINGLES):
            self._waiting.append({"ids": ids[start : start + _SINGLES], "kernel": kernel, "single": True})

    def _finish(self, progress: Progress) -> Path:
        """Let a child put everything together; one that dies of it is replaced once."""
        given_up = [*self._slow, *self._broke, *self._skipped]
        groups: list[tuple[str, list[int], dict[str, object]]] = [
            ("io.kernel_died", self._retried_ids, {}),
            ("io.elements_broke", self._broke, {}),
            ("io.elements_slow", self._slow, {"seconds": round(self._element_s)}),
            ("io.budget_spent", self._skipped, {"seconds": round(self._budget_s)}),
        ]
        file: dict[str, object] = {"file": self.path.name}
        cautions = [{"code": code, "facts": file | facts, "keys": keys} for code, keys, facts in groups if keys]
        for _ in range(2):
            if not self._tasks:
                self._start(preview=False)
            task = self._tasks[0]
            task.child.send(
                finish=True, chunks=self._chunks, given_up=given_up, cautions=cautions,
                folder=str(self.folders.exact) if self.folders.exact else "",
            )  # fmt: skip
            while task in self._tasks:
                answer = task.child.answer(_POLL_S)
                if answer is None:
                    progress.step()
                    if task.child.silent_s() > self._opening_s:
                        raise UserError("io.too_slow", file=self.path.name, seconds=round(self._opening_s))
                elif "done" in answer:
                    return Path(answer["done"])
                elif "crash" in answer:
                    log.warning("a child that put %s together died: %s", self.path.name, answer["crash"])
                    self._end_child(task)
                elif "error" in answer:
                    raise told_error(answer)
                elif "fault" in answer:
                    raise RuntimeError(f"the reader failed:\n{answer['fault']}")
                elif "fraction" in answer:
                    progress.step(0.9 + 0.1 * max(float(answer["fraction"]), 0.0), str(answer.get("code", "")))
        raise UserError("io.crashed", file=self.path.name)


def _seconds(request: ReadRequest, name: str, default: float) -> float:
    """Return a limit from the options, the default where it is no positive number."""
    try:
        value = float(request.options.get(name, default))
    except ValueError:
        return default
    return value if value > 0 else default


__all__ = ["Folders", "StagedReading"]
