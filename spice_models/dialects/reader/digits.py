"""Tables of numbers as text, all of them at once: seven digits each, as ``%.6e`` writes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_NOTHING = b"\0"
_WIDTH = 14  # sign, digit, point, six digits, e, sign, two digits, separator


def table_text(values: NDArray[np.float64], separator: str) -> str:
    """Write a table, a line a row.

    Parameters
    ----------
    values : array, shape (rows, columns)
        Finite numbers.
    separator : str
        One character between the columns.
    """
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.where(size > 0, size, 1.0))).astype(np.int64)
    if not np.all(np.isfinite(values)) or np.abs(exponent).max(initial=0) > 98:
        return _by_hand(values, separator)
    digits = size * 10.0 ** (6 - exponent)
    unsure = _near_half(digits)
    # The logarithm may be off by one at a power of ten, and rounding may carry into an eighth digit.
    exponent += (np.rint(digits) >= 10**7).astype(np.int64) - ((digits < 10**6) & (size > 0))
    digits = size * 10.0 ** (6 - exponent)
    number = np.rint(digits).astype(np.int64)
    if np.any(number >= 10**7):
        return _by_hand(values, separator)
    text = np.empty((*values.shape, _WIDTH), dtype=np.uint8)
    text[..., 0] = np.where(np.signbit(values), ord("-"), 0)
    for place in range(8, 2, -1):
        number, text[..., place] = np.divmod(number, 10)
    text[..., 1] = number
    text[..., 11], text[..., 12] = np.divmod(np.abs(exponent), 10)
    text[..., (1, *range(3, 9), 11, 12)] += ord("0")
    text[..., 2] = ord(".")
    text[..., 9] = ord("e")
    text[..., 10] = np.where(exponent < 0, ord("-"), ord("+"))
    text[..., 13] = ord(separator)
    text[:, -1, 13] = ord("\n")
    # A number half-way between two is rounded by its exact value, which the product above only comes close to.
    for row, column in np.argwhere(unsure | _near_half(digits)):
        text[row, column, :13] = np.frombuffer(f"{values[row, column]:.6e}".rjust(13, "\0").encode(), dtype=np.uint8)
    return text.tobytes().translate(None, _NOTHING).decode("ascii")


def _near_half(digits: NDArray[np.float64]) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(digits - np.floor(digits) - 0.5) < 1e-6
    return near


def _by_hand(values: NDArray[np.float64], separator: str) -> str:
    row = separator.join(["%.6e"] * values.shape[1])
    return "".join([row % tuple(numbers) + "\n" for numbers in values.tolist()])
