"""From the TOML of a scene preset to its values, with everything that is wrong named by its place in the file.

Invariants
----------
1. Nothing is executed: expressions are read by the grammar of :mod:`models.query` and refused where it refuses them.
2. What is not known is refused, not passed over: a misspelt key would leave out a rule and nobody would see it.
3. A file is bounded: size, layers, classes and cards.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from models.core.errors import UserError
from models.query import grammar
from models.roles import Role, role_named
from models.scenes.preset import (
    CARD_KINDS,
    CERTAINTIES,
    Bar,
    Card,
    ListColumn,
    Remark,
    SceneLayer,
    ScenePreset,
    SceneSheet,
    SceneView,
    Text,
)
from models.style.kinds import METHODS, Class, Labels, PipeLook, Reach, Symbology
from models.views.snapshot_spec import FURNITURE

#: More bytes, or more rows of one kind, are no preset that a person wrote.
MOST_BYTES, MOST_ROWS = 256_000, 64
PAPERS = ("A4", "A3", "A2", "A1", "A0")
#: Kinds of symbology that a preset may use.
STYLES = ("single", "categorised", "graduated", "rules")

_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_Value = TypeVar("_Value")


def read_preset(path: Path, *, is_own: bool = False) -> ScenePreset:
    """Return the preset of a file.

    Parameters
    ----------
    path : Path
    is_own : bool
        Whether it is the user's own file, whose name the preset then carries.

    Raises
    ------
    UserError
        ``preset.unreadable`` (no file, too large, no TOML) or ``preset.bad`` (``place``, ``why``), each with
        ``file``.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UserError("preset.unreadable", file=path.name, why=f"> {MOST_BYTES // 1000} kB")
        document = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # no UTF-8 and no TOML are ValueErrors
        raise UserError("preset.unreadable", file=path.name, why=str(error)) from error
    return preset_of(document, path.name, is_own=is_own)


def preset_of(document: Mapping[str, Any], file: str = "", *, is_own: bool = False) -> ScenePreset:
    """Return the preset that a document says; raises as :func:`read_preset`."""
    top = _Table(document, file, "")
    let = {name: str(text) for name, text in top.table("let").rest().items()}
    top.let = let
    scene_id = top.text("id")
    if not _ID.fullmatch(scene_id):
        raise top.wrong("id", scene_id)
    layers = tuple(_layer(row) for row in top.rows("layer"))
    keys = [one.key for one in layers]
    if not layers or len(set(keys)) < len(keys):
        raise top.wrong("layer", ", ".join(keys) or "—")
    base = tuple(top.role("base", name) for name in top.texts("base"))
    quiet = {top.role("quiet", name): _colour(top, "quiet", colour) for name, colour in top.mapping("quiet").items()}
    preset = ScenePreset(
        id=scene_id, name=top.words("name", needed=True), purpose=top.words("purpose"), icon=top.text("icon", "stack"),
        layers=layers, base=base, quiet=quiet, cards=tuple(_card(row, keys) for row in top.rows("card")),
        view=_view(top.table("view"), keys), sheet=_sheet(top.table("sheet")),
        remarks=tuple(_remark(row) for row in top.rows("remark")), file=file if is_own else "",
    )  # fmt: skip
    top.done()
    return preset


# --- rows -------------------------------------------------------------------------------------------------------------


def _layer(row: _Table) -> SceneLayer:
    where = row.expression("where")
    symbology = _symbology(row.table("style"), where)
    labels = _labels(row.table("labels"))
    remarks = tuple(_remark(one) for one in row.rows("remark"))
    pipes = row.table("pipes")
    layer = SceneLayer(
        key=row.text("key"), role=row.role("role", row.text("role")), name=row.words("name", needed=True),
        needs=tuple(row.texts("needs")), where=where, is_required=row.flag("required"), how_to=row.words("how_to"),
        symbology=symbology, labels=labels, colour=row.colour("colour"), opacity=row.number("opacity", None, 0.0, 1.0),
        size=row.number("size", None, 0.05, 20.0), pipes=_pipes(pipes) if pipes.given else None, remarks=remarks,
    )  # fmt: skip
    row.done()
    return layer


def _symbology(row: _Table, where: str) -> Symbology | None:
    """Return how a layer is coloured; objects outside ``where`` are not drawn."""
    if not row.given:
        return Symbology("rules", classes=(Class(expression=where),), other=Class(visible=False)) if where else None
    kind = row.choice("kind", STYLES, "rules")
    if where and kind != "rules":
        raise row.wrong("kind", kind)
    classes = tuple(_class(one, where) for one in row.rows("class"))
    reach = row.table("reach")
    symbology = Symbology(
        kind=kind, field=row.text("field", ""), classes=classes, other=_other(row, where), unit=row.text("unit", ""),
        no_data=Class(row.colour("no_data") or Symbology().no_data.colour),
        method=row.choice("method", METHODS, "manual"),
        reach=_reach(reach) if reach.given else None,
    )  # fmt: skip
    row.done()
    return symbology


def _other(row: _Table, where: str) -> Class:
    """Return how what falls into no class is drawn: as said; else not at all where only some objects are meant."""
    colour, label = row.colour("other"), row.words("other_label")
    shown = bool(colour) and not where
    return Class(colour or Class().colour, label=label.zh, label_en=label.en, visible=shown)


def _class(row: _Table, where: str) -> Class:
    words, when = row.words("label", needed=True), row.expression("when")
    if where:
        when = f"({where}) and ({when})" if when else where
    one = Class(
        colour=row.colour("colour") or Class().colour, value=row.text("value", ""), low=row.number("low", None),
        high=row.number("high", None), expression=when, label=words.zh, label_en=words.en,
        opacity=row.number("opacity", 1.0, 0.0, 1.0), size=row.number("size", 1.0, 0.1, 20.0),
    )  # fmt: skip
    row.done()
    return one


def _reach(row: _Table) -> Reach:
    reach = Reach(
        field=row.text("field", ""), angle_field=row.text("angle_field", ""),
        bearing_field=row.text("bearing_field", ""), constant_m=row.number("constant_m", 0.0, 0.0, 50_000.0),
        opacity=row.number("opacity", Reach().opacity, 0.0, 1.0),
        is_merged=row.flag("merged"), where=row.expression("where"),
    )  # fmt: skip
    row.done()
    return reach


def _labels(row: _Table) -> Labels | None:
    if not row.given:
        return None
    usual = Labels()
    labels = Labels(
        field=row.text("field", ""), expression=row.text("expression", ""),
        size_px=int(row.number("size_px", float(usual.size_px), 6.0, 60.0)), colour=row.colour("colour"),
        priority=row.number("priority", usual.priority), reach_m=row.number("reach_m", usual.reach_m, 0.0, 1e7),
    )  # fmt: skip
    row.done()
    return labels


def _pipes(row: _Table) -> PipeLook:
    usual = PipeLook()
    look = PipeLook(
        labels=row.flag("labels", otherwise=usual.labels), arrows=row.flag("arrows", otherwise=usual.arrows),
        tints=row.flag("tints", otherwise=usual.tints),
    )  # fmt: skip
    row.done()
    return look


def _card(row: _Table, keys: list[str]) -> Card:
    layer = row.text("layer")
    if layer not in keys:
        raise row.wrong("layer", layer)
    remark = row.table("remark")
    card = Card(
        kind=row.choice("kind", CARD_KINDS, "count"), layer=layer, name=row.words("name", needed=True),
        where=row.expression("where"), of=row.expression("of"), value=row.expression("value"),
        unit=row.text("unit", ""), digits=int(row.number("digits", 0.0, 0.0, 6.0)),
        bars=tuple(_bar(one) for one in row.rows("bar")), columns=tuple(_column(one) for one in row.rows("column")),
        is_descending=row.flag("descending", otherwise=True), is_alarm=row.flag("alarm"),
        remark=_remark(remark) if remark.given else None,
    )  # fmt: skip
    wanted = {"share": card.where, "sum": card.value, "bars": card.bars, "list": card.columns}
    if card.kind in wanted and not wanted[card.kind]:
        raise row.wrong("kind", card.kind)
    row.done()
    return card


def _bar(row: _Table) -> Bar:
    bar = Bar(row.words("name", needed=True), row.expression("when", needed=True), row.colour("colour"))
    row.done()
    return bar


def _column(row: _Table) -> ListColumn:
    head = row.words("name", needed=True)
    value, unit = row.expression("value", needed=True), row.text("unit", "")
    column = ListColumn(head, value, unit, int(row.number("digits", 1.0, 0.0, 6.0)))
    row.done()
    return column


def _remark(row: _Table) -> Remark:
    remark = Remark(row.words("text", needed=True), row.words("source"), row.choice("certainty", CERTAINTIES, ""))
    row.done()
    return remark


def _view(row: _Table, keys: list[str]) -> SceneView:
    usual = SceneView()
    frame_on, sun = tuple(row.texts("frame_on")), row.text("sun", "")
    if strange := [key for key in frame_on if key not in keys]:
        raise row.wrong("frame_on", strange[0])
    if sun:
        try:
            datetime.datetime.fromisoformat(sun)
        except ValueError:
            raise row.wrong("sun", sun) from None
    view = SceneView(
        ground=row.number("ground", usual.ground, 0.0, 1.0),
        buildings=row.number("buildings", usual.buildings, 0.0, 1.0),
        bearing_deg=row.number("bearing_deg", usual.bearing_deg, -360.0, 360.0),
        pitch_deg=row.number("pitch_deg", usual.pitch_deg, -90.0, -3.0), fill=row.number("fill", usual.fill, 0.2, 20.0),
        frame_on=frame_on, sun=sun,
    )  # fmt: skip
    row.done()
    return view


def _sheet(row: _Table) -> SceneSheet:
    without = tuple(row.texts("without"))
    if strange := [name for name in without if name not in FURNITURE]:
        raise row.wrong("without", strange[0])
    sheet = SceneSheet(row.words("title"), row.choice("paper", PAPERS, "A3"), without)
    row.done()
    return sheet


def _colour(table: _Table, place: str, value: object) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise table.wrong(place, value)
    return value


# --- a table of the document ------------------------------------------------------------------------------------------


class _Table:
    """One table of the document, whose keys are taken out one by one, so that those that nobody knows are left."""

    def __init__(self, values: Mapping[str, Any], file: str, place: str, let: Mapping[str, str] | None = None) -> None:
        self._left, self.given = dict(values), bool(values)
        self._file, self._place = file, place
        self.let: Mapping[str, str] = let or {}

    def wrong(self, key: str, value: object) -> UserError:
        """Return the error that a value is not what stands here."""
        place = f"{self._place}.{key}" if self._place else key
        return UserError("preset.bad", file=self._file, place=place, why=str(value)[:200])

    def done(self) -> None:
        """Raise for what nobody asked for."""
        for key, value in self._left.items():
            raise self.wrong(key, value)

    def rest(self) -> dict[str, Any]:
        """Return and take all that is left."""
        left, self._left = self._left, {}
        return left

    def _take(self, key: str, kind: type[_Value] | tuple[type, ...], otherwise: Any) -> Any:
        value = self._left.pop(key, otherwise)
        if value is not otherwise and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.wrong(key, value)
        return value

    def text(self, key: str, otherwise: str | None = None) -> str:
        """Return a text; without ``otherwise`` it must be there."""
        value: str | None = self._take(key, str, otherwise)
        if value is None:
            raise self.wrong(key, "—")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        values = self._take(key, list, [])
        if len(values) > MOST_ROWS or not all(isinstance(value, str) for value in values):
            raise self.wrong(key, values)
        return list(values)

    def flag(self, key: str, *, otherwise: bool = False) -> bool:
        """Return yes or no."""
        return bool(self._take(key, bool, otherwise))

    def number(self, key: str, otherwise: Any, low: float = -1e12, high: float = 1e12) -> Any:
        """Return a number within limits, ``otherwise`` where none is said."""
        value = self._take(key, (int, float), otherwise)
        if value is not otherwise and not low <= value <= high:
            raise self.wrong(key, value)
        return value if value is None else float(value)

    def choice(self, key: str, choices: tuple[Any, ...], otherwise: Any) -> Any:
        """Return one of several texts."""
        value = self._take(key, str, otherwise)
        if value not in choices:
            raise self.wrong(key, value)
        return value

    def words(self, key: str, *, needed: bool = False) -> Text:
        """Return the words ``key`` and ``key_en``."""
        words = Text(self.text(key, ""), self.text(f"{key}_en", ""))
        if needed and not words:
            raise self.wrong(key, "—")
        return words

    def colour(self, key: str) -> str:
        """Return a colour, empty where none is said."""
        value = self._left.pop(key, "")
        return _colour(self, key, value) if value != "" else ""

    def role(self, key: str, name: str) -> Role:
        """Return a role by name."""
        role = role_named(name)
        if role is None:
            raise self.wrong(key, name)
        return role

    def expression(self, key: str, *, needed: bool = False) -> str:
        """Return an expression that can be read, with ``{names}`` of the preset's own filled in."""
        text = self.text(key, "")
        if not text:
            if needed:
                raise self.wrong(key, "—")
            return ""

        def own(found: re.Match[str]) -> str:
            if found[1] not in self.let:
                raise self.wrong(key, found[0])
            return f"({self.let[found[1]]})"

        for _ in range(4):  # a name may stand for others, a few deep
            text = _NAMED.sub(own, text)
        try:
            grammar.parse(text)
        except UserError as error:
            raise self.wrong(key, f"{text} ({error.code})") from error
        return text

    def table(self, key: str) -> _Table:
        """Return a table within; an empty one where there is none."""
        return self._within(key, self._take(key, dict, {}))

    def rows(self, key: str) -> list[_Table]:
        """Return the tables of a list."""
        values = self._take(key, list, [])
        if len(values) > MOST_ROWS or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, f"{len(values)}")
        return [self._within(f"{key}[{number}]", value) for number, value in enumerate(values, 1)]

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a plain table."""
        return dict(self._take(key, dict, {}))

    def _within(self, key: str, values: Mapping[str, Any]) -> _Table:
        place = f"{self._place}.{key}" if self._place else key
        return _Table(values, self._file, place, self.let)


__all__: list[str] = ["MOST_BYTES", "preset_of", "read_preset"]
