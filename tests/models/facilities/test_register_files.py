"""Profiles of mappings as files of strangers, and registers brought up to date by their key."""

from __future__ import annotations

import contextlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from models.core.errors import UserError
from models.facilities.register.mapping import FieldMap, Mapping
from models.facilities.register.merging import merge
from models.facilities.register.profiles import MOST_BYTES, document_of, mapping_of, read_profile

MAPPING = Mapping(
    "pipes",
    (
        FieldMap("kind", way="constant", constant="WS"),
        FieldMap("start_invert_m", ("UPSELEV",), unit="ft", sentinels=(9999.0, 0.0), blanks=("unknown",)),
        FieldMap("material", ("MAT",), values=(("CONC", "混凝土"), ("a = b", "PE"))),
    ),
    keep_others=False,
    name="甲市",
)


def test_a_profile_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "甲市.toml"
    path.write_text(tomli_w.dumps(document_of(MAPPING)), encoding="utf-8")
    assert read_profile(path) == MAPPING


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "profile_bad"), ("[profile]\nversion = 1\nkind = 'ships'\n", "no_schema"), ("a = [", "profile_bad"),
        ("[profile]\nversion = 9\nkind = 'pipes'\n", "profile_newer"), ("\x00", "profile_bad"),
        ("[profile]\nversion = 1\nkind = 'pipes'\n[[field]]\nfield = 'geometry'\n", "profile_bad"),
        ("[profile]\nversion = 1\nkind = 'pipes'\n[[field]]\nfield = 'year'\nunit = 'parsec'\n", "profile_bad"),
        ("[profile]\nversion = 1\nkind = 'pipes'\n[[field]]\nfield = 'year'\nno_data_numbers = [nan]\n", "profile_bad"),
        ("[profile]\nversion = 1\nkind = 'pipes'\n[[field]]\nfield = 'year'\n"
         "columns = ['" + "x" * 300 + "']\n", "profile_bad"),
        ("[profile]\nversion = 1\nkind = 'pipes'\nname = '" + "x" * MOST_BYTES + "'\n", "profile_bad"),
    ],
)  # fmt: skip
def test_a_bad_profile_is_refused_by_name(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=f"register\\.{code}"):
        read_profile(path)


NAMES = st.sampled_from(["profile", "field", "version", "kind", "columns", "values"])
DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.booleans(),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_no_document_of_a_stranger_does_harm(document: object) -> None:
    with contextlib.suppress(UserError):
        mapping_of(document if isinstance(document, dict) else {"profile": document}, "p")


def old_register() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "ObjID": ["A1", "A2", "A3", None, "A5", "A5"], "ObjState": ["完好", "破损", "完好", "完好", None, "完好"],
            "count": [1, 2, 3, 4, 5, 6],
        },
        geometry=[Point(i, 0) for i in range(6)], crs="EPSG:32650",
        index=pd.Index([10, 20, 30, 40, 50, 60], name="fid"),
    )  # fmt: skip


def test_rows_keep_their_numbers_and_what_is_added_changed_and_vanished_is_told() -> None:
    fresh = gpd.GeoDataFrame(
        {"ObjID": ["A2", "A9", "A1", None, "A5", "X", "X"],
         "ObjState": ["完好", "丢失", None, "完好", "破损", "完好", "完好"],
         "owner": ["甲", "乙", None, "丙", None, None, None]},
        geometry=[Point(1, 0), Point(9, 9), Point(0, 5), Point(3, 0), Point(4, 0), Point(7, 7), Point(8, 8)],
        crs="EPSG:32650",
    )  # fmt: skip
    made, told = merge(old_register(), fresh, "ObjID", state_field="ObjState", out_of_use="废弃")
    assert made.index.tolist() == [10, 20, 30, 40, 50, 60, 61]
    assert (told.added.tolist(), told.changed.tolist(), told.vanished.tolist()) == ([61], [10, 20], [30])
    assert (told.keyless, told.doubled, told.deactivated) == (1, 3, 1)
    assert made.loc[20, "ObjState"] == "完好"
    assert made.loc[10, "ObjState"] == "完好"  # the newer table says nothing of it
    assert made.loc[10].geometry == Point(0, 5)
    assert made.loc[30, "ObjState"] == "废弃"
    assert made.loc[61, "ObjID"] == "A9"
    assert told.columns == {"ObjState": 1, "owner": 1, "geometry": 1}
    assert old_register().equals(old_register())
    again, twice = merge(made, fresh, "ObjID", state_field="ObjState", out_of_use="废弃")
    assert (len(twice.added), len(twice.changed), twice.deactivated) == (0, 0, 0)
    assert again.equals(made)


def test_numbers_that_are_written_otherwise_are_no_change() -> None:
    old = pd.DataFrame({"code": ["1", "2"], "diameter_mm": [300, 400]}, index=[1, 2])
    fresh = pd.DataFrame({"code": [1, 2], "diameter_mm": ["300", 401.0]})
    made, told = merge(old, fresh, "code")
    assert told.changed.tolist() == [2]
    assert made["diameter_mm"].tolist() == [300, 401]
    with pytest.raises(UserError, match=r"register\.no_key"):
        merge(old, fresh.drop(columns="code"), "code")
    empty, told = merge(old.iloc[:0], fresh, "code")
    assert len(empty) == 2
    assert np.array_equal(told.added, [1, 2])
