"""Styles, fonts, numbering and pages of the report, as a good institute sets them.

Fonts are named as Word knows them (宋体, 黑体, Times New Roman) with the names of free ones beside them in the table of
fonts, so that another system finds what it has.
"""

from __future__ import annotations

import tomllib
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from resources import HERE
from viewers.documents.report.wordml import W

_TYPEFACES = tomllib.loads((HERE / "report" / "typefaces.toml").read_text(encoding="utf-8"))
#: Body, headings and titles: East Asian name, Latin name.
FONTS: dict[str, tuple[str, str]] = {name: (pair[0], pair[1]) for name, pair in _TYPEFACES["face"].items()}
#: What stands in where a font is not there.
_STAND_INS: dict[str, str] = _TYPEFACES["stand_in"]
_INK, _ACCENT, _GREY = RGBColor(0x1D, 0x2A, 0x31), RGBColor(0x1F, 0x4E, 0x5F), RGBColor(0x8A, 0x93, 0x99)
#: Size (points), space before and after, of headings 1 … 4.
_HEADINGS = ((18, 24, 14), (15, 16, 8), (13, 12, 6), (12, 10, 4))
_ZH_LEVELS = (
    ("chineseCountingThousand", "%1、"),
    ("chineseCountingThousand", "（%2）"),
    ("decimal", "%3."),
    ("decimal", "（%4）"),
)
_EN_LEVELS = (("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3"), ("decimal", "%1.%2.%3.%4"))


def dress(document: Any, lang: str) -> None:
    """Give a document of python-docx the styles, numbers and page of the report."""
    _page(document)
    styles = document.styles
    normal = styles["Normal"]
    _font(normal, "body", 12 if lang == "zh" else 11, _INK)
    normal.paragraph_format.space_after = Pt(0)
    for level, (size, before, after) in enumerate(_HEADINGS, 1):
        style = styles[f"Heading {level}"]
        _font(style, "head", size, _INK if level > 1 else _ACCENT, bold=True)
        _spaced(style, before, after, keep=True)
    text = _new(styles, "ReportText", "Normal")
    text.paragraph_format.line_spacing = 1.5 if lang == "zh" else 1.25
    text.paragraph_format.space_after = Pt(0 if lang == "zh" else 6)
    text.paragraph_format.widow_control = True
    if lang == "zh":
        _indent_two_signs(text)
        text.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    missing = _new(styles, "ReportMissing", "ReportText")
    _font(missing, "body", 12 if lang == "zh" else 11, _GREY)
    missing.font.italic = lang == "en"
    annex = _new(styles, "AnnexHeading", "Normal")
    _font(annex, "head", 15, _ACCENT, bold=True)
    _spaced(annex, 0, 10, keep=True)
    _outline_level(annex, 0)
    caption = _new(styles, "ReportCaption", "Normal")
    _font(caption, "head", 10.5, _INK)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spaced(caption, 10, 4)
    picture = _new(styles, "ReportPicture", "Normal")
    picture.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spaced(picture, 8, 0, keep=True)
    cells = (("TableHead", 10.0, 8.5), ("TableText", 10.0, 9.5))  # English heads are longer
    for name, size_zh, size_en in cells:
        style = _new(styles, name, "Normal")
        _font(style, "body" if name == "TableText" else "head", size_zh if lang == "zh" else size_en, _INK)
        _spaced(style, 1.5, 1.5)
    for name, size, after in (("CoverTitle", 28, 18), ("CoverSub", 15, 6), ("CoverFact", 13, 4), ("CoverMark", 13, 4)):
        style = _new(styles, name, "Normal")
        _font(
            style,
            "title" if name == "CoverTitle" else "body",
            size,
            _ACCENT if name == "CoverTitle" else _INK,
            bold=name == "CoverTitle",
        )
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _spaced(style, 0, after)
    styles["CoverMark"].font.color.rgb = RGBColor(0xB4, 0x5F, 0x06)
    contents = _new(styles, "ContentsHeading", "Normal")
    _font(contents, "head", 18, _ACCENT, bold=True)
    contents.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spaced(contents, 0, 14, keep=True)
    for level in range(1, 5):
        style = _new(styles, f"toc {level}", "Normal")
        _font(style, "body" if level > 1 else "head", 10.5 if level == 1 else 10, _INK)
        style.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        _spaced(style, 2 if level == 1 else 0, 0)
        _right_tab(style)
    style = _new(styles, "table of figures", "Normal")
    _font(style, "body", 10.5, _INK)
    _spaced(style, 1, 1)
    _right_tab(style)
    for name in ("Header", "Footer"):
        _font(styles[name], "body", 9, _GREY)
    _table_style(styles)
    _numbered(document, lang)
    _stand_ins(document)


def style_id(document: Any, name: str) -> str:
    """Return the id of a style, by which XML names it."""
    return str(document.styles[name].style_id)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(2.8), Cm(2.4)
    section.header_distance, section.footer_distance = Cm(1.5), Cm(1.3)


def _new(styles: Any, name: str, base: str) -> Any:
    known = {style.name for style in styles}
    style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles[base]
    return style


def _font(style: Any, kind: str, size: float, colour: RGBColor, *, bold: bool = False) -> None:
    east, latin = FONTS[kind]
    style.font.name, style.font.size, style.font.bold, style.font.italic = latin, Pt(size), bold, False
    style.font.color.rgb = colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", east), ("cs", latin)):
        fonts.set(qn(f"w:{name}"), value)


def _spaced(style: Any, before: float, after: float, *, keep: bool = False) -> None:
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.keep_with_next = keep


def _indent_two_signs(style: Any) -> None:
    style.paragraph_format.first_line_indent = Pt(24)
    style.element.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _outline_level(style: Any, level: int) -> None:
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl xmlns:w="{W}" w:val="{level}"/>'))


def _right_tab(style: Any) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER

    style.paragraph_format.tab_stops.add_tab_stop(Cm(15.8), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _table_style(styles: Any) -> None:
    """Put the style of tables: lines above, below and under the head, thin ones between."""
    border = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="{}"/>'
    lines = "".join(
        border.format(side, size, colour)
        for side, size, colour in (
            ("top", 10, "1F4E5F"),
            ("bottom", 10, "1F4E5F"),
            ("insideH", 4, "C9D2D6"),
            ("insideV", 4, "E1E7EA"),
        )
    )
    styles.element.append(
        parse_xml(
            f'<w:style xmlns:w="{W}" w:type="table" w:customStyle="1" w:styleId="ReportTable">'
            '<w:name w:val="Report Table"/>'
            f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{lines}</w:tblBorders><w:tblCellMar>'
            '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        )
    )


def _numbered(document: Any, lang: str) -> None:
    """Number the headings by one list of levels, as the handbook's outline is: 一、（一）1.（1）."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="Heading{at + 1}"/>'
        f'<w:suff w:val="{"nothing" if lang == "zh" else "space"}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        for at, (form, text) in enumerate(_ZH_LEVELS if lang == "zh" else _EN_LEVELS)
    )
    own = 90
    abstract = parse_xml(
        f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="{own}"><w:multiLevelType w:val="multilevel"/>'
        f"{levels}</w:abstractNum>"
    )
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num xmlns:w="{W}" w:numId="{own}"><w:abstractNumId w:val="{own}"/></w:num>'))
    for level in range(4):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        number = properties.get_or_add_numPr()
        number.get_or_add_ilvl().val = level
        number.get_or_add_numId().val = own


def _stand_ins(document: Any) -> None:
    """Name in the table of fonts what stands in for each font."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/>'
        f'<w:charset w:val="{"86" if ord(name[0]) > 255 else "00"}"/></w:font>'
        for name, others in _STAND_INS.items()
    )
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            relation.target_part._blob = f'{head}<w:fonts xmlns:w="{W}">{fonts}</w:fonts>'.encode()
