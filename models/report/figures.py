"""The one table of numbers: whatever report, atlas, lists and deck print is taken from here, by its id.

=================================  =====================================================================================
id                                 figure
=================================  =====================================================================================
``HC25-25/370102001/value``        an indicator in a unit; ``city`` for the whole city; ``numerator``, ``denominator``,
                                   ``coverage``; of the city ``before``, ``change``, ``benchmark``; of sampled units
                                   ``expanded``, ``low``, ``high``, ``drawn``, ``total``
``HC25-25/units/not_met``          how many sub-districts (``estates``: estates) are ``met``, ``not_met``, ``no_data``
``HC25-25/problems/count``         objects that make it bad
``standing/housing/met``           indicators of a dimension (``all``) by how they stand
``coverage/all/least``             how much of the inputs is known
``ledger/all/count``               rows of the ledger, of problems (``limited``, ``best_effort`` …), projects
``problem/<row>/count``            objects of one row of the problem list
``rectified/limited/done``         last year's problems; ``due``, ``undone``, ``share``
``survey/Q-H1/value``              satisfaction; ``low``, ``high``, ``answers``
``answers/computed/count``         indicators by how they are answered
``city/all/population``            the city; ``checked/…`` and ``sampling/…`` how it was looked at
=================================  =====================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from models.health.answers import STATES, Answer
from models.health.results import IndicatorResult
from models.health.years.choosing import last_year, rectified
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.report.city_figures import city_figures
from models.report.figure import Figure, Figures, figure_id
from models.report.list_figures import list_figures
from models.report.result_figures import result_figures


def figures_of(
    state: ProjectState,
    data: Mapping[str, LayerData],
    results: Mapping[str, IndicatorResult],
    *,
    year: int,
    today: str,
    old: Container[str] = (),
    answers: Iterable[Answer] = (),
) -> Figures:
    """Return every number of a project that is printed.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    results : mapping of str to IndicatorResult
        Those that count, by code (:func:`app.usecases.health.health.all_kept`).
    year : int
        Of the check.
    today : str
        ISO date, by which something is overdue.
    old : container of str
        Codes of what is out of date.
    answers : iterable of Answer
        How each indicator is answered; without them nobody counts how many are computed, entered and missing.
    """
    base = last_year(state.health.years, state.name, year)
    states = Counter(one.state for one in answers)
    answered = (Figure(figure_id("answers", one, "count"), states[one], form="count") for one in STATES if states)
    rows = (
        *answered,
        *result_figures(state, results, base, old),
        *list_figures(state, rectified(state, base, year), today),
        *city_figures(state, data, year, base.year if base is not None else None),
    )
    return Figures({row.id: row for row in rows})
