"""ngspice as a library, through PySpice, in a child process: in process nothing could stop a hang."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from spice_models.circuit import Circuit
from spice_models.dialects.element_lines import check_run
from spice_models.dialects.ngspice import TOLERANCE, transient_deck
from spice_models.dialects.rawfile import vector_key
from spice_models.engines.ngspice import PACKAGES, check_log, refuse_noise, timeout_message
from spice_models.engines.process import DEADLINE, Finished, run_limited, scratch_folder
from spice_models.engines.recording import parse_channels
from spice_models.engines.sampling import Floats, to_traces
from spice_models.errors import EngineError
from spice_models.results import Traces

_LIBRARY_VARIABLE = "NGSPICE_LIBRARY_PATH"
_SIMULATOR = "ngspice (shared library)"


def unavailable() -> str | None:
    """Why this engine cannot run here; None if it can."""
    if find_spec("PySpice") is None:
        return "PySpice is not installed: pip install PySpice"
    if _library() is None:
        return f"there is no libngspice: install it ({PACKAGES})"
    return None


def run(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    timeout: float = DEADLINE,
    tolerance: float = TOLERANCE,
    temperature: float = 0.0,
    seed: int = 0,
) -> Traces:
    """Simulate a circuit from rest with libngspice through PySpice; parameters and errors as `ngspice.run`."""
    check_run(circuit, duration=duration, step=step)
    refuse_noise("ngspice-shared", temperature)
    deck = transient_deck(circuit, duration=duration, longest=step, record=record, tolerance=tolerance)
    channels = parse_channels(circuit.flatten(), record)
    vectors = run_deck(deck.text, timeout=timeout, duration=duration)
    columns = {text: vectors[vector_key(vector)] for text, vector in deck.vectors.items()}
    return to_traces(channels, vectors["time"], columns, duration=duration, step=step, simulator=_SIMULATOR)


def run_deck(text: str, *, timeout: float = DEADLINE, duration: float | None = None) -> dict[str, Floats]:
    """Run a deck of ours and return its vectors by `vector_key`; parameters and errors as `ngspice.run_deck`."""
    reason = unavailable()
    if reason is not None:
        raise EngineError(f"{reason}; or use engine='ngspice'")
    with scratch_folder() as folder:
        (folder / "circuit.cir").write_text(text, encoding="ascii")
        command = [sys.executable, "-m", "spice_models.engines.ngspice_child", "circuit.cir", "result.npz"]
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        environment = {"PYTHONPATH": paths, _LIBRARY_VARIABLE: str(_library())}
        finished = run_limited(command, folder=folder, timeout=timeout, environment=environment)
        if finished.status is None:
            raise EngineError(timeout_message(_SIMULATOR, timeout, None, duration))
        return _result(folder / "result.npz", finished)


def _library() -> str | None:
    """Name of the library; PySpice would look for libngspice.so only, which Debian ships in a -dev package."""
    return os.environ.get(_LIBRARY_VARIABLE) or find_library("ngspice")


def _result(path: Path, finished: Finished) -> dict[str, Floats]:
    if finished.status != 0:
        if "cannot load library" in finished.log:
            raise EngineError(f"libngspice cannot be loaded: {finished.tail(2)}; install it ({PACKAGES})")
        raise EngineError(f"PySpice could not run libngspice: {finished.tail()}; use engine='ngspice' instead")
    check_log(finished)
    try:
        with np.load(path) as data:
            names, values = data["names"], data["values"]
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise EngineError(f"libngspice returned no result: {finished.tail()}; use engine='ngspice' instead") from error
    return {vector_key(str(name)): values[row] for row, name in enumerate(names)}
