"""Numbers of tables against Python's own formatting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spice_models.dialects.reader.digits import table_text


def formatted(values, separator):
    return "".join(separator.join(f"{v:.6e}" for v in row) + "\n" for row in values.tolist())


@settings(deadline=None)  # compiled at the first call
@given(
    arrays(float, (3, 2), elements=st.floats(-1e60, 1e60) | st.integers(-(10**8), 10**8).map(lambda k: k / 2)),
    st.sampled_from(", "),
)
def test_a_table_is_what_formatting_each_number_gives(values, separator):
    assert table_text(values, separator) == formatted(values, separator)


@pytest.mark.parametrize(
    "number", [0.0, -0.0, 1.0, 9.9999995, 9.99999949, 0.99999995, 1e-13, 123456.75, 12345675.0, 1e-300, 1e250]
)
def test_numbers_at_which_digits_carry_or_exponents_are_long(number):
    values = np.array([[number, -number]])
    assert table_text(values, ",") == formatted(values, ",")


def test_powers_of_ten_and_halves():
    powers = 10.0 ** np.arange(-90, 90)
    values = np.column_stack([powers, 1.2345675 * powers, np.nextafter(powers, 0), 1.0000005 * powers])
    assert table_text(values, ",") == formatted(values, ",")
