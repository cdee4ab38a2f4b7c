"""What is known of a file before it is read: its kind, schema, CRS, extent and tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from models.core.errors import Caution

Extent = tuple[float, float, float, float]


@dataclass(slots=True)
class SubLayer:
    """One table, band group or model inside a file.

    Parameters
    ----------
    name : str
    geometry : str
        ``"Polygon"``, ``"Point Z"``, empty for a table without geometry.
    count : int or None
        Features, elements or cells; None where the format does not say without reading all of it.
    fields : list of str
    crs : str
    extent : tuple of 4 float or None
        xmin, ymin, xmax, ymax in ``crs``.
    types : list of str
        Of ``fields``: ``"text"``, ``"integer"``, ``"number"``, ``"date"``, ``"boolean"``; empty where not told.
    sublayer : str
        How to ask for it, where that is not its name.
    """

    name: str
    geometry: str = ""
    count: int | None = None
    fields: list[str] = field(default_factory=list)
    crs: str = ""
    extent: Extent | None = None
    types: list[str] = field(default_factory=list)
    sublayer: str = ""


@dataclass(slots=True)
class FileInfo:
    """What is known of a file.

    Parameters
    ----------
    file : str
    size_bytes : int
    reader : str
        Row of :data:`models.io.registry.FORMATS`.
    kind : str
        Layer kind that opening gives: ``vector``, ``table``, ``terrain``, ``image``, ``model``, or ``project``.
    schema : str
        ``"IFC4"``, ``"GPKG"``, ``"GTiff float32"``, ``"CityJSON 2.0"`` …
    crs : str
        Of the first sublayer that has one.
    extent : tuple of 4 float or None
        Of all sublayers that share ``crs``.
    sublayers : list of SubLayer
    counts : dict of str to int
        IFC: products and spatial elements by class; else features by sublayer.
    facts : dict
        More, by format: application, units, georeference, size in cells, encoding.
    cautions : list of Caution
    """

    file: str
    size_bytes: int
    reader: str
    kind: str
    schema: str = ""
    crs: str = ""
    extent: Extent | None = None
    sublayers: list[SubLayer] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        result = {name: getattr(self, name) for name in self.__dataclass_fields__}
        result["sublayers"] = [asdict(layer) for layer in self.sublayers]
        result["cautions"] = [caution.as_dict() for caution in self.cautions]
        return result
