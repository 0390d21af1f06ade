"""Elements between two nodes: B L R C I V, and why there are no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spice_models.dialects.reader.lines import Line, Warnings
from spice_models.dialects.reader.scopes import Scope
from spice_models.dialects.reader.sources import Times, read_source
from spice_models.elements import Capacitor, CurrentSource, Inductor, Primitive, Resistor, VoltageSource
from spice_models.waveforms import DC, Waveform

_REFUSED = {
    "p": "a phase source; drive the loop with a current source instead",
    "t": "a transmission line; replace it by a ladder of inductors and capacitors",
    "e": "a voltage-controlled voltage source; replace it by independent sources",
    "f": "a current-controlled current source; couple inductors with K instead",
    "g": "a voltage-controlled current source; replace it by a resistor or independent sources",
    "h": "a current-controlled voltage source; replace it by independent sources",
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
_NO_EFFECT = {
    "temp": "thermal noise is not simulated yet",
    "neb": "thermal noise is not simulated yet",
    "spread": "the nominal value is taken",
}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One element line, taken apart, and what is needed to read it.

    Parameters
    ----------
    label, name : str
        The element's name as written and in the circuit.
    plus, minus : str
        Its nodes in the circuit.
    rest : sequence of str
        The words after the nodes.
    named : mapping
        ``name=value`` pairs, names in lower case.
    """

    line: Line
    label: str
    name: str
    plus: str
    minus: str
    rest: Sequence[str]
    named: Mapping[str, str]
    scope: Scope
    times: Times
    warnings: Warnings

    def number(self, text: str) -> float:
        """Value of an expression; that which the instance gives the element, if it does."""
        given = self.scope.elements.get(self.label.lower())
        return self.scope.evaluate(text, self.line) if given is None else given

    def options(self, *known: str) -> dict[str, str]:
        """Those of ``named`` that are known; warn of those without effect and refuse the others."""
        for key in self.named:
            if key in _NO_EFFECT:
                message = f"{key}= of {self.label} has no effect: {_NO_EFFECT[key]}"
                self.warnings.once(f"option {key}", self.line, message)
            elif key not in known:
                raise self.line.error(f"{self.label}: {key}= is not supported; remove it")
        return {key: text for key, text in self.named.items() if key in known}

    def value(self) -> float:
        """The one number of a linear element."""
        if len(self.rest) != 1:
            raise self.line.error(
                f"{self.rest[1]!r} is not expected after the value of {self.label}; put {{ }} around an expression"
            )
        self.options()
        return self.number(self.rest[0])

    def waveform(self) -> Waveform:
        """The description of a source."""
        given = self.scope.elements.get(self.label.lower())
        if given is not None:
            return DC(given)
        self.options()
        return read_source(self.line, self.rest, lambda text: self.scope.evaluate(text, self.line), self.times)


def refusal(letter: str, label: str, *, first: bool) -> str:
    """Say why an element is not taken and what to do."""
    known = f"supported are B L K R C I V and X{'; a title needs a * before it' if first else ''}"
    if letter in _REFUSED:
        return f"element {label!r} is not supported: {letter.upper()} is {_REFUSED[letter]} ({known})"
    return f"{label!r} is neither an element nor a command ({known})"


def _junction(statement: Statement) -> Primitive:
    if len(statement.rest) > 2:
        raise statement.line.error(f"write {ELEMENTS['b'].form}")
    line = statement.line
    model = statement.scope.model(statement.rest[-1], line)
    options = statement.options("area", "ic", "ics")
    for key in options:
        if key != "area" and ("area" in options or len(options) > 1):
            raise line.error(f"{statement.label}: give one of area=, ic= and ics= only")
    key, text = next(iter(options.items()), ("area", "1"))
    size = statement.number(text)
    if not size > 0:
        raise line.error(f"{statement.label}: {key} must be positive, got {size:g}")
    area = size if key == "area" else size / model.critical_current
    return model.junction(statement.name, statement.plus, statement.minus, area=area)


def _inductor(statement: Statement) -> Primitive:
    return Inductor(name=statement.name, plus=statement.plus, minus=statement.minus, inductance=statement.value())


def _resistor(statement: Statement) -> Primitive:
    return Resistor(name=statement.name, plus=statement.plus, minus=statement.minus, resistance=statement.value())


def _capacitor(statement: Statement) -> Primitive:
    return Capacitor(name=statement.name, plus=statement.plus, minus=statement.minus, capacitance=statement.value())


def _current(statement: Statement) -> Primitive:
    return CurrentSource(name=statement.name, plus=statement.plus, minus=statement.minus, waveform=statement.waveform())


def _voltage(statement: Statement) -> Primitive:
    return VoltageSource(name=statement.name, plus=statement.plus, minus=statement.minus, waveform=statement.waveform())


class Kind(NamedTuple):
    """How a line of one letter is written and what makes an element of it."""

    form: str
    make: Callable[[Statement], Primitive]


ELEMENTS = {
    "b": Kind("BNAME NODE NODE [PHASE NODE] MODEL [area=AREA]", _junction),
    "l": Kind("LNAME NODE NODE INDUCTANCE", _inductor),
    "r": Kind("RNAME NODE NODE RESISTANCE", _resistor),
    "c": Kind("CNAME NODE NODE CAPACITANCE", _capacitor),
    "i": Kind("INAME NODE NODE SOURCE", _current),
    "v": Kind("VNAME NODE NODE SOURCE", _voltage),
}
