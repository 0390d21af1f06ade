"""The native transient engine for Josephson circuits: one run with traces, or many variants with pulse times."""

from spice_models.engines.native.engine import Batch, run, transient_batch
from spice_models.engines.native.prepared import prepare

__all__ = ["Batch", "prepare", "run", "transient_batch"]
