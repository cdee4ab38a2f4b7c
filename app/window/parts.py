"""What the window is made of besides its frame: one part a topic, by the name that the action table calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.window.ask import Ask
from app.window.basemaps import Basemaps
from app.window.checks import Checks
from app.window.cim import Cim
from app.window.cloud import Cloud
from app.window.compare import Compare
from app.window.context import Context
from app.window.doctor import Doctor
from app.window.exporting import Exporting
from app.window.facts import Facts
from app.window.lods import Lods
from app.window.model import Model
from app.window.notes import Notes
from app.window.part import Part
from app.window.place import Place
from app.window.rasters import Rasters
from app.window.recovery import Recovery
from app.window.section import Section
from app.window.servers import Servers
from app.window.styles import Styles
from app.window.themes import LayerThemes
from app.window.topics import Topics
from app.window.tour import Tour
from app.window.underground import Underground

#: Made in this order, which is also that of their offers in the menu of an object.
PARTS: Mapping[str, Callable[[Any], Part]] = {
    "model": Model,
    "section": Section,
    "place": Place,
    "checks": Checks,
    "topics": Topics,
    "facts": Facts,
    "context": Context,
    "styles": Styles,
    "ask": Ask,
    "tour": Tour,
    "themes": LayerThemes,
    "compare": Compare,
    "underground": Underground,
    "notes": Notes,
    "servers": Servers,
    "doctor": Doctor,
    "recovery": Recovery,
    "cim": Cim,
    "exporting": Exporting,
    "cloud": Cloud,
    "lods": Lods,
    "rasters": Rasters,
    "basemaps": Basemaps,
}
