"""Junction models: ``.model NAME jj(...)`` and the junctions made from them.

The junction of the toolkit has one linear resistance. A model's subgap resistance is taken for it; the branch above the
gap voltage is left out, which shunted circuits do not reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from spice_models.dialects.reader.lines import Line, Warnings
from spice_models.elements import Junction

Evaluate = Callable[[str, Line], float]

DEFAULTS = {"icrit": 1e-3, "cap": 2.5e-12, "r0": 30.0, "rn": 5.0, "vg": 2.8e-3, "rtype": 1.0, "delv": 1e-4}
"""What JoSIM takes for a value that a model does not give [A, F, ohm, ohm, V, 1, V]."""

_SAME = {"ic": "icrit", "c": "cap", "vgap": "vg", "rsub": "r0", "rnorm": "rn", "icfct": "icfact"}
_KNOWN = {*DEFAULTS, "icfact", "cct", "pijj", "phi", "cpr"}
_TEMPERATURE = {"t", "tc", "d"}
_HEAD = re.compile(r"(\S+?)\s+([A-Za-z_]\w*)\s*(.*)\Z")
_PAIR = re.compile(r"([A-Za-z_]\w*)\s*=\s*(\{[^}]*\}|[^\s,]+)[\s,]*")


@dataclass(frozen=True, kw_only=True)
class JunctionModel:
    """A junction of area 1: critical current [A], capacitance [F], resistance [ohm]."""

    name: str
    critical_current: float
    capacitance: float
    resistance: float

    def junction(self, name: str, plus: str, minus: str, *, area: float) -> Junction:
        """Make a junction of some area."""
        return Junction(
            name=name,
            plus=plus,
            minus=minus,
            critical_current=self.critical_current * area,
            capacitance=self.capacitance * area,
            resistance=self.resistance / area,
        )


def read_model(line: Line, evaluate: Evaluate, warnings: Warnings) -> JunctionModel:
    """Read a ``.model`` statement.

    Raises
    ------
    NetlistError
        For anything but a junction of sinusoidal current-phase relation and constant resistance, by the name of what
        is not supported.
    """
    match = _HEAD.match(line.rest)
    if match is None or not match.group(2).lower().startswith("jj"):
        given = "nothing" if match is None else repr(match.group(2))
        raise line.error(f"a model must be a junction, .model NAME jj(...), but this one is {given}")
    name = match.group(1)
    values = _values(line, match.group(2)[2:] + match.group(3), evaluate)
    for key, meaning in (("phi", "a phase offset"), ("pijj", "a pi junction")):
        if values.get(key, 0.0) != 0.0:
            raise line.error(f"model {name!r}: {key} makes it {meaning}, which is not supported: set it to 0")
    if values.get("cct", 1.0) != 1.0:
        raise line.error(f"model {name!r}: only cct=1, the sinusoidal supercurrent, is supported")
    full = DEFAULTS | values
    if full["rtype"] not in (0.0, 1.0):
        raise line.error(f"model {name!r}: rtype must be 0 or 1, got {full['rtype']:g}")
    linear = full["rtype"] == 0.0
    resistance = "rn" if linear else "r0"
    for key in ("icrit", "cap", resistance):
        if not full[key] > 0:
            raise line.error(f"model {name!r}: {key} must be positive, got {full[key]:g}")
        if key not in values:
            warnings.once(
                f"{key} of {name} at {line.where}",
                line,
                f"model {name!r} does not give {key}: JoSIM's default of {DEFAULTS[key]:g} is taken",
            )
    if linear:
        warnings.once("rtype", line, f"model {name!r} has rtype=0: its resistance is rn at all voltages, as in JoSIM")
    elif full["rn"] != full["r0"]:
        warnings.once(
            "gap",
            line,
            f"model {name!r} has a gap: its resistance is r0 here at all voltages, rn above vg = "
            f"{1e3 * full['vg']:g} mV is not modelled (shunted junctions stay below it, others do not)",
        )
    return JunctionModel(
        name=name,
        critical_current=full["icrit"] * values.get("cpr", 1.0),
        capacitance=full["cap"],
        resistance=full[resistance],
    )


def _values(line: Line, text: str, evaluate: Evaluate) -> dict[str, float]:
    text = text.strip()
    if text.startswith("(") != text.endswith(")"):
        raise line.error("the brackets around the parameters of a model must match")
    text = text.removeprefix("(").removesuffix(")").strip(" ,")
    values: dict[str, float] = {}
    place = 0
    while place < len(text):
        match = _PAIR.match(text, place)
        if match is None:
            raise line.error(f"cannot read {text[place:][:30]!r}: the parameters of a model are written NAME=VALUE")
        place = match.end()
        key = _SAME.get(match.group(1).lower(), match.group(1).lower())
        if key in _TEMPERATURE:
            raise line.error(
                f"{match.group(1)!r} makes the model depend on temperature, which is not supported: remove it and give "
                "icrit and rn at the temperature of the circuit"
            )
        if key not in _KNOWN:
            raise line.error(f"{match.group(1)!r} is not supported in a junction model; known: {', '.join(_sorted())}")
        if key in values:
            raise line.error(f"{match.group(1)!r} is given twice: keep one")
        if key == "cpr" and "," in match.group(2):
            raise line.error("cpr with more than one harmonic is not supported: only sinusoidal junctions are")
        values[key] = evaluate(match.group(2), line)
    return values


def _sorted() -> list[str]:
    return sorted(_KNOWN)
