"""Columns as texts."""

from __future__ import annotations

import pandas as pd

from models.core.column_texts import column_texts


def test_codes_are_the_same_texts_whatever_a_file_made_of_them() -> None:
    table = pd.DataFrame({"a": [320105001.0, None], "b": [" 320105001", None], "c": [1.5, 2.0], "d": [7, 8]})
    assert column_texts(table, "a").tolist() == column_texts(table, "b").tolist() == ["320105001", ""]
    assert column_texts(table, "c").tolist() == ["1.5", "2.0"]
    assert column_texts(table, "d").tolist() == ["7", "8"]
    assert column_texts(table, "none").tolist() == ["", ""]
