"""Circuits as ngspice decks.

ngspice has no junction. A subcircuit stands in for it: a source of ``Ic sin(phase)``, the linear resistance and the
capacitance in parallel, and a node ``phase`` whose volts are radians: ``(2 pi / Phi0) V`` integrated on a capacitor.
Other current-phase relations and a gap branch are further behavioural sources in it. Nor has it a source of phase: the
phase is the voltage on a capacitor, and a source of voltage follows that capacitor's current.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.dialects.element_lines import check_run, element_line, number, subcircuit_lines, wrapped
from spice_models.dialects.hierarchy import Hierarchy, Place, Scope, hierarchy
from spice_models.dialects.ngspice_phases import (
    KINDS,
    junction_subcircuit,
    junction_subcircuit_lines,
    junction_values,
    phase_source_lines,
)
from spice_models.elements import (
    GROUND,
    Capacitor,
    CurrentControlledCurrentSource,
    CurrentSource,
    Junction,
    PhaseSource,
    Resistor,
    TransmissionLine,
    VoltageControlledCurrentSource,
)
from spice_models.engines.recording import Channel, parse_channels
from spice_models.errors import DescriptionError

LONGEST_STEP = 1e-13
"""Longest internal step [s]; a fluxon passes a junction in about 2 ps."""

TOLERANCE = 1e-5
"""Relative tolerance [chosen]: a fluxon passes ten junctions right to 4 fs; 1e-6 gives 1 fs at 1.6 times the work.

The absolute tolerances matter more: with ngspice's own, made for volts and picocoulombs, it is 40 fs late at 1e-4.
"""

ABSOLUTE = "abstol=1e-12 vntol=1e-9 chgtol=1e-22"
_FILE = re.compile(r"[A-Za-z0-9_./-]+\Z")
_OUTPUT = "output_phase"
_RESERVED = ("gnd", "null", "time", "temper", "hertz", "all", "allv", "alli", "ally", _OUTPUT, "output_pulses")


_SENSED = (
    Junction,
    Resistor,
    Capacitor,
    CurrentControlledCurrentSource,
    VoltageControlledCurrentSource,
    TransmissionLine,
)
"""Elements whose current ngspice does not know: a voltage source of zero is put in series with them."""


@dataclass(frozen=True, kw_only=True)
class Deck:
    """A deck to be run by an engine, and the name of the ngspice vector that holds each recorded channel."""

    text: str
    vectors: dict[str, str]


def write(
    circuit: Circuit,
    *,
    duration: float,
    step: float = LONGEST_STEP,
    title: str | None = None,
    outputs: Sequence[str] | None = None,
    output_junction: str | None = None,
    settle: float = 0.0,
    data_file: str | None = None,
    tolerance: float = TOLERANCE,
) -> str:
    """Write a circuit as a deck that ``ngspice -b FILE`` runs without further options.

    Only the lines of the sources depend on waveforms: decks of one circuit with other inputs differ in those alone.

    Parameters
    ----------
    circuit : Circuit
        What to write; nested instances become ``.subckt`` blocks, one a distinct subcircuit.
    duration, step : float
        Time to simulate and longest internal step [s]; the step is held to 0.1 ps at most.
    title : str, optional
        First line of the deck; the circuit's name by default.
    outputs : sequence of str, optional
        What to save: ``phase(JUNCTION)`` [rad], ``voltage(NODE)`` [V], ``current(ELEMENT)`` [A], names as in
        ``circuit.flatten()``; by default the phases of all junctions.
    output_junction : str, optional
        A junction whose phase [rad] becomes the voltage [V] of the node ``output_phase``; the run then prints
        ``output_pulses = n``, the number of complete 2 pi steps between ``settle`` and the end.
    settle : float
        Time [s] after the biases have risen and before the first input.
    data_file : str, optional
        File into which the run writes time and outputs as columns of text.
    tolerance : float
        ngspice's relative tolerance.

    Raises
    ------
    DescriptionError
        For nodes that do not reach ground.
    UnknownNameError
        For outputs that the circuit does not have.
    """
    check_run(circuit, duration=duration, step=step)
    if not 0 <= settle < duration:
        raise DescriptionError(f"settle must lie within 0..{duration:g} s, got {settle:g} s")
    writer = _Writer.of(circuit, outputs)
    if data_file is not None and not _FILE.match(data_file):
        raise DescriptionError(
            f"data file {data_file!r}: use letters, digits and _ . / - only, ngspice splits at others"
        )
    heading = " ".join((title or circuit.name).split())
    lines = [f"* {heading}", *writer.body()]
    saved = list(dict.fromkeys(writer.vectors().values()))
    if output_junction is not None:
        place = writer.names.element(output_junction)
        if not isinstance(place.scope.circuit[place.name], Junction):
            raise DescriptionError(f"output_junction {output_junction!r} of circuit {circuit.name!r} is no junction")
        lines += [f"* the voltage of node {_OUTPUT} is the phase of junction {output_junction} in rad"]
        lines += [f"E{_OUTPUT} {_OUTPUT} 0 {writer.phase_node(place)} 0 1"]
        saved += [f"v({_OUTPUT})"]
    lines += _analysis(saved, duration=duration, longest=step, tolerance=tolerance)
    lines += _control(saved, duration=duration, settle=settle, pulses=output_junction is not None, data_file=data_file)
    return "\n".join([*lines, ".end", ""])


def transient_deck(
    circuit: Circuit,
    *,
    duration: float,
    longest: float,
    record: Sequence[str] | None,
    tolerance: float = TOLERANCE,
) -> Deck:
    """Write a deck without control commands for an engine that runs it and reads the vectors by name."""
    writer = _Writer.of(circuit, record)
    vectors = writer.vectors()
    saved = [*dict.fromkeys(vectors.values())]
    lines = ["* transient run", *writer.body()]
    lines += _analysis(saved, duration=duration, longest=longest, tolerance=tolerance)
    return Deck(text="\n".join([*lines, ".end", ""]), vectors=vectors)


def _analysis(saved: list[str], *, duration: float, longest: float, tolerance: float) -> list[str]:
    longest = min(longest, LONGEST_STEP)
    save = [wrapped(".save " + " ".join(saved))] if saved else []
    return [
        f".options method=gear reltol={number(tolerance)} {ABSOLUTE}",
        *save,
        f".tran {number(longest)} {number(duration)} 0 {number(longest)} uic",
    ]


def _control(saved: list[str], *, duration: float, settle: float, pulses: bool, data_file: str | None) -> list[str]:
    last = "[length(time) - 1]"
    lines = [".control", "run"]
    lines += [f"let reached = time{last}", f"if reached < {number(duration * (1 - 1e-9))}"]
    lines += ['echo "error: the run stopped at $&reached s"', "quit 1", "end"]
    if data_file is not None:
        lines += ["set wr_singlescale", "set wr_vecnames", f"wrdata {data_file} {' '.join(saved)}"]
    if pulses:
        start = (
            f"let settled = {_OUTPUT}[0]" if settle == 0 else f"meas tran settled find v({_OUTPUT}) at={number(settle)}"
        )
        lines += [start, f"let output_pulses = floor(({_OUTPUT}{last} - settled + {number(pi)}) / {number(2 * pi)})"]
        lines += ['echo "output_pulses = $&output_pulses"']
    # `ngspice -b -r FILE` would write its raw file after the control block, which ends it: write it here
    raw = ["if $?rawfile", "write $rawfile", "end"]
    return [*lines, "if $?batchmode = 1", *raw, "quit 0", "end", ".endc"]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Writer:
    circuit: Circuit
    names: Hierarchy
    phases: dict[int, dict[str, str]]
    channels: list[Channel]
    sensed: set[tuple[int, str]]

    @classmethod
    def of(cls, circuit: Circuit, record: Sequence[str] | None) -> _Writer:
        check_grounded(circuit)
        names = hierarchy(circuit, junction_letter="X", reserved=_RESERVED, subcircuits=KINDS)
        phases = {
            id(scope): {j.name: scope.pool.new(f"phase_{j.name}") for j in scope.circuit.of_type(Junction)}
            for scope in (names.top, *names.subcircuits)
        }
        channels = parse_channels(circuit.flatten(), record)
        sensed = set()
        for channel in channels:
            if channel.kind == "current" and isinstance(channel.element, _SENSED):
                place = names.element(channel.element.name)
                sensed.add((id(place.scope), place.name))
        return cls(circuit=circuit, names=names, phases=phases, channels=channels, sensed=sensed)

    def vectors(self) -> dict[str, str]:
        found = {channel.text: self.vector(channel) for channel in self.channels}
        return {text: vector.lower() for text, vector in found.items() if vector is not None}

    def vector(self, channel: Channel) -> str | None:
        """Name of ngspice's vector; None for what needs no simulation (ground, current sources)."""
        if channel.kind == "voltage":
            if channel.ends[0] == GROUND:
                return None
            place = self.names.node(channel.ends[0])
            return f"v({'.'.join([*place.instances, place.scope.nodes[place.name]])})"
        assert channel.element is not None
        place = self.names.element(channel.element.name)
        if channel.kind == "phase":
            return f"v({self.phase_node(place)})"
        if isinstance(channel.element, CurrentSource):
            return None
        line = place.scope.elements[place.name]
        if isinstance(channel.element, PhaseSource):
            line = f"H{line}"
        device = f"V_sense_{line}" if (id(place.scope), place.name) in self.sensed else line
        path = [device[0], *place.instances, device] if place.instances else [device]
        return ".".join(path) + "#branch"

    def phase_node(self, place: Place) -> str:
        return ".".join([*place.instances, self.phases[id(place.scope)][place.name]])

    def body(self) -> list[str]:
        kinds = dict.fromkeys(junction_subcircuit(j) for j in self.circuit.flatten().of_type(Junction))
        lines = [line for kind in kinds for line in junction_subcircuit_lines(kind)]
        lines += subcircuit_lines(self.names.subcircuits, self.elements)
        return [*lines, *self.elements(self.names.top)]

    def elements(self, scope: Scope) -> list[str]:
        lines: list[str] = []
        for element in scope.circuit:
            line = scope.elements[element.name]
            nodes = [scope.nodes[node] for node in element.nodes]
            if (id(scope), element.name) in self.sensed:
                inner = scope.pool.new(f"sense_{element.name}")
                lines.append(f"V_sense_{line} {nodes[0]} {inner} dc 0")
                nodes[0] = inner
            if isinstance(element, Junction):
                phase = self.phases[id(scope)][element.name]
                words = [line, *nodes, phase, junction_subcircuit(element), *junction_values(element)]
                lines.append(wrapped(" ".join(words)))
            elif isinstance(element, PhaseSource):
                lines += phase_source_lines(element, line, nodes, scope)
            else:
                lines.append(element_line(element, scope, nodes))
        return lines
