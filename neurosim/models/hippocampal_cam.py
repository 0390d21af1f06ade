"""A spiking content-addressable memory after region CA3 of the hippocampus.

Cues are one-hot, contents are sets of bits. A cue recalls its content, and any bits of a content recall the cues that
hold at least one of them. Memories are written by showing cue and content for three steps; what was stored under the
cue before is forgotten. `VARIANTS` holds the paper's model and a corrected one, which also finds the cues that hold
all bits of a query.

References
----------
D. Casanueva-Morato, A. Ayuso-Martinez, J. P. Dominguez-Morales, A. Jimenez-Fernandez, G. Jimenez-Moreno, Bio-inspired
computational memory model of the Hippocampus: an approach to a neuromorphic spike-based Content-Addressable Memory,
Neural Networks 178, 106474 (2024), arXiv 2310.05868. Sizes, weights, delays and cell parameters are those of the
authors' public configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from neurosim.models.hippocampal_variants import (
    FAST,
    GATE_WEIGHT,
    INTERNEURON_WEIGHT,
    MS,
    READOUT,
    RELAY_WEIGHT,
    SLOW,
    WEIGHT,
    variant_named,
)
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from spice_models.errors import DescriptionError

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
"""In the paper's order; IN and OUT hold cues first, then bits. The corrected variant adds Gate and ContAll."""


def network(
    cues: int,
    bits: int,
    *,
    variant: str = "paper",
    plasticity: PairSTDP | None = None,
    weights: Mapping[str, NDArray[np.float64]] | None = None,
) -> Network:
    """Return the memory.

    Parameters
    ----------
    cues, bits : int
        Number of one-hot cues and of bits of a content; the paper has 5 x 10 and 16 x 6.
    variant : str
        ``"paper"`` or ``"corrected"``: a name of `VARIANTS`.
    plasticity : PairSTDP, optional
        Rule of both plastic projections in place of the variant's.
    weights : mapping of str to array, optional
        Weights of `STORE`, shape (cues, bits), and of `INDEX`, shape (bits, cues), at the start [A]; none is stored
        if not given.

    Raises
    ------
    DescriptionError
        For sizes below 1, weights of another shape and variants that do not exist.
    """
    parts = variant_named(variant)
    for what, size in (("cues", cues), ("bits", bits)):
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise DescriptionError(f"a memory needs at least one of {what}, a whole number, got {size!r}")
    sizes = {
        "CueCue": (cues, SLOW),
        "ContCue": (bits, SLOW),
        "ContCond": (bits, FAST),
        "ContCondInt": (1, FAST),
        "CueCont": (cues, parts.recalled_cue),
        "ContCont": (bits, SLOW),
        "MergeCue": (cues, SLOW),
        "MergeCont": (bits, SLOW),
        "OUT": (cues + bits, READOUT),
        **({"Gate": (1, FAST), "ContAll": (bits, FAST)} if parts.gated else {}),
    }
    lines = cues + bits + parts.gate_lines(bits)
    populations = [
        Population(name="IN", size=lines, neuron=SpikeSource()),
        *(Population(name=name, size=size, neuron=neuron) for name, (size, neuron) in sizes.items()),
    ]
    return Network(
        name=f"hippocampal_cam_{cues}x{bits}",
        populations=populations,
        projections=[
            *_pathways(cues, bits, lines, plasticity or parts.plasticity, weights or {}),
            *_inhibition(cues, bits, parts.inhibition),
            *_merging(cues, bits),
            *(_gating(cues, bits, lines) if parts.gated else []),
        ],
    )


def _pathways(
    cues: int, bits: int, lines: int, plasticity: PairSTDP, weights: Mapping[str, NDArray[np.float64]]
) -> list[Projection]:
    store, index = weights.get(STORE, np.zeros((cues, bits))), weights.get(INDEX, np.zeros((bits, cues)))
    one_cue, one_bit = scipy.sparse.eye_array(cues), scipy.sparse.eye_array(bits)
    into_cues = scipy.sparse.eye_array(lines, cues)
    into_bits = scipy.sparse.eye_array(lines, bits, k=-cues)
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
    return [
        Projection(pre=pre, post=post, weights=matrix, delays=delay * MS, plasticity=rule)
        for pre, post, matrix, delay, rule in joints
    ]


def _inhibition(cues: int, bits: int, sources: Sequence[tuple[str, int]]) -> list[Projection]:
    # as much as the bits of a content can excite a cue
    others = -WEIGHT * bits * (1.0 - np.eye(cues))
    names = [f"{pre}-|CueCont" for pre, _ in sources]
    return [
        Projection(
            pre=pre,
            post="CueCont",
            weights=others,
            delays=delay * MS,
            name=name if name not in names[:number] else f"{name} after {delay} ms",
        )
        for number, ((pre, delay), name) in enumerate(zip(sources, names, strict=True))
        if cues > 1
    ]


def _gating(cues: int, bits: int, lines: int) -> list[Projection]:
    """A search for all bits: each bit takes from every cue what it gives to those that hold it, the gate adds one.

    The lines after the gate add 1, 2, 4 ... more: as many bits may then be missing.
    """
    missing = scipy.sparse.lil_array((lines, cues))
    for digit in range(lines - cues - bits - 1):
        missing[cues + bits + 1 + digit] = WEIGHT * 2**digit
    joints = [
        ("IN", "Gate", WEIGHT * scipy.sparse.eye_array(lines, 1, k=-cues - bits), 1),
        ("Gate", "ContAll", GATE_WEIGHT, 1),
        ("ContCue", "ContAll", GATE_WEIGHT * scipy.sparse.eye_array(bits), 1),
        ("ContAll", "CueCont", -WEIGHT, 2),
        ("Gate", "CueCont", WEIGHT, 3),
        *([("IN", "CueCont", missing.tocsr(), 4)] if missing.nnz else []),
    ]
    return [Projection(pre=pre, post=post, weights=weights, delays=delay * MS) for pre, post, weights, delay in joints]


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
