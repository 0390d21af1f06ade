"""Junctions and phase sources of an ngspice deck, made of what ngspice has: phases are voltages there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from spice_models.constants import PHASE_PER_FLUX
from spice_models.dialects.element_lines import number, waveform_text, wrapped
from spice_models.dialects.hierarchy import Scope
from spice_models.elements import Junction, PhaseSource

PHASE_CAPACITANCE = 1e-12
"""Capacitance [F] on which the phase is integrated; of the order of real ones, so that tolerances suit both."""

JUNCTION = "josephson_junction"
_RELATION, _GAP = "_shifted", "_gap"
KINDS = tuple(JUNCTION + relation + gap for relation, gap in product(("", _RELATION), ("", _GAP)))
"""Names of the subcircuits that stand in for junctions."""


def junction_subcircuit(junction: Junction) -> str:
    """Name of the subcircuit for a junction: with or without another current-phase relation and a gap."""
    relation = _RELATION if junction.phase_shift or junction.second_harmonic else ""
    return JUNCTION + relation + (_GAP if junction.gap is not None else "")


def junction_values(junction: Junction) -> list[str]:
    """Write the parameters of a junction's subcircuit."""
    values = {
        "critical_current": junction.critical_current,
        "capacitance": junction.capacitance,
        "resistance": junction.resistance,
    }
    if junction.phase_shift or junction.second_harmonic:
        values |= {"phase_shift": junction.phase_shift, "second_harmonic": junction.second_harmonic}
    if (gap := junction.gap) is not None:
        values |= {
            "lower": gap.voltage - gap.width / 2,
            "width": gap.width,
            "transition": gap.current_step / gap.width - 1 / junction.resistance,
            "above": 1 / gap.normal_resistance - 1 / junction.resistance,
        }
    return [f"{name}={number(value)}" for name, value in values.items()]


def junction_subcircuit_lines(kind: str) -> list[str]:
    """Write the subcircuit of one of `KINDS`."""
    parameters = "critical_current=1e-4 capacitance=7e-14 resistance=6.857"
    relation, gap = "sin(v(phase))", []
    if _RELATION in kind:
        parameters += " phase_shift=0 second_harmonic=0"
        shifted = "(v(phase)+{phase_shift})"
        relation = f"(sin{shifted}+{{second_harmonic}}*sin(2*{shifted}))"
    if kind.endswith(_GAP):
        parameters += " lower=2.75e-3 width=1e-4 transition=1.27 above=0.05"
        size = "abs(v(plus,minus))"
        rise = f"{{transition}}*min(max({size}-{{lower}},0),{{width}})+{{above}}*max({size}-{{lower}}-{{width}},0)"
        gap = [wrapped(f"Bgap plus minus i=sgn(v(plus,minus))*({rise})")]
    return [
        f".subckt {kind} plus minus phase {parameters}",
        "* RCSJ; the voltage of node phase is the phase in rad",
        f"Bsupercurrent plus minus i={{critical_current}}*{relation}",
        *gap,
        "Cjunction plus minus {capacitance}",
        "Rjunction plus minus {resistance}",
        f"Gphase 0 phase plus minus {number(PHASE_PER_FLUX * PHASE_CAPACITANCE)}",
        f"Cphase phase 0 {number(PHASE_CAPACITANCE)}",
        f".ends {kind}",
    ]


def phase_source_lines(source: PhaseSource, line: str, nodes: Sequence[str], scope: Scope) -> list[str]:
    """Write a phase source: its phase as the voltage on a capacitor, whose current makes the voltage."""
    phase, meter = scope.pool.new(f"phase_{source.name}"), scope.pool.new(f"slope_{source.name}")
    return [
        wrapped(f"V_phase_{line} {phase} 0 {waveform_text(source.waveform, owner=source.name)}"),
        f"C_phase_{line} {phase} {meter} {number(PHASE_CAPACITANCE)}",
        f"V_slope_{line} {meter} 0 dc 0",
        f"H{line} {' '.join(nodes)} V_slope_{line} {number(1 / (PHASE_PER_FLUX * PHASE_CAPACITANCE))}",
    ]
