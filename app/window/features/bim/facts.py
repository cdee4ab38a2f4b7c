"""Transfers facts of a building model (storeys, areas, height) into the attributes of the city's building."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.bim import sets_and_facts
from app.usecases.query import describe
from app.window.feature import Feature
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from viewers.texts.fact_texts import certainty_text, whole_basis_text
from viewers.texts.values import fact_value, field_value
from viewers.widgets.bim.facts_dialog import FactRow, FactsDialog

if TYPE_CHECKING:
    from models.bim.fact import Fact


class Facts(Feature):
    """Asks before facts are taken; the taking itself is one undoable step."""

    name = "facts"

    def take(self) -> None:
        """Work out what the chosen model states, show it, and take it into the record if that is wanted."""
        layer_id = self.chosen()
        if not layer_id:
            raise UserError("bim.no_model")
        picked = self._picked_building()

        def work(progress: Progress) -> tuple[list[Fact], ObjectKey | None]:
            progress.step(0.0, "progress.facts")
            found = sets_and_facts.facts_of(self.session, layer_id)
            progress.step(0.8, "progress.facts")
            return found, picked or sets_and_facts.building_under(self.session, layer_id)

        def done(made: tuple[list[Fact], ObjectKey | None]) -> None:
            if any(layer.id == layer_id for layer in self.session.project.state.layers):
                self._ask(layer_id, *made)

        self.session.run("job.facts", work, done, model=self._title(layer_id))

    def chosen(self) -> str:
        """Return the model that is meant: selected, chosen in the browser, current among the layers, or the top one."""
        known = [layer_id for layer_id, _ in sets_and_facts.models_of(self.session)][::-1]
        wanted = [
            *(layer for layer, _ in reversed(self.session.selection.keys.runs)),
            self.context.requests.chosen_model(),
            self.session.current_layer.id,
            *known,
        ]
        return next((layer_id for layer_id in wanted if layer_id in known), "")

    def _picked_building(self) -> ObjectKey | None:
        """Return the building of the city that is selected, if one is."""
        layers = {layer.id for layer in self.session.project.state.with_role("buildings")}
        runs = reversed(self.session.selection.keys.runs)
        return next((ObjectKey(layer, int(oids[-1])) for layer, oids in runs if layer in layers), None)

    def _ask(self, layer_id: str, found: list[Fact], building: ObjectKey | None) -> None:
        name = "" if building is None else describe.title_of(self.session, building)
        rows = [self._row(fact, building) for fact in found]
        ask = FactsDialog(self.appearance, self._title(layer_id), name, rows, self.context.window)
        answer = ask.ask()
        ask.deleteLater()
        if answer == "ok" and building is not None:
            count = sets_and_facts.apply_facts(self.session, layer_id, building, found)
            self.session.notices.info("notice.facts_taken", count=count, building=name)
            self.session.selection.set([building])

    def _row(self, fact: Fact, building: ObjectKey | None) -> FactRow:
        from models.bim.facts import columns, named

        session, word = self.session, self.appearance.word
        basis = whole_basis_text(fact, session.lang)
        value = self._value(fact)
        if fact.code == "areas_by_use" and fact.parts:
            uses = ", ".join(f"{named('use', use, session.lang)} {area:,.0f} m²" for use, area in fact.parts)
            value = f"{value} ({uses})"
        column = columns().get(fact.code)
        data = None if building is None else session.project.data.get(building.layer)
        record, changes = "", False
        if column is not None and isinstance(data, VectorData) and building is not None:
            has_column = column in data.fields
            now = data.row(building.oid)[column] if has_column else None
            record = field_value(column, now, session.lang)
            stated = self._value(fact, "zh") if fact.code == "structure" else fact.value
            changes = fact.value is not None and sets_and_facts.differs(now, stated)
        certainty = certainty_text(fact, session.lang)
        return FactRow(word(f"fact.{fact.code}"), value, record, basis, certainty, changes)

    def _value(self, fact: Fact, lang: str = "") -> str:
        return fact_value(fact, lang or self.session.lang)

    def _title(self, layer_id: str) -> str:
        layer = self.session.project.state.layer(layer_id)
        return layer.title(self.session.lang) or Path(layer.source.path).name
