"""What a review session holds as rows of the project file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from models.review.state import ReviewState
from models.store.rows.state_rows import Row, parts_of

REVIEW = "chengjing_review"


def review_of(rows: Iterable[Row], left_out: Callable[[Row], None]) -> ReviewState:
    """Return what the rows say; ``left_out`` is told of each row that says nothing that can be understood."""
    return ReviewState(**parts_of(ReviewState, rows, left_out, {}))
