"""Energy of reads of crossbars by spikes: word lines are driven with the read voltage or not at all."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import ComponentCosts, crossbar_cost
from hardware.rram.layers.layer import CrossbarLayer
from hardware.rram.layers.placement import Tile

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
        # By number of array: as many solutions for single reads as the admittance takes, then that.
        self._solved: dict[int, int] = {}
        self._admittances: dict[int, Floats] = {}

    def count(self, lines: ArrayLike) -> None:
        """Count one read with these word lines driven, shape (m,), ones and zeros."""
        self.reads += 1
        self._array += self.array_energy(lines)

    def array_energy(self, lines: ArrayLike) -> float:
        """Energy that one read dissipates in cells and wires [J]."""
        volts = self.layer.hardware.read_voltage * np.asarray(lines, dtype=float)[self.layer.order]
        power = sum(self._power(k, tile, volts[tile.rows]) for k, tile in enumerate(self.layer.tiles))
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

    def _power(self, k: int, tile: Tile, volts: Floats) -> float:
        """Delivered by the drivers of one array [W]; its admittance is found once it has served for long."""
        if not np.any(volts):
            return 0.0
        if self.layer.hardware.lossless:
            return float(volts**2 @ np.sum(tile.array.conductance, axis=1))
        if k not in self._admittances and self._solved.get(k, 0) < len(volts):
            self._solved[k] = self._solved.get(k, 0) + 1
            return float(volts @ tile.array.solve(volts).word_currents)
        if k not in self._admittances:
            self._admittances[k] = np.asarray(tile.array.solve(np.eye(len(volts))).word_currents)
        return float(volts @ self._admittances[k] @ volts)
