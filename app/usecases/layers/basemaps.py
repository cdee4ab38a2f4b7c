"""Base maps: what is offered, put one under the city, keep an area of it for use without a network.

The key of a service is kept for its host (:mod:`app.key_store`); a project holds the address with ``{key}``.
"""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.layers import keys
from app.usecases.project.trust import grant, is_withheld, require
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.basemaps import READER, Basemap, own_id
from models.layers.layer import Layer, RasterData, Source, new_layer_id
from resources.standards import standard

if TYPE_CHECKING:
    from app.session import Session
    from models.io.raster.basemap_tiles import TilePyramid

#: Pyramids that are open, by session: one store is one file.
_OPEN: weakref.WeakKeyDictionary[Any, dict[str, TilePyramid]] = weakref.WeakKeyDictionary()


def offered() -> list[Basemap]:
    """Return the base maps that are offered: 天地图 in both tile matrices, and others."""
    table = standard("basemaps")
    tianditu = dict(table["tianditu"])
    shared = {name: value for name, value in tianditu.items() if name not in ("layer", "url", "terms")}
    result = []
    for matrix, grid in (("w", "mercator"), ("c", "degrees")):
        for row in tianditu["layer"]:
            url = tianditu["url"].replace("{layer}", row["layer"]).replace("{matrix}", matrix)
            own = {name: value for name, value in row.items() if name != "layer"}
            result.append(Basemap(id=f"tianditu_{row['layer']}_{matrix}", url=url, grid=grid, **{**shared, **own}))
    return result + [Basemap(**row) for row in table["other"]]


def needs_key(basemap: Basemap) -> bool:
    """Whether a base map's address has a place for the user's key."""
    return "{key}" in basemap.url


def set_key(session: Session, basemap: Basemap, key: str) -> None:
    """Keep a user's key for the host of a base map, and no other; an empty one is forgotten."""
    keys.keep(session, basemap.url, replace(session.keys.of(basemap.url), key=key.strip()))


def own(session: Session) -> list[Basemap]:
    """Return the base maps that the user gave an address for."""
    found = []
    for options in session.settings.get("basemaps"):
        try:
            found.append(Basemap.of(options))
        except (UserError, ValueError):  # a settings file edited by hand
            continue
    return found


def keep(session: Session, basemap: Basemap) -> None:
    """Keep a user's own base map in the settings; one with the same id is replaced."""
    basemap.check()
    basemap = replace(basemap, url=keys.taken_out(session, basemap.url))
    others = [options for options in session.settings.get("basemaps") if options.get("id") != basemap.id]
    session.settings.set("basemaps", [*others, basemap.as_options()])


def forget(session: Session, basemap_id: str) -> None:
    """Take a user's own base map out of the settings; layers that show it stay."""
    session.settings.set(
        "basemaps", [options for options in session.settings.get("basemaps") if options.get("id") != basemap_id]
    )


def add(session: Session, basemap: Basemap) -> Layer:
    """Lay a base map under everything that is open, in one undoable step.

    Raises
    ------
    UserError
        ``basemap.no_project`` when nothing is open; ``basemap.no_key``, ``basemap.bad_url`` …
    """
    basemap.check()
    basemap = replace(basemap, url=keys.taken_out(session, basemap.url))
    if needs_key(basemap) and not keys.known(session, basemap.url):
        raise UserError("basemap.no_key", name=basemap.name)
    if session.project.state.frame is None:
        raise UserError("basemap.no_project")
    layer = Layer(
        id=new_layer_id(basemap.id),
        name=basemap.name or basemap.id,
        name_en=basemap.name_en,
        kind="image",
        role="image",
        source=Source(reader=READER, crs=basemap.crs, options=basemap.as_options()),
        data_source=_credits(basemap),
    )
    grant(session, layer)
    session.project.put_data(layer.id, data_of(session, layer))

    def change(state: Any) -> Any:
        below = [one for one in state.layers if is_basemap(one)] if basemap.overlay else []
        rest = [one for one in state.layers if one not in below]
        return replace(state, layers=(*below, layer, *rest))

    session.history.do("history.add_basemap", change)
    if basemap.datum == "gcj02":
        session.notices.info("notice.basemap.gcj02", name=layer.title(session.lang))
    return layer


def _credits(basemap: Basemap) -> str:
    """Return whose map it is in both languages, as the footer of a picture takes them apart."""
    zh, en = basemap.credit("zh"), basemap.credit("en")
    return zh if zh == en else f"{zh} / {en}"


def is_basemap(layer: Layer) -> bool:
    """Whether a layer is a base map of tiles."""
    return layer.source.reader == READER


def pyramid(session: Session, layer: Layer) -> TilePyramid:
    """Return the tiles of a base map of the project; one store, however many layers show it.

    Raises
    ------
    UserError
        ``project.untrusted``; what is wrong with its address.
    """
    require(session, layer)
    from models.io.raster.basemap_tiles import TilePyramid, store_at
    from models.io.raster.tile_cache import TileStore

    basemap = Basemap.of(layer.source.options)
    basemap.check()
    known, name = _OPEN.setdefault(session, {}), _store_name(basemap)
    if name not in known:
        store = TileStore(store_at(Path(session.cache_root), name), basemap)
        known[name] = TilePyramid(basemap, store, lambda: session.keys.of(basemap.url))
    return known[name]


def _store_name(basemap: Basemap) -> str:
    """Return the name of the store of a base map: what a project calls it names no file, and no other map's tiles."""
    known = {one.id: one.url for one in offered()}
    own_name = own_id(basemap.kind, basemap.url, basemap.layers)
    return basemap.id if known.get(basemap.id) == basemap.url else own_name


def data_of(session: Session, layer: Layer) -> RasterData:
    """Return what stands for a base map's data: no pixels, but where they come from."""
    import numpy as np

    tiles = pyramid(session, layer)
    west, south, east, north = tiles.bounds
    transform = (east - west, 0.0, west, 0.0, south - north, north)
    return RasterData(
        np.zeros((1, 1, 4), dtype=np.uint8), transform, tiles.basemap.crs, info={"basemap": tiles.basemap.id},
        pyramid=tiles,
    )  # fmt: skip


def restore(session: Session) -> None:
    """Bring the data of base maps whose layers came from a project file that may reach them."""
    for layer in session.project.state.layers:
        if is_basemap(layer) and layer.id not in session.project.data and not is_withheld(session, layer):
            try:
                session.project.put_data(layer.id, data_of(session, layer))
            except (UserError, ValueError) as error:  # options of a project file edited by hand
                session.fail(error if isinstance(error, UserError) else UserError("basemap.bad_url", url=""))


def close(session: Session) -> None:
    """Close the stores of a session."""
    for tiles in _OPEN.pop(session, {}).values():
        tiles.close()


def area_of(session: Session, layer: Layer) -> tuple[float, float, float, float]:
    """Return the box around all that has a place, in the base map's grid.

    Raises
    ------
    UserError
        ``basemap.no_project``.
    """
    import numpy as np

    from app.usecases.project.project_frame import place_of

    tiles = pyramid(session, layer)
    xs, ys = [], []
    for one in session.project.state.layers:
        data = session.project.data.get(one.id)
        place = None if data is None or is_basemap(one) else place_of(data)
        if place is not None:
            x, y = tiles.locate(place[0], place[1][:, 0], place[1][:, 1])
            xs.append(x[np.isfinite(x)])
            ys.append(y[np.isfinite(y)])
    x, y = np.concatenate([*xs, []]), np.concatenate([*ys, []])
    if not len(x) or not len(y):
        raise UserError("basemap.no_project")
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def fetch_area(session: Session, layer: Layer, box: tuple[float, float, float, float], low: int, high: int) -> Job:
    """Fetch an area for use without a network; what was fetched before a cancel stays."""
    tiles = pyramid(session, layer)

    def work(progress: Progress) -> tuple[int, int]:
        return tiles.fetch_area(box, low, high, progress)

    def done(result: tuple[int, int]) -> None:
        session.notices.info(
            "notice.basemap.fetched", name=layer.title(session.lang), fetched=result[0], missing=result[1]
        )

    return session.run("job.fetch_basemap", work, done, name=layer.title(session.lang))
