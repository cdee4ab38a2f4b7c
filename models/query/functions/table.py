"""The functions that an expression may call, as a table: name, how many arguments, what they do.

Every function takes values and gives a value. It is unknown where an argument is, except for ``coalesce`` and ``if``.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.query import values
from models.query.functions import of_geometries, of_layers
from models.query.functions.kinds import Context, Function, Make
from models.query.values import MOST_TEXT, Value

#: No pattern is longer, signs.
MOST_PATTERN = 1_000
#: A time of day with its offset from UTC behind it.
_OFFSET = r"(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?:Z|[+-]\d{2}(?::?\d{2})?)$"


def require(name: str, count: int, at: int) -> str:
    """Return the name of a function that is called so with so many arguments.

    Raises
    ------
    UserError
        ``ask.no_function`` with those spelt alike; ``ask.arguments``.
    """
    low = name.casefold()
    own = ALSO.get(low, low)
    found = FUNCTIONS.get(own)
    if found is None:
        pool = [*FUNCTIONS, *ALSO, *of_layers.AGGREGATES]
        like = difflib.get_close_matches(low, pool, 3, 0.5) or [one for one in pool if low in one or one in low][:3]
        like = like or ["round", "lower", "coalesce"]
        raise UserError("ask.no_function", name=name, at=at, like="  ".join(like))
    if not found.least <= count <= found.most:
        wanted = f"{found.least}" if found.least == found.most else f"{found.least}–{min(found.most, 99)}"
        raise UserError("ask.arguments", name=own, at=at, wanted=wanted, found=count)
    return own


def call(name: str, arguments: Sequence[Value], places: tuple[int, ...], count: int, unit_m: float = 1.0) -> Value:
    """Call a function; ``unit_m`` is what a unit of the geometries' CRS is in metres.

    Raises
    ------
    UserError
        ``ask.argument`` for an argument of the wrong kind.
    """
    function, context = FUNCTIONS[name], Context(name, places, count, unit_m)
    for number, argument in enumerate(arguments):
        wanted = function.wanted(number)
        if (wanted and argument.kind not in (*wanted, "null")) or (not wanted and argument.kind == "geometry"):
            raise context.refuse(number, (wanted or ("text",))[0], argument.kind)
    return function.make(context, arguments)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _all_known(arguments: Sequence[Value]) -> values.Mask:
    known = arguments[0].known
    for one in arguments[1:]:
        known = known & one.known
    return known


def _numeric(work: Callable[..., NDArray[Any]]) -> Make:
    def make(_: Context, arguments: Sequence[Value]) -> Value:
        with np.errstate(all="ignore"):
            found = work(*(values.as_float(one) for one in arguments))
        return values.number(np.asarray(found, dtype=np.float64), _all_known(arguments))

    return make


def _round(number: NDArray[np.float64], digits: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Round halves away from zero, as people and SQL do, not to even as IEEE does."""
    places = 0.0 if digits is None else np.clip(np.nan_to_num(digits), -12, 12)
    scale = 10.0**places
    scaled = number * scale
    near = np.round(scaled)
    half = np.isclose(np.abs(scaled - np.trunc(scaled)), 0.5, rtol=0, atol=1e-9 * np.maximum(np.abs(scaled), 1.0))
    return np.asarray(np.where(half, np.trunc(scaled) + np.sign(scaled), near) / scale)


def _extreme(pick: Any) -> Make:
    def make(context: Context, arguments: Sequence[Value]) -> Value:
        """Return the least or greatest of what is known."""
        kinds = {one.kind for one in arguments} - {"null"}
        if not kinds <= {"number"} and not kinds <= {"date"}:
            raise context.refuse(0, "number", next(iter(sorted(kinds - {"number"}))))
        if kinds == {"date"}:
            moments = [one.data.astype(np.int64) for one in arguments if one.kind == "date"]
            masks = [one.known for one in arguments if one.kind == "date"]
            worst = np.iinfo(np.int64).max if pick is np.fmin else np.iinfo(np.int64).min
            best: Any = None
            for data, known in zip(moments, masks, strict=True):
                one = np.where(known, data, worst)
                best = one if best is None else (np.minimum if pick is np.fmin else np.maximum)(best, one)
            any_known = np.logical_or.reduce(np.broadcast_arrays(*masks))
            return values.date(np.where(any_known, best, 0).astype("datetime64[ms]"), any_known)
        least = values.as_float(arguments[0])
        for argument in arguments[1:]:
            least = pick(least, values.as_float(argument))
        return values.number(least, ~np.isnan(least))

    return make


# --- texts ------------------------------------------------------------------------------------------------------------


def _texts(value: Value) -> Any:
    import pyarrow as pa

    return value.data if value.kind == "text" else pa.nulls(len(value.data), pa.string())


def _text_function(name: str) -> Make:
    def make(_: Context, arguments: Sequence[Value]) -> Value:
        import pyarrow.compute as pc

        return values.text(getattr(pc, name)(_texts(arguments[0])))

    return make


def _length(context: Context, arguments: Sequence[Value]) -> Value:
    import pyarrow.compute as pc

    if arguments[0].kind == "geometry":
        return of_geometries.length(context, arguments)
    lengths = pc.fill_null(pc.utf8_length(_texts(arguments[0])), 0).to_numpy(zero_copy_only=False)
    return values.number(lengths.astype(np.int64), arguments[0].known)


def found_in(whole: Value, part: Value, way: str = "match_substring", *, ignore_case: bool = False) -> Value:
    """Return whether texts hold, begin with or end with others."""
    import pyarrow.compute as pc

    known = whole.known & part.known
    if part.is_constant:
        wanted = part.one
        if wanted is None:
            return values.truth(np.zeros(1, bool), np.zeros(1, bool))
        if ignore_case:
            data, wanted = pc.utf8_lower(_texts(whole)), wanted.lower()
        else:
            data = _texts(whole)
        hit = pc.fill_null(getattr(pc, way)(data, wanted), False).to_numpy(zero_copy_only=False)
        return values.truth(hit.astype(bool), known)
    tests: dict[str, Callable[[str, str], bool]] = {
        "match_substring": lambda one, two: two in one, "starts_with": str.startswith, "ends_with": str.endswith,
    }  # fmt: skip
    count = max(len(known), len(whole.data), len(part.data))
    left, right = values.as_objects(whole, count), values.as_objects(part, count)
    lower = str.lower if ignore_case else str
    found = [
        one is not None and two is not None and tests[way](lower(one), lower(two))
        for one, two in zip(left, right, strict=True)
    ]
    return values.truth(np.array(found, bool), np.broadcast_to(known, count))


def _contains(context: Context, arguments: Sequence[Value]) -> Value:
    """Return whether a text holds another, or a geometry another."""
    kinds = {one.kind for one in arguments} - {"null"}
    if kinds == {"geometry"}:
        return of_geometries.relation("contains")(context, arguments)
    if "geometry" in kinds:
        raise context.refuse(1, arguments[0].kind, arguments[1].kind)
    return found_in(arguments[0], arguments[1])


def _found_by(work: Callable[[str], Any], pattern: str, at: int) -> Any:
    """Return what RE2 finds with a pattern: it takes time in line with the text, whatever the pattern.

    Raises
    ------
    UserError
        ``ask.pattern`` for what is no pattern, or one too large.
    """
    import pyarrow as pa

    if len(pattern) > MOST_PATTERN:
        raise UserError("ask.pattern", said=f"> {MOST_PATTERN}", at=at)
    try:
        return work(pattern)
    except pa.ArrowInvalid as error:
        raise UserError("ask.pattern", said=str(error).partition(": ")[2] or str(error), at=at) from None


def fits(whole: Value, pattern: Value, at: int) -> Value:
    """Return in which texts a regular expression is found.

    Raises
    ------
    UserError
        ``ask.pattern``; ``ask.constant`` for one that differs from row to row.
    """
    import pyarrow.compute as pc

    wanted = Context("~", (at, at), 1).constant((whole, pattern), 1)
    if wanted is None:
        return values.truth(np.zeros(1, bool), np.zeros(1, bool))
    found = _found_by(lambda one: pc.match_substring_regex(_texts(whole), one), str(wanted), at)
    hit = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return values.truth(np.asarray(hit, dtype=bool), whole.known)


def _regexp_match(context: Context, arguments: Sequence[Value]) -> Value:
    """Return where a regular expression is found first, counted from 1, 0 for nowhere."""
    import pyarrow.compute as pc

    pattern = context.constant(arguments, 1)
    if pattern is None:
        return values.number(np.zeros(1, np.int64), np.zeros(1, bool))
    data = _texts(arguments[0])
    found = _found_by(lambda one: pc.find_substring_regex(data, one), str(pattern), context.places[1])
    at = np.array(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    wide = pc.fill_null(pc.not_equal(pc.binary_length(data), pc.utf8_length(data)), False)
    for row in np.flatnonzero(wide.to_numpy(zero_copy_only=False) & (at > 0)):  # it counts bytes, people signs
        at[row] = len(data[int(row)].as_py().encode()[: at[row]].decode(errors="ignore"))
    return values.number(at + 1, arguments[0].known)


def _regexp_replace(context: Context, arguments: Sequence[Value]) -> Value:
    import pyarrow.compute as pc

    pattern, new = context.constant(arguments, 1), context.constant(arguments, 2)
    if pattern is None or new is None:
        return Value("null", np.zeros(1), np.zeros(1, bool))
    data = _texts(arguments[0])
    longest = pc.max(pc.utf8_length(data)).as_py() or 0
    if (longest + 1) * (len(str(new)) + 1) > MOST_TEXT * 100 or data.nbytes * (len(str(new)) + 1) > values.MOST_BYTES:
        raise UserError("ask.too_much")
    return values.text(_found_by(
        lambda one: pc.replace_substring_regex(data, one, str(new)), str(pattern), context.places[1]
    ))  # fmt: skip


def _end(side: str) -> Make:
    """Return the first or last signs of texts; a negative number leaves so many out at the other end."""

    def make(context: Context, arguments: Sequence[Value]) -> Value:
        import pyarrow as pa
        import pyarrow.compute as pc

        count, data = context.constant(arguments, 1), _texts(arguments[0])
        if count is None:
            return values.text(pa.nulls(len(data), pa.string()))
        signs = int(count)
        if side == "left":
            return values.text(pc.utf8_slice_codeunits(data, 0, signs))
        if signs == 0:
            return values.text(pc.utf8_slice_codeunits(data, 0, 0))
        return values.text(pc.utf8_slice_codeunits(data, -signs, None))

    return make


def _strpos(context: Context, arguments: Sequence[Value]) -> Value:
    """Return where a text is found first, counted from 1, 0 for nowhere."""
    part = context.constant(arguments, 1)
    if part is None:
        return values.number(np.zeros(1, np.int64), np.zeros(1, bool))
    plain = values.as_objects(arguments[0], len(arguments[0].data))
    found = [0 if one is None else one.find(str(part)) + 1 for one in plain]
    return values.number(np.array(found, dtype=np.int64), arguments[0].known)


def _padded(way: str) -> Make:
    def make(context: Context, arguments: Sequence[Value]) -> Value:
        import pyarrow.compute as pc

        width, sign = context.constant(arguments, 1), context.constant(arguments, 2)
        if width is None or not sign:
            return Value("null", np.zeros(1), np.zeros(1, bool))
        if int(width) > MOST_TEXT:
            raise UserError("ask.too_much")
        return values.text(getattr(pc, way)(_texts(arguments[0]), int(width), padding=str(sign)[:1]))

    return make


def _nullif(context: Context, arguments: Sequence[Value]) -> Value:
    one, two = arguments
    if "null" in (one.kind, two.kind) or one.kind != two.kind:
        if "null" not in (one.kind, two.kind):
            raise context.refuse(1, one.kind, two.kind)
        return one
    count = max(len(one.known), len(two.known))
    same = values.as_objects(one, count) == values.as_objects(two, count)
    known = np.broadcast_to(one.known, count) & ~np.asarray(same, dtype=bool)
    if one.kind == "text":
        import pyarrow as pa

        return values.text(pa.array(values.as_objects(one, count), pa.string(), mask=~known))
    return Value(one.kind, np.broadcast_to(one.data, count), known)


def _finds(way: str) -> Make:
    return lambda _, arguments: found_in(arguments[0], arguments[1], way)


def _replace(context: Context, arguments: Sequence[Value]) -> Value:
    import pyarrow.compute as pc

    old, new = context.constant(arguments, 1), context.constant(arguments, 2)
    data = _texts(arguments[0])
    if old is None or new is None:
        return Value("null", np.zeros(1), np.zeros(1, bool))
    if not old:
        return arguments[0]
    longest = pc.max(pc.utf8_length(data)).as_py() or 0
    growth = max(1.0, len(new) / len(old))
    if len(new) > len(old) and (longest * growth > MOST_TEXT or data.nbytes * growth > values.MOST_BYTES):
        raise UserError("ask.too_much")
    return values.text(pc.replace_substring(data, old, new))


def _substr(context: Context, arguments: Sequence[Value]) -> Value:
    """Return a part of a text: from a place counted from 1 (from the end where negative), of a length."""
    import pyarrow as pa
    import pyarrow.compute as pc

    start = context.constant(arguments, 1)
    length = context.constant(arguments, 2) if len(arguments) > 2 else math.inf
    if start is None or length is None:
        return values.text(pa.nulls(len(arguments[0].data), pa.string()))
    begin = int(start) - 1 if start > 0 else int(start)
    stop = None if math.isinf(length) else begin + max(int(length), 0)
    if begin < 0 and stop is not None and stop >= 0:
        stop = None
    if start == 0:
        begin, stop = 0, stop if stop is None else max(stop, 0)
    return values.text(pc.utf8_slice_codeunits(_texts(arguments[0]), begin, stop))


def joined(parts: Sequence[Value], count: int) -> Value:
    """Return texts and numbers written one after another; unknown where one of them is."""
    import pyarrow.compute as pc

    every = [values.as_text(one) for one in parts]
    wide = sum(one.data.nbytes * (count if one.is_constant else 1) for one in every)
    if wide > values.MOST_BYTES:
        raise UserError("ask.too_much")
    if all(one.is_constant for one in every):
        return values.text(pc.binary_join_element_wise(*(_texts(one) for one in every), ""))
    data = [_texts(one) if not one.is_constant else _texts(one)[0] for one in every]
    return values.text(pc.binary_join_element_wise(*data, ""))


def _to_number(_: Context, arguments: Sequence[Value]) -> Value:
    """Return the number that a text says; what says none is unknown."""
    value = arguments[0]
    if value.kind in ("number", "null"):
        return value
    if value.kind == "bool":
        return values.number(value.data.astype(np.int64), value.known)
    import pandas as pd

    plain = values.as_objects(values.as_text(value), len(value.data))
    cleaned = pd.Series(plain, dtype=object).str.strip().str.replace(",", "", regex=False)
    found = pd.to_numeric(cleaned, errors="coerce").to_numpy(dtype=np.float64)
    return values.number(found, ~np.isnan(found))


def _to_int(context: Context, arguments: Sequence[Value]) -> Value:
    """Return the whole number nearest to what is said; halves go away from zero."""
    found = _to_number(context, arguments)
    if found.kind != "number" or found.data.dtype.kind == "i":
        return found
    known = found.known & (np.abs(np.nan_to_num(found.data)) < 2.0**63)
    return values.number(_round(np.where(known, found.data, 0.0)).astype(np.int64), known)


def to_date(value: Value) -> Value:
    """Return the moment that a text says (``2024-05-01``, ``2024/5/1``, ``2024年5月1日``, with or without a time).

    An offset from UTC is left out: times are taken as they are written.
    """
    import pandas as pd

    if value.kind in ("date", "null"):
        return value
    plain = pd.Series(values.as_objects(values.as_text(value), len(value.data)), dtype=object)
    tidy = plain.str.strip().str.replace("年", "-", regex=False).str.replace("月", "-", regex=False)
    tidy = tidy.str.replace("日", "", regex=False).str.replace("/", "-", regex=False)
    tidy = tidy.str.replace(_OFFSET, r"\1", regex=True)
    found = pd.to_datetime(tidy, errors="coerce", format="mixed", utc=True, yearfirst=True)
    moments = found.dt.tz_localize(None).to_numpy("datetime64[ms]")
    return values.date(moments, ~np.isnat(moments))


def _date_part(part: str) -> Make:
    def make(context: Context, arguments: Sequence[Value]) -> Value:
        value = to_date(arguments[0])
        if value.kind == "null":
            return value
        days, months = value.data.astype("datetime64[D]"), value.data.astype("datetime64[M]")
        found = {
            "year": lambda: value.data.astype("datetime64[Y]").astype(np.int64) + 1970,
            "month": lambda: months.astype(np.int64) % 12 + 1,
            "day": lambda: (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
            "hour": lambda: (value.data - days).astype("timedelta64[h]").astype(np.int64),
            "weekday": lambda: (days.astype(np.int64) + 3) % 7 + 1,  # 1970-01-01 was a Thursday; Monday is 1
        }[part]()
        return values.number(np.where(value.known, found, 0), value.known)

    return make


def _today(_: Context, __: Sequence[Value]) -> Value:
    return values.date(np.array([np.datetime64("today")]), np.ones(1, bool))


def _now(_: Context, __: Sequence[Value]) -> Value:
    import datetime

    return values.date(np.array([np.datetime64(datetime.datetime.now(), "ms")]), np.ones(1, bool))


# --- choices ----------------------------------------------------------------------------------------------------------


def chosen(
    picks: Sequence[tuple[values.Mask, Value]], otherwise: Value, refuse: Callable[[str, str], UserError]
) -> Value:
    """Return for each row the first value whose mask is true, else ``otherwise``."""
    options = [value for _, value in picks] + [otherwise]
    kinds = [value.kind for value in options if value.kind != "null"]
    kind = kinds[0] if kinds else "null"
    if any(other != kind for other in kinds):
        raise refuse(kind, next(other for other in kinds if other != kind))
    if kind == "null":
        return Value("null", np.zeros(1), np.zeros(1, bool))
    count = max(max((len(mask) for mask, _ in picks), default=1), *(max(len(v.data), len(v.known)) for v in options))
    if kind == "text":
        import pyarrow as pa

        plain = values.as_objects(otherwise, count)
        for mask, value in reversed(picks):
            plain = np.where(np.broadcast_to(mask, count), values.as_objects(value, count), plain)
        return values.text(pa.array(plain, pa.string()))
    whole = all(value.data.dtype.kind == "i" for value in options if value.kind == "number")
    empty = {"number": np.int64(0) if whole else 0.0, "bool": False, "date": np.datetime64(0, "ms")}[kind]
    result = np.broadcast_to(otherwise.data if otherwise.kind == kind else empty, count)
    known = np.broadcast_to(otherwise.known, count)
    for mask, value in reversed(picks):
        here = np.broadcast_to(mask, count)
        result = np.where(here, value.data if value.kind == kind else empty, result)
        known = np.where(here, value.known, known)
    return Value(kind, result, known) if kind != "number" else values.number(result, known)


def _if(context: Context, arguments: Sequence[Value]) -> Value:
    test = arguments[0]
    if test.kind not in ("bool", "null"):
        raise context.refuse(0, "bool", test.kind)
    true = test.data if test.kind == "bool" else np.zeros(1, bool)
    otherwise = arguments[2] if len(arguments) > 2 else values.constant(None)
    return chosen([(true, arguments[1])], otherwise, lambda one, two: context.refuse(2, one, two))


def _coalesce(context: Context, arguments: Sequence[Value]) -> Value:
    picks = [(one.known, one) for one in arguments]
    return chosen(picks, values.constant(None), lambda one, two: context.refuse(1, one, two))


_ONE, _MANY = ("number",), 60
FUNCTIONS: dict[str, Function] = {
    "abs": Function(1, 1, _ONE, _numeric(np.abs)),
    "round": Function(1, 2, _ONE, _numeric(_round)),
    "floor": Function(1, 1, _ONE, _numeric(np.floor)),
    "ceil": Function(1, 1, _ONE, _numeric(np.ceil)),
    "sqrt": Function(1, 1, _ONE, _numeric(np.sqrt)),
    "exp": Function(1, 1, _ONE, _numeric(np.exp)),
    "ln": Function(1, 1, _ONE, _numeric(np.log)),
    "log10": Function(1, 1, _ONE, _numeric(np.log10)),
    "min": Function(1, _MANY, ("any",), _extreme(np.fmin)),
    "max": Function(1, _MANY, ("any",), _extreme(np.fmax)),
    "number": Function(1, 1, ("any",), _to_number),
    "lower": Function(1, 1, ("text",), _text_function("utf8_lower")),
    "upper": Function(1, 1, ("text",), _text_function("utf8_upper")),
    "trim": Function(1, 1, ("text",), _text_function("utf8_trim_whitespace")),
    "length": Function(1, 1, ("text|geometry",), _length),
    "contains": Function(2, 2, ("text|geometry",), _contains),
    "left": Function(2, 2, ("text", "number"), _end("left")),
    "right": Function(2, 2, ("text", "number"), _end("right")),
    "strpos": Function(2, 2, ("text",), _strpos),
    "title": Function(1, 1, ("text",), _text_function("utf8_title")),
    "lpad": Function(3, 3, ("text", "number", "text"), _padded("utf8_lpad")),
    "rpad": Function(3, 3, ("text", "number", "text"), _padded("utf8_rpad")),
    "regexp_match": Function(2, 2, ("text",), _regexp_match),
    "regexp_replace": Function(3, 3, ("text",), _regexp_replace),
    "to_int": Function(1, 1, ("any",), _to_int),
    "startswith": Function(2, 2, ("text",), _finds("starts_with")),
    "endswith": Function(2, 2, ("text",), _finds("ends_with")),
    "replace": Function(3, 3, ("text",), _replace),
    "substr": Function(2, 3, ("text", "number"), _substr),
    "concat": Function(1, _MANY, ("any",), lambda context, arguments: joined(arguments, context.count)),
    "text": Function(1, 1, ("any",), lambda _, arguments: values.as_text(arguments[0])),
    "date": Function(1, 1, ("any",), lambda _, arguments: to_date(arguments[0])),
    **{part: Function(1, 1, ("any",), _date_part(part)) for part in ("year", "month", "day", "hour", "weekday")},
    "today": Function(0, 0, (), _today),
    "now": Function(0, 0, (), _now),
    "nullif": Function(2, 2, ("any",), _nullif),
    "if": Function(2, 3, ("any",), _if),
    "coalesce": Function(1, _MANY, ("any",), _coalesce),
    **of_geometries.FUNCTIONS,
}
#: What functions are also called.
ALSO = {
    "to_real": "number", "to_float": "number", "to_string": "text", "to_datetime": "date", "to_integer": "to_int",
    "toint": "to_int", "左取": "left", "右取": "right", "面积": "area", "周长": "perimeter", "距离": "distance",
    "缓冲": "buffer", "质心": "centroid", "相交": "intersects", "位于": "within", "现在": "now", "取整数": "to_int",
    "正则匹配": "regexp_match", "len": "length",
    "char_length": "length", "to_number": "number", "to_text": "text",
    "to_date": "date", "iif": "if", "ifnull": "coalesce", "nvl": "coalesce", "ceiling": "ceil", "substring": "substr",
    "least": "min", "greatest": "max", "绝对值": "abs", "四舍五入": "round", "取整": "floor", "最小": "min",
    "最大": "max", "小写": "lower", "大写": "upper", "去空格": "trim", "长度": "length", "替换": "replace",
    "截取": "substr", "连接": "concat", "文本": "text", "数值": "number", "日期": "date", "年": "year", "月": "month",
    "日": "day", "时": "hour", "星期": "weekday", "今天": "today", "如果": "if", "首个非空": "coalesce",
}  # fmt: skip
