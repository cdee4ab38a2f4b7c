"""What the program shows of the city at the moment of its clock; nothing while it shows what is live."""

from __future__ import annotations

from psygnal import Signal

from models.timeline.city_state import CityState


class Shown:
    """The state of the city that is shown.

    Signals
    -------
    changed : (frozenset of str) layers whose facilities look otherwise now
    """

    changed = Signal(frozenset)

    def __init__(self) -> None:
        self._state: CityState | None = None

    @property
    def state(self) -> CityState | None:
        """Return the city at the moment, None while what is live is shown."""
        return self._state

    def show(self, state: CityState | None) -> None:
        """Show another moment, or what is live again."""
        before, self._state = self._state, state
        if before is None and state is None:
            return
        touched = {*(() if before is None else before.layers), *(() if state is None else state.layers)}
        self.changed.emit(frozenset(touched))
