"""Parameters of a circuit that can be off: all currents at once, every critical current, one bias line ..."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.element_scaling import scaled_element
from spice_models.elements import (
    Capacitor,
    CurrentSource,
    Inductor,
    Junction,
    Resistor,
    VoltageSource,
)
from spice_models.errors import DescriptionError, unknown_name
from spice_models.waveforms import DC, PWL, Waveform

Floats = NDArray[np.float64]
Scope = Literal["global", "bias-line", "tuning", "element", "group"]
GLOBAL_PARAMETERS = ("bias", "critical-current", "inductance", "resistance")
"""Names of the parameters that move all elements of a kind together."""

_PARTS = ("", "capacitance", "resistance")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What is scaled together by one factor.

    Parameters
    ----------
    name : str
        What it is called in results and on the command line.
    scope : str
        ``"global"``: all elements of a kind; ``"bias-line"``: one bias current; ``"tuning"``: one weight or threshold
        current; ``"element"``: one element; ``"group"``: whatever a user puts together.
    scales : mapping of str to float
        Which values follow, and the power of the factor that each is multiplied by (1 for proportional). Keys are
        names of the flattened circuit for the main value of an element (Ic, L, k, R, C, height of a source's
        waveform, gain of a controlled source, impedance of a line), and ``"NAME:capacitance"`` or
        ``"NAME:resistance"`` for the other values of a junction. The gap branch of a junction follows its critical
        current at a constant product of critical current and normal resistance.
    """

    name: str
    scope: Scope = "group"
    scales: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.scales:
            raise DescriptionError(f"parameter {self.name!r} scales nothing")
        object.__setattr__(self, "scales", MappingProxyType(dict(self.scales)))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "scales": dict(self.scales)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, scales=MappingProxyType(state["scales"]))


def circuit_parameters(circuit: Circuit) -> list[Parameter]:
    """List the parameters of a circuit, flattened on the way: first the globals, then each current by itself.

    - ``bias``: every current source that is no input, bias and tuning currents alike, and every voltage source that
      comes up at the beginning and stays, as a common supply would move them;
    - ``critical-current``: Ic and, with it, the capacitance of every junction; shunts stay;
    - ``inductance``: every inductor; couplings ``k`` stay, so mutual inductances follow;
    - ``resistance``: every resistor and the resistance of every junction;
    - each source of role ``"bias"`` and of role ``"tuning"``, by its name.

    Kinds of element that the circuit has none of, and currents that are zero, give no parameter.
    """
    flat = circuit.flatten()
    junctions = flat.of_type(Junction)
    currents = [e for e in flat.of_type(CurrentSource) if e.role != "input" and e.waveform != e.waveform.scaled(2.0)]
    voltages = [e.name for e in flat.of_type(VoltageSource) if is_steady(e.waveform)]
    keys: dict[str, list[str]] = {
        "bias": [e.name for e in currents] + voltages,
        "critical-current": [key for e in junctions for key in (e.name, f"{e.name}:capacitance")],
        "inductance": [e.name for e in flat.of_type(Inductor)],
        "resistance": [f"{e.name}:resistance" for e in junctions] + [e.name for e in flat.of_type(Resistor)],
    }
    found = [
        Parameter(name=name, scope="global", scales=dict.fromkeys(keys[name], 1.0))
        for name in GLOBAL_PARAMETERS
        if keys[name]
    ]
    scopes: dict[str, Scope] = {"bias": "bias-line", "tuning": "tuning"}
    for role, scope in scopes.items():
        found += [Parameter(name=e.name, scope=scope, scales={e.name: 1.0}) for e in currents if e.role == role]
    return found + [Parameter(name=name, scope="bias-line", scales={name: 1.0}) for name in voltages]


def is_steady(waveform: Waveform) -> bool:
    """Whether a waveform is that of a supply: not zero, and constant or a rise at the very beginning."""
    match waveform:
        case DC():
            return waveform.value != 0
        case PWL(values=values) if values[-1] != 0:
            first = next((i for i, v in enumerate(values) if v != values[0]), len(values))
            rising = all(a <= b for a, b in pairwise(values)) or all(a >= b for a, b in pairwise(values))
            return rising and first in (1, len(values))
    return False


def element_parameters(circuit: Circuit) -> list[Parameter]:
    """List a parameter for each element of a circuit, flattened on the way, in four kinds that processes spread.

    A junction's critical current and its capacitance are one (its area), its resistance is another, named
    ``"NAME:resistance"``; inductors, resistors, capacitors, and sources that `circuit_parameters` counts as bias.
    """
    flat = circuit.flatten()
    found: list[Parameter] = []

    def add(name: str, *keys: str) -> None:
        found.append(Parameter(name=name, scope="element", scales=dict.fromkeys(keys, 1.0)))

    biases = {p.name for p in circuit_parameters(flat) if p.scope in ("bias-line", "tuning")}
    for element in flat:
        assert not hasattr(element, "connections")
        match element:
            case Junction():
                add(element.name, element.name, f"{element.name}:capacitance")
                add(f"{element.name}:resistance", f"{element.name}:resistance")
            case Inductor() | Resistor() | Capacitor():
                add(element.name, element.name)
            case _ if element.name in biases:
                add(element.name, element.name)
    return found


def scale_factors(parameters: Sequence[Parameter], factors: Floats) -> dict[str, Floats]:
    """Return scale factors of values where several parameters are moved at once; those of one value multiply.

    Parameters
    ----------
    factors : array, shape (parameters, variants)
        What each parameter is multiplied by.
    """
    scales: dict[str, Floats] = {}
    for parameter, row in zip(parameters, factors, strict=True):
        for key, power in parameter.scales.items():
            factor = row if power == 1.0 else row**power
            scales[key] = scales[key] * factor if key in scales else factor
    return scales


def find_parameter(parameters: Iterable[Parameter], name: str) -> Parameter:
    """Return the parameter of that name; raises `UnknownNameError` with the nearest spelling."""
    named = {p.name: p for p in parameters}
    if name not in named:
        raise unknown_name("parameter", name, named)
    return named[name]


def scaled(circuit: Circuit, parameter: Parameter | str, factor: float) -> Circuit:
    """Return the flattened circuit with one parameter moved.

    Parameters
    ----------
    parameter : Parameter or str
        A parameter, or the name of one of `circuit_parameters`.
    factor : float
        What the values are multiplied by; 1.1 is 10 % more.

    Raises
    ------
    UnknownNameError
        For a name that the circuit has no parameter or element for.

    Examples
    --------
    >>> from spice_models.cells.jtl import jtl
    >>> scaled(jtl(), "inductance", 1.5)["L1"].inductance
    7.5e-12
    """
    if isinstance(parameter, str):
        parameter = find_parameter(circuit_parameters(circuit), parameter)
    return with_factors(circuit, {key: factor**power for key, power in parameter.scales.items()})


def with_factors(circuit: Circuit, factors: Mapping[str, float]) -> Circuit:
    """Return the flattened circuit with single values multiplied; keys as in `Parameter`."""
    flat = circuit.flatten()
    for key, factor in factors.items():
        element, _, part = key.partition(":")
        if element not in flat:
            raise unknown_name("element", element, [e.name for e in flat], f" in circuit {flat.name!r}")
        if part not in _PARTS or (part and not isinstance(flat[element], Junction)):
            raise DescriptionError(f"{key!r}: only junctions have values besides their main one, in {_PARTS[1:]}")
        if not isfinite(factor):
            raise DescriptionError(f"the factor of {key!r} must be finite, got {factor}")
    return flat.mapped(lambda element: scaled_element(element, factors))
