"""Fluxes that are known in advance: nodes joined by voltage and phase sources, and what these sources do over time.

A voltage or phase source fixes the flux between two nodes. One of them keeps its unknown, the other's flux follows from
it; where a chain of sources ends on ground nothing is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import GROUND, PhaseSource, VoltageSource
from spice_models.errors import DescriptionError
from spice_models.waveforms import Waveform

Floats = NDArray[np.float64]
KAPPA = FLUX_QUANTUM / (2 * np.pi)  # [Wb/rad]
KnownSource = VoltageSource | PhaseSource

Known = tuple[tuple[int, float], ...]
"""Known fluxes that add to an unknown one: (number of the source, sign)."""


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """Which unknown each node has, and which sources separate it from the node of that unknown.

    Parameters
    ----------
    names : tuple of str
        The node of each unknown.
    index : mapping of node -> int
        Its unknown, -1 for ground.
    offsets : mapping of node -> Known
        What adds to the unknown.
    sources : tuple
        The voltage and phase sources, by number.
    """

    names: tuple[str, ...]
    index: Mapping[str, int]
    offsets: Mapping[str, Known]
    sources: tuple[KnownSource, ...]

    def beyond(self, name: str) -> tuple[frozenset[str], float]:
        """Nodes that source ``name`` separates from the node of their unknown, and +1 if its plus end is one of them.

        The current of all other elements into these nodes is, times the sign, the current of the source.
        """
        roots = {GROUND, *self.names}
        joined: dict[str, list[str]] = {}
        for source in self.sources:
            if source.name != name:
                joined.setdefault(source.plus, []).append(source.minus)
                joined.setdefault(source.minus, []).append(source.plus)
        cut = next(s for s in self.sources if s.name == name)
        for end, sign in ((cut.plus, 1.0), (cut.minus, -1.0)):
            side, frontier = {end}, [end]
            while frontier:
                new = [node for node in joined.get(frontier.pop(), ()) if node not in side]
                side.update(new)
                frontier += new
            if not side & roots:
                return frozenset(side), sign
        raise AssertionError(f"{name!r} separates nothing")


def number_nodes(circuit: Circuit) -> Numbering:
    """Number the unknown fluxes of a flattened circuit.

    Raises
    ------
    DescriptionError
        For loops of voltage and phase sources.
    """
    leader: dict[str, tuple[str, Known]] = {}

    def find(node: str) -> tuple[str, Known]:
        offset: Known = ()
        while node in leader:
            node, more = leader[node]
            offset += more
        return node, offset

    sources = tuple(e for e in circuit if isinstance(e, VoltageSource | PhaseSource))
    for number, e in enumerate(sources):
        (plus, up), (minus, down) = find(e.plus), find(e.minus)
        if plus == minus:
            raise DescriptionError(
                f"source {e.name!r} closes a loop of voltage or phase sources: take one out, or put a small inductor "
                "into the loop"
            )
        known = ((number, 1.0), *down)
        if plus == GROUND:
            leader[minus] = (plus, tuple((s, -w) for s, w in known) + up)
        else:
            leader[plus] = (minus, known + tuple((s, -w) for s, w in up))
    index: dict[str, int] = {}
    offsets: dict[str, Known] = {}
    unknown: dict[str, int] = {GROUND: -1}
    for node in (GROUND, *circuit.nodes):
        root, offset = find(node)
        unknown.setdefault(root, len(unknown) - 1)
        index[node], offsets[node] = unknown[root], offset
    del unknown[GROUND]
    return Numbering(names=tuple(unknown), index=index, offsets=offsets, sources=sources)


class KnownFlux:
    """Flux, voltage and its slope of one source, stretch by stretch.

    A voltage source starts from zero flux and zero voltage. A phase source has its value from the beginning, without
    the pulse of voltage that would have brought it there; its voltage starts from zero.

    Parameters
    ----------
    settled : bool
        Start from the source's own voltage at time zero instead of from zero.
    """

    def __init__(self, source: KnownSource, step: float, *, settled: bool = False) -> None:
        self._waveform: Waveform = source.waveform
        self._is_phase = isinstance(source, PhaseSource)
        self._step = step
        self._settled = settled
        self.flux = 0.0
        """Flux of a voltage source at the end of the last stretch [rad]."""

    def stretch(self, start: int, steps: int) -> tuple[Floats, Floats, Floats]:
        """Slope of the voltage, voltage and flux at the middles of steps, each over ``Phi0 / 2 pi``."""
        flux, ends = self.fluxes(start, steps)
        h = self._step
        numbers = start + np.arange(steps)
        if self._is_phase:
            voltage = np.diff(np.concatenate([self._at(np.array([start])), ends])) / h
        else:
            voltage = self._at(numbers + 0.5) / KAPPA
        return np.diff(self.end_voltages(start, steps)) / h, voltage, flux

    def end_voltages(self, start: int, steps: int) -> Floats:
        """Voltage at the beginning of the first step and at the ends of all, over ``Phi0 / 2 pi``."""
        if self._is_phase:
            ends = np.diff(self._at(start - 0.5 + np.arange(steps + 2))) / self._step
        else:
            ends = self._at(start + np.arange(steps + 1)) / KAPPA
        if start == 0 and not self._settled:
            ends[0] = 0.0
        return ends

    def fluxes(self, start: int, steps: int) -> tuple[Floats, Floats]:
        """Flux at the middles and at the ends of steps [rad]; that of a voltage source by Simpson on half steps."""
        if self._is_phase:
            numbers = start + np.arange(steps)
            return self._at(numbers + 0.5), self._at(numbers + 1.0)
        halves = self._at(start + np.arange(2 * steps + 1) / 2)
        quarters = self._at(start + np.arange(2 * steps) / 2 + 0.25)
        total = self.flux + np.cumsum((halves[:-1] + 4 * quarters + halves[1:]) * (self._step / 12 / KAPPA))
        self.flux = float(total[-1])
        return total[::2], total[1::2]

    def _at(self, steps: ArrayLike) -> Floats:
        return np.array(self._waveform.at(np.asarray(steps) * self._step), dtype=float)
