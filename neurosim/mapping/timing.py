"""When pulses arrive on hardware: who waits for whom, and for how many stages of transmission line.

A described spike arrives at ``t + delay``. Hardware adds what splitters, synapses and neurons take, which must not
change the order of arrivals: every connection into a neuron is padded with transmission line stages until all of them
are late by one offset, that of the slowest, which gets no padding. What is left is at most half a stage. Offsets add
up from the inputs on; a neuron is counted with `NEURON_DELAY`, whatever drives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurosim.mapping.fan_out import Tree, balanced
from neurosim.neurons import SFQNeuron

if TYPE_CHECKING:
    from hardware.sfq.characteristics import Characteristics
    from neurosim.network import Network

NEURON_DELAY = 12e-12
"""Time [s] from the pulse that fires a neuron to its output [chosen: well above threshold].

It matters only where connections skip a layer, as it is the same for all neurons of one.
"""

Neuron = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A synapse of the description, and what the hardware makes of its weight."""

    projection: str
    pre: Neuron
    post: Neuron
    weight: int
    current: float
    delay: float
    synapse_delay: float


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Arrival offset of each neuron [s]; stages and what they leave [s] of each wish, by its number."""

    offsets: dict[Neuron, float]
    stages: list[int]
    errors: list[float]


def splitter_trees(wishes: Sequence[Wish]) -> dict[Neuron, Tree]:
    """Splitter tree of each neuron that sends; its leaves are numbers of wishes, the latest on the shortest ways."""
    sending: dict[Neuron, list[int]] = defaultdict(list)
    for k, wish in enumerate(wishes):
        sending[wish.pre].append(k)
    return {
        neuron: balanced({k: wishes[k].synapse_delay - wishes[k].delay for k in leaves})
        for neuron, leaves in sending.items()
    }


def padding(
    network: Network,
    order: Sequence[Neuron],
    wishes: Sequence[Wish],
    splitters: Mapping[int, int],
    characteristics: Characteristics,
) -> Timing:
    """Pad every wish; ``order`` has each neuron after all that send to it, ``splitters`` is by number of wish."""
    incoming: dict[Neuron, list[int]] = defaultdict(list)
    for k, wish in enumerate(wishes):
        incoming[wish.post].append(k)
    timing = Timing(offsets={}, stages=[0] * len(wishes), errors=[0.0] * len(wishes))
    leaving: dict[Neuron, float] = {}
    for neuron in order:
        model = network.population(neuron[0]).neuron
        if not isinstance(model, SFQNeuron):
            leaving[neuron] = characteristics.driver_delay
            continue
        late = {
            k: leaving[wishes[k].pre]
            + splitters[k] * characteristics.splitter_delay
            + wishes[k].synapse_delay
            - wishes[k].delay
            for k in incoming[neuron]
        }
        slowest = max(late.values(), default=0.0)
        for k, lateness in late.items():
            timing.stages[k] = round((slowest - lateness) / characteristics.line_delay)
            timing.errors[k] = lateness + timing.stages[k] * characteristics.line_delay - slowest
        timing.offsets[neuron] = slowest
        leaving[neuron] = slowest + NEURON_DELAY - model.delay
    return timing
