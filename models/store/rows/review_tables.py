"""What a review session holds as rows of the project file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from models.review.state import ReviewState
from models.sheets.spec import require_page, require_sheet
from models.store.rows.state_rows import Row, parts_of

REVIEW = "chengjing_review"

#: What has types that fit and could still not be drawn: who refuses it.
_ASKED: Mapping[str, Callable[[Any], object]] = {
    "sheets": require_sheet,
    "atlases": lambda atlas: require_page(atlas.paper, atlas.lang, atlas.dpi),
}


def review_of(rows: Iterable[Row], left_out: Callable[[Row], None]) -> ReviewState:
    """Return what the rows say; ``left_out`` is told of each row that says nothing that can be understood."""
    return ReviewState(**parts_of(ReviewState, rows, left_out, _ASKED))
