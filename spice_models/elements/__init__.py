"""The elements of a circuit: frozen descriptions between named nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

from spice_models.elements.controlled import (
    ControlledSource,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
)
from spice_models.elements.junction import GapBranch, Junction, shunt_for_beta_c
from spice_models.elements.line import TransmissionLine
from spice_models.elements.passive import Capacitor, Inductor, Mutual, Resistor
from spice_models.elements.sources import CurrentSource, PhaseSource, SourceRole, VoltageSource

__all__ = [
    "GROUND",
    "Capacitor",
    "ControlledSource",
    "CurrentControlledCurrentSource",
    "CurrentControlledVoltageSource",
    "CurrentSource",
    "GapBranch",
    "Inductor",
    "Junction",
    "Mutual",
    "PhaseSource",
    "Primitive",
    "Resistor",
    "SourceRole",
    "TransmissionLine",
    "VoltageControlledCurrentSource",
    "VoltageControlledVoltageSource",
    "VoltageSource",
    "placed",
    "renamed",
    "shunt_for_beta_c",
]

GROUND = "0"

Primitive = (
    Junction
    | Inductor
    | Mutual
    | Resistor
    | Capacitor
    | CurrentSource
    | VoltageSource
    | PhaseSource
    | VoltageControlledVoltageSource
    | CurrentControlledCurrentSource
    | VoltageControlledCurrentSource
    | CurrentControlledVoltageSource
    | TransmissionLine
)

_NODES = ("plus", "minus", "control_plus", "control_minus", "far_plus", "far_minus")
_NAMES = ("name", "first", "second", "control")


_FIELDS: dict[type, tuple[tuple[str, ...], tuple[str, ...]]] = {
    kind: (
        tuple(f.name for f in fields(kind) if f.name in _NODES),
        tuple(f.name for f in fields(kind) if f.name in _NAMES),
    )
    for kind in get_args(Primitive)
}
"""Which fields of each element name nodes and which elements, itself included."""


def placed(element: Primitive, name: str, plus: str, minus: str) -> Primitive:
    """Return an element of the same values under another name and between other nodes."""
    copy = object.__new__(type(element))
    copy.__dict__.update(element.__dict__, name=name, plus=plus, minus=minus)
    return copy


def renamed(element: Primitive, prefix: str, node: Callable[[str], str]) -> Primitive:
    """Return an element under another name: itself and the elements it refers to get a prefix, its nodes follow."""
    nodes, others = _FIELDS[type(element)]
    changed: dict[str, Any] = dict(element.__dict__)
    for field in nodes:
        changed[field] = node(changed[field])
    for field in others:
        changed[field] = prefix + changed[field]
    # Its values were checked when it was made: flattening a large circuit need not check them all again.
    copy = object.__new__(type(element))
    copy.__dict__.update(changed)
    return copy
