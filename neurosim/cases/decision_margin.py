"""How firmly a circuit decides: how far a threshold current can be off before the output changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.mapping.netlist import START_UP, build_circuit
from neurosim.mapping.placement import PlacedNetwork
from neurosim.stimuli import Stimulus
from spice_models.elements import Junction
from spice_models.engines.native.engine import transient_batch

SEARCHED = 120e-6
"""Largest deviation that is tried [A]; a pulse of the synapse is worth about as much."""

RESOLUTION = 4e-6
"""Spacing of the deviations [A] [chosen: well below any margin that is worth having]."""


@dataclass(frozen=True, kw_only=True)
class DecisionMargin:
    """The least deviation of one neuron's threshold current that changes an output.

    Parameters
    ----------
    deviation : float
        [A], at most `SEARCHED`, found to `RESOLUTION`; outputs are still the same at it.
    relative : float
        The same over the critical current of that neuron's threshold junction [1].
    current : str or None
        Name of the current in the flattened circuit, such as ``"neuron_o.IT"``; None if none changes an output.
    up : bool
        Whether the current rises.
    """

    deviation: float
    relative: float
    current: str | None
    up: bool = True


def decision_margin(placed: PlacedNetwork, stimulus: Stimulus) -> DecisionMargin:
    """Scan every threshold current by itself, on the native engine.

    Parameters
    ----------
    placed : PlacedNetwork
    stimulus : Stimulus
        Margins belong to one stimulus.
    """
    circuit = build_circuit(placed, stimulus).flatten()
    steps = np.arange(1, round(SEARCHED / RESOLUTION) + 1) * RESOLUTION
    deviations = np.concatenate([[0.0], steps, -steps])
    found = []
    for neuron in placed.neurons:
        current, junction = f"{neuron.cell}.IT", circuit[f"{neuron.cell}.BN"]
        assert isinstance(junction, Junction)
        batch = transient_batch(
            circuit,
            duration=START_UP + stimulus.duration,
            scales={current: 1 + deviations / neuron.threshold_current},
        )
        counts = np.array([batch.slips[batch.row(output)] for output in placed.output_junctions])
        changed = np.any(counts != counts[:, :1], axis=0)[1:].reshape(2, len(steps))
        for up, side in zip((True, False), changed, strict=True):
            least = float(steps[int(np.argmax(side))] - RESOLUTION) if side.any() else SEARCHED
            relative = least / junction.critical_current
            name = current if side.any() else None
            found.append(DecisionMargin(deviation=least, relative=relative, current=name, up=up))
    return min(found, key=lambda margin: margin.deviation)
