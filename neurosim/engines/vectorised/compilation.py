"""What is compiled of the engine ``discrete``, and kept together."""

from pathlib import Path

from spice_models.compiled_code import CompiledCode

CODE = CompiledCode(
    "engine discrete",
    sources=[Path(__file__).with_name("loop.py")],
    slow={"advance": "the engine discrete: once, some five seconds"},
    log="neurosim.engines.vectorised",
)
