"""Junction models: ``.model NAME jj(...)`` and the junctions made from them.

The resistive current is ``V / r0`` up to half of ``delv`` below the gap voltage ``vg`` and ``V / rn`` from half of it
above; a straight line joins the two. (JoSIM has ``icrit / (icfact delv)`` for the slope of that line, so that its
current jumps where the parameters do not fit each other.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from spice_models.constants import BOLTZMANN, ELEMENTARY_CHARGE
from spice_models.dialects.reader.lines import Line, Warnings
from spice_models.elements import GapBranch, Junction

Evaluate = Callable[[str, Line], float]

DEFAULTS = {"icrit": 1e-3, "cap": 2.5e-12, "r0": 30.0, "rn": 5.0, "vg": 2.8e-3, "rtype": 1.0, "delv": 1e-4}
"""What JoSIM takes for a value that a model does not give [A, F, ohm, ohm, V, 1, V]."""

TEMPERATURE, TRANSITION = 4.2, 9.1
"""JoSIM's temperature of a junction and of its superconductor's transition [K]."""

_SAME = {"ic": "icrit", "c": "cap", "vgap": "vg", "rsub": "r0", "rnorm": "rn", "icfct": "icfact"}
_KNOWN = {*DEFAULTS, "icfact", "cct", "icon", "pijj", "phi", "cpr", "t", "tc", "d", "icrn", "vm", "cpic"}
_HEAD = re.compile(r"(\S+?)\s+([A-Za-z_]\w*)\s*(.*)\Z")
_PAIR = re.compile(r"([A-Za-z_]\w*)\s*=\s*(\{[^}]*\}|[^\s,]+)[\s,]*")


@dataclass(frozen=True, kw_only=True)
class JunctionModel:
    """A junction of area 1: ``icrit`` [A], capacitance [F], subgap resistance [ohm] and the rest of it.

    The first harmonic of its supercurrent is ``amplitude`` times ``icrit``.
    """

    name: str
    critical_current: float
    amplitude: float
    capacitance: float
    resistance: float
    gap: GapBranch | None = None
    phase_shift: float = 0.0
    second_harmonic: float = 0.0
    _gaps: dict[float, GapBranch] = field(default_factory=dict, repr=False, compare=False)

    def junction(self, name: str, plus: str, minus: str, *, area: float) -> Junction:
        """Make a junction of some area."""
        return Junction(
            name=name,
            plus=plus,
            minus=minus,
            critical_current=self.critical_current * self.amplitude * area,
            capacitance=self.capacitance * area,
            resistance=self.resistance / area,
            gap=self._gap(area),
            phase_shift=self.phase_shift,
            second_harmonic=self.second_harmonic,
        )

    def _gap(self, area: float) -> GapBranch | None:
        if self.gap is None:
            return None
        if area not in self._gaps:
            self._gaps[area] = self.gap.scaled(area)
        return self._gaps[area]


def read_model(line: Line, evaluate: Evaluate, warnings: Warnings) -> JunctionModel:
    """Read a ``.model`` statement.

    Raises
    ------
    NetlistError
        For anything but a junction, and by its name for what is not supported.
    """
    match = _HEAD.match(line.rest)
    if match is None or not match.group(2).lower().startswith("jj"):
        given = "nothing" if match is None else repr(match.group(2))
        raise line.error(f"a model must be a junction, .model NAME jj(...), but this one is {given}")
    name = match.group(1)
    values, harmonics = _values(line, match.group(2)[2:] + match.group(3), evaluate)
    if values.get("cct", 1.0) != 1.0:
        raise line.error(f"model {name!r}: only cct=1, a supercurrent of the phase alone, is supported")
    if values.get("d", 0.0) != 0.0:
        raise line.error(f"model {name!r}: d, the transparency of a point contact, is not supported: set it to 0")
    rtype = values.get("rtype", 1.0)
    if rtype not in (0.0, 1.0):
        raise line.error(f"model {name!r}: rtype must be 0 or 1, got {rtype:g}")
    if "icrit" in values and not values["icrit"] > 0:
        raise line.error(f"model {name!r}: icrit must be positive, got {values['icrit']:g}")
    _derive(line, name, values)
    full = DEFAULTS | values
    needed = ["icrit", "cap", "rn"] if rtype == 0.0 else ["icrit", "cap", "r0", "rn", "vg", "delv"]
    for key in needed:
        if not full[key] > 0:
            raise line.error(f"model {name!r}: {key} must be positive, got {full[key]:g}")
        if key not in values and key not in ("vg", "delv"):
            warnings.once(
                f"{key} of {name} at {line.where}",
                line,
                f"model {name!r} does not give {key}: JoSIM's default of {DEFAULTS[key]:g} is taken",
            )
    if rtype == 0.0:
        warnings.once("rtype", line, f"model {name!r} has rtype=0: its resistance is rn at all voltages")
    amplitude, shift, second = _relation(line, name, harmonics, values)
    return JunctionModel(
        name=name,
        critical_current=full["icrit"],
        amplitude=amplitude,
        capacitance=full["cap"],
        resistance=full["rn" if rtype == 0.0 else "r0"],
        gap=None if rtype == 0.0 else _gap(line, name, full, warnings),
        phase_shift=shift,
        second_harmonic=second,
    )


def _derive(line: Line, name: str, values: dict[str, float]) -> None:
    """Set what follows from other parameters: rn from the temperature, and WRspice's products with Ic."""
    critical = values.get("icrit", DEFAULTS["icrit"])
    for product, key, value in (
        ("icrn", "rn", values.get("icrn", 0.0) / critical),
        ("vm", "r0", values.get("vm", 0.0) / critical),
        ("cpic", "cap", values.get("cpic", 0.0) * critical),
    ):
        if product in values:
            if key in values:
                raise line.error(f"model {name!r} gives both {product} and {key}: keep one")
            values[key] = value
    if {"t", "tc", "d"} & values.keys():
        temperature, transition = values.get("t", TEMPERATURE), values.get("tc", TRANSITION)
        if not 0 < temperature < transition:
            raise line.error(f"model {name!r}: need 0 < t < tc [K], got t={temperature:g} and tc={transition:g}")
        energy = 1.76 * BOLTZMANN * transition * math.sqrt(math.cos(math.pi / 2 * (temperature / transition) ** 2))
        falloff = math.tanh(energy / (2 * BOLTZMANN * temperature))
        values["rn"] = math.pi * energy / (2 * ELEMENTARY_CHARGE * critical) * falloff


def _gap(line: Line, name: str, full: dict[str, float], warnings: Warnings) -> GapBranch | None:
    """Quasiparticle branch that is ``V / r0`` below the gap and ``V / rn`` above it, and continuous between."""
    r0, rn, vg, delv = (full[key] for key in ("r0", "rn", "vg", "delv"))
    if rn == r0:
        return None
    if delv >= 2 * vg:
        raise line.error(f"model {name!r}: delv must be less than twice vg, got {delv:g} and {vg:g} V")
    step = (vg + delv / 2) / rn - (vg - delv / 2) / r0
    if not step > 0:
        warnings.once(
            f"gap of {name} at {line.where}",
            line,
            f"model {name!r} has an rn of {rn:g} ohm above the gap, larger than its r0 of {r0:g} ohm: r0 is taken at "
            f"all voltages (it seems to hold the shunt, which JoSIM loses above {1e3 * vg:g} mV)",
        )
        return None
    if "icfact" in full and abs(full["icrit"] / full["icfact"] / step - 1) > 0.1:
        warnings.once(
            f"icfact of {name} at {line.where}",
            line,
            f"model {name!r}: a step of icrit / icfact at the gap would not lead from vg / r0 to vg / rn; that of "
            f"{1e6 * step:.4g} uA which does is taken",
        )
    return GapBranch(voltage=vg, width=delv, current_step=step, normal_resistance=rn)


def _relation(
    line: Line, name: str, harmonics: Sequence[float], values: dict[str, float]
) -> tuple[float, float, float]:
    """Amplitude of the first harmonic, phase shift [rad] and amplitude of the second relative to the first."""
    if any(harmonics[2:]):
        raise line.error(f"model {name!r}: cpr has {len(harmonics)} harmonics, supported are two")
    first, second = [*harmonics, 0.0][:2]
    if first == 0:
        raise line.error(f"model {name!r}: the first harmonic of cpr must not be 0")
    shift = -values.get("phi", 0.0)
    if bool(values.get("pijj", 0.0)) != (first < 0):
        shift += math.pi
    return abs(first), shift, second / abs(first)


def _values(line: Line, text: str, evaluate: Evaluate) -> tuple[dict[str, float], list[float]]:
    """Read the parameters; those of ``cpr`` are many and come apart from the others."""
    text = text.strip()
    if text.startswith("(") != text.endswith(")"):
        raise line.error("the brackets around the parameters of a model must match")
    text = text.removeprefix("(").removesuffix(")").strip(" ,")
    values: dict[str, float] = {}
    harmonics = [1.0]
    place = 0
    while place < len(text):
        match = _PAIR.match(text, place)
        if match is None:
            raise line.error(f"cannot read {text[place:][:30]!r}: the parameters of a model are written NAME=VALUE")
        place = match.end()
        key = _SAME.get(match.group(1).lower(), match.group(1).lower())
        if key not in _KNOWN:
            raise line.error(
                f"{match.group(1)!r} is not supported in a junction model; known: {', '.join(sorted(_KNOWN))}"
            )
        if key in values:
            raise line.error(f"{match.group(1)!r} is given twice: keep one")
        if key == "cpr":
            harmonics = [evaluate(part, line) for part in re.split(r"[\s,]+", match.group(2).strip("{} ")) if part]
            values[key] = harmonics[0]
        else:
            values[key] = evaluate(match.group(2), line)
    return values, harmonics
