"""From the outline to the report: sentences, tables and pictures, numbered, and what people wrote in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.health.overview import Standing
from models.health.questionnaire.questions import questionnaire
from models.report.blocks.states import KEPT
from models.report.figure import CITY, figure_id
from models.report.numbering import Number, numbered
from models.report.outline import BlockDef, Section, outline
from models.report.pieces import Heading, Look, Paragraph, Picture, Piece, Report, Turn
from models.report.text.chinese import tightened
from models.report.text.marked import marked, parts_of
from resources.words import word
from viewers.documents.report.basis import REF, ReportBasis
from viewers.documents.report.indicator_facts import change_of, indicator_facts, missing_text
from viewers.documents.report.tables import is_cut, table_of, undone_rows, units_table
from viewers.texts.health_texts import sign

#: Indicators that a sentence of the whole names at the most.
MOST_NAMED = 6
#: Draws a chart: its id and what it shows → PNG. None draws none.
Draws = Callable[["Chart"], bytes]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, raw value (None for no data: no bar, and the word for it) and what is written at it."""

    name: str
    value: float | None
    text: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a picture of the report shows: bars, and a map beside them where there is one.

    Parameters
    ----------
    bars : tuple of Bar
    benchmark : float or None
    benchmark_text, note : str
    map : bytes
        PNG or JPEG; empty for none.
    """

    bars: tuple[Bar, ...] = ()
    benchmark: float | None = None
    benchmark_text: str = ""
    note: str = ""
    map: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class MadeBlock:
    """A block as it was made.

    Parameters
    ----------
    id, section : str
    title : str
        Of its section, or the indicator's name.
    kind : str
        ``"text"`` or ``"own"``.
    made : str
        What is generated now, marked; of an ``own`` block the remark of what is missing.
    """

    id: str
    section: str
    title: str
    kind: str
    made: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A report with its numbers and its blocks."""

    report: Report
    numbers: Mapping[str, Number]
    blocks: tuple[MadeBlock, ...]


def compose(basis: ReportBasis, draw: Draws | None = None) -> Composed:
    """Return the report of a basis.

    Parameters
    ----------
    basis : ReportBasis
    draw : callable, optional
        Draws the charts; without it there are none.

    Raises
    ------
    UserError
        ``report.template_failed`` where a template of the project fails.
    """
    maker = _Maker(basis, draw)
    pieces = tuple(maker.pieces())
    numbers = numbered(pieces)
    labels = {name: number_text(number, basis.lang) for name, number in numbers.items()}
    said = tuple(_with_labels(piece, labels) for piece in pieces)
    blocks = tuple(replace(one, made=_labelled(one.made, labels)) for one in maker.blocks)
    return Composed(Report(*_cover(basis), said, basis.lang, basis.date), numbers, blocks)


def number_text(number: Number, lang: str) -> str:
    """Return a number as text and captions have it: 表 4-1, Figure 2-3, 附表 1."""
    place = str(number.place) if number.kind == "annex" else f"{number.chapter}-{number.place}"
    return word(f"report.label.{number.kind}", lang, number=place)


def _cover(basis: ReportBasis) -> tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]]:
    block = basis.state.review.title_block
    year = basis.f("city/all/year")
    facts = [
        ("report.cover.made_by", block.organisation or basis.made_by or basis.state.about.author),
        ("report.cover.drawn_by", block.drawn_by),
        ("report.cover.checked_by", block.checked_by),
        ("report.cover.approved_by", block.approved_by),
        ("report.cover.secrecy", block.secrecy),
        ("report.cover.date", basis.date),
    ]
    marks = [basis.word("report.mark.synthetic")] if basis.state.synthetic else []
    if not block.map_approval:
        marks.append(basis.word("report.mark.internal"))
    return (
        basis.word("report.title", city=basis.city, year=year),
        basis.edition.title(basis.lang),
        tuple((basis.word(key), text) for key, text in facts if text),
        tuple(marks),
    )


class _Maker:
    """Makes the pieces of a report, one after another."""

    def __init__(self, basis: ReportBasis, draw: Draws | None) -> None:
        self.basis, self.draw = basis, draw
        self.blocks: list[MadeBlock] = []
        self.facts = _facts(basis)

    def pieces(self) -> Iterator[Piece]:
        lies = False
        for section in outline():
            if section.landscape != lies:
                lies = section.landscape
                yield Turn(lies)
            yield Heading(section.heading(self.basis.lang), section.level, section.id)
            for block in section.blocks:
                yield from self._of_block(section, block)

    def _of_block(self, section: Section, block: BlockDef) -> Iterator[Piece]:
        match block.kind:
            case "text":
                context = self.facts | (_dimension_facts(self.basis, block.dimension) if block.dimension else {})
                made = self._said(block.name, context)
                yield from self._paragraphs(
                    f"{section.id}/{block.name}", section, section.heading(self.basis.lang), made
                )
            case "own":
                remark = self._said(f"own.{block.name}", {})
                title = section.heading(self.basis.lang)
                yield from self._paragraphs(f"{section.id}/own.{block.name}", section, title, remark, kind="own")
            case "missing":
                yield Paragraph(self._said(f"missing.{block.name}", {}), look="missing")
            case "table":
                table = table_of(self.basis, block.name, block.dimension)
                if table is not None:
                    yield table
            case "chart":
                yield from self._standing_chart()
            case "indicators":
                for standing in self.basis.of_dimension(block.dimension):
                    yield from self._indicator(section, standing)

    def _said(self, name: str, context: Mapping[str, Any]) -> str:
        said = self.basis.says(name, context)
        return tightened(said) if self.basis.lang == "zh" else said

    def _paragraphs(
        self, block_id: str, section: Section, title: str, made: str, kind: str = "text", look: Look | None = None
    ) -> Iterator[Piece]:
        """Yield a block: what a person wrote where there is that, else what was generated."""
        if made or kind == "own":
            self.blocks.append(MadeBlock(block_id, section.id, title, kind, made))
        kept = self.basis.kept.get(block_id)
        is_kept = kept is not None and kept.state in KEPT
        text = kept.text if kept is not None and is_kept else made
        shown: Look = "text" if is_kept or kind == "text" else "missing"
        for line in text.split("\n"):
            if line.strip():
                yield Paragraph(line, block_id, look or shown)

    def _indicator(self, section: Section, standing: Standing) -> Iterator[Piece]:
        own, basis = standing.definition, self.basis
        yield Heading(basis.title(own), 4, f"{section.id}.{own.code}")
        block_id = f"{section.id}/{own.code}"
        if standing.value is None:
            made = missing_text(basis, standing)
            yield from self._paragraphs(block_id, section, basis.title(own), made, look=self._look_of_missing(block_id))
            return
        made = self._said("indicator", {"i": indicator_facts(basis, standing)})
        table, picture = units_table(basis, standing), self._indicator_chart(standing)
        yield from self._paragraphs(block_id, section, basis.title(own), made)
        if table is not None:
            yield table
        if picture is not None:
            yield picture

    def _look_of_missing(self, block_id: str) -> Look:
        kept = self.basis.kept.get(block_id)
        return "text" if kept is not None and kept.state in KEPT else "missing"

    def _indicator_chart(self, standing: Standing) -> Picture | None:
        own, result, basis = standing.definition, standing.result, self.basis
        if self.draw is None or result is None:
            return None
        units = [unit for unit in result.units if unit.value is not None]
        chart = Chart(
            tuple(
                Bar(
                    basis.named(unit),
                    None if unit.value is None else float(unit.value),
                    _plain(basis, basis.of_unit(own.code, unit), basis.word("health.no_data")),
                    unit.grade,
                )
                for unit in sorted(result.units, key=lambda unit: (unit.value is None, -(unit.value or 0.0)))[:16]
            )
            if len(units) > 1
            else (),
            result.benchmarks[0].value if result.benchmarks else None,
            basis.word(
                "report.chart.benchmark",
                op=sign(result.benchmarks[0].op),
                value=_plain(basis, figure_id(own.code, CITY, "benchmark")),
            )
            if result.benchmarks
            else "",
            basis.word("report.chart.unit", unit=own.unit_text(basis.lang)) if own.unit else "",
            basis.pictures.get(own.code, b""),
        )
        if not chart.map and (not chart.bars or len({bar.value for bar in chart.bars} - {None}) < 2):
            return None
        caption = basis.word("report.caption.chart", name=basis.title(own))
        return Picture(f"chart.{own.code}", caption, self.draw(chart), 158.0 if chart.map else 130.0, caption)

    def _standing_chart(self) -> Iterator[Piece]:
        basis = self.basis
        if self.draw is None or not basis.n("standing/all/answered"):
            return
        bars = tuple(
            Bar(names[basis.lang == "en"], float(basis.n(f"standing/{scope}/met")), _share_text(basis, scope))
            for scope, names in basis.edition.dimensions.items()
            if basis.n(f"standing/{scope}/answered")
        )
        caption = basis.word("report.caption.chart.standing")
        yield Picture(
            "chart.standing", caption, self.draw(Chart(bars, note=basis.word("report.chart.met"))), 130.0, caption
        )


def _share_text(basis: ReportBasis, scope: str) -> str:
    return f"{int(basis.n(f'standing/{scope}/met'))} / {int(basis.n(f'standing/{scope}/answered'))}"


def _plain(basis: ReportBasis, name: str, missing: str = "—") -> str:
    return "".join(part.text for part in parts_of(basis.cell(name, missing)))


def _facts(basis: ReportBasis) -> dict[str, Any]:
    """Return what the sentences of the whole are made of."""
    shown = [one for one in basis.standings if not one.definition.hidden]
    bad = sorted((one for one in shown if one.state == "not_met"), key=lambda one: -(one.gap or 0.0))[:MOST_NAMED]
    local = [basis.title(one.definition) for one in shown if one.definition.origin != "national"]
    changed = dict.fromkeys(one.code for one in basis.state.health.changes)
    better = [one for one in shown if one.is_better and change_of(basis, one) == "improved"]
    below = [one.id for one in questionnaire().questions.values() if one.part != "city"]
    above = [one.id for one in questionnaire().questions.values() if one.part == "city"]
    return {
        "edition": basis.edition.title(basis.lang),
        "best": [basis.title(one.definition) for one in shown if one.state == "met"][:MOST_NAMED],
        "worst": _listed(basis, bad, with_benchmark=True),
        "local": local,
        "local_count": len(local),
        "changed": [code for code in changed if code],
        "least": _felt(basis, [*below, *above], 3),
        "below": _felt(basis, below, 3),
        "above": _felt(basis, above, 3),
        "improved": _listed(basis, better[:MOST_NAMED], with_benchmark=False),
        "has_undone": bool(undone_rows(basis)),
        "has_reasons": any(row.remark for row in undone_rows(basis)),
        "is_cut": is_cut(basis),
    }


def _listed(basis: ReportBasis, standings: list[Standing], *, with_benchmark: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": basis.title(one.definition),
            "value": basis.f(figure_id(one.definition.code, CITY, "value")),
            "before": basis.f(figure_id(one.definition.code, CITY, "before")),
            "op": sign(one.result.benchmarks[0].op) if one.result is not None and one.result.benchmarks else "",
            "benchmark": basis.f(figure_id(one.definition.code, CITY, "benchmark")) if with_benchmark else "",
            "is_last": at == len(standings),
        }
        for at, one in enumerate(standings, 1)
    ]


def _felt(basis: ReportBasis, questions: list[str], most: int) -> list[dict[str, Any]]:
    asked = questionnaire().questions
    known = sorted(
        (one for one in questions if basis.has(f"survey/{one}/value")), key=lambda one: basis.n(f"survey/{one}/value")
    )[:most]
    return [
        {"name": asked[one].title(basis.lang), "value": basis.f(f"survey/{one}/value"), "is_last": at == len(known)}
        for at, one in enumerate(known, 1)
    ]


def _dimension_facts(basis: ReportBasis, dimension: str) -> dict[str, Any]:
    own = basis.of_dimension(dimension)
    return {
        "id": dimension,
        "dimension": basis.edition.dimensions[dimension][basis.lang == "en"],
        "not_met": [basis.title(one.definition) for one in own if one.state == "not_met"],
        "no_data": [basis.title(one.definition) for one in own if one.state in ("no_data", "missing")],
        "has_places": any(basis.has(f"ledger/{dimension}@{code}/count") for code in basis.lists.places),
    }


def _with_labels(piece: Piece, labels: Mapping[str, str]) -> Piece:
    return replace(piece, text=_labelled(piece.text, labels)) if isinstance(piece, Paragraph) else piece


def _labelled(text: str, labels: Mapping[str, str]) -> str:
    """Return a text whose references say the numbers that they lead to; one that leads nowhere says what it meant."""
    if f"[[{REF}" not in text:
        return text
    return "".join(
        marked(part.figure, labels.get(part.figure.removeprefix(REF), "—"))
        if part.figure.startswith(REF)
        else (marked(part.figure, part.text) if part.figure else part.text)
        for part in parts_of(text)
    )
