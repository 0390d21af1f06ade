"""What is done after writing: arrays are read back; gains and partners of stuck cells make up for what went wrong.

Spread leaves every cell somewhat off, and stuck cells are off for good. Both are known once the array has been read,
cell by cell and often enough for the noise to average out, and stuck cells because they do not follow a write. The
gain of each bit line is fitted to what was read, and the other cells of a weight that has a stuck one are written anew
so that the weight comes out as near as their bounds allow: a plus cell stuck high is made up for by its minus cell; a
plus cell stuck low, where the weight is positive, is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hardware.rram.layers.compensation import Compensation, compensate
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.placement import Tile, typical

Floats = NDArray[np.float64]

READS = 16
"""Reads of each cell that are averaged [chosen: noise falls to a quarter]."""

TURNS = 3
"""Times that gains and partners are found in turns before partners are written [chosen]."""

STEPS = 100
"""Steps of the projected gradient [chosen: one is enough for pairs without wires]."""


def read_back(tile: Tile, hardware: CrossbarHardware, reads: int, rng: np.random.Generator) -> Floats:
    """Conductances [S] of an array, each the mean of some reads with the noise of the hardware."""
    g = np.asarray(tile.array.conductance)
    if hardware.noise is None:
        return g
    standing = hardware.noise.begin(g.shape, rng)
    total = np.zeros_like(g)
    for _ in range(reads):
        standing, factors = hardware.noise.factors(standing, hardware.read_interval, rng)
        total += factors
    return np.asarray(g * total / reads)


def retuned_tile(
    tile: Tile,
    decode: Floats,
    hardware: CrossbarHardware,
    inputs: Floats | None,
    rng: np.random.Generator,
    *,
    reads: int = READS,
    rounds: int = 1,
) -> Tile:
    """Return an array as it is after reading it back, writing partners of stuck cells anew, and fitting its gains.

    Parameters
    ----------
    tile : Tile
    decode : array, shape (columns of the tile, outputs)
        How its columns become outputs.
    hardware : CrossbarHardware
    inputs : array, shape (k, rows of the tile), optional
        Typical voltages [V].
    rng : Generator
        Draws noise and what writing does.
    reads : int
        Of each cell.
    rounds : int
        Times that partners are written anew; 0 for gains alone.
    """
    seen = typical(inputs, hardware.read_voltage)
    used = decode[:, np.any(decode != 0, axis=0)]

    def fitted(known: Floats) -> Compensation:
        return compensate(
            hardware.wired(tile.target),
            bounds=hardware.bounds,
            inputs=seen,
            decode=used,
            method="gain",
            achieved=known,
        )

    stuck = ~np.isnan(tile.stuck)
    near = (stuck @ np.abs(used) > 0) @ np.abs(used.T) > 0  # cells of the weights that have a stuck cell
    partners = near & ~stuck & (tile.target > 0)
    for _ in range(rounds if np.any(partners) else 0):
        g = read_back(tile, hardware, reads, rng)
        for _ in range(TURNS):
            effective = (g if hardware.lossless else hardware.wired(g).effective_conductance()) * fitted(g).gain
            delivered = np.divide(effective, g, out=np.zeros_like(g), where=g > 0)
            g = _partnered(g, delivered, partners, tile.target @ used, used, hardware.bounds)
        written = hardware.write(g, rng, tile.stuck)
        tile = replace(tile, array=hardware.wired(np.where(partners, written, np.asarray(tile.array.conductance))))
    found = fitted(read_back(tile, hardware, reads, rng))
    return replace(tile, gain=found.gain, compensation=found)


def _partnered(
    g: Floats,
    delivered: Floats,
    partners: NDArray[np.bool_],
    weights: Floats,
    decode: Floats,
    bounds: tuple[float, float],
) -> Floats:
    """Conductances of partners that bring the weights of each row nearest to those wanted, by projected gradients."""
    step = 1.0 / (np.linalg.norm(decode, 2) ** 2 * max(float(delivered.max()) ** 2, 1e-300))
    for _ in range(STEPS):
        off = (g * delivered) @ decode - weights
        g = np.where(partners, np.clip(g - step * delivered * (off @ decode.T), *bounds), g)
    return g
