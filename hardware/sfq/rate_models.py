"""From the cells of a rate-coded network to their pulse-level models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hardware.sfq.pulse_circuit import CellModel
from hardware.sfq.pulse_models import bias_energy
from hardware.sfq.rate_neuron import RateNeuron
from hardware.sfq.stochastic_data import StochasticData
from hardware.sfq.stochastic_synapse import StochasticSynapse
from spice_models.cells.library import cell as build_cell
from spice_models.errors import unknown_name

KINDS = ("stochastic_synapse", "sfq_neuron")


def rate_model(
    kind: str,
    parameters: Mapping[str, float],
    data: StochasticData,
    *,
    temperature: float,
    seed: int | np.random.SeedSequence,
) -> CellModel:
    """Return the model of a `stochastic_synapse`, or of an `sfq_neuron` built as a rate neuron.

    Raises
    ------
    UnknownNameError
        For another cell.
    """
    if kind not in KINDS:
        raise unknown_name("model of a rate-coded cell", kind, KINDS)
    cell = build_cell(kind, **parameters)
    if kind == "stochastic_synapse":
        return StochasticSynapse(
            weight_current=parameters["weight_current"],
            law=data.synapse.law(temperature),
            delay=data.synapse_delay,
            seed=seed,
            energy_in=bias_energy(cell, only=("d",)),
            energy_out=bias_energy(cell, without=("d",)),
        )
    return RateNeuron(
        threshold_current=parameters["threshold_current"],
        data=data.neuron,
        temperature=temperature,
        seed=seed,
        energy_excitation=bias_energy(cell, only=("d1",)),
        energy_inhibition=bias_energy(cell, only=("h1",)),
        energy_spike=bias_energy(cell, without=("d1", "h1")),
    )
