"""What a base map is: where its tiles come from, on which grid, and which attribution it needs. No network here.

A base map is a layer of kind ``image`` whose source has the reader ``basemap`` and no path; its :class:`Basemap` stands
in the source's options, without the user's key, which stays in the settings of the person at the machine. Tiles that
were seen once are kept in a store (:mod:`models.io.raster.tile_cache`), so that it shows without a network too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import quote, urlsplit

import numpy as np
from numpy.typing import NDArray

from models.core.addresses import masked
from models.core.errors import UserError
from models.crs.frame import transformer

READER = "basemap"
KINDS = ("xyz", "wmts", "wms")
Array = NDArray[np.float64]

#: Half the width of the Web Mercator square, metres: π · 6 378 137.
MERCATOR_M = math.pi * 6_378_137.0
#: Tiles that one download may hold.
MOST_TILES = 50_000
TILE_PX = 256


@dataclass(frozen=True, slots=True)
class Basemap:
    """One base map.

    Parameters
    ----------
    id : str
        Names its store; of a template its own, of a user's URL made from the URL.
    kind : {"xyz", "wmts", "wms"}
    url : str
        With ``{z}``, ``{x}``, ``{y}`` (or ``{-y}`` counted from the south, as TMS does) for XYZ and WMTS; the service's
        address for WMS; ``{s}`` for one of ``servers``, ``{key}`` for the user's key.
    name, name_en : str
    grid : {"mercator", "degrees"}
        The 天地图 tile matrices ``w`` and ``c``: EPSG:3857, or EPSG:4490 with 360° at level 0.
    layers, styles, image_format, version : str
        Of a WMS.
    servers : str
        Characters for ``{s}``, one is taken for each tile.
    low_zoom, high_zoom : int
    datum : str
        ``"gcj02"`` for the shifted coordinates of Chinese consumer maps, else empty (WGS 84, CGCS2000).
    key_name : str
        Of the service whose key is needed, as older versions named it; keys are kept by host.
    attribution, attribution_en : str
        Printed under every picture that shows it.
    review : str
        审图号 of the map, printed with it.
    bulk : bool
        Whether its terms allow to fetch an area for offline use.
    overlay : bool
        Names and lines on a clear ground, drawn above another base map.
    """

    id: str
    kind: str
    url: str
    name: str = ""
    name_en: str = ""
    grid: str = "mercator"
    layers: str = ""
    styles: str = ""
    image_format: str = "image/png"
    version: str = "1.1.1"
    servers: str = ""
    low_zoom: int = 0
    high_zoom: int = 18
    datum: str = ""
    key_name: str = ""
    attribution: str = ""
    attribution_en: str = ""
    review: str = ""
    bulk: bool = True
    overlay: bool = False

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Basemap:
        """Return the base map that a source's options tell of.

        Raises
        ------
        UserError
            ``basemap.bad_url``, ``basemap.bad_kind``.
        """
        known = cls.__dataclass_fields__
        values: dict[str, object] = {}
        for name, text in options.items():
            if name in known:
                kind = known[name].type
                values[name] = int(text) if kind == "int" else text == "true" if kind == "bool" else text
        made = cls(**{"id": "", "kind": "", "url": "", **values})  # type: ignore[arg-type]
        made.check()
        return made

    def as_options(self) -> dict[str, str]:
        """Return the texts that :meth:`of` reads; what is as usual is left out."""
        usual = asdict(Basemap("", "", ""))
        options = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return {n: ("true" if v is True else "false" if v is False else str(v)) for n, v in options.items()}

    def check(self) -> None:
        """Refuse what cannot be asked.

        Raises
        ------
        UserError
            ``basemap.bad_kind``, ``basemap.bad_url`` (no http or https, or a placeholder is missing).
        """
        if self.kind not in KINDS:
            raise UserError("basemap.bad_kind", kind=self.kind)
        try:
            parts = urlsplit(self.url.replace("{s}", "0"))
        except ValueError:
            raise UserError("basemap.bad_url", url=masked(self.url)) from None
        # A key is bound to the host that stands here: no field but {s} may make another of it.
        changed = "{" in parts.netloc or not re.fullmatch(r"[A-Za-z0-9-]*", self.servers)
        if parts.scheme not in ("http", "https") or not parts.hostname or changed:
            raise UserError("basemap.bad_url", url=masked(self.url))
        if self.kind != "wms" and not ("{z}" in self.url and "{x}" in self.url and re.search(r"\{-?y\}", self.url)):
            raise UserError("basemap.no_places", url=masked(self.url))
        if self.kind == "wms" and not self.layers:
            raise UserError("basemap.no_layers", url=masked(self.url))

    @property
    def crs(self) -> str:
        """Return the CRS of its grid."""
        return "EPSG:3857" if self.grid == "mercator" else "EPSG:4490"

    @property
    def span(self) -> float:
        """Return the side of the tile of level 0, in units of its CRS."""
        return 2 * MERCATOR_M if self.grid == "mercator" else 360.0

    @property
    def top_left(self) -> tuple[float, float]:
        """Return the corner from which tiles are counted."""
        return (-MERCATOR_M, MERCATOR_M) if self.grid == "mercator" else (-180.0, 90.0)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return the extent of the grid, in its CRS."""
        x, y = self.top_left
        return x, -y, -x, y

    def tile_size(self, zoom: int) -> float:
        """Return the side of a tile, in units of its CRS."""
        return self.span / float(2**zoom)

    def tile_bounds(self, zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
        """Return the extent of a tile (y counted from the north), in its CRS."""
        side = self.tile_size(zoom)
        left, top = self.top_left
        return left + x * side, top - (y + 1) * side, left + (x + 1) * side, top - y * side

    def address(self, zoom: int, x: int, y: int, key: str = "") -> str:
        """Return the URL of a tile.

        Raises
        ------
        UserError
            ``basemap.no_key`` when one is needed and none is given.
        """
        if "{key}" in self.url and not key:
            raise UserError("basemap.no_key", name=self.name or self.id)
        server = self.servers[(x + y) % len(self.servers)] if self.servers else ""
        url = self.url.replace("{s}", server).replace("{key}", quote(key, safe=""))
        if self.kind == "wms":
            return self._map_request(url, self.tile_bounds(zoom, x, y))
        south = (2**zoom if self.grid == "mercator" else 2 ** max(zoom - 1, 0)) - 1 - y
        return (
            url.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y)).replace("{-y}", str(south))
        )  # fmt: skip

    def _map_request(self, url: str, box: tuple[float, float, float, float]) -> str:
        from urllib.parse import urlencode

        # Version 1.3.0 asks for degrees in the authority's order, latitude first (OGC 06-042, 6.7.3.3).
        west, south, east, north = box
        turned = self.version >= "1.3" and self.grid == "degrees"
        corners = (south, west, north, east) if turned else (west, south, east, north)
        asked = {
            "SERVICE": "WMS", "REQUEST": "GetMap", "VERSION": self.version, "LAYERS": self.layers,
            "STYLES": self.styles, "CRS" if self.version >= "1.3" else "SRS": self.crs,
            "BBOX": ",".join(f"{value:.10g}" for value in corners), "WIDTH": TILE_PX, "HEIGHT": TILE_PX,
            "FORMAT": self.image_format, "TRANSPARENT": "TRUE" if "png" in self.image_format else "FALSE",
        }  # fmt: skip
        return (
            f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
            if not url.endswith(("?", "&"))
            else (url + urlencode(asked))
        )

    def locate(self, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
        """Return coordinates of the grid (in the datum of the tiles) of points in another CRS."""
        if not self.datum:
            east, north = transformer(crs, self.crs).transform(x, y)
            return np.asarray(east), np.asarray(north)
        from models.crs.doctor.gcj02 import gcj02_of

        shape = np.shape(x)
        lon, lat = transformer(crs, "EPSG:4326").transform(x, y)
        shifted = gcj02_of(np.column_stack([np.ravel(lon), np.ravel(lat)]))
        east, north = transformer("EPSG:4326", self.crs).transform(shifted[:, 0], shifted[:, 1])
        return np.reshape(east, shape), np.reshape(north, shape)

    def level_for(self, pixel: float) -> int:
        """Return the level whose pixels come nearest to a size, none coarser by more than a third."""
        level = math.ceil(math.log2(self.span / TILE_PX / max(pixel, 1e-12)) - 0.4)
        return min(max(level, self.low_zoom), self.high_zoom)

    def tiles_in(self, box: tuple[float, float, float, float], zoom: int) -> tuple[range, range]:
        """Return the columns and rows of the tiles that meet a box in the grid's CRS."""
        side = self.tile_size(zoom)
        left, top = self.top_left
        columns, rows = 2**zoom, 2**zoom if self.grid == "mercator" else max(2 ** (zoom - 1), 1)
        first = max(math.floor((box[0] - left) / side + 1e-9), 0), max(math.floor((top - box[3]) / side + 1e-9), 0)
        last = (
            min(math.ceil((box[2] - left) / side - 1e-9), columns), min(math.ceil((top - box[1]) / side - 1e-9), rows)
        )  # fmt: skip
        return range(first[0], max(last[0], first[0])), range(first[1], max(last[1], first[1]))

    def count_in(self, box: tuple[float, float, float, float], low: int, high: int) -> int:
        """Return how many tiles an area has between two levels."""
        return sum(len(xs) * len(ys) for xs, ys in (self.tiles_in(box, zoom) for zoom in range(low, high + 1)))

    def credit(self, lang: str) -> str:
        """Return what is printed under a picture: whose map it is, and its 审图号."""
        text = (self.attribution_en if lang == "en" else "") or self.attribution or self.name
        return f"{text} {self.review}".strip()


def own_id(kind: str, url: str, layers: str = "") -> str:
    """Return a stable id for a user's own address, without what a key in it might be."""
    import hashlib

    return "own_" + hashlib.blake2b(f"{kind}\0{url}\0{layers}".encode(), digest_size=8).hexdigest()
