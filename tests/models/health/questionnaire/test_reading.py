"""Foreign tables of answers: columns guessed, words and scales read, persons left out, what is unread counted."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from models.core.errors import UserError
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.quotas import quotas
from models.health.questionnaire.reading import SurveyMapping, age_band, guessed, read_answers

PLACES, DISTRICTS = {"A": "A", "甲社区": "A", "B": "B"}, {"A": "1", "B": "2"}


def read(table, mapping=None, **more):
    mapping = mapping or guessed(list(table.columns))
    return read_answers(table, SurveyMapping(mapping.columns, more.get("scale", "auto")), PLACES, DISTRICTS)


def foreign():
    return pd.DataFrame({
        "序号": [1, 2, 2, 3], "姓名": ["张三"] * 4, "联系电话": ["139"] * 4, "IP地址": ["1.1.1.1"] * 4,
        "所在社区": ["甲社区", "B", "B", "丙社区"], "您的年龄段": ["16-30岁", "45", "45", "15"],
        "性别": ["女", "1", "1", "?"], "职业": ["党政机关或事业单位人员", "企业员工", "企业员工", "待业"],
        "家庭收入": ["低", "高收入", "高收入", "中等"], "居住时间": ["半年以上", "3个月", "3个月", "2年"],
        "1. 养老服务设施": ["非常满意", "一般", "不满意", "说不清"], "提交时间": ["x"] * 4,
    })  # fmt: skip


def test_a_table_of_a_questionnaire_service_is_read_and_says_what_it_left_out():
    found = read(foreign())
    assert list(found.table["Q-C1"].fillna(-1)) == [100.0, 25.0, -1]
    assert (found.rows, found.duplicates, found.too_young, found.too_short) == (4, 1, 1, 1)
    assert list(found.table["age_group"]) == ["16-30", "30-60", "under"]
    assert list(found.table["sex"]) == ["female", "male", ""]
    assert list(found.table["occupation"]) == ["public", "other", "other"]
    assert list(found.table["income"]) == ["low", "high", "middle"]
    assert list(found.table["counts"]) == ["yes", "no", "no"]
    assert list(found.table["district_code"]) == ["1", "2", ""]
    assert found.unread == {"sex": 1}
    assert found.unknown_places == ("丙社区",)
    assert found.personal == ("姓名", "联系电话", "IP地址")
    assert found.unused == ("提交时间",)


def test_no_name_or_telephone_is_kept_even_where_a_mapping_asks_for_it():
    found = read(foreign(), SurveyMapping({"Q-C1": "1. 养老服务设施", "occupation": "姓名"}))
    assert "张三" not in found.table.astype("str").to_numpy()
    assert list(found.table.columns) == [
        "response", "community_code", "district_code", "age_group", "sex", "occupation", "income", "resident",
        "counts", "Q-C1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "scale", "wanted"),
    [
        ([1, 3, 5, 99], "auto", [0, 50, 100, np.nan]),
        ([1, 3, 5], "5-1", [100, 50, 0]),
        ([1, 10, 5.5], "auto", [0, 100, 50]),
        ([0, 80, 100], "auto", [0, 80, 100]),
        ([1, 7, 5], "1-5", [0, np.nan, 100]),
    ],
)
def test_scales_are_brought_to_a_hundred_and_what_lies_beyond_is_missing(values, scale, wanted):
    found = read(pd.DataFrame({"Q-H1": values}), scale=scale)
    np.testing.assert_allclose(found.table["Q-H1"], wanted)


@pytest.mark.parametrize(("years", "band"), [(15.9, "under"), (16, "16-30"), (30, "30-60"), (60, "60+"), (np.nan, "")])
def test_an_age_belongs_to_one_band(years, band):
    assert age_band(years) == band


def test_a_table_without_questions_and_a_mapping_to_nothing_are_refused():
    with pytest.raises(UserError, match=r"survey\.no_answers"):
        read(pd.DataFrame({"a": [1]}))
    with pytest.raises(UserError, match=r"survey\.no_column"):
        read(pd.DataFrame({"a": [1]}), SurveyMapping({"Q-H1": "b"}))


def sample(count=2000, old=0.15, women=0.5, public=0.1, communities=("A", "B")):
    at = np.arange(count) / count
    return pd.DataFrame({
        "community_code": np.array(communities)[np.arange(count) % len(communities)], "counts": "yes",
        "age_group": np.where(at < old, "60+", np.where(at < old + 0.3, "16-30", "30-60")),
        "sex": np.where(at < women, "female", "male"), "occupation": np.where(at < public, "public", "other"),
        "income": np.array(["low", "middle", "high"])[np.arange(count) % 3],
    })  # fmt: skip


def states(rows):
    return {row.id: row.state for row in rows}


def test_a_sample_as_the_handbook_asks_meets_every_quota():
    assert set(states(quotas(sample(), {"A": "甲", "B": "乙"}, 100_000.0)).values()) == {"met", "told"}


def test_each_quota_that_is_missed_says_how_many_answers_would_mend_it():
    table = sample(1400, old=0.30, women=0.8, public=0.2)
    rows = {row.id: row for row in quotas(table, {"A": "甲", "B": "乙", "C": "丙"}, 5_000_000.0)}
    assert rows["total"].least == 3000  # 0.6 per mille of five million
    assert rows["total"].missing == 1600
    assert rows["community"].places == {"C": 6}
    old = rows["age:60+"]
    assert old.state == "not_met"
    more = len(table) + old.missing
    assert 420 / more <= 0.20 < 420 / (more - 1)
    women = rows["women"]
    assert 1120 / (1400 + women.missing) <= 0.70 < 1120 / (1399 + women.missing)
    assert rows["public_servants"].state == "not_met"


def test_what_nobody_said_is_unknown_and_not_met_by_chance():
    rows = states(quotas(sample()[["community_code", "counts"]], {}, None))
    assert rows["age:60+"] == rows["women"] == rows["income:low"] == rows["community"] == "unknown"


def test_people_who_do_not_count_are_counted_apart():
    table = sample(1501)
    table.loc[0, "counts"] = "no"
    rows = {row.id: row for row in quotas(table, {}, None)}
    assert (rows["total"].value, rows["not_counted"].value) == (1500, 1)


def test_a_band_of_ages_is_never_two():
    bands = questionnaire().ages
    assert all(one.end == other.start for one, other in itertools.pairwise(bands))
