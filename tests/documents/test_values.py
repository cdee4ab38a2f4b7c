"""Values in words: units, codes, yes and no, what stands for no data."""

from __future__ import annotations

import numpy as np
import pytest

from models.bim.fact import Fact
from viewers.texts import values


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("year", 1998.0, "1998"),
        ("households", 1200.0, "1,200"),
        ("area_m2", 1234.5, "1,234.5 m²"),
        ("width_mm", np.float64(300), "300 mm"),
        ("bearing_deg", 12.345, "12.345°"),
        ("green_pct", 0.0, "0 %"),
        ("nobody_knows", "ABC", "ABC"),
    ],
)
def test_a_value_has_the_unit_that_its_fields_name_ends_with(field: str, value: object, text: str) -> None:
    assert values.field_value(field, value, "en") == text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_data_is_a_dash_and_never_zero(lang: str) -> None:
    for nothing in (None, float("nan"), np.float32("nan"), "", "NaT"):
        assert values.field_value("height_m", nothing, lang) == values.no_data(lang)
    assert values.field_value("height_m", 0.0, lang) == "0 m"


def test_lengths_of_a_model_have_millimetres_and_angles_no_gap() -> None:
    assert values.property_value(0.2406, "m", "en") == "0.241 m"
    assert values.property_value(1234.5, "mm", "en") == "1,234.5 mm"
    assert values.property_value(45.0, "°", "en") == "45°"
    assert values.property_value([1.5, 2.5], "m", "en") == "1.5, 2.5 m"
    assert values.property_value(True, "m", "en") == values.yes_no(True, "en")
    assert values.property_value("C30", "m", "en") == "C30"


def test_a_fact_on_a_panel_is_trimmed_and_in_a_table_it_is_not() -> None:
    area = Fact("gross_floor_area_m2", 12500.5, "m²")
    assert values.fact_value(area, "en") == "12,500.5 m²"
    assert values.fact_value(area, "en", trimmed=False) == "12,500.50 m²"
    assert values.fact_value(Fact("dwellings", 1200), "en") == "1,200"
    assert values.fact_value(Fact("year", 1998), "en") == "1998"
    assert values.fact_value(Fact("year", None), "en", "not there") == "not there"


def test_an_indicator_has_the_digits_that_it_deserves() -> None:
    assert values.indicator_value(83.456, "%", "–") == "83.5 %"
    assert values.indicator_value(8.456, "km/km²", "–") == "8.46 km/km²"
    assert values.indicator_value(1234.56, "", "–") == "1,234.6"
    assert values.indicator_value(None, "%", "–") == "–"


def test_figures_of_a_column_are_written_by_their_kind() -> None:
    assert values.statistic_value("coverage", 0.985) == "98.5 %"
    assert values.statistic_value("count", 12345) == "12,345"
    assert values.statistic_value("mean", 2.5) == "2.5"
    assert values.statistic_value("mean", None) == ""


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("坡度", 0.003, "0.003"),
        ("slope", 0.0125, "0.0125"),
        ("渗透系数", 1.23e-5, "1.23e-5"),
        ("渗透系数", 1e-7, "1e-7"),
        ("lon", 120.3012345, "120.3012345"),
        ("depth", 12345678.123, "12,345,678.123"),
        ("建成年份", 1998, "1998"),
        ("year_built", 1998.0, "1998"),
        ("行政区划代码", 370211, "370211"),
        ("邮编", 266000, "266000"),
        ("bid", 9007199254740993, "9007199254740993"),
        ("bid", np.int64(370211000001234567), "370211000001234567"),
        ("人口", 1234567, "1,234,567"),
        ("unknown", 1234567, "1234567"),
        ("area_m2", np.float32(0.1), "0.1 m²"),
        ("depth_m", 1e-9, "1e-9 m"),
    ],
)
def test_a_value_is_written_as_it_was_and_thousands_stand_apart_in_quantities_alone(
    field: str, value: object, text: str
) -> None:
    assert values.field_value(field, value, "en") == text
    assert values.field_value(field, value, "zh") == text


def test_figures_of_small_numbers_and_years_say_what_they_are() -> None:
    assert values.statistic_value("mean", 0.00042) == "0.00042"
    assert values.statistic_value("mean", 0.0000042) == "4.2e-6"
    assert values.statistic_value("least", 1998.0, "year") == "1998"
    assert values.statistic_value("most", 120.3012345, "lon") == "120.3012345"
    assert values.statistic_value("mean", 1998.5, "year") == "1998.5"
    assert values.statistic_value("sum", 12.0, "height_m") == ""
    assert values.statistic_value("sum", 12.0, "area_m2") == "12"
    assert values.statistic_value("sum", 12.0, "nobody_knows") == "12"
    assert values.statistic_value("mean", 370211.0, "code") == ""
    assert values.property_value(0.00001, "m", "en") == "1e-5 m"
    assert values.compared_value(0.00002, "en") == "2e-5"


def test_what_a_version_lacks_is_stated_in_words() -> None:
    assert values.compared_value("", "en") == values.compared_value(None, "en") != ""
    assert values.compared_value([1.5, 2.0], "en") == "1.5 × 2"


def test_names_that_share_an_ending_are_told_without_it() -> None:
    from viewers.texts.values import without_common_ending

    zh = ["山前街道", "文华街道", "山前街道", ""]
    assert without_common_ending(zh) == {"山前街道": "山前", "文华街道": "文华"}
    assert without_common_ending(["Henan Sub-district", "Wenhua Sub-district"]) == {
        "Henan Sub-district": "Henan", "Wenhua Sub-district": "Wenhua",
    }  # fmt: skip
    assert without_common_ending(["东街", "西区"]) == {}
    assert without_common_ending(["街道", "文华街道"]) == {}, "nothing would be left"
    assert without_common_ending(["街道"]) == {}
