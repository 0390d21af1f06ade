"""A trained weight matrix on crossbars: written, read through wires, noise and converters, and back as outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import ComponentCosts, CrossbarCost, crossbar_cost
from hardware.rram.compensation import Compensation, Method, compensate
from hardware.rram.converters import ADC, DAC
from hardware.rram.crossbar import Crossbar
from hardware.rram.device.array import Faults
from hardware.rram.device.cell import READ_VOLTAGE, CellModel
from hardware.rram.device.linear import LinearCell
from hardware.rram.device.read_noise import ReadNoise
from hardware.rram.weights import DifferentialPairs, WeightMapping
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

POWER_SAMPLES = 16
"""Inputs over which the power of the arrays is averaged [chosen]."""


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
        How wire loss is made up for; see `hardware.rram.compensation`.
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
        if len(self.tile) != 2 or min(self.tile) < 1:
            raise DescriptionError(f"a tile has at least one word line and one bit line, got {self.tile}")
        if not (np.isfinite(self.read_voltage) and self.read_voltage > 0):
            raise DescriptionError(f"the read voltage must be positive [V], got {self.read_voltage}")
        if self.cell_bits is not None and not 1 <= self.cell_bits <= 16:
            raise DescriptionError(f"a cell holds 1 to 16 bits, or None for any conductance; got {self.cell_bits}")
        if not (np.isfinite(self.spread) and self.spread >= 0 and self.read_interval >= 0):
            raise DescriptionError("the spread of writing and the read interval must not be negative")

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

    def write(self, target: Floats, rng: np.random.Generator) -> Floats:
        """Return conductances [S] as they come out when ``target`` is written."""
        low, high = self.bounds
        g = target
        if self.cell_bits is not None:
            step = (high - low) / (2**self.cell_bits - 1)
            g = np.where(target > 0, low + np.rint((target - low) / step) * step, 0.0)
        if self.spread:
            g = g * np.exp(self.spread * rng.standard_normal(g.shape))
        stuck = self.faults.draw(g.shape, rng)
        return np.where(np.isnan(stuck), g, low + np.nan_to_num(stuck) * (high - low))


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """One array of a layer.

    Parameters
    ----------
    rows, columns : slice
        Of the layer's matrix of conductances, in the order in which rows are placed.
    target : array
        Conductances wanted without any wires [S].
    array : Crossbar
        As it was written.
    gain : array
        Factor on each bit line after its conversion.
    compensation : Compensation, optional
        How the written conductances were found.
    """

    rows: slice
    columns: slice
    target: Floats
    array: Crossbar
    gain: Floats
    compensation: Compensation | None = None

    @cached_property
    def effective(self) -> Floats:
        """Currents of the bit lines for 1 V on each word line [S]."""
        array = self.array
        resistances = (array.word_resistance, array.bit_resistance, array.driver_resistance, array.terminal_resistance)
        if not any(np.any(np.asarray(r)) for r in resistances):
            return np.asarray(array.conductance)
        return array.effective_conductance()


class CrossbarLayer:
    """A matrix of weights on crossbars.

    An input becomes a voltage on a word line (``read_voltage`` for the largest), each bit line of each array is
    converted, and the rest is digital: gains, sums over arrays, and the decoding of the mapping (differences of pairs).

    Parameters
    ----------
    weights : array, shape (m, n)
        As scikit-learn's ``coefs_[k]`` or PyTorch's ``weight.T`` as a NumPy array.
    bias : array, shape (n,), optional
        Added digitally.
    hardware : CrossbarHardware, optional
        What the crossbars are made of.
    input_range : pair of float, optional
        Smallest and largest input; from ``calibration``, or (0, 1), if not given.
    calibration : array, shape (k, m), optional
        Typical inputs, for the limits of the converters, the order of rows, and compensation.
    seed : int
        Of what is written, and of noise.
    **changes
        Fields of `CrossbarHardware` that differ, such as ``word_resistance=2.0``.

    Examples
    --------
    >>> weights = np.array([[0.5, -1.0], [0.25, 0.75]])
    >>> layer = CrossbarLayer(weights, word_resistance=1.0, tile=(64, 64))
    >>> layer([1.0, 0.5]).round(3)
    array([ 0.625, -0.624])
    """

    def __init__(
        self,
        weights: ArrayLike,
        *,
        bias: ArrayLike | None = None,
        hardware: CrossbarHardware | None = None,
        input_range: tuple[float, float] | None = None,
        calibration: ArrayLike | None = None,
        seed: int = 0,
        **changes: Any,
    ) -> None:
        w = np.array(weights, dtype=float)
        if w.ndim != 2 or 0 in w.shape or not np.all(np.isfinite(w)):
            raise DescriptionError(f"weights must be a finite matrix (inputs, outputs), got shape {w.shape}")
        self.weights = w
        self.hardware = replace(hardware or CrossbarHardware(), **changes)
        self.bias = np.zeros(w.shape[1]) if bias is None else np.array(bias, dtype=float)
        if self.bias.shape != (w.shape[1],):
            raise DescriptionError(f"a bias needs {w.shape[1]} values, got shape {self.bias.shape}")
        known = None if calibration is None else self._inputs(calibration).reshape(-1, w.shape[0])
        self.input_range = _range(input_range, known)
        self._volts = self.hardware.read_voltage / max(abs(bound) for bound in self.input_range)
        self._rng = np.random.default_rng(seed)
        low, high = self.hardware.bounds
        self.encoded = (self.hardware.mapping or DifferentialPairs(minimum=low, maximum=high)).encode(w)
        self._known = None if known is None else known * self._volts
        self.order = self._ordered(self.encoded.conductance)
        self.tiles = tuple(self._written(self.encoded.conductance[self.order]))
        bound = self.hardware.read_voltage
        signed = self.input_range[0] < 0
        self.dac = self.hardware.dac.within(-bound if signed else 0.0, bound)
        most = self._largest_current()
        self.adc = self.hardware.adc.within(-most if signed else 0.0, most)
        noise = self.hardware.noise
        self._standing = [noise.begin(tile.array.shape, self._rng) for tile in self.tiles] if noise else []

    def __call__(self, x: ArrayLike) -> Floats:
        """What the hardware delivers for inputs ``x[..., m]``: shape (..., n), in the unit of ``x`` times weights."""
        given = self._inputs(x)
        voltages = self.dac.convert(given.reshape(-1, len(self.weights)) * self._volts)[:, self.order]
        lines = np.zeros((len(voltages), self.encoded.conductance.shape[1]))
        for k, tile in enumerate(self.tiles):
            currents = self._read(k, tile, voltages[:, tile.rows])
            lines[:, tile.columns] += self.adc.convert(currents) * tile.gain
        outputs = self.encoded.outputs(lines) / self._volts
        return np.asarray(outputs.reshape(*given.shape[:-1], -1) + self.bias)

    def effective_weights(self) -> Floats:
        """Weights [m, n] that the arrays amount to, with gains, without noise and converters."""
        lines = np.zeros_like(self.encoded.conductance)
        for tile in self.tiles:
            lines[self.order[tile.rows], tile.columns] = tile.effective * tile.gain
        return self.encoded.weights(lines)

    def rewritten(self, write: Callable[[Floats], Floats]) -> CrossbarLayer:
        """Return the layer with conductances that another way of writing gives.

        Parameters
        ----------
        write : callable
            Returns what is achieved [S] for the conductances wanted of one array, such as
            ``lambda target: write_verify(cells(target.shape), target, ...).conductance``; see
            `hardware.rram.programming`.
        """
        tiles = []
        for tile in self.tiles:
            wanted = tile.target if tile.compensation is None else tile.compensation.conductance
            tiles.append(replace(tile, array=self.hardware.wired(write(wanted))))
        other = copy(self)
        other.tiles, other._standing = tuple(tiles), list(self._standing)
        return other

    @property
    def conductance(self) -> Floats:
        """Written conductances [S] of all cells, in the order in which rows are placed, shape (m, columns)."""
        g = np.zeros_like(self.encoded.conductance)
        for tile in self.tiles:
            g[tile.rows, tile.columns] = np.asarray(tile.array.conductance)
        return g

    def cost(
        self,
        inputs: ArrayLike | None = None,
        *,
        costs: ComponentCosts | None = None,
        dac_bits: int | None = None,
        adc_bits: int | None = None,
        serial: bool = True,
    ) -> CrossbarCost:
        """Cost of one input vector.

        Costs of drivers are published for one bit, so that the bits of the inputs are applied one after another, each
        with a read of its own, unless ``serial`` is false. What the layer delivers is computed with one read of all
        bits, which is the same but for the steps of the ADC.

        Parameters
        ----------
        inputs : array, shape (k, m), optional
            Over which the power of the arrays is averaged; those of ``calibration``, or the largest input on all word
            lines, if not given.
        costs : ComponentCosts, optional
            A table of one's own.
        dac_bits, adc_bits : int, optional
            Resolution to count with; the converters' own if not given.
        serial : bool
            Whether the bits of an input come one after another through 1-bit drivers.

        Raises
        ------
        DescriptionError
            For ideal converters without a resolution to count with: they have no cost.
        """
        bits = (dac_bits or self.dac.bits, adc_bits or self.adc.bits)
        if bits[0] is None or bits[1] is None:
            raise DescriptionError(
                "a converter without bits has no cost: give it bits, or dac_bits= and adc_bits= here"
            )
        if inputs is not None:
            voltages = self._inputs(inputs).reshape(-1, len(self.weights)) * self._volts
        elif self._known is not None:
            voltages = self._known
        else:
            voltages = np.full((1, len(self.weights)), self.hardware.read_voltage)
        some = voltages[np.linspace(0, len(voltages) - 1, min(POWER_SAMPLES, len(voltages))).astype(int)][:, self.order]
        if serial:
            some = _bit_planes(some, self.hardware.read_voltage, bits[0])
        power = 0.0
        for tile in self.tiles:
            into = tile.array.solve(some[:, tile.rows]).word_currents
            power += float(np.mean(np.sum(some[:, tile.rows] * into, axis=-1)))
        return crossbar_cost(
            [tile.array.shape for tile in self.tiles],
            array_power=power,
            operations=2 * self.weights.size,
            adc_bits=bits[1],
            dac_bits=1 if serial else bits[0],
            reads=bits[0] if serial else 1,
            costs=costs,
        )

    def _inputs(self, x: ArrayLike) -> Floats:
        given = np.asarray(x, dtype=float)
        if given.ndim == 0 or given.shape[-1] != len(self.weights) or not np.all(np.isfinite(given)):
            raise DescriptionError(
                f"inputs must be finite and end in an axis of {len(self.weights)}, got shape {given.shape}"
            )
        return given

    def _ordered(self, target: Floats) -> NDArray[np.int64]:
        """Rows in the order in which they are placed: within each array, those with most current last."""
        order = np.arange(len(target))
        if not self.hardware.order_rows:
            return order
        drive = np.ones(len(target)) if self._known is None else np.abs(self._known).mean(axis=0)
        current = drive * target.sum(axis=1)
        for start in range(0, len(target), self.hardware.tile[0]):
            part = slice(start, start + self.hardware.tile[0])
            order[part] = start + np.argsort(current[part], kind="stable")
        return order

    def _written(self, target: Floats) -> Iterator[Tile]:
        m, n = target.shape
        high, wide = self.hardware.tile
        for row in range(0, m, high):
            for column in range(0, n, wide):
                rows, columns = slice(row, min(row + high, m)), slice(column, min(column + wide, n))
                part = np.ascontiguousarray(target[rows, columns])
                moved = self._compensated(part, rows, columns)
                g = part if moved is None else moved.conductance
                array = self.hardware.wired(self.hardware.write(g, self._rng))
                gain = np.ones(part.shape[1]) if moved is None else moved.gain
                yield Tile(rows=rows, columns=columns, target=part, array=array, gain=gain, compensation=moved)

    def _compensated(self, target: Floats, rows: slice, columns: slice) -> Compensation | None:
        method = self.hardware.compensation
        if method is None or self.hardware.lossless:
            return None
        seen = None
        if self._known is not None:
            # Lines without any input would leave their cells undetermined.
            least = 1e-3 * self.hardware.read_voltage
            seen = np.vstack([self._known[:, self.order][:, rows], least * np.eye(rows.stop - rows.start)])
        decode = self.encoded.decode[columns].toarray()
        decode = decode[:, np.any(decode != 0, axis=0)]
        return compensate(
            self.hardware.wired(target), bounds=self.hardware.bounds, inputs=seen, decode=decode, method=method
        )

    def _largest_current(self) -> float:
        """Of a bit line: among the known inputs, or with the largest input on all word lines."""
        v = self._known
        if v is None:
            v = np.full((1, len(self.weights)), self.hardware.read_voltage)
        return max(float(np.abs(v[:, self.order][:, t.rows] @ t.effective).max()) for t in self.tiles) or 1.0

    def _read(self, k: int, tile: Tile, voltages: Floats) -> Floats:
        noise = self.hardware.noise
        if noise is None:
            return np.asarray(voltages @ tile.effective)
        g = np.asarray(tile.array.conductance)
        currents = np.empty((len(voltages), g.shape[1]))
        for i, v in enumerate(voltages):
            self._standing[k], factors = noise.factors(self._standing[k], self.hardware.read_interval, self._rng)
            noisy = g * factors
            currents[i] = v @ noisy if self.hardware.lossless else self.hardware.wired(noisy).currents(v)
        return currents


def _range(given: tuple[float, float] | None, known: Floats | None) -> tuple[float, float]:
    if given is None:
        if known is None or not np.any(known):
            return (0.0, 1.0)
        high = float(np.abs(known).max())
        return (-high, high) if known.min() < 0 else (0.0, high)
    low, high = (float(bound) for bound in given)
    if not (np.isfinite(low) and np.isfinite(high) and low <= 0 < high):
        raise DescriptionError(f"an input range runs from zero or below to above zero, got {given}")
    return low, high


def _bit_planes(voltages: Floats, largest: float, bits: int) -> Floats:
    """Voltages of each bit by itself: ``bits`` rows for each row, of zero or the largest voltage with the sign."""
    codes = np.clip(np.rint(np.abs(voltages) / largest * (2**bits - 1)), 0, 2**bits - 1).astype(np.int64)
    planes = (codes[:, np.newaxis] >> np.arange(bits)[:, np.newaxis]) & 1
    return np.asarray((planes * np.sign(voltages)[:, np.newaxis] * largest).reshape(-1, voltages.shape[1]))
