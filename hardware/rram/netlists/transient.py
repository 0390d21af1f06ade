"""A crossbar that is driven over time as an ngspice deck: cells that switch, wires, and line capacitance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array.cell_solve import check_held
from hardware.rram.array.cell_transient import CellTransient, Drive
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.line_transient import node_capacitance
from hardware.rram.array.nonlinear import CellLaw
from hardware.rram.netlists.cells import CellLines, conduction, moving_lines, state_node
from hardware.rram.netlists.netlist import CrossbarCircuit, add_conductances, deck_lines, wired
from spice_models.atomic import write_text
from spice_models.dialects.element_lines import number, wrapped
from spice_models.dialects.rawfile import vector_key
from spice_models.elements import GROUND
from spice_models.engines.deck import run_deck
from spice_models.engines.process import DEADLINE
from spice_models.errors import DescriptionError, EngineError
from spice_models.waveforms import PWL

Floats = NDArray[np.float64]

OPTIONS = ".options method=gear reltol=1e-7 abstol=1e-15 vntol=1e-12 chgtol=1e-22 trtol=1 gmin=1e-18 itl4=100"
"""ngspice's tolerances over time [chosen].

``chgtol`` is below the charge of the nodes that hold states and of lines of femtofarads; ``trtol=1`` takes ngspice's
estimate of its error as it is, which it otherwise lets pass sevenfold.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class TransientNetlist:
    """A crossbar over time as an ngspice deck.

    Parameters
    ----------
    built : CrossbarCircuit
        Wires, sources, capacitances, and cells that are resistors.
    cells : CellLines
        The other cells.
    states : tuple of tuple of str
        Node whose voltage is the state of each cell; empty for resistors.
    duration, longest : float
        Of the run, and its longest step [s].
    """

    built: CrossbarCircuit
    cells: CellLines
    states: tuple[tuple[str, ...], ...]
    duration: float
    longest: float

    @property
    def text(self) -> str:
        """The deck; ``ngspice -b FILE`` prints a table of the currents out of the bit lines."""
        held = [f"i({e.name.lower()})" for e in self.built.circuit if e.name.startswith("VB_")]
        wide = 20 * (len(held) + 2)
        lines = [".control", "run", "set numdgt=10", "set nobreak", f"set width={wide}"]
        lines += [wrapped(f"linearize {' '.join(held)}"), wrapped(f"print col time {' '.join(held)}")]
        raw = ["if $?rawfile", "write $rawfile", "end"]
        return self._deck([*lines, "if $?batchmode = 1", *raw, "quit 0", "end", ".endc"])

    def _deck(self, control: Sequence[str] = ()) -> str:
        m, n = len(self.built.word_nodes), len(self.built.bit_nodes[0])
        step = number(self.longest)
        return deck_lines(
            f"{self.built.circuit.name}: {m} x {n} cells over {self.duration:g} s",
            OPTIONS,
            self.built,
            self.cells,
            [f".tran {step} {number(self.duration)} 0 {step} uic", *control],
        )

    def write(self, path: str | PathLike[str]) -> None:
        """Write the deck to a file."""
        write_text(Path(path), self.text)

    def run(self, engine: str = "ngspice", *, timeout: float = DEADLINE) -> CellTransient:
        """Run it by ngspice; the result has the form of `cell_transient`, at ngspice's own times.

        Parameters
        ----------
        engine : {"ngspice", "ngspice-shared"}
            The program or the library.
        timeout : float
            Seconds after which it is stopped.

        Raises
        ------
        EngineError
            If ngspice is missing, fails, complains or ends early.
        """
        plot = run_deck(self._deck(), engine=engine, timeout=timeout, duration=self.duration)
        values = {vector_key(name): np.real(v) for name, v in zip(plot.names, plot.values, strict=True)}
        times = values["time"]
        if times[-1] < self.duration * (1 - 1e-9):
            raise EngineError(f"ngspice ended at {times[-1]:g} s of {self.duration:g} s: choose a shorter longest step")
        words, bits = self.built.node_voltages(plot)
        into, out = self.built.terminal_currents(plot)
        states = np.array([[values[node] for node in row] for row in self.states])
        return CellTransient(
            times=times,
            bit_currents=out.T.copy(),
            word_currents=into.T.copy(),
            word_nodes=words,
            bit_nodes=bits,
            states=np.moveaxis(states, -1, 0) if self.states else np.empty((len(times), 0, 0)),
        )


def transient_netlist(
    crossbar: Crossbar,
    drive: Drive,
    *,
    law: CellLaw | None = None,
    word_capacitance: ArrayLike = 0.0,
    bit_capacitance: ArrayLike = 0.0,
    longest: float | None = None,
    name: str = "crossbar",
) -> TransientNetlist:
    """Write a crossbar that starts without charge as an ngspice deck.

    Parameters
    ----------
    drive : Drive
        Voltages of the lines; NaN for those that float.
    law : CellLawAt, optional
        Model and first states of cells in place of the conductances: the ``law`` of a `CellArray`, or
        ``CellLawAt(model, states)``. Their states move, but for those of cells that are stuck, or off for the whole run
        (`CellLawAt.selected`).
    word_capacitance, bit_capacitance : float or array, shape (m, n)
        To ground, of each node [F].
    longest : float, optional
        Longest step [s]; a thousandth of the run if not given.
    name : str
        In the first line of the deck.

    Raises
    ------
    DescriptionError
        For shapes and values that make no sense, lines that nothing holds, and cells of a kind that has no form as
        netlist.
    """
    drive.check_fits(crossbar)
    duration = float(drive.times[-1])
    longest = duration / 1000 if longest is None else longest
    if not 0 < longest <= duration:
        raise DescriptionError(f"the longest step must lie within 0 and {duration:g} s, got {longest}")
    check_held(crossbar, law, drive.words[0], drive.bits[0])
    m, n = crossbar.shape
    words, bits = ([_wave(drive.times, v) for v in side.T] for side in (drive.words, drive.bits))
    built = wired(crossbar, words, bits, name=name)
    for letter, nodes, value in (("W", built.word_nodes, word_capacitance), ("B", built.bit_nodes, bit_capacitance)):
        for (i, j), c in np.ndenumerate(node_capacitance(value, m, n)):
            if c > 0:
                built.circuit.capacitor(f"C{letter}_{i}_{j}", nodes[i][j], GROUND, float(c))
    if law is None:
        add_conductances(crossbar, built)
        return TransientNetlist(
            built=built, cells=CellLines(lines=()), states=(), duration=duration, longest=float(longest)
        )
    return TransientNetlist(
        built=built,
        cells=moving_lines(conduction(law, crossbar.shape), built.ends),
        states=tuple(tuple(state_node(i, j) for j in range(n)) for i in range(m)),
        duration=duration,
        longest=float(longest),
    )


def _wave(times: Floats, voltages: Floats) -> PWL | None:
    return None if np.isnan(voltages[0]) else PWL(tuple(times), tuple(voltages))
