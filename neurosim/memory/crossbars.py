"""A hippocampal memory written to resistive crossbars: recalled and searched there, no longer taught."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.cost import ComponentCosts
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.layer import CrossbarLayer
from neurosim.discrete_neurons import DiscreteLIF
from neurosim.mapping.freezing import frozen
from neurosim.mapping.rram import place_layers
from neurosim.memory.contents import content_bits, cue_number
from neurosim.memory.hippocampal import HippocampalMemory
from neurosim.models.hippocampal_cam import INDEX, STORE, network
from neurosim.models.hippocampal_operations import (
    Answer,
    Operation,
    answers,
    expected_answers,
    stimulus,
    without_bit,
)
from neurosim.models.hippocampal_variants import WEIGHT
from neurosim.network import Network
from neurosim.run import Run
from neurosim.simulate import simulate
from spice_models.errors import DescriptionError


class CrossbarMemory:
    """What a `HippocampalMemory` has learned, on crossbars: content by cue on one, cue by content on the other.

    The cells are written once; every read draws its noise anew. All else of the network is exact. On cells of two
    levels a weight is on if it alone fires its neuron, so that what the paper's variant has half forgotten is off.

    Parameters
    ----------
    memory : HippocampalMemory
        What it holds now; learning more does not reach the crossbars.
    hardware : CrossbarHardware, optional
        Of both; cells of two levels if not given.
    seed : int
        Of what is written, and of noise.
    costs : ComponentCosts, optional
        For `energy`.

    Examples
    --------
    >>> memory = HippocampalMemory(4, 8)
    >>> memory.learn(1, {0, 3, 5})
    >>> written = CrossbarMemory(memory, hardware=CrossbarHardware(cell_bits=1, spread=0.1))
    >>> sorted(written.recall(1)), sorted(written.search({5}))
    ([0, 3, 5], [1])
    >>> 0 < written.energy < 1e-9
    True
    """

    def __init__(
        self,
        memory: HippocampalMemory,
        *,
        hardware: CrossbarHardware | None = None,
        seed: int = 0,
        costs: ComponentCosts | None = None,
    ) -> None:
        self.cues, self.bits, self.variant = memory.cues, memory.bits, memory.variant
        # The last bit is the hidden one, by which the memory forgets.
        blank = network(self.cues, self.bits + 1, variant=self.variant)
        chosen = CrossbarHardware(cell_bits=1) if hardware is None else hardware
        self.network = frozen(blank, _binary(blank, memory.weights) if chosen.cell_bits == 1 else memory.weights)
        both = dict.fromkeys((STORE, INDEX), chosen)
        self.layers: dict[str, CrossbarLayer] = place_layers(self.network, hardware=both, seed=seed)
        self.energy = 0.0
        """Of all reads so far [J]."""
        self.last_run: Run | None = None
        """With the spikes of the last call, and what its reads cost."""
        self._contents, self._costs = memory.contents, costs

    def recall(self, cue: int) -> frozenset[int]:
        """Return the bits that come out for a cue."""
        return self._one(Operation(kind="recall", time=0.0, cue=cue_number(cue))).got

    def search(self, content: Any, match: str | int = "any") -> frozenset[int]:
        """Return the cues that are found; parameters as of `HippocampalMemory.search`."""
        return self._one(Operation(kind="search", time=0.0, bits=content_bits(content, self.bits), match=match)).got

    def run(self, operations: Iterable[Operation]) -> tuple[Answer, ...]:
        """Play recalls and searches in one simulation, at their times [s].

        Raises
        ------
        DescriptionError
            For operations that write, and for cues and bits that the memory does not have.
        """
        schedule = tuple(operations)
        for operation in schedule:
            operation.check(self.cues, self.bits)
            if operation.kind not in ("recall", "search"):
                raise DescriptionError(
                    f"{operation.label!r}: a memory on crossbars is read only; change the HippocampalMemory and write "
                    "it again"
                )
        given = stimulus(schedule, self.cues, self.bits + 1, variant=self.variant)
        done = simulate(self.network, given, engine="crossbar", layers=self.layers, costs=self._costs)
        self.last_run = done
        self.energy += done.energy or 0.0
        expected = expected_answers(schedule, dict(self._contents))
        return tuple(
            without_bit(answer, self.bits) for answer in answers(schedule, expected, done.of("OUT"), self.cues)
        )

    def _one(self, operation: Operation) -> Answer:
        return self.run((operation,))[0]


def _binary(blank: Network, weights: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Weights that alone fire their neuron as full ones, all others as none."""
    found = {}
    for projection in blank.projections:
        name, neuron = str(projection.name), blank.population(projection.post).neuron
        if name in weights and isinstance(neuron, DiscreteLIF):
            found[name] = np.where(weights[name] >= neuron.firing_weight, WEIGHT, 0.0)
    return found
