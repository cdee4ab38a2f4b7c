"""Checks of what a table says: fields that must be there, domains, ranges, codes, dates, references, expressions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from models.core.errors import UserError
from models.facilities.coding.codes import classify, part_texts, well_formed
from models.facilities.quality.outcome import Gap, Outcome, no_value, unjudged
from models.facilities.quality.rules import Rule, matches
from models.facilities.quality.tables import Mask, Objects, Table, Tables
from models.facilities.register import CODE_FIELDS, states
from models.query.expression import compile_expression
from models.query.measures import Geometries
from resources.standards import standard


def required(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Fields that must say something; the value names those that do not."""
    missing: Objects = np.full(len(table), "", dtype=object)
    for field in rule.of("fields"):
        empty = ~table.text(field)[1]
        missing[empty] = missing[empty] + np.where(missing[empty] == "", field, f" {field}")
    return Outcome(missing != "", value=missing)


def domain(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """A field that may hold only values of a list or a standard table."""
    field = rule.of("field")
    texts, known = table.text(field)
    allowed = {one.casefold() for one in (*rule.of("values"), *_words(rule.of("table")))}
    numbers, words = pd.factorize(texts)
    fits = np.array([str(word).casefold() in allowed for word in words], dtype=bool)
    return Outcome(~fits[numbers], (no_value(table, field, known),), texts)


def domain_values(rule: Rule) -> tuple[str, ...]:
    """Return what a rule's field may hold, as a person would write it: one word a meaning."""
    if rule.check != "domain":
        return ()
    if rule.of("table") == "states":
        return tuple(one.name for one in states().values())
    return tuple(rule.of("values")) or _words(rule.of("table"))


@lru_cache(maxsize=8)
def _words(name: str) -> tuple[str, ...]:
    if name == "states":
        return tuple(word for one in states().values() for word in (one.id, one.name, *one.words))
    if name == "pipe_kinds":
        return tuple(row["code"] for row in standard("pipes_cjj61")["kind"])
    if name == "materials":
        return tuple(word for row in standard("pipe_materials")["material"] for word in row["words"])
    return ()


def in_range(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """A number between two bounds; a text where a number should be fails too."""
    field, least, most = rule.of("field"), rule.of("least"), rule.of("most")
    said = table.says(field)
    values, known = table.number(field)
    inside = (values > least) & (values < most) if rule.of("open") else (values >= least) & (values <= most)
    shown: Objects = np.full(len(table), "", dtype=object)
    bad = said & ~inside
    shown[bad] = values[bad]
    if (odd := bad & ~known).any():
        shown[odd] = table.text(field)[0][odd]
    limit = " … ".join("" if abs(one) >= 1e12 else f"{one:g}" for one in (least, most))
    return Outcome(~inside, (no_value(table, field, said),), shown, limit)


def pattern(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """A text of a form, matched by RE2 as a whole."""
    field = rule.of("field")
    texts, known = table.text(field)
    fits = matches(texts, rule.of("pattern"))
    return Outcome(~fits, (no_value(table, field, known),), texts, rule.of("pattern"))


def unique(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Values that only one object may have; every object that shares one fails, with the first other that has it."""
    fields = rule.of("fields")
    texts = [table.text(field) for field in fields]
    known = np.logical_and.reduce([one for _, one in texts])
    joined = pd.Series(texts[0][0], dtype=object)
    for more, _ in texts[1:]:
        joined = joined + "\x1f" + pd.Series(more, dtype=object)
    shared = np.zeros(len(table), bool)
    other = np.full(len(table), -1, np.int64)
    rows = np.flatnonzero(known)
    numbers, names = pd.factorize(joined.to_numpy()[rows])
    first, last = np.full(len(names), -1, np.int64), np.full(len(names), -1, np.int64)
    first[numbers[::-1]], last[numbers] = rows[::-1], rows  # what is written last stays
    several = first[numbers] != last[numbers]
    shared[rows[several]] = True
    other[rows] = np.where(rows == first[numbers], last[numbers], first[numbers])
    other[~shared] = -1
    gaps = tuple(no_value(table, field, one) for field, (_, one) in zip(fields, texts, strict=True))
    shown = texts[0][0] if len(fields) == 1 else joined.str.replace("\x1f", " ", regex=False).to_numpy(dtype=object)
    return Outcome(shared, gaps, shown, other=(table, other))


def code(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """The digits of a component's code, by the edition that its layer states: form, class, county."""
    field = rule.of("field")
    texts, known = table.text(field)
    why: Objects = np.full(len(table), "", dtype=object)
    stated, classed = np.zeros(len(table), bool), np.zeros(len(table), bool)
    counties = _counties(tables)
    own = table.class_codes() if field == CODE_FIELDS[0] else [None] * len(table.editions)
    for (rows, edition), classes in zip(table.editions, own, strict=True):
        stated[rows], classed[rows] = edition.is_stated, bool(edition.classes)
        series = pd.Series(texts[rows], dtype="str")
        formed = well_formed(series, edition).to_numpy(bool)
        named = classify(series, edition) if classes is None else classes
        known_class = (named != "") | (not edition.classes)
        county = part_texts(series, edition, "division").isin(counties).to_numpy(bool) | (not counties)
        reasons = ["code_form", "code_class", "code_county"]
        why[rows] = np.select([~formed, ~known_class, ~county], reasons, "").astype(object)
    gaps = (no_value(table, field, known), Gap(~stated, "no_edition"), Gap((why == "") & ~classed, "no_classes"))
    return Outcome(why != "", gaps, texts, why=why)


def _counties(tables: Tables) -> list[str]:
    """Return the six digits of the counties whose sub-districts are in the project; empty where none says a code."""
    codes, known = tables.of("districts").text("code")
    return sorted({str(one)[:6] for one in codes[known] if len(str(one)) >= 6})


def date_order(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Two dates of which the first is not after the second, neither of them still to come."""
    first, second = rule.of("first"), rule.of("second")
    (before, was), (after, is_) = _dates(table, first), _dates(table, second)
    with np.errstate(invalid="ignore"):
        turned = before > after
        late = (after > np.datetime64("now", "ms")) if rule.of("not_in_future") else np.zeros(len(table), bool)
    texts = table.text(second)[0]
    why = np.select([turned, late], ["date_turned", "date_future"], "").astype(object)
    gaps = (no_value(table, first, was), no_value(table, second, is_))
    return Outcome(turned | late, gaps, texts, table.text(first)[0], why)


def _dates(table: Table, field: str) -> tuple[Any, Mask]:
    def make() -> tuple[Any, Mask]:
        numbers, words = pd.factorize(table.text(field)[0])
        series = pd.Series(words, dtype="str")
        found = pd.to_datetime(series, errors="coerce", format="ISO8601", utc=True)
        odd = found.isna().to_numpy()
        if odd.any():
            found[odd] = pd.to_datetime(series[odd], errors="coerce", format="mixed", utc=True)
        moments = found.dt.tz_localize(None).to_numpy("datetime64[ms]")[numbers]
        return moments, ~np.isnat(moments)

    return table.once(f"date/{field}", make)  # type: ignore[no-any-return]


def reference(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """A field that names an object of another layer."""
    field, key, other = rule.of("field"), rule.of("key"), tables.of(rule.of("role"))
    if not len(other) or not other.has(key):
        return unjudged(table, "no_layer", role=rule.of("role"), field=key)
    texts, known = table.text(field)
    return Outcome(other.find(key, texts) < 0, (no_value(table, field, known),), texts)


def expression(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """A condition that must be true of every object."""
    true, known = truth(rule.of("expression"), table)
    return Outcome(~true, (Gap(~known, "no_value", {"field": rule.of("expression")}),))


def truth(text: str, table: Table) -> tuple[Mask, Mask]:
    """Return where a condition is true, and where that is known; unknown everywhere if a field is not there."""
    none = np.zeros(len(table), bool)
    try:
        import geopandas as gpd

        shapes = Geometries(gpd.GeoSeries(table.plan), "")
        true, known = compile_expression(text).truth(table.frame, lambda: shapes)
    except UserError as error:
        if error.code == "ask.no_field":
            return none, none
        raise
    return true, known
