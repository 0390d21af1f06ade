"""Junctions that ideal sources drive: what an optimiser sees there is no circuit's behaviour."""

from __future__ import annotations

from collections.abc import Collection

from spice_models.analysis.parameters import is_steady
from spice_models.circuit import Circuit
from spice_models.elements import (
    GROUND,
    Capacitor,
    CurrentSource,
    Inductor,
    Junction,
    PhaseSource,
    Resistor,
    VoltageSource,
)


def ideally_driven(circuit: Circuit, junctions: Collection[str] | None = None) -> dict[str, str]:
    """Find junctions with nothing but inductors, resistors and capacitors between them and a source of signals.

    Such a source gives any current that is asked of it: an optimiser learns to lean on it. Put real cells in between,
    as `spice_models.cells.testbench.bench` does.

    Parameters
    ----------
    junctions : collection of str, optional
        Which to look at, by their names in the flattened circuit; all if not given.

    Returns
    -------
    mapping of str to str
        Junction and the source that drives it. Sources of steady values, and current sources that are bias or tuning,
        do not count.
    """
    flat = circuit.flatten()
    at: dict[str, list[Junction]] = {}
    beside: dict[str, list[str]] = {}
    for element in flat:
        if isinstance(element, Junction):
            for node in element.nodes:
                at.setdefault(node, []).append(element)
        elif isinstance(element, Inductor | Resistor | Capacitor):
            plus, minus = element.nodes
            beside.setdefault(plus, []).append(minus)
            beside.setdefault(minus, []).append(plus)
    found: dict[str, str] = {}
    for source in flat:
        if not _is_signal(source):
            continue
        assert isinstance(source, CurrentSource | VoltageSource | PhaseSource)
        seen, ahead = {GROUND}, [*source.nodes]
        while ahead:
            node = ahead.pop()
            if node in seen:
                continue
            seen.add(node)
            for junction in at.get(node, []):
                if junctions is None or junction.name in junctions:
                    found.setdefault(junction.name, source.name)
            if node not in at:
                ahead += beside.get(node, [])
    return found


def _is_signal(element: object) -> bool:
    match element:
        case CurrentSource():
            changes = not is_steady(element.waveform) and element.waveform != element.waveform.scaled(2.0)
            return element.role == "input" or (element.role == "bias" and changes)
        case VoltageSource() | PhaseSource():
            return not is_steady(element.waveform)
    return False
