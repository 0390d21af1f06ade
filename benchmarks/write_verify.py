"""Write-verify of arrays to 5 bits with 5 % cycle-to-cycle spread: cells reached, pulses, energy, and time to compute.

``python benchmarks/write_verify.py [NAME ...] [--json FILE]``; without names all arrays of the table, a few minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hardware.rram.device import VTEAM, CellArray, CellModel, Faults, Filament, LinearCell, SeriesCell, Yakopcic
from hardware.rram.device.cell import READ_VOLTAGE
from hardware.rram.writing.programming import PulseScheme, write_verify

BITS = 5
SPREAD = 0.05
FAULTS = Faults(stuck_low=0.005, stuck_high=0.005)

STEEP = VTEAM(
    on_resistance=10e3, off_resistance=100e3, on_threshold=-0.5, off_threshold=0.5, k_on=-0.3, k_off=0.3, alpha_on=1.0
)
"""Resistances, thresholds and speeds chosen for an array: the published set conducts too well for 128 lines."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """An array to be written."""

    model: CellModel
    size: int
    scheme: PulseScheme
    wire: float = 1.0
    window: tuple[float, float] | None = None  # of the targets [S]; all that the cells reach if not given
    options: dict[str, Any] = field(default_factory=dict)


def _pulses(set_start: float, reset_start: float, increment: float, largest: float, width: float) -> PulseScheme:
    return PulseScheme(set_start=set_start, reset_start=reset_start, increment=increment, largest=largest, width=width)


STEEP_PULSES = _pulses(0.9, 0.52, 0.015, 1.0, 0.3e-9)
"""Coarse pulses up, fine ones down [chosen: half the pulses of a start near the threshold either way]."""

YAKOPCIC_PULSES = _pulses(0.17, 0.16, 0.005, 0.30, 100e-6)
"""Long pulses: V/2 must stay below the threshold of 0.15 V, where the last level takes 6 ms [chosen]."""

TASKS = {
    "linear-half": Task(model=LinearCell(), size=128, scheme=_pulses(0.6, 0.6, 0.02, 1.0, 4e-9)),
    "vteam-transistor": Task(model=STEEP, size=128, scheme=STEEP_PULSES, options={"access": "transistor"}),
    "vteam-half": Task(model=STEEP, size=128, scheme=STEEP_PULSES),
    "vteam-third": Task(model=STEEP, size=128, scheme=STEEP_PULSES, options={"access": "third"}),
    "vteam-published": Task(
        model=VTEAM(),
        size=128,
        scheme=_pulses(0.205, 0.1, 0.01, 1.0, 1e-9),
        wire=1e-3,
        options={"access": "transistor", "cells_at_once": 16, "read_voltage": 0.01},
    ),
    "yakopcic-transistor": Task(
        model=Yakopcic(),
        size=128,
        scheme=_pulses(0.17, 0.16, 0.005, 1.0, 20e-6),
        wire=1e-3,
        options={"access": "transistor"},
    ),
    "yakopcic-half": Task(model=Yakopcic(), size=128, scheme=YAKOPCIC_PULSES, wire=1e-3),
    "filament-transistor": Task(
        model=SeriesCell(cell=Filament(), resistance=500.0),
        size=64,
        scheme=_pulses(1.6, 1.05, 0.04, 3.0, 1e-9),
        window=(4.6e-6, 200e-6),
        options={"access": "transistor", "cells_at_once": 8},
    ),
    "filament-large": Task(
        model=SeriesCell(cell=Filament(), resistance=500.0),
        size=128,
        scheme=_pulses(1.6, 1.05, 0.04, 3.0, 1e-9),
        window=(4.6e-6, 200e-6),
        options={"access": "transistor", "cells_at_once": 8},
    ),
}


def measured(name: str) -> dict[str, Any]:
    """Write one array and tell what it took."""
    task = TASKS[name]
    cells = CellArray(task.model, (task.size, task.size), np.random.default_rng(0), cycle_spread=SPREAD, faults=FAULTS)
    low, high = task.window or (
        float(bound) for bound in task.model.conductance_range(task.options.get("read_voltage", READ_VOLTAGE))
    )
    levels = 2**BITS - 1
    target = low + (high - low) * np.random.default_rng(1).integers(0, levels + 1, cells.shape) / levels
    began, wall = time.process_time(), time.perf_counter()
    done = write_verify(
        cells,
        target,
        tolerance=(high - low) / levels / 2,
        scheme=task.scheme,
        word_resistance=task.wire,
        bit_resistance=task.wire,
        progress=True,
        **task.options,
    )
    return {
        "name": name,
        "size": task.size,
        "reached": float(np.mean(done.reached[cells.working])),
        "pulses": float(done.pulses[cells.working].mean()),
        "disturbed": float(done.disturbed.max()),
        "energy_j": done.energy,
        "time_s": done.time,
        "cpu_s": time.process_time() - began,
        "wall_s": time.perf_counter() - wall,
    }


def main() -> None:
    """Write the arrays that are asked for and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TASKS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for name in options.names or TASKS:
        row = measured(name)
        rows.append(row)
        print(
            f"{name:20} {row['size']:>3} x {row['size']:<3} reached {100 * row['reached']:6.2f} % of working cells, "
            f"{row['pulses']:5.1f} pulses a cell, {row['energy_j']:.2e} J, {row['time_s']:.2e} s; computed in "
            f"{row['cpu_s']:5.1f} CPU s, {row['wall_s']:5.1f} s",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
