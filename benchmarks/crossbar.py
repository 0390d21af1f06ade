"""Currents of crossbars with wire resistance: this toolkit against peers, CPU time and peak memory in the same run.

Peers, each where it is installed: badcrossbar, PARDISO (pypardiso), SuperLU (SciPy) on the same nodal matrix, ngspice.
Every measurement is a process of its own, timed after a small array that is not counted; memory is what the solve adds
to the process at its peak. Figures are medians.

``python benchmarks/crossbar.py [--repeat 5] [--sizes 64 128 256 512] [--large] [--json FILE]``

``python benchmarks/crossbar.py --ngspice 8 32 64`` holds currents and node voltages of linear and nonlinear cells
against operating points of ngspice instead.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hardware.rram.array import effort
from hardware.rram.array.cell_solve import solve_law
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.device import Filament, SeriesCell
from hardware.rram.device.law import CellLawAt
from hardware.rram.netlists.netlist import netlist, solve_circuit
from spice_models.engines import why_unavailable

WIRE = 1.0  # [ohm] a segment
LEAST = 50e3  # [ohm] of a cell; at most twice that
NGSPICE_MOST = 64


def problem(m: int, n: int, least: float = LEAST) -> tuple[Any, Any]:
    """Conductances [S] and voltages [V]."""
    rng = np.random.default_rng(0)
    return 1 / rng.uniform(least, 2 * least, (m, n)), rng.uniform(0.1, 1.0, m)


def ours(g: Any, v: Any) -> Any:
    return Crossbar(g, word_resistance=WIRE, bit_resistance=WIRE).currents(v, workers=1)


def effective(g: Any, v: Any) -> Any:
    return v @ Crossbar(g, word_resistance=WIRE, bit_resistance=WIRE).effective_conductance(workers=1)


def badcrossbar(g: Any, v: Any) -> Any:
    from badcrossbar import compute

    return np.asarray(compute(v[:, None], 1 / g, WIRE, node_voltages=False, all_currents=False).currents.output).ravel()


def nodal(g: Any, v: Any, wire: float = WIRE) -> tuple[Any, Any]:
    """Nodal matrix and right-hand side."""
    from scipy.sparse import coo_array

    m, n = g.shape
    words = np.arange(m * n).reshape(m, n)
    bits = words + m * n
    pairs = [(words, bits, g), (words[:, :-1], words[:, 1:], None), (bits[:-1], bits[1:], None)]
    first = np.concatenate([a.ravel() for a, _, _ in pairs])
    second = np.concatenate([b.ravel() for _, b, _ in pairs])
    value = np.concatenate([np.full(a.size, 1 / wire) if c is None else c.ravel() for a, _, c in pairs])
    ends = np.concatenate([words[:, 0], bits[-1]])
    rows = np.concatenate([first, second, first, second, ends])
    columns = np.concatenate([first, second, second, first, ends])
    values = np.concatenate([value, value, -value, -value, np.full(ends.size, 1 / wire)])
    right = np.zeros(2 * m * n)
    right[words[:, 0]] = v / wire
    return coo_array((values, (rows, columns)), shape=(2 * m * n, 2 * m * n)).tocsr(), right


def superlu(g: Any, v: Any) -> Any:
    from scipy.sparse.linalg import spsolve

    matrix, right = nodal(g, v)
    return spsolve(matrix.tocsc(), right)[-g.shape[1] :] / WIRE


def pardiso(g: Any, v: Any) -> Any:
    from pypardiso import spsolve

    matrix, right = nodal(g, v)
    return spsolve(matrix, right)[-g.shape[1] :] / WIRE


def ngspice(g: Any, v: Any) -> Any:
    return solve_circuit(Crossbar(g, word_resistance=WIRE, bit_resistance=WIRE), v).bit_currents


METHODS: dict[str, Callable[[Any, Any], Any]] = {
    "ours": ours,
    "effective": effective,
    "badcrossbar": badcrossbar,
    "pardiso": pardiso,
    "superlu": superlu,
    "ngspice": ngspice,
}


def cpu_seconds() -> float:
    """CPU time of this process and of children it has waited for [s]."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> float:
    """Largest resident size so far [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(method: str, m: int, n: int, least: float) -> dict[str, Any]:
    """Measure one method once, in this process."""
    solve = METHODS[method]
    solve(*problem(8, 8))
    g, v = problem(m, n, least)
    before, start = peak(), cpu_seconds()
    currents = solve(g, v)
    return {"cpu_s": cpu_seconds() - start, "memory_mb": peak() - before, "currents": np.asarray(currents).tolist()}


def measured(method: str, m: int, n: int, repeat: int, least: float = LEAST) -> dict[str, Any]:
    """Measure one method in processes of their own: medians."""
    runs = []
    for _ in range(repeat):
        command = [sys.executable, __file__, "--one", method, str(m), str(n), str(least)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{method} failed: {done.stderr.strip().splitlines()[-1]}")
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {
        "method": method,
        "rows": m,
        "columns": n,
        "cpu_s": statistics.median(r["cpu_s"] for r in runs),
        "memory_mb": statistics.median(r["memory_mb"] for r in runs),
        "currents": runs[0]["currents"],
    }


def against_ngspice(sizes: list[int], repeat: int) -> list[dict[str, Any]]:
    """Largest differences of operating points, relative to each voltage and current, and CPU times [s]."""
    rows = []
    ours(*problem(8, 8))
    print(f"{'array':>12} {'cells':>12} {'CPU s':>9} {'ngspice':>9} {'currents':>9} {'voltages':>9}")
    for size in sizes:
        g, v = problem(size, size)
        states = np.random.default_rng(1).uniform(0, 1, g.shape)
        models = {"linear": None, "filament": Filament(), "1T1R": SeriesCell(cell=Filament(), resistance=2e3)}
        crossbar = Crossbar(g, word_resistance=WIRE, bit_resistance=WIRE)
        for name, model in models.items():
            law = None if model is None else CellLawAt(model, states)
            deck = netlist(crossbar, v, law=law)
            times: list[tuple[float, float]] = []
            for _ in range(repeat):
                start = cpu_seconds()
                wanted = crossbar.solve(v, workers=1) if law is None else solve_law(crossbar, law, v)
                middle = cpu_seconds()
                found = deck.solve(timeout=3600)
                times.append((middle - start, cpu_seconds() - middle))
            off = {
                field: float(np.max(np.abs(getattr(found, field) / getattr(wanted, field) - 1)))
                for field in ("bit_currents", "word_currents", "word_nodes", "bit_nodes")
            }
            mine, theirs = (statistics.median(t) for t in zip(*times, strict=True))
            rows.append({"rows": size, "cells": name, "cpu_s": mine, "ngspice_cpu_s": theirs, "difference": off})
            current = max(off["bit_currents"], off["word_currents"])
            voltage = max(off["word_nodes"], off["bit_nodes"])
            print(f"{size:>5} x {size:<4} {name:>12} {mine:9.4f} {theirs:9.2f} {current:9.1e} {voltage:9.1e}")
    return rows


def iterations(size: int, least: float, wire: float) -> int:
    """Iterations that one input takes."""
    g, v = problem(size, size, least)
    network = Crossbar(g, word_resistance=wire, bit_resistance=wire).network
    return network.solve(v, np.zeros(size)).iterations


def used_from(size: int) -> int:
    """Inputs from which `Crossbar.currents` finds the effective matrix first."""
    taken = iterations(size, LEAST, WIRE)
    return next(k for k in range(2, 100_000) if effort.matrix_pays((size, size), taken, k))


def available() -> list[str]:
    """Methods that can run here."""
    missing = {
        "badcrossbar": find_spec("badcrossbar") is None,
        "pardiso": find_spec("pypardiso") is None,
        "ngspice": why_unavailable("ngspice") is not None,
    }
    for method in (name for name, gone in missing.items() if gone):
        print(f"without {method}: not installed")
    return [method for method in METHODS if not missing.get(method, False) and method != "effective"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--large", action="store_true", help="1024, 2048 and 4096 square, this toolkit only")
    parser.add_argument("--ngspice", type=int, nargs="+", metavar="SIZE")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        method, m, n, least = options.one
        print(json.dumps(one(method, int(m), int(n), float(least))))
        return
    if options.ngspice:
        rows = against_ngspice(options.ngspice, options.repeat)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        return
    rows = []
    methods = available()
    print(f"{'array':>12} {'method':>12} {'CPU s':>9} {'x ours':>8} {'MB':>8} {'x ours':>8} {'difference':>11}")
    for size in options.sizes:
        mine: dict[str, Any] | None = None
        for method in methods:
            if method == "ngspice" and size > NGSPICE_MOST:
                continue
            row = measured(method, size, size, options.repeat)
            mine = mine or row
            reference = np.array(mine["currents"])
            row["difference"] = float(np.max(np.abs(np.array(row.pop("currents")) / reference - 1)))
            mine.setdefault("currents", reference)
            rows.append(row)
            ratios = row["cpu_s"] / mine["cpu_s"], row["memory_mb"] / max(mine["memory_mb"], 0.1)
            print(
                f"{size:>5} x {size:<4} {method:>12} {row['cpu_s']:9.4f} {ratios[0]:8.1f} {row['memory_mb']:8.1f}"
                f" {ratios[1]:8.1f} {row['difference']:11.1e}"
            )
        if mine is not None:
            mine.pop("currents", None)
    for size in options.sizes:
        matrix = measured("effective", size, size, options.repeat)
        single = next(r["cpu_s"] for r in rows if r["method"] == "ours" and r["rows"] == size)
        matrix["inputs"], matrix["used_from"] = matrix["cpu_s"] / single, used_from(size)
        matrix.pop("currents")
        rows.append(matrix)
        print(
            f"{size:>5} x {size:<4} effective matrix: {matrix['cpu_s']:7.3f} CPU s, {matrix['memory_mb']:6.1f} MB, "
            f"as much as {matrix['inputs']:.0f} inputs; used from {matrix['used_from']} on"
        )
    if options.large:
        # The loss of current stays as it is where cells grow with the square of the side.
        for size in (64, 128, 256, 512, 1024, 2048, 4096):
            least = LEAST * (size / 512) ** 2
            row = measured("ours", size, size, max(1, options.repeat // 2), least)
            row.pop("currents")
            row["iterations"] = iterations(size, least, WIRE)
            rows.append(row)
            each = row["cpu_s"] / size**2 * 1e9
            print(
                f"{size:>5} x {size:<4} at fixed loss: {row['cpu_s']:8.4f} CPU s, {row['iterations']} iterations of",
                end="",
            )
            print(f" {each / row['iterations']:4.1f} ns a cell, {row['memory_mb']:6.0f} MB")
        print("256 x 256, iterations at a loss of", end="")
        for wire in (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5):
            g, v = problem(256, 256)
            lost = 1 - Crossbar(g, word_resistance=wire, bit_resistance=wire).currents(v).sum() / (v @ g).sum()
            print(f" {100 * lost:.4g} %: {iterations(256, LEAST, wire)}", end=";")
        print()
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
