"""How firmly a circuit decides: how far a threshold current can be off before the output changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosim.mapping.netlist import START_UP, build_circuit
from neurosim.mapping.placement import PlacedNetwork
from neurosim.stimuli import Stimulus
from spice_models.circuit import Circuit
from spice_models.elements import Junction
from spice_models.engines.native.engine import transient_batch

SEARCHED = 120e-6
"""Largest deviation that is tried [A]; a pulse of the synapse is worth about as much."""

RESOLUTION = 4e-6
"""Spacing of the deviations [A] [chosen: well below any margin that is worth having]."""

STAGE = 8
"""Deviations of each current that are tried before it is looked whether an output has changed [chosen]."""


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


@dataclass(frozen=True)
class _Direction:
    """One threshold current, moved one way."""

    current: str
    nominal: float  # [A]
    critical_current: float  # of the threshold junction [A]
    up: bool

    def factor(self, deviation: float) -> float:
        """Factor of the current at a deviation [A]."""
        return 1 + (deviation if self.up else -deviation) / self.nominal


def decision_margin(placed: PlacedNetwork, stimulus: Stimulus) -> DecisionMargin:
    """Move every threshold current by itself, on the native engine, further and further until an output changes.

    Parameters
    ----------
    placed : PlacedNetwork
    stimulus : Stimulus
        Margins belong to one stimulus.
    """
    circuit = build_circuit(placed, stimulus).flatten()
    directions = list(_directions(placed, circuit))
    wanted = _counts(placed, circuit, stimulus, {})
    for first in range(0, round(SEARCHED / RESOLUTION), STAGE):
        steps = range(first + 1, min(first + STAGE, round(SEARCHED / RESOLUTION)) + 1)
        tried = [(step, direction) for step in steps for direction in directions]
        scales = {d.current: np.ones(len(tried)) for d in directions}
        for variant, (step, direction) in enumerate(tried):
            scales[direction.current][variant] = direction.factor(step * RESOLUTION)
        changed = np.any(_counts(placed, circuit, stimulus, scales) != wanted, axis=0)
        if changed.any():
            step, direction = tried[int(np.argmax(changed))]
            least = (step - 1) * RESOLUTION
            return DecisionMargin(
                deviation=least,
                relative=least / direction.critical_current,
                current=direction.current,
                up=direction.up,
            )
    largest = max(direction.critical_current for direction in directions)
    return DecisionMargin(deviation=SEARCHED, relative=SEARCHED / largest, current=None)


def _directions(placed: PlacedNetwork, circuit: Circuit) -> Iterator[_Direction]:
    for neuron in placed.neurons:
        junction = circuit[f"{neuron.cell}.BN"]
        assert isinstance(junction, Junction)
        for up in (True, False):
            yield _Direction(f"{neuron.cell}.IT", neuron.threshold_current, junction.critical_current, up)


def _counts(
    placed: PlacedNetwork, circuit: Circuit, stimulus: Stimulus, scales: dict[str, NDArray[np.float64]]
) -> NDArray[np.int64]:
    """Pulses of each output in each variant, shape (outputs, variants)."""
    batch = transient_batch(circuit, duration=START_UP + stimulus.duration, scales=scales)
    return np.array([batch.slips[batch.row(output)] for output in placed.output_junctions])
