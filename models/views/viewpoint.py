"""How the city is looked at: a camera that can be saved, and everything that makes one picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.views.layer_themes import SceneState
    from models.views.visibility import Cut, ElementLook, Through

Vector = tuple[float, float, float]


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


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in *world* coordinates (project CRS, metres), so that it survives a change of local origin.

    Parameters
    ----------
    position, focal_point : tuple of float
        Easting, northing, height.
    up : tuple of float
        View-up direction.
    angle_deg : float
        Vertical opening angle.
    parallel_scale_m : float or None
        Half the picture's height in metres for a parallel (map-like) view; None for perspective.
    """

    position: Vector
    focal_point: Vector
    up: Vector = (0.0, 0.0, 1.0)
    angle_deg: float = 30.0
    parallel_scale_m: float | None = None


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A saved view: name (in the user's words) and camera.

    Parameters
    ----------
    id : str
        Stable id; also what ``--view`` takes, beside either name.
    name, name_en : str
        As shown.
    camera : Camera
    scene : SceneState or None
        Which layers, styles and theme belong to the view; None leaves them as they are.
    thumbnail : bytes
        A small JPEG of the view, empty for none.
    """

    id: str
    name: str
    camera: Camera
    name_en: str = ""
    scene: SceneState | None = None
    thumbnail: bytes = b""

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name


@dataclass(frozen=True, slots=True)
class Theme:
    """What colours the city: nothing, the state of the facilities, or one indicator.

    Parameters
    ----------
    kind : str
        ``"plain"``, ``"facilities"`` or ``"indicator"``.
    indicator : str
        Indicator code such as ``"HC25-25"`` when kind is ``"indicator"``.
    """

    kind: str = "plain"
    indicator: str = ""


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
    looks : mapping of str to ElementLook
        By layer id: what of a model is hidden, faded, coloured and lifted.
    cut : Cut or None
        Section planes and box.
    measures : tuple of Measure
        Drawn over the picture.
    through : Through or None
        How the ground is looked through.
    notes : bool
        Whether what people wrote into the city is in the picture.
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
    looks: Mapping[str, ElementLook] = field(default_factory=dict)
    cut: Cut | None = None
    measures: tuple[Measure, ...] = ()
    through: Through | None = None
    notes: bool = True
