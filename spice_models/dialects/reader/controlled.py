"""Controlled sources: E F G H.

JoSIM's F and H measure the current between two control nodes, which they join without a voltage: a source of 0 V from
the first to the second. SPICE's name a voltage source instead. The number of words tells which one is meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from spice_models.dialects.reader.statements import Statement
from spice_models.elements import (
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    Primitive,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
)
from spice_models.waveforms import DC


def voltage_controlled_voltage(statement: Statement) -> Primitive:
    """Make an E."""
    plus, minus, control_plus, control_minus = statement.nodes
    return VoltageControlledVoltageSource(
        name=statement.name,
        plus=plus,
        minus=minus,
        control_plus=control_plus,
        control_minus=control_minus,
        gain=statement.value(),
    )


def voltage_controlled_current(statement: Statement) -> Primitive:
    """Make a G."""
    plus, minus, control_plus, control_minus = statement.nodes
    return VoltageControlledCurrentSource(
        name=statement.name,
        plus=plus,
        minus=minus,
        control_plus=control_plus,
        control_minus=control_minus,
        transconductance=statement.value(),
    )


def current_controlled_current(statement: Statement) -> tuple[Primitive, ...]:
    """Make an F, and the source of 0 V that measures for it."""
    control, made = _control(statement)
    plus, minus = statement.nodes[:2]
    source = CurrentControlledCurrentSource(
        name=statement.name, plus=plus, minus=minus, control=control, gain=statement.value()
    )
    return (*made, source)


def current_controlled_voltage(statement: Statement) -> tuple[Primitive, ...]:
    """Make an H, and the source of 0 V that measures for it."""
    control, made = _control(statement)
    plus, minus = statement.nodes[:2]
    source = CurrentControlledVoltageSource(
        name=statement.name, plus=plus, minus=minus, control=control, transresistance=statement.value()
    )
    return (*made, source)


def _control(statement: Statement) -> tuple[str, Sequence[Primitive]]:
    if len(statement.nodes) == 4:
        plus, minus = statement.nodes[2:]
        sense = VoltageSource(name=statement.fresh(f"{statement.name}_sense"), plus=plus, minus=minus, waveform=DC(0.0))
        return sense.name, (sense,)
    label = statement.rest[0]
    name = statement.name_of(label.lower()) if label[0] in "vV" else None
    if name is None:
        raise statement.error(
            f"there is no voltage source {label!r} beside it whose current could control it: name one, or give two "
            "control nodes"
        )
    statement.rest = statement.rest[1:]
    return name, ()
