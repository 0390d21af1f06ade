"""Tables of numbers as text, all of them at once: seven digits each, as ``%.6e`` writes them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

import spice_models.compiled_code  # noqa: F401 - decides where compiled code is kept, before any is met

_WIDTH = 14  # sign, digit, point, six digits, e, sign, two digits, separator
_POWERS = np.array([float(f"1e{k}") for k in range(-98, 106)])  # of ten, from the power -98 on
_NEAR_HALF = 1e-8  # seven digits times a few roundings are off by half of that at most
_ROWS = 256  # written at a time, and by hand if one of their numbers needs it [chosen]
_ZERO, _POINT, _E, _PLUS, _MINUS, _LINE = (ord(c) for c in "0.e+-\n")


def table_text(values: NDArray[np.float64], separator: str) -> str:
    """Write a table, a line a row.

    Parameters
    ----------
    values : array, shape (rows, columns)
        Finite numbers.
    separator : str
        One character between the columns.
    """
    text = np.empty(_ROWS * values.shape[1] * _WIDTH, dtype=np.uint8)
    parts = []
    for first in range(0, len(values), _ROWS):
        some = np.ascontiguousarray(values[first : first + _ROWS], dtype=np.float64)
        length = _write(some, ord(separator), _POWERS, text)
        parts.append(_by_hand(some, separator) if length < 0 else text[:length].tobytes().decode("ascii"))
    return "".join(parts)


@njit(cache=True, nogil=True)
def _write(
    values: NDArray[np.float64], separator: int, powers: NDArray[np.float64], text: NDArray[np.uint8]
) -> int:  # pragma: no cover - compiled
    """Fill ``text`` and return its length; -1 if a number needs more care.

    These are the infinite, those of three digits in the exponent, and those so near half-way between two roundings that
    the exact value decides, which the product with a power of ten only comes close to.
    """
    at = 0
    columns = values.shape[1]
    for row in range(values.shape[0]):
        for column in range(columns):
            value = values[row, column]
            size = abs(value)
            if not (size == 0.0 or 1e-97 < size < 1e98):
                return -1
            exponent = 0
            digits = 0.0
            if size > 0.0:
                exponent = int(np.floor(np.log10(size)))
                digits = size * powers[6 - exponent + 98]
                # The logarithm may be off by one at a power of ten, and rounding may carry into an eighth digit.
                if digits < 1e6 - 0.25:
                    exponent -= 1
                elif digits >= 1e7 - 0.75:
                    exponent += 1
                digits = size * powers[6 - exponent + 98]
            whole = np.floor(digits)
            part = digits - whole
            if abs(part - 0.5) < _NEAR_HALF or digits >= 1e7 - 0.5 or (0.0 < digits < 1e6 - 1e-3):
                return -1
            number = int(whole) + (1 if part > 0.5 else 0)
            if value < 0.0 or (value == 0.0 and np.copysign(1.0, value) < 0.0):
                text[at] = _MINUS
                at += 1
            for place in range(7, 1, -1):
                text[at + place] = _ZERO + number % 10
                number //= 10
            text[at] = _ZERO + number
            text[at + 1] = _POINT
            text[at + 8] = _E
            text[at + 9] = _MINUS if exponent < 0 else _PLUS
            text[at + 10] = _ZERO + abs(exponent) // 10
            text[at + 11] = _ZERO + abs(exponent) % 10
            text[at + 12] = _LINE if column == columns - 1 else separator
            at += 13
    return at


def _by_hand(values: NDArray[np.float64], separator: str) -> str:
    row = separator.join(["%.6e"] * values.shape[1])
    return "".join([row % tuple(numbers) + "\n" for numbers in values.tolist()])
