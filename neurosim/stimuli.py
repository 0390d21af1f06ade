"""Ways to make a stimulus: pulses at given times, regular and Poisson spikes, input currents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.quantities import si, si_array
from neurosim.stimulus import Stimulus, merge, sequence
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains, Traces

__all__ = ["Stimulus", "currents", "merge", "poisson", "pulses", "regular", "sequence"]


def pulses(times: Mapping[str, Sequence[Any]], *, duration: float) -> Stimulus:
    """Give spikes at given times.

    Parameters
    ----------
    times : mapping of str to list of float, or list of lists of float
        Spike times [s] of each population: one list for a population of one neuron, a list a neuron otherwise.
    duration : float
        Length of the simulation [s].

    Examples
    --------
    >>> pulses({"a": [20e-12], "b": [[], [10e-12]]}, duration=100e-12)
    Stimulus(1e-10 s; a: 1 spikes, b: 1 spikes)
    """
    length = si(duration, "second", "duration")
    spikes = {}
    for name, given in times.items():
        nested = [np.ndim(item) > 0 for item in given]
        if any(nested) and not all(nested):
            raise DescriptionError(f"times of population {name!r} mix numbers and lists: give a list a neuron")
        rows = given if any(nested) else [given]
        what = f"spike times of population {name!r}"
        spikes[name] = _trains(name, [si_array(row, "second", what).tolist() for row in rows], length)
    return Stimulus(duration=length, spikes=spikes)


def regular(
    population: str,
    n: int = 1,
    *,
    rate: float | None = None,
    interval: float | None = None,
    start: float = 0.0,
    duration: float,
) -> Stimulus:
    """Give evenly spaced spikes, the same for each of ``n`` sources, from ``start`` [s] to before ``duration`` [s].

    Exactly one of ``rate`` [Hz] and ``interval`` [s] is needed.
    """
    if (rate is None) == (interval is None):
        raise DescriptionError("give either rate= [Hz] or interval= [s]")
    length = si(duration, "second", "duration")
    step = si(interval, "second", "interval") if rate is None else 1.0 / _positive(si(rate, "hertz", "rate"), "rate")
    first = si(start, "second", "start")
    count = max(0, int(np.ceil((length - first) / _positive(step, "interval") - 1e-9)))
    times = (first + step * np.arange(count)).tolist()
    return Stimulus(duration=length, spikes={population: _trains(population, [times] * n, length)})


def poisson(population: str, n: int = 1, *, rate: float | Sequence[float], duration: float, seed: int = 0) -> Stimulus:
    """Give Poisson spike trains.

    Parameters
    ----------
    population : str
        Source population.
    n : int
        Number of its neurons.
    rate : float or sequence of n floats
        Rate [Hz].
    duration : float
        Length of the simulation [s].
    seed : int
        The same seed gives the same spikes.
    """
    length = si(duration, "second", "duration")
    rates = si_array(rate, "hertz", "rate")
    if rates.ndim > 1 or (rates.ndim == 1 and rates.size != n):
        raise DescriptionError(f"rate must be one number or {n} numbers [Hz], got shape {rates.shape}")
    if not np.all(np.isfinite(rates)) or np.any(rates < 0):
        raise DescriptionError(f"rates must be finite and >= 0 [Hz], got {rate!r}")
    generator = np.random.default_rng(seed)
    counts = generator.poisson(np.broadcast_to(rates * length, n))
    indices = np.repeat(np.arange(n), counts)
    times = generator.uniform(0.0, length, indices.size)
    trains = SpikeTrains(times=times, indices=indices, n=n, duration=length)
    return Stimulus(duration=length, spikes={population: trains})


def currents(values: Mapping[str, Any], *, duration: float, dt: float | None = None, start: float = 0.0) -> Stimulus:
    """Give input currents.

    Parameters
    ----------
    values : mapping of str to number, array or Traces
        For each population one number (constant for the whole duration), an array of samples for all its neurons,
        shape (n_steps,), or one row a neuron, shape (n, n_steps), in the unit of the neuron model.
    duration : float
        Length of the simulation [s].
    dt : float
        Time between the samples of arrays [s].
    start : float
        Time of the first sample of arrays [s].

    Examples
    --------
    >>> currents({"cells": 1.5}, duration=0.1)
    Stimulus(0.1 s; cells: current)
    """
    length = si(duration, "second", "duration")
    traces = {}
    for name, given in values.items():
        if isinstance(given, Traces):
            traces[name] = given
            continue
        samples = si_array(given, ("1", "amp"), f"current into population {name!r}")
        if samples.ndim > 2 or (samples.ndim and not samples.size):
            raise DescriptionError(f"the current into population {name!r} has shape {samples.shape}")
        if samples.ndim and dt is None:
            raise DescriptionError(f"the current into population {name!r} is sampled: give dt= [s]")
        constant = samples.ndim == 0
        table: NDArray[np.float64] = np.atleast_2d(samples)
        labels = tuple(f"{name}[{i}]" for i in range(len(table)))
        traces[name] = Traces(
            values=table,
            dt=length if constant or dt is None else si(dt, "second", "dt"),
            names=labels,
            units=("A",) * len(table),
            start=0.0 if constant else si(start, "second", "start"),
        )
    return Stimulus(duration=length, currents=traces)


def _trains(name: str, rows: list[list[float]], duration: float) -> SpikeTrains:
    try:
        return SpikeTrains.from_lists(rows, duration)
    except DescriptionError as error:
        raise DescriptionError(f"population {name!r}: {error}") from error


def _positive(value: float, what: str) -> float:
    if not 0 < value < np.inf:
        raise DescriptionError(f"{what} must be positive and finite, got {value}")
    return value
