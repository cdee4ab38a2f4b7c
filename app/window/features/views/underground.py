"""Underground view: transparent ground and excavated pits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.usecases.views import annotations_and_flights as views
from app.window.feature import Feature
from app.window.tools.digitizer import Digitizer
from models.core.watch import watch
from models.terrain.excavation import Pit, floor_m
from models.terrain.relief import Earthwork
from models.views.visibility import GroundTransparency
from viewers.widgets.views.underground_bar import PitRow, UndergroundBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]


class Underground(Feature):
    """Underground view: transparent ground and excavated pits."""

    name = "underground"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = UndergroundBar(self.appearance, context.canvas)
        context.canvas.add_card(self.bar)
        self._kept = GroundTransparency()
        self._volumes: dict[tuple[Pit, int], Earthwork] = {}
        self._counting = False
        self._digitizer = Digitizer(context, "pit", self._on_ring, self.put_away, self._say)
        bar, ask = self.bar, self.guard
        bar.switched.connect(ask(self.set_on))
        bar.through_changed.connect(ask(self._on_through))
        bar.dig_requested.connect(ask(self.dig))
        bar.go_requested.connect(ask(self._go))
        bar.delete_requested.connect(ask(lambda pit: views.delete_pits(self.session, [pit])))
        bar.depth_requested.connect(ask(self._change_depth))
        bar.closed.connect(self.put_away)
        context.requests.open_underground.answer_with(self.open)
        self.stops.append(watch(self.session.visibility.through_changed, lambda _: self._show()))
        self._show()

    # --- requests of the action table ------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Look through the ground with the card open, or put both away."""
        if self.session.visibility.through is None:
            self.set_on(True)
            self.open()
        else:
            self.set_on(False)
            self.put_away()

    def open(self) -> None:
        """Open the card."""
        self.context.open_card(self.bar)
        self._say(0)
        self.refresh()

    def dig(self) -> None:
        """Draw a pit, or stop drawing."""
        if self._digitizer.is_open:
            self._digitizer.put_away()
        else:
            self.open()
            self._digitizer.begin("ring")
        self.bar.dig.setChecked(self._digitizer.is_open)
        self._say(0)

    def fill_all(self) -> None:
        """Fill all pits again."""
        views.delete_pits(self.session, [pit.id for pit in self.session.project.state.pits])

    def set_on(self, on: bool) -> None:
        """Look through the ground, or no longer."""
        self.session.visibility.set_through(self._kept if on else None)

    def put_away(self) -> None:
        """Close the card, and the ground with it; it stays open only under the next tool, and is then told of."""
        if self.sender() is self.bar and not self.context.canvas.is_exchanging:
            self.set_on(False)
        self._digitizer.put_away()
        self.bar.dig.setChecked(False)
        self.bar.hide()
        self.context.canvas.view.setFocus()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        state = self.session.project.state
        if not state.layers:
            self.put_away()
            self.session.visibility.set_through(None)
        if not self.bar.isVisible():
            return
        self._count()
        lang = self.session.lang
        self._say(0)
        self.bar.show_pits([PitRow(pit.id, pit.title(lang), self._detail(pit)) for pit in state.pits])
        self._show()

    def end(self) -> None:
        """Stop watching; the window closes."""
        self._digitizer.put_away()
        super().end()

    def _show(self) -> None:
        through = self.session.visibility.through
        self._kept = through or self._kept
        self.context.canvas.view.may_dive = through is not None
        self.bar.show_through(through is not None, self._kept.ground, self._kept.buildings, self._kept.depths)

    def _on_through(self, ground: float, buildings: float, depths: bool) -> None:
        if self.session.visibility.through is not None:
            self.session.visibility.set_through(GroundTransparency(round(ground, 3), round(buildings, 3), depths))

    def _on_ring(self, places: Floats) -> None:
        by_level, number = self.bar.rule
        ring = tuple((float(x), float(y)) for x, y in places[:, :2])
        count = len(self.session.project.state.pits) + 1
        name, name_en = (self._in(lang, "below.pit", number=count) for lang in ("zh", "en"))
        pit = Pit("", name, ring, name_en=name_en)
        self.guard(lambda: views.save_pit(self.session, _with_rule(pit, by_level, number)))()
        self._digitizer.put_away()
        self.bar.dig.setChecked(False)
        self._say(0)

    def _change_depth(self, pit_id: str) -> None:
        """Give a pit the depth or level that the card says."""
        pit = next(one for one in self.session.project.state.pits if one.id == pit_id)
        views.save_pit(self.session, _with_rule(pit, *self.bar.rule))

    def _go(self, pit_id: str) -> None:
        pit = next(one for one in self.session.project.state.pits if one.id == pit_id)
        ring = np.asarray(pit.ring)
        middle, reach = ring.mean(axis=0), float(np.ptp(ring, axis=0).max())
        floor = floor_m(pit, self.context.scene_sync.ground)
        self.context.canvas.view.fly_to_point((float(middle[0]), float(middle[1]), floor), max(2.2 * reach, 40.0))

    def _say(self, count: int) -> None:
        word = self.appearance.word
        if self._digitizer.is_open:
            self.bar.say(word("below.hint.more" if count >= 3 else "below.hint.ring"))
        elif self.context.scene_sync.ground.terrain is None:
            self.bar.say(word("below.no_terrain"))
        else:
            works = [work for pit in self.session.project.state.pits if (work := self.volume_of(pit)) is not None]
            self.bar.say(word("below.detail.how", cell=f"{works[-1].cell_m:.1f}") if works else "")

    # --- volumes ---------------------------------------------------------------------------------------------------
    def _count(self) -> None:
        """Work out the volumes that are not known yet, off the UI thread."""
        ground = self.context.scene_sync.ground
        due = [pit for pit in self.session.project.state.pits if (pit, id(ground)) not in self._volumes]
        if not due or self._counting:
            return
        self._counting = True

        def done(found: list[Earthwork]) -> None:
            self._counting = False
            self._volumes |= {(pit, id(ground)): one for pit, one in zip(due, found, strict=True)}
            self.refresh()

        self.session.run("job.pit_volume", lambda _: [views.pit_volume(self.session, pit, ground) for pit in due], done)

    def volume_of(self, pit: Pit) -> Earthwork | None:
        """Return the earth of a pit, None before it was worked out."""
        return self._volumes.get((pit, id(self.context.scene_sync.ground)))

    def _detail(self, pit: Pit) -> str:
        word, work = self.appearance.word, self.volume_of(pit)
        if work is None:
            return word("below.counting")
        parts = [word("below.detail.floor", level=f"{work.level_m:.2f}"),
                 word("below.detail.area", area=f"{work.plan_m2:,.1f}")]  # fmt: skip
        if work.cut_m3 is None:
            parts.append(word("below.detail.no_volume"))
        else:
            parts.insert(0, word("below.detail.volume", volume=f"{work.cut_m3:,.1f}"))
            if work.known < 0.999:
                parts.append(word("below.detail.known", share=f"{100 * work.known:.0f}"))
        return " · ".join(parts)

    def _in(self, lang: str, key: str, **facts: object) -> str:
        from resources.words import word

        return word(key, lang, **facts)


def _with_rule(pit: Pit, by_level: bool, number: float) -> Pit:
    return replace(pit, level_m=number if by_level else None, depth_m=pit.depth_m if by_level else number)
