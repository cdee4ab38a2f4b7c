"""Where the sun stands, against published examples and what every almanac knows."""

import datetime

import pytest

from models.views.sun import SunTime, noon_minute, sun_at, zone_h

UTC = datetime.UTC


def test_the_example_of_the_solar_position_algorithm():
    """Reda and Andreas, "Solar position algorithm for solar radiation applications" (NREL/TP-560-34302), appendix."""
    when = datetime.datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC)  # 12:30:30 in a zone of UTC-7
    sun = sun_at(when, -105.1786, 39.742476)
    assert sun.azimuth_deg == pytest.approx(194.34024, abs=0.02)
    assert 90 - sun.elevation_deg == pytest.approx(50.11162, abs=0.03)


def test_the_declination_of_the_example_of_meeus():
    """Meeus, "Astronomical Algorithms", example 25.a: 1992 October 13 at 0 h TD, declination -7.78507°."""
    when = datetime.datetime(1992, 10, 13, tzinfo=UTC) - datetime.timedelta(seconds=59)
    assert sun_at(when, 0.0, 90.0).elevation_deg == pytest.approx(-7.78507, abs=0.005)


@pytest.mark.parametrize(("date", "height"), [("2026-06-21", 76.77), ("2026-12-22", 29.89)])
def test_at_the_solstices_the_noon_sun_over_jinan_is_as_high_as_the_tropics_say(date, height):
    lon, lat = 117.0, 36.67
    noon = noon_minute(date, lon, lat, 8.0)
    sun = sun_at(SunTime(date, noon).utc, lon, lat)
    assert sun.elevation_deg == pytest.approx(height, abs=0.03)
    assert sun.azimuth_deg == pytest.approx(180.0, abs=0.8)
    assert 12 * 60 <= noon <= 12 * 60 + 25, "Jinan lies west of the meridian of its clocks"


def test_at_the_equinox_the_sun_rises_in_the_east_and_sets_in_the_west():
    lon, lat = 120.0, 30.0
    day = [(minute, sun_at(SunTime("2026-03-20", minute).utc, lon, lat)) for minute in range(0, 1440, 2)]
    rising = next(sun for minute, sun in day if sun.elevation_deg > 0)
    setting = next(sun for minute, sun in day if minute > 720 and sun.elevation_deg < 0)
    assert rising.azimuth_deg == pytest.approx(90.0, abs=1.0)
    assert setting.azimuth_deg == pytest.approx(270.0, abs=1.0)


def test_clocks_in_all_of_china_show_one_time():
    assert zone_h(117.0, 36.7) == zone_h(76.0, 39.5) == zone_h(130.0, 47.0) == 8.0
    assert zone_h(13.4, 52.5) == 1.0
    assert zone_h(-74.0, 40.7) == -5.0


@pytest.mark.parametrize("wrong", [("2026-02-30", 10), ("2026-06-21", 1440), ("2026-06-21", -1), ("noon", 0)])
def test_a_moment_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r".*"):
        SunTime(*wrong)
