"""Hold the facilities of a project against the rules of the quality gate, and change these rules.

The last result is kept by the session (``Session.gate``), not in the project; it knows what it was made of, so that it
can say when it is old. The project's own rules are part of the project's state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.facilities.quality.kept import Gate, Marks, Stamp, marks_of
from models.facilities.quality.rules import Rule, RuleBook, book_text, parse_book, read_book, standard_book
from models.layers.layer import Layer, VectorData
from models.query.filtering import filtered

if TYPE_CHECKING:
    from app.session import Session
    from models.checks.findings import Report
    from models.facilities.quality.repairs import Proposal
    from models.facilities.quality.tables import Tables

#: Roles that rules judge, whatever the book says; those that they look at follow from it.
JUDGED = ("facilities", "pipes", "pipe_nodes", "sensors")
#: Failures of one rule of which a topic speaks.
MOST_IN_TOPIC = 200
#: Areas and lines against which places are held.
_SURROUNDINGS = ("districts", "roads", "buildings")


Done = Callable[[Gate], object]


# --- rules --------------------------------------------------------------------------------------------------------


def book_of(session: Session) -> RuleBook:
    """Return the rules that hold in a project: its own, or those of the program.

    Raises
    ------
    UserError
        ``gate.bad_file`` if the project's own cannot be understood.
    """
    text = session.project.state.quality_rules
    return parse_book(text, session.project.state.name or "project") if text else standard_book()


def set_book(session: Session, book: RuleBook | None, label: str = "history.gate_rules") -> None:
    """Give a project rules of its own, or None for those of the program; one step that can be undone."""
    text = "" if book is None or book.rules == standard_book().rules else book_text(book)
    if text != session.project.state.quality_rules:
        session.history.do(label, lambda state: replace(state, quality_rules=text))


def change_rule(session: Session, rule: Rule) -> None:
    """Put a rule in the place of the one with its id."""
    set_book(session, book_of(session).with_rule(rule), "history.gate_rule")


def original_of(rule: Rule) -> Rule | None:
    """Return a rule as the program has it, None for one that it has not."""
    return next((one for one in standard_book().rules if one.id == rule.id), None)


def open_rules(session: Session, path: Path) -> None:
    """Take the rules of a file into the project.

    Raises
    ------
    UserError
        See :func:`models.facilities.quality.rules.read_book`.
    """
    set_book(session, read_book(path))


def save_rules(session: Session, path: Path) -> None:
    """Write the rules that hold now as a rule file."""
    from models.store.atomic import write_text

    write_text(Path(path), book_text(book_of(session)))
    session.notices.info("notice.written", file=Path(path).name)


# --- judging ------------------------------------------------------------------------------------------------------


def judged_layers(session: Session) -> list[Layer]:
    """Return the layers that rules judge and whose data is here, in the order of their roles."""
    state, data = session.project.state, session.project.data
    return [layer for role in JUDGED for layer in state.with_role(role) if isinstance(data.get(layer.id), VectorData)]


def _looked_at(session: Session, book: RuleBook) -> list[Layer]:
    roles = {*JUDGED, *_SURROUNDINGS, *(rule.role for rule in book.rules),
             *(str(rule.parameters["role"]) for rule in book.rules if "role" in rule.parameters)}  # fmt: skip
    data = session.project.data
    return [
        layer for layer in session.project.state.layers
        if layer.role in roles and isinstance(data.get(layer.id), VectorData)
    ]  # fmt: skip


def stamp_of(session: Session) -> Stamp:
    """Return what a result made now would rest on: rules, layers, their data and their editions."""
    state = session.project.state
    try:
        layers = _looked_at(session, book_of(session))
    except UserError:
        layers = judged_layers(session)
    frame = "" if state.frame is None else state.frame.horizontal
    basis_of = session.project.basis_of
    parts = tuple(((one.id, one.role, one.filter, one.code_edition), *basis_of(one.id)) for one in layers)
    return Stamp(parts, state.quality_rules, frame, state.class_tables)


def is_old(session: Session, gate: Gate) -> bool:
    """Whether data or rules are others than when the result was made."""
    return not gate.stamp.is_same(stamp_of(session))


def run_gate(session: Session, done: Done | None = None, layers: Collection[str] = (),
             book: RuleBook | None = None) -> Job:  # fmt: skip
    """Judge the facilities of a project.

    Parameters
    ----------
    session : Session
    done : callable, optional
        Gets the :class:`Gate`.
    layers : collection of str
        Ids of the layers to be judged; empty for all.
    book : RuleBook, optional
        Other rules than those that hold in the project.

    Raises
    ------
    UserError
        ``gate.nothing``, ``project.no_layer``, ``checks.no_frame``.
    """
    import datetime as dt

    rules = book_of(session) if book is None else book
    here = judged_layers(session)
    for layer_id in layers:
        session.project.state.layer(layer_id)
    judged = [layer for layer in here if not layers or layer.id in layers]
    if not judged:
        raise UserError("gate.nothing")
    stamp = stamp_of(session)
    titles = {layer.id: (layer.title("zh"), layer.title("en")) for layer in judged}
    state, data = session.project.state, dict(session.project.data)
    if state.frame is None:
        raise UserError("checks.no_frame")
    crs, looked_at = state.frame.horizontal, _looked_at(session, rules)

    def work(progress: Progress) -> Gate:
        from models.facilities.quality.gate import run_gate as run

        tables = _tables(state, data, looked_at, crs, progress.part(0.0, 0.3))
        result = run(tables, rules, progress.part(0.3, 1.0), [layer.id for layer in judged] if layers else ())
        made_at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        return Gate(result, stamp, made_at, titles)

    def keep(gate: Gate) -> None:
        session.gate = gate
        if done is not None:
            done(gate)

    return session.run("job.quality_gate", work, keep)


def _tables(state: Any, data: Any, layers: Collection[Layer], crs: str, progress: Progress) -> Tables:
    """Return what is judged as tables in the project's CRS, without what their filters leave out."""
    from models.facilities.quality.tables import Part, Tables

    parts: dict[str, list[Part]] = {}
    for number, layer in enumerate(layers):
        progress.step(number / max(len(layers), 1), "progress.gate.preparing")
        held = filtered(layer, data[layer.id], crs)
        if not isinstance(held, VectorData):
            continue
        frame: Any = held.frame
        own = getattr(frame, "crs", None) if "geometry" in frame.columns else None
        if own is not None and str(own) != crs:
            frame = frame.to_crs(crs)
        parts.setdefault(layer.role, []).append((layer.id, frame, state.edition_of(layer)))
    return Tables(parts)


def marked(session: Session) -> Marks | None:
    """Return what the city is coloured by where its theme is the gate's; None before anything was judged."""
    theme = session.project.state.theme
    if session.gate is None or theme.kind != "gate":
        return None
    return marks_of(session.gate.result, theme.indicator)


# --- handing out ----------------------------------------------------------------------------------------------------


def report_of(session: Session, gate: Gate, most: int = 0) -> Report:
    """Return a result in the shape of all checks.

    Parameters
    ----------
    session : Session
    gate : Gate
    most : int
        Findings of each rule at most; 0 for all of them.
    """
    from app.usecases.checks.check_reports import report_of as report
    from models.facilities.quality.findings import findings_of, groups_of

    state, lang = session.project.state, session.lang
    assert state.frame is not None  # noqa: S101 - nothing is judged without
    party, height_m = parties(session), ground_heights(session)
    findings = [
        finding
        for one in gate.result.results
        for finding in findings_of(one, party, height_m, range(min(len(one.failures), most)) if most else None)
    ]
    layers = [state.layer(layer) for layer in gate.titles if any(one.id == layer for one in state.layers)]
    counts = {
        "objects": gate.result.scores[0].objects, "rules": len(gate.result.results), "failed": gate.result.failed,
        "unjudged": sum(one.not_judged for one in gate.result.results),
    }  # fmt: skip
    cautions = [Caution("gate.unjudged", count=counts["unjudged"])] if counts["unjudged"] else []
    facts = {"ids": gate.result.book.name, "scores": [score_as_dict(one) for one in gate.result.scores]}
    return report(session, "gate", layers, groups_of(gate.result, lang), findings, counts, cautions, facts)


def score_as_dict(score: Any) -> dict[str, Any]:
    """Return a score in JSON-ready form."""
    return {
        "by": score.by, "key": score.key, "objects": score.objects, "failing": score.failing,
        "percent": None if score.percent is None else round(score.percent, 2),
        "coverage": None if score.coverage is None else round(score.coverage, 4),
    }  # fmt: skip


def ground_heights(session: Session) -> Callable[[Any, Any], Any]:
    """Return what gives ground heights in the project's CRS."""
    from models.terrain.ground import ground_under

    state = session.project.state
    assert state.frame is not None  # noqa: S101 - nothing is judged without
    return ground_under(state.layers, session.project.data, state.frame).height_m


def parties(session: Session) -> Callable[[Any], Any]:
    """Return what names an object: its code, its class or kind, its name."""
    from models.checks.findings import Party
    from models.core.value_text import text_or_empty
    from models.facilities.register import CODE_FIELDS, NAME_FIELDS, classes_of, field_of

    state, data, lang = session.project.state, session.project.data, session.lang
    held: dict[str, tuple[Any, str | None, str | None, dict[int, str], str]] = {}

    def columns(layer_id: str) -> tuple[Any, str | None, str | None, dict[int, str], str]:
        layer, content = state.layer(layer_id), data.get(layer_id)
        if not isinstance(content, VectorData):
            return None, None, None, {}, layer.title(lang)
        table: Any = content.attributes
        names: dict[int, str] = {}
        if layer.role == "facilities":
            known = state.edition_of(layer).classes
            codes = classes_of(table, state.edition_of(layer)).tolist()
            names = {int(oid): known[code].title(lang) for oid, code in zip(table.index, codes, strict=True) if code}
        return table, field_of(table, CODE_FIELDS), field_of(table, NAME_FIELDS), names, layer.title(lang)

    def party(key: Any) -> Party:
        if key.layer not in held:
            held[key.layer] = columns(key.layer)
        table, code, name, names, title = held[key.layer]
        if table is None or key.oid not in table.index:
            return Party(key, model=title)
        row = table.loc[key.oid]
        what = names.get(key.oid, "")
        if not what and state.layer(key.layer).role == "pipes":
            what = f"pipe.{text_or_empty(row.get('kind')).upper() or 'QT'}"
        told = text_or_empty(row[code]) if code else ""
        said = text_or_empty(row[name]) if name else ""
        return Party(key, told, what, said or told or str(key.oid), title)

    return party


def export(session: Session, gate: Gate, out: Path) -> Job:
    """Write a result: ``.xlsx`` and ``.json`` as any check, ``.gpkg`` with a row a failure, ``.bcfzip`` as topics.

    Raises
    ------
    UserError
        ``gate.bad_suffix``.
    """
    out = Path(out).resolve()
    suffix = out.suffix.lower()
    if suffix in (".xlsx", ".json"):
        from app.usecases.checks.checks import export_report

        return export_report(session, report_of(session, gate), out)
    if suffix in (".bcfzip", ".bcf"):
        return _export_topics(session, gate, out)
    if suffix == ".gpkg":
        return _export_features(session, gate, out)
    raise UserError("gate.bad_suffix", file=out.name)


def _export_topics(session: Session, gate: Gate, out: Path) -> Job:
    """Write a topic a rule that fails, with its worst places; the project's own topics are left as they are."""
    from app.usecases.review.topics_from_findings import written_topics

    report = report_of(session, gate, most=MOST_IN_TOPIC)
    topics = written_topics(session, report.findings, lambda _: None, report.groups)
    project = session.project.state.name

    def work(progress: Progress) -> None:
        from viewers.documents.bcf import write

        write(topics, out, "3.0", project, progress)

    return session.run(
        "job.export_report", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def _export_features(session: Session, gate: Gate, out: Path) -> Job:
    state, data, lang = session.project.state, dict(session.project.data), session.lang
    assert state.frame is not None  # noqa: S101 - nothing is judged without
    crs, party = state.frame.horizontal, parties(session)

    def work(progress: Progress) -> None:
        from models.io.vector.write_features import write_layers
        from viewers.texts.gate_texts import failure_frames

        frames = failure_frames(gate.result, data, crs, party, lang)
        write_layers(out, frames, synthetic=state.synthetic, progress=progress)

    return session.run(
        "job.export_report", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


# --- repairing ------------------------------------------------------------------------------------------------------


def propose_repair(session: Session, gate: Gate, rule_id: str, rows: Sequence[int], value: str = "") -> Proposal:
    """Return what the repair of a rule would do to some of its failures, of the data as it is now.

    Raises
    ------
    UserError
        ``gate.no_rule``; ``gate.is_old`` where the result speaks of other data.
    """
    from models.facilities.quality.repairs import propose

    found = gate.result.of(rule_id)
    if found is None:
        raise UserError("gate.no_rule", rule=rule_id)
    if is_old(session, gate):
        raise UserError("gate.is_old")
    state = session.project.state
    crs = "" if state.frame is None else state.frame.horizontal
    areas: Any = None
    if found.rule.repair == "district":
        for layer in state.with_role(str(found.rule.of("role"))):
            held = session.project.data.get(layer.id)
            if isinstance(held, VectorData) and found.rule.of("key") in held.fields:
                areas = held.frame
                if areas.crs is not None and str(areas.crs) != crs:
                    areas = areas.to_crs(crs)
    return propose(found, rows, session.project.data, value, areas)


def apply_repair(session: Session, proposal: Proposal) -> None:
    """Put in what was proposed, as one step that can be undone."""
    from models.project.edits import merged

    if proposal.edits:
        session.history.do(
            "history.gate_repair", lambda state: replace(state, edits=merged(state.edits, proposal.edits))
        )
