"""Circuits as JoSIM netlists.

JoSIM's junction has a piecewise linear resistance: subgap below the gap voltage, normal above. For a junction without a
gap branch both are written as its one resistance and the gap is put out of reach, which makes it exactly linear.

Current-controlled sources of JoSIM follow the current between two nodes, which they join. That of a voltage source is
led through them on its way to the source's minus node.

References
----------
J. A. Delport, K. Jackman, P. le Roux, C. J. Fourie, IEEE Trans. Appl. Supercond. 29, 1300905 (2019),
doi 10.1109/TASC.2019.2897312.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, pi

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.dialects.element_lines import check_run, element_line, number, subcircuit_lines
from spice_models.dialects.hierarchy import Hierarchy, Place, Scope, hierarchy
from spice_models.elements import (
    GROUND,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Junction,
    VoltageSource,
)
from spice_models.engines.recording import Channel, parse_channels
from spice_models.errors import DescriptionError, NetlistError

LONGEST_STEP = 1e-13
"""Longest time step [s]; JoSIM's is fixed and its error falls as its square."""

_GAP = "vg=1.0, delv=0.001"
_RESERVED = ("gnd", "time")


@dataclass(frozen=True, kw_only=True)
class Deck:
    """A netlist to be run by an engine, and the label of JoSIM's column for each recorded channel."""

    text: str
    labels: dict[str, str]


def write(
    circuit: Circuit,
    *,
    duration: float,
    step: float = LONGEST_STEP,
    title: str | None = None,
    outputs: Sequence[str] | None = None,
) -> str:
    """Write a circuit as a netlist that ``josim-cli -o result.csv FILE`` runs.

    Only the lines of the sources depend on waveforms: netlists of one circuit with other inputs differ in those alone.

    Parameters
    ----------
    circuit : Circuit
        What to write; nested instances become ``.subckt`` blocks, one a distinct subcircuit.
    duration, step : float
        Time to simulate and time step [s]; the step is held to 0.1 ps at most.
    title : str, optional
        First line of the netlist; the circuit's name by default.
    outputs : sequence of str, optional
        What to print: ``phase(JUNCTION)`` [rad], ``voltage(NODE)`` [V], ``current(ELEMENT)`` [A], names as in
        ``circuit.flatten()``; by default the phases of all junctions.

    Raises
    ------
    DescriptionError
        For nodes that do not reach ground.
    UnknownNameError
        For outputs that the circuit does not have.
    """
    heading = " ".join((title or circuit.name).split())
    return transient_deck(circuit, duration=duration, step=step, record=outputs, title=heading).text


def transient_deck(
    circuit: Circuit,
    *,
    duration: float,
    step: float,
    record: Sequence[str] | None,
    title: str = "transient run",
    temperature: float = 0.0,
    seed: int = 0,
) -> Deck:
    """Write a netlist for an engine that runs it and reads the columns by label.

    Raises
    ------
    DescriptionError
        For a temperature [K] below zero, nodes that do not reach ground, a step or a circuit that makes no sense.
    """
    check_run(circuit, duration=duration, step=step)
    if not 0 <= temperature < inf:
        raise DescriptionError(f"a temperature must be zero or positive [K], got {temperature}")
    check_grounded(circuit)
    writer = _Writer(names=hierarchy(circuit, junction_letter="B", reserved=_RESERVED, subcircuits=()), models={})
    prints, labels = [], {}
    for channel in parse_channels(circuit.flatten(), record):
        label = writer.label(channel)
        if label is not None:
            kind, target = label
            prints.append(f".print {_PRINTED[kind]} {'.'.join(target)}")
            labels[channel.text] = f"{kind}({'|'.join(target)})".upper()
    body = writer.body()
    # JoSIM stops one step early, or two by rounding; without "dst" it would settle sources before time zero.
    step = min(step, LONGEST_STEP)
    tran = f".tran {number(step)} {number(duration + 1.5 * step)} 0 {number(step)} dst"
    # The bandwidth must be the rate of the steps: at JoSIM's own of 1 GHz its noise is far too weak.
    noise = (f".temp {number(temperature)}", f".neb {number(1 / step)}", f".option seed={seed:d}")
    warm = noise if temperature else ()
    lines = [f"* {title}", *writer.models.values(), *body, *warm, tran, *dict.fromkeys(prints), ".end", ""]
    return Deck(text="\n".join(lines), labels=labels)


_PRINTED = {"P": "phase", "V": "nodev", "I": "devi"}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Writer:
    names: Hierarchy
    models: dict[Junction, str]

    def label(self, channel: Channel) -> tuple[str, tuple[str, ...]] | None:
        """Kind and path of JoSIM's column; None for what needs no simulation (ground, current sources)."""
        if channel.kind == "voltage":
            if channel.ends[0] == GROUND:
                return None
            place = self.names.node(channel.ends[0])
            return "V", (place.scope.nodes[place.name], *reversed(place.instances))
        assert channel.element is not None
        if isinstance(channel.element, CurrentSource):
            return None
        if isinstance(channel.element, CurrentControlledVoltageSource):
            raise DescriptionError(
                f"JoSIM gives no {channel.text}: of a current-controlled voltage source it returns the controlling "
                "current; record that of an element in series with it"
            )
        return "P" if channel.kind == "phase" else "I", self.device(self.names.element(channel.element.name))

    def device(self, place: Place) -> tuple[str, ...]:
        return (place.scope.elements[place.name], *reversed(place.instances))

    def body(self) -> list[str]:
        return [*subcircuit_lines(self.names.subcircuits, self.elements), *self.elements(self.names.top)]

    def elements(self, scope: Scope) -> list[str]:
        meters = _meters(scope)
        lines = []
        for element in scope.circuit:
            match element:
                case Junction():
                    lines.append(self.junction(element, scope))
                case CurrentControlledCurrentSource(gain=gain) | CurrentControlledVoltageSource(transresistance=gain):
                    ends = [scope.nodes[node] for node in element.nodes]
                    words = [scope.elements[element.name], *ends, *meters[element.name], number(gain)]
                    lines.append(" ".join(words))
                case VoltageSource() if element.name in meters:
                    ends = [scope.nodes[element.plus], meters[element.name][0]]
                    lines.append(element_line(element, scope, ends))
                case _:
                    lines.append(element_line(element, scope))
        return lines

    def junction(self, element: Junction, scope: Scope) -> str:
        ends = f"{scope.nodes[element.plus]} {scope.nodes[element.minus]}"
        return f"{scope.elements[element.name]} {ends} {self.model(element)} area=1.0"

    def model(self, junction: Junction) -> str:
        key = replace(junction, name="", plus="", minus="")
        if key not in self.models:
            values = {
                "icrit": junction.critical_current,
                "cap": junction.capacitance,
                "r0": junction.resistance,
                "rn": junction.resistance,
            }
            gap = _GAP
            if junction.gap is not None:
                gap = f"vg={number(junction.gap.voltage)}, delv={number(junction.gap.width)}"
                values["rn"] = junction.gap.normal_resistance
                values["icfct"] = junction.critical_current / junction.gap.current_step
                _check_normal_branch(junction)
            if junction.phase_shift:
                values["phi"] = -junction.phase_shift % (2 * pi)
            listed = ", ".join(f"{name}={number(value)}" for name, value in values.items())
            if junction.second_harmonic:
                listed += f", cpr={{1.0, {number(junction.second_harmonic)}}}"
            self.models[key] = f".model jj{len(self.models) + 1} jj(rtype=1, {gap}, {listed})"
        return self.models[key].split()[1]


def _meters(scope: Scope) -> dict[str, tuple[str, str]]:
    """Nodes that each current-controlled source joins, and under a controlling source's own name its new minus node."""
    controlled: dict[str, list[str]] = {}
    for element in scope.circuit:
        if isinstance(element, CurrentControlledCurrentSource | CurrentControlledVoltageSource):
            controlled.setdefault(element.control, []).append(element.name)
    meters: dict[str, tuple[str, str]] = {}
    for control, names in controlled.items():
        source = scope.circuit[control]
        assert isinstance(source, VoltageSource)
        nodes = [*(scope.pool.new(f"meter_{name}") for name in names), scope.nodes[source.minus]]
        meters |= dict(zip(names, pairwise(nodes), strict=True))
        meters[control] = (nodes[0], "")
    return meters


def _check_normal_branch(junction: Junction) -> None:
    """JoSIM's branch above the gap is a line through the origin: refuse one that would not meet the transition."""
    gap = junction.gap
    assert gap is not None
    upper = gap.voltage + gap.width / 2
    wanted = upper / float(junction.resistive_current(upper))
    if abs(gap.normal_resistance / wanted - 1) > _NORMAL_TOLERANCE:
        raise NetlistError(
            f"junction {junction.name!r}: JoSIM's branch above the gap goes through the origin, so that only a normal "
            f"resistance of {wanted:.4g} ohm continues its transition; it has {gap.normal_resistance:.4g} ohm"
        )


_NORMAL_TOLERANCE = 1e-3
"""Relative difference between the normal resistance and the one that JoSIM's model continues with [chosen]."""
