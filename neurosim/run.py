"""The result of one simulation, whatever level and engine it came from."""

from __future__ import annotations

import html
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import unknown_name
from spice_models.results import SpikeTrains, Traces

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from neurosim.network import Network


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """What one simulation gave.

    Parameters
    ----------
    network : str
        Name of the network.
    level : str
        ``"architecture"``, ``"behavioral"`` or ``"circuit"``.
    engine : str
        Name of the engine.
    duration : float
        Simulated time [s].
    spikes : mapping of str to SpikeTrains
        Spikes of each population.
    traces : mapping of str to Traces
        Recorded signals; for state variables of neurons under ``"population.variable"``.
    energy : float or None
        Energy that the hardware spent [J]; None where the level has none.
    latency : float or None
        Time from the first input spike to the first output spike [s]; None where one of them is silent.
    seed : int or None
        Seed of the random draws.
    versions : mapping of str to str
        Versions of what it was made with.
    details : mapping of str to anything
        What else the engine has to say.
    """

    network: str
    level: str
    engine: str
    duration: float
    spikes: Mapping[str, SpikeTrains]
    traces: Mapping[str, Traces] = field(default_factory=dict)
    energy: float | None = None
    latency: float | None = None
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("spikes", "traces", "versions", "details"):
            object.__setattr__(self, name, dict(getattr(self, name)))

    @property
    def label(self) -> str:
        """Level and engine, for tables: ``"architecture/brian2"``."""
        return f"{self.level}/{self.engine}"

    def of(self, population: str) -> SpikeTrains:
        """Spikes of one population; raises `UnknownNameError` for one that was not recorded."""
        if population not in self.spikes:
            raise unknown_name("recorded population", population, self.spikes)
        return self.spikes[population]

    def counts(self, population: str) -> NDArray[np.int64]:
        """Number of spikes of each neuron of a population, shape (n,)."""
        return self.of(population).counts()

    @property
    def fired(self) -> dict[str, NDArray[np.bool_]]:
        """Which neurons of each population spiked at all."""
        return {name: trains.counts() > 0 for name, trains in self.spikes.items()}

    def to_dataframe(self) -> pd.DataFrame:
        """Spikes as a table with columns ``time`` [s], ``population``, ``neuron``, sorted by time."""
        import pandas as pd

        found = list(self.spikes.items())
        table = pd.DataFrame(
            {
                "time": np.concatenate([s.times for _, s in found]) if found else np.empty(0),
                "population": [name for name, s in found for _ in range(s.times.size)],
                "neuron": np.concatenate([s.indices for _, s in found]) if found else np.empty(0, dtype=np.int64),
            }
        )
        return table.sort_values("time", kind="stable", ignore_index=True)

    def to_xarray(self) -> xr.Dataset:
        """Traces and spike counts as a dataset.

        Each entry of `traces` becomes a variable with dimensions ``"<entry> channel"`` and ``"<entry> time"`` [s],
        each population's spike counts a variable ``"<population> count"``.
        """
        import xarray as xr

        variables: dict[str, Any] = {}
        coordinates: dict[str, Any] = {}
        for name, trace in self.traces.items():
            channel, time = f"{name} channel", f"{name} time"
            unit = trace.units[0] if len(set(trace.units)) == 1 else list(trace.units)
            variables[name] = ((channel, time), trace.values, {"units": unit})
            coordinates[channel] = list(trace.names)
            coordinates[time] = ((time,), trace.times, {"units": "s"})
        for name, trains in self.spikes.items():
            variables[f"{name} count"] = ((f"{name} neuron",), trains.counts())
        about = {"network": self.network, "level": self.level, "engine": self.engine, "duration": self.duration}
        return xr.Dataset(variables, coords=coordinates, attrs=about)

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain numbers, strings and lists, ready for JSON."""
        return {
            "network": self.network,
            "level": self.level,
            "engine": self.engine,
            "duration": self.duration,
            "seed": self.seed,
            "energy": self.energy,
            "latency": self.latency,
            "spikes": {name: trains.to_lists() for name, trains in self.spikes.items()},
            "traces": {
                name: {
                    "names": list(trace.names),
                    "units": list(trace.units),
                    "start": trace.start,
                    "dt": trace.dt,
                    "values": trace.values.tolist(),
                }
                for name, trace in self.traces.items()
            },
            "versions": dict(self.versions),
            "details": _plain(self.details),
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {trains.times.size}" for name, trains in self.spikes.items())
        return f"Run({self.network!r}, {self.label}, {self.duration:g} s, spikes {{{counts}}})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{trains.n}</td><td>{trains.times.size}</td></tr>"
            for name, trains in self.spikes.items()
        )
        facts = [f"{self.duration:g} s"]
        if self.latency is not None:
            facts.append(f"latency {self.latency:.4g} s")
        if self.energy is not None:
            facts.append(f"energy {self.energy:.4g} J")
        return (
            f"<b>{html.escape(self.network)}</b>, {html.escape(self.label)}, {', '.join(facts)}"
            f"<table><tr><th>population</th><th>neurons</th><th>spikes</th></tr>{rows}</table>"
        )


def response_latency(network: Network, spikes: Mapping[str, SpikeTrains]) -> float | None:
    """Return the time from the first spike of any source to the first spike of any output [s], None where silent."""
    firsts = []
    for group in (network.inputs, network.outputs):
        times = [spikes[p.name].times[0] for p in group if p.name in spikes and spikes[p.name].times.size]
        if not times:
            return None
        firsts.append(float(min(times)))
    return firsts[1] - firsts[0]


def versions(*distributions: str) -> dict[str, str]:
    """Versions of Python, numpy, this toolkit and the named distributions; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in ("neurofluxon", "numpy", *distributions):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return repr(value)
