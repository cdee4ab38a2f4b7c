"""JSON of ArcGIS servers: a set of features with the fields that they have, as GDAL reads it.

Source: ArcGIS REST API, "FeatureSet object" and "Geometry objects". A page of a query says that there was more; curves
have rings of their own that GDAL does not know; the description of a layer looks alike and holds no features.
"""

from __future__ import annotations

import re
from pathlib import Path

from models.core.errors import Caution

_ESRI = re.compile(rb'"geometryType"\s*:\s*"esriGeometry|"type"\s*:\s*"esriFieldType')
_FEATURES = re.compile(rb'"features"\s*:\s*\[')
_MORE = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_CURVES = (b'"curveRings"', b'"curvePaths"')
_PIECE, _OVERLAP = 1 << 22, 64


def is_esri(text: bytes) -> bool:
    """Whether the beginning of a text is JSON of an ArcGIS server: features or the description of a layer."""
    return text.startswith(b"{") and _ESRI.search(text) is not None


def has_features(head: bytes, path: Path) -> bool:
    """Whether it holds features, perhaps behind a long list of fields."""
    if _FEATURES.search(head):
        return True
    with path.open("rb") as stream:
        rest = b""
        while piece := stream.read(_PIECE):
            if _FEATURES.search(rest + piece):
                return True
            rest = piece[-_OVERLAP:]
    return False


def cautions_of(path: Path) -> list[Caution]:
    """Return what a set of features does not hold, or what nobody can draw of it."""
    raw = path.read_bytes()
    cautions = []
    if _MORE.search(raw):
        cautions.append(Caution("vector.esri_page", file=path.name))
    curves = sum(raw.count(word) for word in _CURVES)
    if curves:
        cautions.append(Caution("vector.esri_curves", file=path.name, count=curves))
    return cautions
