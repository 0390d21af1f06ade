"""What drives a circuit, sampled stretch by stretch: source currents, and fluxes known through sources."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.elements import CurrentSource
from spice_models.engines.native.known import Known, KnownFlux
from spice_models.engines.native.system import System
from spice_models.waveforms import Waveform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOPE, VOLTAGE, FLUX = 0, 1, 2
"""What a source of known flux acts by: on capacitors, on resistors, on inductors."""


class Part(NamedTuple):
    """What part of a source adds to something: which, how (or -1 for the current of a source), times what."""

    source: int | str
    kind: int
    scale: Floats  # [variants]


class Parts(NamedTuple):
    """Parts of sources as arrays: what each adds to, the number of its shape, and its factor."""

    target: Ints
    shape: Ints
    scale: Floats  # [parts, variants]


CURRENT = -1


class Drive:
    """The sources of a circuit as shapes over the steps, and the nodes that they act on.

    A voltage source acts through its flux on inductors, its voltage on resistors and its slope on capacitors. It starts
    from zero as everything does: one that has a value at time zero jumps there within the first step, unless things
    have settled before.
    """

    def __init__(self, circuit: Circuit, system: System, step: float, *, settled: bool = False) -> None:
        self._step = step
        self._system = system
        waveforms = {e.name: e.waveform for e in circuit if isinstance(e, CurrentSource)}
        self._currents: list[Waveform] = []
        self._shape: dict[str, int] = {}
        number: dict[object, int] = {}
        for name, waveform in waveforms.items():
            key = waveform if isinstance(waveform, Hashable) else id(waveform)
            if key not in number:
                number[key] = len(self._currents)
                self._currents.append(waveform)
            self._shape[name] = number[key]
        self.known = [KnownFlux(source, step, settled=settled) for source in system.known_sources]
        parts = [(node, Part(name, CURRENT, factor)) for node, name, factor in system.injections]
        for kind, driven in enumerate(system.driven):
            parts += [(node, Part(source, kind, -value)) for node, source, value in driven]
        self.nodes, self.shape, self.scale = self.table(parts)

    def table(self, parts: Iterable[tuple[int, Part]]) -> Parts:
        """Return parts of sources, each with what it adds to, as arrays."""
        listed = list(parts)
        shapes = [
            self._shape[str(part.source)]
            if part.kind == CURRENT
            else len(self._currents) + 3 * int(part.source) + part.kind
            for _, part in listed
        ]
        return Parts(
            target=np.array([target for target, _ in listed], dtype=np.int64),
            shape=np.array(shapes, dtype=np.int64),
            scale=np.array([part.scale for _, part in listed]).reshape(-1, self._system.variants),
        )

    def known_parts(self, known: Known, kind: int, factor: Floats | float = 1.0) -> list[Part]:
        """Parts of the sources of known flux that add up to one known flux, voltage or slope."""
        scale = self._system.known_scale
        return [Part(source, kind, factor * weight * scale[source]) for source, weight in known]

    def stretch(self, start: int, steps: int) -> Floats:
        """Sample the next stretch, shape (shapes, steps); stretches are asked for in order."""
        middles = (start + np.arange(steps) + 0.5) * self._step
        rows = [np.asarray(waveform.at(middles)) for waveform in self._currents]
        for known in self.known:
            rows += known.stretch(start, steps)
        return np.array(rows).reshape(-1, steps)
