"""What was asked of a server for a layer, as a project keeps it: never a password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.layers.layer import Layer

#: Option of a layer's source that holds it.
ASKED = "server_asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a server.

    Parameters
    ----------
    kind : {"postgis", "web"}
    where : mapping
        Of a :class:`~models.io.servers.postgis.Server` without its password, or ``{"url": …}``.
    what : mapping
        Of a :class:`~models.io.servers.postgis.Table` or :class:`~models.io.servers.ogc.Collection`.
    filter : str
        Expression, for databases.
    box : tuple of 4 float or None
        In the layer's CRS for databases, in degrees for web services.
    limit : int
    crs : str
        As a person says, for a database that knows none of its shapes.
    """

    kind: str
    where: Mapping[str, Any]
    what: Mapping[str, Any]
    filter: str = ""
    box: tuple[float, float, float, float] | None = None
    limit: int = 500_000
    crs: str = ""

    @property
    def address(self) -> str:
        """Return whom it was asked: an address of the web, or ``postgresql://host:port``."""
        if self.kind == "web":
            return str(self.where.get("url", ""))
        return f"postgresql://{self.where.get('host', '')}:{self.where.get('port', '')}"

    def as_text(self) -> str:
        """Return it as it is kept in the options of a layer's source."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, text: str) -> Asked:
        """Rebuild what :meth:`as_text` wrote.

        Raises
        ------
        ValueError
            For any other text.
        """
        try:
            document = json.loads(text)
            box = document.pop("box")
            made = cls(**document, box=None if box is None else (box[0], box[1], box[2], box[3]))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            raise ValueError("not what was asked of a server") from error
        if not isinstance(made.where, dict) or not isinstance(made.what, dict):
            raise ValueError("not what was asked of a server")
        return made


def asked_of(layer: Layer) -> Asked | None:
    """Return what was asked for a layer, None if it came from no server or the note of it is damaged."""
    text = layer.source.options.get(ASKED, "")
    try:
        return Asked.of(text) if text else None
    except ValueError:
        return None
