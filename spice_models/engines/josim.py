"""JoSIM as a program: ``josim-cli`` on a netlist of ours, its CSV file read by ourselves."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np

from spice_models.circuit import Circuit
from spice_models.dialects.element_lines import check_run
from spice_models.dialects.josim import LONGEST_STEP, transient_deck
from spice_models.engines.ngspice import timeout_message
from spice_models.engines.process import DEADLINE, Finished, run_limited, scratch_folder
from spice_models.engines.recording import parse_channels
from spice_models.engines.sampling import Floats, to_traces
from spice_models.errors import EngineError
from spice_models.results import Traces

_PROGRAM = "josim-cli"
_TROUBLE = re.compile(r"^\s*(E:|error|.*\bsingular\b)", re.I)


def unavailable() -> str | None:
    """Why this engine cannot run here; None if it can."""
    if shutil.which(_PROGRAM) is None:
        return "there is no program josim-cli on PATH: install JoSIM (https://github.com/JoeyDelp/JoSIM)"
    return None


def run(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    timeout: float = DEADLINE,
    temperature: float = 0.0,
    seed: int = 0,
) -> Traces:
    """Simulate a circuit from rest with JoSIM; its internal step divides ``step`` and is 0.1 ps at most.

    Parameters
    ----------
    duration, step : float
        Simulated time and time between samples [s].
    record : sequence of str, optional
        ``"phase(JUNCTION)"`` [rad], ``"voltage(NODE)"`` [V], ``"current(ELEMENT)"`` [A], with flattened names; the
        phases of all junctions if not given. JoSIM prints seven digits.
    timeout : float
        Seconds after which JoSIM is killed.
    temperature : float
        Of all resistors and junctions [K]: JoSIM draws their Johnson noise.
    seed : int
        Of the draws.

    Raises
    ------
    EngineError
        If JoSIM is missing, hangs, complains, ends early or returns values that are not finite.
    """
    check_run(circuit, duration=duration, step=step)
    inner = step / ceil(step / LONGEST_STEP * (1 - 1e-9))
    channels = parse_channels(circuit.flatten(), record)
    deck = transient_deck(circuit, duration=duration, step=inner, record=record, temperature=temperature, seed=seed)
    program = shutil.which(_PROGRAM)
    if program is None:
        raise EngineError(f"{unavailable()}; or use another engine")
    with scratch_folder() as folder:
        (folder / "circuit.cir").write_text(deck.text, encoding="ascii")
        command = [program, "-m", "-o", "result.csv", "circuit.cir"]
        finished = run_limited(command, folder=folder, timeout=timeout)
        if finished.status is None:
            raise EngineError(timeout_message("JoSIM", timeout, None, duration))
        columns = _result(folder / "result.csv", finished)
    missing = [label for label in deck.labels.values() if label not in columns]
    if missing or "TIME" not in columns:
        raise EngineError(f"JoSIM returned no column {', '.join(missing[:4]) or 'time'}: {finished.tail()}")
    found = {text: columns[label] for text, label in deck.labels.items()}
    return to_traces(channels, columns["TIME"], found, duration=duration, step=step, simulator="JoSIM")


def _result(path: Path, finished: Finished) -> dict[str, Floats]:
    complaints = [line.strip() for line in finished.log.splitlines() if _TROUBLE.match(line)]
    if complaints or finished.status != 0:
        said = " | ".join(complaints[:4]) or finished.tail()
        raise EngineError(f"JoSIM ended with status {finished.status}: {said}; correct the circuit or its values")
    if not path.exists():
        raise EngineError(f"JoSIM wrote no result: {finished.tail()}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    try:
        table = np.array(rows[1:], dtype=float).reshape(-1, len(rows[0]))
    except (ValueError, IndexError) as error:
        raise EngineError(f"cannot read the result of JoSIM: {error}; is the disk full?") from error
    return {name.strip().upper(): table[:, column] for column, name in enumerate(rows[0])}
