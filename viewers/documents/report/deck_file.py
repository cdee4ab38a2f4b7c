"""Slides as a PowerPoint file: native tables and charts, so that whoever presents can go on working with them."""

from __future__ import annotations

import io
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from models.core.spreadsheet_text import guarded
from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_members
from resources import HERE
from viewers.documents.report.deck import Bars, Deck, KeyNumber, Slide

#: Inches of a slide, and of its margin.
WIDE, HIGH, EDGE = 13.333, 7.5, 0.6
_INK, _FAINT, _RULE, _ACCENT, _BENCHMARK = "1D2A31", "6B7A85", "DDE4E7", "2C8C84", "B0402A"
_GRADES = {"met": "2C8C84", "not_met": "CF7440"}
_PLAIN = "5B87A6"
_EAST, _LATIN = tomllib.loads((HERE / "report" / "typefaces.toml").read_text(encoding="utf-8"))["face"]["head"]
#: Title Only, of python-pptx's own template.
_LAYOUT = 5
_NO_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
#: Names on an axis are cut beyond this.
_MOST_NAME = 24


def write_deck(path: Path, deck: Deck) -> None:
    """Write slides, whole or not at all; the same slides give the same bytes.

    Raises
    ------
    UserError
        What :func:`models.store.atomic.replacing` raises.
    """
    from pptx import Presentation
    from pptx.util import Inches

    made = Presentation()
    made.slide_width, made.slide_height = Inches(WIDE), Inches(HIGH)
    _theme(made)
    made.core_properties.title, made.core_properties.author = _clean(deck.slides[0].title), ""
    for number, slide in enumerate(deck.slides, 1):
        _slide(made.slides.add_slide(made.slide_layouts[_LAYOUT]), slide, deck, number)
    members = [f"ppt/slides/slide{number}.xml" for number in range(1, len(deck.slides) + 1)]
    with replacing(Path(path), of_members(["ppt/presentation.xml", "[Content_Types].xml", *members])) as fresh:
        made.save(str(fresh))
        steady_zip(fresh, f"{deck.date}T00:00:00Z")


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)


def _theme(made: Any) -> None:
    """Set the typefaces of what people add, too."""
    for relation in made.slide_masters[0].part.rels.values():
        if relation.reltype.endswith("/theme"):
            part = relation.target_part
            faces = f'<a:ea typeface="{_EAST}"/>'.encode()
            part._blob = part.blob.replace(b'<a:ea typeface=""/>', faces)


def _slide(page: Any, slide: Slide, deck: Deck, number: int) -> None:
    if slide.is_title:
        _text(page.shapes.title, slide.title, 40, deck.lang, box=(EDGE, 2.4, WIDE - 2 * EDGE, 1.2), bold=True)
        _rule(page, 3.75, 2.0, _ACCENT)
        _box(page, slide.line, (EDGE, 3.95, WIDE - 2 * EDGE, 1.6), 18, deck.lang, colour=_FAINT)
    else:
        _text(page.shapes.title, slide.title, 28, deck.lang, box=(EDGE, 0.35, WIDE - 2 * EDGE, 0.65), bold=True)
        _box(page, slide.line, (EDGE, 1.0, WIDE - 2 * EDGE, 0.4), 14, deck.lang, colour=_FAINT)
        _rule(page, 1.45, WIDE - 2 * EDGE, _RULE)
        _content(page, slide, deck.lang)
    _foot(page, deck, number)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = _clean(slide.notes)


def _content(page: Any, slide: Slide, lang: str) -> None:
    top, low = 1.65, 6.85
    if slide.numbers:
        _numbers(page, slide.numbers, top, lang)
        top += 1.15
    if slide.table:
        _table(page, slide.table, top, lang)
    half = (WIDE - 2 * EDGE) * (0.54 if slide.bars else 1.0)
    if slide.picture:
        _picture(page, slide.picture, (EDGE, top, half, low - top), slide.title)
    if slide.bars is not None:
        left = EDGE + half + 0.2 if slide.picture else EDGE
        _chart(page, slide.bars, (left, top, WIDE - EDGE - left, low - top), lang)


def _numbers(page: Any, numbers: tuple[KeyNumber, ...], top: float, lang: str) -> None:
    wide = (WIDE - 2 * EDGE) / max(len(numbers), 4)
    for at, one in enumerate(numbers):
        left = EDGE + at * wide
        _box(page, one.label, (left, top, wide, 0.35), 13, lang, colour=_FAINT)
        size = 26 if len(one.text) < 8 else 18 if len(one.text) < 15 else 14
        _box(page, one.text, (left, top + 0.32, wide, 0.6), size, lang, bold=True, name=one.figure)


def _table(page: Any, rows: tuple[tuple[str, ...], ...], top: float, lang: str) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches

    wide, first = WIDE - 2 * EDGE, 3.4
    high = min(0.5, 5.0 / len(rows))
    box = (Inches(EDGE), Inches(top), Inches(wide), Inches(high * len(rows)))
    table = page.shapes.add_table(len(rows), len(rows[0]), *box).table
    table.horz_banding = False
    for at, column in enumerate(table.columns):
        column.width = Inches(first if not at else (wide - first) / (len(rows[0]) - 1))
    for at, row in enumerate(rows):
        is_head, is_sum = at == 0, at == len(rows) - 1
        for place, text in enumerate(row):
            cell = table.cell(at, place)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(_ACCENT if is_head else "F2F5F6" if is_sum else "FFFFFF")
            colour = "FFFFFF" if is_head else _INK
            align = PP_ALIGN.LEFT if not place else PP_ALIGN.RIGHT
            _fill(cell.text_frame, text, 14, lang, colour=colour, bold=is_head or is_sum, align=align)


def _picture(page: Any, raw: bytes, box: tuple[float, float, float, float], alt: str) -> None:
    """Put a picture into a box, as large as it fits, in its middle."""
    from pptx.util import Inches

    left, top, wide, high = box
    shape = page.shapes.add_picture(io.BytesIO(raw), Inches(left), Inches(top))
    scale = min(Inches(wide) / shape.width, Inches(high) / shape.height)
    shape.width, shape.height = round(shape.width * scale), round(shape.height * scale)
    shape.left = Inches(left) + (Inches(wide) - shape.width) // 2
    shape.top = Inches(top) + (Inches(high) - shape.height) // 2
    shape._element.nvPicPr.cNvPr.set("descr", _clean(alt))


def _chart(page: Any, bars: Bars, box: tuple[float, float, float, float], lang: str) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
    from pptx.util import Inches, Pt

    form = "#,##0" + ("." + "#" * bars.digits if bars.digits and not _all_whole(bars) else "")
    data = CategoryChartData(number_format=form)
    data.categories = [guarded(_short(_clean(name))) for name in bars.names]
    data.add_series(guarded(_clean(bars.title)), bars.values)
    if bars.benchmark is not None:
        data.add_series(guarded(_clean(bars.benchmark_title)), [bars.benchmark] * len(bars.values))
    left, top, wide, high = box
    note = 0.3 if bars.note else 0.0
    place = (Inches(left), Inches(top), Inches(wide), Inches(high - note))
    chart = page.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.font.size = Pt(11)
    chart.font.color.rgb = RGBColor.from_string(_INK)
    _typeface(chart.font._rPr)
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 60, False
    series = plot.series[0]
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = RGBColor.from_string(_GRADES["not_met"])
    for at, grade in enumerate(bars.grades):
        fill = series.points[at].format.fill
        fill.solid()
        fill.fore_color.rgb = RGBColor.from_string(_GRADES.get(grade, _PLAIN))
    labels = series.data_labels
    labels.show_value, labels.number_format, labels.number_format_is_linked = True, form, False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    axis = chart.value_axis
    axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(_RULE)
    axis.format.line.fill.background()
    if min(bars.values) >= 0.0:
        axis.minimum_scale = 0.0
    if bars.benchmark is not None:
        _as_line(plot)
    _steady_workbook(chart)
    if bars.note:
        _box(page, bars.note, (left, top + high - note, wide, note), 11, lang, colour=_FAINT)


def _all_whole(bars: Bars) -> bool:
    return all(value.is_integer() for value in bars.values)


def _short(name: str) -> str:
    return name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…"


def _as_line(plot: Any) -> None:
    """Draw the second series, the benchmark, as a dashed line across the bars."""
    from lxml import etree
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import qn

    bar = plot._element
    benchmark = bar.findall(qn("c:ser"))[1]
    bar.remove(benchmark)
    for name in ("c:invertIfNegative", "c:spPr", "c:dLbls"):
        for old in benchmark.findall(qn(name)):
            benchmark.remove(old)
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    drawing = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    look = parse_xml(
        f'<c:spPr {space} {drawing}><a:ln w="22225"><a:solidFill><a:srgbClr val="{_BENCHMARK}"/></a:solidFill>'
        '<a:prstDash val="dash"/></a:ln></c:spPr>'
    )
    after = benchmark.find(qn("c:tx"))
    after.addnext(look)
    look.addnext(parse_xml(f'<c:marker {space}><c:symbol val="none"/></c:marker>'))
    benchmark.append(parse_xml(f'<c:smooth {space} val="0"/>'))
    line = parse_xml(f'<c:lineChart {space}><c:grouping val="standard"/><c:varyColors val="0"/></c:lineChart>')
    line.append(benchmark)
    line.append(parse_xml(f'<c:marker {space} val="1"/>'))
    for axis in bar.findall(qn("c:axId")):
        etree.SubElement(line, qn("c:axId")).set("val", axis.get("val"))
    bar.addnext(line)


def _steady_workbook(chart: Any) -> None:
    """Take the clock out of the workbook in which a chart keeps its values."""
    part = chart.part.chart_workbook.xlsx_part
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.xlsx"
        path.write_bytes(part.blob)
        steady_zip(path)
        part._blob = path.read_bytes()


def _rule(page: Any, top: float, wide: float, colour: str) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_CONNECTOR
    from pptx.util import Inches, Pt

    ends = (Inches(EDGE), Inches(top), Inches(EDGE + wide), Inches(top))
    drawn = page.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *ends)
    for style in drawn._element.xpath("p:style"):  # its shadow
        drawn._element.remove(style)
    line = drawn.line
    line.color.rgb, line.width = RGBColor.from_string(colour), Pt(1.5)


def _foot(page: Any, deck: Deck, number: int) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.oxml import parse_xml

    _box(page, deck.foot, (EDGE, 6.95, WIDE - 2 * EDGE - 1.0, 0.35), 11, deck.lang, colour=_FAINT)
    shape = _box(page, " ", (WIDE - EDGE - 1.0, 6.95, 1.0, 0.35), 11, deck.lang, colour=_FAINT, align=PP_ALIGN.RIGHT)
    run = shape.text_frame.paragraphs[0].runs[0]._r
    field = parse_xml(
        '<a:fld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'id="{{00000000-0000-4000-8000-{number:012d}}}" type="slidenum"><a:t>{number}</a:t></a:fld>'
    )
    field.insert(0, run.rPr)
    run.getparent().replace(run, field)


def _box(
    page: Any, text: str, box: tuple[float, float, float, float], size: float, lang: str, *, name: str = "",
    colour: str = _INK, bold: bool = False, align: Any = None,
) -> Any:  # fmt: skip
    if not text:
        return None
    from pptx.util import Inches

    shape = page.shapes.add_textbox(*(Inches(one) for one in box))
    shape.text_frame.margin_left = shape.text_frame.margin_right = 0
    if name:
        shape.name = name
    _fill(shape.text_frame, text, size, lang, colour=colour, bold=bold, align=align)
    return shape


def _text(
    shape: Any, text: str, size: float, lang: str, *, box: tuple[float, float, float, float], bold: bool = False
) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = (Inches(one) for one in box)
    shape.text_frame.margin_left = shape.text_frame.margin_right = 0
    most = box[2] * 72 / size * (1.0 if lang == "zh" else 1.8)
    _fill(shape.text_frame, text, size if len(text) <= most else size * 0.72, lang, bold=bold, align=PP_ALIGN.LEFT)


def _fill(
    frame: Any, text: str, size: float, lang: str, *, colour: str = _INK, bold: bool = False, align: Any = None
) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Pt

    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    for at, line in enumerate(_clean(text).split("\n")):
        paragraph = frame.paragraphs[0] if not at else frame.add_paragraph()
        paragraph.alignment = align
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = RGBColor.from_string(colour)
        run._r.get_or_add_rPr().set("lang", "zh-CN" if lang == "zh" else "en-GB")
        _typeface(run._r.get_or_add_rPr())


def _typeface(properties: Any) -> None:
    """Set the Latin and the East Asian typeface, which python-pptx does not know."""
    from pptx.oxml import parse_xml

    for tag, face in (("latin", _LATIN), ("ea", _EAST), ("cs", _LATIN)):
        properties.append(
            parse_xml(f'<a:{tag} xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" typeface="{face}"/>')
        )
