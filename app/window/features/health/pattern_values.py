"""What the panel of patterns shows: rows, columns and the matrix of pairs. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from app.session import Session
from models.core.value_text import number, percent
from models.health.patterns.analysis import Patterns
from models.health.patterns.rules import components
from models.health.patterns.tables import density_table, hot_table, priority_table
from models.health.patterns.together import Together
from models.project.business_keys import GONE_OID
from models.project.selection import Keys
from models.query.ranking import Ranking, Rows, ranking_of
from viewers.texts import pattern_texts
from viewers.texts.values import without_common_ending
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.health.patterns_panel import MatrixView, PatternView

#: The matrix has so many indicators, those that say the most of others; the list has all pairs.
MATRIX = 14
BASES = ("objects", "units")


def pattern_panel_view(session: Session, kind: str, found: Patterns, base: str) -> PatternView:
    """Return what a tab shows."""
    made = {"density": _density, "hot": _hot, "priority": _priority}
    matrix = None
    if kind == "together":
        ranking, columns = _pairs(session, found, base)
        matrix = _matrix(session, pairs_of(found, base))
    else:
        ranking, columns = made[kind](session, found)
    lang = session.lang
    refusal = pattern_texts.refusal_text(kind, found, lang)
    if kind == "hot" and not refusal and not len(ranking):
        refusal = session.word("patterns.none_significant")

    def total(ranking: Ranking, rows: Rows) -> str:
        return session.word("patterns.total", count=f"{len(rows):,}", total=f"{len(ranking):,}")

    method, limits = pattern_texts.method_text(kind, found, lang), pattern_texts.limits_text(kind, found, lang)
    return PatternView(method, limits, refusal, ranking, columns, total, matrix)


def pairs_of(found: Patterns, base: str) -> Together:
    """Return the pairs at objects or in units."""
    return found.in_units if base == "units" else found.at_objects


def failing_both(found: Patterns, base: str, one: str, other: str) -> Keys:
    """Return the objects that fail two indicators; the units in which both are failed."""
    looked = found.looked
    at = [looked.codes.index(code) for code in (one, other)]
    fails = looked.fails[:, at].toarray() > 0
    if base == "units":
        hit = [set(looked.unit[fails[:, side]].tolist()) - {-1} for side in (0, 1)]
        rows = np.array(sorted(hit[0] & hit[1]), dtype=np.int64)
        layers, oids = (found.ground.units[name].to_numpy()[rows] for name in ("_layer", "_oid"))
    else:
        both = fails.all(axis=1)
        layers, oids = looked.layers[both], looked.oids[both]
    return Keys((layer, np.sort(oids[layers == layer]).astype(np.int64)) for layer in sorted(set(layers.tolist())))


def _density(session: Session, found: Patterns) -> tuple[Ranking, list[RankedColumn]]:
    table = density_table(found.density, found.chosen, found.ground)
    names = _titles(session, found, table["unit"])
    columns = [
        _rank(session), _name(session),
        _whole(session, "problems", "problems"), _whole(session, "per_km2", "per_km2"),
        _whole(session, "peak_per_km2", "peak", session.word("patterns.head.peak.tip")),
    ]  # fmt: skip
    shown = {name: table[name].to_numpy() for name in ("problems", "per_km2", "peak_per_km2")}
    return ranking_of(table["layer"].to_numpy(object), table["oid"].to_numpy(), {"name": names, **shown}), columns


def _hot(session: Session, found: Patterns) -> tuple[Ranking, list[RankedColumn]]:
    table = hot_table(found.hot, found.chosen, found.ground)
    names = _titles(session, found, table["unit"])
    kinds = [session.word(f"patterns.kind.{pattern_texts.KIND_OF[kind]}") for kind in table["kind"]]
    columns = [
        _rank(session), RankedColumn("kind", session.word("patterns.head.kind"), width_px=48), _name(session),
        _whole(session, "problems", "problems"),
    ]  # fmt: skip
    if found.hot.measure == "rate":
        tip = session.word("patterns.measure.rate")
        columns.append(_decimal("value", session.word("patterns.head.rate"), 2, tip))
    columns += [_decimal("z", "z", 2, width=54), RankedColumn("p", "p", _probability, 72, is_number=True)]
    shown = {name: table[name].to_numpy() for name in ("problems", "value", "z", "p")}
    ranking = ranking_of(
        table["layer"].to_numpy(object), table["oid"].to_numpy(), {"kind": kinds, "name": names, **shown}
    )
    return ranking, columns


def _pairs(session: Session, found: Patterns, base: str) -> tuple[Ranking, list[RankedColumn]]:
    table = pairs_of(found, base).pairs
    state, lang = session.project.state, session.lang
    titles = {
        code: pattern_texts.indicator_title(code, state, lang)
        for code in dict.fromkeys([*table["first"], *table["second"]])
    }
    short = {code: code.partition("-")[2] or code for code in titles}
    names = [
        f"{short[one]} × {short[other]} {titles[one]} × {titles[other]}"
        for one, other in zip(table["first"], table["second"], strict=True)
    ]
    notes = [session.word("patterns.few") if few else "" for few in table["few"]]
    columns = [
        RankedColumn("pair", session.word("patterns.head.pair"), width_px=120, stretches=True),
        _whole(session, "both", "both", width=50),
        _decimal("expected", session.word("patterns.head.expected"), 1, width=74),
        _decimal("lift", session.word("patterns.head.lift"), 2, session.word("patterns.head.lift.tip"), width=56),
        RankedColumn("note", session.word("patterns.head.few"), width_px=48),
    ]  # fmt: skip
    numbers = {name: table[name].to_numpy(np.float64) for name in ("both", "expected", "lift")}
    texts = {"pair": names, "note": notes}
    return ranking_of([""] * len(table), [GONE_OID] * len(table), {**texts, **numbers}), columns


def _matrix(session: Session, pairs: Together) -> MatrixView:
    kept = matrix_rows(pairs)
    codes = [pairs.codes[at] for at in kept]
    few = {(row.first, row.second): bool(row.few) for row in pairs.pairs.itertuples()}
    small = np.array([[few.get((a, b), few.get((b, a), True)) for b in codes] for a in codes], dtype=np.bool_)
    lift, both = pairs.lift[np.ix_(kept, kept)], pairs.both[np.ix_(kept, kept)]
    titles = [pattern_texts.indicator_title(code, session.project.state, session.lang) for code in codes]

    def tip(one: int, other: int) -> str:
        if lift[one, other] != lift[one, other]:
            return session.word("patterns.tip.apart", one=titles[one], other=titles[other])
        facts = {"both": number(both[one, other], 0), "lift": number(lift[one, other], 2)}
        note = f" ({session.word('patterns.few')})" if small[one, other] else ""
        return session.word("patterns.tip", one=titles[one], other=titles[other], **facts) + note

    return MatrixView([code.partition("-")[2] or code for code in codes], lift, small.reshape(lift.shape), tip)


def matrix_rows(pairs: Together) -> list[int]:
    """Return which indicators stand in the matrix, in their order: those with most pairs that are no small numbers."""
    told = pairs.pairs[~pairs.pairs["few"]]
    partners = pd.concat([told["first"], told["second"]]).value_counts()
    amount = np.diag(pairs.both)
    rank = [(-int(partners.get(code, 0)), -amount[at], at) for at, code in enumerate(pairs.codes)]
    return sorted(at for _, _, at in sorted(rank)[:MATRIX])


def _priority(session: Session, found: Patterns) -> tuple[Ranking, list[RankedColumn]]:
    table = priority_table(found.priority, found.ground)
    names = _titles(session, found, table["unit"])
    low, high = (table[name].to_numpy(np.float64) for name in ("rank_low", "rank_high"))
    spans = ["" if one != one else f"{one:.0f}–{other:.0f}" for one, other in zip(low, high, strict=True)]
    word = session.word
    columns = [
        _rank(session), RankedColumn("name", word("patterns.head.unit"), width_px=92),
        _decimal("score", word("patterns.head.score"), 2),
        RankedColumn("span", word("patterns.head.span"), width_px=66, tip=word("patterns.head.span.tip")),
    ]  # fmt: skip
    if (table["known"] < 0.9995).any():
        known = word("patterns.head.known.short")
        columns.append(
            RankedColumn("known", known, lambda share: f"{percent(share, 0)} %", 60, is_number=True,
                         tip=word("patterns.head.known"))
        )  # fmt: skip
    columns += [_component(session, name) for name in components()]
    numbers = {name: table[name].to_numpy(np.float64) for name in ("score", "known", *components())}
    texts = {"name": names, "span": spans}
    return ranking_of(table["layer"].to_numpy(object), table["oid"].to_numpy(), {**texts, **numbers}), columns


def _titles(session: Session, found: Patterns, units: Iterable[int]) -> list[str]:
    """Return the names of units, without the ending that all of them share."""
    names = [pattern_texts.unit_title(found.ground, at, session.lang) for at in units]
    every = [pattern_texts.unit_title(found.ground, at, session.lang) for at in range(len(found.ground.units))]
    short = without_common_ending(every)
    return [short.get(name, name) for name in names]


def _component(session: Session, name: str) -> RankedColumn:
    lang = session.lang
    return RankedColumn(
        name, session.word(f"patterns.component.{name}"),
        lambda value: pattern_texts.component_value(name, value, lang), 70, is_number=True,
        tip=pattern_texts.component_head(name, lang),
    )  # fmt: skip


def _rank(session: Session) -> RankedColumn:
    return RankedColumn("", session.word("ranked.rank"), width_px=42, is_number=True)


def _name(session: Session) -> RankedColumn:
    return RankedColumn("name", session.word("patterns.head.unit"), width_px=90, stretches=True)


def _whole(session: Session, field: str, head: str, tip: str = "", width: int = 74) -> RankedColumn:
    return RankedColumn(
        field, session.word(f"patterns.head.{head}"), lambda value: number(value, 0), width, is_number=True, tip=tip
    )


def _decimal(field: str, head: str, digits: int, tip: str = "", width: int = 62) -> RankedColumn:
    return RankedColumn(field, head, lambda value: number(value, digits), width, is_number=True, tip=tip)


def _probability(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
