"""Many runs of one function, on one machine or many, that can be stopped and taken up again.

Examples
--------
Serially, or over any `concurrent.futures.Executor`, or ``executor=4`` for four processes::

    results = sweep(delay, grid(bias=[0.6, 0.7, 0.8], inductance=[4e-12, 8e-12]), store="delays")

    with dask.distributed.Client() as client:
        results = sweep(delay, points, executor=client.get_executor())
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np

from spice_models.errors import DescriptionError, EngineError
from spice_models.fingerprint import fingerprint
from spice_models.result_store import ResultStore
from spice_models.tasks import processes, run_tasks


@dataclass(frozen=True, kw_only=True)
class PointError:
    """What went wrong at one point.

    Parameters
    ----------
    kind, message, trace : str
        Type of the exception, its text, and where it was raised.
    """

    kind: str
    message: str
    trace: str


@dataclass(frozen=True, kw_only=True)
class SweepResult(Sequence[Any]):
    """Results in the order of the points; as a sequence, what the function returned (None where it failed).

    Parameters
    ----------
    points : tuple
        What the function was called with.
    values : tuple
        What it returned.
    errors : mapping of int to PointError
        By number of the point.
    reused : int
        How many results came from the store.
    """

    points: tuple[Any, ...]
    values: tuple[Any, ...]
    errors: Mapping[int, PointError]
    reused: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: Any) -> Any:
        return self.values[number]

    @property
    def failed(self) -> list[tuple[Any, PointError]]:
        """Points that failed, each with its error."""
        return [(self.points[number], error) for number, error in sorted(self.errors.items())]


def grid(**axes: Iterable[Any]) -> list[dict[str, Any]]:
    """Every combination of named values, the last name changing fastest.

    Examples
    --------
    >>> grid(a=[1, 2], b="xy")
    [{'a': 1, 'b': 'x'}, {'a': 1, 'b': 'y'}, {'a': 2, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def point_seeds(seed: int, count: int) -> list[int]:
    """Return a seed for each point, from ``SeedSequence(seed).spawn(count)``: a longer sweep begins with the same."""
    return [
        int(np.random.SeedSequence(seed, spawn_key=(number,)).generate_state(1, np.uint64)[0])
        for number in range(count)
    ]


def sweep(
    function: Callable[..., Any],
    points: Iterable[Any],
    *,
    executor: Executor | int | None = None,
    store: str | Path | None = None,
    seed: int | None = None,
    on_error: Literal["keep", "raise"] = "keep",
    progress: Callable[[float], None] | None = None,
) -> SweepResult:
    """Call a function at every point; the result is the same whatever runs it, and after a kill and a new start.

    Parameters
    ----------
    function : callable
        Called as ``function(**point)`` for points that are mappings and ``function(point)`` for others. With processes
        or machines it and its results must pickle: a function of a module, not a lambda.
    points : iterable
        Numbers, texts, mappings, dataclasses ...; see `grid`.
    executor : Executor, int or None
        Any `concurrent.futures.Executor`; a number for so many processes of our own; None for one after the other.
    store : path, optional
        Folder for results. Points that are in it, by their value, seed and name of the function, are not run again:
        take a new folder when the function has changed. Errors are tried again.
    seed : int, optional
        The function gets a keyword ``seed`` besides, a number of 64 bits for each point, as of `point_seeds`.
    on_error : str
        ``"keep"``: errors of points are part of the result; ``"raise"``: the first one ends the sweep.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    EngineError
        With ``on_error="raise"``, naming the point.
    DescriptionError
        For points that cannot be told apart by their value, with a store.
    """
    if on_error not in ("keep", "raise"):
        raise DescriptionError(f"on_error must be 'keep' or 'raise', got {on_error!r}")
    listed = tuple(points)
    seeds: Sequence[int | None] = [None] * len(listed) if seed is None else point_seeds(seed, len(listed))
    values: list[Any] = [None] * len(listed)
    errors: dict[int, PointError] = {}
    tell = progress or (lambda done: None)
    with ResultStore(store) if store is not None else nullcontext() as kept:
        keys = [] if kept is None else [fingerprint(function, p, s) for p, s in zip(listed, seeds, strict=True)]
        open_points = []
        for number in range(len(listed)):
            if kept is not None and keys[number] in kept:
                values[number] = kept[keys[number]]
            else:
                open_points.append(number)
        done = reused = len(listed) - len(open_points)
        with _executor(executor, len(open_points)) as chosen:
            tasks = [(listed[number], seeds[number]) for number in open_points]
            with closing(run_tasks(partial(_attempt, function), tasks, chosen)) as results:
                for place, (value, error) in results:
                    number = open_points[place]
                    if error is None:
                        values[number] = value
                        if kept is not None:
                            kept.add(keys[number], value)
                    elif on_error == "raise":
                        raise EngineError(f"point {listed[number]!r}: {error.kind}: {error.message}\n{error.trace}")
                    else:
                        errors[number] = error
                    done += 1
                    tell(done / len(listed))
    tell(1.0)
    return SweepResult(points=listed, values=tuple(values), errors=errors, reused=reused)


def _executor(executor: Executor | int | None, tasks: int) -> Any:
    if isinstance(executor, int):
        return processes(max(1, min(executor, tasks)) if executor > 0 else executor)
    return nullcontext(executor)


def _attempt(function: Callable[..., Any], task: tuple[Any, int | None]) -> tuple[Any, PointError | None]:
    point, seed = task
    keywords = {} if seed is None else {"seed": seed}
    try:
        if isinstance(point, Mapping):
            return function(**point, **keywords), None
        return function(point, **keywords), None
    except Exception as error:
        return None, PointError(kind=type(error).__name__, message=str(error), trace=traceback.format_exc())
