"""Open a GeoPackage in QGIS, headless, and see its layers in their styles.

Run with the system's Python, which has QGIS (Debian: ``qgis python3-qgis xvfb``), never with ours::

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tools/see_in_qgis.py city.gpkg out.png [west south east north]

Draws every layer with its default style, one over the other, and prints JSON: for each layer the renderer, its legend
and how many objects each colour has, its scale range and whether it writes labels.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from qgis.core import (  # type: ignore[import-not-found]
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize  # type: ignore[import-not-found]
from qgis.PyQt.QtGui import QColor  # type: ignore[import-not-found]


def _rule_symbols(renderer: Any, feature: Any, context: Any) -> list[Any]:
    """Return the symbols of the rules that hold, "else" where none does; QGIS's own list names that always."""
    if renderer.type() != "RuleRenderer":
        return []
    rules = [rule for rule in renderer.rootRule().children() if rule.active() or rule.isElse()]
    held = [rule for rule in rules if not rule.isElse() and rule.isFilterOK(feature, context)]
    return [rule.symbol() for rule in held or [rule for rule in rules if rule.isElse()]]


def about(layer: Any) -> dict[str, Any]:
    """Return what QGIS makes of a layer's style."""
    renderer = layer.renderer()
    context = QgsRenderContext()
    renderer.startRender(context, layer.fields())
    counts: dict[str, int] = {}
    undrawn = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        symbols = _rule_symbols(renderer, feature, context) or renderer.symbolsForFeature(feature, context)
        undrawn += not symbols
        for symbol in symbols:
            colour = symbol.color().name() + f"/{symbol.opacity():.2f}/{symbol.symbolLayerCount()}"
            counts[colour] = counts.get(colour, 0) + 1
    renderer.stopRender(context)
    return {
        "renderer": renderer.type(), "counts": counts, "undrawn": undrawn, "opacity": layer.opacity(),
        "legend": [item.label() for item in renderer.legendSymbolItems()],
        "labels": layer.labelsEnabled() and layer.labeling().settings().fieldName,
        "scales": [layer.minimumScale(), layer.maximumScale()] if layer.hasScaleBasedVisibility() else None,
    }  # fmt: skip


def main(path: str, picture: str, *box: str) -> None:
    """Draw and tell."""
    application = QgsApplication([], False)
    application.initQgis()
    first = QgsVectorLayer(path, "all", "ogr")
    layers = []
    for line in first.dataProvider().subLayers():
        name = line.split("!!::!!")[1]
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        if layer.isValid() and layer.isSpatial():
            layers.append(layer)  # the default style comes with the layer
    settings = QgsMapSettings()
    order = {2: 0, 1: 1, 0: 2}  # areas below lines below points
    layers.sort(key=lambda one: order.get(int(one.geometryType()), 3))
    settings.setLayers(layers[::-1])
    settings.setDestinationCrs(layers[0].crs())
    settings.setBackgroundColor(QColor("#ffffff"))
    settings.setOutputSize(QSize(1200, 1200))
    extent = QgsRectangle(*map(float, box)) if box else QgsRectangle(layers[0].extent())
    for layer in layers if not box else ():
        extent.combineExtentWith(layer.extent())
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    print(json.dumps({layer.name(): about(layer) for layer in layers}, ensure_ascii=False, indent=1))
    sys.stdout.flush()
    os._exit(0)  # QGIS falls over its own objects when Python lets go of them in its own order


if __name__ == "__main__":
    main(*sys.argv[1:])
