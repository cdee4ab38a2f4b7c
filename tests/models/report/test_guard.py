"""The guard: names of other cities and years are found, the project's own are not."""

from __future__ import annotations

from models.report.guard import city_names, foreign_names


def test_another_city_and_year_are_found_with_their_context() -> None:
    texts = ("泉川市共有住房；参照济南市2019年做法。", "北京路社区位于朝阳路，2000年以前建成。")
    found = list(foreign_names(texts, {"泉川市"}, {2025, 2026}))
    assert [(one.kind, one.name) for one in found] == [("city", "济南市"), ("year", "2019")]
    assert "参照济南市" in found[0].context


def test_the_own_city_and_years_may_be_named() -> None:
    assert not list(foreign_names(("济南市2026年体检，比2025年提高。",), {"济南市（示例）"}, {2025, 2026}))


def test_the_list_has_every_name_once_with_its_ending() -> None:
    names = city_names()
    assert len(names) == len(set(names)) == 297
    assert all(name.endswith("市") for name in names)
