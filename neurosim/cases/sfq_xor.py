r"""Exclusive or on single-flux-quantum pulses: two inputs, a hidden layer of an OR and an AND neuron, one output.

::

    a ---+---> h1 (OR) ---+1, later---+
          \ /                         +---> o
          / \                         |
    b ---+---> h2 (AND) ------ -1 ----+

The AND neuron cancels what the OR neuron sends to the output. All weights are one pulse, and the connection that
excites the output has the longer delay, so that inhibition is there first.

Pulse coding: an active input sends one SFQ pulse, inputs of a pattern at the same time; one pattern a run; the
output's answer is 1 for one pulse and 0 for none.

References
----------
The network, accumulate-and-fire XOR on SFQ neurons, is of: G. Krylov, A. J. Edwards, J. S. Friedman, E. G. Friedman,
arXiv 2311.10721. Cells and parameters are this toolkit's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neurosim.cases.pattern_case import LEVELS, PatternCase
from neurosim.cases.pattern_result import CaseResult
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SFQNeuron, SpikeSource
from neurosim.stimuli import Stimulus, pulses

PATTERNS = {"00": (0,), "01": (1,), "10": (1,), "11": (0,)}
"""Inputs a and b, and the output that is wanted."""

PULSE_TIME = 20e-12
DURATION = 250e-12  # chosen: twice the latency of the circuit

# Pulse equivalents [chosen: the middle of what gives the widest margins on all bias and all critical currents].
OR_THRESHOLD = 0.68
AND_THRESHOLD = 1.5
OUTPUT_THRESHOLD = 0.7

LEAK_TIME = 40e-12  # of the storage branches of the neuron cell
INHIBITION_LEAD = 24e-12
"""Time [s] by which inhibition reaches the output before excitation [chosen: it lasts longer than that, and what delays
the AND neuron, such as one weak bias, must not make it late]."""


def network() -> Network:
    """Return the network: populations ``a``, ``b``, ``h1`` (OR), ``h2`` (AND) and ``o``, one neuron each."""

    def neuron(threshold: float) -> SFQNeuron:
        return SFQNeuron(threshold=threshold, leak_time=LEAK_TIME)

    return Network(
        name="sfq-xor",
        populations=[
            Population(name="a", size=1, neuron=SpikeSource()),
            Population(name="b", size=1, neuron=SpikeSource()),
            Population(name="h1", size=1, neuron=neuron(OR_THRESHOLD)),
            Population(name="h2", size=1, neuron=neuron(AND_THRESHOLD)),
            Population(name="o", size=1, neuron=neuron(OUTPUT_THRESHOLD)),
        ],
        projections=[
            *(Projection(pre=pre, post=post, weights=1.0) for pre in ("a", "b") for post in ("h1", "h2")),
            Projection(pre="h1", post="o", weights=1.0, delays=INHIBITION_LEAD),
            Projection(pre="h2", post="o", weights=-1.0),
        ],
    )


def stimulus(pattern: str) -> Stimulus:
    """Return the stimulus for a pattern such as ``"01"``: a pulse for each 1, both at the same time."""
    CASE.checked(pattern)
    return pulses(
        {name: [PULSE_TIME] if bit == "1" else [] for name, bit in zip("ab", pattern, strict=True)}, duration=DURATION
    )


def run(levels: Sequence[str] = LEVELS, **options: Any) -> CaseResult:
    """Run all four patterns; options as of `neurosim.cases.pattern_case.PatternCase.run`."""
    return CASE.run(levels, **options)


CASE = PatternCase(
    name="sfq-xor",
    summary="exclusive or: two inputs, OR and AND neurons, one output",
    network=network,
    stimulus=stimulus,
    expected=PATTERNS,
)
