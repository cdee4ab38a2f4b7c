"""Everything that makes one picture of the city, and makes it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.project.selection import ObjectKey
from models.views.camera import Camera, Vector
from models.views.scene_state import SceneState, Theme
from models.views.sun import SunTime
from models.views.visibility import Cut, ElementAppearance, GroundTransparency


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement, as it is drawn.

    Parameters
    ----------
    kind : str
        ``"point"`` (one point), ``"distance"`` (a chain of two or more points), ``"drape"`` (a chain on the ground, of
        which only the ends are marked), ``"area"`` (a ring of three or more),
        ``"angle"`` (arm, corner, arm) or ``"volume"`` (one point, where the figure is written).
    points : tuple of (E, N, H)
        World coordinates, metres.
    text : str
        The figure with its unit, in the words of the caller; empty for none.
    dashed : bool
        Not final: a rubber line that follows the cursor.
    """

    kind: str
    points: tuple[Vector, ...]
    text: str = ""
    dashed: bool = False


#: What can be left out of a sheet; that its data is synthetic is said on every one.
FURNITURE = ("title", "legend", "scale", "north", "source")
#: And what can be left out of the picture itself: the numbers that a theme writes over its objects.
NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Callout:
    """A few words on a sheet that point at an object.

    Parameters
    ----------
    point : (E, N, H)
        At what it points: world coordinates, metres.
    title : str
        What the object is called.
    lines : tuple of str
        What is said of it.
    """

    point: Vector
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotSpec:
    """Everything that makes one picture, and makes it again.

    It is written into the PNG (iTXt chunk ``chengjing``) as JSON.

    Parameters
    ----------
    project : str
        Project file, relative to the picture where possible.
    width_px, height_px : int
    camera : Camera
    theme : Theme
    lang : str
        ``"zh"`` or ``"en"``.
    title : str
    hidden : tuple of str
        Ids of layers that are switched off.
    date : str
        ISO date printed on the picture.
    furniture : bool
        Title, legend, scale bar, north arrow and source line.
    dark : bool
        Night colours.
    looks : mapping of str to ElementAppearance
        By layer id: what of a model is hidden, faded, coloured and lifted.
    cut : Cut or None
        Section planes and box.
    measures : tuple of Measure
        Drawn over the picture.
    through : GroundTransparency or None
        How the ground is looked through.
    notes : bool
        Whether what people wrote into the city is in the picture.
    without : tuple of str
        Which of :data:`FURNITURE` are left out, and whether :data:`NUMBERS` are.
    dpi : int
        Pixels an inch of paper; 0 leaves the size on paper to whoever prints.
    selected : tuple of ObjectKey
        Objects that are shown as selected.
    callout : Callout or None
    sun : SunTime or None
        The moment whose sun lights the city; None for the usual light.
    density : float
        Pixels for one that is seen: words and signs in the picture have their sizes in those. 1 on a screen.
    scene : SceneState or None
        Layers and styles of the picture, where they are not those of the project's file; its theme is ``theme``.
    faded : tuple of ObjectKey
        Objects that are drawn as a see-through shell, since they hide what the picture is about.
    transparent : bool
        Whether the sky is left out, so that a picture can be laid over another.
    moment : str
        The moment at which the city is shown, ISO 8601 with its zone; empty for what is known now.
    """

    project: str
    width_px: int
    height_px: int
    camera: Camera
    theme: Theme = field(default_factory=Theme)
    lang: str = "zh"
    title: str = ""
    hidden: tuple[str, ...] = ()
    date: str = ""
    furniture: bool = True
    dark: bool = False
    looks: Mapping[str, ElementAppearance] = field(default_factory=dict)
    cut: Cut | None = None
    measures: tuple[Measure, ...] = ()
    through: GroundTransparency | None = None
    notes: bool = True
    without: tuple[str, ...] = ()
    dpi: int = 0
    selected: tuple[ObjectKey, ...] = ()
    callout: Callout | None = None
    sun: SunTime | None = None
    scene: SceneState | None = None
    transparent: bool = False
    density: float = 1.0
    faded: tuple[ObjectKey, ...] = ()
    moment: str = ""
