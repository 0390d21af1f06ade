"""The native transient engine for Josephson circuits: one run with traces, or many variants with pulse times."""

from spice_models.engines.native import compilation

# Before anything is compiled: numba decides where code is kept when it meets the first function.
compilation.keep_somewhere()
compilation.announce()

from spice_models.engines.native.engine import Batch, run, transient_batch  # noqa: E402
from spice_models.engines.native.operating_point import OperatingPoint, operating_point  # noqa: E402
from spice_models.engines.native.prepared import prepare  # noqa: E402

__all__ = ["Batch", "OperatingPoint", "operating_point", "prepare", "run", "transient_batch"]
