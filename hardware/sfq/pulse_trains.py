"""Random trains of pulses that a driver can follow."""

from __future__ import annotations

import numpy as np

from spice_models.errors import DescriptionError


def random_train(rate: float, duration: float, dead_time: float, generator: np.random.Generator) -> list[float]:
    """Return the times [s] of random pulses: exponential intervals after a dead time, of a mean rate [Hz].

    The first pulse comes within a mean interval.

    Parameters
    ----------
    rate, duration : float
        [Hz], [s].
    dead_time : float
        Least interval [s].
    generator : numpy.random.Generator
        What draws.

    Raises
    ------
    DescriptionError
        For a negative rate, and for one that the dead time does not allow.
    """
    if rate < 0 or rate * dead_time >= 1:
        raise DescriptionError(
            f"pulses at least {dead_time:g} s apart have a rate of 0..{1 / dead_time:g} Hz, got {rate:g}"
        )
    if rate == 0:
        return []
    times, time = [], float(generator.uniform(0, 1 / rate))
    while time < duration:
        times.append(time)
        time += dead_time + float(generator.exponential(1 / rate - dead_time))
    return times
