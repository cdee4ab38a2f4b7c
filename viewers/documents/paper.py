"""How a sheet of a workbook goes to the printer."""

from __future__ import annotations

from typing import Any


def lay_out(page: Any) -> None:
    """Have a sheet printed landscape, as wide as one page and as long as it is."""
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
