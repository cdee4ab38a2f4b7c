"""The CIM level (CIM1 … CIM7) of each layer.

The technical guide for CIM platforms grades city models from CIM1 (outlines with heights, symbols) to CIM7 (single
parts of a building). A person may state a layer's level; otherwise it is told by what the layer holds, and said to be
our own reading. What is no model of the city (tables, images, readings, point clouds) has no level: that is not CIM1.

Source: CJJ/T 315-2022 and 《城市信息模型（CIM）基础平台技术导则（修订版）》, entered in
``resources/standards/cim.toml``, where it is marked uncertain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.buildings.heights import heights
from models.layers.layer import Layer, LayerData, ModelData, RasterData, VectorData
from resources.standards import standard

#: From coarse to fine.
LEVELS = ("CIM1", "CIM2", "CIM3", "CIM4", "CIM5", "CIM6", "CIM7")
#: From this level on a layer is three-dimensional data.
FIRST_3D = "CIM2"
#: So many objects are looked at to tell what a layer holds: lists ask for levels while a person waits.
SAMPLE = 1000


@dataclass(frozen=True, slots=True)
class Level:
    """The level of one layer, and why.

    Parameters
    ----------
    id : str
        ``"CIM1"`` … ``"CIM7"``, empty for what is no model of the city.
    reason : str
        ``"stated"`` by a person, or what it was told by: ``"outline"``, ``"symbol"``, ``"height"``, ``"no_height"``,
        ``"depth"``, ``"surface"``, ``"frame"``, ``"texture"``, ``"detail"``, ``"spaces"``, ``"components"``,
        ``"parts"``, ``"shell"``, ``"no_model"``, ``"no_data"``. ``cim.reason.<reason>`` is its sentence.
    """

    id: str
    reason: str

    @property
    def is_3d(self) -> bool:
        """Whether the layer counts as three-dimensional data."""
        return bool(self.id) and LEVELS.index(self.id) >= LEVELS.index(FIRST_3D)


@dataclass(frozen=True, slots=True)
class LevelDef:
    """What a level is."""

    id: str
    name: str
    name_en: str
    content: str
    content_en: str
    precision: str

    def title(self, lang: str) -> str:
        """Return ``"CIM2 框架模型"``."""
        return f"{self.id} {self.name_en if lang == 'en' else self.name}"

    def describe(self, lang: str) -> str:
        """Return what a model of this level shows."""
        return self.content_en if lang == "en" else self.content


@lru_cache(maxsize=1)
def levels() -> Mapping[str, LevelDef]:
    """Return the levels by id, coarse to fine."""
    return {
        row["id"]: LevelDef(row["id"], row["zh"], row["en"], row["content_zh"], row["content_en"], row["precision"])
        for row in standard("cim")["level"]
    }


def level_of(layer: Layer, data: LayerData | None) -> Level:
    """Return the level of a layer.

    Parameters
    ----------
    layer : Layer
    data : LayerData or None
        None where its source was missing: only a stated level is known then.
    """
    if layer.cim_level in LEVELS:
        return Level(layer.cim_level, "stated")
    if data is None:
        return Level("", "no_data")
    if isinstance(data, ModelData):
        return _of_model(data)
    if isinstance(data, RasterData):
        return Level("CIM1", "surface") if layer.kind == "terrain" else Level("", "no_model")
    if isinstance(data, VectorData) and layer.kind == "vector":
        return _of_features(layer, data)
    return Level("", "no_model")


def has_height(layer: Layer, data: VectorData) -> NDArray[np.bool_]:
    """Return which buildings of a layer have a height, or storeys that give one: (n,)."""
    style = layer.style
    table = data.attributes
    found = heights(table, style.height_field, style.storeys_field, style.storey_height_m)
    return np.asarray(found.origin != "assumed")


def _of_features(layer: Layer, data: VectorData) -> Level:
    rules = standard("cim")["roles"]
    if layer.role == "buildings":
        sample = VectorData(data.attributes.head(SAMPLE))
        return Level("CIM2", "height") if has_height(layer, sample).any() else Level("CIM1", "no_height")
    if layer.role == "pipes":
        return Level("CIM2", "depth")
    if layer.role in rules["symbol"]:
        return Level("CIM1", "symbol")
    return Level("CIM1", "outline") if layer.role in rules["outline"] else Level("", "no_model")


def _of_model(data: ModelData) -> Level:
    """IFC by its spaces, properties and parts; city models by their level of detail and textures."""
    rules: Mapping[str, Any] = standard("cim")["model"]
    classes = data.elements["ifc_class"].astype(str)
    if not classes.str.startswith("Ifc").any():
        detail = _detail_of(data)
        if detail >= 3.0:
            return Level("CIM5", "spaces") if detail >= 4.0 else Level("CIM4", "detail")
        return Level("CIM3", "texture") if data.info.get("textures") else Level("CIM2", "frame")
    shaped = classes[data.elements["has_geometry"].to_numpy(dtype=bool)]
    if len(shaped) and float(shaped.isin(rules["part_classes"]).mean()) >= rules["part_share"]:
        return Level("CIM7", "parts")
    oids = shaped.index.to_numpy()[:: max(len(shaped) // SAMPLE, 1)]
    if len(oids) and sum(bool(data.psets.get(int(oid))) for oid in oids) / len(oids) >= rules["pset_share"]:
        return Level("CIM6", "components")
    return Level("CIM5", "spaces") if (classes == "IfcSpace").any() else Level("CIM4", "shell")


def _detail_of(data: ModelData) -> float:
    """Return the level of detail that a city model says it has, 0 where it does not."""
    try:
        return float(str(data.info.get("lod", "") or 0))
    except ValueError:
        return 0.0
