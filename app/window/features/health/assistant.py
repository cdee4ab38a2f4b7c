"""The inputs assistant in the window: proposals shown, changed by a person, taken in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.health import matching
from app.window.window_context import WindowContext
from models.core.value_text import percent
from models.health.book import book_of, definition_of
from models.health.mapping.fields import NEEDED, KnownRole, known_roles
from models.health.mapping.proposals import ColumnProposal, RoleProposal
from models.layers.layer import VectorData
from models.roles import role_row
from viewers.widgets.health.assistant_dialog import AssistantDialog, FieldChoice, LayerChoice, RoleChoice

if TYPE_CHECKING:
    from app.session import Session

#: Indicators and words that are named one by one.
FEW = 6


class Assistant:
    """Asks which layers and columns are which inputs.

    Parameters
    ----------
    context : WindowContext
    """

    def __init__(self, context: WindowContext) -> None:
        self._context = context
        self._session: Session = context.session
        #: What is read of columns, by layer, field and column.
        self._read: dict[tuple[str, str, str], ColumnProposal] = {}

    def open(self, code: str = "") -> None:
        """Look what fits and ask, beginning with what an indicator needs."""
        matching.propose(self._session, lambda found: self._ask(found, code))

    def _ask(self, found: tuple[RoleProposal, ...], code: str) -> None:
        session, context = self._session, self._context
        self._read.clear()
        roles = tuple(self._role(one) for one in found)
        chosen = ""
        if code:
            wanted = [item.role for item in definition_of(session.project.state.health, code).inputs]
            lacking = [one.role for one in roles if one.role in wanted and one.state != "there"]
            chosen = next(iter((*lacking, *wanted)), "")
        dialog = AssistantDialog(context.appearance, roles, self._described, chosen, context.window)
        if dialog.ask() == "ok":
            self._take(dialog.choices)
        dialog.deleteLater()

    def _take(self, choices: tuple[RoleChoice, ...]) -> None:
        """Take what a person accepted; a layer that is several inputs keeps the first role."""
        state = self._session.project.state
        roles: dict[str, str] = {}
        named: list[tuple[str, ColumnProposal]] = []
        for one in choices:
            for layer in one.layers:
                is_input = state.layer(layer.layer).role == one.role
                if layer.layer != one.chosen and not is_input:
                    continue
                if not is_input:
                    roles.setdefault(layer.layer, one.role)
                named += [
                    (layer.layer, self._read.get((layer.layer, field.field, field.column), ColumnProposal(field.field)))
                    for field in layer.fields
                ]
        matching.accept(self._session, roles, named)

    def _role(self, one: RoleProposal) -> RoleChoice:
        session = self._session
        word, lang = session.word, session.lang
        book = book_of(session.project.state.health)
        best = one.best
        indicators = one.wanted.indicators
        titles = [f"{book.indicators[code].number:02}" for code in indicators]
        costs = word("health.match.costs", codes=word("sheet.comma").join(titles)) if titles else ""
        if best is not None and not best.has_role:
            costs = f"{word('health.match.is_proposed')} {costs}"
        title = word(role_row(one.wanted.role).word)
        layers = []
        for layer in one.layers:
            data = session.project.data.get(layer.layer)
            columns = data.fields if isinstance(data, VectorData) else ()
            known = known_roles().get(one.wanted.role, KnownRole(one.wanted.role, "", (), ()))
            fields = tuple(
                self._field(layer.layer, known.field(column.field).title(lang), column,
                            one.wanted.fields[column.field])
                for column in layer.columns
            )  # fmt: skip
            needed_first = tuple(sorted(fields, key=lambda field: (not field.is_needed, bool(field.column))))
            held = session.project.state.layer(layer.layer)
            layers.append(LayerChoice(layer.layer, held.title(lang), tuple(columns), needed_first))
        return RoleChoice(one.wanted.role, title, costs, tuple(layers), "" if best is None else best.layer,
                          best is not None and not best.has_role)  # fmt: skip

    def _field(self, layer: str, title: str, column: ColumnProposal, wanted: object) -> FieldChoice:
        word, book = self._session.word, book_of(self._session.project.state.health)
        self._read[layer, column.field, column.column] = column
        codes = dict(wanted) if isinstance(wanted, dict) else {}
        numbers = [f"{book.indicators[code].number:02}" for code in codes]
        return FieldChoice(
            column.field, f"{title}  {column.field}", column.column,
            word(f"health.match.reason.{column.reason}") if column.reason else "",
            percent(column.filled) if column.column else "", self._note(column),
            word("sheet.comma").join(numbers), any(how == NEEDED for how in codes.values()),
        )  # fmt: skip

    def _note(self, column: ColumnProposal) -> str:
        word = self._session.word
        told = []
        if column.values:
            pairs = word("sheet.comma").join(f"{text} → {value}" for text, value in column.values[:FEW])
            told.append(word("health.match.values", pairs=pairs))
        if column.unread:
            told.append(word("health.match.unread", words=word("sheet.comma").join(column.unread[:FEW])))
        return " ".join(told)

    def _described(self, layer: str, role: str, field: FieldChoice, column: str) -> FieldChoice:
        """Return a field as it is read from another column."""
        if not column:
            return FieldChoice(field.field, field.title, "", "", "", "", field.wanted, field.is_needed)
        read = matching.column_for(self._session, layer, role, field.field, column)
        self._read[layer, field.field, column] = read
        return FieldChoice(
            field.field, field.title, column, self._session.word("health.match.reason.chosen"), percent(read.filled),
            self._note(read), field.wanted, field.is_needed,
        )  # fmt: skip
