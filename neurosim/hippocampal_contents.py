"""What people give a `HippocampalMemory` as a content or a cue, as bits and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from spice_models.errors import DescriptionError


def content_bits(content: Any, bits: int) -> frozenset[int]:
    """Return the bits of a content of a memory of ``bits`` bits.

    ``content`` is a set or sequence of bits, a boolean array of shape (bits,), or an image: an array of two dimensions
    of zeros and ones, row by row.

    Raises
    ------
    DescriptionError
        For an empty content, another number of pixels, and what is neither bits nor zeros and ones.

    Examples
    --------
    >>> sorted(content_bits([[0, 1], [1, 0]], 4))
    [1, 2]
    """
    array = np.asarray(sorted(content) if isinstance(content, set | frozenset) else content)
    if array.dtype == bool or array.ndim > 1:
        if array.size != bits:
            raise DescriptionError(f"a content of shape {array.shape} has {array.size} bits, not {bits}")
        if not np.all((array == 0) | (array == 1)):
            raise DescriptionError("an image must hold zeros and ones only: compare it with a threshold first")
        chosen = np.flatnonzero(array).tolist()
    else:
        chosen = array.ravel().tolist()
        if any(isinstance(bit, str) or bit != int(bit) for bit in chosen):
            raise DescriptionError(f"bits must be whole numbers, got {chosen}")
        if len(set(chosen)) < len(chosen):
            raise DescriptionError("a bit is named twice: give an array of zeros and ones as booleans")
    if not chosen:
        raise DescriptionError("an empty content cannot be stored or searched; to take one away use forget(cue)")
    return frozenset(int(bit) for bit in chosen)


def cue_number(cue: Any) -> int:
    """Return a cue as an integer; raises `DescriptionError` for what is no whole number."""
    if isinstance(cue, bool) or not isinstance(cue, int | np.integer):
        raise DescriptionError(f"a cue is a whole number, got {cue!r}")
    return int(cue)
