"""What is wrong with a model before an engine sees it: named by object, with the line where it stands.

An engine stops at its first kind of error and speaks of line numbers; these checks go through the whole model. Their
verdict does not replace the engine's: a model is run as its engine takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.network.hydraulics.document import MOST_LINE_BYTES, InpDocument
from models.network.hydraulics.files import found_beside, references_of
from models.network.hydraulics.sections import COLUMNS, LINKS, NODES
from models.network.hydraulics.tables import key_of, number, section_table

#: So many findings of one kind are listed; the rest is counted.
MOST_OF_A_KIND = 200
#: Where water leaves a drainage network, and where it enters one of supply.
_GOALS: Mapping[str, tuple[str, ...]] = {"swmm": ("OUTFALLS",), "epanet": ("RESERVOIRS", "TANKS")}
#: What a section's rows need at least to be read.
_LEAST = {
    "swmm": {"JUNCTIONS": 2, "OUTFALLS": 3, "STORAGE": 5, "CONDUITS": 5, "PUMPS": 3, "ORIFICES": 6, "WEIRS": 6,
             "OUTLETS": 6, "XSECTIONS": 3, "SUBCATCHMENTS": 7},
    "epanet": {"JUNCTIONS": 1, "RESERVOIRS": 2, "TANKS": 2, "PIPES": 3, "PUMPS": 4, "VALVES": 6},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    Parameters
    ----------
    code : str
        ``network.check.<code>`` is its sentence.
    severity : {"error", "caution"}
    name : str
        Object that it is about, empty for the model.
    section : str
        Where it stands.
    line : int
        From 1; 0 for none.
    what : str
        What is missing or wrong: another object's name, a value.
    count : int
        How many objects it stands for.
    """

    code: str
    severity: str = "error"
    name: str = ""
    section: str = ""
    line: int = 0
    what: str = ""
    count: int = 1


def check_model(document: InpDocument, home: Path | None = None) -> list[Issue]:
    """Return what is wrong with a model, errors first.

    Parameters
    ----------
    document : InpDocument
    home : Path or None
        Folder of the model, in which the files that it names are looked for; None: not looked for.
    """
    found: list[Issue] = [*_text(document), *_sections(document)]
    tables = {name: section_table(document, name) for name in COLUMNS[document.dialect]}
    key = key_of(document)
    nodes = _known(tables, NODES[document.dialect], key)
    found += _duplicates(tables, NODES[document.dialect], key) + _duplicates(tables, LINKS[document.dialect], key)
    found += _ends(tables, document, nodes, key)
    found += _swmm(document, tables, nodes) if document.dialect == "swmm" else _epanet(document, tables)
    found += _parts(document, tables, key)
    if home is not None:
        found += [
            Issue("file_missing", line=one.line + 1, what=one.name)
            for one in references_of(document)
            if one.is_read and found_beside(one, home) is None
        ]
    return sorted(_bounded(found), key=lambda issue: issue.severity != "error")


def _bounded(issues: Iterable[Issue]) -> list[Issue]:
    """Keep so many of each kind; one issue after them says how many more there are."""
    by_code: dict[str, list[Issue]] = {}
    for issue in issues:
        by_code.setdefault(issue.code, []).append(issue)
    kept: list[Issue] = []
    for mine in by_code.values():
        kept += mine[:MOST_OF_A_KIND]
        if (more := len(mine) - MOST_OF_A_KIND) > 0:
            kept.append(Issue("more", mine[0].severity, count=more))
    return kept


def _text(document: InpDocument) -> list[Issue]:
    found = []
    for at, line in enumerate(document.lines):
        if len(line) > MOST_LINE_BYTES and len(line.partition(b";")[0].rstrip()) >= MOST_LINE_BYTES:
            found.append(Issue("line_too_long", line=at + 1, what=f"{len(line):,}"))
        if b"\0" in line:
            found.append(Issue("nul_bytes", "caution", line=at + 1))
    return found


def _sections(document: InpDocument) -> list[Issue]:
    found = [
        Issue("unknown_section", line=one.title_line + 1, what=one.title) for one in document.sections if not one.name
    ]
    if not any(document.rows(name) for name in NODES[document.dialect]):
        found.append(Issue("no_nodes"))
    if not any(document.rows(name) for name in LINKS[document.dialect]):
        found.append(Issue("no_links"))
    for name, least in _LEAST[document.dialect].items():
        found += [
            Issue("too_few_items", section=name, line=row.line + 1, name=row.tokens[0])
            for row in document.rows(name)
            if len(row.tokens) < least
            and not (name == "XSECTIONS" and len(row.tokens) > 1 and row.tokens[1] == "DUMMY")
        ]
    return found


Tables = Mapping[str, pd.DataFrame]


def _known(tables: Tables, names: Iterable[str], key: Callable[[str], str]) -> set[str]:
    return {key(one) for name in names for one in tables[name]["name"]}


def _duplicates(tables: Tables, names: Iterable[str], key: Callable[[str], str]) -> list[Issue]:
    rows = pd.concat([tables[name][["name"]].assign(section=name) for name in names])
    keys = rows["name"].map(key)
    again = rows[keys.duplicated()]
    return [Issue("duplicate_name", section=section, name=name, line=line + 1)
            for line, name, section in again.itertuples()]  # fmt: skip


def _ends(tables: Tables, document: InpDocument, nodes: set[str], key: Callable[[str], str]) -> list[Issue]:
    found = []
    for section in LINKS[document.dialect]:
        table = tables[section]
        for end in ("from", "to"):
            lost = table[~table[end].map(key).isin(nodes)] if len(table) else table
            found += [Issue("undefined_node", section=section, name=name, line=line + 1, what=node)
                      for line, name, node in zip(lost.index, lost["name"], lost[end], strict=True)]  # fmt: skip
    return found


def _references(
    code: str, section: str, lines: Iterable[int], names: Iterable[str], given: Iterable[str], known: set[str],
    key: Callable[[str], str],
) -> list[Issue]:  # fmt: skip
    return [
        Issue(code, section=section, name=name, line=line + 1, what=what)
        for line, name, what in zip(lines, names, given, strict=True)
        if what not in ("", "*") and key(what) not in known
    ]


def _numbers(table: pd.DataFrame, section: str, columns: Iterable[str], *, least: float | None) -> list[Issue]:
    found = []
    for column in columns:
        value = number(table[column])
        bad = np.isnan(value) if least is None else ~(value > least)
        found += [
            Issue("bad_number", section=section, name=str(name), line=int(line) + 1, what=f"{column} = {given or '?'}")
            for line, name, given in zip(table.index[bad], table["name"][bad], table[column][bad], strict=True)
        ]
    return found


# --- SWMM -------------------------------------------------------------------------------------------------------------


def _first(document: InpDocument, section: str) -> set[str]:
    return {row.tokens[0].upper() for row in document.rows(section)}


def _swmm(document: InpDocument, tables: Tables, nodes: set[str]) -> list[Issue]:
    upper = str.upper
    series, curves = _first(document, "TIMESERIES"), _first(document, "CURVES")
    patterns, gages = _first(document, "PATTERNS"), _first(document, "RAINGAGES")
    areas = _known(tables, ["SUBCATCHMENTS"], upper)
    found: list[Issue] = []

    def refer(code: str, section: str, rows: pd.DataFrame, column: str, known: set[str]) -> None:
        found.extend(_references(code, section, rows.index, rows["name"], rows[column], known, upper))

    rain = tables["RAINGAGES"]
    refer("undefined_series", "RAINGAGES", rain[rain["source_kind"].str.upper() == "TIMESERIES"], "source", series)
    catchments = tables["SUBCATCHMENTS"]
    refer("undefined_gage", "SUBCATCHMENTS", catchments, "raingage", gages)
    refer("undefined_outlet", "SUBCATCHMENTS", catchments, "outlet", nodes | areas)
    refer("undefined_curve", "PUMPS", tables["PUMPS"], "curve", curves)
    outlets = tables["OUTLETS"]
    refer("undefined_curve", "OUTLETS", outlets[outlets["type"].str.upper().str.startswith("TAB")], "curve", curves)
    storage = tables["STORAGE"]
    refer("undefined_curve", "STORAGE", storage[storage["shape"].str.upper() == "TABULAR"], "curve", curves)
    outfalls = tables["OUTFALLS"]
    refer("undefined_curve", "OUTFALLS", outfalls[outfalls["type"].str.upper() == "TIDAL"], "stage", curves)
    refer("undefined_series", "OUTFALLS", outfalls[outfalls["type"].str.upper() == "TIMESERIES"], "stage", series)
    found += _named_rows(document, nodes, series, patterns, gages)
    found += _cross_sections(document, tables)
    found += _numbers(tables["CONDUITS"], "CONDUITS", ("length", "roughness"), least=0.0)
    for section in NODES["swmm"]:
        found += _numbers(tables[section], section, ("elevation",), least=None)
    if not len(outfalls) and len(tables["CONDUITS"]):
        found.append(Issue("no_outfall"))
    return found


def _named_rows(
    document: InpDocument, nodes: set[str], series: set[str], patterns: set[str], gages: set[str]
) -> list[Issue]:
    """Look through the sections whose tokens have places of their own."""
    found = []

    def lacks(code: str, section: str, row_line: int, name: str, what: str) -> None:
        found.append(Issue(code, section=section, name=name, line=row_line + 1, what=what))

    for row in document.rows("HYDROGRAPHS"):
        if len(row.tokens) == 2 and row.tokens[1].upper() not in gages:
            lacks("undefined_gage", "HYDROGRAPHS", row.line, row.tokens[0], row.tokens[1])
    for row in document.rows("INFLOWS"):
        if row.tokens[0].upper() not in nodes:
            lacks("undefined_node", "INFLOWS", row.line, row.tokens[0], row.tokens[0])
        if len(row.tokens) > 2 and row.tokens[2] not in ("", "*") and row.tokens[2].upper() not in series:
            lacks("undefined_series", "INFLOWS", row.line, row.tokens[0], row.tokens[2])
    for row in document.rows("DWF"):
        if row.tokens[0].upper() not in nodes:
            lacks("undefined_node", "DWF", row.line, row.tokens[0], row.tokens[0])
        for pattern in row.tokens[3:7]:
            if pattern not in ("", "*") and pattern.upper() not in patterns:
                lacks("undefined_pattern", "DWF", row.line, row.tokens[0], pattern)
    for row in document.rows("EVAPORATION"):
        if len(row.tokens) > 1 and row.tokens[0].upper() == "TIMESERIES" and row.tokens[1].upper() not in series:
            lacks("undefined_series", "EVAPORATION", row.line, "", row.tokens[1])
    links = {row.tokens[0].upper() for name in LINKS["swmm"] for row in document.rows(name)}
    for row in document.rows("CONTROLS"):
        words = [one.upper() for one in row.tokens]
        if len(words) > 2 and words[0] in ("IF", "AND", "OR", "THEN", "ELSE"):
            if words[1] in ("LINK", "CONDUIT", "PUMP", "ORIFICE", "WEIR", "OUTLET") and words[2] not in links:
                lacks("undefined_link", "CONTROLS", row.line, row.tokens[2], row.tokens[2])
            elif words[1] == "NODE" and words[2] not in nodes:
                lacks("undefined_node", "CONTROLS", row.line, row.tokens[2], row.tokens[2])
    return found


def _cross_sections(document: InpDocument, tables: Tables) -> list[Issue]:
    sections = tables["XSECTIONS"]
    having = set(sections["link"].str.upper())
    found = []
    for section in ("CONDUITS", "ORIFICES", "WEIRS"):
        table = tables[section]
        lacking = table[~table["name"].str.upper().isin(having)]
        found += [Issue("no_section", section=section, name=name, line=line + 1)
                  for line, name in zip(lacking.index, lacking["name"], strict=True)]  # fmt: skip
    shape = sections["shape"].str.upper()
    known = {"IRREGULAR": {row.tokens[1].upper() for row in document.rows("TRANSECTS")
                           if row.tokens[0].upper() == "X1" and len(row.tokens) > 1},
             "STREET": _first(document, "STREETS")}  # fmt: skip
    for kind, names in known.items():
        mine = sections[shape == kind]
        found += [Issue("undefined_transect", section="XSECTIONS", name=link, line=line + 1, what=what)
                  for line, link, what in zip(mine.index, mine["link"], mine["geom1"], strict=True)
                  if what.upper() not in names]  # fmt: skip
    measured = sections[~shape.isin(["IRREGULAR", "STREET", "DUMMY"])].rename(columns={"link": "name"})
    return found + _numbers(measured, "XSECTIONS", ("geom1",), least=0.0)


# --- EPANET -----------------------------------------------------------------------------------------------------------


def _epanet(document: InpDocument, tables: Tables) -> list[Issue]:
    patterns = {row.tokens[0] for row in document.rows("PATTERNS")}
    curves = {row.tokens[0] for row in document.rows("CURVES")}
    found: list[Issue] = []
    for section in ("JUNCTIONS", "RESERVOIRS"):
        table = tables[section]
        found += _references("undefined_pattern", section, table.index, table["name"], table["pattern"], patterns, str)
    tanks = tables["TANKS"]
    found += _references("undefined_curve", "TANKS", tanks.index, tanks["name"], tanks["curve"], curves, str)
    for row in document.rows("DEMANDS"):
        if len(row.tokens) > 2 and row.tokens[2] not in patterns:
            found.append(Issue("undefined_pattern", section="DEMANDS", name=row.tokens[0], line=row.line + 1,
                               what=row.tokens[2]))  # fmt: skip
    for row in document.rows("PUMPS"):
        words = [one.upper() for one in row.tokens]
        for at, word in enumerate(words[3:-1], start=3):
            if word == "HEAD" and row.tokens[at + 1] not in curves:
                found.append(Issue("undefined_curve", section="PUMPS", name=row.tokens[0], line=row.line + 1,
                                   what=row.tokens[at + 1]))  # fmt: skip
            if word == "PATTERN" and row.tokens[at + 1] not in patterns:
                found.append(Issue("undefined_pattern", section="PUMPS", name=row.tokens[0], line=row.line + 1,
                                   what=row.tokens[at + 1]))  # fmt: skip
    found += _numbers(tables["PIPES"], "PIPES", ("length", "diameter", "roughness"), least=0.0)
    found += _numbers(tables["VALVES"], "VALVES", ("diameter",), least=0.0)
    if not len(tables["RESERVOIRS"]) and not len(tables["TANKS"]):
        found.append(Issue("no_source"))
    return found


# --- parts ------------------------------------------------------------------------------------------------------------


def _parts(document: InpDocument, tables: Tables, key: Callable[[str], str]) -> list[Issue]:
    """Find parts of a network that reach no outfall (SWMM) or no source (EPANET), and nodes without a link."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    dialect = document.dialect
    given = list(dict.fromkeys(key(one) for section in NODES[dialect] for one in tables[section]["name"]))
    of = {name: at for at, name in enumerate(given)}
    start, end = (
        np.concatenate([tables[section][at].map(key).map(of).to_numpy(np.float64) for section in LINKS[dialect]])
        for at in ("from", "to")
    )
    inlets = _inlets(document, tables, of)
    start, end = np.concatenate([start, inlets[:, 0]]), np.concatenate([end, inlets[:, 1]])
    good = np.isfinite(start + end)
    start, end = start[good].astype(np.int64), end[good].astype(np.int64)
    goals = [of[key(one)] for section in _GOALS[dialect] for one in tables[section]["name"]]
    if not goals:
        return []
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(len(of), len(of)))
    count, part = connected_components(graph, directed=False)
    sizes = np.bincount(part, minlength=count)
    sizes[part[goals]] = 0
    first = np.zeros(count, dtype=np.int64)
    first[part[::-1]] = np.arange(len(part))[::-1]
    cut_off = "cut_off_outfall" if dialect == "swmm" else "cut_off_source"
    return [
        Issue("lone_node" if sizes[at] == 1 else cut_off, "caution", name=given[int(first[at])], count=int(sizes[at]))
        for at in np.flatnonzero(sizes)
    ]


def _inlets(document: InpDocument, tables: Tables, of: Mapping[str, int]) -> NDArray[np.float64]:
    """Return the nodes that street inlets of SWMM join: those of their conduit and that which captures the flow."""
    if document.dialect != "swmm":
        return np.empty((0, 2))
    conduits = tables["CONDUITS"]
    begins = dict(zip(conduits["name"].str.upper(), conduits["from"].str.upper(), strict=True))
    rows = [row.tokens for row in document.rows("INLET_USAGE") if len(row.tokens) > 2]
    joined = [(of.get(begins.get(one[0].upper(), ""), np.nan), of.get(one[2].upper(), np.nan)) for one in rows]
    return np.array(joined, dtype=np.float64).reshape(-1, 2)
