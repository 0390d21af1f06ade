"""Process spread that a netlist asks for: values of elements drawn anew for each run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from spice_models.circuit import Circuit
from spice_models.dialects.reader.lines import Line, words
from spice_models.elements import Capacitor, Inductor, Junction, Primitive, Resistor

_KINDS: dict[type, str] = {Junction: "b", Inductor: "l", Capacitor: "c", Resistor: "r"}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What ``.spread`` says: relative values, of which a third is the standard deviation, as in JoSIM 2.7.

    Parameters
    ----------
    default : float
        Of elements that have none of their own.
    by_letter : mapping
        Of all ``"b"`` (area), ``"l"``, ``"c"`` or ``"r"``.
    """

    default: float = 0.0
    by_letter: Mapping[str, float] = field(default_factory=dict)

    def of(self, element: Primitive) -> float:
        """Spread of an element that gives none itself."""
        letter = _KINDS.get(type(element))
        return 0.0 if letter is None else self.by_letter.get(letter, self.default)


def read_spread(line: Line, value: Mapping[str, float]) -> Spread:
    """Make the spread of a ``.spread`` line from its evaluated values, ``""`` for the one without a letter."""
    unknown = [key for key in value if key not in ("", "b", "l", "c", "r")]
    if unknown:
        raise line.error(f".spread knows L=, B=, C= and R=, not {unknown[0]}=")
    for number in value.values():
        if not 0 <= number < 1:
            raise line.error(f"a spread must lie within 0..1 (0.1 is 10 %), got {number:g}")
    return Spread(default=value.get("", 0.0), by_letter={key: v for key, v in value.items() if key})


def spread_words(line: Line) -> list[tuple[str, str]]:
    """Split ``.spread 0.1 L=0.2`` into pairs of letter (or nothing) and expression."""
    pairs = []
    for word in words(line)[1:]:
        key, equals, text = word.rpartition("=")
        pairs.append((key.lower() if equals else "", text))
    if not pairs:
        raise line.error("write .spread VALUE [L=VALUE] [B=VALUE] [C=VALUE] [R=VALUE]")
    return pairs


def varied(circuit: Circuit, own: Mapping[str, float], others: Spread, generator: np.random.Generator) -> Circuit:
    """Draw the values of elements anew, each about its nominal value with a third of its spread as deviation.

    Parameters
    ----------
    circuit : Circuit
        A flattened circuit.
    own : mapping
        Relative spread by the element's name.
    others : Spread
        For the elements that ``own`` does not name.
    """

    def change(element: Primitive) -> Primitive:
        spread = own.get(element.name, others.of(element))
        if not spread:
            return element
        factor = 1 + spread / 3 * float(generator.standard_normal())
        match element:
            case Junction():
                gap = element.gap
                return replace(
                    element,
                    critical_current=element.critical_current * factor,
                    capacitance=element.capacitance * factor,
                    resistance=element.resistance / factor,
                    gap=None if gap is None else gap.scaled(factor),
                )
            case Inductor():
                return replace(element, inductance=element.inductance * factor)
            case Capacitor():
                return replace(element, capacitance=element.capacitance * factor)
            case Resistor():
                return replace(element, resistance=element.resistance * factor)
        return element

    return circuit.mapped(change)
