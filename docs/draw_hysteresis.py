"""Draw the hysteresis loops of the resistive cells, from Python and from ngspice, into docs/images.

Run it after a model in `hardware.rram.device` or a file in `spice_models/lib/rram` has changed; needs ngspice:
``python docs/draw_hysteresis.py [--out FILE]``.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from hardware.rram.device import VTEAM, CellModel, Filament, SeriesCell, Yakopcic
from spice_models.cells.library import library_path
from spice_models.dialects.rawfile import read_raw
from spice_models.engines.ngspice import check_log
from spice_models.engines.process import run_limited, scratch_folder

Floats = NDArray[np.float64]

STEPS = 4000  # of ngspice a period, at least
EXACT_STEPS = 400  # of Python
EDGE = 1e-4  # of the subcircuit


@dataclass(frozen=True, kw_only=True)
class Drive:
    """A cell under a sine of a few periods, in Python and as a subcircuit with the same parameters."""

    library: str
    model: CellModel
    amplitude: float
    frequency: float
    initial: float = 0.3
    periods: int = 2
    series: float = 0.0
    changed: dict[str, float] = field(default_factory=dict)

    @property
    def stop(self) -> float:
        """End of the run [s]."""
        return self.periods / self.frequency

    def voltage(self, time: float | Floats) -> Floats:
        """Drive [V]."""
        return np.asarray(self.amplitude * np.sin(2 * np.pi * self.frequency * np.asarray(time)))


DRIVES = [
    Drive(library="rram_vteam", model=VTEAM(), amplitude=0.5, frequency=1e6),
    Drive(library="rram_yakopcic", model=Yakopcic(), amplitude=0.5, frequency=100.0),
    Drive(library="rram_filament", model=Filament(), amplitude=2.0, frequency=1e6, series=500.0),
]


def in_ngspice(drive: Drive) -> tuple[Floats, Floats, Floats]:
    """Return times [s], currents [A] and states from the subcircuit."""
    step = drive.stop / drive.periods / STEPS
    values = " ".join(f"{name}={value!r}" for name, value in {"initial": drive.initial, **drive.changed}.items())
    node, resistor = ("cell", f"Rseries top cell {drive.series!r}") if drive.series else ("top", "")
    deck = f"""* {drive.library} under a sine
.include {drive.library}.lib
Vdrive top 0 sin(0 {drive.amplitude!r} {drive.frequency!r})
{resistor}
Xcell {node} 0 state {drive.library} {values}
.options reltol=1e-9 abstol=1e-15 vntol=1e-12 trtol=1
.save i(Vdrive) v(state)
.tran {step!r} {drive.stop!r} 0 {step!r} uic
.end
"""
    with scratch_folder() as folder:
        shutil.copy(library_path() / "rram" / f"{drive.library}.lib", folder)
        (folder / "deck.cir").write_text(deck, encoding="ascii")
        finished = run_limited(["ngspice", "-n", "-b", "-r", "deck.raw", "deck.cir"], folder=folder, timeout=60)
        check_log(finished)
        plot = read_raw(folder / "deck.raw")[-1]
    return np.real(plot["time"]), -np.real(plot["i(vdrive)"]), np.real(plot["v(state)"])


def in_python(drive: Drive, times: Floats) -> tuple[Floats, Floats]:
    """Return currents [A] and states of the model at the same times."""
    states = np.empty_like(times)
    longest = drive.stop / drive.periods / EXACT_STEPS
    # Behind a resistor a filament rests on the step at its smallest field while the voltage rises.
    cell = replace(drive.model, edge=EDGE) if isinstance(drive.model, Filament) else drive.model
    model = SeriesCell(cell=cell, resistance=drive.series) if drive.series else cell

    def rate(time: float, state: Floats) -> Floats:
        return model.rate(drive.voltage(time), np.clip(state, 0, 1))

    def room(_: float, state: Floats) -> float:
        return float(state[0] * (1 - state[0]))

    # A step of the integrator can leap over a bound, so it stops there and goes on when the motion turns.
    room.terminal, room.direction = True, -1  # type: ignore[attr-defined]
    start, state = 0.0, drive.initial
    while start < drive.stop:
        ended = solve_ivp(
            rate,
            (start, drive.stop),
            [state],
            method="LSODA",
            events=room,
            dense_output=True,
            max_step=longest,
            rtol=1e-8,
            atol=1e-10,
        )
        part = (times >= start) & (times <= ended.t[-1])
        states[part] = ended.sol(times[part])[0]
        state = float(np.clip(ended.y[0, -1], 0, 1).round(6)) if ended.status == 1 else float(ended.y[0, -1])
        later = ended.t[-1] + np.arange(1, 1 + np.ceil((drive.stop - ended.t[-1]) / longest * 500)) * longest / 500
        moving = later[np.abs(model.rate(drive.voltage(later), state)) > 0]
        start, before = (float(moving[0]) if len(moving) else drive.stop), ended.t[-1]
        states[(times > before) & (times <= start)] = state
    states = np.clip(states, 0, 1)
    return model.current(drive.voltage(times), states), states


def crossings(times: Floats, states: Floats, level: float = 0.5) -> Floats:
    """Return the times at which the state passes a level."""
    above = states > level
    k = np.flatnonzero(above[1:] != above[:-1])
    return times[k] + (level - states[k]) / (states[k + 1] - states[k]) * (times[k + 1] - times[k])


def _title(drive: Drive) -> str:
    resistor = f" and {drive.series:g} ohm" if drive.series else ""
    return f"{type(drive.model).__name__}{resistor}, {EngFormatter('Hz')(drive.frequency)}"


def main() -> None:
    """Run every drive in both and draw the loops."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images" / "rram_hysteresis.png")
    path = parser.parse_args().out
    figure, axes = plt.subplots(1, len(DRIVES), figsize=(10, 3.4), layout="constrained")
    for axis, drive in zip(axes, DRIVES, strict=True):
        times, currents, states = in_ngspice(drive)
        expected, exact = in_python(drive, times)
        v = drive.voltage(times)
        axis.plot(v, expected * 1e3, color="#0072b2", lw=2.2, label="Python")
        axis.plot(v, currents * 1e3, color="#d55e00", lw=1.2, ls=(0, (3, 2)), label="ngspice")
        axis.set(title=_title(drive), xlabel="voltage [V]")
        axis.grid(alpha=0.3)
        off = np.max(np.abs(currents - expected)) / np.max(np.abs(expected))
        print(
            f"{drive.library}: {len(times)} points, largest difference {off:.2%} of the peak current; "
            f"state {exact.min():.3f} to {exact.max():.3f}, {crossings(times, states)} s, "
            f"Python {crossings(times, exact)} s"
        )
    axes[0].set_ylabel("current [mA]")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
