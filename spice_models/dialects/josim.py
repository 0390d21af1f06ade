"""Circuits as JoSIM netlists.

JoSIM's junction has a piecewise linear resistance: subgap below the gap voltage, normal above. Both are written as the
junction's one resistance and the gap is put out of reach, which makes it exactly linear.

References
----------
J. A. Delport, K. Jackman, P. le Roux, C. J. Fourie, IEEE Trans. Appl. Supercond. 29, 1300905 (2019),
doi 10.1109/TASC.2019.2897312.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.dialects.element_lines import check_plain, check_run, element_line, number, subcircuit_lines
from spice_models.dialects.hierarchy import Hierarchy, Place, Scope, hierarchy
from spice_models.elements import GROUND, CurrentSource, Junction
from spice_models.engines.recording import Channel, parse_channels

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
    circuit: Circuit, *, duration: float, step: float, record: Sequence[str] | None, title: str = "transient run"
) -> Deck:
    """Write a netlist for an engine that runs it and reads the columns by label."""
    check_run(circuit, duration=duration, step=step)
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
    lines = [f"* {title}", *writer.models.values(), *body, tran, *dict.fromkeys(prints), ".end", ""]
    return Deck(text="\n".join(lines), labels=labels)


_PRINTED = {"P": "phase", "V": "nodev", "I": "devi"}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Writer:
    names: Hierarchy
    models: dict[tuple[float, float, float], str]

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
        return "P" if channel.kind == "phase" else "I", self.device(self.names.element(channel.element.name))

    def device(self, place: Place) -> tuple[str, ...]:
        return (place.scope.elements[place.name], *reversed(place.instances))

    def body(self) -> list[str]:
        return [*subcircuit_lines(self.names.subcircuits, self.elements), *self.elements(self.names.top)]

    def elements(self, scope: Scope) -> list[str]:
        return [
            self.junction(element, scope) if isinstance(element, Junction) else element_line(element, scope)
            for element in scope.circuit
        ]

    def junction(self, element: Junction, scope: Scope) -> str:
        check_plain(element)
        ends = f"{scope.nodes[element.plus]} {scope.nodes[element.minus]}"
        return f"{scope.elements[element.name]} {ends} {self.model(element)} area=1.0"

    def model(self, junction: Junction) -> str:
        key = (junction.critical_current, junction.capacitance, junction.resistance)
        if key not in self.models:
            critical, capacitance, resistance = map(number, key)
            self.models[key] = (
                f".model jj{len(self.models) + 1} jj(rtype=1, {_GAP}, icrit={critical}, "
                f"cap={capacitance}, r0={resistance}, rn={resistance})"
            )
        return self.models[key].split()[1]
