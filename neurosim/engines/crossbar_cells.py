"""Populations of neurons that advance in steps and take up what crossbars deliver: one class a neuron model."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Population
from neurosim.neurons import LIF
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


class Cells(Protocol):
    """What the engine asks of a population."""

    v: Floats
    """State [in its unit], one a neuron."""

    first_step: ClassVar[int]
    """Steps between a spike with the shortest delay and the step at whose end it must have been added."""

    def advance(self, k: int) -> NDArray[np.bool_]:
        """Take step ``k`` up to the threshold; returns who spiked."""

    def add(self, excitation: Floats, inhibition: Floats) -> None:
        """Take up what arrives at the end of a step: sums of the weights of either sign, as magnitudes."""

    def finish(self) -> None:
        """End the step."""


class LIFCells:
    """Neurons of `LIF`: what arrives is added to v at once."""

    first_step: ClassVar[int] = 0

    def __init__(self, population: Population, stimulus: Stimulus, dt: float) -> None:
        self._neuron: LIF = population.neuron  # type: ignore[assignment]
        self._dt, self._current = dt, stimulus.currents.get(population.name)
        self._kept = math.exp(-dt / self._neuron.tau)
        # Rounded as Brian2 does, which allows for a thousandth of a step.
        self._held = int((self._neuron.refractory + 1e-3 * dt) / dt)
        initial = self._neuron.initial
        self.v = np.full(population.size, self._neuron.rest if initial is None else initial)
        self._last = np.full(population.size, -(2**62), dtype=np.int64)
        self._free = np.ones(population.size, dtype=bool)
        self._fired = np.zeros(population.size, dtype=bool)

    def advance(self, k: int) -> NDArray[np.bool_]:
        """Take step ``k`` up to the threshold; returns who spiked."""
        neuron = self._neuron
        final = neuron.rest + neuron.resistance * self._drive(k * self._dt)
        self._free = k - self._last >= self._held
        self.v = np.where(self._free, final + (self.v - final) * self._kept, self.v)
        self._fired = self._free & (self.v > neuron.threshold)
        self._last[self._fired] = k
        if neuron.refractory > 0:
            self._free = self._free & ~self._fired
        return self._fired

    def add(self, excitation: Floats, inhibition: Floats) -> None:
        """Take up what arrives, unless refractory."""
        self.v = np.where(self._free, self.v + (excitation - inhibition), self.v)

    def finish(self) -> None:
        """Reset those that spiked."""
        self.v = np.where(self._fired, self._neuron.reset, self.v)

    def _drive(self, now: float) -> Floats | float:
        trace = self._current
        if trace is None:
            return 0.0
        sample = math.floor((now - trace.start) / trace.dt + 1e-6)
        return np.asarray(trace.values[:, sample]) if 0 <= sample < trace.values.shape[1] else 0.0


class DiscreteLIFCells:
    """Neurons of `DiscreteLIF`: what arrives waits for the update of the next step."""

    first_step: ClassVar[int] = 1

    def __init__(self, population: Population, stimulus: Stimulus, dt: float) -> None:
        self._neuron: DiscreteLIF = population.neuron  # type: ignore[assignment]
        if abs(dt / self._neuron.step - 1) > 1e-9:
            raise DescriptionError(
                f"DiscreteLIF of population {population.name!r} advances in steps of {self._neuron.step:g} s and "
                f"cannot run in steps of {dt:g} s: give all of them one step, and dt= that step or nothing"
            )
        size, initial = population.size, self._neuron.initial
        self.v = np.full(size, self._neuron.rest if initial is None else initial)
        # Excitation and inhibition, one row each.
        self._scales = np.array(self._neuron.current_scales)[:, np.newaxis]
        self._kept = np.array(self._neuron.kept_currents)[:, np.newaxis]
        self._kept_potential, self._resistance = self._neuron.kept_potential, self._neuron.resistance
        self._currents, self._arrived = np.zeros((2, size)), np.zeros((2, size))
        self._hold = np.zeros(size, dtype=np.int64)
        self._any_held = self._any_arrived = False

    def advance(self, k: int) -> NDArray[np.bool_]:
        """Take step ``k``: currents, potential, threshold, reset, decay; returns who spiked."""
        neuron = self._neuron
        if self._any_arrived:
            self._currents += self._scales * self._arrived
            self._arrived[:] = 0.0
            self._any_arrived = False
        final = neuron.rest + self._resistance * (self._currents[0] - self._currents[1])
        v = final - self._kept_potential * (final - self.v)
        if self._any_held:
            v = np.where(self._hold > 0, self.v, v)
            self._hold = np.maximum(self._hold - 1, 0)
            self._any_held = bool(self._hold.any())
        fired = v >= neuron.threshold
        if fired.any():
            v[fired] = neuron.reset
            self._hold[fired] = neuron.held_steps
            self._any_held = True
        self.v = v
        self._currents *= self._kept
        return np.asarray(fired)

    def add(self, excitation: Floats, inhibition: Floats) -> None:
        """Keep what arrives for the next step."""
        self._arrived[0] += excitation
        self._arrived[1] += inhibition
        self._any_arrived = True

    def finish(self) -> None:
        """Nothing is left to do: the update ends with the reset."""


CELLS: dict[type[Any], type[LIFCells] | type[DiscreteLIFCells]] = {LIF: LIFCells, DiscreteLIF: DiscreteLIFCells}
"""Classes of cells by neuron model."""
