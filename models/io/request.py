"""What a reader is asked, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.layers.layer import Layer, LayerData


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """How a file is to be read; everything empty means: find out.

    Parameters
    ----------
    sublayers : tuple of str
        Tables or layers of the file to read; empty for all.
    crs : str
        CRS of layers that do not say theirs. It never overrules a file that does, unless that is impossible.
    encoding : str
        Text encoding of attributes (``"gb18030"``), where the format leaves it open.
    options : mapping of str to str
        Reader settings: ``role`` (``terrain`` or ``image`` for rasters), ``x``, ``y``, ``z``, ``wkt``, ``delimiter``
        (point tables), ``kernel`` (IFC).
    """

    sublayers: tuple[str, ...] = ()
    crs: str = ""
    encoding: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form that crosses a process border."""
        return {
            "sublayers": list(self.sublayers),
            "crs": self.crs,
            "encoding": self.encoding,
            "options": dict(self.options),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ReadRequest:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(tuple(data["sublayers"]), data["crs"], data["encoding"], dict(data["options"]))


@dataclass(slots=True)
class Opened:
    """One layer that came out of a file: its description and its data."""

    layer: Layer
    data: LayerData
