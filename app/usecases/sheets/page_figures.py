"""Values, charts and tables of a page, each made of the page's own subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.sheets.page import Page
from app.usecases.sheets.subjects import city_name
from models.health.results import IndicatorResult, UnitValue
from models.sheets.spec import Item

if TYPE_CHECKING:
    from viewers.sheets.pages.content import Chart, Column, Table, Value

#: Of a table that is longer nobody reads the rest; the file of lists has it.
MOST_ROWS = 400
#: Sections of a description that a page shows, in this order.
_SECTIONS = ("section.identity", "section.facility", "section.attributes", "section.geometry")
_VERDICT_COLOURS = {"met": "#1f7a72", "not_met": "#b4532a"}
_NO_COLOUR = "#6b7a85"


def value(page: Page, item: Item) -> Value | None:
    """Return the value of the subject with its verdict."""
    from viewers.sheets.pages.content import Value
    from viewers.texts.health_texts import benchmark_sentence, coverage_text, reason_text
    from viewers.texts.values import indicator_value

    result, unit, lang = page.result, page.value, page.lang
    if result is None or unit is None:
        return None
    definition = result.definition
    lost = _lost(page, result) if page.objects else None
    if lost is not None:
        return lost
    lines = [
        page.word("sheets.benchmark", benchmark=benchmark_sentence(one, definition, lang))
        for one in result.benchmarks[:1]
    ]
    if unit.value is None:
        lines.append(reason_text(unit.reason, lang))
    lines.append(coverage_text(unit, lang).rstrip("。."))
    if result.code in page.old:
        lines.append(page.word("legend.old_note"))
    return Value(
        page.sheet.subject.name if page.unit is not None else city_name(page.session),
        indicator_value(unit.value, definition.unit_text(lang), page.word("health.status.no_data")),
        page.word(f"health.grade.{unit.grade}") if unit.value is not None else "",
        _VERDICT_COLOURS.get(unit.grade, _NO_COLOUR), tuple(line for line in lines if line),
    )  # fmt: skip


def _lost(page: Page, result: IndicatorResult) -> Value | None:
    """Return what the objects of the page lack together, its share of what the city lacks, and the city's value."""
    from models.core.value_text import percent
    from viewers.sheets.pages.content import Value
    from viewers.texts.health_texts import amount_text
    from viewers.texts.values import indicator_value

    known = [one for one in page.problems if one.loss is not None]
    if not known or len(known) < len(page.objects):
        return None
    loss = amount_text(sum(one.loss or 0.0 for one in known), result.definition.quantity_text(page.lang))
    city = indicator_value(
        result.city.value, result.definition.unit_text(page.lang), page.word("health.status.no_data")
    )
    lines = [page.word("sheets.city_value", city=city_name(page.session), value=city)]
    shares = [one.loss_share for one in known]
    if all(share is not None for share in shares):
        whole = sum(share or 0.0 for share in shares)
        lines.insert(0, page.word("sheets.loss_share", share=f"{percent(whole, 1)} %"))
    reasons = dict.fromkeys(page.word(f"problem.{one.reason}") for one in known)
    heading = page.word("sheets.loss", name=page.sheet.subject.name)
    return Value(heading, loss, page.word("sheet.comma").join(reasons), _VERDICT_COLOURS["not_met"], tuple(lines))


def chart(page: Page, item: Item) -> Chart | None:
    """Return the chart that an item names."""
    made = {"units": _chart_of_units, "years": _chart_of_years, "classes": _chart_of_classes}.get(item.source)
    return None if made is None else made(page)


def _chart_of_units(page: Page) -> Chart | None:
    from viewers.render.symbology.theming import grades_of
    from viewers.sheets.pages.content import Chart

    result = page.result
    units = page.units
    if result is None or not units:
        return None
    grades = grades_of(result, units)
    columns = tuple(
        _column(page, result, unit, "" if unit.value is None else grades.colours[grades.of(unit.value)])
        for unit in sorted(units, key=lambda one: (one.value is None, -(one.value or 0.0), one.unit_code))
    )
    unit_text = result.definition.unit_text(page.lang)
    heading = page.word("sheets.chart.units", unit=unit_text or page.word("sheets.chart.number"))
    limit = result.benchmarks[0] if result.benchmarks else None
    return Chart(
        heading, columns, limit=None if limit is None else limit.value,
        limit_text="" if limit is None else page.word("sheets.chart.limit", value=f"{limit.value:g}", unit=unit_text),
    )  # fmt: skip


def _column(page: Page, result: IndicatorResult, unit: UnitValue, colour: str) -> Column:
    from viewers.sheets.pages.content import Column
    from viewers.texts.values import indicator_value

    text = indicator_value(unit.value, result.definition.unit_text(page.lang), page.word("health.status.no_data"))
    is_subject = page.value is not None and unit.key == page.value.key
    return Column(unit.title(page.lang) or unit.unit_code, unit.value, text, colour, is_subject)


def _chart_of_years(page: Page) -> Chart | None:
    """Return what became of the subject's value from year to year, this year's last."""
    from models.health.years.choosing import this_year
    from viewers.sheets.pages.content import Chart, Column
    from viewers.texts.values import indicator_value

    result, now, state = page.result, page.value, page.session.project.state
    if result is None or now is None:
        return None
    unit = result.definition.unit_text(page.lang)
    missing = page.word("health.status.no_data")
    level = {"district": "district", "community": "estate"}.get(page.sheet.subject.kind, "city")
    columns = []
    for record in sorted(state.health.years, key=lambda one: one.year):
        before = record.by_code().get(result.code)
        at = [] if before is None else [one for one in before.values if one.level == level]
        known = next((one.value for one in at if level == "city" or one.code == now.unit_code), None)
        columns.append(Column(str(record.year), known, indicator_value(known, unit, missing)))
    if not columns:
        return None
    columns.append(Column(str(this_year()), now.value, indicator_value(now.value, unit, missing), is_subject=True))
    limit = result.benchmarks[0].value if result.benchmarks else None
    text = "" if limit is None else page.word("sheets.chart.limit", value=f"{limit:g}", unit=unit)
    return Chart(page.word("sheets.chart.years"), tuple(columns), True, limit, text)


def _chart_of_classes(page: Page) -> Chart | None:
    """Return how many components of each class are not in order."""
    from app.usecases.facilities.facilities import facility_counts
    from models.facilities.coding.editions import NO_CLASS
    from models.facilities.register import UNKNOWN, rows_by_class, states
    from viewers.sheets.pages.content import Chart, Column

    counted = facility_counts(page.session)
    if not len(counted):
        return None
    faulty = [one.id for one in states().values() if one.severity > 0 and one.id != UNKNOWN and one.id in counted]
    rows = []
    for kind, row in rows_by_class(counted):
        bad = int(sum(row[name] for name in faulty))
        if bad:
            title = page.word("cli.table.unknown_class") if kind == NO_CLASS else kind.title(page.lang)
            rows.append((bad, title, int(row["total"])))
    rows.sort(key=lambda row: (-row[0], row[1]))
    columns = tuple(
        Column(title, float(bad), page.word("sheets.chart.of", count=f"{bad:,}", total=f"{total:,}"))
        for bad, title, total in rows[:18]
    )
    return Chart(page.word("sheets.chart.faulty"), columns, is_ranking=True) if columns else None


def table(page: Page, item: Item) -> Table | None:
    """Return the table that an item names."""
    makers = {
        "units": _table_of_units, "problems": _table_of_problems, "attributes": _table_of_attributes,
        "objects": _table_of_objects, "classes": _table_of_classes, "years": _table_of_years,
    }  # fmt: skip
    return makers[item.source](page) if item.source in makers else None


def _table_of_units(page: Page) -> Table | None:
    from viewers.sheets.pages.content import Table
    from viewers.texts.values import indicator_value

    result = page.result
    if result is None or not page.units:
        return None
    unit = result.definition.unit_text(page.lang)
    order = sorted(page.units, key=lambda one: (one.value is None, -(one.value or 0.0), one.unit_code))
    rows = tuple(
        (one.title(page.lang) or one.unit_code,
         indicator_value(one.value, unit, page.word("value.none")), page.word(f"health.grade.{one.grade}"))
        for one in order[:MOST_ROWS]
    )  # fmt: skip
    marked = next((k for k, one in enumerate(order) if page.value is not None and one.key == page.value.key), -1)
    heads = tuple(page.word(f"sheets.column.{name}") for name in ("unit", "value", "grade"))
    return Table(page.word("sheets.table.units"), heads, rows, (False, True, False), marked, _more(page))


def _table_of_problems(page: Page) -> Table | None:
    from viewers.sheets.pages.content import Table
    from viewers.texts.health_texts import amount_text

    result = page.result
    if result is None:
        return None
    problems = page.problems
    quantity = result.definition.quantity_text(page.lang)
    rows = tuple(
        (str(number), one.title(page.lang) or str(one.key.oid), page.word(f"problem.{one.reason}"),
         "" if one.loss is None else amount_text(one.loss, quantity))
        for number, one in enumerate(problems[:MOST_ROWS], 1)
    )  # fmt: skip
    if not rows:
        return None
    heads = tuple(page.word(f"sheets.column.{name}") for name in ("number", "name", "problem", "loss"))
    return Table(page.word("sheets.table.problems", count=len(problems)), heads, rows, (True, False, False, True), -1,
                 _more(page))  # fmt: skip


def _table_of_objects(page: Page) -> Table | None:
    """Return the numbered objects of the page with what is said of each."""
    from app.usecases.query.describe import title_of
    from viewers.sheets.pages.content import Table

    keys = page.objects
    if not keys:
        return None
    layers = {layer.id: layer.title(page.lang) for layer in page.session.project.state.layers}
    told = page.losses
    rows = tuple(
        (str(number), title_of(page.session, key), told.get(key) or layers.get(key.layer, ""))
        for number, key in enumerate(keys[:MOST_ROWS], 1)
    )
    heads = (page.word("sheets.column.number"), page.word("sheets.column.name"),
             page.word("sheets.column.loss") if told else page.word("sheets.column.layer"))  # fmt: skip
    return Table(page.word("sheets.table.objects"), heads, rows, (True, False, bool(told)), -1, _more(page))


def _table_of_attributes(page: Page) -> Table | None:
    from app.usecases.query.describe import describe
    from viewers.sheets.pages.content import Table

    if not page.objects:
        return None
    sections = {one.title_key: one for one in describe(page.session, page.objects[0])}
    rows: dict[str, str] = {}
    passed_over = {page.word("field.name_en")} if page.lang == "zh" else set()
    for name in _SECTIONS:
        if name in sections:
            for label, text in sections[name].rows:
                if label in passed_over:
                    continue
                if text and text != page.word("value.none"):
                    rows.setdefault(label, text)
    if not rows:
        return None
    return Table(page.word("sheets.table.attributes"), (), tuple(rows.items()), (False, False), -1, _more(page))


def _table_of_classes(page: Page) -> Table | None:
    from app.usecases.facilities.facilities import counts_table
    from viewers.sheets.pages.content import Table

    heads, rows = counts_table(page.session)
    if not rows:
        return None
    used = [k for k in range(1, len(heads)) if any(row[k] for row in rows)]
    rows = sorted(rows, key=lambda row: -int(str(row[-1])))
    cells = tuple((str(row[0]), *(f"{int(str(row[k])):,}" for k in used)) for row in rows[:MOST_ROWS])
    return Table(page.word("sheets.table.classes"), (heads[0], *(heads[k] for k in used)), cells,
                 (False, *(True for _ in used)), -1, _more(page))  # fmt: skip


def _table_of_years(page: Page) -> Table | None:
    """Return the values of both years by unit, and what became of them."""
    from viewers.render.symbology.year_view import result_before
    from viewers.sheets.pages.content import Table
    from viewers.texts.values import indicator_value

    result = page.result
    stood = None if result is None else result_before(page.session.project.state, result)
    if result is None or stood is None:
        return None
    base, before = stood
    then = {one.unit_code: one.value for one in before.units} | {"": before.city.value}
    unit, none = result.definition.unit_text(page.lang), page.word("value.none")
    rows = []
    for one in (*page.units, result.city):
        is_city = one is result.city
        old = then.get("" if is_city else one.unit_code)
        change = none if old is None or one.value is None else f"{one.value - old:+.2f}".replace("-", "−")
        name = page.word("sheet.whole_city") if is_city else one.title(page.lang) or one.unit_code
        rows.append((name, indicator_value(old, unit, none), indicator_value(one.value, unit, none), change))
    heads = (page.word("sheets.column.unit"), str(base.year), page.word("sheets.column.now"),
             page.word("sheets.column.change"))  # fmt: skip
    return Table(page.word("sheets.table.years"), heads, tuple(rows), (False, True, True, True), -1, _more(page))


def _more(page: Page) -> str:
    return page.word("sheets.table.more", count="{count}")
