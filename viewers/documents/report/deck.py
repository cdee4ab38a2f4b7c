"""What the slides of the meeting say: title, overview, and the stops of the agenda or the indicators that fail.

Every number is a figure of the table of numbers (:mod:`models.report.figures`); a chart holds the raw values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.health.overview import Standing
from models.report.figure import CITY, figure_id
from models.report.text.marked import plain
from models.review.agenda import Stop
from viewers.documents.report.basis import ReportBasis
from viewers.texts.health_texts import sign

#: Bars that can be read on a wall.
MOST_BARS = 16
#: Columns of the overview.
STANDINGS = ("indicators", "met", "not_met", "ungraded", "no_data", "missing", "not_applicable")


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """A number in large type: what it is, as it is shown, and the id of its figure."""

    label: str
    text: str
    figure: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of units.

    Parameters
    ----------
    title, benchmark_title : str
        Names of the two series.
    names : tuple of str
    values : tuple of float
        Raw.
    grades : tuple of str
    benchmark : float or None
    digits : int
        Decimals that are shown.
    note : str
        What the chart leaves out; empty for nothing.
    """

    title: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    grades: tuple[str, ...]
    benchmark: float | None = None
    benchmark_title: str = ""
    digits: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide.

    Parameters
    ----------
    title : str
    line : str
        Beneath the title.
    numbers : tuple of KeyNumber
    table : tuple of tuple of str
        Rows, the first one the head.
    bars : Bars or None
    picture : bytes
        PNG or JPEG; empty for none.
    notes : str
        For the speaker.
    is_title : bool
    """

    title: str
    line: str = ""
    numbers: tuple[KeyNumber, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    bars: Bars | None = None
    picture: bytes = field(default=b"", repr=False)
    notes: str = ""
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Deck:
    """The slides, and what stands at the foot of each."""

    slides: tuple[Slide, ...]
    foot: str
    lang: str
    date: str


def deck_of(basis: ReportBasis, stops: Sequence[Stop] = (), pictures: Mapping[str, bytes] | None = None) -> Deck:
    """Return the slides of a project.

    Parameters
    ----------
    basis : ReportBasis
        Its pictures are those of the indicators.
    stops : sequence of Stop
        Each becomes a slide; without them the indicators that fail do.
    pictures : mapping of str to bytes, optional
        Of the stops, by their ids.
    """
    slides = [_title(basis), _overview(basis)]
    if stops:
        slides += [_of_stop(basis, stop, at, (pictures or {}).get(stop.id, b"")) for at, stop in enumerate(stops, 1)]
    else:
        slides += [_of_indicator(basis, one) for one in failing(basis)]
    marks = [basis.word("report.mark.synthetic")] if basis.state.synthetic else []
    return Deck(tuple(slides), " · ".join((basis.city, *marks)), basis.lang, basis.date)


def failing(basis: ReportBasis) -> list[Standing]:
    """Return the indicators that do not meet their benchmark, in the order of the edition."""
    return [one for one in basis.standings if one.state == "not_met" and not one.definition.hidden]


def _title(basis: ReportBasis) -> Slide:
    marks = [basis.word("report.mark.synthetic")] if basis.state.synthetic else []
    line = "\n".join(one for one in (basis.made_by, basis.date, *marks) if one)
    return Slide(basis.word("deck.title", city=basis.city, year=basis.date[:4]), line, is_title=True)


def _overview(basis: ReportBasis) -> Slide:
    head = (basis.word("report.head.dimension"), *(basis.word(f"report.head.standing.{one}") for one in STANDINGS))
    scopes = [(scope, names[basis.lang == "en"]) for scope, names in basis.edition.dimensions.items()]
    rows = tuple(
        (name, *(plain(basis.cell(figure_id("standing", scope, one))) for one in STANDINGS))
        for scope, name in (*scopes, ("all", basis.word("report.sum")))
    )
    return Slide(basis.word("deck.overview"), table=(head, *rows))


def _of_stop(basis: ReportBasis, stop: Stop, at: int, picture: bytes) -> Slide:
    standing = next((one for one in basis.standings if one.definition.code == stop.indicator), None)
    title = stop.title or (basis.title(standing.definition) if standing else basis.word("deck.stop", number=at))
    line = " · ".join((stop.indicator, basis.title(standing.definition))) if standing else ""
    numbers = _numbers(basis, standing) if standing else ()
    return Slide(title, line, numbers, picture=picture, notes=stop.notes)


def _of_indicator(basis: ReportBasis, standing: Standing) -> Slide:
    own = standing.definition
    line = f"{own.code} · {basis.edition.dimensions[own.dimension][basis.lang == 'en']}"
    picture = basis.pictures.get(own.code, b"")
    return Slide(basis.title(own), line, _numbers(basis, standing), bars=_bars(basis, standing), picture=picture)


def _numbers(basis: ReportBasis, standing: Standing) -> tuple[KeyNumber, ...]:
    code, result = standing.definition.code, standing.result
    if result is None or result.city.value is None:
        return (KeyNumber(basis.word("report.whole_city"), basis.word("health.no_data"), ""),)
    op = sign(result.benchmarks[0].op) if result.benchmarks else ""
    told = (
        ("value", CITY, "value", ""), ("benchmark", CITY, "benchmark", f"{op} " if op else ""),
        ("before", CITY, "before", ""), ("coverage", CITY, "coverage", ""),
        ("units", "units", "not_met", ""), ("problems", "problems", "count", ""),
    )  # fmt: skip
    found = []
    for label, place, which, before in told:
        name = figure_id(code, place, which)
        if basis.has(name) and (place == CITY or basis.n(name)):
            found.append(KeyNumber(basis.word(f"deck.number.{label}"), before + plain(basis.f(name)), name))
    return tuple(found)


def _bars(basis: ReportBasis, standing: Standing) -> Bars | None:
    own, result = standing.definition, standing.result
    if result is None:
        return None
    known = [unit for unit in result.units if unit.value is not None]
    if len(known) < 2:
        return None
    is_low_bad = own.direction == "up"
    known.sort(key=lambda unit: (unit.value or 0.0) if is_low_bad else -(unit.value or 0.0))
    shown = known[:MOST_BARS]
    figures = [basis.figures.of_unit(own.code, unit) for unit in shown]
    benchmark, notes = figure_id(own.code, CITY, "benchmark"), []
    if len(shown) < len(known):
        notes.append(basis.word("deck.worst", shown=len(shown), count=len(known)))
    if lacking := len(result.units) - len(known):
        notes.append(basis.word("deck.lacking", count=lacking))
    unit_text = own.unit_text(basis.lang)
    return Bars(
        basis.title(own) + (basis.word("report.in_unit", unit=unit_text) if unit_text else ""),
        tuple(basis.named(unit) for unit in shown),
        tuple(float(figure.value or 0.0) for figure in figures),
        tuple(unit.grade for unit in shown),
        basis.n(benchmark) if basis.has(benchmark) else None,
        f"{basis.word('deck.number.benchmark')} {plain(basis.f(benchmark))}" if basis.has(benchmark) else "",
        max(figure.digits for figure in figures),
        basis.word("lists.comma").join(notes),
    )
