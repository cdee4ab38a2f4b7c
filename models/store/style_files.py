"""Simple styles of QGIS (QML) and of OGC (SLD 1.0, SE 1.1) taken over as a :class:`~models.style.kinds.Symbology`.

What is understood: single, categorised, graduated and rule-based symbols with plain colours; opacity, labels by one
field, scale ranges. Everything else is left out and reported.

A QGIS range holds both its ends and the first that fits wins, ours hold their lower end: a value that lies exactly on
a limit may fall into the class above.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.core.errors import Caution, UserError
from models.store.qgis_style import HATCHED
from models.style.kinds import NO_DATA, OTHER, Class, Labels, ScaleRange, Symbology

#: A style file is never larger than this.
MOST_BYTES = 20_000_000
RENDERERS = ("singleSymbol", "categorizedSymbol", "graduatedSymbol", "RuleRenderer")
_COMPARE = {
    "PropertyIsEqualTo": "=", "PropertyIsNotEqualTo": "!=", "PropertyIsLessThan": "<", "PropertyIsGreaterThan": ">",
    "PropertyIsLessThanOrEqualTo": "<=", "PropertyIsGreaterThanOrEqualTo": ">=", "PropertyIsLike": "like",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadStyle:
    """What a style file says.

    Parameters
    ----------
    symbology : Symbology
    opacity : float
    labels : Labels or None
    scales : ScaleRange or None
    cautions : list of Caution
    """

    symbology: Symbology
    opacity: float = 1.0
    labels: Labels | None = None
    scales: ScaleRange | None = None
    cautions: list[Caution] = field(default_factory=list)


def read_style(path: Path) -> ReadStyle:
    """Read a QML or SLD file.

    Raises
    ------
    UserError
        ``style.unknown_file``, ``style.broken_file``, ``style.not_simple``.
    """
    if path.suffix.lower() not in (".qml", ".sld", ".xml"):
        raise UserError("style.unknown_file", file=path.name)
    root = _parsed(path)
    left_out: list[str] = []
    name = _name(root)
    if name == "qgis":
        read = _read_qml(root, path, left_out)
    elif name in ("StyledLayerDescriptor", "UserStyle", "FeatureTypeStyle"):
        read = _read_sld(root, path, left_out)
    else:
        raise UserError("style.broken_file", file=path.name, reason=f"<{name}>")
    if left_out:
        what = ", ".join(dict.fromkeys(left_out))
        return replace(read, cautions=[Caution("style.left_out", file=path.name, count=len(left_out), what=what)])
    return read


def _parsed(path: Path) -> Any:
    """Return the root of a document, read without entities and without the network."""
    from lxml import etree

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("style.broken_file", file=path.name, reason=f"> {MOST_BYTES // 1_000_000} MB")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(path.read_bytes(), parser)
    except (etree.XMLSyntaxError, OSError, ValueError) as error:
        raise UserError("style.broken_file", file=path.name, reason=str(error)[:160]) from error
    if root is None:
        raise UserError("style.broken_file", file=path.name, reason="empty")
    return root


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2] if isinstance(node.tag, str) else ""


def _all(node: Any, *names: str) -> list[Any]:
    """Return the nodes below with one of these local names, in order."""
    return [one for one in node.iter() if _name(one) in names and one is not node]


def _child(node: Any, *names: str) -> Any:
    return next((one for one in node if _name(one) in names), None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


# --- QML --------------------------------------------------------------------------------------------------------------


def _read_qml(root: Any, path: Path, left_out: list[str]) -> ReadStyle:
    renderer = next(iter(_all(root, "renderer-v2")), None)
    if renderer is None:
        raise UserError("style.broken_file", file=path.name, reason="renderer-v2")
    kind = renderer.get("type", "")
    if kind not in RENDERERS:
        raise UserError("style.not_simple", file=path.name, renderer=kind or "—")
    holder = _child(renderer, "symbols")
    symbols = {one.get("name", ""): _qml_symbol(one, left_out) for one in holder} if holder is not None else {}
    if kind == "singleSymbol":
        symbology = Symbology(classes=(next(iter(symbols.values()), Class()),))
    elif kind == "categorizedSymbol":
        symbology = _qml_categories(renderer, symbols)
    elif kind == "graduatedSymbol":
        symbology = _qml_ranges(renderer, symbols)
    else:
        symbology = _qml_rules(renderer, symbols, left_out)
    opacity = _number(next((one.text for one in _all(root, "layerOpacity")), None))
    scales = None
    if root.get("hasScaleBasedVisibilityFlag") == "1":
        scales = ScaleRange(_number(root.get("maxScale")) or 0.0, _number(root.get("minScale")) or 0.0)
    return ReadStyle(symbology, 1.0 if opacity is None else min(max(opacity, 0.0), 1.0), _qml_labels(root), scales)


def _qml_options(layer: Any) -> dict[str, str]:
    options = {one.get("k", ""): one.get("v", "") for one in layer if _name(one) == "prop"}
    for one in _all(layer, "Option"):
        if one.get("name") and one.get("value") is not None:
            options[one.get("name")] = one.get("value")
    return options


def _qml_symbol(symbol: Any, left_out: list[str]) -> Class:
    """Return colour and opacity of a symbol: those of its first plain layer."""
    layers = [one for one in symbol if _name(one) == "layer" and one.get("id") != HATCHED]
    for layer in layers:
        options = _qml_options(layer)
        text = options.get("color") or options.get("line_color") or options.get("outline_color")
        if options.get("style") == "no" and options.get("outline_color"):
            text = options["outline_color"]
        found = _qml_colour(text)
        if found is not None:
            if len(layers) > 1:
                left_out.append("symbol layers")
            colour, alpha = found
            return Class(colour, opacity=round(alpha * (_number(symbol.get("alpha")) or 1.0), 3))
    left_out.append(layers[0].get("class", "symbol") if layers else "symbol")
    return Class(OTHER)


def _qml_colour(text: str | None) -> tuple[str, float] | None:
    parts = re.match(r"\s*(\d+),(\d+),(\d+)(?:,(\d+))?", text or "")
    if parts is None:
        return None
    red, green, blue = (min(int(one), 255) for one in parts.groups()[:3])
    return f"#{red:02x}{green:02x}{blue:02x}", int(parts.group(4) or 255) / 255


def _qml_categories(renderer: Any, symbols: dict[str, Class]) -> Symbology:
    classes, other = [], Class(visible=False)
    for one in _all(renderer, "category"):
        made = replace(symbols.get(one.get("symbol", ""), Class()), visible=one.get("render", "true") != "false")
        value, label = one.get("value", ""), one.get("label", "")
        if value in ("", "NULL"):
            other = replace(made, label=label)
        else:
            number = _number(value) if one.get("type") not in (None, "string", "QString") else None
            if one.get("type") == "bool":
                value = value.capitalize()
            text = str(int(number)) if number is not None and number.is_integer() else value
            classes.append(replace(made, value=text, label="" if label == value else label))
    return Symbology(kind="categorised", field=_field(renderer.get("attr", "")), classes=tuple(classes), other=other)


def _qml_ranges(renderer: Any, symbols: dict[str, Class]) -> Symbology:
    rows = []
    for one in _all(renderer, "range"):
        low, high = _number(one.get("lower")), _number(one.get("upper"))
        if low is not None and high is not None:
            made = replace(symbols.get(one.get("symbol", ""), Class()), visible=one.get("render", "true") != "false")
            rows.append((low, replace(made, low=low, high=high, label=one.get("label", ""))))
    return _graduated(_field(renderer.get("attr", "")), [one for _, one in sorted(rows, key=lambda row: row[0])])


def _graduated(field_name: str, classes: list[Class]) -> Symbology:
    """Return classes that meet: each begins where the one below ends, the first and last are open."""
    joined = [
        replace(one, low=None if at == 0 else one.low, high=None if at == len(classes) - 1 else classes[at + 1].low)
        for at, one in enumerate(classes)
    ]
    return Symbology(kind="graduated", field=field_name, method="manual", count=len(joined), classes=tuple(joined))


def _qml_rules(renderer: Any, symbols: dict[str, Class], left_out: list[str]) -> Symbology:
    classes: list[Class] = []

    def gather(node: Any, above: str) -> None:
        for rule in node:
            if _name(rule) != "rule":
                continue
            own = rule.get("filter", "")
            text = own if own == "ELSE" or not above else f"({above}) and ({own})" if own else above
            if rule.get("symbol") is not None:
                _add_rule(classes, symbols.get(rule.get("symbol"), Class()), "" if text == "ELSE" else text,
                          rule.get("label", ""), rule.get("checkstate", "1") != "0", left_out)  # fmt: skip
            gather(rule, "" if text == "ELSE" else text)

    holder = _child(renderer, "rules")
    if holder is not None and holder.get("attr"):
        return _of_own_rules(holder, symbols)
    if holder is not None:
        gather(holder, "")
    return Symbology(kind="rules", classes=_else_last(classes))


def _of_own_rules(holder: Any, symbols: dict[str, Class]) -> Symbology:
    """Return classes that we wrote as rules for the sake of what has no value."""
    rows = [
        (rule, replace(symbols.get(rule.get("symbol", ""), Class()), visible=rule.get("checkstate", "1") != "0"))
        for rule in holder if _name(rule) == "rule"
    ]  # fmt: skip
    rest = {rule.get("rest"): made for rule, made in rows if rule.get("rest")}
    classes = [
        replace(made, label=rule.get("label", ""), low=_number(rule.get("lower")), value=rule.get("value", ""))
        for rule, made in rows if not rule.get("rest")
    ]  # fmt: skip
    blank = rest.get("no_data", Class(NO_DATA))
    if holder.get("kind") == "graduated":
        return replace(_graduated(holder.get("attr"), classes), no_data=blank)
    named = tuple(replace(one, label="" if one.label == one.value else one.label) for one in classes)
    return Symbology(
        kind="categorised", field=holder.get("attr"), classes=named, other=rest.get("other", Class(visible=False)),
        no_data=blank,
    )  # fmt: skip


def _add_rule(
    classes: list[Class], made: Class, expression: str, label: str, visible: bool, left_out: list[str]
) -> None:
    """Add a rule if its expression is understood."""
    text = _understood(expression)
    if text is None:
        left_out.append(expression[:60])
    else:
        classes.append(replace(made, expression=text, label=label, visible=visible))


def _understood(expression: str) -> str | None:
    """Return an expression in our own spelling, None if the query grammar does not know it."""
    if not expression.strip():
        return ""
    from models.query.expression import compile_expression

    try:
        return compile_expression(expression).text
    except UserError:
        return None


def _else_last(classes: list[Class]) -> tuple[Class, ...]:
    return (*(one for one in classes if one.expression), *[one for one in classes if not one.expression][:1])


def _field(text: str) -> str:
    """Return the plain name of a quoted field."""
    bare = text.strip()
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare


def _qml_labels(root: Any) -> Labels | None:
    if root.get("labelsEnabled") != "1":
        return None
    style = next(iter(_all(root, "text-style")), None)
    if style is None or not style.get("fieldName") or style.get("isExpression") == "1":
        return None
    colour = _qml_colour(style.get("textColor"))
    return Labels(_field(style.get("fieldName")), colour=colour[0] if colour else "")


# --- SLD --------------------------------------------------------------------------------------------------------------


def _read_sld(root: Any, path: Path, left_out: list[str]) -> ReadStyle:
    rules = _all(root, "Rule")
    if not rules:
        raise UserError("style.broken_file", file=path.name, reason="Rule")
    read = [(_sld_symbol(rule, left_out), _child(rule, "Filter"), rule) for rule in rules]
    scales = {_sld_scales(rule) for rule in rules}
    shared = scales.pop() if len(scales) == 1 else None
    if len(read) == 1 and read[0][1] is None:
        symbology = Symbology(classes=(read[0][0],))
    else:
        symbology = _sld_categories(read) or _sld_ranges(read) or _sld_rules(read, left_out)
    return ReadStyle(symbology, scales=shared, labels=_sld_labels(root))


def _sld_scales(rule: Any) -> ScaleRange | None:
    low = _number(getattr(_child(rule, "MinScaleDenominator"), "text", None))
    high = _number(getattr(_child(rule, "MaxScaleDenominator"), "text", None))
    return ScaleRange(low or 0.0, high or 0.0) if low or high else None


def _sld_symbol(rule: Any, left_out: list[str]) -> Class:
    label = _sld_title(rule)
    for symbolizer in _all(rule, "PolygonSymbolizer", "LineSymbolizer", "PointSymbolizer"):
        for part, wanted in (("Fill", "fill"), ("Stroke", "stroke")):
            for holder in _all(symbolizer, part):
                given = {
                    one.get("name", ""): (one.text or "").strip() for one in holder
                    if _name(one) in ("CssParameter", "SvgParameter")
                }  # fmt: skip
                if re.fullmatch(r"#[0-9A-Fa-f]{6}", given.get(wanted, "")):
                    opacity = _number(given.get(f"{wanted}-opacity"))
                    return Class(given[wanted].lower(), label=label, opacity=1.0 if opacity is None else opacity)
    left_out.append("Symbolizer")
    return Class(OTHER, label=label)


def _sld_title(rule: Any) -> str:
    description = _child(rule, "Description")
    for node in (
        None if description is None else _child(description, "Title"),
        _child(rule, "Title"),
        _child(rule, "Name"),
    ):
        if node is not None and (node.text or "").strip():
            return str(node.text).strip()
    return ""


def _sld_categories(read: Iterable[tuple[Class, Any, Any]]) -> Symbology | None:
    """Return categories where every rule asks for one value of one property (one rule may ask for nothing)."""
    classes, fields, other = [], set(), Class(visible=False)
    for made, condition, rule in read:
        if condition is None or _child(rule, "ElseFilter") is not None:
            other = made
            continue
        tests = [one for one in condition if isinstance(one.tag, str)]
        if len(tests) != 1 or _name(tests[0]) != "PropertyIsEqualTo":
            return None
        name, value = _sld_pair(tests[0])
        fields.add(name)
        classes.append(replace(made, value=value, label="" if made.label == value else made.label))
    if len(fields) != 1:
        return None
    return Symbology(kind="categorised", field=fields.pop(), classes=tuple(classes), other=other)


def _sld_ranges(read: Iterable[tuple[Class, Any, Any]]) -> Symbology | None:
    """Return graduated classes where every rule asks for a range of one property and the ranges meet."""
    rows: list[Class] = []
    fields: set[str] = set()
    for made, condition, _ in read:
        if condition is None:
            return None
        low, high = None, None
        tests = [one for one in condition if isinstance(one.tag, str)]
        tests = [one for one in tests[0] if isinstance(one.tag, str)] if tests and _name(tests[0]) == "And" else tests
        for test in tests:
            name = _name(test)
            if name == "PropertyIsBetween":
                low = _number(_sld_text(_child(test, "LowerBoundary")))
                high = _number(_sld_text(_child(test, "UpperBoundary")))
                fields.add(_sld_property(test))
            elif name.startswith(("PropertyIsGreater", "PropertyIsLess")):
                property_, value = _sld_pair(test)
                fields.add(property_)
                low = _number(value) if "Greater" in name else low
                high = _number(value) if "Less" in name else high
            else:
                return None
        if low is None and high is None:
            return None
        rows.append(replace(made, low=low, high=high))
    rows.sort(key=lambda one: -float("inf") if one.low is None else one.low)
    meet = all(a.high is not None and b.low is not None and abs(a.high - b.low) <= 1e-6 * max(abs(b.low), 1.0)
               for a, b in itertools.pairwise(rows))  # fmt: skip
    return _graduated(fields.pop(), rows) if meet and len(fields) == 1 and len(rows) > 1 else None


def _sld_rules(read: Iterable[tuple[Class, Any, Any]], left_out: list[str]) -> Symbology:
    classes: list[Class] = []
    for made, condition, rule in read:
        bare = condition is None or _child(rule, "ElseFilter") is not None
        expression = "" if bare else _sld_expression(condition)
        if expression is None:
            left_out.append("Filter")
        else:
            _add_rule(classes, made, expression, made.label, True, left_out)
    return Symbology(kind="rules", classes=_else_last(classes))


def _sld_expression(node: Any) -> str | None:
    """Return a filter as an expression, None where it asks for more than values."""
    from models.query.syntax_tree import field_text, literal_text

    parts = [one for one in node if isinstance(one.tag, str)]
    name = _name(node)
    if name == "Filter":
        return _sld_expression(parts[0]) if len(parts) == 1 else None
    if name in ("And", "Or", "Not"):
        inner = [_sld_expression(part) for part in parts]
        if any(one is None for one in inner) or not inner:
            return None
        return f"not ({inner[0]})" if name == "Not" else f" {name.lower()} ".join(f"({one})" for one in inner)
    if name == "PropertyIsNull":
        return f"{field_text(_sld_property(node))} is null"
    if name == "PropertyIsBetween":
        low, high = _sld_text(_child(node, "LowerBoundary")), _sld_text(_child(node, "UpperBoundary"))
        return f"{field_text(_sld_property(node))} between {low} and {high}"
    if name not in _COMPARE:
        return None
    property_, value = _sld_pair(node)
    number = _number(value)
    text = literal_text(value) if number is None or name == "PropertyIsLike" else literal_text(number)
    return f"{field_text(property_)} {_COMPARE[name]} {text}"


def _sld_property(node: Any) -> str:
    found = _all(node, "PropertyName", "ValueReference")
    return (found[0].text or "").strip() if found else ""


def _sld_pair(node: Any) -> tuple[str, str]:
    literal = _all(node, "Literal")
    return _sld_property(node), (literal[0].text or "").strip() if literal else ""


def _sld_text(node: Any) -> str:
    return "" if node is None else "".join(node.itertext()).strip()


def _sld_labels(root: Any) -> Labels | None:
    symbolizer = next(iter(_all(root, "TextSymbolizer")), None)
    label = None if symbolizer is None else _child(symbolizer, "Label")
    return Labels(_sld_property(label)) if label is not None and _sld_property(label) else None
