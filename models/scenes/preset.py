"""What a scene preset says: layers, their styles, cards, view and sheet. Values only; nothing here reads or draws.

A preset is data (``resources/scenes/*.toml``, or a file of the user's own). It names layers by their *role* and objects
by *expressions* (:mod:`models.query`), never a file, so that it fits any project that has such layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from models.roles import Role
from models.style.kinds import Labels, PipeLook, Symbology

#: How sure a figure or a rule is: read in its source, told by two, told by one, or from memory (see the guide).
CERTAINTIES = ("A", "B", "C", "D", "")
#: What a card of the panel tells.
CardKind = Literal["count", "share", "sum", "bars", "list"]
CARD_KINDS: tuple[CardKind, ...] = get_args(CardKind)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    zh: str = ""
    en: str = ""

    def in_(self, lang: str) -> str:
        """Return the words in a language, the other one where there are none."""
        return (self.en or self.zh) if lang == "en" else (self.zh or self.en)

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader of the scene must know: an assumption, or a rule with its source.

    Parameters
    ----------
    text : Text
    source : Text
        Standard and clause, empty where nobody says.
    certainty : str
        See :data:`CERTAINTIES`.
    """

    text: Text
    source: Text = Text()
    certainty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLayer:
    """Layers that belong to a scene, by their role.

    Parameters
    ----------
    key : str
        Name within the preset, by which cards speak of it.
    role : Role
    name : Text
        What it is, also said where it is missing.
    needs : tuple of str
        Fields without which nobody can tell which objects count; a layer that lacks one is not meant.
    where : str
        Expression of the objects that are shown; empty for all. A layer without any such object is not meant.
    is_required : bool
        Whether the scene says nothing without it.
    how_to : Text
        How such data is brought in, said where it is missing.
    symbology : Symbology or None
        None leaves the layer's own.
    labels : Labels or None
        None leaves the layer's own.
    colour : str
        ``"#rrggbb"`` of the shapes where there is no symbology; empty leaves it.
    opacity : float or None
    size : float or None
    pipes : PipeLook or None
        What is shown beside pipes; None leaves the layer's own.
    remarks : tuple of Remark
        Sources of the rules by which its objects stand out.
    """

    key: str
    role: Role
    name: Text
    needs: tuple[str, ...] = ()
    where: str = ""
    is_required: bool = False
    how_to: Text = Text()
    symbology: Symbology | None = None
    labels: Labels | None = None
    colour: str = ""
    opacity: float | None = None
    size: float | None = None
    pipes: PipeLook | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: what it is called, which objects, in which colour."""

    text: Text
    where: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column of a ranked list: an expression and its head; ``digits`` after the point of numbers."""

    head: Text
    value: str
    unit: str = ""
    digits: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of the panel.

    Parameters
    ----------
    kind : {"count", "share", "sum", "bars", "list"}
        How many objects; which share of those that say it; the sum of a number; counts by class; objects in an order.
    layer : str
        Key of the :class:`SceneLayer` that is asked.
    name : Text
    where : str
        The objects that count: those of a share, or of a list.
    of : str
        The objects that a share is of, and among which bars are counted; empty for all of the layer.
    value : str
        Of a sum, and of bars that are no counts: what is added up. Of a list: what ranks it.
    unit : str
    digits : int
        After the point, of a sum.
    bars : tuple of Bar
    columns : tuple of ListColumn
        Of a list.
    is_descending : bool
        Whether a list begins with the highest.
    is_alarm : bool
        Whether it counts what somebody must see to.
    remark : Remark or None
        Where the rule comes from, or what is assumed.
    """

    kind: CardKind
    layer: str
    name: Text
    where: str = ""
    of: str = ""
    value: str = ""
    unit: str = ""
    digits: int = 0
    bars: tuple[Bar, ...] = ()
    columns: tuple[ListColumn, ...] = ()
    is_descending: bool = True
    is_alarm: bool = False
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class SceneView:
    """From where and through what a scene is seen.

    Parameters
    ----------
    ground : float
        Opacity of the ground, 0…1; 1 is the usual ground.
    buildings : float
        Opacity of the buildings.
    bearing_deg, pitch_deg : float
        Direction of view: clockwise from north, and elevation (negative looks down; -90 is the map).
    fill : float
        Above 1 comes closer than is needed to show everything.
    frame_on : tuple of str
        Keys of the layers that fill the picture; empty leaves the camera where it is.
    sun : str
        Local date and time of the light, ``"2026-06-21T15:00"``; empty for the usual light.
    """

    ground: float = 1.0
    buildings: float = 1.0
    bearing_deg: float = 28.0
    pitch_deg: float = -40.0
    fill: float = 1.15
    frame_on: tuple[str, ...] = ()
    sun: str = ""

    @property
    def is_underground(self) -> bool:
        """Whether the ground or the buildings are looked through."""
        return self.ground < 1.0 or self.buildings < 1.0


@dataclass(frozen=True, slots=True)
class SceneSheet:
    """What a sheet of the scene is called and holds.

    Parameters
    ----------
    title : Text
        Empty: the name of the scene.
    paper : str
        ``"A4"``, ``"A3"``, ``"A2"``, ``"A1"`` or ``"A0"``, lying.
    without : tuple of str
        Furniture that is left out (:data:`models.views.snapshot_spec.FURNITURE`).
    """

    title: Text = Text()
    paper: str = "A3"
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePreset:
    """A scene: which layers, how drawn, what is told of them, from where seen.

    Parameters
    ----------
    id : str
        Also what ``snapshot --scene`` takes.
    name, purpose : Text
        Purpose is one line.
    icon : str
        Name in the icon family.
    layers : tuple of SceneLayer
        Bottom to top of the legend.
    base : tuple of Role
        Roles that are shown around them as they are; everything else is off.
    quiet : mapping of Role to str
        Colours to which roles of the base step back.
    cards : tuple of Card
    view : SceneView
    sheet : SceneSheet
    remarks : tuple of Remark
        What is assumed, and where the rules come from.
    file : str
        Name of the user's own file; empty for what came with the program.
    """

    id: str
    name: Text
    purpose: Text
    icon: str = "stack"
    layers: tuple[SceneLayer, ...] = ()
    base: tuple[Role, ...] = ()
    quiet: Mapping[Role, str] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    view: SceneView = SceneView()
    sheet: SceneSheet = SceneSheet()
    remarks: tuple[Remark, ...] = ()
    file: str = ""

    @property
    def is_in_time(self) -> bool:
        """Whether it shows what sensors say at a moment."""
        return any(name.startswith("now_") for one in self.layers for name in one.needs)

    def layer(self, key: str) -> SceneLayer:
        """Return one of its layers (KeyError if there is none of that key)."""
        for one in self.layers:
            if one.key == key:
                return one
        raise KeyError(key)
