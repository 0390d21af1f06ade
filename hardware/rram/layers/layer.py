"""A trained weight matrix on crossbars: written, read through wires, noise and converters, and back as outputs."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import fields, replace
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.cost import ComponentCosts, CrossbarCost
from hardware.rram.arguments import instance, one_of, pair, reals, whole
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.layer_cost import layer_cost
from hardware.rram.layers.placement import Tile, row_order, write_tiles
from hardware.rram.layers.readback import READS, retuned_tile
from hardware.rram.layers.weights import DifferentialPairs
from spice_models.errors import DescriptionError

__all__ = ["CrossbarHardware", "CrossbarLayer", "Tile"]

Floats = NDArray[np.float64]


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
        w = reals("weights", weights).copy()
        if w.ndim != 2 or 0 in w.shape or not np.all(np.isfinite(w)):
            raise DescriptionError(f"weights must be a finite matrix (inputs, outputs), got shape {w.shape}")
        self.weights = w
        instance("hardware", hardware, (CrossbarHardware, NoneType), "CrossbarHardware(...)")
        known_fields = [f.name for f in fields(CrossbarHardware)]
        for name in changes:
            one_of("property of crossbars", name, known_fields)
        self.hardware = replace(hardware or CrossbarHardware(), **changes)
        self.bias = np.zeros(w.shape[1]) if bias is None else reals("bias", bias).copy()
        if self.bias.shape != (w.shape[1],):
            raise DescriptionError(f"a bias needs {w.shape[1]} values, got shape {self.bias.shape}")
        known = None if calibration is None else self.inputs(calibration).reshape(-1, w.shape[0])
        if known is not None and not len(known):
            raise DescriptionError("calibration must hold at least one input, got none")
        self.input_range = _range(input_range, known)
        self.volts = self.hardware.read_voltage / max(abs(bound) for bound in self.input_range)
        self._rng = np.random.default_rng(whole("seed", seed, least=0))
        low, high = self.hardware.bounds
        self.encoded = (self.hardware.mapping or DifferentialPairs(minimum=low, maximum=high)).encode(w)
        self.known = None if known is None else known * self.volts
        self.order = row_order(self.encoded.conductance, self.hardware, self.known)
        target, decode = self.encoded.conductance[self.order], self.encoded.decode.toarray()
        inputs = None if self.known is None else self.known[:, self.order]
        self.tiles = tuple(write_tiles(target, decode, self.hardware, inputs, self._rng))
        bound = self.hardware.read_voltage
        signed = self.input_range[0] < 0
        self.dac = self.hardware.dac.within(-bound if signed else 0.0, bound)
        most = self._largest_current()
        self.adc = self.hardware.adc.within(-most if signed else 0.0, most)
        noise = self.hardware.noise
        self._standing = [noise.begin(tile.array.shape, self._rng) for tile in self.tiles] if noise else []

    def __call__(self, x: ArrayLike) -> Floats:
        """What the hardware delivers for inputs ``x[..., m]``: shape (..., n), in the unit of ``x`` times weights."""
        given = self.inputs(x)
        voltages = self.dac.convert(given.reshape(-1, len(self.weights)) * self.volts)[:, self.order]
        lines = np.zeros((len(voltages), self.encoded.conductance.shape[1]))
        for k, tile in enumerate(self.tiles):
            currents = self._read(k, tile, voltages[:, tile.rows])
            lines[:, tile.columns] += self.adc.convert(currents) * tile.gain
        outputs = self.encoded.outputs(lines) / self.volts
        return np.asarray(outputs.reshape(*given.shape[:-1], self.weights.shape[1]) + self.bias)

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
            `hardware.rram.writing.programming`.
        """
        if not callable(write):
            raise DescriptionError(f"write must be a function that returns the conductances achieved, got {write!r}")
        tiles = []
        for tile in self.tiles:
            wanted = tile.target if tile.compensation is None else tile.compensation.conductance
            achieved = reals("conductances that were written", write(wanted))
            if achieved.shape != wanted.shape:
                raise DescriptionError(
                    f"write must return conductances of the shape it was given, {wanted.shape}, got {achieved.shape}"
                )
            tiles.append(replace(tile, array=self.hardware.wired(achieved)))
        other = copy(self)
        other.tiles, other._standing = tuple(tiles), list(self._standing)
        return other

    def retuned(self, *, rounds: int = 1, reads: int = READS, seed: int = 0) -> CrossbarLayer:
        """Return the layer after its arrays have been read back and corrected; see `hardware.rram.layers.readback`.

        Parameters
        ----------
        rounds : int
            Times that partners of stuck cells are written anew; 0 for a new fit of the gains alone.
        reads : int
            Of each cell, averaged, in a round.
        seed : int
            Of noise and of what writing does.
        """
        whole("rounds", rounds, least=0)
        whole("reads", reads, least=1)
        rng = np.random.default_rng(whole("seed", seed, least=0))
        inputs = None if self.known is None else self.known[:, self.order]
        decode = self.encoded.decode.toarray()
        tiles = [
            retuned_tile(
                tile,
                decode[tile.columns],
                self.hardware,
                None if inputs is None else inputs[:, tile.rows],
                rng,
                reads=reads,
                rounds=rounds,
            )
            for tile in self.tiles
        ]
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
        return layer_cost(self, inputs, costs=costs, dac_bits=dac_bits, adc_bits=adc_bits, serial=serial)

    def inputs(self, x: ArrayLike) -> Floats:
        """Return inputs as an array, checked: finite, with one number a word line."""
        given = reals("inputs", x)
        if given.ndim == 0 or given.shape[-1] != len(self.weights) or not np.all(np.isfinite(given)):
            raise DescriptionError(
                f"inputs must be finite and end in an axis of {len(self.weights)}, got shape {given.shape}"
            )
        return given

    def _largest_current(self) -> float:
        """Of a bit line: among the known inputs, or with the largest input on all word lines."""
        v = self.known
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
    low, high = pair("input_range", given)
    if not low <= 0 < high:
        raise DescriptionError(f"an input range runs from zero or below to above zero, got {given}")
    return low, high
