"""What crossbars are made of: cells, wires, converters, and what writing and reading do to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hardware.rram.arguments import array_shape, instance, one_of, real, whole
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.device.array import Faults
from hardware.rram.device.cell import READ_VOLTAGE, CellModel
from hardware.rram.device.linear import LinearCell
from hardware.rram.device.read_noise import ReadNoise
from hardware.rram.layers.compensation import METHODS, Method
from hardware.rram.layers.converters import ADC, DAC
from hardware.rram.layers.weights import WeightMapping
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

READ_DISTURB = 1e-6
"""Change of state by one read from which it is refused [chosen]."""


@dataclass(frozen=True, kw_only=True)
class CrossbarHardware:
    """What crossbars are made of.

    Parameters
    ----------
    cell : CellModel
        Sets the smallest and the largest conductance at ``read_voltage``; cells count as linear there.
    mapping : WeightMapping, optional
        How signed weights become conductances; `DifferentialPairs` over the whole range of the cell if not given.
    read_voltage : float
        Of the largest input [V].
    tile : pair of int
        Word and bit lines of one array; larger matrices take several.
    word_resistance, bit_resistance : float
        Of a segment of wire [ohm]; the bit lines' is that of the word lines if not given.
    driver_resistance, terminal_resistance : float
        At the ends of the lines [ohm].
    dac, adc : DAC, ADC
        Converters; without limits they get those of the inputs and of the largest current.
    cell_bits : int, optional
        Conductances that can be written: ``2^cell_bits`` evenly from smallest to largest; any without it.
    spread : float
        Standard deviation of the logarithm of what is written about what was meant.
    faults : Faults
        Cells that are stuck at either bound.
    noise : ReadNoise, optional
        Drawn anew at each read.
    read_interval : float
        Time between two reads [s], for noise that remembers.
    order_rows : bool
        Whether rows with much current are put next to the terminals of the bit lines, within each array.
    compensation : {"gain", "fixed-point", "gradient"}, optional
        How wire loss is made up for; see `hardware.rram.layers.compensation`.
    """

    cell: CellModel = field(default_factory=LinearCell)
    mapping: WeightMapping | None = None
    read_voltage: float = READ_VOLTAGE
    tile: tuple[int, int] = (128, 128)
    word_resistance: float = 0.0
    bit_resistance: float | None = None
    driver_resistance: float = 0.0
    terminal_resistance: float = 0.0
    dac: DAC = field(default_factory=DAC)
    adc: ADC = field(default_factory=ADC)
    cell_bits: int | None = None
    spread: float = 0.0
    faults: Faults = field(default_factory=Faults)
    noise: ReadNoise | None = None
    read_interval: float = 100e-9
    order_rows: bool = False
    compensation: Method | None = None

    def __post_init__(self) -> None:
        instance("cell", self.cell, CellModel, "a cell model such as LinearCell()")
        instance("dac", self.dac, DAC, "a converter, DAC(bits=8)")
        instance("adc", self.adc, ADC, "a converter, ADC(bits=8)")
        instance("faults", self.faults, Faults, "Faults(stuck_low=..., stuck_high=...)")
        mapped = callable(getattr(self.mapping, "encode", None)) and not isinstance(self.mapping, type | str)
        if not mapped and self.mapping is not None:
            raise DescriptionError(
                f"mapping must be DifferentialPairs(...), OffsetColumn(...) or BitSlices(...), got {self.mapping!r}"
            )
        if not callable(getattr(self.noise, "factors", None)) and self.noise is not None:
            raise DescriptionError(f"noise must be a read noise such as GaussianNoise(sigma=0.02), got {self.noise!r}")
        object.__setattr__(self, "tile", array_shape(self.tile, "a tile"))
        real("the read voltage [V]", self.read_voltage, above=0.0)
        if self.cell_bits is not None:
            whole("cell_bits (or None for any conductance)", self.cell_bits, least=1, most=16)
        for name in ("word_resistance", "driver_resistance", "terminal_resistance"):
            real(f"{name} [ohm]", getattr(self, name), least=0.0)
        if self.bit_resistance is not None:
            real("bit_resistance [ohm] (or None for that of the word lines)", self.bit_resistance, least=0.0)
        instance("order_rows", self.order_rows, bool | np.bool_, "True or False")
        real("the spread of writing", self.spread, least=0.0)
        real("the read interval [s]", self.read_interval, least=0.0)
        if self.compensation is not None:
            one_of("method of compensation", self.compensation, METHODS)
        moving = self.cell.rate(self.read_voltage, np.full(self.cell.conductance(0.5).shape, 0.5))
        if np.any(moving) and np.max(np.abs(moving)) * self.read_interval > READ_DISTURB:
            raise DescriptionError(
                f"a read at {self.read_voltage:g} V moves the state of a {type(self.cell).__name__}: choose a smaller "
                "read_voltage"
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest conductance [S] that every cell has."""
        low, high = self.cell.conductance_range(self.read_voltage)
        bounds = float(np.max(low)), float(np.min(high))
        if not bounds[0] < bounds[1]:
            raise DescriptionError(f"no conductance lies within the ranges of all cells: {bounds}")
        return bounds

    def wired(self, conductance: Floats) -> Crossbar:
        """Return an array with the wires of this hardware."""
        return Crossbar(
            conductance,
            word_resistance=self.word_resistance,
            bit_resistance=self.word_resistance if self.bit_resistance is None else self.bit_resistance,
            driver_resistance=self.driver_resistance,
            terminal_resistance=self.terminal_resistance,
        )

    @property
    def lossless(self) -> bool:
        """Whether there is no resistance but that of the cells."""
        return not (self.word_resistance or self.bit_resistance or self.driver_resistance or self.terminal_resistance)

    def write(self, target: Floats, rng: np.random.Generator, stuck: Floats | None = None) -> Floats:
        """Return conductances [S] as they come out when ``target`` is written.

        Parameters
        ----------
        target : array, shape (m, n)
            Wanted [S].
        rng : Generator
            Draws the spread.
        stuck : array, shape (m, n), optional
            State of stuck cells, NaN for working ones, as of `Faults.draw`; drawn if not given.
        """
        low, high = self.bounds
        g = target
        if self.cell_bits is not None:
            step = (high - low) / (2**self.cell_bits - 1)
            g = np.where(target > 0, low + np.rint((target - low) / step) * step, 0.0)
        if self.spread:
            g = g * np.exp(self.spread * rng.standard_normal(g.shape))
        held = self.faults.draw(g.shape, rng) if stuck is None else stuck
        return np.where(np.isnan(held), g, low + np.nan_to_num(held) * (high - low))
