"""Probabilistic transmission in Brian2: each spike that arrives at a synapse passes or is blocked.

Draws are not taken from Brian2's generator but computed from a key of the synapse and the number of spikes it has had,
so that a copy of a network draws the same numbers whatever runs beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import brian2
import numpy as np
from numpy.typing import NDArray

from neurosim.engines.brian2.parts import SynapseCode
from neurosim.stochastic import StochasticSynapse
from spice_models.errors import EngineError

MODEL = "probability : 1\nkey : 1\nspikes_had : 1\n"
"""Variables of a synapse that transmits with a probability; ``key`` holds a whole number below 2^53."""


def drawn(key: Any, count: Any) -> NDArray[np.float64]:
    """Return a number in 0..1 for each key and count: the finaliser of SplitMix64 on their combination.

    References
    ----------
    G. L. Steele, D. Lea, C. H. Flood, Proc. OOPSLA 2014, 453, doi 10.1145/2660193.2660195.
    """
    keys, counts = (np.asarray(value, dtype=np.float64).astype(np.uint64) for value in (key, count))
    with np.errstate(over="ignore"):
        z = (keys << np.uint64(11)) + (counts + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    result: NDArray[np.float64] = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return result


def transmitting(code: SynapseCode, synapse: Any) -> SynapseCode:
    """Return the code of a synapse that multiplies its weight by 0 or 1, drawn at each spike; others as they are.

    Raises
    ------
    EngineError
        With a code generation target other than numpy, for which the draws are not written.
    """
    if not isinstance(synapse, StochasticSynapse):
        return code
    if brian2.prefs.codegen.target != "numpy":
        raise EngineError("stochastic synapses run with target='numpy' of the brian2 engine only")
    function = brian2.Function(drawn, arg_units=[1, 1], return_unit=1, arg_names=["key", "count"])
    on_pre = "passed = int(drawn(key, spikes_had) < probability)\nspikes_had += 1\n"
    return replace(
        code,
        model=f"{MODEL}{code.model}",
        on_pre=on_pre + re.sub(r"\bw\b", "(w*passed)", code.on_pre),
        namespace={**code.namespace, "drawn": function},
    )


def set_transmission(synapses: Any, synapse: Any, *, seeds: Sequence[int], number: int, per_copy: int) -> None:
    """Give each Brian2 synapse of a projection its probability and its key.

    Parameters
    ----------
    synapses : brian2.Synapses
        Connected; the synapses of one copy of the network follow each other, copy by copy, layer by layer.
    synapse : object
        Hardware of the projection; anything but a `StochasticSynapse` is left alone.
    seeds : sequence of int
        One a copy.
    number : int
        Of the projection in its network.
    per_copy : int
        Synapses of the projection in one copy.
    """
    if not isinstance(synapse, StochasticSynapse):
        return
    layers = len(synapses) // (per_copy * len(seeds))
    keys = [
        np.random.SeedSequence([seed, number, layer]).generate_state(per_copy, np.uint64) >> np.uint64(11)
        for layer in range(layers)
        for seed in seeds
    ]
    synapses.key_ = np.concatenate(keys).astype(np.float64)
    synapses.probability_ = synapse.probability
