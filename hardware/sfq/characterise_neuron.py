"""Measure the neuron cell: thresholds, leak, delay, inhibition, refractory time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.testbench import Bench, bench
from spice_models.circuit import SubCircuit
from spice_models.engines.native import transient_batch
from spice_models.engines.native.engine import Batch

Floats = NDArray[np.float64]
START = 60e-12  # first drive of the bench [s], after the bias ramps
SETTLE = 200e-12  # time given to the slowest firing [s]
COARSE = 16e-6  # first grid of threshold currents [A]
LOWEST, HIGHEST = -300e-6, 276e-6
OVERDRIVES = (2e-6, 6e-6, 12e-6, 20e-6, 32e-6, 50e-6, 75e-6, 110e-6, 150e-6, 200e-6)
"""Threshold current above the least that fires, at which the delay is measured [A]."""
LEADS = (-9e-12, -6e-12, -3e-12, 0.0, 4e-12, 8e-12, 14e-12, 20e-12, 30e-12, 45e-12, 60e-12)
"""Time by which inhibition comes before excitation [s]."""
BEST_LEAD = 8e-12
LATE_LEAD = 32e-12
NO_SATURATION = 10.0
EVEN_LEAK = 41e-12  # first guess of the leak time [s], from Ls / Rs with what hangs on both ends


@dataclass(frozen=True, kw_only=True)
class Drive:
    """When each input of a neuron gets its pulses, relative to the time that counts as zero [s]."""

    excitatory: tuple[tuple[float, ...], ...]
    inhibitory: tuple[tuple[float, ...], ...] = ()
    weight_current: float | None = None
    """Current of a synapse before the first excitatory input [A]; None for no synapse."""

    @classmethod
    def together(cls, inputs: int, active: int, inhibitory: int = 0, inhibiting: int = 0, lead: float = 0.0) -> Drive:
        """``active`` of ``inputs`` at zero, ``inhibiting`` of ``inhibitory`` by ``lead`` before."""
        return cls(
            excitatory=tuple((0.0,) if i < active else () for i in range(inputs)),
            inhibitory=tuple((-lead,) if j < inhibiting else () for j in range(inhibitory)),
        )

    @property
    def earliest(self) -> float:
        """First pulse [s]."""
        return min([t for train in (*self.excitatory, *self.inhibitory) for t in train], default=0.0)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The two pulses of a synapse on its second step: its weight current [A] and their distance [s]."""

    weight_current: float
    gap: float


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What firing draws from a neuron besides what its branches lose: a current [A], gone with ``time`` [s]."""

    current: float
    time: float


def run_neuron(drive: Drive, currents: Floats, *, duration: float = SETTLE) -> tuple[Bench, Batch, float]:
    """Simulate the cell on a bench for many threshold currents [A] at once; the third result is time zero [s]."""
    shift = START - min(drive.earliest, 0.0)
    pulses = {f"exc_{i + 1}": [shift + t for t in train] for i, train in enumerate(drive.excitatory)}
    pulses |= {f"inh_{j + 1}": [shift + t for t in train] for j, train in enumerate(drive.inhibitory)}
    reference = 100e-6
    neuron = sfq_neuron(
        excitatory=len(drive.excitatory), inhibitory=len(drive.inhibitory), threshold_current=reference
    )
    cell = SubCircuit("neuron_bench", neuron.ports)
    joints = {port: port for port in neuron.ports}
    if drive.weight_current is not None:
        joints["exc_1"] = "joint"
        synapse = sfq_synapse(weight_current=drive.weight_current)
        cell.instance("synapse", synapse, input="exc_1", output="joint")
    cell.instance("neuron", neuron, **joints)
    table = bench(cell, pulses)
    batch = transient_batch(
        table.circuit, duration=shift + duration, scales={"cell.neuron.IT": currents / reference}
    )
    return table, batch, shift


def least_threshold(drive: Drive, *, count: int = 1, precision: float = 1e-6) -> float:
    """Least threshold current [A] from which on the neuron puts out ``count`` pulses, NaN if none in range does."""

    def fires(currents: Floats) -> NDArray[np.bool_]:
        _, batch, _ = run_neuron(drive, currents)
        return np.array([len(batch.pulses("cell.neuron.BO2", v)) >= count for v in range(len(currents))])

    grid = np.arange(LOWEST, HIGHEST + COARSE / 2, COARSE)
    step = COARSE
    while True:
        silent = np.nonzero(~fires(grid))[0]
        first = int(silent[-1]) + 1 if len(silent) else 0
        if first == len(grid):
            return float("nan")
        if first == 0 or step <= precision:
            return float(grid[first])
        grid = np.linspace(grid[first - 1], grid[first], 9)
        step /= 8


def delays(drive: Drive, currents: Floats) -> tuple[Floats, Floats]:
    """Time from the last excitatory pulse to BN's slip, and from there to the output [s]; NaN where it does not fire."""
    table, batch, _ = run_neuron(drive, currents)
    inner = np.full(len(currents), np.nan)
    outer = np.full(len(currents), np.nan)
    for v in range(len(currents)):
        slips, out = batch.pulses("cell.neuron.BN", v), batch.pulses("cell.neuron.BO2", v)
        if len(slips) == 1 and len(out) == 1:
            arrivals = [batch.pulses(table.inputs[port], v) for port in table.inputs if port.startswith("exc")]
            last = max(a[-1] for a in arrivals if len(a))
            inner[v], outer[v] = slips[0] - last, out[0] - slips[0]
    return inner, outer


def fractional_drive(inputs: int, drive: float, leak_time: float, inhibitory: int = 0) -> Drive:
    """A drive of ``drive`` pulse equivalents: whole pulses at zero, and one earlier by the time it leaks down in."""
    whole = int(np.floor(drive + 1e-9))
    rest = drive - whole
    trains: list[tuple[float, ...]] = [(0.0,)] * whole + [()] * (inputs - whole)
    if rest > 1e-6:
        trains[whole] = (leak_time * np.log(rest),)
    return Drive(excitatory=tuple(trains), inhibitory=((),) * inhibitory)


def measure_leak() -> float:
    """Leak time [s] of a branch, from two pulses on two branches.

    With thresholds ``T(1)`` and ``T(2)`` of one and of two pulses together, a pair apart by ``d`` needs
    ``T(1) - (T(1) - T(2)) exp(-d / leak_time)``.
    """
    one, two = (least_threshold(Drive.together(2, k)) for k in (1, 2))
    apart = np.array([5e-12, 10e-12, 18e-12, 26e-12, 36e-12, 50e-12, 70e-12])
    other = np.array([least_threshold(Drive(excitatory=((-d,), (0.0,)))) for d in apart])
    (leak,), _ = curve_fit(lambda d, tau: np.exp(-d / tau), apart, (one - other) / (one - two), p0=[EVEN_LEAK])
    return float(leak)


def measure_saturation(shape: tuple[int, int], drives: Floats, thresholds: Floats, pair: Pair, leak_time: float) -> float:
    """Width ``s`` of the saturation of one branch, from the two pulses that a synapse sends into it.

    Two pulses ``pair.gap`` apart leave ``b = 1 + exp(-gap / leak_time)`` flux quanta, which act as
    ``1 + s tanh((b - 1) / s)``; 10 (no saturation) where they act as all of it.
    """
    train = Drive(
        excitatory=((0.0,), *((),) * (shape[0] - 1)),
        inhibitory=((),) * shape[1],
        weight_current=pair.weight_current,
    )
    needed = least_threshold(train)
    order = np.argsort(thresholds)
    acting = float(np.interp(needed, thresholds[order], drives[order])) - 1.0
    full = float(np.exp(-pair.gap / leak_time))
    if needed < thresholds[order][0] or acting >= 0.98 * full:
        return NO_SATURATION
    widths = np.linspace(0.05, 3.0, 600)
    return float(widths[np.argmin(np.abs(widths * np.tanh(full / widths) - acting))])


def measure_inhibition() -> dict[str, list[float]]:
    """Threshold shift [A] of one pulse by one inhibitory pulse, against the time by which that comes before [s]."""
    free = least_threshold(Drive.together(1, 1, 1, 0))
    shifts = [least_threshold(Drive.together(1, 1, 1, 1, lead)) - free for lead in LEADS]
    return {"inhibition_leads": list(LEADS), "inhibition_shifts": shifts}


def measure_recovery() -> Recovery:
    """Current that firing draws from a neuron with one input: by how much a second pulse a while later needs more."""
    one = least_threshold(Drive.together(1, 1))
    waits = np.array([60e-12, 80e-12, 110e-12, 150e-12, 200e-12, 270e-12])
    again = np.array([least_threshold(Drive(excitatory=((-d, 0.0),)), count=2) for d in waits])
    known = np.isfinite(again)
    (current, time), _ = curve_fit(
        lambda d, a, tau: a * np.exp(-d / tau), waits[known], again[known] - one, p0=[100e-6, 100e-12]
    )
    return Recovery(current=float(current), time=float(time))


def measure_shape(
    excitatory: int, inhibitory: int, leak_time: float, pair: Pair, *, finest: float = 0.5
) -> dict[str, Any]:
    """Everything about a neuron with so many inputs of each kind that the pulse-level model needs."""
    idle = least_threshold(Drive.together(excitatory, 0, inhibitory, 0))
    drives = np.arange(1.0, excitatory + finest / 2, finest)
    thresholds = [least_threshold(fractional_drive(excitatory, d, leak_time, inhibitory)) for d in drives]
    if excitatory == 1:
        # a single branch: more than one pulse only from the pulses of one synapse
        beyond = Drive(excitatory=((0.0,),), inhibitory=((),) * inhibitory, weight_current=pair.weight_current)
        drives = np.append(drives, 1.0 + np.exp(-pair.gap / leak_time))
        thresholds.append(least_threshold(beyond))
        saturation = NO_SATURATION
    else:
        saturation = measure_saturation(
            (excitatory, inhibitory), drives, np.array(thresholds), pair, leak_time
        )
    inner_rows, outer_rows = [], []
    for k in range(1, excitatory + 1):
        least = thresholds[round((k - 1) / finest)]
        inner, outer = delays(Drive.together(excitatory, k, inhibitory, 0), least + np.array(OVERDRIVES))
        inner_rows.append(inner.tolist())
        outer_rows.append(outer.tolist())
    result: dict[str, Any] = {
        "self_firing": idle,
        "saturation": saturation,
        "drives": drives.tolist(),
        "thresholds": thresholds,
        "overdrives": list(OVERDRIVES),
        "inner_delays": inner_rows,
        "outer_delays": outer_rows,
    }
    if inhibitory:
        late = least_threshold(Drive.together(excitatory, 1, inhibitory, 1, LATE_LEAD))
        result["inhibited"] = [
            least_threshold(Drive.together(excitatory, k, inhibitory, 1, BEST_LEAD)) for k in range(1, excitatory + 1)
        ]
        result["inhibited_at_one"] = [
            least_threshold(Drive.together(excitatory, 1, inhibitory, m, BEST_LEAD)) for m in range(1, inhibitory + 1)
        ]
        free, early = thresholds[0], result["inhibited_at_one"][0]
        result["inhibition_time"] = (LATE_LEAD - BEST_LEAD) / float(np.log((early - free) / (late - free)))
    return result


def shapes(fan_in: int) -> Sequence[tuple[int, int]]:
    """All (excitatory, inhibitory) with at least one excitatory and at most ``fan_in`` inputs in all."""
    return [(e, i) for e in range(1, fan_in + 1) for i in range(fan_in - e + 1)]
