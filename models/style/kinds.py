"""Styles as values: symbology, classes, labels and scale ranges, kept in the project file as JSON.

A :class:`Symbology` speaks of three things that can be combined: the *colour* of each object (``kind``), its *form*
(``extrusion``, ``sizes``: raised or sized by a value) and, for heat maps and hexagons, the *density* of many objects.
Colour alone never makes geometry again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

#: Ways to colour.
KINDS = ("single", "categorised", "graduated", "ramp", "rules", "heat", "hex")
#: Those in which an object's own value, or what rules say of it, decides.
BY_OBJECT = ("single", "categorised", "graduated", "ramp", "rules")
#: Ways to part values into classes.
METHODS = ("quantiles", "equal", "jenks", "pretty", "deviation", "manual")
#: What is told of the objects in a hexagon.
STATISTICS = ("count", "sum", "mean")
#: Colour of what has no value.
NO_DATA = "#9aa1a5"
#: Colour of what falls into no class.
OTHER = "#c9ccc8"


@dataclass(frozen=True, slots=True)
class Class:
    """One class: which objects, and how they look.

    Parameters
    ----------
    colour : str
        ``"#rrggbb"``.
    value : str
        Of a category: the field's value as text.
    low, high : float or None
        Of a graduated class: ``low <= value < high``; the last class holds its ``high`` too. None is open.
    expression : str
        Of a rule; empty for the rule that takes what no other took.
    label, label_en : str
        As a person named it, and the same in English; empty: named by the value or the range.
    visible : bool
    opacity : float
        0…1, times that of the layer.
    size : float
        Factor on symbols.
    """

    colour: str = OTHER
    value: str = ""
    low: float | None = None
    high: float | None = None
    expression: str = ""
    label: str = ""
    visible: bool = True
    opacity: float = 1.0
    size: float = 1.0
    label_en: str = ""

    def title(self, lang: str) -> str:
        """Return its label in a language, falling back to the one there is; empty where nobody named it."""
        return self.label_en if lang == "en" and self.label_en else self.label


@dataclass(frozen=True, slots=True)
class Extrusion:
    """Objects raised by a value.

    Parameters
    ----------
    field : str
        Number that gives the height.
    factor : float
        Metres for one unit of the field.
    shape : {"prism", "column"}
        The area itself raised, or a bar on its middle; points always have bars.
    width_m : float
        Side of a bar, metres.
    """

    field: str = ""
    factor: float = 1.0
    shape: str = "prism"
    width_m: float = 20.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Symbols sized by a value: their *area* grows with it, as an eye compares discs.

    Parameters
    ----------
    field : str
    largest_m : float
        Diameter of the symbol of ``top``, metres on the ground.
    top : float or None
        Value of the largest symbol; None: the highest there is.
    """

    field: str = ""
    largest_m: float = 60.0
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Density:
    """Many objects told as one surface.

    Parameters
    ----------
    size_m : float
        Heat map: radius within which an object is felt. Hexagons: width across flats. 0: chosen by the extent.
    statistic : {"count", "sum", "mean"}
    field : str
        Number that is summed, averaged, or weighs in a heat map; empty counts objects.
    factor : float
        Hexagons: metres for one unit of what they tell, 0 leaves them flat.
    """

    size_m: float = 0.0
    statistic: str = "count"
    field: str = ""
    factor: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far objects reach: discs and sectors laid over the ground in the colours of their classes, see-through.

    Parameters
    ----------
    field : str
        Number that gives the distance, metres on the ground; empty: ``constant_m`` for all.
    angle_field : str
        Opening angle, degrees; empty, missing or 360: all round.
    bearing_field : str
        Direction of the middle, degrees clockwise from north; a sector without one is not drawn.
    constant_m : float
        Distance where there is no field.
    opacity : float
        0…1 of the fill; the rim is always seen.
    is_merged : bool
        Whether the reaches of a class are one area with one rim (coverage), or each has its own.
    where : str
        Expression of the objects that reach at all; empty for all.
    """

    field: str = ""
    angle_field: str = ""
    bearing_field: str = ""
    constant_m: float = 0.0
    opacity: float = 0.22
    is_merged: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """Words beside the objects of a layer.

    Parameters
    ----------
    field : str
        Column that is written; empty writes nothing.
    expression : str
        Text with fields in braces, ``"{name}（{storeys} 层）"``; wins over ``field``.
    size_px : int
    colour : str
        Empty: the ink of the look.
    halo : bool
        A light plate behind the words.
    priority : float
        0…100; higher is kept where there is no room for all.
    priority_field : str
        Number that ranks the layer's own labels; empty: larger objects first.
    gap_px : float
        Least distance to the next label.
    reach_m : float
        Seen from farther away they are left out; 0: chosen by how dense the objects lie.
    """

    field: str = ""
    expression: str = ""
    size_px: int = 14
    colour: str = ""
    halo: bool = True
    priority: float = 50.0
    priority_field: str = ""
    gap_px: float = 5.0
    reach_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Symbology:
    """How the objects of a layer look.

    Parameters
    ----------
    kind : str
        See :data:`KINDS`.
    field : str
        Column that decides; empty for ``single`` and ``rules``.
    classes : tuple of Class
        Of ``single``: one. Of ``rules``: in order, the first that holds wins.
    other : Class
        What falls into no class.
    no_data : Class
        What has no value: drawn grey, hatched where it is an area, never a pale class.
    method, count : str, int
        How the classes were made, to be made again with other data.
    ramp : str
        Row of ``resources/standards/ramps.toml``.
    reverse : bool
    low, high : float or None
        Ends of a continuous ramp; None: the 2nd and 98th hundredth of the values.
    midpoint : float or None
        Value in the middle of a diverging ramp.
    outline : str
        Colour of outlines, empty for the default.
    outline_px : float
        Width of outlines, pixels; 0 for the default.
    extrusion : Extrusion or None
    sizes : Sizes or None
    density : Density or None
        Of ``heat`` and ``hex``.
    unit : str
        Said in the legend after the field's name.
    reach : Reach or None
        How far objects reach, drawn beside them.
    in_legend : bool
        Whether the legend speaks of it; what only steps back behind a scene says nothing.
    """

    kind: str = "single"
    field: str = ""
    classes: tuple[Class, ...] = ()
    other: Class = Class()
    no_data: Class = Class(NO_DATA)
    method: str = "quantiles"
    count: int = 5
    ramp: str = "lake"
    reverse: bool = False
    low: float | None = None
    high: float | None = None
    midpoint: float | None = None
    outline: str = ""
    outline_px: float = 0.0
    extrusion: Extrusion | None = None
    sizes: Sizes | None = None
    density: Density | None = None
    unit: str = ""
    reach: Reach | None = None
    in_legend: bool = True

    @property
    def replaces(self) -> bool:
        """Whether objects are drawn in another form, in the place of their own."""
        return self.kind in ("heat", "hex") or self.extrusion is not None or self.sizes is not None


@dataclass(frozen=True, slots=True)
class PipeLook:
    """What is shown of pipes beside their bodies, and how kinds of one standard colour are told apart.

    Parameters
    ----------
    labels : bool
        Size, material and kind written along the pipes.
    arrows : bool
        Directions of flow.
    tints : bool
        Rain, sewage and combined sewers in tints of ours, for which no standard stands, instead of the one brown of
        CJJ 61.
    """

    labels: bool = True
    arrows: bool = True
    tints: bool = False


@dataclass(frozen=True, slots=True)
class ScaleRange:
    """Map scales between which a layer is seen.

    Parameters
    ----------
    largest : float
        Denominator of the largest scale (seen from as near as this), 0: as near as one likes.
    smallest : float
        Denominator of the smallest scale (seen from as far as this), 0: as far as one likes.
    """

    largest: float = 0.0
    smallest: float = 0.0

    def holds(self, denominator: float) -> bool:
        """Return whether a layer is seen at a scale of 1 : denominator."""
        return (not self.largest or denominator >= self.largest) and (not self.smallest or denominator <= self.smallest)


def symbology_from(document: Mapping[str, Any] | None) -> Symbology | None:
    """Return a symbology from its JSON form, None from None; unknown keys of later versions are left out."""
    if document is None:
        return None
    values = _known(Symbology, document)
    values["classes"] = tuple(Class(**_known(Class, row)) for row in values.get("classes") or ())
    for name in ("other", "no_data"):
        if isinstance(values.get(name), Mapping):
            values[name] = Class(**_known(Class, values[name]))
    nested: tuple[tuple[str, Any], ...] = (
        ("extrusion", Extrusion),
        ("sizes", Sizes),
        ("density", Density),
        ("reach", Reach),
    )
    for name, kind in nested:
        if isinstance(values.get(name), Mapping):
            values[name] = kind(**_known(kind, values[name]))
    if values.get("kind", "single") not in KINDS:
        values["kind"] = "single"
    return Symbology(**values)


def labels_from(document: Mapping[str, Any] | None) -> Labels | None:
    """Return labels from their JSON form, None from None."""
    return None if document is None else Labels(**_known(Labels, document))


def pipe_look_from(document: Mapping[str, Any] | None) -> PipeLook:
    """Return how pipes look from its JSON form, the usual look from None."""
    return PipeLook() if document is None else PipeLook(**_known(PipeLook, document))


def range_from(document: Mapping[str, Any] | None) -> ScaleRange | None:
    """Return a scale range from its JSON form, None from None."""
    return None if document is None else ScaleRange(**_known(ScaleRange, document))


def single(colour: str, *, opacity: float = 1.0) -> Symbology:
    """Return the style of one colour."""
    return Symbology(classes=(Class(colour, opacity=opacity),))


def with_class(symbology: Symbology, row: int, changed: Class) -> Symbology:
    """Return a symbology in which one class was changed."""
    classes = tuple(changed if at == row else one for at, one in enumerate(symbology.classes))
    return replace(symbology, classes=classes)


def _known(kind: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in document.items() if name in names}
