r"""An array whose cells switch while it is driven: states, wires and line capacitance together, over time.

Node voltages take the singly diagonally implicit steps of `line_transient`, states explicit ones with the same stages
(the pair ARS(2,2,2) of order 2). The step is chosen by the difference between that and the trapezoidal rule.

References
----------
U. M. Ascher, S. J. Ruuth, R. J. Spiteri, Appl. Numer. Math. 25, 151 (1997), doi 10.1016/S0168-9274(97)00056-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, reals
from hardware.rram.array.cell_solve import TurnedCells, check_held
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.line_transient import LineTransient, node_capacitance
from hardware.rram.array.network import Balance
from hardware.rram.array.nonlinear import solve_cells
from hardware.rram.device.law import CellLawAt
from hardware.rram.progress import Progress, reporting
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]

ORDER = 2
ACCURACY = 1e-4
"""Error of a state in a step [chosen]."""

_GAMMA = 1 - 1 / np.sqrt(2)
_DELTA = 1 - 1 / (2 * _GAMMA)
_SOLVED = 1e-9  # difference between a cell's current and its linearisation, relative to it [chosen]
_SHORTEST = 1e-7  # of the run: shorter steps are taken as they are, where a rate jumps [chosen]
_MOST_STEPS = 200_000


@dataclass(frozen=True, kw_only=True, eq=False)
class CellTransient(LineTransient):
    """Currents and states of an array over time.

    Parameters
    ----------
    states : array, shape (steps, m, n)
        Of the cells; empty where they are plain conductances.
    """

    states: Floats

    def at(self, times: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Word currents, bit currents [A] and states at some times [s], by straight lines between the steps."""
        t = np.asarray(times, dtype=float)
        k = np.clip(np.searchsorted(self.times, t, side="right") - 1, 0, max(len(self.times) - 2, 0))
        after = np.minimum(k + 1, len(self.times) - 1)
        width = np.where(after > k, self.times[after] - self.times[k], 1.0)
        x = np.clip((t - self.times[k]) / width, 0.0, 1.0)

        def between(values: Floats) -> Floats:
            part = x.reshape(x.shape + (1,) * (values.ndim - 1))
            return np.asarray(values[k] + part * (values[after] - values[k]))

        return between(self.word_currents), between(self.bit_currents), between(self.states)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drive:
    """Voltages of all lines over time: straight lines between points.

    Parameters
    ----------
    times : array, shape (points,)
        Rising, from 0 [s].
    words, bits : array, shape (points, m) and (points, n)
        Voltages [V]; NaN throughout for a line that floats.

    Raises
    ------
    DescriptionError
        For times that do not rise from 0, shapes that do not fit, and lines that float part of the time.
    """

    times: Floats
    words: Floats
    bits: Floats

    def __post_init__(self) -> None:
        times = np.asarray(self.times, dtype=float)
        if times.ndim != 1 or len(times) < 2 or times[0] != 0 or not np.all(np.diff(times) > 0):
            raise DescriptionError("the times of a drive must rise from 0 [s], two at least")
        if not np.isfinite(times[-1]):
            raise DescriptionError("the times of a drive must be finite [s]")
        object.__setattr__(self, "times", times)
        for what in ("words", "bits"):
            v = reals(f"the voltages of a drive's {what}", getattr(self, what))
            if v.ndim != 2 or len(v) != len(times) or np.any(np.isinf(v)):
                raise DescriptionError(
                    f"the voltages of a drive's {what} need the shape ({len(times)}, lines) and finite values, or NaN, "
                    f"got shape {v.shape}"
                )
            if np.any(np.isnan(v).any(axis=0) != np.isnan(v).all(axis=0)):
                raise DescriptionError(
                    "a line floats (NaN) all the time or never: where one is let go, end the run, and start the next"
                    " from the states that it ends with"
                )
            object.__setattr__(self, what, v)

    @classmethod
    def pulses(cls, levels: Sequence[tuple[ArrayLike, ArrayLike]], *, width: float, edge: float, rest: float) -> Drive:
        """Return a train of pulses, each with its voltages of word and bit lines, such as those of `write_voltages`.

        Parameters
        ----------
        levels : sequence of (array, shape (m,); array, shape (n,))
            Voltages [V] of each pulse; NaN for lines that float.
        width, edge, rest : float
            Time at the voltages, of each slope, and at zero after each pulse [s].
        """
        if not levels or not all(np.isfinite(t) and t > 0 for t in (width, edge, rest)):
            raise DescriptionError("a train needs pulses, and a width, edge and rest above 0 [s]")
        times = [0.0]
        for _ in levels:
            for duration in (edge, width, edge, rest):
                times.append(times[-1] + duration)
        sides = []
        for side in (0, 1):
            each = [reals(f"voltages of {('word', 'bit')[side]} lines", level[side]) for level in levels]
            if {v.shape for v in each} != {(each[0].size,)}:
                raise DescriptionError("every pulse of a train needs one voltage for each word line and each bit line")
            high = np.array(each)
            points = np.zeros((len(times), high.shape[1]))
            points[:, np.isnan(high).all(axis=0)] = np.nan
            points[1::4] = points[2::4] = high
            sides.append(points)
        return cls(times=np.array(times), words=sides[0], bits=sides[1])

    def check_fits(self, crossbar: Crossbar) -> None:
        """Raise unless every line of a crossbar has its voltages."""
        if (self.words.shape[1], self.bits.shape[1]) != crossbar.shape:
            raise DescriptionError(
                f"a drive of {self.words.shape[1]} word and {self.bits.shape[1]} bit lines does not fit an array of "
                f"{crossbar.shape[0]} x {crossbar.shape[1]}"
            )

    def at(self, time: float) -> tuple[Floats, Floats]:
        """Voltages [V] of word and bit lines at a time [s]."""
        k = int(np.clip(np.searchsorted(self.times, time, side="right") - 1, 0, len(self.times) - 2))
        x = (time - self.times[k]) / (self.times[k + 1] - self.times[k])
        return self.words[k] + x * (self.words[k + 1] - self.words[k]), self.bits[k] + x * (
            self.bits[k + 1] - self.bits[k]
        )


def cell_transient(
    crossbar: Crossbar,
    law: CellLawAt,
    drive: Drive,
    *,
    word_capacitance: ArrayLike = 0.0,
    bit_capacitance: ArrayLike = 0.0,
    longest: float | None = None,
    accuracy: float = ACCURACY,
    progress: Progress = True,
) -> CellTransient:
    """Simulate an array that starts without charge, with its cells in the states of the law.

    Cells move as their model says, but for those that the law tells to be stuck, or off for the whole run; wear and
    spread from cycle to cycle are those of `CellArray.pulse`.

    Parameters
    ----------
    crossbar : Crossbar
        Wires and ends; its conductances are not read.
    law : CellLawAt
        Model and first states of the cells.
    drive : Drive
        Voltages of the lines.
    word_capacitance, bit_capacitance : float or array, shape (m, n)
        To ground, of each node [F].
    longest : float, optional
        Longest step [s]; a fiftieth of the run if not given. With capacitance it is what bounds the error of currents.
    accuracy : float
        Error of a state in a step.
    progress : bool or callable
        True for a bar on a terminal if it takes long; or called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        For shapes and values that make no sense, and lines that nothing holds.
    EngineError
        If the states will not be followed with the steps allowed.
    """
    instance("the crossbar", crossbar, Crossbar, "a Crossbar(...)")
    instance("the law of cells", law, CellLawAt, "CellLawAt(model, states), or the law of a CellArray")
    instance("the drive", drive, Drive, "a Drive(...), such as Drive.pulses(...)")
    drive.check_fits(crossbar)
    m, n = crossbar.shape
    end = float(drive.times[-1])
    longest = end / 50 if longest is None else longest
    if not (np.isfinite(longest) and longest > 0 and np.isfinite(accuracy) and accuracy > 0):
        raise DescriptionError("the longest step and the accuracy must be positive")
    check_held(crossbar, law, drive.words[0], drive.bits[0])
    run = _Run(crossbar, law, drive, [node_capacitance(c, m, n) for c in (word_capacitance, bit_capacitance)])
    step = longest
    with reporting(progress, f"transient of {m} x {n} cells") as report:
        # Corners of the drive end a step.
        for corner in drive.times[1:]:
            while run.time < corner:
                left = float(corner) - run.time
                parts = max(1.0, np.ceil(left / min(step, longest) - 1e-9))
                tried = left / parts
                until = float(corner) if parts == 1 else run.time + tried
                error = run.advance(until, accuracy, _SHORTEST * end)
                report(run.time / end)
                step = tried * float(np.clip(0.9 * max(error, 1e-9) ** (-1 / 3), 0.2, 3.0))
                if len(run.times) > _MOST_STEPS:
                    raise EngineError(
                        f"the states of an array could not be followed: {_MOST_STEPS} steps reach {run.time:g} s of "
                        f"{end:g} s; take fewer or shorter pulses, or a coarser accuracy"
                    )
    return run.result()


class _Run:
    """States and voltages up to a time."""

    def __init__(self, crossbar: Crossbar, law: CellLawAt, drive: Drive, capacitance: list[Floats]) -> None:
        self._drive, self._law = drive, law
        self._turn = TurnedCells.of(crossbar, law, drive.words[0], drive.bits[0])
        self._capacitance = [self._turn.turned(c) for c in capacitance]
        shape = crossbar.shape
        self._state = np.array(np.broadcast_to(law.state, shape))
        self.time, self._nodes = 0.0, (np.zeros(shape), np.zeros(shape))
        charged = any(bool(np.any(c)) for c in capacitance)
        self._drop = np.zeros(shape)
        self.times: list[float] = []
        self._kept: list[tuple[Floats, Floats, Floats]] = []
        # What charges capacitance at once has no current to begin with; without, and from rest, there is one.
        if not charged:
            begin, self._drop = self._solved(0.0, self._state, 0.0, self._nodes)
            self._keep(0.0, begin, self._state)
        elif not any(np.any(np.nan_to_num(v)) for v in drive.at(0.0)):
            self.times.append(0.0)
            self._kept.append((np.zeros(shape[0]), np.zeros(shape[1]), self._state))
        self._rate = self._law.rate(self._drop, self._state)

    def _solved(self, time: float, state: Floats, step: float, base: tuple[Floats, Floats]) -> tuple[Balance, Floats]:
        """Solve the array at a time; return it with the voltages over its cells, in the order of the crossbar."""
        turn = self._turn.with_law(self._law.at(state))
        held: dict[str, Floats] = {}
        network = turn.network
        if step:
            charge = [c / (_GAMMA * step) for c in self._capacitance]
            network = replace(network, word_shunt=charge[0], bit_shunt=charge[1])
            held = {"word_injection": charge[0] * base[0], "bit_injection": charge[1] * base[1]}
        drive = turn.voltages(*self._drive.at(time))
        guess = turn.turned(self._drop)
        found = solve_cells(network, turn.law, *drive, guess=guess, tolerance=_SOLVED, **held).balance
        return found, turn.turned(found.word_nodes - found.bit_nodes)

    def advance(self, until: float, accuracy: float, shortest: float) -> float:
        """Try one step to a time; return its error in units of the accuracy, and keep the step if that is below 1."""
        step = until - self.time
        first = np.clip(self._state + _GAMMA * step * self._rate, 0.0, 1.0)
        inner, drop = self._solved(self.time + _GAMMA * step, first, step, self._nodes)
        half = self._law.rate(drop, first)
        state = np.clip(self._state + step * (_DELTA * self._rate + (1 - _DELTA) * half), 0.0, 1.0)
        carry = (1 - _GAMMA) / _GAMMA
        words, bits = self._nodes
        base = words + carry * (inner.word_nodes - words), bits + carry * (inner.bit_nodes - bits)
        end, drop = self._solved(until, state, step, base)
        rate = self._law.rate(drop, state)
        other = np.clip(self._state + step * (self._rate + rate) / 2, 0.0, 1.0)
        error = float(np.max(np.abs(other - state), initial=0.0)) / accuracy
        if error > 1 and step > shortest:
            return error
        self.time = until
        self._state, self._rate, self._drop = state, rate, drop
        self._nodes = end.word_nodes, end.bit_nodes
        self._keep(until, end, state)
        return error

    def _keep(self, time: float, found: Balance, state: Floats) -> None:
        turn = self._turn
        self.times.append(time)
        self._kept.append((-found.word_currents[turn.rows], found.bit_currents[turn.columns], state))

    def result(self) -> CellTransient:
        into, out, states = (np.array(rows) for rows in zip(*self._kept, strict=True))
        words, bits = (self._turn.turned(v) for v in self._nodes)
        return CellTransient(
            times=np.array(self.times),
            bit_currents=out,
            word_currents=into,
            word_nodes=words,
            bit_nodes=bits,
            states=states,
        )
