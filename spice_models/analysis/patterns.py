"""Input patterns side by side: circuits that differ in their sources alone, as variants of one circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.elements import CurrentSource
from spice_models.engines.native.engine import Batch

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SideBySide:
    """One circuit that becomes each of several by switching sources on and off.

    Parameters
    ----------
    circuit : Circuit
        With one source more for each further waveform.
    switches : mapping of source to array, shape (patterns,)
        1 where a source is on.
    twins : mapping of source to sources
        Those that came to be from one.
    """

    circuit: Circuit
    switches: Mapping[str, Floats]
    twins: Mapping[str, tuple[str, ...]]
    patterns: int

    def scales(self, scales: Mapping[str, ArrayLike], count: int) -> dict[str, Floats]:
        """Return the factors of all patterns of ``count`` variants, the first pattern's variants first."""
        spread: dict[str, Floats] = {}
        for key, factors in scales.items():
            one = np.asarray(factors, dtype=float)
            several = np.concatenate([one if one.shape == (count,) else np.full(count, one)] * self.patterns)
            spread |= dict.fromkeys(self.twins.get(key, (key,)), several)
        for source, on in self.switches.items():
            spread[source] = np.repeat(on, count) * spread.get(source, 1.0)
        return spread

    def split(self, batch: Batch, count: int) -> list[Batch]:
        """Take the patterns of a batch apart."""
        parts = [slice(k * count, (k + 1) * count) for k in range(self.patterns)]
        return [
            replace(batch, times=batch.times[:, :, p], slips=batch.slips[:, p], backward=batch.backward[:, p])
            for p in parts
        ]


def side_by_side(circuits: Sequence[Circuit]) -> SideBySide | None:
    """Join flattened circuits that differ in the waveforms of current sources alone; None where they differ in more.

    A source that is off adds exactly zero, so that results are those of the single circuits to the last bit.
    """
    first = circuits[0]
    elements = list(first)
    if any([e.name for e in c] != [e.name for e in elements] for c in circuits):
        return None
    joined = Circuit(first.name)
    switches: dict[str, Floats] = {}
    twins: dict[str, tuple[str, ...]] = {}
    for element in elements:
        versions = [c[element.name] for c in circuits]
        if all(v == element for v in versions):
            joined.add(element)
            continue
        sources = [v for v in versions if isinstance(v, CurrentSource)]
        if not isinstance(element, CurrentSource) or len(sources) < len(versions):
            return None
        if any(replace(v, waveform=element.waveform) != element for v in sources):
            return None
        waveforms = [v.waveform for v in sources]
        different = [w for i, w in enumerate(waveforms) if w not in waveforms[:i] and w != w.scaled(2.0)]
        if not different:
            joined.add(element)
            continue
        names = (element.name, *(f"{element.name}.of_waveform_{k}" for k in range(1, len(different))))
        for name, waveform in zip(names, different, strict=True):
            joined.add(replace(element, name=name, waveform=waveform))
            switches[name] = np.array([float(w == waveform) for w in waveforms])
        twins[element.name] = names
    return SideBySide(circuit=joined, switches=switches, twins=twins, patterns=len(circuits))
