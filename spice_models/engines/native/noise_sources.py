"""Sources whose waveform is noise: they draw from the seed of the run, every variant from a stream of its own.

Current sources draw as the run goes, in every variant. Voltage and phase sources act through fluxes that all variants
of a run share, so their values are drawn before, and for one variant only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit, Instance
from spice_models.elements import CurrentSource, PhaseSource, Primitive, VoltageSource
from spice_models.errors import DescriptionError
from spice_models.waveforms import DC, Noise

Floats = NDArray[np.float64]
Sources = Mapping[str, tuple[int, Noise]]
"""Noise waveforms by flattened name of their source, with the numbers of their streams."""


def stream(seed: int, *key: int) -> np.random.SeedSequence:
    """Return the seed of one stream: ``(variant,)`` of Johnson currents, ``(variant, number)`` of a source."""
    return np.random.SeedSequence(seed, spawn_key=key)


def noisy_sources(circuit: Circuit) -> Sources:
    """Find the noise waveforms of a circuit and number them, from one on."""
    if not _any_noise(circuit, {}):
        return {}
    found = [(e.name, w) for e in circuit.flatten() if (w := _noise(e)) is not None]
    return {name: (number, waveform) for number, (name, waveform) in enumerate(found, start=1)}


def silenced(circuit: Circuit, sources: Sources, *, seed: int, variants: int, duration: float, step: float) -> Circuit:
    """Return a circuit without noise waveforms, for the part of an engine that samples sources of all variants at once.

    Raises
    ------
    DescriptionError
        For a voltage or phase source that follows noise where there is more than one variant.
    """

    def change(element: Primitive) -> Primitive:
        if element.name not in sources:
            return element
        if isinstance(element, CurrentSource):
            return replace(element, waveform=DC(0.0))
        if variants > 1:
            raise DescriptionError(
                f"source {element.name!r} follows noise, which among several variants only a current source can: use "
                "one across a resistor in series, or run the variants one by one"
            )
        return _drawn(element, *sources[element.name], seed=seed, duration=duration, step=step)

    return circuit.mapped(change) if sources else circuit


def as_drawn(circuit: Circuit, sources: Sources, *, seed: int, duration: float, step: float) -> Circuit:
    """Return a circuit with the values that its noise waveforms take in the first variant of a run."""

    def change(element: Primitive) -> Primitive:
        if element.name not in sources:
            return element
        return _drawn(element, *sources[element.name], seed=seed, duration=duration, step=step)

    return circuit.mapped(change) if sources else circuit


class HeldDraws:
    """Draws of one noise waveform in one variant at the middles of steps, in units of its standard deviation."""

    def __init__(self, seed: np.random.SeedSequence, waveform: Noise, step: float) -> None:
        self._draws = np.random.default_rng(seed)
        self._interval = max(waveform.interval, step)
        self._delay = waveform.delay
        self._step = step
        self._count = 0
        self._last = 0.0

    def next(self, start: int, steps: int) -> Floats:
        """Values in the steps from number ``start`` on; asked for in order."""
        middles = (start + np.arange(steps) + 0.5) * self._step
        place = np.floor((middles - self._delay) / self._interval + 1e-6).astype(np.int64)
        new = self._draws.standard_normal(max(0, int(place[-1]) + 1 - self._count))
        known = np.concatenate([[self._last], new])
        values: Floats = known[np.maximum(place - self._count + 1, 0)]
        self._count += len(new)
        self._last = float(known[-1])
        return values


def _drawn(element: Primitive, number: int, waveform: Noise, *, seed: int, duration: float, step: float) -> Primitive:
    assert isinstance(element, CurrentSource | VoltageSource | PhaseSource)
    return replace(
        element, waveform=waveform.drawn(np.random.default_rng(stream(seed, 0, number)), duration=duration, step=step)
    )


def _noise(element: Primitive | Instance) -> Noise | None:
    if isinstance(element, CurrentSource | VoltageSource | PhaseSource) and isinstance(element.waveform, Noise):
        return element.waveform
    return None


def _any_noise(circuit: Circuit, seen: dict[int, bool]) -> bool:
    """Whether a source follows noise, without opening instances of one subcircuit more than once."""
    if id(circuit) not in seen:
        seen[id(circuit)] = any(
            _any_noise(e.subcircuit, seen) if isinstance(e, Instance) else _noise(e) is not None for e in circuit
        )
    return seen[id(circuit)]
