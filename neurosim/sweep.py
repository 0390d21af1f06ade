"""Many simulations of networks: a grid of named parameters, on one machine or many, stopped and taken up again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from neurosim.network import Network
from neurosim.run import Run
from neurosim.simulate import simulate
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError
from spice_models.sweep import PointError, grid
from spice_models.sweep import sweep as sweep_points

if TYPE_CHECKING:
    import pandas as pd

_SEEDS = 2**32  # what Brian2 takes


@dataclass(frozen=True, kw_only=True)
class RunSweep(Sequence[Any]):
    """Runs in the order of the points; as a sequence, the runs (None where one failed).

    Parameters
    ----------
    points : tuple of mapping
        The parameters of each run.
    runs : tuple of Run or None
        What came out.
    errors : mapping of int to PointError
        By number of the point.
    reused : int
        How many runs came from the store.
    """

    points: tuple[Mapping[str, Any], ...]
    runs: tuple[Run | None, ...]
    errors: Mapping[int, PointError]
    reused: int = 0

    def __len__(self) -> int:
        return len(self.runs)

    def __getitem__(self, number: Any) -> Any:
        return self.runs[number]

    def to_dataframe(self) -> pd.DataFrame:
        """One row a point: its parameters, then what `Run` knows, spikes of each population, and the error if any."""
        import pandas as pd

        rows = []
        for number, (point, run) in enumerate(zip(self.points, self.runs, strict=True)):
            row = dict(point)
            if run is not None:
                row |= {"level": run.level, "engine": run.engine, "energy": run.energy, "latency": run.latency}
                row |= {f"spikes_{name}": int(run.counts(name).sum()) for name in run.spikes}
            failed = self.errors.get(number)
            row["error"] = None if failed is None else f"{failed.kind}: {failed.message}"
            rows.append(row)
        return pd.DataFrame(rows)


def sweep(
    network: Network | Callable[..., Network],
    stimulus: Stimulus | Callable[..., Stimulus],
    points: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    *,
    level: str | None = None,
    engine: str | None = None,
    record: Iterable[str] = ("spikes",),
    seed: int = 0,
    executor: Executor | int | None = None,
    store: str | Path | None = None,
    on_error: Literal["keep", "raise"] = "keep",
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> RunSweep:
    """Simulate a network at every point of a grid of parameters.

    Parameters
    ----------
    network, stimulus : Network and Stimulus, or callable
        Callables get those parameters of a point that they name, as ``network(threshold=0.7)``.
    points : mapping of name to values, or iterable of mapping
        A grid of all combinations, or the points one by one. ``level``, ``engine``, and options of the engine may be
        among the names.
    level, engine, record, options
        As of `neurosim.simulate`, for all points.
    seed : int
        Each point gets one of its own, from ``SeedSequence(seed).spawn``.
    executor, store, on_error, progress
        As of `spice_models.sweep.sweep`: any executor of `concurrent.futures`, dask.distributed's among them, or a
        number of processes; a folder that keeps runs; ``"keep"`` or ``"raise"``.

    Raises
    ------
    DescriptionError
        For a parameter that would be passed to nobody, or set twice.

    Examples
    --------
    ::

        def network(threshold):
            return ns.Network(...)

        found = ns.sweep(network, stimulus, {"threshold": [0.6, 0.7, 0.8], "level": ["behavioral", "circuit"]})
        found.to_dataframe()
    """
    listed = tuple(grid(**points) if isinstance(points, Mapping) else [dict(point) for point in points])
    simulation = _Simulation(
        network=network, stimulus=stimulus, level=level, engine=engine, record=tuple(record), options=dict(options)
    )
    simulation.check({name for point in listed for name in point})
    found = sweep_points(
        simulation, listed, executor=executor, store=store, seed=seed, on_error=on_error, progress=progress
    )
    return RunSweep(points=listed, runs=found.values, errors=found.errors, reused=found.reused)


@dataclass(frozen=True, kw_only=True)
class _Simulation:
    """What a worker calls for each point."""

    network: Network | Callable[..., Network]
    stimulus: Stimulus | Callable[..., Stimulus]
    level: str | None
    engine: str | None
    record: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *, seed: int, **point: Any) -> Run:
        """Build and run."""
        network = self.network if isinstance(self.network, Network) else self.network(**_taken(self.network, point))
        stimulus = self.stimulus
        if not isinstance(stimulus, Stimulus):
            stimulus = stimulus(**_taken(stimulus, point))
        used = {name for thing in (self.network, self.stimulus) for name in _taken(thing, point)}
        settings = {"level": self.level, "engine": self.engine, **self.options}
        settings |= {name: value for name, value in point.items() if name not in used}
        return simulate(network, stimulus, record=self.record, seed=seed % _SEEDS, **settings)

    def check(self, names: set[str]) -> None:
        """Raise for names of parameters that would be passed to nobody, or set twice."""
        asked = {name for thing in (self.network, self.stimulus) for name in _taken(thing, dict.fromkeys(names))}
        given = {n for n, v in (("level", self.level), ("engine", self.engine)) if v is not None} | set(self.options)
        if twice := sorted((names - asked) & given):
            raise DescriptionError(
                f"{twice[0]!r} is a parameter of the points and given for all of them: leave one out"
            )
        if {"seed", "record"} & (names - asked):
            raise DescriptionError("'seed' and 'record' are given for all points, not at single ones")


def _taken(thing: Any, point: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a point that a callable names."""
    if not callable(thing):
        return {}
    parameters = inspect.signature(thing).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return dict(point)
    names = {p.name for p in parameters if p.kind is not inspect.Parameter.POSITIONAL_ONLY}
    return {name: value for name, value in point.items() if name in names}
