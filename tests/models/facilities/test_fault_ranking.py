"""Faulty components as rows: the most urgent first."""

from __future__ import annotations

import pandas as pd

from models.facilities.coding.editions import editions
from models.facilities.fault_ranking import ranked_components

OLD = editions()["cjt214_2007"]


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ObjID": ["3701020101000001", "3701020103000002", "3701020101000003", "3701020101000004"],
            "ObjName": ["甲", None, "丙", "丁"], "ObjState": ["破损", "丢失", "完好", None],
            "BGID": ["370199004004001", "370199005001001", "370199004004001", "1"],
            "CHDate": ["2025-05-09", None, "2025-01-01", "2025-01-01"],
        },
        index=pd.Index([11, 12, 13, 14], name="fid"),
    )  # fmt: skip


def test_faults_are_listed_by_severity_with_district_and_date() -> None:
    found = ranked_components([("parts", table(), OLD)], "zh", districts={"370199004": "泉城"})
    assert found.oids.tolist() == [12, 11]
    assert found.columns["state"].tolist() == ["丢失", "破损"]
    assert found.columns["district"].tolist() == ["370199005001001", "泉城"]
    assert found.columns["since"].tolist() == ["", "2025-05-09"]
    assert found.columns["name"][1] == "甲"
    assert found.columns["name"][0] == found.columns["class"][0] != "", "what has no name is called by its class"


def test_one_class_or_one_state_is_listed_alone() -> None:
    assert ranked_components([("parts", table(), OLD)], "zh", class_key="cjt214_2007:0101").oids.tolist() == [11]
    assert ranked_components([("parts", table(), OLD)], "en", state="intact").oids.tolist() == [13]
    assert ranked_components([("parts", table(), OLD)], "zh", state="unknown").oids.tolist() == [14]
    assert not len(ranked_components([], "zh"))
