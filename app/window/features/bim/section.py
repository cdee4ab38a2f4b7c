"""Section planes and box, storey plans, exploded storeys, measuring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from app.window.feature import Feature
from app.window.tools.measuring import MeasureTool
from app.window.tools.section_planes import SectionTool
from app.window.tools.storeys import StoreyTool
from models.core.watch import watch
from models.project.selection import ObjectKey
from models.views.camera import Vector
from models.views.visibility import Cut

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


#: What the picture's menu offers of the model browser.
LOOKS = ("model.isolate", "model.hide", "model.ghost", "model.show_all")


class Section(Feature):
    """Connects the cutting and measuring tools to the session; one of them is open at a time."""

    name = "section"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.cutter, self.storeys, self.measurer = SectionTool(context), StoreyTool(context), MeasureTool(context)
        self._tools = (self.cutter, self.storeys, self.measurer)
        canvas = context.canvas
        for card in canvas.cards:
            card.closed.connect(self.put_away)
        canvas.section_notice.clear_requested.connect(self.clear)
        canvas.section_notice.back_requested.connect(self.storeys.look_back)
        canvas.section_notice.open_requested.connect(self.open_what_cuts)
        canvas.view.turned.connect(self._show_notice)
        canvas.cards_changed.connect(self._show_notice)
        self.stops += [
            *self.cutter.stops, *self.storeys.stops,
            watch(self.session.visibility.cut_changed, lambda _: self._show_notice()),
            watch(self.session.visibility.changed, lambda _: self._show_notice()),
            watch(self.session.visibility.through_changed, lambda _: self._show_notice()),
            watch(self.session.visibility.sun_changed, lambda _: self._show_notice()),
        ]  # fmt: skip
        context.requests.close_section_tools.answer_with(self.put_away)
        self._notice_state: tuple[str, bool] = ("", False)
        self._place: Vector | None = None
        self._box_here = self._offer("bounding-box", "tools.context.box", self.box_selection)
        self._measure_here = self._offer("ruler", "tools.context.measure", self.measure_from_here)
        self._line = QAction(self)
        self._line.setSeparator(True)

    # --- requests of the action table --------------------------------------------------------------------------------
    def open_section(self, axis: str = "") -> None:
        """Open the section tool, with a plane where one is named."""
        self._take(self.cutter)
        if axis:
            self.cutter.add_plane(axis)

    def box_selection(self) -> None:
        """Set the section box around what is selected, or around the models."""
        self._take(self.cutter)
        self.cutter.add_box("selection" if self.session.selection.keys else "models")

    def open_storeys(self) -> None:
        """Open the storey tool."""
        self._take(self.storeys)

    def open_measure(self, kind: str = "") -> None:
        """Open the measuring tool."""
        self._take(self.measurer)
        if kind:
            self.measurer.choose(kind)

    def clear(self) -> None:
        """Make everything whole again: no cut, no storeys apart, back from the plan, solid ground, the usual light."""
        self.storeys.whole()
        self.storeys.together()
        self.session.visibility.set_cut(Cut())
        self.session.visibility.set_through(None)
        self.session.visibility.set_sun(None)

    def clear_measures(self) -> None:
        """Forget all measurements."""
        self.measurer.delete(-1)

    def put_away(self) -> None:
        """Close the open tool."""
        for one in self._tools:
            one.put_away()
        self.context.canvas.view.setFocus()

    def open_what_cuts(self) -> None:
        """Open the tool that made the picture what it is."""
        whole = self.session.visibility.cut == Cut() and not self.storeys.storey_name and not self.storeys.is_apart
        if whole and self.session.visibility.through is not None:
            self.context.requests.open_underground()
            return
        if whole and self.session.visibility.sun is not None:
            self.context.requests.open_sunlight()
            return
        plan = bool(self.storeys.storey_name) or (self.storeys.is_apart and self.session.visibility.cut == Cut())
        self._take(self.storeys if plan else self.cutter)

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Return what the tools offer for an object or a place in the picture."""
        self._place = world
        self.context.commands.refresh()  # the object under the cursor was just selected
        actions, found = self.context.commands.actions, []
        if key is not None and self.session.project.state.layer(key.layer).kind == "model":
            found += [actions[id_] for id_ in LOOKS] + [self._line]
        if key is not None:
            found.append(self._box_here)
        if world is not None:
            found.append(self._measure_here)
        return found

    def measure_from_here(self) -> None:
        """Measure a distance that begins where the menu was asked for."""
        self.open_measure("distance")
        if self._place is not None:
            self.measurer.begin(self._place)

    # --- following ----------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        if not self.session.project.state.layers:
            self.put_away()
        for one in self._tools:
            one.refresh()
        self._notice_state = ("", False)
        self._show_notice()

    def on_selection_changed(self) -> None:
        """Offer what needs a selection."""
        self.cutter.refresh()

    def end(self) -> None:
        """Stop watching; the window closes."""
        self.put_away()
        self.measurer.end()
        self.storeys.end()
        super().end()

    def _take(self, wanted: SectionTool | StoreyTool | MeasureTool) -> None:
        if not wanted.is_open:
            for one in self._tools:
                one.put_away()
            self.context.canvas.is_exchanging = True
            for card in self.context.canvas.cards:  # those of other parts
                if card.isVisible():
                    card.closed.emit()
            self.context.canvas.is_exchanging = False
            wanted.open()
        self.context.canvas.view.setFocus()

    def _offer(self, icon: str, key: str, act: Callable[[], None]) -> QAction:
        offer = QAction(self)
        self.appearance.paint(offer.setIcon, icon)
        self.appearance.say(offer.setText, key)
        offer.triggered.connect(act)
        return offer

    def _show_notice(self) -> None:
        """Say what is done to the picture."""
        cut, word = self.session.visibility.cut, self.appearance.word
        parts = []
        if name := self.storeys.storey_name:
            parts.append(word("tools.pill.plan", name=name))
        elif cut.planes:
            parts.append(word("tools.pill.planes", count=len(cut.planes)))
        if cut.box is not None:
            parts.append(word("tools.pill.box"))
        if self.storeys.is_apart:
            parts.append(word("tools.pill.apart"))
        told = self.context.canvas.told
        if self.session.visibility.through is not None and "ground" not in told:
            parts.append(word("below.see_through"))
        if (sun := self.session.visibility.sun) is not None and "sun" not in told:
            parts.append(word("sun.pill", date=sun.date, time=f"{sun.minute // 60:02d}:{sun.minute % 60:02d}"))
        if not parts and self.storeys.in_plan:
            parts.append(word("tools.plan"))
        state = (" · ".join(parts), self.storeys.in_plan)
        if state != self._notice_state:
            self._notice_state = state
            self.context.canvas.section_notice.show_state(state[0], plan=state[1])
            self.context.canvas.arrange()
