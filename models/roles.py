"""What a layer can be: the kinds of its data, and one row of facts for each role that it may have in the city.

The *kind* says how data is stored (table of features, raster, building model) and chooses the reader. The *role* says
what the layer is in the city (buildings, roads, pipes …) and chooses how it is drawn and what can be asked of it. A new
role is a row here, a function that draws it, and its name in ``resources/words`` (``role.<role>``).

Nothing of Qt, VTK or words is known here: a function that draws is named as text, an icon by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from models.geometry.feature_table import LARGE

#: How data is stored.
LayerKind = Literal["vector", "table", "terrain", "image", "surface", "model", "cloud"]
#: What a layer is in the city. "other" is drawn by geometry type alone.
Role = Literal[
    "terrain", "image", "surface", "land", "water", "green", "parcels", "roads", "footways", "bridges", "buildings",
    "trees", "facilities", "pipes", "pipe_nodes", "sensors", "readings", "cases", "amenities", "districts",
    "communities", "built_up", "drainage_areas", "sites", "poles", "devices", "structures", "utility_tunnels",
    "greenways", "heritage", "events", "projects", "check_records", "surveys",
    "responses", "model", "other",
]  # fmt: skip
#: What a raster may be: both a kind and a role.
RasterKind = Literal["terrain", "image", "surface"]
KINDS: tuple[LayerKind, ...] = get_args(LayerKind)
RASTER_KINDS: tuple[RasterKind, ...] = get_args(RasterKind)

#: Tables with more objects than this are drawn in chunks: what is large enough to stay columns, and of signs and
#: instanced shapes, which are cheap, five times as many.
CHUNKED, CHUNKED_SIGNS = LARGE, 5 * LARGE


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """The facts of one role.

    Parameters
    ----------
    role : Role
    icon : str
        Name in the icon family (Phosphor).
    maker : str
        ``"module:function"`` that makes the drawable parts; empty for what has no place in space.
    geometry : str
        ``"Point"``, ``"LineString"`` or ``"Polygon"`` where features of the role have that geometry, empty for any.
    colour : str
        ``"#rrggbb"`` of a layer without a style of its own, where one colour must do (QGIS).
    outline : bool
        An area that is drawn as an outline, so that it does not hide the city.
    symbol : str
        Sign in a legend: ``"dot"``, ``"line"``, or empty for a filled square.
    far_colour : str
        Name in the scene's palette of the colour from afar; empty: by geometry type.
    label : str
        Class of the names that are written on its areas.
    load_order : int or None
        Place among the layers that make the first picture; None: after them.
    draw_last : int or None
        Place among the layers of the ground that are drawn after everything else; None: drawn before.
    level : int
        What lies over what, from below: terrain 0, pictures of it 1, flat areas 2, bridges 3, what stands on them 4.
    depth_offset : float
        Of an area's fill against other areas at the same height; more is nearer.
    is_ground : bool
        Part of the ground that is seen through when someone looks at what is buried.
    is_cut : bool
        Taken away where the ground is dug (excavations).
    is_flat : bool
        Its points tell how high the ground is.
    on_ground : bool
        Its lowest point is on the ground, not below it.
    is_buried : bool
        Lies in the ground.
    is_solid : bool
        Drawn as closed bodies, whose cut faces can be filled.
    is_themed : bool
        An indicator colours it, also while its layer is switched off.
    framing : int or None
        Place among the roles that say what the view of the whole city holds; the lowest that is there decides.
    chunked_from : int or None
        Number of objects above which it is drawn in chunks; None: never.
    """

    role: Role
    icon: str
    maker: str = ""
    geometry: str = ""
    colour: str = "#8aa0ac"
    outline: bool = False
    symbol: Literal["", "dot", "line"] = ""
    far_colour: str = ""
    label: str = ""
    load_order: int | None = None
    draw_last: int | None = None
    level: int = 2
    depth_offset: float = 0.0
    is_ground: bool = False
    is_cut: bool = False
    is_flat: bool = False
    on_ground: bool = False
    is_buried: bool = False
    is_solid: bool = False
    is_themed: bool = False
    framing: int | None = None
    chunked_from: int | None = None

    @property
    def word(self) -> str:
        """Return the key of its name in ``resources/words``."""
        return f"role.{self.role}"


_DRAW = "viewers.render.layers."
_ROWS = (
    RoleRow(
        role="terrain", icon="globe-hemisphere-east", maker=_DRAW + "terrain:make", load_order=0, draw_last=6, level=0,
        is_ground=True, is_cut=True, is_flat=True,
    ),
    RoleRow(
        role="image", icon="image", maker=_DRAW + "terrain:make_image", draw_last=5, level=1, is_ground=True,
        is_cut=True,
    ),
    RoleRow(
        role="surface", icon="stack", maker=_DRAW + "terrain:make_image", level=1, is_ground=True, is_cut=True,
    ),
    RoleRow(
        role="land", icon="map-trifold", maker=_DRAW + "surfaces:make_land", geometry="Polygon", colour="#e6e4da",
        far_colour="land.other", load_order=3, draw_last=4, is_ground=True, is_cut=True, is_flat=True, on_ground=True,
        framing=2, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="water", icon="waves", maker=_DRAW + "surfaces:make_water", geometry="Polygon", colour="#93bfd6",
        far_colour="water", load_order=4, draw_last=2, is_ground=True, is_cut=True, is_flat=True, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="green", icon="leaf", maker=_DRAW + "surfaces:make_green", geometry="Polygon", colour="#b3cd94",
        far_colour="green.park", load_order=5, draw_last=3, is_ground=True, is_cut=True, is_flat=True, on_ground=True,
        is_themed=True, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="parcels", icon="polygon", maker=_DRAW + "areas:make", geometry="Polygon", colour="#ecd9a0",
        label="estate", depth_offset=9.4, is_ground=True, is_cut=True, is_flat=True, on_ground=True, is_themed=True,
        framing=2, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="roads", icon="path", maker=_DRAW + "roads:make", geometry="LineString", colour="#8d9296",
        far_colour="road.asphalt", load_order=2, draw_last=1, is_ground=True, is_cut=True, is_flat=True,
        on_ground=True, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="footways", icon="person-simple-walk", maker=_DRAW + "roads:make_footways", geometry="LineString",
        colour="#c8bfae", symbol="line", far_colour="footway", draw_last=0, is_ground=True, is_cut=True,
        chunked_from=CHUNKED,
    ),
    RoleRow(
        role="bridges", icon="intersect", maker=_DRAW + "roads:make", colour="#b8b5ad", level=3, is_ground=True,
    ),
    RoleRow(
        role="buildings", icon="buildings", maker=_DRAW + "buildings:make", geometry="Polygon", colour="#c9c4bb",
        load_order=1, on_ground=True, is_solid=True, framing=0, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="trees", icon="tree", maker=_DRAW + "trees:make", geometry="Point", colour="#6f9a57", symbol="dot",
        far_colour="green.hill", level=4, is_ground=True, is_cut=True, on_ground=True, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="facilities", icon="traffic-sign", maker=_DRAW + "facilities:make", geometry="Point", colour="#2f9e6b",
        symbol="dot", level=4, is_ground=True, is_cut=True, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="pipes", icon="flow-arrow", maker=_DRAW + "pipes:make", geometry="LineString", colour="#4c3926",
        symbol="line", is_buried=True, is_solid=True, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="pipe_nodes", icon="dots-six", maker=_DRAW + "pipes:make", geometry="Point", colour="#5d6c75",
        symbol="dot", is_buried=True, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="sensors", icon="broadcast", maker=_DRAW + "facilities:make", geometry="Point", colour="#0e7288",
        symbol="dot",
    ),
    RoleRow(role="readings", icon="chart-line"),
    RoleRow(
        role="cases", icon="clipboard-text", maker=_DRAW + "facilities:make", geometry="Point", colour="#c2413c",
        symbol="dot",
    ),
    RoleRow(
        role="amenities", icon="first-aid-kit", maker=_DRAW + "areas:make", colour="#b98bc4", label="amenity", level=4,
        depth_offset=2.6, is_ground=True, is_cut=True, chunked_from=CHUNKED,
    ),
    RoleRow(
        role="districts", icon="bounding-box", maker=_DRAW + "areas:make", geometry="Polygon", colour="#0e7288",
        outline=True, label="district", depth_offset=8.0, is_ground=True, is_cut=True, on_ground=True, is_themed=True,
        framing=2,
    ),
    RoleRow(
        role="communities", icon="users-three", maker=_DRAW + "areas:make", geometry="Polygon", colour="#7fa9bf",
        outline=True, label="community", depth_offset=7.6, is_ground=True, is_cut=True, on_ground=True, is_themed=True,
        framing=2,
    ),
    RoleRow(
        role="built_up", icon="bounding-box", maker=_DRAW + "areas:make", geometry="Polygon", colour="#b4813f",
        outline=True, depth_offset=7.2, is_ground=True, is_cut=True, on_ground=True,
    ),
    RoleRow(
        role="drainage_areas", icon="drop-half", maker=_DRAW + "areas:make", geometry="Polygon",
        colour="#8377a6", symbol="line", outline=True, depth_offset=7.0, is_ground=True, is_cut=True, on_ground=True,
    ),
    RoleRow(
        role="sites", icon="map-pin-line", maker=_DRAW + "sites:make", colour="#3f7f9c", symbol="dot", level=4,
        chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="poles", icon="lamp", maker=_DRAW + "poles:make", geometry="Point", colour="#4f8f8a", symbol="dot",
        level=4, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="devices", icon="cell-signal-full", maker=_DRAW + "poles:make_devices", geometry="Point", colour="#5f7d95",
        symbol="dot", level=4, chunked_from=CHUNKED_SIGNS,
    ),
    RoleRow(
        role="structures", icon="train-simple", maker=_DRAW + "structures:make", geometry="LineString",
        colour="#8f979b", symbol="line", level=3, is_solid=True,
    ),
    RoleRow(
        role="utility_tunnels", icon="columns", maker=_DRAW + "utility_tunnels:make", geometry="LineString",
        colour="#8a96a0", symbol="line", is_buried=True, is_solid=True,
    ),
    RoleRow(
        role="greenways", icon="bicycle", maker=_DRAW + "roads:make_footways", geometry="LineString",
        colour="#5f9d6a", symbol="line", far_colour="footway", is_ground=True, is_cut=True,
    ),
    RoleRow(
        role="heritage", icon="bank", maker=_DRAW + "areas:make", colour="#a4623f", label="amenity", level=4,
        depth_offset=3.0, is_ground=True, is_cut=True, outline=True,
    ),
    RoleRow(
        role="events", icon="flag", maker=_DRAW + "facilities:make", geometry="Point", colour="#b4543c", symbol="dot",
    ),
    RoleRow(
        role="projects", icon="wrench", maker=_DRAW + "areas:make", colour="#8a6d3b", label="amenity", level=4,
        depth_offset=2.2, is_ground=True, is_cut=True, outline=True,
    ),
    RoleRow(role="check_records", icon="clipboard-text"),
    RoleRow(role="surveys", icon="checks"),
    RoleRow(role="responses", icon="chats"),
    RoleRow(role="model", icon="cube", maker=_DRAW + "building_models:make", framing=1),
    RoleRow(role="other", icon="stack", maker=_DRAW + "surfaces:make_other", is_cut=True, chunked_from=CHUNKED),
)  # fmt: skip

#: The row of each role.
ROLES: Mapping[Role, RoleRow] = MappingProxyType({row.role: row for row in _ROWS})
#: The rows of kinds whose data is drawn in one way whatever its role: only features are drawn by role.
_BY_KIND: Mapping[str, RoleRow] = MappingProxyType({
    "terrain": ROLES["terrain"], "image": ROLES["image"], "surface": ROLES["surface"], "model": ROLES["model"],
    "cloud": RoleRow(role="other", icon="stack", maker=_DRAW + "point_cloud:make"),
    "table": RoleRow(role="other", icon="stack"),
})  # fmt: skip


def role_named(name: str) -> Role | None:
    """Return a role by its name, None where there is none of that name."""
    return next((row.role for row in _ROWS if row.role == name), None)


def raster_kind_named(name: str) -> RasterKind | None:
    """Return what a raster may be by its name, None where there is none of that name."""
    return next((kind for kind in RASTER_KINDS if kind == name), None)


def role_row(role: str) -> RoleRow:
    """Return the row of a role; a role that is not known, as a later version may write it, is "other"."""
    return ROLES[role_named(role) or "other"]


def drawn_row(kind: str, role: str) -> RoleRow:
    """Return the row by which a layer is drawn: that of its kind, and for features that of their role."""
    return _BY_KIND.get(kind) or role_row(role)
