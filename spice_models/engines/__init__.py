"""Engines of the circuit level: a table of functions that turn a circuit into traces, loaded at first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, cast, overload

from numpy.typing import ArrayLike

from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError, EngineError, unknown_name
from spice_models.results import Traces

if TYPE_CHECKING:
    from spice_models.engines.native.batch import Batch

ENTRY_POINTS = "neurofluxon.circuit_engines"
"""Entry point group in which other packages offer engines of the same signature."""

ENGINES: dict[str, str] = {
    "native": "spice_models.engines.native:run",
    "ngspice": "spice_models.engines.ngspice:run",
    "ngspice-shared": "spice_models.engines.ngspice_shared:run",
    "josim": "spice_models.engines.josim:run",
}

Engine = Callable[..., Traces]


def available_engines() -> tuple[str, ...]:
    """Names of the engines that `transient` knows, whether or not their simulators are installed."""
    return tuple(_table())


def why_unavailable(engine: str) -> str | None:
    """Why an engine cannot run on this machine, with what to install; None if it can."""
    target = _target(engine)
    try:
        module = import_module(target.partition(":")[0])
    except ImportError as error:
        return f"{target} cannot be imported: {error}"
    reason: Callable[[], str | None] | None = getattr(module, "unavailable", None)
    return reason() if reason is not None else None


@overload
def transient(
    circuit: Circuit,
    *,
    duration: float,
    step: float = ...,
    record: Sequence[str] | None = ...,
    engine: str = ...,
    variants: None = None,
    **options: Any,
) -> Traces: ...


@overload
def transient(
    circuit: Circuit,
    *,
    duration: float,
    step: float = ...,
    record: Sequence[str] | None = ...,
    engine: str = ...,
    variants: Mapping[str, ArrayLike],
    **options: Any,
) -> Batch: ...


def transient(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    engine: str = "native",
    variants: Mapping[str, ArrayLike] | None = None,
    **options: Any,
) -> Traces | Batch:
    """Simulate a circuit from rest: all phases, currents and voltages zero at the start.

    Returns `Traces`, or, with ``variants``, a `Batch`: the pulse times of every junction in every variant.

    Parameters
    ----------
    circuit : Circuit
        What to simulate.
    duration, step : float
        Simulated time and time between samples [s].
    record : sequence of str, optional
        ``"phase(JUNCTION)"`` [rad], ``"voltage(NODE)"`` [V], ``"current(ELEMENT)"`` [A], with the names of
        ``circuit.flatten()``; the phases of all junctions if not given, and with ``variants`` none.
    engine : str
        One of `available_engines()`.
    variants : mapping of element name -> factor or array of factors, shape (variants,), optional
        What the values of elements are multiplied by (see `native.transient_batch`). The native engine
        runs variants side by side, others one after the other and without keeping traces.
    **options
        Passed on to the engine, such as ``timeout`` [s] of those that run a simulator.

    Raises
    ------
    UnknownNameError
        For an engine, junction, node or element that does not exist.
    DescriptionError
        For a circuit with nodes that do not reach ground.
    EngineError
        If the engine is missing or failed.
    """
    if variants is not None:
        return _transient_of_variants(
            circuit, variants, engine, duration=duration, step=step, record=tuple(record or ()), **options
        )
    module, _, function = _target(engine).partition(":")
    try:
        run = cast("Engine", getattr(import_module(module), function))
    except (ImportError, AttributeError) as error:
        raise EngineError(f"engine {engine!r} cannot be loaded from {module}:{function}: {error}") from error
    return run(circuit, duration=duration, step=step, record=record, **options)


def _transient_of_variants(
    circuit: Circuit,
    variants: Mapping[str, ArrayLike],
    engine: str,
    *,
    record: Sequence[str],
    **options: Any,
) -> Batch:
    if engine == "native":
        from spice_models.engines.native import transient_batch

        return transient_batch(circuit, scales=variants, record=record, **options)
    if record:
        raise DescriptionError(f"engine {engine!r} keeps no traces of variants: leave out record, or take 'native'")
    # Analysis builds on the engines; only a loop over the variants is wanted here.
    from spice_models.analysis.variants import engine_batch

    return engine_batch(engine, **options)(circuit, variants)


def _table() -> dict[str, str]:
    offered = {point.name: point.value for point in metadata.entry_points(group=ENTRY_POINTS)}
    return {**offered, **ENGINES}


def _target(engine: str) -> str:
    if engine in ENGINES:
        return ENGINES[engine]
    table = _table()
    if engine not in table:
        raise unknown_name("engine", engine, table)
    return table[engine]
