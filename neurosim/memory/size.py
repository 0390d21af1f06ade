"""How much of a computer's memory a hippocampal memory takes, asked before it is built."""

from __future__ import annotations

import os
from typing import Any

from spice_models.errors import DescriptionError

BYTES = 270.0
"""For each pair of two cues and of a cue and a bit, while tables are built for the engine discrete [measured]."""


def check_size(cues: Any, bits: Any) -> None:
    """Refuse sizes for which this machine is too small, rather than have it stop; others are left to the network.

    Raises
    ------
    DescriptionError
        With what is needed and what there is.
    """
    if not all(hasattr(size, "__index__") for size in (cues, bits)):
        return
    needed = BYTES * int(cues) * (int(cues) + int(bits))
    if needed > (installed := installed_bytes()):
        raise DescriptionError(
            f"a memory of {cues} cues and {bits} bits takes about {1e-9 * needed:.3g} GB to build, this machine has "
            f"{1e-9 * installed:.3g} GB: divide the cues among several memories"
        )


def installed_bytes() -> float:
    """Return the size of the main memory; infinite where the system does not tell."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return float("inf")
