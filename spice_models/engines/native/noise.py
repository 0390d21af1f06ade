"""Random currents: the Johnson current of every resistor, drawn anew in each step and held over it, and noise sources.

A resistance ``R`` at temperature ``T`` has a current noise of one-sided density ``4 k T / R``. Held over a step ``h``,
a draw of variance ``2 k T / (R h)`` has that density far below the frequency of the steps, and the implicit midpoint
rule then keeps the energy of every capacitor and inductor at ``k T / 2`` for any step:
with ``x <- x + h A (x + x') / 2 + sqrt(h) B xi`` the stationary covariance ``P`` solves ``A P + P A' + B B' = 0``, the
same equation as without steps. Resistances between the same two nodes draw together, as their variances add.

Resistors and the linear resistance of junctions draw; the shot noise of a gap branch is not modelled, so above the gap
voltage a junction with one has less noise than it should.

References
----------
J. B. Johnson, Phys. Rev. 32, 97 (1928), doi 10.1103/PhysRev.32.97; H. Nyquist, Phys. Rev. 32, 110 (1928),
doi 10.1103/PhysRev.32.110; in Josephson junctions: V. Ambegaokar, B. I. Halperin, Phys. Rev. Lett. 22, 1364 (1969),
doi 10.1103/PhysRevLett.22.1364.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models import waveforms
from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN
from spice_models.elements import CurrentSource, Junction, Resistor
from spice_models.engines.native.assemble import Pattern, System, Values
from spice_models.engines.native.gauss import TURN, fill, scale, states
from spice_models.engines.native.noise_sources import HeldDraws, stream
from spice_models.engines.native.prepared import parts
from spice_models.engines.native.tables import Ends, Noise
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 2**16
"""Draws kept at a time for a block of variants [chosen: half a megabyte, which stays in the cache]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomCurrents:
    """Independent random currents between nodes, of every variant.

    Parameters
    ----------
    plus, minus : array, shape (sources,)
        Unknowns that a current enters and leaves; the number of unknowns for ground.
    deviation : array, shape (sources, variants)
        Standard deviation of a draw [A].
    seed : int
        Of all draws; each variant has streams of its own.
    step : float
        [s].
    held : sequence of (number, waveform)
        Those of the last currents that are noise sources, with values of their own rhythm; all others draw every step.
    first : int
        Number of the first of these variants among all of a run.
    """

    plus: Ints
    minus: Ints
    deviation: Floats
    seed: int
    step: float
    held: Sequence[tuple[int, waveforms.Noise]] = ()
    first: int = 0

    def stream(self, variants: Sequence[int], lanes: int) -> NoiseStream:
        """Return the draws of some variants, in the order of the steps; lanes left over draw nothing."""
        return NoiseStream(self, variants, lanes)


class NoiseStream:
    """Draws of a block of variants, a chunk of steps after the other.

    A variant's draws come from generators of its own, step by step: they do not depend on what else runs, nor on how
    long the chunks are.
    """

    def __init__(self, currents: RandomCurrents, variants: Sequence[int], lanes: int) -> None:
        self._currents = currents
        numbers = [currents.first + v for v in variants]
        self._states = states([stream(currents.seed, v) for v in numbers], lanes)
        self._held = [
            [HeldDraws(stream(currents.seed, v, number), w, currents.step) for number, w in currents.held]
            for v in numbers
        ]
        self._number = 0
        self._lanes = lanes
        self._sources = len(currents.plus)
        self._fresh = self._sources - len(currents.held)
        deviation = np.zeros((self._sources, lanes))
        deviation[:, : len(numbers)] = currents.deviation[:, list(variants)]
        self._deviation = deviation.reshape(-1)
        self.longest = max(1, CHUNK // (self._sources * lanes))
        self._drawn = np.zeros((self.longest * self._fresh + 2 * TURN) * lanes)
        self._used = self._left = 0  # numbers at the beginning that the last steps took, and draws left over

    def draw(self, steps: int) -> Noise:
        """Currents of the next steps, ``longest`` of them at most; they last until the next call."""
        lanes, wanted = self._lanes, steps * self._fresh
        rounds = -(-max(0, wanted - self._left) // (2 * TURN))
        left, have = self._left * lanes, (self._left + rounds * 2 * TURN) * lanes
        self._drawn[:left] = self._drawn[self._used : self._used + left].copy()
        fill(self._states, self._drawn[left:have], rounds)
        self._used = wanted * lanes
        self._left = have // lanes - wanted
        current = self._drawn[: self._used]
        if self._fresh < self._sources:
            current = self._with_held(current, steps)
        scale(current, self._deviation, steps)
        self._number += steps
        return Noise(plus=self._currents.plus, minus=self._currents.minus, current=current)

    def _with_held(self, drawn: Floats, steps: int) -> Floats:
        """Draws of every step followed by those of the noise sources."""
        both = np.zeros((steps, self._sources, self._lanes))
        both[:, : self._fresh] = drawn.reshape(steps, self._fresh, self._lanes)
        for lane, sources in enumerate(self._held):
            for k, held in enumerate(sources, start=self._fresh):
                both[:, k, lane] = held.next(self._number, steps)
        return both.reshape(-1)


def random_currents(
    circuit: Circuit,
    system: System,
    *,
    scales: Mapping[str, ArrayLike],
    temperature: ArrayLike,
    step: float,
    seed: int,
    sources: Mapping[str, tuple[int, waveforms.Noise]],
    first: int = 0,
) -> RandomCurrents | None:
    """Return the random currents of an assembled circuit at steps of ``step`` [s]; None where nothing is noisy.

    Parameters
    ----------
    circuit : Circuit
        As it was assembled, flattened.
    scales : mapping
        Scale factors of its values.
    temperature : float or array, shape (variants,)
        [K].
    seed : int
        Of the draws.
    sources : mapping of name -> (number, waveform)
        Noise waveforms of the circuit, of which current sources draw here (see `noise_sources`).
    first : int
        Number of the first of these variants among all of a run.
    """
    values = Values(circuit, scales)
    kelvin = checked_temperature(temperature)
    if kelvin.size not in (1, system.variants):
        raise DescriptionError(f"{kelvin.size} temperatures do not fit {system.variants} variants")
    kelvin = np.broadcast_to(kelvin, (system.variants,))
    conductance = _conductances(circuit, system, values) if np.any(kelvin) else {}
    nodes, deviation = list(conductance), [np.sqrt(2 * BOLTZMANN * kelvin / step * g) for g in conductance.values()]
    held = []
    for name, (number, waveform) in sources.items():
        element = circuit[name]
        if isinstance(element, CurrentSource):
            nodes.append(_ends(system, element.minus, element.plus))
            size = waveform.amplitude / (2 * max(waveform.interval, step)) ** 0.5
            deviation.append(size * values.of(name, 1.0))
            held.append((number, waveform))
    if not nodes:
        return None
    plus, minus = np.array(nodes, dtype=np.int64).T
    return RandomCurrents(
        plus=np.ascontiguousarray(plus),
        minus=np.ascontiguousarray(minus),
        deviation=np.array(deviation),
        seed=seed,
        step=step,
        held=held,
        first=first,
    )


def _conductances(circuit: Circuit, system: System, values: Values) -> dict[tuple[int, int], Floats]:
    """Conductance [S, variants] between each two unknowns (the number of unknowns for ground)."""
    conductance: dict[tuple[int, int], Floats] = {}
    for e in circuit:
        match e:
            case Resistor():
                resistance = values.of(e.name, e.resistance)
            case Junction():
                resistance = values.of(e.name, e.resistance, "resistance")
            case _:
                continue
        low, high = sorted(_ends(system, e.plus, e.minus))
        if low != high:  # else a voltage source holds it
            conductance[low, high] = conductance.get((low, high), 0.0) + 1.0 / resistance
    return conductance


def _ends(system: System, plus: str, minus: str) -> tuple[int, int]:
    first, second = (system.n if i < 0 else i for i in (system.index[plus], system.index[minus]))
    return first, second


def ends_of_steps(system: System, nodes: Sequence[int]) -> Ends:
    """Return how to record some nodes at the ends of steps."""

    def stands_for(matrices: Sequence[Pattern]) -> Ints:
        part, floats = parts(matrices)
        first = np.zeros(part.max(initial=0) + 1, dtype=np.int64)
        first[part[::-1]] = np.arange(len(part))[::-1]
        chosen = list(nodes)
        return np.where(floats[chosen], first[part[chosen]], system.n)

    capacitance, conductance = system.capacitance, system.conductance
    return Ends(flux=stands_for([capacitance, conductance]), rate=stands_for([capacitance]))


def checked_temperature(temperature: ArrayLike) -> Floats:
    """Return temperatures [K] as an array.

    Raises
    ------
    DescriptionError
        For one that is negative or not finite, or a shape other than () or (variants,).
    """
    kelvin = np.asarray(temperature, dtype=float)
    if kelvin.ndim > 1 or kelvin.size == 0:
        raise DescriptionError(f"temperature must be one number or one a variant, got shape {kelvin.shape}")
    if not np.all(np.isfinite(kelvin)) or np.any(kelvin < 0):
        worst = kelvin[~(np.isfinite(kelvin) & (kelvin >= 0))].flat[0]
        raise DescriptionError(f"a temperature must be zero or positive [K], got {worst}")
    return kelvin


def checked_seed(seed: int) -> int:
    """Return a seed; refuse one that is negative or no integer."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DescriptionError(f"a seed must be an integer of zero or more, got {seed!r}")
    return int(seed)
