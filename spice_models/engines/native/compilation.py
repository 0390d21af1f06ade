"""What is compiled of the native engine, and kept together."""

from pathlib import Path

from spice_models import constants
from spice_models.compiled_code import CompiledCode

MODULES = ("border", "junction_current", "kernel", "known", "lanes", "lines", "offsets", "sine", "tables")
"""Those of this package whose code becomes part of the time loop."""

CODE = CompiledCode(
    "circuit engine",
    sources=[*(Path(__file__).with_name(f"{module}.py") for module in MODULES), Path(constants.__file__)],
    slow={"march": "the circuit engine for circuits of this kind: once, some ten seconds"},
    log="spice_models.engines.native",
)
