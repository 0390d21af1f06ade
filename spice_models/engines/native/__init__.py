"""The native transient engine for Josephson circuits: one run with traces, or many variants with pulse times.

The names below are loaded at first use, so that other compiled code can be kept as this engine's is, without it.
"""

from typing import TYPE_CHECKING

import spice_models.compiled_code  # noqa: F401 - decides where compiled code is kept, before any is met
from spice_models.public_names import lazily

if TYPE_CHECKING:
    from spice_models.engines.native.engine import Batch, run, transient_batch
    from spice_models.engines.native.operating_point import OperatingPoint, operating_point
    from spice_models.engines.native.prepared import prepare

__all__ = ["Batch", "OperatingPoint", "operating_point", "prepare", "run", "transient_batch"]

_MODULES = {
    "engine": ("Batch", "run", "transient_batch"),
    "operating_point": ("OperatingPoint", "operating_point"),
    "prepared": ("prepare",),
}

__getattr__, __dir__ = lazily(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
