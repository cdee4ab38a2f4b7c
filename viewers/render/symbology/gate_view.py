"""What fails the quality gate, seen: failing objects by severity, everything else stepped back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.facilities.quality.kept import Marks
from models.layers.layer import LayerData
from models.project.project import ProjectState
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.layers.facilities import MARKER
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.problem_view import calm
from viewers.render.symbology.theme_picture import ThemePicture, joined, one_colour, over


def gate_view(
    state: ProjectState, data: Mapping[str, LayerData], marks: Marks | None, lang: str, dark: bool = False
) -> ThemePicture:
    """Return the picture of what fails.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    marks : Marks or None
        None before anything was judged: then the city keeps its colours and the legend says so.
    lang : {"zh", "en"}
    dark : bool
    """
    title = word("legend.gate", lang)
    if marks is None:
        return ThemePicture({}, Legend(title, (), word("legend.gate.none", lang)))
    ground: Mapping[str, str] = status()["problem_view_dark" if dark else "problem_view"]
    roles = {layer.id: layer.role for layer in state.layers}
    stepped = {
        layer.id: calm(layer, data[layer.id], ground) for layer in state.layers if layer.visible and layer.id in data
    }
    colours: dict[str, LayerColours] = {name: table for name, table in stepped.items() if table is not None}
    called: set[str] = set()
    entries = []
    for severity, layers in marks.by.items():
        colour = status()["gate"][severity]
        count = sum(len(oids) for oids in layers.values())
        if count:
            entries.append(LegendEntry(word(f"gate.severity.{severity}", lang), colour, symbol="dot", count=count))
        for layer_id, oids in layers.items():
            if layer_id not in data or not len(oids):
                continue
            table = one_colour(oids, rgba(colour))
            if roles.get(layer_id) in ("facilities", "sensors"):
                table = joined([table, (np.asarray(oids) + MARKER, table[1])])
            colours[layer_id] = over(colours[layer_id], table) if layer_id in colours else table
            called.add(layer_id)
    if not entries:
        entries.append(LegendEntry(word("legend.gate.clean", lang), status()["general"]["count"]))
    rule = marks.titles[lang == "en"]
    return ThemePicture(colours, Legend(f"{title} · {rule}" if rule else title, tuple(entries)),
                        frozenset(colours) - called)  # fmt: skip
