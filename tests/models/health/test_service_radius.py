"""How far facilities serve, by the standards of the edition."""

import pytest

from models.health.service_radius import service_radius


@pytest.mark.parametrize(
    ("area_ha", "radius_m"),
    [(0.3, 300.0), (1.0, 500.0), (4.99, 500.0), (5.0, 800.0), (40.0, 800.0)],
)
def test_an_open_park_serves_as_far_as_its_size_says(area_ha, radius_m):
    found = service_radius("park", area_ha, is_open=True)
    assert found is not None
    assert found.radius_m == radius_m
    assert "GB/T 51346" in found.source


def test_a_small_park_serves_only_where_it_is_historic():
    assert service_radius("park", 0.15, is_open=True) is None
    assert service_radius("park", 0.15, is_open=True, historic=True).radius_m == 300.0


def test_a_park_that_nobody_may_enter_or_of_which_nobody_knows_serves_nobody():
    assert service_radius("park", 2.0, is_open=False) is None
    assert service_radius("park", 2.0) is None


def test_a_middle_school_serves_a_kilometre_and_kinds_without_a_standard_have_no_radius():
    assert service_radius("middle_school", 3.0).radius_m == 1000.0
    for kind in ("hospital", "bus_stop", "gated_green", "", "没听过"):
        assert service_radius(kind, 3.0, is_open=True) is None
