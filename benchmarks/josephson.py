"""The native engine against JoSIM: CPU and wall time, accuracy, memory, and how both grow.

Both sides read the same netlists, solve and write a table of a few columns, and take turns in one run of this script.
Ours runs in this process with its kernels compiled; the start of an interpreter is printed apart. CPU time is that of
this process with its threads, and of the simulator's processes. Rows are medians. Accuracy is the step-halving error of
pulse times: the largest difference, over the columns, between a run and one at half the step.

Without ``josim-cli`` on the PATH its columns are left out.

``python benchmarks/josephson.py [--repeat 5] [--variants 1000] [--peers 40] [--largest 100000] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.parameters import with_factors
from spice_models.cells.dc_sfq import dc_sfq_drive
from spice_models.cells.library import cell
from spice_models.circuit import Circuit
from spice_models.dialects import josim, reader
from spice_models.elements import GROUND, Inductor, Junction
from spice_models.engines.native import prepare, transient_batch
from spice_models.engines.native.blocks import Block, Wanted, march_blocks
from spice_models.waveforms import PWL, bias_ramp

JOSIM = "josim-cli"
DURATION, STEP = 1e-9, 1e-13
IC, BIAS = 250e-6, 175e-6
SEED = 1  # of the spread of variants
WORKERS = 2


def chain(junctions: int, kick: float = 50e-12) -> Circuit:
    """Transmission line of junctions with beta_c near 1, kicked once."""
    circuit = Circuit(f"chain_{junctions}")
    for k in range(junctions):
        circuit.junction(f"B{k}", f"n{k}", GROUND, critical_current=IC, capacitance=175e-15, resistance=2.63)
        circuit.current(f"I{k}", GROUND, f"n{k}", bias_ramp(BIAS))
        if k:
            circuit.inductor(f"L{k}", f"n{k - 1}", f"n{k}", 4e-12)
    times = (0.0, kick, kick + 2e-12, kick + 6e-12, kick + 8e-12)
    circuit.current("IN", GROUND, "n0", PWL(times, (0, 0, 300e-6, 300e-6, 0)), role="input")
    return circuit


def mesh(side: int) -> Circuit:
    """Square array of junctions to ground, joined by inductors to four neighbours, kicked in a corner."""
    circuit = Circuit(f"mesh_{side}")
    for row in range(side):
        for column in range(side):
            node = f"n{row}_{column}"
            circuit.junction(
                f"B{row}_{column}", node, GROUND, critical_current=IC, capacitance=175e-15, resistance=2.63
            )
            if row:
                circuit.inductor(f"LV{row}_{column}", f"n{row - 1}_{column}", node, 4e-12)
            if column:
                circuit.inductor(f"LH{row}_{column}", f"n{row}_{column - 1}", node, 4e-12)
    circuit.current("IN", GROUND, "n0_0", PWL((0.0, 5e-12, 9e-12), (0, 2e-3, 0)), role="input")
    return circuit


def mixed(lanes: int = 6) -> Circuit:
    """Library cells: in each lane a pulse goes through a synapse and a neuron, and through a flip-flop, to a merger."""
    circuit = Circuit("mixed")
    parts = {name: cell(name) for name in ("splitter", "merger", "sfq_synapse", "sfq_neuron", "dff", "terminator")}
    line, converter = cell("jtl", stages=4), cell("dc_sfq")

    def source(name: str, times: Iterable[float]) -> None:
        circuit.current(f"I{name}", GROUND, f"{name}_current", dc_sfq_drive(list(times)), role="input")
        circuit.instance(f"{name}_converter", converter, input=f"{name}_current", output=f"{name}_pulse")

    for k in range(lanes):
        source(f"data{k}", (100e-12 + 5e-12 * k, 500e-12 + 5e-12 * k))
        source(f"clock{k}", (300e-12 + 5e-12 * k, 700e-12 + 5e-12 * k))
        at = f"lane{k}_"
        circuit.instance(at + "line", line, input=f"data{k}_pulse", output=at + "in")
        circuit.instance(at + "fork", parts["splitter"], input=at + "in", output_1=at + "upper", output_2=at + "lower")
        circuit.instance(at + "again", parts["splitter"], input=at + "upper", output_1=at + "u1", output_2=at + "u2")
        for side in "12":
            circuit.instance(f"{at}synapse{side}", parts["sfq_synapse"], input=f"{at}u{side}", output=f"{at}w{side}")
        circuit.instance(at + "neuron", parts["sfq_neuron"], exc_1=at + "w1", exc_2=at + "w2", output=at + "spike")
        circuit.instance(at + "clocked", line, input=f"clock{k}_pulse", output=at + "tick")
        circuit.instance(at + "store", parts["dff"], data=at + "lower", clock=at + "tick", output=at + "stored")
        circuit.instance(at + "join", parts["merger"], input_1=at + "spike", input_2=at + "stored", output=at + "out")
        circuit.instance(at + "last", line, input=at + "out", output=at + "end")
        circuit.instance(at + "load", parts["terminator"], input=at + "end")
    return circuit


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[float, float]:
    """CPU [s] of this process and its children, and wall time [s], of a call."""
    cpu, wall = time.process_time() + cpu_of_children(), time.perf_counter()
    work(*arguments)
    return time.process_time() + cpu_of_children() - cpu, time.perf_counter() - wall


def median_of(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Median CPU and wall time."""
    cpu, wall = zip(*times, strict=True)
    return statistics.median(cpu), statistics.median(wall)


def ours(netlist: Path, table: Path) -> None:
    """Read, solve and write as `neurosim simulate` does."""
    deck = reader.read(netlist)
    reader.write_csv(deck, reader.run(deck), table)


def theirs(netlist: Path, table: Path) -> None:
    """Run JoSIM on a netlist."""
    subprocess.run([JOSIM, "-m", "-o", str(table), str(netlist)], check=True, stdout=subprocess.DEVNULL)


def pulse_times(table: Path) -> NDArray[np.float64]:
    """Time [s] at which each column of phases first passes pi, by a parabola through three rows."""
    rows = np.genfromtxt(table, delimiter=",", skip_header=1)
    found = []
    for phase in rows[:, 1:].T:
        k = int(np.argmax(phase >= np.pi))
        if k < 2:
            raise ValueError(f"{table}: a junction does not switch")
        a, b, c = phase[k - 2 : k + 1]
        roots = np.roots([(a - 2 * b + c) / 2, (c - a) / 2, b - np.pi])
        u = float(np.real(roots[np.argmin(np.abs(roots - 0.5))]))
        found.append(rows[k - 1, 0] + u * (rows[k, 0] - rows[k - 1, 0]))
    return np.array(found)


def single_runs(repeat: int, folder: Path, with_peer: bool) -> list[dict[str, Any]]:
    """One run of each circuit, both sides taking turns."""
    lanes = 6
    circuits = (
        (chain(100), [f"phase(B{k})" for k in (24, 49, 74, 99)]),
        (chain(1000), [f"phase(B{k})" for k in (100, 200, 300, 400)]),
        (mixed(lanes), [f"phase(lane{k}_last.B4)" for k in range(lanes)]),
    )
    rows = []
    for circuit, outputs in circuits:
        sides = {"native": ours} | ({"josim": theirs} if with_peer else {})
        tables: dict[tuple[str, float], Path] = {}
        times: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
        for step in (STEP, STEP / 2):
            netlist = folder / f"{circuit.name}_{step:g}.cir"
            netlist.write_text(josim.write(circuit, duration=DURATION, step=step, outputs=outputs), encoding="utf-8")
            for side, work in sides.items():
                tables[side, step] = folder / f"{circuit.name}_{side}_{step:g}.csv"
                work(netlist, tables[side, step])
        for _ in range(repeat):
            for side, work in sides.items():
                netlist = folder / f"{circuit.name}_{STEP:g}.cir"
                times[side].append(timed(work, netlist, tables[side, STEP]))
        for side in sides:
            halving = np.abs(pulse_times(tables[side, STEP]) - pulse_times(tables[side, STEP / 2])).max()
            cpu, wall = median_of(times[side])
            steps = circuit.junction_count * DURATION / STEP
            rows.append(
                {
                    "circuit": circuit.name,
                    "junctions": circuit.junction_count,
                    "engine": side,
                    "cpu_s": cpu,
                    "wall_s": wall,
                    "junction_steps_per_cpu_s": steps / cpu,
                    "halving_error_s": float(halving),
                }
            )
        for row in rows[-len(sides) :]:
            row["cpu_ratio"] = rows[-1]["cpu_s"] / row["cpu_s"] if with_peer else None
    return rows


def one_batch(variants: int) -> dict[str, float]:
    """Run variants of a chain of 100 junctions with a spread of 5 % on two threads, in a process of its own."""
    circuit = chain(100)
    transient_batch(circuit, duration=STEP, step=STEP, variants=2)
    rng = np.random.default_rng(SEED)
    spread = (e.name for e in circuit if isinstance(e, Junction | Inductor))
    scales = {name: rng.normal(1.0, 0.05, variants) for name in spread}
    begun, first = time.process_time(), time.perf_counter()
    batch = transient_batch(circuit, duration=DURATION, step=STEP, scales=scales, workers=WORKERS)
    cpu, wall = time.process_time() - begun, time.perf_counter() - first
    passed = (batch.slips == 1).all(axis=0)
    return {"cpu_s": cpu, "wall_s": wall, "passed": float(passed.mean()), "peak_mb": peak_megabytes()}


def many_runs(variants: int, peers: int, folder: Path) -> dict[str, float]:
    """Run some variants by JoSIM, two at a time, and scale to all."""
    circuit = chain(100)
    rng = np.random.default_rng(SEED)
    names = [e.name for e in circuit if isinstance(e, Junction | Inductor)]
    netlists = []
    for k in range(peers):
        changed = with_factors(circuit, dict(zip(names, rng.normal(1.0, 0.05, len(names)).tolist(), strict=True)))
        netlists.append(folder / f"variant{k}.cir")
        text = josim.write(changed, duration=DURATION, step=STEP, outputs=["phase(B99)"])
        netlists[-1].write_text(text, encoding="utf-8")
    with ThreadPoolExecutor(WORKERS) as pool:
        cpu, wall = timed(lambda: list(pool.map(lambda n: theirs(n, n.with_suffix(".csv")), netlists)))
    return {"cpu_s": cpu * variants / peers, "wall_s": wall * variants / peers}


def one_size(kind: str, size: int) -> dict[str, Any]:
    """Cost of a chain or mesh of a size, in a process of its own."""
    begun = time.process_time()
    circuit = chain(size, 2e-12) if kind == "chain" else mesh(size)
    described = time.process_time() - begun
    steps = max(200, 2_000_000 // circuit.junction_count)
    transient_batch(chain(2), duration=STEP, step=STEP)
    begun = time.process_time()
    prepared = prepare(circuit, duration=steps * STEP, step=STEP)
    preparing = time.process_time() - begun
    marching = []
    for corrections in (0, 1):
        block = Block(prepared, [0], corrections=corrections, most_events=8, wanted=Wanted())
        cpu, _ = timed(partial(march_blocks, [block], workers=1))
        marching.append(1e9 * cpu / (circuit.junction_count * steps))
    return {
        "circuit": f"{kind} {size}" if kind == "chain" else f"{kind} {size} x {size}",
        "junctions": circuit.junction_count,
        "describe_us_per_junction": 1e6 * described / circuit.junction_count,
        "prepare_us_per_junction": 1e6 * preparing / circuit.junction_count,
        "ns_per_junction_step": marching[0],
        "ns_with_correction": marching[1],
        "fill_per_junction": len(prepared.lower) / circuit.junction_count,
        "peak_mb": peak_megabytes(),
    }


def peak_megabytes() -> float:
    """Peak memory of this process [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def interpreter_start() -> tuple[float, float]:
    """CPU and wall time of starting Python with the engine and the reader of netlists."""
    code = "import spice_models.dialects.reader, spice_models.engines.native"
    return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as text."""

    def text(value: Any) -> str:
        if value is None:
            return "-"
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    columns = list(rows[0])
    cells = [columns] + [[text(row.get(c)) for c in columns] for row in rows]
    widths = [max(len(line[k]) for line in cells) for k in range(len(columns))]
    return "\n".join("  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--variants", type=int, default=1000, help="variants of a circuit")
    parser.add_argument("--peers", type=int, default=40, help="runs of JoSIM from which that of all variants is scaled")
    parser.add_argument("--largest", type=int, default=100_000, help="junctions of the longest chain")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    with_peer = shutil.which(JOSIM) is not None
    if not with_peer:
        print(f"without JoSIM: there is no {JOSIM} on the PATH; its rows are left out")
    found: dict[str, Any] = {"processors": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found["single"] = single_runs(options.repeat, folder, with_peer)
        print("one run of 1 ns at 0.1 ps: read the netlist, solve, write the table")
        print(table(found["single"]))
        found["start"] = dict(zip(("cpu_s", "wall_s"), interpreter_start(), strict=True))
        print(f"start of the interpreter, in none of these: {found['start']['cpu_s']:.2f} s CPU\n")
        rows = []
        for _ in range(options.repeat):
            rows.append({"engine": "native", **apart(one_batch, options.variants)})
            if with_peer:
                rows.append({"engine": "josim", **many_runs(options.variants, options.peers, folder)})
    batch = []
    for engine in dict.fromkeys(row["engine"] for row in rows):
        mine = [row for row in rows if row["engine"] == engine]
        batch.append({key: engine if key == "engine" else statistics.median(r[key] for r in mine) for key in mine[0]})
    for row in batch if with_peer else ():
        row.update({f"{kind}_ratio": batch[-1][f"{kind}_s"] / row[f"{kind}_s"] for kind in ("cpu", "wall")})
    found["batch"] = batch
    print(f"{options.variants} variants of 100 junctions, {WORKERS} at a time; JoSIM: {options.peers} runs, scaled")
    print(table(batch) + "\n")
    sizes = [size for size in (100, 1_000, 10_000, 100_000) if size <= options.largest]
    found["growth"] = [apart(one_size, "chain", size) for size in sizes]
    found["growth"] += [apart(one_size, "mesh", side) for side in (10, 32, 100) if side**2 <= options.largest]
    print("growth with size, one variant")
    print(table(found["growth"]))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
