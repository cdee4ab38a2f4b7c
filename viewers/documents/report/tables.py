"""The tables in the chapters of the report, by the names that the outline uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from models.health.lists.rows import ProblemRow
from models.health.overview import Standing
from models.health.questionnaire.questions import questionnaire
from models.report.figure import CITY, figure_id
from models.report.pieces import Align, Column, Table
from models.report.text.chinese import tightened
from models.report.text.marked import marked, unmarked
from models.roles import role_row
from viewers.documents.report.basis import ReportBasis
from viewers.documents.report.indicator_facts import change_of, missing_text
from viewers.texts import list_texts
from viewers.texts.health_texts import sign

#: Sub-districts of a table within a chapter, and rows of the largest changes.
MOST_UNITS, MOST_CHANGES, MOST_PLACES = 12, 10, 20


def table_of(basis: ReportBasis, name: str, dimension: str = "") -> Table | None:
    """Return a table of the outline; None where there is nothing to put into it."""
    made = TABLES[name](basis, dimension)
    return made if made is not None and made.rows else None


def columns(basis: ReportBasis, *heads: tuple[str, float, Align]) -> tuple[Column, ...]:
    """Return columns by the names of their heads (``report.head.<name>``), shares and alignments."""
    return tuple(Column(basis.word(f"report.head.{name}"), share, align) for name, share, align in heads)


def units_table(basis: ReportBasis, standing: Standing) -> Table | None:
    """Return the values of an indicator by sub-district, the worst first where there are many."""
    own, result = standing.definition, standing.result
    if result is None or result.city.value is None or len(result.units) < 2:
        return None
    shown = list(result.units)
    if len(shown) > MOST_UNITS:
        known = [unit for unit in shown if unit.value is not None]
        shown = sorted(known, key=lambda unit: (unit.value or 0.0) * (1 if own.direction == "up" else -1))[:MOST_UNITS]
    rows = [
        (
            basis.named(unit) if unit is not result.city else basis.word("report.whole_city"),
            *(basis.cell(basis.of_unit(own.code, unit, which)) for which in ("value", "numerator", "denominator")),
            basis.cell(basis.of_unit(own.code, unit, "coverage")),
            basis.word(f"health.grade.{unit.grade}"),
        )
        for unit in (*shown, result.city)
    ]
    heads = columns(
        basis,
        ("unit", 2.2, "left"),
        ("value", 1.2, "right"),
        ("above", 1.4, "right"),
        ("below", 1.4, "right"),
        ("coverage", 1.0, "right"),
        ("grade", 1.5, "center"),
    )
    units = (own.unit_text(basis.lang), own.quantity_text(basis.lang), own.denominator_text(basis.lang))
    with_units = [
        Column(
            f"{column.head}{basis.word('report.in_unit', unit=unit)}" if unit else column.head,
            column.share,
            column.align,
        )
        for column, unit in zip(heads[1:4], units, strict=True)
    ]
    is_cut = len(result.units) > len(shown)
    caption = basis.word("report.caption.units.cut" if is_cut else "report.caption.units", name=basis.title(own))
    return Table(f"units.{own.code}", caption, (heads[0], *with_units, *heads[4:]), tuple(rows), (len(rows) - 1,))


def _coverage(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            name,
            *(basis.cell(f"standing/{scope}/{which}") for which in ("indicators", "answered")),
            *(basis.cell(f"coverage/{scope}/{which}") for which in ("least", "most", "complete", "unstated")),
        )
        for scope, name in _scopes(basis)
    ]
    heads = columns(
        basis,
        ("dimension", 2.0, "left"),
        ("indicators", 1, "right"),
        ("answered", 1, "right"),
        ("least", 1, "right"),
        ("most", 1, "right"),
        ("complete", 1, "right"),
        ("unstated", 1, "right"),
    )
    return _made(basis, "coverage", heads, rows)


def _ledger(basis: ReportBasis, _: str) -> Table | None:
    if not basis.n("problems/all/count") and not basis.n("ledger/all/count"):
        return None
    rows = [
        (
            name,
            *(basis.cell(f"ledger/{scope}/{which}") for which in ("count", "objects")),
            *(
                basis.cell(f"problems/{scope}/{which}")
                for which in ("count", "limited", "best_effort", "unsorted", "new", "still")
            ),
        )
        for scope, name in _scopes(basis)
    ]
    heads = columns(
        basis,
        ("dimension", 2.0, "left"),
        ("ledger", 1, "right"),
        ("objects", 1, "right"),
        ("problems", 1, "right"),
        ("limited", 1, "right"),
        ("best_effort", 1, "right"),
        ("unsorted", 1, "right"),
        ("new", 1, "right"),
        ("still", 1, "right"),
    )
    return _made(basis, "ledger", heads, rows)


def _layers(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            unmarked(layer.title(basis.lang)),
            basis.word(role_row(layer.role).word),
            basis.cell(figure_id("layer", layer.id, "count")),
        )
        for layer in basis.state.layers
        if basis.has(figure_id("layer", layer.id, "count"))
    ]
    heads = columns(basis, ("layer", 2, "left"), ("role", 2, "left"), ("rows", 1, "right"))
    return _made(basis, "layers", heads, rows)


def _set(basis: ReportBasis, _: str) -> Table:
    aspects = {scope: _aspects(basis, scope) for scope, _ in _scopes(basis)}
    rows = [(name, aspects[scope] or "—", basis.cell(f"standing/{scope}/indicators")) for scope, name in _scopes(basis)]
    heads = columns(basis, ("dimension", 1.4, "left"), ("aspects", 4, "left"), ("indicators", 1, "right"))
    return _made(basis, "set", heads, rows)


def _aspects(basis: ReportBasis, scope: str) -> str:
    told = (one.definition for one in basis.of_dimension(scope))
    names = (one.aspect_en if basis.lang == "en" and one.aspect_en else one.aspect for one in told)
    return basis.word("lists.comma").join(dict.fromkeys(name for name in names if name))


def _unanswered(basis: ReportBasis, _: str) -> Table:
    rows = [
        (one.definition.code, basis.title(one.definition), missing_text(basis, one))
        for one in basis.standings
        if one.value is None and not one.definition.hidden
    ]
    heads = columns(basis, ("code", 1, "left"), ("indicator", 2.5, "left"), ("reason", 3.5, "left"))
    return _made(basis, "unanswered", heads, rows)


def _standing(basis: ReportBasis, _: str) -> Table:
    names = ("indicators", "met", "not_met", "ungraded", "no_data", "missing", "not_applicable")
    rows = [(name, *(basis.cell(f"standing/{scope}/{which}") for which in names)) for scope, name in _scopes(basis)]
    heads = columns(basis, ("dimension", 2.0, "left"), *((f"standing.{name}", 1.0, "right") for name in names))
    return _made(basis, "standing", heads, rows)


def _years(basis: ReportBasis, _: str) -> Table:
    changed = [one for one in basis.standings if change_of(basis, one) in ("improved", "worsened") and one.before]
    changed.sort(key=lambda one: -abs((one.change or 0.0) / (one.before or 1.0)))
    rows = [
        (
            basis.title(one.definition),
            one.definition.unit_text(basis.lang) or "—",
            *(basis.cell(figure_id(one.definition.code, CITY, which)) for which in ("before", "value", "change")),
            basis.word(f"report.change.{change_of(basis, one)}"),
        )
        for one in changed[:MOST_CHANGES]
    ]
    heads = columns(
        basis,
        ("indicator", 3.2, "left"),
        ("in", 1, "center"),
        ("before", 1, "right"),
        ("value", 1, "right"),
        ("change", 1, "right"),
        ("verdict", 1, "center"),
    )
    return _made(basis, "years", heads, rows)


def _places(basis: ReportBasis, dimension: str) -> Table | None:
    known = [(code, name) for code, name in basis.lists.places.items() if basis.has(f"ledger/{dimension}@{code}/count")]
    known.sort(key=lambda one: -basis.n(f"ledger/{dimension}@{one[0]}/count"))
    rows = [
        (
            unmarked(name),
            basis.cell(f"ledger/{dimension}@{code}/count"),
            basis.cell(f"problems/{dimension}@{code}/count"),
        )
        for code, name in known[:MOST_PLACES]
    ]
    if not rows:
        return None
    heads = columns(basis, ("unit", 2, "left"), ("ledger", 1, "right"), ("problems", 1, "right"))
    caption = basis.word("report.caption.places", dimension=_dimension(basis, dimension))
    return Table(f"places.{dimension}", caption, heads, tuple(rows))


def _sample(basis: ReportBasis, _: str) -> Table:
    rows = []
    for group in ("sex", "age_group"):
        ids = [figure.id for figure in basis.figures if figure.id.startswith(f"survey/{group}:")]
        for name in ids:
            choice = name.split(":", 1)[1].rpartition("/")[0]
            rows.append((basis.word(f"report.sample.{group}"), _group(basis, group, choice), basis.cell(name)))
    heads = columns(basis, ("feature", 1.5, "left"), ("group", 2, "left"), ("answers", 1, "right"))
    return _made(basis, "sample", heads, rows)


def _group(basis: ReportBasis, group: str, choice: str) -> str:
    if group == "age_group":
        bands = {band.id: band for band in questionnaire().ages}
        known = bands.get(choice)
        return known.title(basis.lang) if known is not None else unmarked(choice)
    return basis.word(f"report.sex.{choice}") if choice in ("female", "male") else basis.word("report.sex.unknown")


def _felt_below(basis: ReportBasis, _: str) -> Table:
    return _felt(basis, "felt_below", [one.id for one in questionnaire().questions.values() if one.part != "city"])


def _felt_city(basis: ReportBasis, _: str) -> Table:
    return _felt(basis, "felt_city", [one.id for one in questionnaire().questions.values() if one.part == "city"])


def _felt(basis: ReportBasis, name: str, questions: Sequence[str]) -> Table:
    asked = questionnaire().questions
    known = [one for one in questions if basis.has(f"survey/{one}/value")]
    known.sort(key=lambda one: -basis.n(f"survey/{one}/value"))
    rows = [
        (
            unmarked(asked[one].title(basis.lang)),
            basis.cell(f"survey/{one}/value"),
            f"{basis.cell(f'survey/{one}/low')}–{basis.cell(f'survey/{one}/high')}",
            basis.cell(f"survey/{one}/answers"),
        )
        for one in known
    ]
    heads = columns(
        basis, ("question", 3.5, "left"), ("score", 1, "right"), ("interval", 1.4, "center"), ("answers", 1, "right")
    )
    return _made(basis, name, heads, rows)


def _felt_places(basis: ReportBasis, _: str) -> Table:
    known = [(code, name) for code, name in basis.lists.places.items() if basis.has(f"survey/unit:{code}/value")]
    known.sort(key=lambda one: -basis.n(f"survey/unit:{one[0]}/value"))
    rows = [
        (
            unmarked(name),
            basis.cell(f"survey/unit:{code}/value"),
            f"{basis.cell(f'survey/unit:{code}/low')}–{basis.cell(f'survey/unit:{code}/high')}",
            basis.cell(f"survey/unit:{code}/answers"),
        )
        for code, name in known
    ]
    heads = columns(
        basis, ("unit", 2.5, "left"), ("score", 1, "right"), ("interval", 1.4, "center"), ("answers", 1, "right")
    )
    return _made(basis, "felt_places", heads, rows)


def _rectified(basis: ReportBasis, _: str) -> Table | None:
    if basis.mended is None:
        return None
    kinds = [kind for kind in ("limited", "best_effort", "unsorted") if basis.n(f"rectified/{kind}/due")]
    rows = [
        (basis.word(f"report.kind.{kind}"), *(basis.cell(f"rectified/{kind}/{which}") for which in _MENDED))
        for kind in (*kinds, "all")
    ]
    return _made(basis, "rectified", _mended_heads(basis, "class"), rows, (len(rows) - 1,))


def _rectified_dimensions(basis: ReportBasis, _: str) -> Table | None:
    if basis.mended is None:
        return None
    rows = [
        (_dimension(basis, scope), *(basis.cell(f"rectified/{scope}/{which}") for which in _MENDED))
        for scope in basis.edition.dimensions
        if scope in basis.mended.by_dimension
    ]
    return _made(basis, "rectified_dimensions", _mended_heads(basis, "dimension"), rows)


_MENDED = ("due", "done", "undone", "share")


def _mended_heads(basis: ReportBasis, first: str) -> tuple[Column, ...]:
    return columns(basis, (first, 2, "left"), *((f"rectified.{name}", 1.0, "right") for name in _MENDED))


def undone_rows(basis: ReportBasis) -> list[ProblemRow]:
    """Return last year's problems that are not mended, those with a time limit first."""
    if basis.mended is None:
        return []
    now = {row.id: row for row in basis.state.health.problems}
    then = {row.id: row for row in basis.listed}
    rows = [now.get(one) or then[one] for one in basis.mended.undone if one in now or one in then]
    return sorted(rows, key=lambda row: (row.kind != "limited", row.priority or 9, -row.count, row.id))


def _undone(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            problem_text(basis, row, with_names=False),
            kind_text(basis, row),
            unmarked(row.responsible) or "—",
            row.due_on or "—",
            unmarked(row.remark) or basis.word("report.not_written"),
        )
        for row in undone_rows(basis)[:MOST_PLACES]
    ]
    heads = columns(
        basis,
        ("problem", 4, "left"),
        ("class", 1.1, "center"),
        ("responsible", 1.4, "left"),
        ("due", 1.3, "center"),
        ("why", 1.6, "left"),
    )
    return _made(basis, "undone", heads, rows)


def _measures(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            problem_text(basis, row, with_names=False),
            kind_text(basis, row),
            basis.cell(figure_id("problem", row.id, "priority")),
            unmarked(row.advice) or basis.word("report.not_written"),
            unmarked(row.responsible) or "—",
        )
        for row in ordered_problems(basis)[:MOST_PLACES]
    ]
    heads = columns(
        basis,
        ("problem", 4, "left"),
        ("class", 1.1, "center"),
        ("priority", 0.8, "center"),
        ("advice", 2.4, "left"),
        ("responsible", 1.3, "left"),
    )
    return _made(basis, "measures", heads, rows)


def _projects(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            unmarked(row.name),
            unmarked(row.content)[:200] or "—",
            basis.word(f"lists.project_kind.{row.kind}"),
            _span(basis, row.id),
            basis.cell(figure_id("project", row.id, "cost")),
            unmarked(row.owner) or "—",
        )
        for row in basis.state.health.renewal_projects
    ]
    heads = columns(
        basis,
        ("project", 2, "left"),
        ("content", 3.4, "left"),
        ("class", 0.9, "center"),
        ("span", 1.1, "center"),
        ("cost", 1.1, "right"),
        ("owner", 1.3, "left"),
    )
    return _made(basis, "projects", heads, rows)


def _span(basis: ReportBasis, project: str) -> str:
    names = [name for name in (figure_id("project", project, which) for which in ("from", "to")) if basis.has(name)]
    if len(names) == 2 and basis.n(names[0]) == basis.n(names[1]):
        del names[1]
    return "–".join(basis.cell(name) for name in names) or "—"


def ordered_problems(basis: ReportBasis) -> list[ProblemRow]:
    """Return this year's problems, what is dealt with first first."""
    rows = [row for row in basis.state.health.problems if row.state != "gone"]
    return sorted(rows, key=lambda row: (row.priority or 9, row.kind != "limited", -row.severity, -row.count, row.id))


def problem_text(basis: ReportBasis, row: ProblemRow, *, with_names: bool = True) -> str:
    """Return the sentence of a problem, its count marked; one that a person wrote stays as it is.

    Parameters
    ----------
    basis : ReportBasis
    row : ProblemRow
    with_names : bool
        Whether the objects are named, as the annexes do.
    """
    context = basis.lists if with_names else replace(basis.lists, objects={})
    text = unmarked(list_texts.sentence(row, context))
    name = figure_id("problem", row.id, "count")
    if row.sentence or not basis.has(name):
        return text
    gap = " " if basis.lang == "zh" else ""
    head, sign, tail = text.partition(f"{gap}{row.count:,} ")
    if not sign:
        return text
    made = f"{head}{gap}{marked(name, f'{row.count:,}')} {tail}"
    return tightened(made) if basis.lang == "zh" else made


def kind_text(basis: ReportBasis, row: ProblemRow) -> str:
    """Return whether a problem is solved within a time limit or by best effort."""
    return basis.word(f"report.kind.{row.kind or 'unsorted'}")


def _scopes(basis: ReportBasis) -> Iterable[tuple[str, str]]:
    """Yield the dimensions that have indicators, and all of them last."""
    for scope in basis.edition.dimensions:
        if basis.n(f"standing/{scope}/indicators"):
            yield scope, _dimension(basis, scope)
    yield "all", basis.word("report.sum")


def _dimension(basis: ReportBasis, scope: str) -> str:
    return basis.edition.dimensions[scope][basis.lang == "en"] if scope in basis.edition.dimensions else scope


def _made(
    basis: ReportBasis,
    name: str,
    heads: tuple[Column, ...],
    rows: Sequence[Sequence[str]],
    strong: tuple[int, ...] | None = None,
) -> Table:
    last = (len(rows) - 1,) if rows and rows[-1][0] == basis.word("report.sum") else ()
    return Table(
        name,
        basis.word(f"report.caption.{name}"),
        heads,
        tuple(tuple(row) for row in rows),
        last if strong is None else strong,
    )


def _annex_indicators(basis: ReportBasis, _: str) -> Table:
    names = ("value", "before", "change", "benchmark", "coverage")
    rows = []
    for one in basis.standings:
        own = one.definition
        if own.hidden:
            continue
        without = "not_applicable" if one.state == "not_applicable" else "no_data"
        grade = basis.word(f"health.grade.{one.result.city.grade if one.result is not None else without}")
        cells = [basis.cell(figure_id(own.code, CITY, name)) for name in names]
        if one.result is not None and one.result.benchmarks:
            cells[3] = f"{sign(one.result.benchmarks[0].op)} {cells[3]}"
        rows.append(
            (
                own.code,
                _dimension(basis, own.dimension),
                basis.title(own),
                own.unit_text(basis.lang) or "—",
                *cells,
                grade,
            )
        )
    heads = columns(
        basis,
        ("code", 1.25, "left"),
        ("dimension", 1.5, "left"),
        ("indicator", 4.4, "left"),
        ("in", 1.2, "center"),
        ("value", 1.2, "right"),
        ("before", 1.2, "right"),
        ("change", 1.2, "right"),
        ("benchmark", 1.2, "right"),
        ("coverage", 1.0, "right"),
        ("grade", 1.9, "center"),
    )
    return _made(basis, "annex_indicators", heads, rows)


def _annex_ledger(basis: ReportBasis, _: str) -> Table | None:
    """Return the ledger added up by indicator and sub-district; where there are many of these, by indicator alone."""
    shown = [one.definition for one in basis.standings if one.definition.dimension in ("housing", "community", "block")]
    shown = [own for own in shown if basis.n(f"ledger/{own.code}/count")]
    places = [] if len(basis.lists.places) > MOST_UNITS else list(basis.lists.places.items())
    rows = [
        (
            own.code,
            basis.title(own),
            basis.cell(f"ledger/{own.code}/count"),
            *(basis.cell(f"ledger/{own.code}@{code}/count") for code, _ in places),
        )
        for own in shown
    ]
    heads = columns(basis, ("code", 1.1, "left"), ("indicator", 3.2, "left"), ("ledger", 1, "right"))
    heads += tuple(Column(unmarked(name), 1.0, "right") for _, name in places)
    return _made(basis, "annex_ledger", heads, rows)


def is_cut(basis: ReportBasis) -> bool:
    """Whether the annexes have only part of the problem list."""
    return basis.n("problems/all/count") > basis.most_rows


def _annex_problems(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            basis.title(own) if own is not None else row.code,
            basis.cell(figure_id(row.code, CITY, "value")),
            problem_text(basis, row),
            kind_text(basis, row),
            basis.word(f"lists.difficulty.{row.difficulty}") if row.difficulty else "—",
            basis.cell(figure_id("problem", row.id, "priority")),
        )
        for row in ordered_problems(basis)[: basis.most_rows]
        for own in (basis.edition.indicators.get(row.code),)
    ]
    heads = columns(
        basis,
        ("indicator", 2.4, "left"),
        ("result", 1.1, "right"),
        ("problem", 5, "left"),
        ("class", 1.1, "center"),
        ("difficulty", 0.9, "center"),
        ("priority", 0.8, "center"),
    )
    return _made(basis, "annex_problems", heads, rows)


def _annex_suggestions(basis: ReportBasis, _: str) -> Table:
    rows = [
        (
            basis.title(own) if own is not None else row.code,
            basis.cell(figure_id(row.code, CITY, "value")),
            problem_text(basis, row),
            unmarked(row.advice) or basis.word("report.not_written"),
            unmarked(row.area) or unmarked(basis.lists.places.get(row.district, "")) or basis.word("report.whole_city"),
            kind_text(basis, row),
            unmarked(row.responsible) or "—",
            basis.word(f"lists.answer.{row.next_year}") if row.next_year else "—",
        )
        for row in ordered_problems(basis)[: basis.most_rows]
        for own in (basis.edition.indicators.get(row.code),)
    ]
    heads = columns(
        basis,
        ("indicator", 2.2, "left"),
        ("result", 1.1, "right"),
        ("problem", 4, "left"),
        ("advice", 2, "left"),
        ("area", 1.3, "left"),
        ("class", 1.1, "center"),
        ("responsible", 1.2, "left"),
        ("next_year", 0.9, "center"),
    )
    return _made(basis, "annex_suggestions", heads, rows)


TABLES: dict[str, Callable[[ReportBasis, str], Table | None]] = {
    "coverage": _coverage,
    "ledger": _ledger,
    "layers": _layers,
    "set": _set,
    "unanswered": _unanswered,
    "standing": _standing,
    "years": _years,
    "places": _places,
    "sample": _sample,
    "felt_below": _felt_below,
    "felt_city": _felt_city,
    "felt_places": _felt_places,
    "rectified": _rectified,
    "rectified_dimensions": _rectified_dimensions,
    "undone": _undone,
    "measures": _measures,
    "projects": _projects,
    "annex_indicators": _annex_indicators,
    "annex_ledger": _annex_ledger,
    "annex_problems": _annex_problems,
    "annex_suggestions": _annex_suggestions,
}
