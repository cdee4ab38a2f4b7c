"""Ways to colour pipes: classes of ``resources/standards/pipe_themes.toml``, and the values that they part.

Invariants
----------
1. A value that is missing, or cannot be (a size of zero, a year to come), is no data; it is never a class.
2. Depth of cover is ground less crown, at the end where it is less. An end counts only where both are known: the ground
   of the node there, else of the terrain; the crown from invert and size, else from the axis (Z) and size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.network.levels import levels_of
from resources.standards import standard

Floats = NDArray[np.float64]

#: What tells where the ground is: easting and northing (n,) to heights (n,), NaN where it is not known.
GroundAt = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class PipeTheme:
    """One way to colour pipes.

    Parameters
    ----------
    id : str
    kind : {"categories", "years", "ranges", "states"}
    name, name_en : str
    unit : str
    fields : tuple of str
        Columns that may hold the value, best first; none where it is worked out.
    limits : tuple of float
        Between classes.
    colours : tuple of str
        One more than limits; of categories those of the most frequent; none for states.
    """

    id: str
    kind: str
    name: str
    name_en: str
    unit: str = ""
    fields: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name

    def field_of(self, columns: Any) -> str | None:
        """Return the first of the theme's fields among some columns."""
        return next((name for name in self.fields if name in columns), None)

    def is_offered(self, columns: Any) -> bool:
        """Whether a table with these columns can be coloured so."""
        return not self.fields or self.field_of(columns) is not None


@lru_cache(maxsize=1)
def pipe_themes() -> dict[str, PipeTheme]:
    """Return all ways to colour pipes by their id."""
    return {
        row["id"]: PipeTheme(
            row["id"], row["kind"], row["zh"], row["en"], row.get("unit", ""), tuple(row["fields"]),
            tuple(float(limit) for limit in row.get("limits", ())), tuple(row.get("colours", ())),
        )
        for row in standard("pipe_themes")["theme"]
    }  # fmt: skip


def values_of(theme: PipeTheme, table: pd.DataFrame) -> Floats:
    """Return the numbers by which a theme of ranges or years parts the rows of a table, NaN for no data."""
    values = np.full(len(table), np.nan)
    for name in theme.fields:  # a box has a width where a round pipe has a diameter
        if name in table.columns:
            column = numbers(table, name)
            values = np.where(np.isfinite(values), values, column)
    if theme.kind == "years":
        return np.where((values >= 1850) & (values <= date.today().year), values, np.nan)
    return np.where(values > 0, values, np.nan) if theme.id == "diameter" else np.where(values >= 0, values, np.nan)


def classes_of(theme: PipeTheme, values: Floats) -> NDArray[np.int64]:
    """Return the class of each value, -1 for no data."""
    found = np.searchsorted(np.asarray(theme.limits), values, side="right")
    return np.where(np.isfinite(values), found, -1).astype(np.int64)


def cover_m(pipes: Any, nodes: pd.DataFrame | None, ground_at: GroundAt | None) -> Floats:
    """Return the depth of cover over each pipe, metres, at the end where it is less; NaN where neither end is known.

    Parameters
    ----------
    pipes : GeoDataFrame
        Lines in the project's CRS with ``start_node``, ``end_node``, ``start_invert_m``, ``end_invert_m``,
        ``diameter_mm`` or ``section_height_mm``; all are optional.
    nodes : DataFrame or None
        ``code`` and ``ground_m``.
    ground_at : callable or None
        Ground of a terrain, for ends whose node says none; None where there is no terrain.
    """
    lines = pipes.geometry.to_numpy()
    known = {} if nodes is None or not {"code", "ground_m"} <= set(nodes.columns) else _levels(nodes)
    high = np.where(np.isfinite(tall := numbers(pipes, "section_height_mm")), tall, numbers(pipes, "diameter_mm"))
    high = np.where(high > 0, high / 1000.0, np.nan)
    single = shapely.get_type_id(lines) == 1
    ends = []
    for place, name in ((0, "start"), (-1, "end")):
        points = shapely.get_point(np.where(single, lines, None), place)
        x, y = shapely.get_x(points), shapely.get_y(points)
        z = shapely.get_z(points)
        invert = levels_of(pipes, f"{name}_invert_m")
        crown = np.where(np.isfinite(invert), invert + high, np.where(z != 0.0, z, np.nan) + high / 2)
        ground = np.full(len(lines), np.nan)
        if known and f"{name}_node" in pipes.columns:
            ground = pipes[f"{name}_node"].map(known).to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        lacking = ~np.isfinite(ground) & np.isfinite(x)
        if ground_at is not None and lacking.any():
            ground[lacking] = ground_at(x[lacking], y[lacking])
        ends.append(ground - crown)
    result: Floats = np.fmin(ends[0], ends[1])
    return result


def _levels(nodes: pd.DataFrame) -> dict[Any, float]:
    return dict(zip(nodes["code"], levels_of(nodes, "ground_m").tolist(), strict=True))
