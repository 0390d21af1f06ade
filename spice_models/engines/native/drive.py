"""What drives a circuit, sampled stretch by stretch: source currents, and fluxes known through voltage sources."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.elements import CurrentSource, VoltageSource
from spice_models.engines.native.assemble import KAPPA, System
from spice_models.waveforms import Waveform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Drive:
    """The sources of a circuit as shapes over the steps and the nodes that they act on.

    A voltage source acts through its flux on inductors, its voltage on resistors and its slope on capacitors. It starts
    from zero as everything does: one that has a value at time zero jumps there within the first step.
    """

    def __init__(self, circuit: Circuit, system: System, step: float) -> None:
        self._step = step
        self._voltages: list[Waveform] = [e.waveform for e in circuit if isinstance(e, VoltageSource)]
        self._flux = np.zeros(len(self._voltages))  # at the end of the last stretch [rad]
        self._junction_known = system.junction_known
        self._any_known = any(system.junction_known)
        waveforms = {e.name: e.waveform for e in circuit if isinstance(e, CurrentSource)}
        self._currents: list[Waveform] = []
        number: dict[object, int] = {}
        nodes: list[int] = []
        shape: list[int] = []
        scale: list[Floats] = []
        for node, name, factor in system.injections:
            waveform = waveforms[name]
            key = waveform if isinstance(waveform, Hashable) else id(waveform)
            if key not in number:
                number[key] = len(self._currents)
                self._currents.append(waveform)
            nodes.append(node)
            shape.append(number[key])
            scale.append(factor)
        for source in range(len(self._voltages)):
            for part, driven in enumerate(system.driven):
                entries = [(node, value) for node, which, value in driven if which == source]
                nodes += [node for node, _ in entries]
                shape += [len(self._currents) + 3 * source + part] * len(entries)
                scale += [-value for _, value in entries]
        self.nodes: Ints = np.array(nodes, dtype=np.int64)
        self.shape: Ints = np.array(shape, dtype=np.int64)
        self.scale: Floats = np.array(scale).reshape(-1, system.variants)

    def stretch(self, start: int, steps: int) -> tuple[Floats, Floats]:
        """Sample the next stretch; stretches are asked for in order.

        Returns
        -------
        shapes : array, shape (shapes, steps)
        offset : array, shape (junctions, steps) or (junctions, 0)
            Known part of each junction's phase at mid-step [rad].
        """
        middles = (start + np.arange(steps) + 0.5) * self._step
        rows = [np.asarray(waveform.at(middles)) for waveform in self._currents]
        fluxes = []
        for source, waveform in enumerate(self._voltages):
            ends = _voltage_at_ends(waveform, start, steps, self._step)
            flux, self._flux[source] = known_flux(waveform, start, steps, self._step, self._flux[source])
            rows += [np.diff(ends) / self._step / KAPPA, np.asarray(waveform.at(middles)) / KAPPA, flux]
            fluxes.append(flux)
        shapes = np.array(rows).reshape(-1, steps)
        if not self._any_known:
            return shapes, np.zeros((len(self._junction_known), 0))
        offset = np.zeros((len(self._junction_known), steps))
        for row, known in enumerate(self._junction_known):
            for source, weight in known:
                offset[row] += weight * fluxes[source]
        return shapes, offset


def known_flux(
    waveform: Waveform, start: int, steps: int, step: float, before: float, *, ends: bool = False
) -> tuple[Floats, float]:
    """Flux of a voltage source at the middles (or ends) of steps, and at the end of the last [rad].

    Simpson on half steps.

    ``before`` is the flux at the beginning of step number ``start``.
    """
    halves = np.asarray(waveform.at((start + np.arange(2 * steps + 1) / 2) * step))
    quarters = np.asarray(waveform.at((start + np.arange(2 * steps) / 2 + 0.25) * step))
    parts = (halves[:-1] + 4 * quarters + halves[1:]) * (step / 12 / KAPPA)
    total = before + np.cumsum(parts)
    return total[1::2] if ends else total[::2], float(total[-1])


def _voltage_at_ends(waveform: Waveform, start: int, steps: int, step: float) -> Floats:
    ends: Floats = np.array(waveform.at((start + np.arange(steps + 1)) * step), dtype=float)
    if start == 0:
        ends[0] = 0.0
    return ends
