"""ngspice as a program: ``ngspice -b`` on a deck of ours, its raw file read by ourselves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spice_models.circuit import Circuit
from spice_models.dialects.element_lines import check_run
from spice_models.dialects.ngspice import TOLERANCE, transient_deck
from spice_models.dialects.rawfile import RawPlot, read_raw
from spice_models.engines.process import DEADLINE, Finished, run_limited, scratch_folder
from spice_models.engines.recording import parse_channels
from spice_models.engines.sampling import to_traces
from spice_models.errors import EngineError, NetlistError
from spice_models.results import Traces

PACKAGES = "apt install ngspice libngspice0-dev"
_PROGRAM = "ngspice"
_DECK, _RAW = "circuit.cir", "result.raw"
_TROUBLE = re.compile(r"\berrors?\b|\bfatal\b|singular|too small|aborted|unrecogni[sz]ed|undefined|interrupted", re.I)


def unavailable() -> str | None:
    """Why this engine cannot run here; None if it can."""
    if shutil.which(_PROGRAM) is None:
        return f"there is no program ngspice on PATH: install it ({PACKAGES})"
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
    """Simulate a circuit from rest with the program ngspice.

    Parameters
    ----------
    duration, step : float
        Simulated time and time between samples [s].
    record : sequence of str, optional
        ``"phase(JUNCTION)"`` [rad], ``"voltage(NODE)"`` [V], ``"current(ELEMENT)"`` [A], with flattened names; the
        phases of all junctions if not given.
    timeout : float
        Seconds after which ngspice is killed.
    tolerance : float
        ngspice's relative tolerance. Its internal steps are as long as ``step`` and 0.1 ps at most.
    temperature : float
        Zero: ngspice's transient runs have no thermal noise.
    seed : int
        Without effect.

    Raises
    ------
    EngineError
        If ngspice is missing, hangs, complains, ends early or returns values that are not finite.
    """
    check_run(circuit, duration=duration, step=step)
    refuse_noise("ngspice", temperature)
    deck = transient_deck(circuit, duration=duration, longest=step, record=record, tolerance=tolerance)
    channels = parse_channels(circuit.flatten(), record)
    plot = run_deck(deck.text, timeout=timeout, duration=duration)
    columns = {text: np.real(plot[vector]) for text, vector in deck.vectors.items()}
    times = np.real(plot["time"])
    return to_traces(channels, times, columns, duration=duration, step=step, simulator="ngspice")


def run_deck(text: str, *, timeout: float = DEADLINE, duration: float | None = None) -> RawPlot:
    """Run a deck of ours, without control commands, and return the last of its analyses.

    Parameters
    ----------
    timeout : float
        Seconds after which ngspice is killed.
    duration : float, optional
        Simulated time [s], to be told when that happens.

    Raises
    ------
    EngineError
        If ngspice is missing, hangs, complains or writes no whole result.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise EngineError(str(unavailable()))
    with scratch_folder() as folder:
        (folder / _DECK).write_text(text, encoding="ascii")
        command = [program, "-n", "-b", "-r", _RAW, _DECK]
        finished = run_limited(command, folder=folder, timeout=timeout)
        if finished.status is None:
            reached = None if duration is None else _time_reached(folder / _RAW)
            raise EngineError(timeout_message("ngspice", timeout, reached, duration))
        check_log(finished)
        return _result(folder / _RAW, finished)


def refuse_noise(engine: str, temperature: float) -> None:
    """Raise for a run at a temperature, whose noise these engines would leave out."""
    if temperature != 0:
        raise EngineError(
            f"engine {engine!r} has no thermal noise in transient runs, so none at {temperature:g} K: use engine="
            "'native' or 'josim', or temperature=0"
        )


def check_log(finished: Finished) -> None:
    """Raise if ngspice failed or complained: it returns status 0 with a nonsense answer for some circuits."""
    complaints = [line.strip() for line in finished.log.splitlines() if _TROUBLE.search(line)]
    if complaints:
        raise EngineError(f"ngspice complained: {' | '.join(complaints[:4])}; correct the circuit or its values")
    if finished.status != 0:
        raise EngineError(f"ngspice ended with status {finished.status}: {finished.tail()}")


def timeout_message(simulator: str, timeout: float, reached: float | None, duration: float | None) -> str:
    """Say when a run was stopped and how far it had come; an operating point has no duration."""
    where = "" if reached is None else f" at {reached:g} s of {duration:g} s"
    less = "a smaller circuit" if duration is None else "a shorter time"
    return f"{simulator} was stopped after {timeout:g} s{where}: raise timeout, or simulate {less}"


def _result(raw: Path, finished: Finished) -> RawPlot:
    if not raw.exists():
        raise EngineError(f"ngspice wrote no result: {finished.tail()}; check that {_PROGRAM} on PATH is ngspice")
    try:
        plot = read_raw(raw)[-1]
    except NetlistError as error:
        raise EngineError(f"cannot read the result of ngspice: {error}") from error
    if not plot.complete:
        raise EngineError(
            f"the result of ngspice is cut off: {plot.values.shape[1]} of {plot.announced} points; is the disk full?"
        )
    return plot


def _time_reached(raw: Path) -> float | None:
    try:
        times = np.real(read_raw(raw)[-1]["time"])
    except (NetlistError, LookupError, OSError):
        return None
    return float(times[-1]) if times.size else None
