"""The legend of measured surfaces: one bar of colours a layer, with its unit and the values at its ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.core.value_text import three_digits
from models.layers.layer import Layer, LayerData, RasterData
from models.terrain.raster_display import Display, ramp_colours, ramp_of
from viewers.legend import LegendEntry
from viewers.render.layers.terrain import surface_limits


def entries_of(layers: Iterable[Layer], data: Mapping[str, LayerData], lang: str) -> list[LegendEntry]:
    """Return the lines of all surfaces among some layers, the topmost first."""
    entries: list[LegendEntry] = []
    for layer in reversed(list(layers)):
        raster = data.get(layer.id)
        if layer.kind != "surface" or not isinstance(raster, RasterData) or raster.values.ndim != 2:
            continue
        display = Display.of(layer.source.options)
        unit = display.unit or str(raster.info.get("unit", ""))
        low, high = surface_limits(display, raster)
        table = ramp_colours(ramp_of(display, "surface"), display.reverse, count=9)
        colours = tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in table.tolist())
        title = f"{layer.title(lang)} ({unit})" if unit else layer.title(lang)
        ends = tuple(three_digits(value) for value in (low, (low + high) / 2, high))
        entries += [LegendEntry(title, colours[0], symbol="head"), LegendEntry("", colours[0], symbol="ramp",
                    colours=colours, ends=ends)]  # fmt: skip
    return entries
