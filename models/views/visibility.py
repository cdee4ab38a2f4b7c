"""What is hidden, faded, coloured, lifted and cut away while someone looks into models.

This is how the city is looked at, not what it is: it is not in the project's history. The scene follows it, a picture
takes it along, and a BCF viewpoint is written from it.

Invariants
----------
1. Objects are named by ``oid``; a layer's look survives its geometry being replaced by a finer stage.
2. Planes and boxes stand in the project's CRS (metres), like cameras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psygnal import Signal

from models.views.camera import Vector

RGBA8 = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ElementLook:
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
    """

    hidden: frozenset[int] = frozenset()
    ghost: frozenset[int] = frozenset()
    colours: Mapping[int, RGBA8] | None = None
    lift_m: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane that cuts: what lies on the side to which ``normal`` points is taken away."""

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
    """All planes and the box that cut now.

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
class Through:
    """How far the eye looks through things to what lies below.

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


class Look:
    """The look of one session.

    Signals
    -------
    changed : (str) the look of this layer changed
    cut_changed : (Cut)
    through_changed : (Through or None)
    """

    changed = Signal(str)
    cut_changed = Signal(object)
    through_changed = Signal(object)

    def __init__(self) -> None:
        self._elements: dict[str, ElementLook] = {}
        self._cut = Cut()
        self._through: Through | None = None

    @property
    def cut(self) -> Cut:
        """Return what cuts now."""
        return self._cut

    @property
    def elements(self) -> Mapping[str, ElementLook]:
        """Return the looks of all layers that have one."""
        return dict(self._elements)

    def of(self, layer_id: str) -> ElementLook:
        """Return one layer's look, the plain one where nobody asked for another."""
        return self._elements.get(layer_id, ElementLook())

    def set(self, layer_id: str, look: ElementLook) -> None:
        """Look at a layer in another way; silent if it is the same."""
        if look == self.of(layer_id):
            return
        if look == ElementLook():
            self._elements.pop(layer_id, None)
        else:
            self._elements[layer_id] = look
        self.changed.emit(layer_id)

    def set_cut(self, cut: Cut) -> None:
        """Cut elsewhere; silent if it is the same."""
        if cut != self._cut:
            self._cut = cut
            self.cut_changed.emit(cut)

    @property
    def through(self) -> Through | None:
        """Return how the ground is looked through, None while it is not."""
        return self._through

    def set_through(self, through: Through | None) -> None:
        """Look through the ground, or no longer; silent if it is the same."""
        if through != self._through:
            self._through = through
            self.through_changed.emit(through)

    def clear(self) -> None:
        """Show everything whole again."""
        for layer_id in list(self._elements):
            self.set(layer_id, ElementLook())
        self.set_cut(Cut())
        self.set_through(None)
