"""Rules and computed labels, in the grammar of queries (:mod:`models.query`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.layers.layer import VectorData
    from models.style.kinds import Symbology

#: How columns of what sensors say now begin, and those of what is wrong there.
PRESENT = NOW, ALARM = "now_", "alarm_"


def matches(expression: str, table: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each row whether an expression is true of it; unknown is not.

    Raises
    ------
    UserError
        ``ask.…`` with the place in the text where it is not understood.
    """
    from models.query.expression import compile_expression

    found: NDArray[np.bool_] = compile_expression(expression).rows(table, _geometry(table))
    return found


def values_of(expression: str, table: pd.DataFrame) -> NDArray[Any]:
    """Return what an expression gives for each row; errors are those of :func:`matches`."""
    from models.query.expression import compile_expression

    return compile_expression(expression).values(table, _geometry(table))


def table_for(symbology: Symbology, data: VectorData) -> pd.DataFrame:
    """Return what the classes of a style are told from: attributes alone, or features where a rule measures them.

    Present values that nobody gave (:mod:`models.readings.current_columns`) are empty: no data, no error.
    """
    from models.query.expression import compile_expression

    rules = [one.expression for one in symbology.classes if one.expression.strip()] if symbology.kind == "rules" else []
    asked = [compile_expression(rule) for rule in rules]
    table = data.frame if any(one.measures for one in asked) else data.attributes
    named = dict.fromkeys(field for one in asked for field in one.fields)
    unknown = [field for field in named if field.startswith(PRESENT) and field not in table.columns]
    return table.assign(**dict.fromkeys(unknown, np.nan)) if unknown else table


def _geometry(table: pd.DataFrame) -> Any:
    return table.geometry if "geometry" in table.columns and hasattr(table, "geometry") else None
