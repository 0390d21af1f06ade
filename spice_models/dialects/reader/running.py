"""Runs of netlists: the columns they ask for, at the times they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from spice_models.circuit import Circuit
from spice_models.constants import PHASE_PER_FLUX
from spice_models.dialects.reader.columns import Column
from spice_models.dialects.reader.commands import Tran
from spice_models.dialects.reader.deck import Deck
from spice_models.dialects.reader.shapes import sampled, settled, value_before_zero
from spice_models.elements import GROUND, CurrentSource, Junction, Mutual, Primitive, VoltageSource
from spice_models.engines import transient
from spice_models.engines.recording import UNITS
from spice_models.errors import DescriptionError, NetlistError
from spice_models.results import Traces
from spice_models.waveforms import DC, PWL, Pulse, Sine, Waveform

Floats = NDArray[np.float64]

SETTLING = 1e-10
"""Time [s] that a circuit gets to settle before time zero [as JoSIM's at a step of 0.1 ps]."""


def run(deck: Deck, engine: str = "native", *, step: float | None = None) -> Traces:
    """Simulate a netlist and return the columns it asks for.

    It starts from rest. Unless ``.tran`` ends in ``dst``, sources that are on before time zero (dc, the first levels of
    pulse, sin and exp) have by then been ramped up and the circuit has had time to settle.

    Parameters
    ----------
    deck : Deck
        As `read` returns it.
    engine : str
        One of `spice_models.engines.available_engines`.
    step : float, optional
        Time step [s] instead of that of ``.tran``; the time between rows stays.

    Raises
    ------
    NetlistError
        For a netlist without ``.tran``, a step that does not fit, or a circuit that cannot be simulated.
    EngineError
        If the engine is missing or failed.
    """
    tran = deck.tran
    if tran is None:
        raise NetlistError(f"netlist {deck.circuit.name!r} has no .tran: add one, outside of a .control block")
    inner = min(tran.step, tran.print_step) if step is None else step
    if not 0 < inner <= tran.stop:
        raise NetlistError(f"{tran.where}: the step must be positive and no longer than the run, got {inner:g} s")
    flat = deck.circuit.flatten()
    sources = [e for e in flat if isinstance(e, (CurrentSource, VoltageSource))]
    lead = SETTLING if tran.settle and any(value_before_zero(e.waveform) for e in sources) else 0.0
    # Two steps more, so that the last row lies between samples whichever part of a step an engine samples.
    duration = lead + tran.stop + 2 * inner
    circuit = _prepared(flat, lead, None if engine == "native" else (duration, inner))
    plan = _Plan(circuit, deck.prints, native=engine == "native")
    try:
        traces = transient(circuit, duration=duration, step=inner, record=plan.record, engine=engine)
    except DescriptionError as error:
        raise NetlistError(f"{tran.where}: {error}") from error
    times = _rows(tran)
    values = [plan.rows(column, traces, times + lead) for column in deck.prints]
    return Traces(
        values=np.array(values).reshape(len(values), len(times)),
        dt=tran.print_step,
        start=float(times[0]),
        names=tuple(column.label for column in deck.prints),
        units=tuple(UNITS[column.kind] for column in deck.prints),
    )


def _rows(tran: Tran) -> Floats:
    count = int(np.ceil((tran.stop - tran.start) / tran.print_step * (1 - 1e-12) - 1e-9))
    return tran.start + tran.print_step * np.arange(count, dtype=np.float64)


def _prepared(flat: Circuit, lead: float, grid: tuple[float, float] | None) -> Circuit:
    def change(element: Primitive) -> Primitive:
        if not isinstance(element, (CurrentSource, VoltageSource)):
            return element
        waveform: Waveform = settled(element.waveform, lead) if lead else element.waveform
        if grid is not None and not isinstance(waveform, (DC, PWL, Pulse, Sine)):
            waveform = sampled(waveform, duration=grid[0], step=grid[1])
        return replace(element, waveform=waveform)

    return flat.mapped(change)


def _at_rows(samples: Floats, traces: Traces, rows: Floats) -> Floats:
    times = traces.times
    if times[0] > 0:
        times, samples = np.append(0.0, times), np.append(0.0, samples)
    return np.asarray(CubicHermiteSpline(times, samples, np.gradient(samples, times))(rows))


class _Plan:
    """What to record for some columns, and how the columns follow from it."""

    def __init__(self, circuit: Circuit, columns: Sequence[Column], *, native: bool) -> None:
        self._circuit = circuit
        self._between = {frozenset(j.nodes): j for j in circuit.of_type(Junction)}
        self._native = native
        self._at: dict[str, list[Primitive]] = {}
        if native and any(self._is_voltage_source(c) for c in columns):
            for element in circuit:
                assert not hasattr(element, "connections")
                for node in element.nodes:
                    self._at.setdefault(node, []).append(element)
        self.record = list(dict.fromkeys(text for column in columns for text in self._needs(column)))

    def rows(self, column: Column, traces: Traces, times: Floats) -> Floats:
        """One column at some times [s]."""
        element = self._circuit[column.element] if column.kind == "current" and column.element is not None else None
        if isinstance(element, CurrentSource):
            return np.asarray(element.waveform.at(times))
        return _at_rows(self._samples(column, traces), traces, times)

    def _samples(self, column: Column, traces: Traces) -> Floats:
        parts = [factor * traces[text] for text, factor in self._needs(column).items()]
        total: Floats = np.sum(parts, axis=0) if parts else np.zeros(traces.values.shape[1])
        if column.kind == "phase" and self._junction(column) is None:
            return _integral(total, traces) * PHASE_PER_FLUX
        return total

    def _needs(self, column: Column) -> dict[str, float]:
        """Recorded channels and the factors with which they add up to a column (to its rate, for a phase)."""
        plus, minus = column.ends
        if column.kind == "current":
            return self._current(column)
        junction = self._junction(column)
        if column.kind == "phase" and junction is not None:
            return {f"phase({junction.name})": 1.0 if junction.plus == plus else -1.0}
        return {f"voltage({node})": factor for node, factor in ((plus, 1.0), (minus, -1.0)) if node != GROUND}

    def _junction(self, column: Column) -> Junction | None:
        return self._between.get(frozenset(column.ends))

    def _is_voltage_source(self, column: Column) -> bool:
        return (
            column.kind == "current"
            and column.element is not None
            and isinstance(self._circuit[column.element], VoltageSource)
        )

    def _current(self, column: Column) -> dict[str, float]:
        assert column.element is not None
        if not (self._native and self._is_voltage_source(column)):
            return {f"current({column.element})": 1.0}
        for node, sign in zip(column.ends, (-1.0, 1.0), strict=True):
            others = [e for e in self._at[node] if e.name != column.element and not isinstance(e, Mutual)]
            if node != GROUND and not any(isinstance(e, VoltageSource) for e in others):
                return {f"current({e.name})": sign if e.nodes[0] == node else -sign for e in others}
        raise NetlistError(
            f"{column.where}: {column.label} is the current of a voltage source between others, which the native "
            "engine does not know: print that of an element in series with it"
        )


def _integral(rate: Floats, traces: Traces) -> Floats:
    """Integrate from rest at time zero with straight lines between samples, before the first held."""
    steps = 0.5 * traces.dt * (rate[1:] + rate[:-1])
    return np.asarray(traces.start * rate[0] + np.append(0.0, np.cumsum(steps)))
