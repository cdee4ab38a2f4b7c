"""Evaluates a syntax tree over a table: one value a row.

Invariants
----------
1. Unknown is carried through: a comparison with something missing is unknown, and, or and not follow Kleene.
2. Dividing by zero, roots of negatives and powers beyond all numbers give unknown, never an infinity.
3. Kinds are never guessed: a number against a text is an error that names both. Only a text that stands against a
   date is read as a date.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.query import measures, syntax_tree, values
from models.query.functions import of_geometries, of_layers, table
from models.query.syntax_tree import Node
from models.query.values import Mask, Value


class Evaluation:
    """One run over one table.

    Parameters
    ----------
    column : callable
        Field node → its :class:`Value`.
    geometry : callable
        () → GeoSeries or None; asked only where the expression measures.
    ids : callable
        () → array of the rows' ids.
    count : int
        Rows.
    """

    def __init__(
        self,
        column: Callable[[syntax_tree.Field], Value],
        geometry: Callable[[], Any],
        ids: Callable[[], Any],
        count: int,
    ) -> None:
        self._column, self._geometry, self._ids, self._count = column, geometry, ids, count
        self._measured: dict[str, Value] = {}
        self._unit_m = 1.0

    def value(self, node: Node) -> Value:
        """Return the value of a node."""
        way: Callable[[Any], Value] = getattr(self, f"_{type(node).__name__.lower()}")
        return way(node)

    def truth(self, node: Node) -> Value:
        """Return the value of a node that must be a condition.

        Raises
        ------
        UserError
            ``ask.no_condition``.
        """
        found = self.value(node)
        if found.kind == "null":
            return values.truth(np.zeros(1, bool), np.zeros(1, bool))
        if isinstance(node, syntax_tree.Call) and node.name == "regexp_match":  # a place in the text: anywhere is true
            return values.truth(found.data > 0, found.known)
        if found.kind != "bool":
            raise UserError("ask.no_condition", found=found.kind, at=node.at)
        return found

    def _literal(self, node: syntax_tree.Literal) -> Value:
        return values.constant(node.value)

    def _field(self, node: syntax_tree.Field) -> Value:
        return self._column(node)

    def _shape(self, node: syntax_tree.Shape) -> Value:
        if node.name not in self._measured:
            if node.name == "id":
                ids = np.asarray(self._ids(), dtype=np.int64)
                self._measured["id"] = values.number(ids, np.ones(len(ids), bool))
            elif node.name == "geometry":
                self._measured["geometry"], self._unit_m = measures.placed(self._geometry(), node.at)
            else:
                self._measured[node.name] = measures.measured(self._geometry(), node.name, node.at)
        return self._measured[node.name]

    # --- numbers ---------------------------------------------------------------------------------------------------
    def _chain(self, node: syntax_tree.Chain) -> Value:
        result, at = self.value(node.first), node.first.at
        for sign, part in node.rest:
            if sign == "||":
                pair = [result, self.value(part)]
                for one, where in zip(pair, (at, part.at), strict=True):
                    if one.kind == "geometry":
                        raise UserError("ask.operand", sign=sign, found=one.kind, at=where or node.at)
                result = table.joined(pair, self._count)
            else:
                result = self._step(result, sign, self.value(part), at, part.at, node.at)
            at = part.at
        return result

    def _step(self, left: Value, sign: str, right: Value, at: int, right_at: int, sign_at: int) -> Value:
        if "null" in (left.kind, right.kind):
            return Value("null", np.zeros(1), np.zeros(1, bool))
        known = left.known & right.known
        if left.kind == "date" and right.kind == "date" and sign == "-":
            days = (left.data - right.data).astype(np.float64) / 86_400_000.0
            return values.number(days, known)
        if left.kind == "date" and right.kind == "number" and sign in "+-":
            with np.errstate(all="ignore"):
                near = known & (np.abs(values.as_float(right)) < 1e7)
                shift = (np.where(near, values.as_float(right), 0.0) * 86_400_000.0).astype("timedelta64[ms]")
            return values.date(left.data + shift if sign == "+" else left.data - shift, near)
        for value, place in ((left, at), (right, right_at)):
            if value.kind != "number":
                raise UserError("ask.operand", sign=sign, found=value.kind, at=place or sign_at)
        one, two = values.as_float(left), values.as_float(right)
        with np.errstate(all="ignore"):
            if sign == "+":
                found = one + two
            elif sign == "-":
                found = one - two
            elif sign == "*":
                found = one * two
            elif sign == "/":
                found = one / two
            else:
                found = np.fmod(one, two)  # the sign of the dividend, as in SQL
        return values.number(found, known)

    def _minus(self, node: syntax_tree.Minus) -> Value:
        inner = self._number(node.inner, "-")
        return Value(inner.kind, -inner.data, inner.known)

    def _power(self, node: syntax_tree.Power) -> Value:
        base, exponent = self._number(node.base, "^"), self._number(node.exponent, "^")
        with np.errstate(all="ignore"):
            found = np.power(values.as_float(base), values.as_float(exponent))
        return values.number(found, base.known & exponent.known)

    def _number(self, node: Node, sign: str) -> Value:
        found = self.value(node)
        if found.kind == "null":
            return values.number(np.zeros(1), np.zeros(1, bool))
        if found.kind != "number":
            raise UserError("ask.operand", sign=sign, found=found.kind, at=node.at)
        return found

    # --- conditions --------------------------------------------------------------------------------------------------
    def _not(self, node: syntax_tree.Not) -> Value:
        inner = self.truth(node.inner)
        return values.truth(~inner.data, inner.known)

    def _and(self, node: syntax_tree.And) -> Value:
        result = self.truth(node.parts[0])
        for part in node.parts[1:]:
            other = self.truth(part)
            false = (result.known & ~result.data) | (other.known & ~other.data)
            result = values.truth(result.data & other.data, (result.known & other.known) | false)
        return result

    def _or(self, node: syntax_tree.Or) -> Value:
        result = self.truth(node.parts[0])
        for part in node.parts[1:]:
            other = self.truth(part)
            true = result.data | other.data
            result = values.truth(true, (result.known & other.known) | true)
        return result

    def _isnull(self, node: syntax_tree.IsNull) -> Value:
        inner = self.value(node.inner)
        missing = ~inner.known
        if node.blank and inner.kind == "text":
            import pyarrow.compute as pc

            trimmed = pc.utf8_trim_whitespace(inner.data)
            missing = missing | pc.fill_null(pc.equal(trimmed, ""), True).to_numpy(zero_copy_only=False)
        return values.truth(missing, np.ones(len(missing), bool))

    def _compare(self, node: syntax_tree.Compare) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        return self._compared(left, node.operator, right, node)

    def _compared(self, left: Value, operator: str, right: Value, node: Node) -> Value:
        if "null" in (left.kind, right.kind):
            return values.truth(np.zeros(1, bool), np.zeros(1, bool))
        if "geometry" in (left.kind, right.kind):
            raise UserError("ask.kinds", left=left.kind, right=right.kind, at=node.at)
        if operator in ("like", "ilike", "contains", "startswith", "endswith", "~"):
            for value in (left, right):
                if value.kind != "text":
                    raise UserError("ask.needs_text", sign=operator, found=value.kind, at=node.at)
            if operator in ("like", "ilike"):
                return _like(left, right, ignore_case=operator == "ilike", at=node.at)
            if operator == "~":
                return table.fits(left, right, node.at)
            way = {"contains": "match_substring", "startswith": "starts_with", "endswith": "ends_with"}[operator]
            return table.found_in(left, right, way)
        left, right = self._aligned(left, right, node)
        known = left.known & right.known
        if left.kind == "text":
            return values.truth(_texts_compared(left, operator, right), known)
        with np.errstate(all="ignore"):
            found = _COMPARED[operator](left.data, right.data)
        return values.truth(np.asarray(found, dtype=bool), known)

    def _aligned(self, left: Value, right: Value, node: Node) -> tuple[Value, Value]:
        """Return two values of one kind; a text against a date is read as a date."""
        if left.kind == right.kind:
            return left, right
        pair = {left.kind, right.kind}
        if pair == {"date", "text"}:
            moments = [table.to_date(value) for value in (left, right)]
            for value, moment in zip((left, right), moments, strict=True):
                if value.kind == "text" and value.is_constant and value.known[0] and not moment.known[0]:
                    raise UserError("ask.no_date", text=str(value.one), at=node.at)
            return moments[0], moments[1]
        raise UserError("ask.kinds", left=left.kind, right=right.kind, at=node.at)

    def _between(self, node: syntax_tree.Between) -> Value:
        inner, low, high = self.value(node.inner), self.value(node.low), self.value(node.high)
        first = self._compared(inner, ">=", low, node)
        second = self._compared(inner, "<=", high, node)
        false = (first.known & ~first.data) | (second.known & ~second.data)
        return values.truth(first.data & second.data, (first.known & second.known) | false)

    def _within(self, node: syntax_tree.Within) -> Value:
        inner = self.value(node.inner)
        quick = self._quickly_within(inner, node)
        if quick is not None:
            return quick
        result = values.truth(np.zeros(1, bool), np.ones(1, bool))
        for option in node.options:
            other = self._compared(inner, "=", self.value(option), node)
            true = result.data | other.data
            result = values.truth(true, (result.known & other.known) | true)
        return result

    def _quickly_within(self, inner: Value, node: syntax_tree.Within) -> Value | None:
        """Return the answer for a list of plain texts or numbers, None for anything else."""
        plain = [one.value for one in node.options if isinstance(one, syntax_tree.Literal)]
        if len(plain) < len(node.options) or len(plain) < 4:
            return None
        if inner.kind == "text" and all(isinstance(one, str) for one in plain):
            import pyarrow as pa
            import pyarrow.compute as pc

            hit = pc.is_in(inner.data, pa.array(plain, pa.string())).to_numpy(zero_copy_only=False)
        elif inner.kind == "number" and all(type(one) in (int, float) for one in plain):
            hit = np.isin(inner.data, np.array(plain))
        else:
            return None
        return values.truth(hit, inner.known)

    # --- functions ---------------------------------------------------------------------------------------------------
    def _call(self, node: syntax_tree.Call) -> Value:
        own = node.arguments[0] if node.arguments else None
        if node.name in of_geometries.MEASURED and isinstance(own, syntax_tree.Shape) and own.name == "geometry":
            return self._shape(syntax_tree.Shape(of_geometries.MEASURED[node.name], at=own.at))
        arguments = [self.value(argument) for argument in node.arguments]
        places = tuple(argument.at or node.at for argument in node.arguments)
        return table.call(node.name, arguments, places, self._count, self._unit_m)

    def _aggregate(self, node: syntax_tree.Aggregate) -> Value:
        by = None if node.by is None else self.value(node.by)
        if by is not None and by.kind == "geometry":
            raise UserError("ask.argument", name=node.name, wanted="text", found=by.kind, at=node.at)
        test = None if node.test is None else self.truth(node.test)
        return of_layers.aggregated(node, self.value(node.inner), by, test, self._count)

    def _case(self, node: syntax_tree.Case) -> Value:
        picks: list[tuple[Mask, Value]] = [(self.truth(test).data, self.value(value)) for test, value in node.branches]

        if any(value.kind == "geometry" for _, value in picks):
            raise UserError("ask.geometry_result", at=node.at)

        def refuse(one: str, two: str) -> UserError:
            return UserError("ask.kinds", left=one, right=two, at=node.at)

        otherwise = self.value(node.otherwise)
        if otherwise.kind == "geometry":
            raise UserError("ask.geometry_result", at=node.otherwise.at or node.at)
        return table.chosen(picks, otherwise, refuse)


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def _texts_compared(left: Value, operator: str, right: Value) -> Mask:
    import pyarrow.compute as pc

    names = {"=": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
    both = left.is_constant and right.is_constant
    sides = [one.data[0] if one.is_constant and not both else one.data for one in (left, right)]
    found = pc.fill_null(getattr(pc, names[operator])(*sides), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _like(left: Value, right: Value, *, ignore_case: bool, at: int) -> Value:
    """Return whether texts fit a pattern: ``%`` stands for any signs, ``_`` for one, a backslash takes that away."""
    import pyarrow.compute as pc

    if not right.is_constant:
        raise UserError("ask.constant", name="like", at=at)
    if not right.known[0]:
        return values.truth(np.zeros(1, bool), np.zeros(1, bool))
    found = pc.match_like(left.data, right.one, ignore_case=ignore_case)  # RE2: linear, whatever the pattern
    hit = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return values.truth(np.asarray(hit, dtype=bool), left.known)
