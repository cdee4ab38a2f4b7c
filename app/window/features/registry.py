"""What the window is made of besides its frame: one part a topic, by the name that the action table calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.window.features.bim.cim import Cim
from app.window.features.bim.facts import Facts
from app.window.features.bim.lods import Lods
from app.window.features.bim.model_browser import Model
from app.window.features.checks.checks import Checks
from app.window.features.crs.crs_doctor import Doctor
from app.window.features.crs.placement import Place
from app.window.features.layers.basemaps import Basemaps
from app.window.features.layers.exporting import Exporting
from app.window.features.layers.layer_themes import LayerThemes
from app.window.features.layers.point_cloud import Cloud
from app.window.features.layers.rasters import Rasters
from app.window.features.layers.servers import Servers
from app.window.features.project.recovery import Recovery
from app.window.features.query.query import Ask
from app.window.features.review.topics import Topics
from app.window.features.style.styles import Styles
from app.window.features.views.annotations import Notes
from app.window.features.views.comparison import Compare
from app.window.features.views.flights import Tour
from app.window.features.views.underground import Underground
from app.window.part import Part
from app.window.shell.context_menu import Context
from app.window.tools.section import Section

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
