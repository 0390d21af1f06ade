"""Energy of reads of crossbars by spikes: word lines are driven with the read voltage or not at all."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import ComponentCosts, crossbar_cost
from hardware.rram.layer import CrossbarLayer
from hardware.rram.placement import Tile

Floats = NDArray[np.float64]


class ReadEnergy:
    """A meter for the reads of one layer.

    The array's energy is what its drivers deliver, ``V Y V`` times the time of a read, with the admittance ``Y`` of
    the word lines of the array as written: noise is left out, which changes the mean of no read. A driver has one bit,
    whatever the layer's DAC. Without bits of the ADC no converter is counted, nor what takes its values up: the neurons
    are not part of the crossbar.

    Parameters
    ----------
    layer : CrossbarLayer
    costs : ComponentCosts, optional
        `ComponentCosts()` if not given.

    Examples
    --------
    >>> meter = ReadEnergy(CrossbarLayer([[1.0, 0.0], [0.0, 1.0]]))
    >>> meter.count([1.0, 0.0])
    >>> round(1e12 * meter.parts["array"], 4)  # 0.1 V, cells of 100 and three times 1 uS, 100 ns
    0.103
    """

    def __init__(self, layer: CrossbarLayer, *, costs: ComponentCosts | None = None) -> None:
        self.layer = layer
        self._costs = costs or ComponentCosts()
        self.reads = 0
        self._array = 0.0

    def count(self, lines: ArrayLike) -> None:
        """Count one read with these word lines driven, shape (m,), ones and zeros."""
        self.reads += 1
        self._array += self.array_energy(lines)

    def array_energy(self, lines: ArrayLike) -> float:
        """Energy that one read dissipates in cells and wires [J]."""
        volts = self.layer.hardware.read_voltage * np.asarray(lines, dtype=float)[self.layer.order]
        power = 0.0
        for tile, admittance in zip(self.layer.tiles, self._admittances, strict=True):
            v = volts[tile.rows]
            power += float(v @ admittance @ v) if admittance.ndim == 2 else float(v**2 @ admittance)
        return power * self._costs.read_time

    @property
    def parts(self) -> dict[str, float]:
        """Energy of all reads so far by part [J]."""
        return {
            "drivers": self.reads * self._overhead["drivers"],
            "array": self._array,
            **{name: self.reads * energy for name, energy in self._overhead.items() if name != "drivers"},
        }

    @property
    def energy(self) -> float:
        """Of all reads so far [J]."""
        return sum(self.parts.values())

    @cached_property
    def _overhead(self) -> dict[str, float]:
        """Of one read, the array apart [J]."""
        bits = self.layer.adc.bits
        cost = crossbar_cost(
            [tile.array.shape for tile in self.layer.tiles],
            array_power=0.0,
            operations=2 * self.layer.weights.size,
            adc_bits=bits or 1,
            costs=self._costs,
        )
        counted = ("drivers",) if bits is None else ("drivers", "sample_hold", "adc", "digital")
        return {name: cost.parts[name].energy for name in counted}

    @cached_property
    def _admittances(self) -> list[Floats]:
        return [self._admittance(tile) for tile in self.layer.tiles]

    def _admittance(self, tile: Tile) -> Floats:
        """Of the word lines of an array [S]: a matrix, or its diagonal where nothing couples them."""
        if self.layer.hardware.lossless:
            return np.asarray(np.sum(tile.array.conductance, axis=1), dtype=np.float64)
        return np.asarray(tile.array.solve(np.eye(tile.array.shape[0])).word_currents)
