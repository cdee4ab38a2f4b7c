"""Longitudinal profiles and cross-sections in the window, linked with the picture both ways.

Invariants
----------
1. What is shown is what the tables say: after each change of pipes, nodes or ground it is made again from the wish that
   it came from, and keeps the stretch that is looked at. Where that cannot be done, nothing is shown, and why.
2. Only the last wish counts: a job that was overtaken shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from app.notices import notice_of
from app.usecases.network import pipe_view, profiles, sections
from app.usecases.network.pipes_together import stamp_of
from app.usecases.network.profiles import Profiled, Wanted
from app.usecases.network.sections import Sectioned
from app.window.feature import Feature
from app.window.tools.digitizer import Digitizer
from models.core.progress import Progress
from models.project.selection import ObjectKey
from models.views.camera import Vector
from models.views.visibility import GroundTransparency
from viewers.sheets.network import cross_section, longitudinal
from viewers.sheets.network.longitudinal import Marked
from viewers.widgets.canvas.tool_overlay import Drawing, Mark, Stroke
from viewers.widgets.network.profile_panel import ProfilePanel

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]
Made = Profiled | Sectioned

OWNER = "profile"
#: Nodes and pipes of networks.
ROLES = ("pipes", "pipe_nodes")


class Profile(Feature):
    """Connects :class:`viewers.widgets.network.profile_panel.ProfilePanel` to the session."""

    name = "profile"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = panel = ProfilePanel(self.appearance)
        self._dock = context.docks.add("profile", panel)
        self.made: Made | None = None
        self._make: Callable[[], Made] | None = None
        self._job: Job | None = None
        #: What the last attempt was made of, good or bad, so that a failure is not tried again and again; its number.
        self._tried: tuple[object, ...] = ()
        self._attempt = 0
        self._what = ""
        self._digitizer = Digitizer(context, OWNER, self._on_drawn, self._put_away, self._say)
        self._along_m = math.nan
        panel.path_requested.connect(self.guard(self.pick_path))
        panel.section_requested.connect(self.guard(self.pick_section))
        panel.export_requested.connect(self.guard(self.export))
        panel.view.pointed.connect(self.guard(self._point_out))
        panel.view.chosen.connect(self.guard(self._choose))
        self._dock.visibilityChanged.connect(self.guard(self._on_visibility_changed))
        self._outlet = self._offer("arrow-line-down", "action.network.profile_outlet", self.to_outlet)
        self._between = self._offer("path", "action.network.profile_selected", self.between_selected)

    # --- requests of the action table --------------------------------------------------------------------------------
    def pick_path(self) -> None:
        """Choose a path by two clicks in the picture."""
        self._begin("path")

    def pick_section(self) -> None:
        """Cut a street by two clicks in the picture."""
        self._begin("section")

    def to_outlet(self) -> None:
        """Show the profile from what is selected to the outlet."""
        key = next(key for key in self.session.selection.keys if self._role_of(key) in ROLES)
        self.show_path(Wanted("outlet", (key,)))

    def between_selected(self) -> None:
        """Show the profile between the two objects that are selected."""
        keys = [key for key in self.session.selection.keys if self._role_of(key) in ROLES]
        self.show_path(Wanted("between", tuple(keys[:2])))

    def export(self) -> None:
        """Ask where, and write what is shown."""
        made = self.made
        if made is None:
            return
        word = self.appearance.word
        name = word("profile.title" if isinstance(made, Profiled) else "profile.title.section")
        path, kind = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.profile.export"), str(self.context.folder() / f"{name}.pdf"),
            word("dialog.profile.filter"),
        )  # fmt: skip
        if not path:
            return
        out = Path(path)
        endings = (".png", ".xlsx", ".pdf")
        if out.suffix.lower() not in endings:
            out = out.with_name(out.name + next(ending for ending in endings if ending in kind))
        size = "A4" if "A4" in kind else "A3"
        if isinstance(made, Profiled):
            profiles.export(self.session, made, out, size=size)
        else:
            sections.export(self.session, made, out, size=size)

    def show_path(self, wanted: Wanted) -> None:
        """Show the profile along a path."""
        self._look_below()
        self._show(lambda: profiles.profile_of(self.session, wanted))

    def show_section(self, line: Floats) -> None:
        """Show the cross-section along a line (2, 2)."""
        self._show(lambda: sections.section_of(self.session, line))

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer profiles for pipes and nodes."""
        if key is None or self._role_of(key) not in ROLES:
            return []
        return [self._outlet, self._between] if len(self.session.selection.keys) == 2 else [self._outlet]

    # --- following ---------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Make it again where the tables say otherwise now; show it in the language of the moment."""
        if self._make is None:
            return
        if not any(layer.role == "pipes" for layer in self.session.project.state.layers):
            self._make, self.made, self._tried = None, None, ()
            self._attempt += 1
            self.panel.show_subject(None, "", ())
            self.panel.say_empty(self.appearance.word("profile.empty"))
            self._draw()
            return
        if self._tried != stamp_of(self.session):
            if self._dock.isVisible():  # else when it is looked at again
                self._start(keep=True)
        elif self.made is not None:
            self._tell(keep=True)

    def on_selection_changed(self) -> None:
        """Let what is selected stand out in the drawing."""
        made = self.made
        if made is None:
            return
        pipes: set[int] = set()
        nodes: set[int] = set()
        table_of_nodes = made.nodes if isinstance(made, Profiled) else None
        for layer, oids in self.session.selection.keys.runs:
            pipes |= made.pipes.numbers(layer, oids)
            if table_of_nodes is not None:
                nodes |= table_of_nodes.numbers(layer, oids)
        self.panel.view.mark(Marked(frozenset(pipes), frozenset(nodes)))

    def end(self) -> None:
        """Let go of the picture; the window closes."""
        self._put_away()
        super().end()

    # --- making ------------------------------------------------------------------------------------------------------
    def _show(self, make: Callable[[], Made]) -> None:
        self.context.docks.bring_forward("profile")
        self._make = make
        self._start(keep=False)

    def _start(self, *, keep: bool) -> None:
        make = self._make
        assert make is not None  # noqa: S101 - asked only with a wish
        if self._job is not None and not self._job.is_over:
            self._job.cancel()
        self._tried = stamp_of(self.session)
        self._attempt += 1
        attempt = self._attempt

        def work(progress: Progress) -> Made | Exception:
            progress.step(0.1, "")
            try:
                return make()
            except Exception as error:  # said in the panel, in whose place the drawing would stand
                return error

        def done(found: Made | Exception) -> None:
            if attempt != self._attempt:
                return
            if isinstance(found, Exception):
                self._fail(found, keep)
            else:
                self.made = found
                self._tell(keep=keep)
                self.on_selection_changed()
            self._draw()

        self._job = self.session.run("job.profile", work, done)

    def _on_visibility_changed(self, visible: bool) -> None:
        if visible:
            self.refresh()
        self._draw()

    def _fail(self, error: Exception, keep: bool) -> None:
        self.made = None
        self.panel.show_subject(None, "", ())
        reason = notice_of(error)
        if keep:
            self.panel.say_empty(self.appearance.word("profile.gone", reason=reason.text(self.session.lang)))
        else:
            self.panel.say_empty("\n".join([reason.text(self.session.lang), reason.cure(self.session.lang)]))
            self.session.notices.add(reason)

    def _tell(self, *, keep: bool) -> None:
        made, lang = self.made, self.session.lang
        if isinstance(made, Profiled):
            notes = longitudinal.notes_of(made.profile, lang)
            if not made.complete:
                notes.insert(0, self.appearance.word("caution.network.no_outlet"))
            title = f"{made.range}    {made.profile.length_m:,.1f} m"
            self.panel.show_subject(made.profile, title, notes, keep=keep)
        elif made is not None:
            title = f"{self.appearance.word('profile.title.section')}    {made.section.length_m:,.1f} m"
            self.panel.show_subject(made.section, title, cross_section.notes_of(made.section, lang), keep=keep)

    # --- picture and drawing -----------------------------------------------------------------------------------------
    def _point_out(self, along_m: float) -> None:
        self._along_m = along_m
        self._draw()

    def _choose(self, role: str, number: int) -> None:
        """Select what was clicked in the drawing."""
        made = self.made
        table = None if made is None else made.pipes if role == "pipes" else getattr(made, "nodes", None)
        if table is not None:
            self.session.selection.set([table.key(number)])

    def _draw(self) -> None:
        """Show in the picture where the profile runs, and the place under the cursor."""
        overlay, made = self.context.canvas.tool_overlay, self.made
        if made is None or not self._dock.isVisible() or not self._dock.is_on_top:
            overlay.draw("profile_line", None)
            return
        line = self._line(made)
        mark = None
        if math.isfinite(self._along_m):
            mark = Mark(self._on_ground(np.array([self._place(made, self._along_m)]))[0], "vertex")
        overlay.draw("profile_line", Drawing(strokes=(Stroke(line),), mark=mark))

    def _line(self, made: Made) -> Floats:
        if isinstance(made, Profiled):
            points = np.concatenate([span.points for span in made.profile.spans])
        else:
            points = made.section.line
        return self._on_ground(points)

    def _place(self, made: Made, along_m: float) -> tuple[float, float]:
        if isinstance(made, Profiled):
            return made.profile.place_at(along_m)[:2]
        return made.section.place_at(along_m)

    def _on_ground(self, points: Floats) -> Floats:
        height = self.context.canvas.view.ground(points[:, 0], points[:, 1])
        return np.column_stack([points, height])

    # --- two clicks --------------------------------------------------------------------------------------------------
    def _begin(self, what: str) -> None:
        self._put_away()
        self.context.requests.close_section_tools()
        self.context.docks.bring_forward("profile")
        self._look_below()
        self._what = what
        self._digitizer.begin("arrow")
        self._say(0)
        self.context.canvas.view.setFocus()

    def _look_below(self) -> None:
        """Show the pipes that are spoken of, under a ground that is looked through."""
        pipe_view.show_pipes(self.session)
        if self.session.visibility.through is None:
            self.session.visibility.set_through(GroundTransparency())

    def _on_drawn(self, points: Floats) -> None:
        what = self._what
        self._put_away()
        if what == "section":
            self.show_section(points[:, :2])
        else:
            ends = tuple((float(east), float(north)) for east, north in points[:, :2])
            self.show_path(Wanted("between", ends))

    def _put_away(self) -> None:
        self._digitizer.put_away()
        self._what = ""
        self._say(0)

    def _say(self, count: int) -> None:
        if self._what:
            text = self.appearance.word(f"profile.say.{self._what}.{min(count, 1)}")
        elif self.made is not None:
            self._tell(keep=True)
            return
        else:
            text = self.appearance.word("profile.empty")
        self.panel.say_step(text)

    def _role_of(self, key: ObjectKey) -> str:
        return next((layer.role for layer in self.session.project.state.layers if layer.id == key.layer), "")

    def _offer(self, icon: str, key: str, act: Callable[[], None]) -> QAction:
        offer = QAction(self)
        self.appearance.paint(offer.setIcon, icon)
        self.appearance.say(offer.setText, key)
        offer.triggered.connect(self.guard(act))
        return offer
