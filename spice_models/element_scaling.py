"""Elements with their values multiplied, as scale factors of variants say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spice_models.elements import (
    Capacitor,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Inductor,
    Junction,
    Mutual,
    PhaseSource,
    Primitive,
    Resistor,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
)


def scaled_element(element: Primitive, factors: Mapping[str, float]) -> Primitive:
    """Return an element with its main value times ``factors["NAME"]`` and others times ``factors["NAME:VALUE"]``."""
    factor = factors.get(element.name, 1.0)
    match element:
        case Junction():
            return replace(
                element,
                critical_current=element.critical_current * factor,
                capacitance=element.capacitance * factors.get(f"{element.name}:capacitance", 1.0),
                resistance=element.resistance * factors.get(f"{element.name}:resistance", 1.0),
                gap=element.gap and element.gap.scaled(factor),
            )
        case _ if factor == 1.0:
            return element
        case Inductor():
            return replace(element, inductance=element.inductance * factor)
        case Mutual():
            return replace(element, coupling=element.coupling * factor)
        case Resistor():
            return replace(element, resistance=element.resistance * factor)
        case Capacitor():
            return replace(element, capacitance=element.capacitance * factor)
        case CurrentSource() | VoltageSource() | PhaseSource():
            return replace(element, waveform=element.waveform.scaled(factor))
        case VoltageControlledVoltageSource() | CurrentControlledCurrentSource():
            return replace(element, gain=element.gain * factor)
        case VoltageControlledCurrentSource():
            return replace(element, transconductance=element.transconductance * factor)
        case CurrentControlledVoltageSource():
            return replace(element, transresistance=element.transresistance * factor)
        case TransmissionLine():
            return replace(element, impedance=element.impedance * factor)
