"""What sensors say now as columns: fresh values only, alarms by sensor, and the presets that ask for them."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from models.query.expression import compile_expression
from models.readings.batch import HOUR_US, MINUTE_US, readings
from models.readings.channel import Channel
from models.readings.current_columns import PresentAlarm, with_current
from models.scenes.library import built_in

NOW = 100 * HOUR_US


def stations():
    frame = gpd.GeoDataFrame({"code": ["A", "B", "C"], "kind": ["tilt"] * 3}, geometry=[Point(n, 0) for n in range(3)])
    frame.index = [7, 3, 5]
    return VectorData(frame)


def current(batch, alarms=None):
    channels = [
        Channel(1, "A", "tilt", "°", 600.0),
        Channel(2, "B", "tilt", "°", 600.0),
        Channel(3, "A", "battery", "%"),
    ]
    devices = {1: ObjectKey("s", 7), 2: ObjectKey("s", 3), 3: ObjectKey("s", 7)}
    return with_current(stations(), "s", channels, devices, batch, NOW, alarms or {}).frame


def test_a_fresh_value_stands_in_its_row_and_an_old_one_is_no_present_value():
    frame = current(
        readings([1, 2, 3], [NOW - 5 * MINUTE_US, NOW - 31 * MINUTE_US, NOW - 20 * HOUR_US], [12.0, 3.0, 80.0])
    )
    assert frame.loc[7, "now_tilt"] == 12.0
    assert np.isnan(frame.loc[3, "now_tilt"]), "three periods of ten minutes have passed"
    assert frame.loc[3, "now_age_min"] == 31.0
    assert frame.loc[7, "now_battery"] == 80.0, "without a period a reading is good for a day"
    assert frame.loc[5, ["now_tilt", "now_battery", "now_age_min"]].isna().all()


def test_what_the_source_calls_wrong_is_no_present_value():
    frame = current(readings([1], [NOW], [12.0], [2]))
    assert np.isnan(frame.loc[7, "now_tilt"])


def test_an_alarm_stands_at_its_sensor():
    frame = current(readings((), (), ()), {ObjectKey("s", 3): PresentAlarm(1, "倾斜", NOW - 2 * HOUR_US, "10:00", 3)})
    assert frame.loc[3, ["alarm_level", "alarm_hours", "alarm_times"]].tolist() == [1.0, 2.0, 3.0]
    assert frame.loc[3, "alarm_name"] == "倾斜"
    assert (frame.loc[[7, 5], "alarm_level"] == 0).all()


#: Boundaries of the guide of 2015: class by the worst factor, negative values are missing.
BOUNDARIES = [
    ({"transparency": 25, "dissolved_oxygen": 2.0, "ammonia_n": 8.0, "orp": 50}, "无黑臭"),
    ({"transparency": 24.9, "dissolved_oxygen": 2.0, "ammonia_n": 8.0, "orp": 50}, "轻度黑臭"),
    ({"transparency": 10, "dissolved_oxygen": 0.2, "ammonia_n": 15.0, "orp": -200}, "轻度黑臭"),
    ({"transparency": 9.9, "dissolved_oxygen": 6.0, "ammonia_n": 1.0, "orp": 100}, "重度黑臭"),
    ({"transparency": 60, "dissolved_oxygen": 0.19, "ammonia_n": 1.0, "orp": 100}, "重度黑臭"),
    ({"transparency": 60, "dissolved_oxygen": 6.0, "ammonia_n": 15.1, "orp": 100}, "重度黑臭"),
    ({"transparency": 60, "dissolved_oxygen": 6.0, "ammonia_n": 8.1, "orp": 100}, "轻度黑臭"),
    ({"transparency": 60, "dissolved_oxygen": 6.0, "ammonia_n": 1.0, "orp": -201}, "重度黑臭"),
    ({"transparency": -1, "dissolved_oxygen": -9, "ammonia_n": 1.0, "orp": 100}, "无黑臭"),
    ({"transparency": np.nan, "dissolved_oxygen": 1.0, "ammonia_n": np.nan, "orp": np.nan}, "轻度黑臭"),
    ({"transparency": np.nan, "dissolved_oxygen": np.nan, "ammonia_n": np.nan, "orp": 80}, "无黑臭"),
    ({"transparency": np.nan, "dissolved_oxygen": np.nan, "ammonia_n": np.nan, "orp": -999}, "无数据"),
    ({"transparency": np.nan, "dissolved_oxygen": np.nan, "ammonia_n": np.nan, "orp": np.nan}, "无数据"),
]


@pytest.mark.parametrize(("factors", "wanted"), BOUNDARIES)
def test_the_class_of_a_water_body_is_that_of_its_worst_factor(factors, wanted):
    preset = next(one for one in built_in() if one.id == "black_water")
    style = preset.layer("sensors").symbology
    values = {f"now_{name}": [float(value)] for name, value in factors.items()}
    frame = gpd.GeoDataFrame({"kind": ["water_quality"], **values}, geometry=[Point(0, 0)])
    for one in style.classes:
        if not one.expression or compile_expression(one.expression).rows(frame, None)[0]:
            assert one.label == wanted
            return
    raise AssertionError("no class")


def test_every_scene_in_time_says_where_its_rules_come_from_and_what_needs_attention():
    scenes = [one for one in built_in() if one.is_in_time]
    assert len(scenes) == 11
    for one in scenes:
        assert any(card.kind == "list" and "alarm_level" in card.where for card in one.cards), one.id
        assert all(layer.remarks for layer in one.layers if layer.key == "sensors"), one.id
