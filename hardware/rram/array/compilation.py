"""What is compiled of the crossbar solvers, and kept together."""

from pathlib import Path

from spice_models.compiled_code import CompiledCode

CODE = CompiledCode(
    "crossbar solver",
    sources=[Path(__file__).with_name(f"{module}.py") for module in ("joining", "lines", "relaxation")],
    slow={
        "sweep": "the crossbar solver: once, some ten seconds",
        "join_resistors": "the elimination of crossbars: once, some three seconds",
    },
    log="hardware.rram.array",
)
