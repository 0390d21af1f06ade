"""Cost of one input vector through a layer: its converters and drivers counted, the power of its arrays solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import ComponentCosts, CrossbarCost, crossbar_cost
from hardware.rram.arguments import whole
from hardware.rram.layers.converters import MOST_BITS
from spice_models.errors import DescriptionError

if TYPE_CHECKING:
    from hardware.rram.layers.layer import CrossbarLayer

Floats = NDArray[np.float64]

POWER_SAMPLES = 16
"""Inputs over which the power of the arrays is averaged [chosen]."""


def layer_cost(
    layer: CrossbarLayer,
    inputs: ArrayLike | None,
    *,
    costs: ComponentCosts | None,
    dac_bits: int | None,
    adc_bits: int | None,
    serial: bool,
) -> CrossbarCost:
    """Cost of one input vector; parameters as of `CrossbarLayer.cost`."""
    for name, value in (("dac_bits", dac_bits), ("adc_bits", adc_bits)):
        if value is not None:
            whole(name, value, least=1, most=MOST_BITS)
    bits = (dac_bits or layer.dac.bits, adc_bits or layer.adc.bits)
    if bits[0] is None or bits[1] is None:
        raise DescriptionError("a converter without bits has no cost: give it bits, or dac_bits= and adc_bits= here")
    if inputs is not None:
        voltages = layer.inputs(inputs).reshape(-1, len(layer.weights)) * layer.volts
    elif layer.known is not None:
        voltages = layer.known
    else:
        voltages = np.full((1, len(layer.weights)), layer.hardware.read_voltage)
    chosen = np.linspace(0, len(voltages) - 1, min(POWER_SAMPLES, len(voltages))).astype(int)
    some = voltages[chosen][:, layer.order]
    if serial:
        some = _bit_planes(some, layer.hardware.read_voltage, bits[0])
    power = 0.0
    for tile in layer.tiles:
        into = tile.array.solve(some[:, tile.rows]).word_currents
        power += float(np.mean(np.sum(some[:, tile.rows] * into, axis=-1)))
    return crossbar_cost(
        [tile.array.shape for tile in layer.tiles],
        array_power=power,
        operations=2 * layer.weights.size,
        adc_bits=bits[1],
        dac_bits=1 if serial else bits[0],
        reads=bits[0] if serial else 1,
        costs=costs,
    )


def _bit_planes(voltages: Floats, largest: float, bits: int) -> Floats:
    """Voltages of each bit by itself: ``bits`` rows for each row, of zero or the largest voltage with the sign."""
    codes = np.clip(np.rint(np.abs(voltages) / largest * (2**bits - 1)), 0, 2**bits - 1).astype(np.int64)
    planes = (codes[:, np.newaxis] >> np.arange(bits)[:, np.newaxis]) & 1
    return np.asarray((planes * np.sign(voltages)[:, np.newaxis] * largest).reshape(-1, voltages.shape[1]))
