"""The architecture level on Brian2: a `Network` becomes Brian2 objects, runs, and comes back as a `Run`.

Time is cut into steps of ``dt``; spikes of sources and delays are rounded to the nearest step. Into an `SFQNeuron` a
pulse arrives, and may fire it, in exactly the step ``t + delay``; arrivals of one step are summed first. A delay of
zero takes one step there. Several spikes of a source in one step all count. All other models keep Brian2's schedule:
a spike of step k with a delay of d steps changes the state at the end of step k + d, and the threshold sees it in the
next. Traces hold the state at the start of each step. Nothing global is left changed in Brian2: neither preferences
nor random state nor clock.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import brian2
import numpy as np
from brian2.devices.device import runtime_device

from neurosim.engines.brian2 import standalone
from neurosim.engines.brian2.build import BuiltNetwork
from neurosim.engines.brian2.models import builder
from neurosim.engines.brian2.sources import MAX_STEPS
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.quantities import si
from neurosim.run import Run
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, EngineError, NeurofluxonError, unknown_name

# Importing Brian2 takes over the report of every uncaught error, also of those that are not its own.
sys.excepthook = sys.__excepthook__

TARGETS = ("numpy", "cython", "cpp_standalone")


def run(
    network: Network,
    stimulus: Stimulus,
    *,
    record: Sequence[str] = ("spikes",),
    seed: int = 0,
    dt: float | None = None,
    target: str = "numpy",
) -> Run:
    """Run one stimulus.

    Parameters
    ----------
    network, stimulus
        What to run.
    record : sequence of str
        ``"spikes"`` (always recorded), ``"variable"`` or ``"population.variable"``.
    seed : int
        Seed of Brian2's random numbers.
    dt : float or None
        Time step [s]; None takes the smallest that a neuron model or a delay asks for.
    target : str
        ``"numpy"`` starts at once; ``"cython"`` compiles first (minutes when cold) and pays in long, large runs;
        ``"cpp_standalone"``, for networks of `DiscreteLIF` and `PairSTDP`, compiles a program once a network, which
        then takes any spikes and weights, in later processes too.
    """
    if target == standalone.TARGET:
        return standalone.run(network, stimulus, record, seed, _step(network, dt))
    return _run_side_by_side(network, [stimulus], record, [seed], dt, target)[0]


def run_batch(
    network: Network,
    stimuli: Sequence[Stimulus],
    *,
    record: Sequence[str] = ("spikes",),
    seeds: Sequence[int],
    dt: float | None = None,
    target: str = "numpy",
) -> list[Run]:
    """Run several stimuli in one Brian2 run, on copies of the network side by side; parameters as in `run`.

    Each result equals that of `run` alone. Where this cannot be so (equations with random terms, shared variables, or
    the indices ``i`` and ``N``) they are run one after another.
    """
    if not stimuli:
        return []
    separable = all(
        isinstance(p.neuron, SpikeSource) or builder(p.neuron).separable(p.neuron) for p in network.populations
    )
    if separable and target != standalone.TARGET:
        return _run_side_by_side(network, stimuli, record, seeds, dt, target)
    return [
        run(network, stimulus, record=record, seed=seed, dt=dt, target=target)
        for stimulus, seed in zip(stimuli, seeds, strict=True)
    ]


def time_step(network: Network) -> float:
    """Return the step [s] that a network is run with unless the user gives one."""
    wanted = [
        builder(p.neuron).time_step(p.neuron) for p in network.populations if not isinstance(p.neuron, SpikeSource)
    ]
    for projection in network.projections:
        delays = projection.connections.delay
        wanted += [float(delays[delays > 0].min())] if np.any(delays > 0) else []
    return min(wanted, default=1e-4)


def _step(network: Network, dt: float | None) -> float:
    step = time_step(network) if dt is None else si(dt, "second", "dt")
    if not 0 < step < math.inf:
        raise DescriptionError(f"dt must be positive and finite [s], got {step}")
    return step


def _run_side_by_side(
    network: Network,
    stimuli: Sequence[Stimulus],
    record: Sequence[str],
    seeds: Sequence[int],
    dt: float | None,
    target: str,
) -> list[Run]:
    step = _step(network, dt)
    n_steps = math.ceil(max(stimulus.duration for stimulus in stimuli) / step - 1e-6)
    if n_steps > MAX_STEPS:
        raise EngineError(
            f"{n_steps:.3g} steps of {step:g} s are too many (limit {MAX_STEPS:.0e}): shorten the stimulus, give a "
            "larger dt=, or check that the neuron's time constants are in seconds"
        )
    with untouched_globals(target, seeds[0]):
        try:
            built = BuiltNetwork(network, stimuli, step, n_steps, record, seeds)
            built.brian.run(n_steps * step * brian2.second, namespace={})
        except NeurofluxonError:
            raise
        except Exception as error:
            raise EngineError(f"Brian2 could not run network {network.name!r}: {_innermost(error)}") from error
        return [built.result(k, seed, target) for k, seed in enumerate(seeds)]


@contextmanager
def untouched_globals(target: str, seed: int) -> Iterator[None]:
    """Run Brian2 with a code generation target and a seed, and leave its preferences and random state as they were."""
    if target not in TARGETS:
        raise unknown_name("target", target, TARGETS, " of the brian2 engine")
    device = brian2.get_device()
    if device is not runtime_device:
        raise EngineError("the brian2 engine needs Brian2's runtime device; call brian2.set_device('runtime') first")
    preference, random_state = brian2.prefs.codegen.target, device.get_random_state()
    brian2.prefs.codegen.target = target
    brian2.seed(seed)
    try:
        yield
    finally:
        brian2.prefs.codegen.target = preference
        device.set_random_state(random_state)


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"
