"""The inputs assistant: which layers and columns fit what the indicators want, and taking what a person accepts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.mapping.field_names import FieldName
from models.layers.layer import VectorData
from models.project.project import ProjectState
from models.roles import role_row

if TYPE_CHECKING:
    from app.session import Session
    from models.health.editions import IndicatorDef, Threshold
    from models.health.mapping.proposals import ColumnProposal, RoleProposal


def propose(session: Session, done: Callable[[tuple[RoleProposal, ...]], object]) -> Job:
    """Look off the UI thread which layers and columns fit, and hand that on. Nothing is changed."""
    from models.health.book import book_of

    state, data = session.project.state, dict(session.project.data)

    def work(_: Progress) -> tuple[RoleProposal, ...]:
        from models.health.mapping.fields import wanted_of
        from models.health.mapping.proposals import proposals

        return proposals(state, data, wanted_of(book_of(state.health)))

    return session.run("job.match_inputs", work, done)


def column_for(session: Session, layer_id: str, role: str, field: str, column: str) -> ColumnProposal:
    """Return a column that a person chose for a field, with what is read of it."""
    from models.health.mapping import proposals
    from models.health.mapping.fields import KnownRole, known_roles

    data = session.project.data_of(layer_id)
    if not isinstance(data, VectorData):
        raise UserError("health.no_input_table", layer=session.project.state.layer(layer_id).title(session.lang))
    known = known_roles().get(role, KnownRole(role, "", (), ()))
    return proposals.column_for(data.attributes.head(proposals.SAMPLE), known.field(field), column)


def accept(session: Session, roles: Mapping[str, str], named: Sequence[tuple[str, ColumnProposal]]) -> None:
    """Give layers their roles and columns their names, as a person accepted them; one undoable step.

    Parameters
    ----------
    session : Session
    roles : mapping of str to str
        Layer id → role.
    named : sequence of (str, ColumnProposal)
        Layer id and what is read of a column: every field of the layers that are spoken of, those without a column too,
        for what is not among them goes by its own name again.
    """
    who, now = author(session), dt.datetime.now().astimezone().isoformat(timespec="seconds")
    spoken = {layer for layer, _ in named}
    held = {(one.layer, one.field): one for one in session.project.state.health.field_names}
    fresh = []
    for layer, proposal in named:
        if not proposal.column or (proposal.column == proposal.field and not proposal.values):
            continue
        one = FieldName(layer, proposal.field, proposal.column, proposal.values, who, now)
        before = held.get((layer, proposal.field))
        same = before is not None and (before.column, before.values) == (one.column, one.values)
        fresh.append(before if same and before is not None else one)

    def change(state: ProjectState) -> ProjectState:
        kept = tuple(one for one in state.health.field_names if one.layer not in spoken)
        layers = tuple(
            replace(layer, role=role_row(roles[layer.id]).role) if layer.id in roles else layer
            for layer in state.layers
        )
        return replace(state, layers=layers, health=replace(state.health, field_names=(*kept, *fresh)))

    session.history.do("history.match_inputs", change)
    session.results_changed.emit()
    session.notices.info("notice.inputs_matched", roles=len(roles), fields=len(fresh))


def assumed(definition: IndicatorDef) -> tuple[Threshold, ...]:
    """Return the rules of an indicator that no document states, or that nobody could check."""
    from models.health import methods

    if not definition.computed:
        return ()
    rules = methods.method(definition.method).thresholds(definition)
    return tuple(rule for rule in rules if rule.uncertain or not rule.source)
