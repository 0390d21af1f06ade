"""A circuit as a question: what is varied, what must hold, and how long it takes to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from spice_models.analysis.parameters import Parameter, circuit_parameters, element_parameters, is_steady
from spice_models.analysis.rules import PulseCountRule, Windows, same_counts_rule, several_windows
from spice_models.analysis.spreads import Spread
from spice_models.analysis.trials import Rule
from spice_models.analysis.variants import NativeBatch
from spice_models.circuit import SEPARATOR, Circuit, Instance
from spice_models.dialects.reader.deck import Deck, read
from spice_models.dialects.reader.running import SETTLING
from spice_models.dialects.reader.shapes import settled, value_before_zero
from spice_models.elements import CurrentSource, Junction, PhaseSource, Primitive, VoltageSource
from spice_models.errors import DescriptionError, NetlistError, unknown_name
from spice_models.waveforms import DC, Noise

_SOURCES = CurrentSource | VoltageSource | PhaseSource


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """What margins, shmoo maps, yields and optimisations take.

    Parameters
    ----------
    name : str
        What it is called.
    circuits : tuple of Circuit
        One a pattern, flattened; they differ in their inputs alone.
    rule : callable
        Says which variants do what they should.
    duration, step : float
        Simulated time and time step [s].
    parameters : tuple of Parameter
        Those of `circuit_parameters`.
    elements : tuple of Parameter
        Those of `element_parameters`.
    start : float
        Time [s] of the run at which the description's time zero is.
    spreads : tuple of Spread
        What a netlist itself says of its process, with ``.spread``.
    notes : tuple of str
        What was left out or taken for granted.
    """

    name: str
    circuits: tuple[Circuit, ...]
    rule: Rule
    duration: float
    step: float = 1e-13
    parameters: tuple[Parameter, ...]
    elements: tuple[Parameter, ...]
    start: float = 0.0
    spreads: tuple[Spread, ...] = ()
    notes: tuple[str, ...] = ()


def netlist_study(
    source: str | Path,
    *,
    expect: Mapping[str, int] | None = None,
    windows: Windows | None = None,
    count: Sequence[str] = (),
    rule: Rule | None = None,
    inputs: Sequence[str] = (),
) -> Study:
    """Read a netlist in the dialect of JoSIM and WRspice, and what must hold of it.

    Sources that come up at the beginning and stay are supplies, which ``bias`` moves; all others are inputs. Thermal
    noise and noise sources are left out, with a note.

    Parameters
    ----------
    source : str or Path
        A file, or the text of a netlist.
    expect : mapping of junction to int, optional
        Net number of slips in the whole run. Names are ``B1``, and ``B1|X1`` or ``X1.B1`` inside a subcircuit, in any
        case.
    windows : mapping of junction to (start, stop) or sequence of (start, stop), optional
        Times [s] of the netlist between which all slips of a junction must lie; of several windows, each in turn holds
        one.
    count : sequence of str, optional
        Without ``expect`` and ``rule``, junctions must slip as often as in the netlist as it is: these, by names or
        patterns such as ``X1.*``; all if not given.
    rule : callable, optional
        A rule in place of all that.
    inputs : sequence of str, optional
        Sources that are inputs although they stay on.

    Raises
    ------
    NetlistError
        For a netlist that cannot be read or has no ``.tran``.
    UnknownNameError
        For a junction or source that is not there.
    """
    deck = read(source)
    if deck.tran is None:
        raise NetlistError(f"netlist {deck.circuit.name!r} has no .tran: add one, outside of a .control block")
    described = _with_roles(deck.flat, [_named(deck.flat, name, _SOURCES) for name in inputs])
    supplied = [e for e in described if isinstance(e, _SOURCES) and value_before_zero(e.waveform)]
    lead = SETTLING if deck.tran.settle and supplied else 0.0
    circuit = described.mapped(lambda element: _started(element, lead))
    duration, step = lead + deck.tran.stop, min(deck.tran.step, deck.tran.print_step)
    held = rule or _rule(circuit, NativeBatch(duration=duration, step=step), expect, windows, count, lead)
    fixed = {_named(deck.flat, name, _SOURCES) for name in inputs}
    return Study(
        name=described.name,
        circuits=(circuit,),
        rule=held,
        duration=duration,
        step=step,
        parameters=tuple(p for q in circuit_parameters(described) if (p := _without(q, fixed)) is not None),
        elements=tuple(p for p in element_parameters(described) if p.name not in fixed),
        start=lead,
        spreads=tuple(_spreads(deck, described)),
        notes=tuple(_notes(deck, lead)),
    )


def _with_roles(flat: Circuit, inputs: Sequence[str]) -> Circuit:
    def change(element: Primitive) -> Primitive:
        if not isinstance(element, CurrentSource):
            return element
        supply = is_steady(element.waveform) and element.name not in inputs
        return replace(element, role="bias" if supply else "input")

    return flat.mapped(change)


def _started(element: Primitive, lead: float) -> Primitive:
    if not isinstance(element, _SOURCES):
        return element
    if isinstance(element.waveform, Noise):
        return replace(element, waveform=DC(0.0))
    return replace(element, waveform=settled(element.waveform, lead)) if lead else element


def _without(parameter: Parameter, names: set[str]) -> Parameter | None:
    """Leave out sources that a user calls inputs."""
    kept = {key: power for key, power in parameter.scales.items() if key not in names}
    return replace(parameter, scales=kept) if kept else None


def _rule(
    circuit: Circuit,
    evaluate: NativeBatch,
    expect: Mapping[str, int] | None,
    windows: Windows | None,
    count: Sequence[str],
    lead: float,
) -> PulseCountRule:
    names = [j.name for j in circuit.of_type(Junction)]
    if not names:
        raise DescriptionError(f"circuit {circuit.name!r} has no junctions whose pulses could be counted: give a rule")
    within = {
        _named(circuit, n, Junction): [(lead + a, lead + b) for a, b in several_windows(window)]
        for n, window in (windows or {}).items()
    }
    if expect:
        return PulseCountRule(
            counts=[{_named(circuit, n, Junction): slips for n, slips in expect.items()}],
            windows=[within] if within else (),
        )
    counted = names
    if count:
        counted = [n for pattern in count for n in _matching(circuit, pattern, names)]
    found = same_counts_rule([evaluate(circuit, {})], counted)
    return replace(found, windows=[within]) if within else found


def _matching(circuit: Circuit, pattern: str, names: Sequence[str]) -> list[str]:
    if not any(letter in pattern for letter in "*?["):
        return [_named(circuit, pattern, Junction)]
    found = [name for name in names if fnmatchcase(name.lower(), pattern.lower())]
    if not found:
        raise unknown_name("junction", pattern, names)
    return found


def _named(circuit: Circuit, name: str, kind: Any) -> str:
    """Flattened name of an element that a user names in one of the ways of netlists."""
    known: dict[str, str] = {e.name.lower(): e.name for e in circuit if isinstance(e, kind)}
    for written in (name, SEPARATOR.join(reversed(name.split("|")))):
        if written.lower() in known:
            return known[written.lower()]
    what = "junction" if kind is Junction else "source"
    raise unknown_name(what, name, known.values(), f" in netlist {circuit.name!r}")


def _spreads(deck: Deck, flat: Circuit) -> Iterator[Spread]:
    """Spreads of elements as `neurosim simulate` draws them: a third of what is written is the standard deviation."""
    for element in flat:
        assert not isinstance(element, Instance)
        own = deck.local.get(element.name)
        spread = deck.spread.of(element) if own is None or own.spread is None else own.spread
        if spread:
            scales = {element.name: 1.0}
            if isinstance(element, Junction):
                scales |= {f"{element.name}:capacitance": 1.0, f"{element.name}:resistance": -1.0}
            yield Spread(parameter=Parameter(name=element.name, scope="element", scales=scales), sigma=spread / 3)


def _notes(deck: Deck, lead: float) -> list[str]:
    notes = list(deck.warnings)
    noisy = deck.temperature or any(own.temp for own in deck.local.values())
    if noisy or any(isinstance(getattr(e, "waveform", None), Noise) for e in deck.flat):
        notes.append("noise of the netlist is left out: variants are compared without it")
    if lead:
        notes.append(f"sources are on before time zero, so runs begin {lead:g} s earlier; slips in that time count")
    if any(isinstance(e, _SOURCES) and is_steady(e.waveform) for e in deck.flat):
        return notes
    return [*notes, "no source comes up at the beginning and stays: there is no parameter 'bias'"]
