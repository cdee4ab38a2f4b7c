"""The theme that is shown, as a style that QGIS can show alike: a column with its value and classes over it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from models.health.results import IndicatorResult
from models.layers.layer import Layer
from models.style.kinds import NO_DATA, Class, Symbology
from resources.words import word
from viewers.render.layers.facilities import MARKER
from viewers.render.palette.status_colours import status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theming import grades_of

VALUE, FINDING = "hc_value", "hc_finding"


def themed_table(
    layer: Layer, frame: Any, result: IndicatorResult, colours: LayerColours | None, lang: str
) -> tuple[Layer, Any]:
    """Return a layer and its table as an indicator shows them; as they are where it says nothing of them.

    ``colours`` are those of the theme. Units get the column ``hc_value`` and the classes of the legend, objects that
    fail the column ``hc_finding``.
    """
    for units in (result.units, result.estates):
        values = {unit.unit_oid: unit.value for unit in units if unit.unit_layer == layer.id}
        if values:
            grades = grades_of(result, units)
            limits = [None, *grades.breaks, None]
            classes = tuple(
                Class(colour, low=limits[k], high=limits[k + 1], opacity=status()["general"]["fill"])
                for k, colour in enumerate(grades.colours)
            )
            blank = Class(NO_DATA, label=word("legend.no_data", lang))
            symbology = Symbology(kind="graduated", field=VALUE, method="manual", classes=classes, no_data=blank)
            column = pd.Series(frame.index, index=frame.index).map(values).astype(float)
            return _styled(layer, symbology), frame.assign(**{VALUE: column})
    reasons = {one.key.oid: word(f"problem.{one.reason}", lang) for one in result.problems if one.key.layer == layer.id}
    if not reasons or colours is None:
        return layer, frame
    return _by_finding(layer, frame, reasons, colours, lang)


def _by_finding(
    layer: Layer, frame: Any, reasons: dict[int, str], colours: LayerColours, lang: str
) -> tuple[Layer, Any]:
    """Return objects by what was found of them; what the theme leaves uncoloured was not judged: no data."""
    oids, rgba = colours
    calm = word("handover.no_finding", lang)
    judged = pd.Series(calm, index=pd.Index(oids[oids < MARKER]).drop_duplicates())
    judged.update(pd.Series(reasons))
    column = pd.Series(frame.index, index=frame.index).map(judged.to_dict())
    classes = []
    for text in [*sorted(set(reasons.values())), calm]:
        mine = frame.index[column == text]
        at = np.flatnonzero(np.isin(oids, mine))
        if len(at):
            red, green, blue, alpha = rgba[at[0]].tolist()
            classes.append(Class(f"#{red:02x}{green:02x}{blue:02x}", value=text, opacity=round(alpha / 255, 2)))
    symbology = Symbology(
        kind="categorised", field=FINDING, classes=tuple(classes), other=Class(visible=False),
        no_data=Class(NO_DATA, label=word("legend.no_data", lang)),
    )  # fmt: skip
    return _styled(layer, symbology), frame.assign(**{FINDING: column.where(column.notna(), None)})


def _styled(layer: Layer, symbology: Symbology) -> Layer:
    return replace(layer, style=replace(layer.style, symbology=symbology))
