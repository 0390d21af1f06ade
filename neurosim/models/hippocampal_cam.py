"""A spiking content-addressable memory after region CA3 of the hippocampus.

Cues are one-hot, contents are sets of bits. A cue recalls its content, and any bits of a content recall the cues that
hold at least one of them. Memories are written by showing cue and content for three steps; what was stored under the
cue before is forgotten.

References
----------
D. Casanueva-Morato, A. Ayuso-Martinez, J. P. Dominguez-Morales, A. Jimenez-Fernandez, G. Jimenez-Moreno, Bio-inspired
computational memory model of the Hippocampus: an approach to a neuromorphic spike-based Content-Addressable Memory,
Neural Networks 178, 106474 (2024), arXiv 2310.05868. Sizes, weights, delays and cell parameters are those of the
authors' public configuration; `PLASTICITY` is the one reading of it that gives their recordings spike by spike.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from spice_models.errors import DescriptionError

MS, NA = 1e-3, 1e-9

SLOW = DiscreteLIF(capacitance=0.27e-9, tau=3e-3)
FAST = DiscreteLIF(capacitance=0.14e-9, tau=0.5e-3)
READOUT = DiscreteLIF(capacitance=0.27e-9, tau=3e-3, threshold=-57.5e-3)
"""Cells of the pathways, of relays and recalled cues, and of the output."""

WEIGHT = 6 * NA
RELAY_WEIGHT = 9 * NA
INTERNEURON_WEIGHT = 2 * NA
"""Weights [A]: of nearly all synapses, of recalled contents into the relay, and of the interneuron into the relay."""

PLASTICITY = PairSTDP(
    tau_plus=3 * MS,
    tau_minus=3 * MS,
    amplitude_plus=6 * NA,
    amplitude_minus=6 * NA,
    low=0.0,
    high=6 * NA,
    post_delay=1 * MS,
)
"""Anything from 5.44 to 6.48 nA of amplitude gives the same spikes in the paper's experiments."""

WINDOW = 0.15 * MS
"""Time constant of `COINCIDENCE` [s; chosen: two steps apart changes a weight by 0.13 % of what one step does]."""

COINCIDENCE = dataclasses.replace(
    PLASTICITY, tau_plus=WINDOW, tau_minus=WINDOW, amplitude_plus=WEIGHT * math.exp(1 * MS / WINDOW)
)
"""A rule of ours for the same network: spikes change a weight, by all of it, where they meet within one step."""

STORE, INDEX = "CueCue->ContCue", "ContCont->CueCont"
"""The plastic projections: content by cue, and cue by content."""

POPULATIONS = (
    "IN",
    "CueCue",
    "ContCue",
    "ContCond",
    "ContCondInt",
    "CueCont",
    "ContCont",
    "MergeCue",
    "MergeCont",
    "OUT",
)
"""In the paper's order; IN and OUT hold cues first, then bits."""


def network(
    cues: int,
    bits: int,
    *,
    plasticity: PairSTDP = PLASTICITY,
    weights: Mapping[str, NDArray[np.float64]] | None = None,
) -> Network:
    """Return the memory.

    Parameters
    ----------
    cues, bits : int
        Number of one-hot cues and of bits of a content; the paper has 5 x 10 and 16 x 6.
    plasticity : PairSTDP
        Rule of both plastic projections.
    weights : mapping of str to array, optional
        Weights of `STORE`, shape (cues, bits), and of `INDEX`, shape (bits, cues), at the start [A]; none is stored
        if not given.

    Raises
    ------
    DescriptionError
        For sizes below 1 and weights of another shape.
    """
    for what, size in (("cues", cues), ("bits", bits)):
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise DescriptionError(f"a memory needs at least one of {what}, a whole number, got {size!r}")
    sizes = {
        "CueCue": (cues, SLOW),
        "ContCue": (bits, SLOW),
        "ContCond": (bits, FAST),
        "ContCondInt": (1, FAST),
        "CueCont": (cues, FAST),
        "ContCont": (bits, SLOW),
        "MergeCue": (cues, SLOW),
        "MergeCont": (bits, SLOW),
        "OUT": (cues + bits, READOUT),
    }
    populations = [
        Population(name="IN", size=cues + bits, neuron=SpikeSource()),
        *(Population(name=name, size=size, neuron=neuron) for name, (size, neuron) in sizes.items()),
    ]
    return Network(
        name=f"hippocampal_cam_{cues}x{bits}",
        populations=populations,
        projections=[*_pathways(cues, bits, plasticity, weights or {}), *_merging(cues, bits)],
    )


def _pathways(
    cues: int, bits: int, plasticity: PairSTDP, weights: Mapping[str, NDArray[np.float64]]
) -> list[Projection]:
    store, index = weights.get(STORE, np.zeros((cues, bits))), weights.get(INDEX, np.zeros((bits, cues)))
    one_cue, one_bit = scipy.sparse.eye_array(cues), scipy.sparse.eye_array(bits)
    others = -WEIGHT * bits * (1.0 - np.eye(cues))
    into_cues = scipy.sparse.eye_array(cues + bits, cues)
    into_bits = scipy.sparse.eye_array(cues + bits, bits, k=-cues)
    joints = (
        ("IN", "CueCue", WEIGHT * into_cues, 1, None),
        ("IN", "ContCue", WEIGHT * into_bits, 1, None),
        ("CueCue", "ContCue", store, 1, plasticity),
        ("CueCue", "ContCond", -WEIGHT, 2, None),
        ("ContCue", "ContCond", RELAY_WEIGHT * one_bit, 1, None),
        ("ContCue", "ContCondInt", WEIGHT, 1, None),
        ("ContCondInt", "ContCond", INTERNEURON_WEIGHT, 1, None),
        ("ContCond", "ContCont", WEIGHT * one_bit, 1, None),
        ("ContCont", "CueCont", index, 1, plasticity),
        ("CueCue", "CueCont", WEIGHT * one_cue, 2, None),
    )
    inhibition = [
        Projection(pre=pre, post="CueCont", weights=others, delays=delay * MS, name=f"{pre}-|CueCont")
        for pre, delay in (("CueCue", 3), ("CueCont", 2))
    ]
    made = [
        Projection(pre=pre, post=post, weights=matrix, delays=delay * MS, plasticity=rule)
        for pre, post, matrix, delay, rule in joints
    ]
    return made + (inhibition if cues > 1 else [])


def _merging(cues: int, bits: int) -> list[Projection]:
    cue, bit = WEIGHT * scipy.sparse.eye_array(cues), WEIGHT * scipy.sparse.eye_array(bits)
    joints = (
        ("CueCue", "MergeCue", cue, 3),
        ("ContCue", "MergeCont", bit, 3),
        ("CueCont", "MergeCue", cue, 1),
        ("ContCont", "MergeCont", bit, 1),
        ("MergeCue", "OUT", WEIGHT * scipy.sparse.eye_array(cues, cues + bits), 1),
        ("MergeCont", "OUT", WEIGHT * scipy.sparse.eye_array(bits, cues + bits, k=cues), 1),
    )
    return [Projection(pre=pre, post=post, weights=weights, delays=delay * MS) for pre, post, weights, delay in joints]
