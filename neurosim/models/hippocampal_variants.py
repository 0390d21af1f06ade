"""Cells, weights and rules of the hippocampal memory: the paper's, and ours where the corrected variant differs.

References
----------
D. Casanueva-Morato et al., Neural Networks 178, 106474 (2024), arXiv 2310.05868: values without "chosen" are those of
the authors' public configuration; `PLASTICITY` is the one reading of it that gives their recordings spike by spike.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.plasticity import PairSTDP
from spice_models.errors import unknown_name

MS, NA = 1e-3, 1e-9

SLOW = DiscreteLIF(capacitance=0.27e-9, tau=3e-3)
FAST = DiscreteLIF(capacitance=0.14e-9, tau=0.5e-3)
READOUT = DiscreteLIF(capacitance=0.27e-9, tau=3e-3, threshold=-57.5e-3)
"""Cells of the pathways, of relays and recalled cues, and of the output."""

BRISK = DiscreteLIF(capacitance=0.08e-9, tau=0.25e-3)
"""Cell of recalled cues in the corrected variant [chosen]: fires at the weight at which `FAST` does, within 1 %, and
forgets inhibition faster: after three steps 9e-5 of its peak is left, against 3e-3."""

WEIGHT = 6 * NA
RELAY_WEIGHT = 9 * NA
INTERNEURON_WEIGHT = 2 * NA
"""Weights [A]: of nearly all synapses, of recalled contents into the relay, and of the interneuron into the relay."""

GATE_WEIGHT = 2 * NA
"""Weight [A; chosen]: two spikes fire a cell of ContAll, one, or two that are not of the same step, do not."""

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

WINDOW = 0.03 * MS
"""Time constant of `COINCIDENCE` [s; chosen: each further step divides a change by 3e14]."""

COINCIDENCE = dataclasses.replace(
    PLASTICITY, tau_plus=WINDOW, tau_minus=WINDOW, amplitude_plus=WEIGHT * math.exp(1 * MS / WINDOW)
)
"""A rule of ours: spikes change a weight, by all of it, where they meet at the synapse within one step of 1 ms."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What one variant of the memory has where they differ.

    Parameters
    ----------
    plasticity : PairSTDP
        Rule of both plastic projections.
    recalled_cue : DiscreteLIF
        Cell of CueCont.
    inhibition : tuple of (str, int)
        Population and delay [ms] of each projection that inhibits all cells of CueCont but the own one.
    gated : bool
        Whether it has a gate: one more line of IN, last, with which a search asks for all bits.
    safe_spacing : float
        From one operation to the next [s]; measured.
    """

    plasticity: PairSTDP
    recalled_cue: DiscreteLIF
    inhibition: tuple[tuple[str, int], ...]
    gated: bool
    safe_spacing: float


VARIANTS: Mapping[str, Variant] = {
    "paper": Variant(
        plasticity=PLASTICITY,
        recalled_cue=FAST,
        inhibition=(("CueCue", 3), ("CueCont", 2)),
        gated=False,
        safe_spacing=14 * MS,
    ),
    "corrected": Variant(
        plasticity=COINCIDENCE,
        recalled_cue=BRISK,
        inhibition=(("CueCue", 3), ("CueCue", 4)),
        gated=True,
        safe_spacing=7 * MS,
    ),
}


def variant_named(name: str) -> Variant:
    """Return a variant; raises `UnknownNameError` with the nearest spelling."""
    if name not in VARIANTS:
        raise unknown_name("variant", name, VARIANTS, " of the memory")
    return VARIANTS[name]
