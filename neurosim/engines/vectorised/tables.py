"""A network of discrete-time neurons as flat arrays for the compiled loop: neurons, synapses, plastic synapses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.projection import Projection
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Cells(NamedTuple):
    """Parameters of all neurons, one entry each, sources included (which never reach their threshold)."""

    rest: Floats
    reset: Floats
    threshold: Floats
    resistance: Floats
    kept_v: Floats
    kept_exc: Floats
    kept_inh: Floats
    s_exc: Floats
    s_inh: Floats
    held: Integers


class Fixed(NamedTuple):
    """Synapses that do not change: those of neuron i are ``first[i]`` to ``first[i + 1]``."""

    first: Integers
    post: Integers
    weight: Floats
    delay: Integers


class Uniform(NamedTuple):
    """Projections of one weight and one delay between all neurons, or all but those of equal index.

    One entry a projection: neurons ``pre_range[b, 0]`` to before ``pre_range[b, 1]`` reach all of ``post_range[b]``
    with ``weight``; where ``spares_own`` is True not the one of their own index.
    """

    pre_range: Integers
    post_range: Integers
    weight: Floats
    delay: Integers
    spares_own: NDArray[np.bool_]


class Plastic(NamedTuple):
    """Synapses that change, all projections one after another.

    ``pre_range`` and ``post_range`` hold first and last + 1 of the neurons at both ends, one row a projection. Row r of
    ``first``, from ``row_start[p]`` on, is a presynaptic neuron of projection p, with its synapses in order of
    ``post`` (all neurons counted); column c of ``column_first``, from ``column_start[p]`` on, a postsynaptic one with
    places of its synapses in ``column_place`` and their rows in ``column_row``. ``pre_lag`` and ``post_lag`` are steps
    from the emission of a spike to the end of the step after which it meets the synapse.
    """

    pre_range: Integers
    post_range: Integers
    row_start: Integers
    first: Integers
    post: Integers
    column_start: Integers
    column_first: Integers
    column_place: Integers
    column_row: Integers
    pre_lag: Integers
    post_lag: Integers
    kept_pre: Floats
    kept_post: Floats
    plus: Floats
    minus: Floats
    low: Floats
    high: Floats


class Tables(NamedTuple):
    """All of a network; ``slots`` is how many steps ahead, and back, the loop must remember."""

    step: float
    offsets: dict[str, int]
    cells: Cells
    fixed: Fixed
    uniform: Uniform
    plastic: Plastic
    plastic_names: tuple[str, ...]
    weights: Floats
    start: Floats
    slots: int

    @property
    def n(self) -> int:
        """Number of neurons, sources included."""
        return int(self.cells.rest.size)


def tables(network: Network) -> Tables:
    """Flatten a network.

    Raises
    ------
    EngineError
        For models, rules and hardware synapses that this engine does not know.
    DescriptionError
        For steps that differ, and delays that are not whole steps.
    """
    step = _step(network)
    sizes = [p.size for p in network.populations]
    ends = np.cumsum([0, *sizes])
    offsets = {p.name: int(first) for p, first in zip(network.populations, ends[:-1], strict=True)}
    unchanging = [p for p in network.projections if p.plasticity is None]
    even = [p for p in unchanging if _is_uniform(p)]
    fixed = [p for p in unchanging if p not in even and p.connections.pre.size]
    plastic = [p for p in network.projections if p.plasticity is not None and p.connections.pre.size]
    for projection in network.projections:
        if projection.synapse is not None:
            raise EngineError(f"{_ends(projection)}: the discrete engine has no synapses on hardware; use brian2")
        if not isinstance(projection.plasticity, PairSTDP | None):
            raise EngineError(
                f"{_ends(projection)}: the discrete engine cannot run plasticity "
                f"{type(projection.plasticity).__name__}; available: PairSTDP"
            )
    static = _fixed(fixed, offsets, int(ends[-1]), step)
    uniform = _uniform(even, network, offsets, step)
    learning, weights = _plastic(plastic, network, offsets, step)
    delays = (static.delay, uniform.delay, learning.pre_lag + 1)
    ahead = max(int(delay.max(initial=1)) for delay in delays)
    return Tables(
        step=step,
        offsets=offsets,
        cells=_cells(network),
        fixed=static,
        uniform=uniform,
        plastic=learning,
        plastic_names=tuple(str(p.name) for p in plastic),
        weights=weights,
        start=np.concatenate([np.full(p.size, _initial(p.neuron)) for p in network.populations]),
        slots=max(ahead, int(learning.post_lag.max(initial=0))) + 1,
    )


def _step(network: Network) -> float:
    steps = {}
    for p in network.populations:
        if isinstance(p.neuron, DiscreteLIF):
            steps[p.neuron.step] = p.name
        elif not isinstance(p.neuron, SpikeSource):
            raise EngineError(
                f"the discrete engine cannot run {type(p.neuron).__name__} of population {p.name!r}; available: "
                "DiscreteLIF, SpikeSource"
            )
    if not steps:
        raise EngineError("the discrete engine needs at least one population of DiscreteLIF")
    if len(steps) > 1:
        listed = ", ".join(f"{name!r} has {step:g} s" for step, name in steps.items())
        raise DescriptionError(f"all populations of DiscreteLIF must share one step; {listed}")
    return float(next(iter(steps)))


def _initial(neuron: object) -> float:
    if not isinstance(neuron, DiscreteLIF):
        return 0.0
    return neuron.rest if neuron.initial is None else neuron.initial


def _cells(network: Network) -> Cells:
    rows = []
    for p in network.populations:
        cell = p.neuron
        if isinstance(cell, DiscreteLIF):
            row = (cell.rest, cell.reset, cell.threshold, cell.resistance, cell.kept_potential)
            rows += [(*row, *cell.kept_currents, *cell.current_scales, cell.held_steps)] * p.size
        else:
            rows += [(0.0, 0.0, np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)] * p.size
    columns = np.array(rows, dtype=np.float64).T.copy()
    *potentials, kept_v, kept_exc, kept_inh, s_exc, s_inh, held = columns
    rest, reset, threshold, resistance = potentials
    return Cells(
        rest=rest,
        reset=reset,
        threshold=threshold,
        resistance=resistance,
        kept_v=kept_v,
        kept_exc=kept_exc,
        kept_inh=kept_inh,
        s_exc=s_exc,
        s_inh=s_inh,
        held=held.astype(np.int64),
    )


def _fixed(projections: Sequence[Projection], offsets: dict[str, int], n: int, step: float) -> Fixed:
    empty = np.empty(0, dtype=np.int64)
    parts = [(empty, empty, np.empty(0), empty)]
    for projection in projections:
        joined = projection.connections
        delay = np.maximum(_whole_steps(joined.delay, step, _ends(projection)), 1)
        parts.append(
            (joined.pre + offsets[projection.pre], joined.post + offsets[projection.post], joined.weight, delay)
        )
    pre, post, weight, delay = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(pre, kind="stable")
    first = np.searchsorted(pre[order], np.arange(n + 1)).astype(np.int64)
    return Fixed(first=first, post=post[order], weight=weight[order], delay=delay[order])


def _is_uniform(projection: Projection) -> bool:
    """Whether it is one for `Uniform`; looks at its matrices only, which is cheaper than listing synapses."""
    weights, delays = projection.weights, projection.delays
    if scipy.sparse.issparse(weights) or (delays.ndim and (scipy.sparse.issparse(delays) or np.ptp(delays) > 0)):
        return False
    first, last = weights.flat[0], weights.flat[-1]
    if first != 0 and np.all(weights == first):
        return True
    n_pre, n_post = weights.shape
    if n_pre != n_post or n_pre < 2 or first != 0 or last != 0:
        return False
    off = weights[0, 1]
    return bool(off != 0 and not np.any(np.diag(weights)) and np.count_nonzero(weights == off) == n_pre * (n_pre - 1))


def _uniform(projections: Sequence[Projection], network: Network, offsets: dict[str, int], step: float) -> Uniform:
    ranges = np.empty((2, len(projections), 2), dtype=np.int64)
    weights, delays, spared = [], [], []
    for b, p in enumerate(projections):
        for side, name in enumerate((p.pre, p.post)):
            ranges[side, b] = offsets[name], offsets[name] + network.population(name).size
        delay = _whole_steps(np.atleast_1d(p.delays.flat[0]).astype(np.float64), step, _ends(p))
        delays.append(max(int(delay[0]), 1))
        spared.append(p.weights[0, 0] == 0)
        weights.append(p.weights[0, 0] + p.weights[0, -1] * spared[-1])
    return Uniform(
        pre_range=ranges[0].copy(),
        post_range=ranges[1].copy(),
        weight=np.array(weights, dtype=np.float64),
        delay=np.array(delays, dtype=np.int64),
        spares_own=np.array(spared, dtype=np.bool_),
    )


def _plastic(
    projections: Sequence[Projection], network: Network, offsets: dict[str, int], step: float
) -> tuple[Plastic, Floats]:
    empty = np.empty(0, dtype=np.int64)
    lists: dict[str, list[Integers]] = {
        name: [empty] for name in ("first", "post", "column_first", "column_place", "column_row")
    }
    pre_range, post_range, row_start, column_start, lags, rules = [], [], [], [], [], []
    weights = [np.empty(0)]
    rows = columns = synapses = 0
    for projection in projections:
        rule, joined, ends = projection.plasticity, projection.connections, _ends(projection)
        n_pre, n_post = (network.population(name).size for name in (projection.pre, projection.post))
        delays = np.unique(np.maximum(_whole_steps(joined.delay, step, ends), 1))
        if delays.size > 1:
            raise EngineError(f"{ends} learns, so the discrete engine needs one delay for all its synapses; use brian2")
        lags.append((delays[0] - 1, _whole_steps(np.array([rule.post_delay]), step, f"{ends}: post_delay")[0]))
        kept = (np.exp(-step / rule.tau_plus), np.exp(-step / rule.tau_minus))
        rules.append((*kept, rule.amplitude_plus, rule.amplitude_minus, rule.low, rule.high))
        pre_range.append((offsets[projection.pre], offsets[projection.pre] + n_pre))
        post_range.append((offsets[projection.post], offsets[projection.post] + n_post))
        row_start.append(rows)
        column_start.append(columns)
        if joined.pre.size == n_pre * n_post:
            by_post = np.arange(joined.pre.size).reshape(n_pre, n_post).T.ravel()
        else:
            by_post = np.argsort(joined.post, kind="stable")
        lists["first"].append(synapses + np.searchsorted(joined.pre, np.arange(n_pre + 1)))
        lists["post"].append(joined.post + offsets[projection.post])
        lists["column_first"].append(synapses + np.searchsorted(joined.post[by_post], np.arange(n_post + 1)))
        lists["column_place"].append(by_post + synapses)
        lists["column_row"].append(joined.pre[by_post])
        weights.append(joined.weight)
        rows, columns, synapses = rows + n_pre + 1, columns + n_post + 1, synapses + joined.pre.size
    whole = {name: np.concatenate(parts).astype(np.int64) for name, parts in lists.items()}
    numbers = np.array(rules, dtype=np.float64).reshape(len(projections), 6).T.copy()
    return Plastic(
        pre_range=np.array(pre_range, dtype=np.int64).reshape(-1, 2),
        post_range=np.array(post_range, dtype=np.int64).reshape(-1, 2),
        row_start=np.array(row_start, dtype=np.int64),
        column_start=np.array(column_start, dtype=np.int64),
        pre_lag=np.array([lag for lag, _ in lags], dtype=np.int64),
        post_lag=np.array([lag for _, lag in lags], dtype=np.int64),
        **whole,
        kept_pre=numbers[0],
        kept_post=numbers[1],
        plus=numbers[2],
        minus=numbers[3],
        low=numbers[4],
        high=numbers[5],
    ), np.concatenate(weights)


def _whole_steps(times: Floats, step: float, what: str) -> Integers:
    steps = np.rint(times / step)
    if np.any(np.abs(times / step - steps) > 1e-6):
        raise DescriptionError(f"{what}: delays must be whole steps of {step:g} s")
    return steps.astype(np.int64)


def _ends(projection: Projection) -> str:
    return f"projection {projection.name!r} from {projection.pre!r} to {projection.post!r}"
