"""Run a network at a level of abstraction: the engine table and the calls that use it.

An engine is a function ``run(network, stimulus, *, record, seed, **options) -> Run``. It stands in a table as
``"module:function"`` and is imported at its first use. Other packages add engines as entry points of the group
``neurofluxon.engines``, named ``"level.engine"``::

    [project.entry-points."neurofluxon.engines"]
    "architecture.nest" = "my_package.nest_engine:run"
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Any

import numpy as np

from neurosim.compare import Comparison, compare
from neurosim.engine_choice import architecture_engine
from neurosim.network import Network
from neurosim.run import Run
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, EngineError, unknown_name

__all__ = ["Comparison", "EngineEntry", "compare", "engines", "simulate", "simulate_batch"]


@dataclass(frozen=True, kw_only=True)
class EngineEntry:
    """Where an engine is found.

    Parameters
    ----------
    level : str
        Level of abstraction it runs.
    run : str
        ``"module:function"`` for one stimulus.
    batch : str or None
        ``"module:function"`` for several stimuli in one go, ``f(network, stimuli, *, record, seeds, **options)``;
        None to run them one by one.
    """

    level: str
    run: str
    batch: str | None = None


ENTRY_POINT_GROUP = "neurofluxon.engines"

_ENGINES: dict[str, EngineEntry] = {
    "brian2": EngineEntry(
        level="architecture", run="neurosim.engines.brian2.engine:run", batch="neurosim.engines.brian2.engine:run_batch"
    ),
    "discrete": EngineEntry(level="architecture", run="neurosim.engines.vectorised.engine:run"),
    "events": EngineEntry(level="behavioral", run="neurosim.engines.events:run"),
    "native": EngineEntry(
        level="circuit", run="neurosim.engines.circuit:run_native", batch="neurosim.engines.circuit:run_native_batch"
    ),
    "ngspice": EngineEntry(
        level="circuit", run="neurosim.engines.circuit:run_ngspice", batch="neurosim.engines.circuit:run_ngspice_batch"
    ),
    "josim": EngineEntry(level="circuit", run="neurosim.engines.circuit:run_josim"),
    "crossbar": EngineEntry(level="behavioral", run="neurosim.engines.crossbar:run"),
    "rate-events": EngineEntry(level="behavioral", run="neurosim.engines.rate_events:run"),
    "rate-native": EngineEntry(
        level="circuit", run="neurosim.engines.rate_circuit:run", batch="neurosim.engines.rate_circuit:run_batch"
    ),
}

_LEVELS = ("architecture", "behavioral", "circuit")
_DEFAULTS = {"behavioral": "events", "circuit": "native"}


def engines() -> dict[str, EngineEntry]:
    """All known engines by name, those of other packages included; nothing is imported."""
    found = dict(_ENGINES)
    for point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        level, dot, name = point.name.partition(".")
        if not dot or level not in _LEVELS:
            raise EngineError(
                f"entry point {point.name!r} of group {ENTRY_POINT_GROUP!r} must be named 'level.engine'; "
                f"available levels: {', '.join(_LEVELS)}"
            )
        found.setdefault(name, EngineEntry(level=level, run=point.value))
    return found


def simulate(
    network: Network,
    stimulus: Stimulus,
    *,
    level: str | None = None,
    engine: str | None = None,
    record: str | Iterable[str] = ("spikes",),
    seed: int = 0,
    **options: Any,
) -> Run:
    """Run a network under a stimulus.

    Parameters
    ----------
    network : Network
        What to run.
    stimulus : Stimulus
        Its input and the duration.
    level : str or None
        ``"architecture"`` (the default), ``"behavioral"`` or ``"circuit"``; None with an engine given means the level
        of that engine.
    engine : str or None
        None for the default of the level: ``events``, ``native``, or what a neuron model names instead; at the
        architecture level ``brian2``, or ``discrete`` for large networks of discrete-time neurons of which nothing
        but spikes is asked (`neurosim.engine_choice`). `Run.engine` tells which it was.
    record : str or iterable of str
        ``"spikes"`` and names of what else to record, as the engine knows them; at the architecture level state
        variables (``"u"`` everywhere or ``"population.u"``).
    seed : int
        Seed of every random draw.
    **options
        Options of the engine, such as ``dt``.

    Returns
    -------
    Run

    Raises
    ------
    UnknownNameError
        For a level or engine that does not exist.
    DescriptionError
        For a stimulus that does not fit the network, and for options that the engine does not know.
    EngineError
        For an engine that is not installed or fails.
    """
    wanted = _normalised(record)
    name, entry = _choose(network, level, engine, wanted, options)
    stimulus.check(network)
    function = _resolve(name, entry.run)
    _check_options(name, function, options)
    result: Run = function(network, stimulus, record=wanted, seed=seed, **options)
    return result


def simulate_batch(
    network: Network,
    stimuli: Sequence[Stimulus],
    *,
    level: str | None = None,
    engine: str | None = None,
    record: str | Iterable[str] = ("spikes",),
    seed: int = 0,
    **options: Any,
) -> list[Run]:
    """Run a network under several stimuli, together where the engine can; parameters as in `simulate`.

    The samples get seeds of their own, drawn from ``seed``: ``simulate(..., seed=run.seed)`` repeats one of them.
    """
    wanted = _normalised(record)
    name, entry = _choose(network, level, engine, wanted, options)
    for stimulus in stimuli:
        stimulus.check(network)
    seeds = [int(child.generate_state(1)[0]) for child in np.random.SeedSequence(seed).spawn(len(stimuli))]
    function = _resolve(name, entry.batch or entry.run)
    _check_options(name, function, options)
    if entry.batch is not None:
        together: list[Run] = function(network, stimuli, record=wanted, seeds=seeds, **options)
        return together
    return [
        function(network, stimulus, record=wanted, seed=own, **options)
        for stimulus, own in zip(stimuli, seeds, strict=True)
    ]


def _normalised(record: str | Iterable[str]) -> tuple[str, ...]:
    return (record,) if isinstance(record, str) else tuple(record)


def _choose(
    network: Network, level: str | None, engine: str | None, record: Sequence[str], options: dict[str, Any]
) -> tuple[str, EngineEntry]:
    if level is not None and level not in _LEVELS:
        raise unknown_name("level", level, _LEVELS)
    known = engines()
    name = engine if engine is not None else _default(network, level or "architecture", record, options)
    if name not in known:
        raise unknown_name("engine", name, known)
    entry = known[name]
    if level is not None and entry.level != level:
        fitting = sorted(other for other, found in known.items() if found.level == level)
        raise DescriptionError(
            f"engine {name!r} runs level {entry.level!r}, not {level!r}; available: {', '.join(fitting)}"
        )
    return name, entry


def _default(network: Network, level: str, record: Sequence[str], options: dict[str, Any]) -> str:
    own = {level: name for p in network.populations for level, name in p.neuron.engines.items()}
    named = {**_DEFAULTS, **own}.get(level)
    return architecture_engine(network, record, options) if named is None else named


def _resolve(name: str, address: str) -> Callable[..., Any]:
    module, _, attribute = address.partition(":")
    try:
        function: Callable[..., Any] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise EngineError(f"engine {name!r} cannot be loaded from {address!r}: {error}") from error
    return function


def _check_options(name: str, function: Callable[..., Any], options: dict[str, Any]) -> None:
    """Refuse options that the engine's function does not declare; one with ``**options`` checks them itself."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return
    known = sorted(
        p.name
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in ("record", "seed", "seeds")
    )
    for option in options:
        if option not in known:
            near = difflib.get_close_matches(option, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise DescriptionError(
                f"engine {name!r} has no option {option!r}; available: {', '.join(known) or 'none'}.{hint}"
            )
