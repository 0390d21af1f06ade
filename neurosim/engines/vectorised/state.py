"""States of simulations as arrays by name: what is given back is checked before anything is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError

Shape = tuple[int | None, ...]


def checked_state(
    given: Mapping[str, Any], wanted: Mapping[str, NDArray[Any]], whose: str, *, free: Mapping[str, Shape] | None = None
) -> dict[str, NDArray[Any]]:
    """Return copies of the arrays of a state, in the types of those wanted.

    Parameters
    ----------
    given : mapping of str to array
        What is to become the state.
    wanted : mapping of str to array
        Arrays of the right shapes and types.
    whose : str
        For messages, such as ``"network 'xor' on the engine discrete"``.
    free : mapping of str to tuple, optional
        Shapes that may vary: None stands for any length of that axis.

    Raises
    ------
    DescriptionError
        For names that are missing or unknown, shapes and types that differ, and numbers that are not finite.
    """
    unknown = sorted(set(given) - set(wanted))
    if unknown:
        raise DescriptionError(
            f"a state of {whose} has no {unknown[0]!r}: it is that of another network or engine; "
            f"it holds {', '.join(sorted(wanted))}"
        )
    found = {}
    for name, own in wanted.items():
        if name not in given:
            raise DescriptionError(f"a state of {whose} needs {name!r} of shape {own.shape}, got nothing")
        array = np.asarray(given[name])
        shape: Shape = (free or {}).get(name, own.shape)
        fits = array.ndim == len(shape) and all(n in (None, got) for n, got in zip(shape, array.shape, strict=True))
        if not fits:
            text = str(shape).replace("None", "any")
            raise DescriptionError(f"a state of {whose} needs {name!r} of shape {text}, got shape {array.shape}")
        kinds = "iu" if np.issubdtype(own.dtype, np.integer) else "iuf"
        if array.dtype.kind not in kinds:
            raise DescriptionError(f"a state of {whose} needs {name!r} of type {own.dtype}, got {array.dtype}")
        if not np.all(np.isfinite(array)):
            raise DescriptionError(f"a state of {whose} holds {name!r} with values that are not finite")
        found[name] = array.astype(own.dtype, copy=True)
    return found


def check_range(name: str, array: NDArray[Any], low: float, high: float, whose: str) -> None:
    """Raise `DescriptionError` for an array of a state with a value below ``low`` or above ``high``."""
    outside = array[(array < low) | (array > high)]
    if outside.size:
        raise DescriptionError(f"a state of {whose} holds {name!r} with {outside[0]:g}, outside {low:g} to {high:g}")
