"""Visibility of model elements: hidden, faded, coloured and raised elements, section planes, ground transparency.

It belongs to the view, not to the city, and is not in the project's history. The scene follows it, a picture keeps it,
and a BCF viewpoint is written from it.

Invariants
----------
1. Objects are named by ``oid``; a layer's appearance survives its geometry being replaced by a finer stage.
2. Planes and boxes stand in the project's CRS (metres), like cameras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psygnal import Signal

from models.views.camera import Vector
from models.views.sun import SunTime

RGBA8 = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ElementAppearance:
    """How the elements of one model layer are shown.

    Parameters
    ----------
    hidden : frozenset of int
        Oids that are not drawn and not picked.
    ghost : frozenset of int
        Oids drawn as a faint see-through shell, not picked.
    colours : mapping of int to (r, g, b, a) 0…255, or None
        Colours by property; what is not named keeps its own.
    lift_m : mapping of int to float
        Metres by which elements are raised: the storeys of an exploded model.
    spaces : bool
        Draw rooms and zones, see-through, by their use.
    """

    hidden: frozenset[int] = frozenset()
    ghost: frozenset[int] = frozenset()
    colours: Mapping[int, RGBA8] | None = None
    lift_m: Mapping[int, float] = field(default_factory=dict)
    spaces: bool = False


@dataclass(frozen=True, slots=True)
class Plane:
    """A section plane: what lies on the side to which ``normal`` points is not drawn."""

    point: Vector
    normal: Vector


@dataclass(frozen=True, slots=True)
class SectionBox:
    """A box outside of which nothing is drawn, turned clockwise from north about its middle."""

    low: Vector
    high: Vector
    bearing_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The section planes and the section box in force.

    Parameters
    ----------
    planes : tuple of Plane
    box : SectionBox or None
    caps : bool
        Fill the cut faces of closed bodies.
    models_only : bool
        Leave terrain, buildings and everything else of the city whole.
    """

    planes: tuple[Plane, ...] = ()
    box: SectionBox | None = None
    caps: bool = True
    models_only: bool = False


@dataclass(frozen=True, slots=True)
class GroundTransparency:
    """How far ground and buildings are see-through, so that what is buried shows.

    Parameters
    ----------
    ground : float
        Opacity of the ground and all that lies on it, 0…1.
    buildings : float
        Opacity of the buildings.
    depths : bool
        Posts with depths below the ground.
    """

    ground: float = 0.35
    buildings: float = 1.0
    depths: bool = True


class Visibility:
    """What one session shows of its models: hidden, faded and coloured elements, section planes, transparency.

    Signals
    -------
    changed : (str) the elements of this layer are shown otherwise
    cut_changed : (Cut)
    through_changed : (GroundTransparency or None)
    sun_changed : (SunTime or None)
    """

    changed = Signal(str)
    cut_changed = Signal(object)
    through_changed = Signal(object)
    sun_changed = Signal(object)

    def __init__(self) -> None:
        self._elements: dict[str, ElementAppearance] = {}
        self._cut = Cut()
        self._through: GroundTransparency | None = None
        self._sun: SunTime | None = None

    @property
    def cut(self) -> Cut:
        """Return the section planes and box in force."""
        return self._cut

    @property
    def elements(self) -> Mapping[str, ElementAppearance]:
        """Return the appearance of elements by layer, where it is not the plain one."""
        return dict(self._elements)

    def of(self, layer_id: str) -> ElementAppearance:
        """Return the appearance of one layer's elements, the plain one by default."""
        return self._elements.get(layer_id, ElementAppearance())

    def set(self, layer_id: str, look: ElementAppearance) -> None:
        """Set the appearance of a layer's elements; silent if it is the same."""
        if look == self.of(layer_id):
            return
        if look == ElementAppearance():
            self._elements.pop(layer_id, None)
        else:
            self._elements[layer_id] = look
        self.changed.emit(layer_id)

    def set_cut(self, cut: Cut) -> None:
        """Set the section planes and box; silent if they are the same."""
        if cut != self._cut:
            self._cut = cut
            self.cut_changed.emit(cut)

    @property
    def through(self) -> GroundTransparency | None:
        """Return how transparent the ground is, None while it is opaque."""
        return self._through

    def set_through(self, through: GroundTransparency | None) -> None:
        """Make the ground transparent, or opaque with None; silent if it is the same."""
        if through != self._through:
            self._through = through
            self.through_changed.emit(through)

    @property
    def sun(self) -> SunTime | None:
        """Return the moment whose sun lights the city, None for the usual light."""
        return self._sun

    def set_sun(self, sun: SunTime | None) -> None:
        """Light the city as the sun does at a moment, or as usual with None; silent if it is the same."""
        if sun != self._sun:
            self._sun = sun
            self.sun_changed.emit(sun)

    def clear(self) -> None:
        """Show everything whole again."""
        for layer_id in list(self._elements):
            self.set(layer_id, ElementAppearance())
        self.set_cut(Cut())
        self.set_through(None)
        self.set_sun(None)
