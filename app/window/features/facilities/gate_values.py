"""What the panel of the quality gate shows, made from a result: words, counts, rows. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.session import Session
from app.usecases.facilities import quality_gate
from app.usecases.facilities.facilities import district_names
from models.checks.findings import Party
from models.core.errors import UserError
from models.core.value_text import coordinate
from models.facilities.quality.findings import shown
from models.facilities.quality.gate import RuleResult
from models.facilities.quality.kept import Gate
from models.facilities.quality.repairs import Proposal
from models.facilities.quality.rules import Rule, standard_book
from models.facilities.quality.score import Score
from models.layers.layer import VectorData
from models.project.edits import SHAPE
from models.project.selection import ObjectKey
from models.query.ranking import Ranking, Rows, ranking_of
from viewers.texts import gate_texts
from viewers.texts.finding_texts import class_text
from viewers.texts.values import field_label, without_common_ending
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.facilities.quality_panel import GateView, RuleView, ScoreView


def view_of(session: Session, gate: Gate | None, *, is_old: bool) -> GateView:
    """Return what the overview shows."""
    lang = session.lang
    try:
        book = quality_gate.book_of(session)
    except UserError:  # said when it is run; the rules of the program can be restored from the menu
        book = standard_book()
    originals = {rule.id: rule for rule in standard_book().rules}
    rules = [_rule_view(rule, gate, originals, lang) for rule in book.rules]
    if gate is None:
        return GateView(None, "", (), (), rules)
    names = district_names(session)
    short = without_common_ending(list(names.values()))
    named = {code: short.get(name, name) for code, name in names.items()}
    scores = gate.result.scores
    whole = scores[0]
    coverage = "" if whole.coverage is None else session.word("gate.coverage", percent=f"{100 * whole.coverage:.1f}")
    made = session.word("gate.made", time=gate.made_at[:16].replace("T", " "), count=f"{whole.objects:,}")
    districts = [_score_view(one, named.get(one.key, one.key) or session.word("gate.no_district"), session)
                 for one in scores if one.by == "district"]  # fmt: skip
    classes = [_score_view(one, gate_texts.class_name(one.key, lang), session) for one in scores if one.by == "class"]
    return GateView(_score_view(whole, "", session), coverage, districts, classes, rules, made, is_old)


def _score_view(score: Score, name: str, session: Session) -> ScoreView:
    failing = score.failing / score.objects if score.objects else 0.0
    coverage = "–" if score.coverage is None else f"{100 * score.coverage:.1f}"
    tip = session.word("gate.score.tip", name=name, objects=f"{score.objects:,}", failing=f"{score.failing:,}",
                       coverage=coverage)  # fmt: skip
    return ScoreView(name, score.percent, gate_texts.percent_text(score.percent, session.lang), failing, tip)


def _rule_view(rule: Rule, gate: Gate | None, originals: dict[str, Rule], lang: str) -> RuleView:
    found = None if gate is None else gate.result.of(rule.id)
    is_own = originals.get(rule.id) != rule
    tip = "\n".join(filter(None, (gate_texts.source_text(rule, lang), rule.note)))
    if found is None:
        return RuleView(rule, rule.title(lang), tip, is_own=is_own)
    return RuleView(rule, rule.title(lang), tip, found.failed, found.passed, found.not_judged, is_own)


def list_heads(session: Session, found: RuleResult) -> tuple[str, str]:
    """Return title and text above the failures of a rule: counts, source, what was not judged."""
    lang = session.lang
    title = session.word("gate.list_title", rule=found.rule.title(lang), count=f"{found.failed:,}")
    lines = [gate_texts.source_text(found.rule, lang)]
    if found.rule.note:
        lines.append(found.rule.note)
    if found.gaps:
        gaps = [gate_texts.gap_text(code, facts, count, lang) for code, facts, count in found.gaps]
        lines.append(session.word("gate.unjudged_are", gaps="; ".join(gaps) if lang == "en" else "；".join(gaps)))
    return title, "\n".join(lines)


def districts_of(session: Session) -> Callable[[Any], Any]:
    """Return what names the sub-districts in which points stand."""
    import shapely

    state, names = session.project.state, district_names(session)
    crs = "" if state.frame is None else state.frame.horizontal
    shapes: list[Any] = []
    codes: list[str] = []
    for layer in state.with_role("districts"):
        held = session.project.data.get(layer.id)
        if isinstance(held, VectorData) and "code" in held.fields:
            frame: Any = held.frame
            area = (
                frame.geometry.to_crs(crs)
                if frame.crs is not None and crs and str(frame.crs) != crs
                else frame.geometry
            )
            shapes += list(area)
            codes += [str(code) for code in frame["code"]]
    tree = shapely.STRtree(shapes)

    def name(xy: Any) -> Any:
        found = np.full(len(xy), "", dtype=object)
        there = np.flatnonzero(np.isfinite(xy).all(axis=1))
        at, area = tree.query(shapely.points(xy[there]), predicate="intersects")
        for row, place in zip(there[at].tolist(), area.tolist(), strict=True):
            found[row] = names.get(codes[place], codes[place])
        return found

    return name


def ranking_of_rule(
    found: RuleResult, party_of: Callable[[ObjectKey], Party], district_of: Callable[[Any], Any], lang: str
) -> Ranking:
    """Return the failures of a rule as rows, in the order in which they were found."""
    failures = found.failures
    named = [party_of(failures.key(row)) for row in range(len(failures))]
    others = [failures.other(row) for row in range(len(failures))]
    told = ["" if other is None else party_of(other).name for other in others]
    columns: dict[str, Any] = {
        "name": [party.name for party in named],
        "problem": gate_texts.sentences(found, lang),
        "class": [class_text(party.ifc_class, lang) for party in named],
        "code": [party.guid for party in named],
        "other": told if any(told) else [""] * len(told),
        "district": district_of(failures.xy),
        "value": [shown(value, found.rule) for value in failures.values],
    }
    return ranking_of(
        failures.layers, failures.oids, {name: np.array(list(v), dtype=object) for name, v in columns.items()}
    )


def columns_of(session: Session, ranking: Ranking) -> list[RankedColumn]:
    """Return how failures are written; a column in which nothing stands is left out."""
    widths = {"name": 96, "problem": 250, "code": 132, "class": 96, "district": 82, "other": 108}
    short = without_common_ending(ranking.columns["district"].tolist())
    columns = [RankedColumn("", session.word("ranked.rank"), width_px=44, is_number=True, number_format="0")]
    for field, width in widths.items():
        texts = set(ranking.columns[field].tolist()) - {""}
        if not texts or (field in ("class", "code") and texts == set(ranking.columns["name"].tolist())):
            continue
        text_of = (lambda name: short.get(name, name)) if field == "district" else str
        head = "gate.column" if field in ("problem", "other") else "ranked"
        columns.append(RankedColumn(field, session.word(f"{head}.{field}"), text_of, width))
    return columns


def total_of(session: Session) -> Callable[[Ranking, Rows], str]:
    """Return what stands below the list: how many of how many."""
    return lambda ranking, rows: session.word("ranked.total", count=f"{len(rows):,}", total=f"{len(ranking):,}")


def proposal_rows(session: Session, proposal: Proposal) -> list[tuple[str, str, str, str]]:
    """Return object, field, before and after of each value that a repair would put in."""
    party, lang = quality_gate.parties(session), session.lang
    rows = []
    for edit in proposal.edits:
        before, after = (
            _place(value) if edit.column == SHAPE else _plain(value) for value in (edit.before, edit.after)
        )
        field = session.word("gate.place") if edit.column == SHAPE else field_label(edit.column, lang)
        named = party(ObjectKey(edit.layer, edit.oid))
        rows.append((named.guid or named.name, field, before, after))
    return rows


def _plain(value: Any) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _place(value: Any) -> str:
    import shapely

    shape = shapely.from_wkt(str(value).partition(";")[2])
    return f"{coordinate(shape.x, 2)}, {coordinate(shape.y, 2)}" if shape.geom_type == "Point" else shape.geom_type
