"""Changed tables written back into a model: the tokens that differ, and nothing else.

What is compared is the file's own table (:func:`models.network.hydraulics.tables.tables_of`) with the one that a person
has changed, so that a value which nobody touched keeps the digits of its author. Depths are what a model holds, heights
what the table shows: an invert that is lowered alone makes its manhole deeper and the ends of its pipes hang higher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.network.hydraulics.document import InpDocument
from models.network.hydraulics.sections import COLUMNS
from models.network.hydraulics.tables import key_of, tables_of
from models.network.hydraulics.units import Units

#: Differences below this are the rounding of a table that was saved and opened, relative.
_SAME = 1e-9
#: An offset may be so little below zero by rounding, metres.
_ROUNDING_M = 1e-6


@dataclass(frozen=True, slots=True)
class Written:
    """A model with changes in it.

    Parameters
    ----------
    document : InpDocument
    changed : int
        Tokens that are different now.
    cautions : list of Caution
        What of the tables could not be written.
    """

    document: InpDocument
    changed: int
    cautions: list[Caution]


def with_tables(document: InpDocument, tables: Mapping[str, pd.DataFrame]) -> Written:
    """Return a model in which changed tables are written.

    Parameters
    ----------
    document : InpDocument
    tables : mapping of str to DataFrame
        ``nodes``, ``links``, ``subcatchments`` with the columns of
        :func:`models.network.hydraulics.tables.tables_of`, recognised by ``code``; other columns are left alone.

    Raises
    ------
    UserError
        ``network.negative_offset`` where a pipe would lie below the bottom of its manhole; ``network.bad_value`` for a
        value that a model cannot hold.
    """
    found = tables_of(document)
    changes: dict[tuple[int, int], str] = {}
    cautions: list[Caution] = []
    now: dict[str, pd.DataFrame] = {}
    key = key_of(document)
    for element in ("nodes", "links", "subcatchments"):
        was: pd.DataFrame = getattr(found, element)
        if len(was):
            now[element] = _matched(was, tables.get(element), key, element, document.file, cautions)
    for element, table in now.items():
        was = getattr(found, element)
        for column, place in _places(document, found.units, element, was):
            if column in table:
                changes |= place.changes(was, table, column)
    if document.dialect == "swmm":
        changes |= _depths(document, found.units, found.nodes, now["nodes"])
        changes |= _offsets(document, found.units, found.nodes, now["nodes"], found.links, now["links"])
    return Written(document.with_tokens(changes), len(changes), cautions)


def _matched(
    was: pd.DataFrame, given: pd.DataFrame | None, key: Callable[[str], str], element: str, file: str,
    cautions: list[Caution],
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of a changed table in the order of the model's; what only one of them has stays as it is."""
    if given is None or "code" not in given:
        return was
    codes = given["code"].astype(str).map(key)
    mine = was["code"].astype(str).map(key)
    if codes.duplicated().any() or mine.duplicated().any():
        raise UserError("network.code_twice", file=file, name=str(given["code"][codes.duplicated()].iloc[0])
                        if codes.duplicated().any() else str(was["code"][mine.duplicated()].iloc[0]))  # fmt: skip
    more, less = int((~codes.isin(mine)).sum()), int((~mine.isin(codes)).sum())
    if more or less:
        cautions.append(Caution("network.rows_differ", file=file, element=element, more=more, less=less))
    given = given.set_axis(pd.Index(codes), axis=0).reindex(mine)
    table = was.copy()
    there = mine.isin(codes).to_numpy()
    for column in was.columns:
        if column in given and column not in ("code", "geometry", "inp_line"):
            table.loc[there, column] = given[column].to_numpy()[there]
    return table


# --- tokens that hold a value by itself -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column stands: by row its line and position (-1: nowhere), and how it is written."""

    line: NDArray[np.int64]
    position: NDArray[np.int64]
    unit: float
    file: str
    is_text: bool = False
    least: float | None = None

    def changes(self, was: pd.DataFrame, now: pd.DataFrame, column: str) -> dict[tuple[int, int], str]:
        places = self.position >= 0
        texts: NDArray[np.object_]
        if self.is_text:
            texts = now[column].fillna("").astype(str).to_numpy(object)
            differ = places & (was[column].fillna("").astype(str).to_numpy(object) != texts) & (texts != "")
        else:
            before, after = _numbers(was[column]), _numbers(now[column])
            differ = places & np.isfinite(after) & ~np.isclose(before, after, rtol=_SAME, atol=1e-12, equal_nan=True)
            if self.least is not None and (bad := differ & (after <= self.least)).any():
                at = int(np.flatnonzero(bad)[0])
                raise UserError("network.bad_value", file=self.file, name=str(now["code"].iloc[at]), field=column,
                                value=float(after[at]))  # fmt: skip
            texts = np.array([_text(one / self.unit) for one in after], dtype=object)
        return {
            (int(self.line[at]), int(self.position[at])): str(texts[at]) for at in np.flatnonzero(differ)
        }  # fmt: skip


#: Column of the table → column of the section, unit of it as an attribute of Units (with a factor), text or number, and
#: above what it must lie.
_SWMM = {
    "nodes": (("invert_m", "elevation", 1.0, "length_m", None), ("ponded_area_m2", "ponded_area", 1.0, "area", None)),
    "links": (("length_m", "length", 1.0, "length_m", 0.0), ("roughness", "roughness", 1.0, "", 0.0),
              ("start_node", "from", 0.0, "text", None), ("end_node", "to", 0.0, "text", None),
              ("curve", "curve", 0.0, "text", None)),
    "subcatchments": (("area_ha", "area", 1e-4, "area_m2", 0.0), ("imperv_percent", "imperv", 1.0, "", None),
                      ("width_m", "width", 1.0, "length_m", 0.0), ("slope_percent", "slope", 1.0, "", None),
                      ("raingage", "raingage", 0.0, "text", None), ("outlet", "outlet", 0.0, "text", None)),
}  # fmt: skip
_EPANET = {
    "nodes": (("invert_m", "elevation", 1.0, "length_m", None), ("demand_lps", "demand", 1000.0, "flow_m3_s", None),
              ("pattern", "pattern", 0.0, "text", None), ("init_level_m", "init_level", 1.0, "length_m", None),
              ("min_level_m", "min_level", 1.0, "length_m", None), ("max_level_m", "max_level", 1.0, "length_m", None),
              ("diameter_m", "diameter", 1.0, "length_m", 0.0)),
    "links": (("length_m", "length", 1.0, "length_m", 0.0), ("roughness", "roughness", 1.0, "", 0.0),
              ("diameter_mm", "diameter", 1000.0, "diameter_m", 0.0), ("minor_loss", "minor_loss", 1.0, "", None),
              ("start_node", "from", 0.0, "text", None), ("end_node", "to", 0.0, "text", None),
              ("setting", "setting", 0.0, "text", None), ("curve", "curve", 0.0, "text", None)),
    "subcatchments": (),
}  # fmt: skip


def _places(
    document: InpDocument, units: Units, element: str, was: pd.DataFrame
) -> Iterator[tuple[str, _Place]]:  # fmt: skip
    table = _SWMM if document.dialect == "swmm" else _EPANET
    line = was["inp_line"].to_numpy(np.int64) - 1
    section = was["element"].str.upper() if "element" in was else pd.Series("SUBCATCHMENTS", index=was.index)
    for column, name, factor, unit, least in table[element]:
        if column not in was:
            continue
        position = _position(document, section, name)
        scale = _unit(units, unit) * (factor or 1.0)
        yield column, _Place(line, position, scale, document.file, unit == "text", least)
    if element == "links" and document.dialect == "swmm":
        yield from _section_places(document, units, was)


def _unit(units: Units, name: str) -> float:
    if name == "area":
        return units.length_m**2
    return float(getattr(units, name)) if name not in ("", "text") else 1.0


def _position(document: InpDocument, section: pd.Series[str], name: str) -> NDArray[np.int64]:
    columns = COLUMNS[document.dialect]
    at = {one: columns[one].index(name) if name in columns[one] else -1 for one in section.unique()}
    return section.map(at).to_numpy(np.int64)


def _section_places(document: InpDocument, units: Units, links: pd.DataFrame) -> Iterator[tuple[str, _Place]]:
    rows = {row.tokens[0].upper(): row.line for row in document.rows("XSECTIONS")}
    line = np.asarray(links["code"].astype(str).str.upper().map(rows).fillna(-1), dtype=np.int64)
    for column, at in (("diameter_mm", 2), ("section_height_mm", 2), ("width_mm", 3)):
        if column in links:
            has = (line >= 0) & links[column].notna().to_numpy()
            position = np.where(has, at, -1).astype(np.int64)
            yield column, _Place(line, position, units.length_m * 1000, document.file, least=0.0)


# --- depths and offsets, which are differences of heights -------------------------------------------------------------


def _depths(
    document: InpDocument, units: Units, was: pd.DataFrame, now: pd.DataFrame
) -> dict[tuple[int, int], str]:  # fmt: skip
    if "ground_m" not in was:
        return {}
    before = (was["ground_m"] - was["invert_m"]).to_numpy(np.float64)
    after = _numbers(now["ground_m"]) - _numbers(now["invert_m"])
    position = _position(document, was["element"].str.upper(), "max_depth")
    differ = (position >= 0) & np.isfinite(after) & ~np.isclose(before, after, rtol=0, atol=1e-7, equal_nan=True)
    if (bad := differ & (after <= 0)).any():
        at = int(np.flatnonzero(bad)[0])
        raise UserError("network.bad_value", file=document.file, name=str(was["code"].iloc[at]), field="ground_m",
                        value=float(now["ground_m"].iloc[at]))  # fmt: skip
    line = was["inp_line"].to_numpy(np.int64) - 1
    return {(int(line[at]), int(position[at])): _text(after[at] / units.length_m) for at in np.flatnonzero(differ)}


def _offsets(
    document: InpDocument, units: Units, nodes: pd.DataFrame, nodes_now: pd.DataFrame, links: pd.DataFrame,
    links_now: pd.DataFrame,
) -> dict[tuple[int, int], str]:  # fmt: skip
    changes: dict[tuple[int, int], str] = {}
    absolute = document.options().get("LINK_OFFSETS", "DEPTH").upper() == "ELEVATION"
    line = links["inp_line"].to_numpy(np.int64) - 1
    section = links["element"].str.upper()
    for end, names in (("start", ("in_offset", "offset")), ("end", ("out_offset",))):
        position = np.max([_position(document, section, name) for name in names], axis=0)
        before, base_before = _level(nodes, links, end)
        after, base_after = _level(nodes_now, links_now, end)
        offset_before = before if absolute else before - base_before
        offset_after = after if absolute else after - base_after
        differ = (position >= 0) & np.isfinite(offset_after)
        differ &= ~np.isclose(offset_before, offset_after, rtol=0, atol=1e-7, equal_nan=True)
        below = differ & ((after - base_after) < -_ROUNDING_M)
        if below.any():
            first = int(np.flatnonzero(below)[0])
            raise UserError("network.negative_offset", file=document.file, name=str(links["code"].iloc[first]),
                            node=str(links_now[f"{end}_node"].iloc[first]), count=int(below.sum()))  # fmt: skip
        for at in np.flatnonzero(differ):
            value = offset_after[at] if absolute else max(offset_after[at], 0.0)
            changes[int(line[at]), int(position[at])] = _text(value / units.length_m)
    return changes


def _level(nodes: pd.DataFrame, links: pd.DataFrame, end: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the height of a link's end and the bottom of its node."""
    bottom = dict(zip(nodes["code"].astype(str).str.upper(), nodes["invert_m"].astype(float), strict=True))
    base = links[f"{end}_node"].astype(str).str.upper().map(bottom).to_numpy(np.float64)
    return _numbers(links[f"{end}_invert_m"]), np.asarray(base, dtype=np.float64)


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _text(value: float) -> str:
    """Return a number as a model file holds it: what ten digits tell, without an exponent."""
    if not np.isfinite(value):
        return ""
    text = f"{value:.10g}"
    return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")
