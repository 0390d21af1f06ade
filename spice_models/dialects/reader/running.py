"""Runs of netlists: the columns they ask for, at the times they ask for."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit, Element
from spice_models.dialects.reader.commands import Tran
from spice_models.dialects.reader.deck import Deck
from spice_models.dialects.reader.plan import Between, Plan
from spice_models.dialects.reader.shapes import sampled, settled, value_before_zero
from spice_models.dialects.reader.spreads import varied
from spice_models.dialects.reader.thermal import is_uniform, noise_sources
from spice_models.dialects.reader.turns import MOST_TURNS, simulated
from spice_models.elements import CurrentSource, Junction, PhaseSource, Primitive, VoltageSource
from spice_models.engines.recording import UNITS
from spice_models.errors import DescriptionError, DivergenceError, EngineError, NetlistError
from spice_models.results import Traces
from spice_models.waveforms import DC, PWL, Noise, Pulse, Sine, Waveform

Floats = NDArray[np.float64]
SOURCES = (CurrentSource, VoltageSource, PhaseSource)
PLAIN = (DC, PWL, Pulse, Sine)

_log = logging.getLogger(__name__)
_QUOTED = re.compile(r"'([^']+)'")

MOST_HALVINGS = 5
"""How often a step may be halved [chosen]."""

MOST_STEPS = 1e10
"""Steps of a run, beyond which its times are taken for a mistake [chosen: minutes to hours for a single junction]."""

MOST_VALUES = 1e9
"""Values of a table, beyond which it is taken for a mistake [chosen: 8 GB of memory]."""

SETTLING = 1e-10
"""Time [s] that a circuit gets to settle before time zero [as JoSIM's at a step of 0.1 ps]."""


def run(deck: Deck, engine: str = "native", *, step: float | None = None, seed: int | None = None) -> Traces:
    """Simulate a netlist and return the columns it asks for.

    It starts from rest. Unless ``.tran`` ends in ``dst``, sources that are on before time zero (dc, the first levels of
    pulse, sin, exp and pws) have by then been ramped up, and these and junctions of shifted phase have settled. A step
    in which the phase of a junction turns too far is halved, as in JoSIM, and that is logged.

    Parameters
    ----------
    deck : Deck
        As `read` returns it.
    engine : str
        One of `spice_models.engines.available_engines`.
    step : float, optional
        Time step [s] instead of that of ``.tran``, never halved; the time between rows stays.
    seed : int, optional
        Of noise and spread; that of the netlist if not given, and a new one each run if that has none either.

    Raises
    ------
    NetlistError
        For a netlist without ``.tran``, a step that does not fit, or a circuit that cannot be simulated.
    DivergenceError
        If values grow beyond all bounds, with the rows up to then.
    EngineError
        If the engine is missing or failed.
    """
    tran = deck.tran
    if tran is None:
        raise NetlistError(f"netlist {deck.circuit.name!r} has no .tran: add one, outside of a .control block")
    inner = min(tran.step, tran.print_step) if step is None else step
    if not 0 < inner <= tran.stop:
        raise NetlistError(f"{tran.where}: the step must be positive and no longer than the run, got {inner:g} s")
    _check_size(tran, inner, len(deck.prints))
    lead = SETTLING if tran.settle and any(_is_on_before_zero(e) for e in deck.flat) else 0.0
    seeds = np.random.SeedSequence(deck.seed if seed is None else seed)
    for halving in range(MOST_HALVINGS + 1):
        table, turns = _attempt(deck, tran, engine, lead, inner / 2**halving, seeds.entropy)
        if turns <= MOST_TURNS:
            break
        _log.warning(
            "%s: a phase turns by %.2g of a circle within a step of %.3g s%s",
            tran.where,
            turns,
            inner / 2**halving,
            ", which is halved" if step is None and halving < MOST_HALVINGS else ": use a shorter one",
        )
        if step is not None:
            break
    return table


def _attempt(deck: Deck, tran: Tran, engine: str, lead: float, step: float, entropy: object) -> tuple[Traces, float]:
    """Run a netlist at one step [s]: its columns, and the most turns that a phase has made in a step."""
    # Two steps more, so that the last row lies between samples whichever part of a step an engine samples.
    duration = lead + tran.stop + 2 * step
    grid = _Grid(duration, step, plain=engine != "native")
    circuit, options = _prepared(deck, lead, grid, np.random.SeedSequence(entropy))  # type: ignore[arg-type]
    plan = Plan(circuit, deck.prints)
    times = _rows(tran)
    try:
        traces, turns = simulated(circuit, engine=engine, duration=duration, step=step, record=plan.record, **options)
    except DivergenceError as error:
        done = error.traces
        kept = times[:0] if done is None else times[times + lead <= done.times[-1]]
        table = _table(deck, plan, done, kept, lead) if done is not None and len(kept) else None
        raise DivergenceError(f"{tran.where}: {error}", time=error.time - lead, traces=table) from error
    except (DescriptionError, EngineError) as error:
        # What is wrong with the step is mended in .tran, and anything else at the element that is named.
        named = () if "step" in str(error) else _QUOTED.findall(str(error))
        place = f"{deck.where(named) or tran.where}: {error}"
        raise (NetlistError if isinstance(error, DescriptionError) else EngineError)(place) from error
    return _table(deck, plan, traces, times, lead), turns


def _table(deck: Deck, plan: Plan, traces: Traces, times: Floats, lead: float) -> Traces:
    """Columns of a netlist at ``times`` [s], of a run that began ``lead`` [s] before time zero."""
    assert deck.tran is not None
    between = Between(traces, times + lead)
    values = [plan.rows(column, traces, between) for column in deck.prints]
    return Traces(
        values=np.array(values).reshape(len(values), len(times)),
        dt=deck.tran.print_step,
        start=float(times[0]),
        names=tuple(column.label for column in deck.prints),
        units=tuple(UNITS[column.kind] for column in deck.prints),
    )


@dataclass(frozen=True)
class _Grid:
    """Times of a run [s], and whether its engine knows plain waveforms only."""

    duration: float
    step: float
    plain: bool


def _is_on_before_zero(element: Element) -> bool:
    if isinstance(element, SOURCES):
        return value_before_zero(element.waveform) != 0.0
    return isinstance(element, Junction) and element.phase_shift != 0.0


def _check_size(tran: Tran, step: float, columns: int) -> None:
    """Refuse what no machine finishes or holds: most often a unit is missing behind a time."""
    if tran.stop / step > MOST_STEPS:
        raise NetlistError(
            f"{tran.where}: a run of {tran.stop:g} s takes {tran.stop / step:.2g} steps of {step:g} s, more than "
            f"{MOST_STEPS:.0e}: correct the times, or use a longer step"
        )
    values = (tran.stop - tran.start) / tran.print_step * columns
    if values > MOST_VALUES:
        raise NetlistError(
            f"{tran.where}: a table of {values:.2g} values is more than {MOST_VALUES:.0e}: correct the times, or "
            "use a longer print step (the fourth number)"
        )


def _rows(tran: Tran) -> Floats:
    count = int(np.ceil((tran.stop - tran.start) / tran.print_step * (1 - 1e-12) - 1e-9))
    return tran.start + tran.print_step * np.arange(count, dtype=np.float64)


def _prepared(
    deck: Deck, lead: float, grid: _Grid, seeds: np.random.SeedSequence
) -> tuple[Circuit, dict[str, float | int]]:
    """Flattened circuit and options of the engine: spread and noise drawn, sources delayed by ``lead``."""
    flat = deck.flat
    if not deck.random and not lead and not grid.plain:
        return flat, {}
    spread, noise = (np.random.default_rng(child) for child in seeds.spawn(2))
    own = {name: local.spread for name, local in deck.local.items() if local.spread is not None}
    flat = varied(flat, own, deck.spread, spread)

    shared: dict[int, Waveform] = {}

    def prepared(waveform: Waveform) -> Waveform:
        if isinstance(waveform, Noise):
            waveform = replace(waveform, delay=waveform.delay + lead)
            if grid.plain:
                waveform = waveform.drawn(noise, duration=grid.duration, step=grid.step)
        elif lead:
            waveform = settled(waveform, lead)
        if grid.plain and not isinstance(waveform, PLAIN):
            waveform = sampled(waveform, duration=grid.duration, step=grid.step)
        return waveform

    def change(element: Primitive) -> Primitive:
        if not isinstance(element, SOURCES):
            return element
        if isinstance(element.waveform, Noise):
            waveform = prepared(element.waveform)
        else:
            key = id(element.waveform)
            waveform = shared[key] if key in shared else shared.setdefault(key, prepared(element.waveform))
        return element if waveform is element.waveform else replace(element, waveform=waveform)

    result = flat.mapped(change)
    options: dict[str, float | int] = {} if grid.plain else {"seed": int(seeds.generate_state(1)[0])}
    if deck.temperature and not grid.plain and is_uniform(deck, grid.step):
        return result, options | {"temperature": deck.temperature}
    for source in noise_sources(deck, flat, grid.step):
        result.add(change(source))
    return result, options
