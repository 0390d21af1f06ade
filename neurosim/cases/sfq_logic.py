"""OR, majority and AND of three inputs: three output neurons that differ in their thresholds alone.

Every input excites every output with one pulse; the outputs ``or``, ``majority`` and ``and`` fire from one, two and
three simultaneous pulses on. Coding as in `neurosim.cases.sfq_xor`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from neurosim.cases.pattern_case import LEVELS, PatternCase
from neurosim.cases.pattern_result import CaseResult
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SFQNeuron, SpikeSource
from neurosim.stimuli import Stimulus, pulses

THRESHOLDS = {"or": 0.74, "majority": 1.5, "and": 2.3}
"""Pulse equivalents [chosen: the middle of what gives the widest margins on all bias and all critical currents]."""

PATTERNS = {
    "".join(map(str, bits)): tuple(int(sum(bits) > threshold) for threshold in THRESHOLDS.values())
    for bits in product((0, 1), repeat=3)
}
"""The three inputs, and what is wanted of ``or``, ``majority`` and ``and``."""

PULSE_TIME = 20e-12
DURATION = 200e-12
LEAK_TIME = 40e-12  # of the storage branches of the neuron cell


def network() -> Network:
    """Return the network: population ``x`` of three inputs, and ``or``, ``majority`` and ``and`` of one neuron each."""
    outputs = [
        Population(name=name, size=1, neuron=SFQNeuron(threshold=threshold, leak_time=LEAK_TIME))
        for name, threshold in THRESHOLDS.items()
    ]
    return Network(
        name="sfq-logic",
        populations=[Population(name="x", size=3, neuron=SpikeSource()), *outputs],
        projections=[Projection(pre="x", post=name, weights=1.0) for name in THRESHOLDS],
    )


def stimulus(pattern: str) -> Stimulus:
    """Return the stimulus for a pattern such as ``"011"``: a pulse for each 1, all at the same time."""
    CASE.checked(pattern)
    return pulses({"x": [[PULSE_TIME] if bit == "1" else [] for bit in pattern]}, duration=DURATION)


def run(levels: Sequence[str] = LEVELS, **options: Any) -> CaseResult:
    """Run all eight patterns; options as of `neurosim.cases.pattern_case.PatternCase.run`."""
    return CASE.run(levels, **options)


CASE = PatternCase(
    name="sfq-logic",
    summary="OR, majority and AND of three inputs by thresholds alone",
    network=network,
    stimulus=stimulus,
    expected=PATTERNS,
)
