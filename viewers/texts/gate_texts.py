"""What the quality gate says, in the reader's language: failures, gaps, scores, and failures as tables for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.checks.findings import Party
from models.core.value_text import number
from models.facilities.coding.editions import editions
from models.facilities.quality.findings import shown
from models.facilities.quality.gate import GateResult, RuleResult
from models.facilities.quality.rules import Rule
from models.layers.layer import LayerData, VectorData
from models.network.kinds import name_of
from models.project.selection import ObjectKey
from resources.words import has, word


def sentence(rule: Rule, value: Any, limit: Any, why: str, lang: str) -> str:
    """Return what is wrong with an object: ``"DN 250, at least 300 mm"``."""
    return word(f"finding.gate.{why or rule.check}", lang, value=shown(value, rule), limit=shown(limit, rule))


def sentences(one: RuleResult, lang: str) -> list[str]:
    """Return what is wrong with each object that fails a rule."""
    failures = one.failures
    return [
        sentence(one.rule, value, limit, why, lang)
        for value, limit, why in zip(failures.values, failures.limits, failures.whys, strict=True)
    ]


def gap_text(code: str, facts: Mapping[str, Any], count: int, lang: str) -> str:
    """Return why some objects could not be judged."""
    told = {name: role_name(value, lang) if name == "role" else value for name, value in facts.items()}
    return word(f"gate.gap.{code}", lang, count=f"{count:,}", **told)


def role_name(role: str, lang: str) -> str:
    """Return the name of a role of layers."""
    key = f"role.{role}"
    return word(key, lang) if has(key) else role


def source_text(rule: Rule, lang: str) -> str:
    """Return where a rule comes from and how sure that is."""
    origin = rule.origin
    own = origin.standard in ("", "good practice")
    source = word("gate.good_practice", lang) if own else " ".join(filter(None, (origin.standard, origin.clause)))
    return word("gate.source", lang, source=source, certainty=word(f"gate.certainty.{origin.certainty}", lang))


def percent_text(percent: float | None, lang: str) -> str:
    """Return a score; never 100 where anything fails."""
    if percent is None:
        return word("gate.no_score", lang)
    shown_percent = min(percent, 99.9) if percent < 100.0 else percent
    return number(shown_percent, 1)


def class_name(key: str, lang: str) -> str:
    """Return what a class of the score is called."""
    if not key:
        return word("facilities.unknown_class", lang)
    table, _, code = key.partition(":")
    if code:
        known = editions()[table].classes.get(code) if table in editions() else None
        return known.title(lang) if known is not None else code
    role, _, kind = key.partition("/")
    return f"{role_name(role, lang)} {name_of(kind, lang)}" if kind else role_name(role, lang)


def failure_frames(
    result: GateResult, data: Mapping[str, LayerData], crs: str, party_of: Callable[[ObjectKey], Party], lang: str
) -> dict[str, gpd.GeoDataFrame]:
    """Return the failures as tables with shapes: ``failures_points`` and ``failures_lines``, those that there are.

    Parameters
    ----------
    result : GateResult
    data : mapping of str to LayerData
        Lines of pipes come from here; everything else is a point where it fails.
    crs : str
        Of the project.
    party_of : callable
        Names an object.
    lang : {"zh", "en"}
    """
    rows: list[pd.DataFrame] = []
    for one in result.results:
        failures = one.failures
        if not len(failures):
            continue
        named = [party_of(failures.key(row)) for row in range(len(failures))]
        rows.append(
            pd.DataFrame({
                "rule": one.rule.id, "title": one.rule.title(lang),
                "severity": word(f"gate.severity.{one.rule.severity}", lang),
                "layer": [party.model for party in named], "oid": failures.oids,
                "code": [party.guid for party in named], "name": [party.name for party in named],
                "problem": sentences(one, lang), "standard": one.rule.origin.standard,
                "clause": one.rule.origin.clause, "certainty": one.rule.origin.certainty,
                "geometry": _shapes(one, data, crs),
            })
        )  # fmt: skip
    if not rows:
        return {}
    every = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=crs)
    lines = every.geom_type.isin(["LineString", "MultiLineString"])
    parts = {"failures_points": every[~lines], "failures_lines": every[lines]}
    return {name: part for name, part in parts.items() if len(part)}


def _shapes(one: RuleResult, data: Mapping[str, LayerData], crs: str) -> Any:
    failures = one.failures
    shapes = np.full(len(failures), None, dtype=object)
    there = np.isfinite(failures.xy).all(axis=1)
    shapes[there] = shapely.points(failures.xy[there])
    if one.rule.role != "pipes":
        return shapes
    for layer in np.unique(failures.layers.astype(str)):
        held, mine = data.get(str(layer)), np.flatnonzero(failures.layers == layer)
        frame: Any = held.frame if isinstance(held, VectorData) else None
        if frame is None or "geometry" not in frame.columns:
            continue
        own = frame.geometry.reindex(failures.oids[mine])
        lines = (own.to_crs(crs) if own.crs is not None and str(own.crs) != crs else own).to_numpy()
        long = shapely.length(lines) > 0
        shapes[mine[long]] = shapely.force_2d(lines[long])
    return shapes
