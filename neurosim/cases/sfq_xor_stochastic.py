"""XOR in spike rates on noisy SFQ cells, with a hidden layer: weights and biases are currents.

Inputs are random trains: few pulses for 0, many for 1. Hidden neuron h1 is excited by a and inhibited by b, h2 the
other way round, so each fires only where its own input is the more active one. A merger brings both to the output
neuron. The answer is 1 where the output fires at more than a threshold rate over a window.

Rates, weights, thresholds and the circuit are ours, chosen by simulation; those of the paper were not at hand.

References
----------
A. J. Edwards, G. Krylov, J. S. Friedman, E. G. Friedman, "Harnessing stochasticity for superconductive multi-layer
spike-rate-coded neuromorphic networks", Neuromorph. Comput. Eng. 4, 014005 (2024), doi 10.1088/2634-4386/ad207a.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hardware.sfq.pulse_trains import random_train
from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE
from neurosim.cases.rate_case import RateCase
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.stimuli import Stimulus, pulses
from neurosim.stochastic import RateNeuron, StochasticSynapse, probability_current

INPUT_RATES: Mapping[str, float] = {"0": 2e9, "1": 20e9}
"""Mean rate of an input's train for each bit [Hz; chosen]."""

INPUT_DEAD_TIME = 25e-12
"""Least interval of an input's train [s; chosen: its driver takes 20 ps]."""

DECISION_RATE = 3e9
"""Output rate above which the answer is 1 [Hz; chosen: as many standard deviations from both classes, roughly]."""

WEIGHTS: Mapping[str, float] = {"excite": 0.98, "inhibit": 0.98, "output": 0.98}
"""Share of pulses that the synapses of each kind pass at 4.2 K, from which their currents follow [chosen]."""

THRESHOLDS: Mapping[str, float] = {"h1": 1.25, "h2": 1.25, "o": 1.1}
"""Thresholds of the neurons in pulses, from which their currents follow [chosen]."""

WIRE_DELAY = 20e-12
"""Splitter and synapse between two neurons, for the architecture level [s; from the measured delays]."""


def network(
    temperature: float = NOMINAL_TEMPERATURE,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    thresholds: Mapping[str, float] = THRESHOLDS,
) -> Network:
    """Return the network at a temperature [K]; the currents are always those that 4.2 K asks for.

    Parameters
    ----------
    weights : mapping
        Share of pulses that pass at 4.2 K for ``excite``, ``inhibit`` and ``output``, inside 0..1.
    thresholds : mapping
        Pulses for ``h1``, ``h2`` and ``o``.
    """
    synapse = {
        kind: StochasticSynapse(weight_current=probability_current(share, NOMINAL_TEMPERATURE), temperature=temperature)
        for kind, share in weights.items()
    }
    inputs = [Population(name=name, size=1, neuron=SpikeSource()) for name in ("a", "b")]
    neurons = [Population(name=n, size=1, neuron=RateNeuron(threshold=pulses)) for n, pulses in thresholds.items()]
    joints = (
        ("a", "h1", 1.0, "excite"),
        ("a", "h2", -1.0, "inhibit"),
        ("b", "h1", -1.0, "inhibit"),
        ("b", "h2", 1.0, "excite"),
        ("h1", "o", 1.0, "output"),
        ("h2", "o", 1.0, "output"),
    )
    projections = [
        Projection(pre=pre, post=post, weights=sign, delays=WIRE_DELAY, synapse=synapse[kind])
        for pre, post, sign, kind in joints
    ]
    return Network(name="sfq_xor_stochastic", populations=[*inputs, *neurons], projections=projections)


def stimulus(pattern: str, *, duration: float, generator: np.random.Generator) -> Stimulus:
    """Draw the trains of a pattern, such as ``"01"`` for a at the low rate and b at the high one."""
    trains = {
        name: random_train(INPUT_RATES[bit], duration, INPUT_DEAD_TIME, generator)
        for name, bit in zip(("a", "b"), pattern, strict=True)
    }
    return pulses(trains, duration=duration)


CASE = RateCase(
    name="sfq-xor-stochastic",
    summary="XOR in spike rates on noisy SFQ synapses, with a hidden layer",
    network=network,
    stimulus=stimulus,
    expected={"00": 0, "01": 1, "10": 1, "11": 0},
    output="o",
    decision_rate=DECISION_RATE,
)
