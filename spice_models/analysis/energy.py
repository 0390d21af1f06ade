"""Energy of a superconducting circuit: what switching takes, what a resistive bias network burns, what cooling adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spice_models.circuit import Circuit
from spice_models.elements import GROUND, CurrentSource, SourceRole
from spice_models.errors import DescriptionError
from spice_models.results import Traces

RAIL = 2.6e-3
"""Voltage [V] of the rail that feeds bias resistors: the lower end of niobium's gap voltage, 2.6 to 2.8 mV."""

COOLING_FACTOR = 1000.0
"""Watts at room temperature for one watt removed at 4.2 K [chosen].

The Carnot limit between 4.2 K and 300 K is 70; large plants reach a few hundred, small coolers need several thousand.
"""

_SETTLED = 1.0  # [s], later than any ramp
_COUNTED: tuple[SourceRole, ...] = ("bias", "tuning")


@dataclass(frozen=True, kw_only=True)
class EnergyReport:
    """Energy of one run.

    Parameters
    ----------
    dynamic : float
        Work of the bias sources on the circuit during the window [J].
    static_power : float
        Power of a resistive bias network [W].
    duration : float
        Length of the window [s].
    cooling_factor : float
        Watts at room temperature for one watt removed when cold.
    assumptions : tuple of str
        What the figures rest on.

    References
    ----------
    Refrigerators and power budgets: D. S. Holmes, A. L. Ripple, M. A. Manheimer,
    IEEE Trans. Appl. Supercond. 23, 1701610 (2013), doi 10.1109/TASC.2013.2244634.
    """

    dynamic: float
    static_power: float
    duration: float
    cooling_factor: float = COOLING_FACTOR
    assumptions: tuple[str, ...] = ()

    @property
    def static(self) -> float:
        """Energy that the rail of a resistive bias network delivers during the window [J]; contains ``dynamic``."""
        return self.static_power * self.duration

    @property
    def cooled_dynamic(self) -> float:
        """Energy at room temperature that removes ``dynamic``: all there is without bias resistors [J]."""
        return self.dynamic * self.cooling_factor

    @property
    def cooled_static(self) -> float:
        """Energy at room temperature that removes ``static`` [J]."""
        return self.static * self.cooling_factor


def bias_records(circuit: Circuit, roles: Sequence[SourceRole] = _COUNTED) -> list[str]:
    """What to record so that `bias_energy` can be computed: the voltages at the bias sources."""
    nodes = dict.fromkeys(node for source in _sources(circuit, roles) for node in source.nodes)
    return [f"voltage({node})" for node in nodes if node != GROUND]


def bias_energy(
    traces: Traces,
    circuit: Circuit,
    *,
    start: float | None = None,
    stop: float | None = None,
    roles: Sequence[SourceRole] = _COUNTED,
) -> float:
    """Work [J] that the bias sources do on the circuit between ``start`` and ``stop`` [s].

    The integral of current times voltage, summed over the sources; a junction that switches once takes about
    ``Ib Phi0`` from its bias.

    Parameters
    ----------
    traces : Traces
        With the channels of `bias_records`.
    circuit : Circuit
        The simulated circuit.
    start, stop : float, optional
        The window; begin it after the biases have risen. The whole run if not given.
    roles : sequence of str
        Roles of the current sources that count.
    """
    times = traces.times
    first = times[0] if start is None else start
    last = times[-1] if stop is None else stop
    inside = (times >= first - 1e-3 * traces.dt) & (times <= last + 1e-3 * traces.dt)
    if np.count_nonzero(inside) < 2:
        raise DescriptionError(
            f"the window {first:g}..{last:g} s holds no samples of the run {times[0]:g}..{times[-1]:g} s"
        )
    energy = 0.0
    for source in _sources(circuit, roles):
        rise = _voltage(traces, source.minus) - _voltage(traces, source.plus)
        power = source.waveform.at(times) * rise
        energy += float(np.trapezoid(power[inside], dx=traces.dt))
    return energy


def static_power(circuit: Circuit, rail: float = RAIL, roles: Sequence[SourceRole] = _COUNTED) -> float:
    """Power [W] of a resistive bias network: the rail voltage [V] times the sum of the settled bias currents."""
    settled = [float(source.waveform.at(_SETTLED)) for source in _sources(circuit, roles)]
    return rail * float(np.sum(np.abs(settled)))


def energy_report(
    traces: Traces,
    circuit: Circuit,
    *,
    start: float | None = None,
    stop: float | None = None,
    rail: float = RAIL,
    cooling_factor: float = COOLING_FACTOR,
) -> EnergyReport:
    """Report dynamic, static and cooled energy of a run; parameters as `bias_energy` and `static_power`."""
    times = traces.times
    duration = float((times[-1] if stop is None else stop) - (times[0] if start is None else start))
    return EnergyReport(
        dynamic=bias_energy(traces, circuit, start=start, stop=stop),
        static_power=static_power(circuit, rail),
        duration=duration,
        cooling_factor=cooling_factor,
        assumptions=(
            f"dynamic: work of the bias and tuning current sources over {duration:g} s; inputs are not counted",
            f"static: every bias and tuning current is fed from a rail of {rail:g} V through a resistor",
            f"cooling: {cooling_factor:g} W at room temperature for 1 W at 4.2 K (chosen)",
        ),
    )


def _sources(circuit: Circuit, roles: Sequence[SourceRole]) -> list[CurrentSource]:
    return [source for source in circuit.flatten().of_type(CurrentSource) if source.role in roles]


def _voltage(traces: Traces, node: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | float:
    return 0.0 if node == GROUND else traces[f"voltage({node})"]
