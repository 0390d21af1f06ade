"""How processes spread the values of a circuit: what moves together, and what each element does by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.parameters import (
    GLOBAL_PARAMETERS,
    Parameter,
    circuit_parameters,
    element_parameters,
)
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError, unknown_name

Floats = NDArray[np.float64]

MOST = 0.3
"""Largest standard deviation [chosen: beyond it the cut at zero would bend the Gaussian]."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A parameter whose factor is drawn from a Gaussian about 1.

    Parameters
    ----------
    parameter : Parameter
        What is moved.
    sigma : float
        Relative standard deviation.
    """

    parameter: Parameter
    sigma: float

    def __post_init__(self) -> None:
        if not 0 <= self.sigma <= MOST:
            raise DescriptionError(
                f"the standard deviation of {self.parameter.name!r} must lie between 0 and {MOST:g}, got {self.sigma}"
            )


def process_spreads(
    circuit: Circuit,
    *,
    local: float | Mapping[str, float] = 0.0,
    global_: float | Mapping[str, float] = 0.0,
) -> list[Spread]:
    """Return the spreads of a process.

    Parameters
    ----------
    local : float or mapping of kind to float
        Relative standard deviation of each element by itself; kinds are ``bias``, ``critical-current`` (with the
        capacitance: the area of a junction), ``inductance`` and ``resistance`` (junctions' and resistors'). One number
        is for all four.
    global_ : float or mapping of kind to float
        The same for all elements of a kind together, as from wafer to wafer.
    """
    flat = circuit.flatten()
    return spreads_of(circuit_parameters(flat), element_parameters(flat), local=local, global_=global_)


def spreads_of(
    parameters: Sequence[Parameter],
    elements: Sequence[Parameter],
    *,
    local: float | Mapping[str, float] = 0.0,
    global_: float | Mapping[str, float] = 0.0,
) -> list[Spread]:
    """Return the spreads of `process_spreads` from the parameters of a circuit and those of its elements."""
    globals_ = [p for p in parameters if p.scope == "global"]
    kind_of = {key: p.name for p in globals_ for key in p.scales}
    together, alone = _by_kind("global", global_), _by_kind("local", local)
    found = [Spread(parameter=p, sigma=together[p.name]) for p in globals_ if together[p.name]]
    for parameter in elements:
        sigma = alone.get(kind_of.get(next(iter(parameter.scales)), ""), 0.0)
        if sigma:
            found.append(Spread(parameter=parameter, sigma=sigma))
    return found


def draw(spreads: Sequence[Spread], seed: int, start: int, stop: int) -> Floats:
    """Return the standard normal deviates of some samples, shape (spreads, samples).

    Sample ``n`` has a generator of its own, that of ``SeedSequence(seed).spawn(...)[n]``: it is the same whatever else
    is drawn. Deviates that would leave nothing of a value are drawn again.
    """
    sigmas = np.array([s.sigma for s in spreads])
    deviates = np.empty((len(spreads), stop - start))
    for column, sample in enumerate(range(start, stop)):
        generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(sample,)))
        values = generator.standard_normal(len(spreads))
        while np.any(gone := 1 + sigmas * values <= 0):
            values[gone] = generator.standard_normal(int(np.sum(gone)))
        deviates[:, column] = values
    return deviates


def _by_kind(which: str, given: float | Mapping[str, float]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        return dict.fromkeys(GLOBAL_PARAMETERS, float(given))
    for kind in given:
        if kind not in GLOBAL_PARAMETERS:
            raise unknown_name(f"kind of {which} spread", kind, GLOBAL_PARAMETERS)
    return {kind: float(given.get(kind, 0.0)) for kind in GLOBAL_PARAMETERS}
