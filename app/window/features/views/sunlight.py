"""The sun by date and time."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from app.window.feature import Feature
from models.core.errors import UserError
from models.core.watch import watch
from models.views.sun import SunTime, noon_minute, zone_h
from viewers.widgets.views.sun_bar import SunBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class Sunlight(Feature):
    """Lights the city as the sun does at a date and a time of day."""

    name = "sun"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = SunBar(self.appearance, context.canvas)
        context.canvas.add_card(self.bar)
        bar, ask = self.bar, self.guard
        bar.changed.connect(ask(self.set_moment))
        bar.now_requested.connect(ask(self.set_now))
        bar.noon_requested.connect(ask(self.set_noon))
        bar.closed.connect(self.put_away)
        context.requests.open_sunlight.answer_with(self.open)
        self.stops.append(watch(self.session.visibility.sun_changed, lambda _: self._show()))

    # --- requests of the action table ------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Choose date and time, or go back to the usual light."""
        if self.session.visibility.sun is None:
            self.open()
        else:
            self.session.visibility.set_sun(None)
            self.put_away()

    def open(self) -> None:
        """Open the card; the sun stands where it stands now, by day, or at noon after dark."""
        self._place()  # or say what is missing before anything opens
        self.context.open_card(self.bar)
        if self.session.visibility.sun is None:
            self.set_now()
            sun = self.context.scene_sync.sunlight.sun
            if sun is not None and sun.elevation_deg < 5.0:
                self.set_noon()
        self._show()

    def set_moment(self, date: str, minute: int) -> None:
        """Light the city by the sun of a moment."""
        self.session.visibility.set_sun(SunTime(date, minute, zone_h(*self._place())))

    def set_now(self) -> None:
        """Light the city by the sun of this hour."""
        zone = zone_h(*self._place())
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=zone)
        self.set_moment(now.date().isoformat(), (now.hour * 60 + now.minute) // 5 * 5)

    def set_noon(self) -> None:
        """Light the city by the highest sun of the chosen day."""
        lon, lat = self._place()
        when = self.session.visibility.sun
        date = datetime.date.today().isoformat() if when is None else when.date
        self.set_moment(date, round(noon_minute(date, lon, lat, zone_h(lon, lat)) / 5) * 5)

    def put_away(self) -> None:
        """Close the card, and the light with it; it stays only under the next tool, and is then told of."""
        if self.sender() is self.bar and not self.context.canvas.is_exchanging:
            self.session.visibility.set_sun(None)
        self.bar.hide()
        self.context.canvas.view.setFocus()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        if not self.session.project.state.layers:
            self.session.visibility.set_sun(None)
            self.put_away()
        self._show()

    def _show(self) -> None:
        when = self.session.visibility.sun
        if when is None or not self.bar.isVisible():
            return
        self.bar.show_moment(when.date, when.minute)
        sun = self.context.scene_sync.sunlight.sun
        if sun is None:
            return
        zone = f"UTC{when.zone_h:+g}"
        if sun.elevation_deg > 0:
            words = self.appearance.word(
                "sun.where", zone=zone, azimuth=f"{sun.azimuth_deg:.0f}", elevation=f"{sun.elevation_deg:.0f}"
            )
        else:
            words = self.appearance.word("sun.down", zone=zone)
        self.bar.say(words)

    def _place(self) -> tuple[float, float]:
        """Return longitude and latitude of the project."""
        frame = self.session.project.state.frame
        if frame is None or not frame.horizontal.startswith("EPSG"):
            raise UserError("sun.no_place")
        return frame.lonlat(float(frame.origin[0]), float(frame.origin[1]))
