"""What the list of what fails an indicator shows, and what mending its first rows would give. No Qt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.session import Session
from models.core.value_text import number, percent, quantity
from models.health.book import definition_of
from models.health.editions import METRIC
from models.health.grading import verdict
from models.health.mending import first_to_meet, mended
from models.health.problem_ranking import knows_reach
from models.health.results import IndicatorResult
from models.query.ranking import Ranking, Rows, total
from resources.words import has
from viewers.texts.values import indicator_value, without_common_ending
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.health.mending_bar import Mended


def problem_columns(session: Session, result: IndicatorResult) -> list[RankedColumn]:
    """Return how the problem objects of a result are written: what each explains in a unit that fits them all."""
    word, losses = session.word, [problem.loss for problem in result.problems if problem.loss is not None]
    factor, unit = loss_unit(result, session.lang)
    columns = [
        RankedColumn("", word("ranked.rank"), width_px=40, is_number=True, number_format="0"),
        RankedColumn("name", word("ranked.name"), width_px=110, stretches=True),
    ]
    alike = all(loss == 1.0 for loss in losses)  # each explains the same: the line below the list says how much
    if alike or len({problem.reason for problem in result.problems}) > 1:
        columns.append(RankedColumn("reason", word("ranked.reason"), width_px=128))
    if not alike:
        key = f"ranked.loss.{result.definition.method}"
        key = key if has(key) else "ranked.loss.any"
        head = word(key, unit=unit)
        columns.append(
            RankedColumn("loss", head, lambda loss: number(loss * factor, 2), 72, is_number=True,
                         tip=word(f"{key}.tip"),
                         written=lambda loss: loss * factor, number_format="#,##0.00")
        )  # fmt: skip
        columns.append(
            RankedColumn("share", word("ranked.share"), share_text, 66, is_number=True, tip=word("ranked.share.tip"),
                         number_format="0.0%")
        )  # fmt: skip
    short = without_common_ending([unit.title(session.lang) for unit in result.units])
    columns.append(RankedColumn("district", word("ranked.district"), lambda name: short.get(name, name), width_px=82))
    key = "ranked.beyond" if knows_reach(result) else "ranked.away"
    columns.append(
        RankedColumn("distance_m", word(key), lambda metres: number(metres, 0), 76, is_number=True,
                     tip=word(f"{key}.tip"), number_format="#,##0")
    )  # fmt: skip
    return columns


def problem_total(session: Session, result: IndicatorResult) -> Callable[[Ranking, Rows], str]:
    """Return what stands below the list: how many of how many, what they explain, and which share of the loss."""
    factor, unit = loss_unit(result, session.lang)

    def text(ranking: Ranking, rows: Rows) -> str:
        parts = [session.word("ranked.total", count=f"{len(rows):,}", total=f"{len(ranking):,}")]
        loss, share = total(ranking, rows, "loss"), total(ranking, rows, "share")
        if loss is not None and result.definition.quantity_unit in METRIC:
            parts.append(quantity(loss * factor, unit, 2))
        if share is not None:
            parts.append(session.word("ranked.total.share", share=percent(share, 1)))
        return " · ".join(parts)

    return text


def loss_unit(result: IndicatorResult, lang: str) -> tuple[float, str]:
    """Return by what losses are multiplied to be written, and their unit: hectares for land."""
    definition = result.definition
    return (1e-4, "ha") if definition.quantity_unit == "m²" else (1.0, definition.quantity_text(lang))


def share_text(share: float) -> str:
    """Return a share of the loss: one decimal, and never zero for what is not."""
    return f"{percent(share, 1)} %" if share >= 0.0005 or share == 0 else "< 0.1 %"


def reason_text(session: Session) -> Callable[[str], str]:
    """Return what gives the words of a reason."""
    return lambda reason: session.word(f"problem.{reason}") if has(f"problem.{reason}") else reason


def mending_text(
    session: Session, result: IndicatorResult, ranking: Ranking, rows: Rows, *, is_choice: bool
) -> Callable[[int], Mended | None]:
    """Return what says to how many mended rows what the city would come to.

    Parameters
    ----------
    session : Session
    result : IndicatorResult
    ranking : Ranking
        Of the problems of the result.
    rows : ndarray of int
        Those that are mended, in their order.
    is_choice : bool
        Whether a hand has chosen these rows, which are then mended together.
    """
    word, profile = session.word, session.project.state.profile
    values = mended(result, result.city, np.asarray(ranking.columns["loss"][rows], np.float64))
    definition = definition_of(session.project.state.health, result.code)
    unit = definition.unit_text(session.lang)
    needed = None
    if values is not None and result.city.grade == "not_met" and not is_choice:
        needed = first_to_meet(values, result.benchmarks[0] if result.benchmarks else None)

    def told(count: int) -> Mended | None:
        if values is None or not 0 <= count < len(values):
            return None
        grade = verdict(definition, float(values[count]), profile)
        head = word(f"health.mending.{'chosen' if is_choice else 'first'}", count=count)
        hint = ""
        if needed is not None:
            hint = word("health.mending.needed", count=needed)
        elif values is not None and result.city.grade == "not_met" and not is_choice:
            hint = word("health.mending.not_enough")
        verdict_of = word(f"health.grade.{grade}") if grade in ("met", "not_met") else ""
        return Mended(head, f"→ {_precise(float(values[count]), unit)}", verdict_of, grade == "met", hint)

    return told


def _precise(value: float, unit: str) -> str:
    """Return a value with a decimal more than elsewhere where one object in a thousand would else change nothing."""
    return quantity(value, unit, 2, trimmed=True) if unit == "%" else indicator_value(value, unit, "")
