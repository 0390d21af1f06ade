"""Lines of elements as every SPICE dialect writes them; only junctions differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spice_models.circuit import Circuit, Element, Instance
from spice_models.dialects.hierarchy import Scope
from spice_models.elements import (
    Capacitor,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Inductor,
    Mutual,
    PhaseSource,
    Resistor,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
)
from spice_models.errors import DescriptionError, NetlistError
from spice_models.waveforms import DC, PWL, Pulse, Sine, Waveform

LINE_LENGTH = 500
_NEVER = 1.0
"""Period [s] written for a pulse that does not repeat: longer than any run."""


def number(value: float) -> str:
    """Write a plain float that every reader takes for the same double; no suffixes."""
    return repr(float(value))


def wrapped(line: str) -> str:
    """Break a long line at blanks, each further line led by ``+``."""
    lines, current = [], ""
    for word in line.split():
        if current and len(current) + len(word) + 1 > LINE_LENGTH:
            lines.append(current)
            current = "+ " + word
        else:
            current = f"{current} {word}" if current else word
    return "\n".join([*lines, current])


def element_line(
    element: Element,
    scope: Scope,
    nodes: Sequence[str] | None = None,
) -> str:
    """Write one element, joined to its own nodes as ``scope`` names them or to ``nodes``."""
    ends = [scope.nodes[node] for node in element.nodes] if nodes is None else nodes
    words = [scope.elements[element.name], *ends]
    match element:
        case Instance():
            words.append(scope.children[element.name].name)
        case Mutual():
            words += [scope.elements[element.first], scope.elements[element.second], number(element.coupling)]
        case Inductor():
            words.append(number(element.inductance))
        case Resistor():
            words.append(number(element.resistance))
        case Capacitor():
            words.append(number(element.capacitance))
        case VoltageControlledVoltageSource():
            words.append(number(element.gain))
        case VoltageControlledCurrentSource():
            words.append(number(element.transconductance))
        case CurrentControlledCurrentSource():
            words += [scope.elements[element.control], number(element.gain)]
        case CurrentControlledVoltageSource():
            words += [scope.elements[element.control], number(element.transresistance)]
        case TransmissionLine():
            words += [f"Z0={number(element.impedance)}", f"TD={number(element.delay)}"]
        case CurrentSource() | VoltageSource() | PhaseSource():
            words.append(waveform_text(element.waveform, owner=element.name))
        case _:
            raise TypeError(f"a line of a {type(element).__name__} differs from dialect to dialect")
    return wrapped(" ".join(words))


def subcircuit_lines(scopes: Sequence[Scope], elements: Callable[[Scope], list[str]]) -> list[str]:
    """Write a ``.subckt`` block a scope, its lines given by ``elements``."""
    lines: list[str] = []
    for scope in scopes:
        head = wrapped(" ".join([".subckt", scope.name, *scope.ports]))
        lines += [head, *elements(scope), f".ends {scope.name}"]
    return lines


def waveform_text(waveform: Waveform, *, owner: str) -> str:
    """Write a waveform: ``dc``, ``pwl(...)``, ``pulse(...)`` or ``sin(...)``.

    Raises
    ------
    NetlistError
        For a waveform class that no netlist can hold.
    """
    match waveform:
        case DC(value=value):
            return f"dc {number(value)}"
        case PWL():
            return _pwl(waveform)
        case Pulse() if waveform.width == 0 or waveform.delay < 0:
            return _pwl(_corners(waveform, owner))
        case Pulse():
            period = waveform.period or _NEVER
            values = (waveform.low, waveform.high, waveform.delay, waveform.rise, waveform.fall, waveform.width, period)
            return f"pulse({' '.join(map(number, values))})"
        case Sine():
            shape = (waveform.offset, waveform.amplitude, waveform.frequency, waveform.delay)
            return f"sin({' '.join(map(number, shape))})"
    raise NetlistError(
        f"source {owner!r}: a netlist cannot hold a {type(waveform).__name__}; give it as DC, PWL, Pulse or Sine"
    )


def check_run(circuit: Circuit, *, duration: float, step: float) -> None:
    """Raise unless the circuit holds something to simulate and both times [s] make sense."""
    if not len(circuit):
        raise DescriptionError(f"circuit {circuit.name!r} is empty: add elements before writing or running it")
    if not (0 < step <= duration < float("inf")):
        raise DescriptionError(f"need 0 < step <= duration [s], got step {step} and duration {duration}")


def _pwl(waveform: PWL) -> str:
    points = [(t, v) for t, v in zip(waveform.times, waveform.values, strict=True) if t > 0]
    points.insert(0, (0.0, float(waveform.at(0.0))))
    if len(points) == 1:
        return f"dc {number(points[0][1])}"
    return f"pwl({' '.join(f'{number(t)} {number(v)}' for t, v in points)})"


def _corners(pulse: Pulse, owner: str) -> PWL:
    if pulse.period > 0:
        raise NetlistError(
            f"source {owner!r}: a repeated pulse of width 0 or negative delay has no SPICE form; "
            "give its corners as a PWL, or a width > 0 and a delay >= 0"
        )
    times = [pulse.delay, pulse.delay + pulse.rise, pulse.delay + pulse.rise + pulse.width]
    times.append(times[-1] + pulse.fall)
    corners = dict(zip(times, (pulse.low, pulse.high, pulse.high, pulse.low), strict=True))
    return PWL(tuple(corners), tuple(corners.values()))
