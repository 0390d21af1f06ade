"""Elements of one letter: B L R C I V P and the lossless line T, and why some letters are not taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from spice_models.dialects.reader.controlled import (
    current_controlled_current,
    current_controlled_voltage,
    voltage_controlled_current,
    voltage_controlled_voltage,
)
from spice_models.dialects.reader.statements import Statement
from spice_models.elements import (
    Capacitor,
    CurrentSource,
    Inductor,
    PhaseSource,
    Primitive,
    Resistor,
    TransmissionLine,
    VoltageSource,
)

_REFUSED = {
    "d": "a diode",
    "j": "a JFET",
    "m": "a MOS transistor",
    "o": "a lossy transmission line; replace it by a ladder of inductors, capacitors and resistors",
    "q": "a bipolar transistor",
    "s": "a switch",
    "u": "a distributed line; replace it by a ladder of resistors and capacitors",
    "w": "a switch",
    "z": "a MESFET",
}


ARBITRARY_SOURCE = (
    "this B is an arbitrary source, so the netlist looks like one for ngspice: run it with ngspice -b; here B is a "
    "Josephson junction, BNAME NODE NODE MODEL with a .model MODEL jj(...)"
)


def refusal(letter: str, label: str) -> str:
    """Say why an element is not taken and what to do."""
    known = "supported are B C E F G H I K L P R T V and X"
    if letter in _REFUSED:
        return f"element {label!r} is not supported: {letter.upper()} is {_REFUSED[letter]} ({known})"
    return f"{label!r} is neither an element nor a command ({known})"


def _junction(statement: Statement) -> Primitive:
    if len(statement.rest) > 2:
        raise statement.line.error(f"write {ELEMENTS['b'].form}")
    model = statement.scope.model(statement.rest[-1], statement.line)
    options = statement.options("area", "ic", "ics")
    if len(options) > 1:
        raise statement.error("give one of area=, ic= and ics= only")
    key, text = next(iter(options.items()), ("area", "1"))
    size = statement.number(text)
    if not size > 0:
        raise statement.error(f"{key} must be positive, got {size:g}")
    area = size if key == "area" else size / model.critical_current
    plus, minus = statement.nodes
    return model.junction(statement.name, plus, minus, area=area)


def _inductor(statement: Statement) -> Primitive:
    plus, minus = statement.nodes
    return Inductor(name=statement.name, plus=plus, minus=minus, inductance=statement.value())


def _resistor(statement: Statement) -> Primitive:
    plus, minus = statement.nodes
    return Resistor(name=statement.name, plus=plus, minus=minus, resistance=statement.value())


def _capacitor(statement: Statement) -> Primitive:
    plus, minus = statement.nodes
    return Capacitor(name=statement.name, plus=plus, minus=minus, capacitance=statement.value())


def _source(kind: Callable[..., Primitive]) -> Callable[[Statement], Primitive]:
    """Return what makes sources of one kind of a statement: two nodes and a waveform."""

    def made(statement: Statement) -> Primitive:
        plus, minus = statement.nodes
        return kind(name=statement.name, plus=plus, minus=minus, waveform=statement.waveform())

    return made


def _line(statement: Statement) -> Primitive:
    rest = [word for word in statement.rest if word.lower() != "lossless"]
    if rest:
        raise statement.error(f"{rest[0]!r} is not expected; write {ELEMENTS['t'].form}")
    given = statement.options("z0", "td")
    missing = [key for key in ("z0", "td") if key not in given]
    if missing:
        raise statement.error(f"{missing[0]}= is missing; write {ELEMENTS['t'].form}")
    plus, minus, far_plus, far_minus = statement.nodes
    return TransmissionLine(
        name=statement.name,
        plus=plus,
        minus=minus,
        far_plus=far_plus,
        far_minus=far_minus,
        impedance=statement.scope.evaluate(given["z0"], statement.line),
        delay=statement.scope.evaluate(given["td"], statement.line),
    )


class Kind(NamedTuple):
    """How a line of one letter is written, how many nodes it has, and what makes elements of it."""

    form: str
    nodes: int
    make: Callable[[Statement], Primitive | tuple[Primitive, ...]]


ELEMENTS = {
    "b": Kind("BNAME NODE NODE [PHASE NODE] MODEL [area=AREA]", 2, _junction),
    "l": Kind("LNAME NODE NODE INDUCTANCE", 2, _inductor),
    "r": Kind("RNAME NODE NODE RESISTANCE", 2, _resistor),
    "c": Kind("CNAME NODE NODE CAPACITANCE", 2, _capacitor),
    "i": Kind("INAME NODE NODE SOURCE", 2, _source(CurrentSource)),
    "v": Kind("VNAME NODE NODE SOURCE", 2, _source(VoltageSource)),
    "p": Kind("PNAME NODE NODE SOURCE", 2, _source(PhaseSource)),
    "t": Kind("TNAME NODE NODE FAR NODE FAR NODE z0=IMPEDANCE td=DELAY", 4, _line),
    "e": Kind("ENAME NODE NODE CONTROL+ CONTROL- GAIN", 4, voltage_controlled_voltage),
    "g": Kind("GNAME NODE NODE CONTROL+ CONTROL- TRANSCONDUCTANCE", 4, voltage_controlled_current),
    "f": Kind("FNAME NODE NODE CONTROL+ CONTROL- GAIN", 4, current_controlled_current),
    "h": Kind("HNAME NODE NODE CONTROL+ CONTROL- TRANSRESISTANCE", 4, current_controlled_voltage),
}
"""Elements by their letters; F and H may have the name of a voltage source in place of the control nodes."""

REPEATABLE = frozenset("blrciv")
"""Elements that are the same but for their names and nodes where the rest of their lines is."""
