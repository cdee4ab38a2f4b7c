"""Rules and computed labels, in the grammar of queries (:mod:`models.query`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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


def _geometry(table: pd.DataFrame) -> Any:
    return table.geometry if "geometry" in table.columns and hasattr(table, "geometry") else None
