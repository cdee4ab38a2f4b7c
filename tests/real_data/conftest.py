"""Tests of this folder read the files of ``../shared/data``; without them they are skipped."""

from pathlib import Path

import pytest

from tests.support.paths import DATA

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items):
    """Mark every test of this folder ``data``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.data)
            if not DATA.exists():
                item.add_marker(pytest.mark.skip(reason="no ../shared/data"))
