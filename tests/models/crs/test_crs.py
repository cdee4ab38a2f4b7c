"""Frames, axis order and the refusal of degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.crs.frame import Frame, crs_label, parse_crs, require_projected, transformer, zone_for

JINAN = Frame("EPSG:4548", "EPSG:5737", origin=(502000, 4059000, 0))


def test_the_central_meridian_of_zone_117_lies_at_false_easting_500000():
    longitude, latitude = JINAN.lonlat(500_000, 4_059_000)
    assert longitude == pytest.approx(117.0, abs=1e-9)
    assert 36.6 < latitude < 36.7


def test_axis_order_is_easting_first_although_epsg_says_northing_first():
    assert parse_crs("EPSG:4548").axis_info[0].direction == "north"
    easting, northing = transformer("EPSG:4326", "EPSG:4548").transform(117.0, 36.66)
    assert easting == pytest.approx(500_000, abs=1e-3)
    assert northing > 4_000_000


@given(st.lists(st.tuples(st.floats(4e5, 6e5), st.floats(3.9e6, 4.2e6), st.floats(-100, 900)), min_size=1, max_size=20))
def test_local_and_world_coordinates_are_exact_inverses_to_a_nanometre(points):
    world = np.array(points)
    assert np.abs(JINAN.to_world(JINAN.to_local(world)) - world).max() < 1e-8


def test_the_label_names_both_datums():
    assert JINAN.label == "EPSG:4548+5737"
    assert crs_label("EPSG:4548") == "EPSG:4548"


def test_a_frame_in_degrees_is_refused():
    with pytest.raises(UserError, match=r"crs\.not_projected"):
        Frame("EPSG:4326")


def test_measuring_in_degrees_is_refused_by_name():
    with pytest.raises(UserError) as caught:
        require_projected("EPSG:4490", "buffer")
    assert caught.value.code == "crs.degrees"
    assert caught.value.facts["operation"] == "buffer"
    with pytest.raises(UserError, match=r"crs\.missing"):
        require_projected(None, "area")


def test_an_unknown_crs_is_refused():
    with pytest.raises(UserError, match=r"crs\.unknown"):
        parse_crs("EPSG:999999")


@given(st.floats(75, 134.9), st.floats(4, 53))
def test_every_place_in_china_gets_the_zone_whose_meridian_is_nearest(longitude, latitude):
    crs = parse_crs(zone_for(longitude, latitude))
    meridian = crs.coordinate_operation.params[1].value
    assert abs(meridian - longitude) <= 1.5 + 1e-9
    assert meridian % 3 == 0


def test_abroad_the_zone_is_utm():
    assert zone_for(5.1, 52.1) == "EPSG:32631"
    assert zone_for(150.0, -33.0) == "EPSG:32756"
