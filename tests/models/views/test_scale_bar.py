"""Round lengths and scales."""

import pytest

from models.views.scale_bar import length_text, round_denominator, round_length_m


@pytest.mark.parametrize(
    ("most", "length", "text"),
    [(0.07, 0.05, "5 cm"), (1.0, 1.0, "1 m"), (4.99, 2.0, "2 m"), (137.0, 100.0, "100 m"), (520.0, 500.0, "500 m"),
     (1999.0, 1000.0, "1 km"), (38_000.0, 20_000.0, "20 km")],
)  # fmt: skip
def test_a_scale_bar_is_as_long_as_fits_and_round(most, length, text):
    assert round_length_m(most) == pytest.approx(length)
    assert length_text(round_length_m(most)) == text


@pytest.mark.parametrize("most", [0.0, -3.0, float("nan"), float("inf")])
def test_where_nothing_fits_there_is_no_bar(most):
    assert round_length_m(most) == 0.0


@pytest.mark.parametrize(("exact", "said"), [(2437.0, 2400), (98.6, 99), (15_260.0, 15_000), (0.4, 1), (7.2, 7)])
def test_a_scale_is_said_to_two_digits(exact, said):
    assert round_denominator(exact) == said
