"""The pulse-level stochastic synapse: each pulse passes or is blocked, drawn with the measured probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardware.sfq.decision_law import DecisionLaw
from hardware.sfq.pulse_circuit import Pulse, Reaction


@dataclass(frozen=True, kw_only=True)
class StochasticSynapse:
    """Passes a pulse after ``delay`` with probability ``law.probability(weight_current)``, else blocks it.

    Draws are independent of each other: the circuit's are as well, at intervals of 25 ps and more (measured).

    Parameters
    ----------
    weight_current : float
        [A].
    law : DecisionLaw
        At the temperature of the circuit.
    delay : float
        From input to output [s].
    seed : int or SeedSequence
        Every run of this cell draws the same numbers.
    energy_in, energy_out : float
        Energy from the bias sources for each pulse in, and each that passes besides [J].
    """

    weight_current: float
    law: DecisionLaw
    delay: float
    seed: int | np.random.SeedSequence = 0
    energy_in: float = 0.0
    energy_out: float = 0.0
    inputs: tuple[str, ...] = ("input",)
    outputs: tuple[str, ...] = ("output",)

    def start(self) -> StochasticSynapseState:
        """Return the state at rest."""
        return StochasticSynapseState(self)


class StochasticSynapseState:
    """One stochastic synapse in one run; ``passed`` and ``blocked`` add up to the pulses that entered."""

    def __init__(self, model: StochasticSynapse) -> None:
        self.energy = 0.0
        self.margin = float("inf")
        self.passed = 0
        self.blocked = 0
        self._model = model
        self._probability = float(model.law.probability(model.weight_current))
        self._generator = np.random.default_rng(model.seed)

    def receive(self, port: str, time: float) -> Reaction:
        """Take a pulse at the input."""
        self.energy += self._model.energy_in
        if self._generator.random() >= self._probability:
            self.blocked += 1
            return ()
        self.passed += 1
        self.energy += self._model.energy_out
        return (Pulse("output", time + self._model.delay),)

    def wake(self, token: int, time: float) -> Reaction:
        """Nothing was asked for."""
        return ()
