"""The elements of a circuit: frozen descriptions between named nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from typing import Any, cast

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
_OTHER_ELEMENTS = ("first", "second", "control")


@cache
def _renamed_fields(kind: Callable[..., Primitive]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = [f.name for f in fields(cast("type[Junction]", kind))]
    return tuple(n for n in names if n in _NODES), tuple(n for n in names if n in _OTHER_ELEMENTS)


def renamed(element: Primitive, prefix: str, node: Callable[[str], str]) -> Primitive:
    """Return an element under another name: itself and the elements it refers to get a prefix, its nodes follow."""
    nodes, others = _renamed_fields(type(element))
    changed: dict[str, Any] = {field: node(getattr(element, field)) for field in nodes}
    changed |= {field: prefix + getattr(element, field) for field in ("name", *others)}
    return replace(element, **changed)
