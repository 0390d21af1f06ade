"""What people give a `HippocampalMemory` as a content or a cue, as bits and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from spice_models.errors import DescriptionError


def content_bits(content: Any, bits: int) -> frozenset[int]:
    """Return the bits of a content of a memory of ``bits`` bits, at least one.

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
    chosen = named_bits(content, bits)
    if not chosen:
        raise DescriptionError("an empty content cannot be stored or searched; to take one away use forget(cue)")
    return chosen


def named_bits(content: Any, bits: int | None = None) -> frozenset[int]:
    """Return bits that may be none, of a memory of any size if ``bits`` is not given; else as `content_bits`."""
    if isinstance(content, frozenset) and all(type(bit) is int for bit in content):
        return content
    array = _array(content)
    if array.dtype == bool or array.ndim > 1:
        if bits is not None and array.size != bits:
            raise DescriptionError(f"a content of shape {array.shape} has {array.size} bits, not {bits}")
        if array.dtype.kind not in "biuf" or not np.all((array == 0) | (array == 1)):
            raise DescriptionError("an image must hold zeros and ones only: compare it with a threshold first")
        chosen = np.flatnonzero(array).tolist()
    else:
        chosen = array.ravel().tolist()
        if not all(_is_whole(bit) for bit in chosen):
            raise DescriptionError(f"bits must be whole numbers, got {chosen}")
        if len(set(chosen)) < len(chosen):
            raise DescriptionError("a bit is named twice: give an array of zeros and ones as booleans")
    return frozenset(int(bit) for bit in chosen)


def cue_number(cue: Any) -> int:
    """Return a cue as an integer; raises `DescriptionError` for what is no whole number."""
    if isinstance(cue, bool) or not isinstance(cue, int | np.integer):
        raise DescriptionError(f"a cue is a whole number, got {cue!r}")
    return int(cue)


def _array(content: Any) -> Any:
    if content is None or isinstance(content, str | bytes | Mapping):
        raise DescriptionError(f"a content is a set or sequence of bits, or an image, not {content!r}")
    if isinstance(content, np.ma.MaskedArray):
        raise DescriptionError("a content with masked pixels: leave them out, as bits, or fill them")
    # numpy makes no array of numbers from sets, views and generators
    listed = list(content) if isinstance(content, Iterable) and not hasattr(content, "__array__") else content
    try:
        return np.asarray(listed)
    except ValueError as error:
        raise DescriptionError("the rows of an image must be of the same length") from error


def _is_whole(bit: Any) -> bool:
    return isinstance(bit, int | float) and not isinstance(bit, bool) and float(bit).is_integer()
