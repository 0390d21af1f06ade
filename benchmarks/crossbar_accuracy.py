"""How exact the array solve is: against a direct sparse solve, and by laws that every network of resistors obeys.

Cells of 10 to 100 kohm, 0.1 to 10 ohm a segment, square and rectangular. For each array, the largest of
- difference: of an output current from SuperLU's on the nodal matrix, relative to it;
- residual: what does not balance at a node, over the sum of ``|g| |v|`` there;
- power: what the drivers deliver less what all resistors take, relative to it;
- reciprocity: the current from one word line into one bit line the other way round, for some pairs of lines;
- turned: the effective matrix against that of the array turned round, entry by entry (up to 256 lines);
- matrix: outputs by the effective matrix against those of a solve (up to 256 lines).

``python benchmarks/crossbar_accuracy.py [--sizes 64x64 128x128 ...] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from crossbar import nodal
from scipy.sparse.linalg import spsolve

from hardware.rram.array.crossbar import Crossbar

SIZES = ("64x64", "128x128", "256x256", "512x512", "64x512", "512x64", "200x300")
WIRES = (0.1, 1.0, 10.0)
MATRIX_MOST = 256
PAIRS = 4


def direct(g: Any, v: Any, wire: float) -> Any:
    """Output currents [A] by SuperLU."""
    matrix, right = nodal(g, v, wire)
    return spsolve(matrix.tocsc(), right)[-g.shape[1] :] / wire


def balance(g: Any, v: Any, wire: float, words: Any, bits: Any) -> float:
    """Largest unbalanced current of a node over the sum of conductances times voltages there."""
    left, right = np.column_stack([v, words[:, :-1]]), np.column_stack([words[:, 1:], words[:, -1]])
    above, below = np.vstack([bits[:1], bits[:-1]]), np.vstack([bits[1:], np.zeros((1, g.shape[1]))])
    worst = 0.0
    for node, one, other, cell in ((words, left, right, bits), (bits, above, below, words)):
        off = (one - node) / wire + (other - node) / wire + g * (cell - node)
        size = (np.abs(one) + 2 * np.abs(node) + np.abs(other)) / wire + g * (np.abs(cell) + np.abs(node))
        worst = max(worst, float(np.max(np.abs(off) / size)))
    return worst


def reciprocity(crossbar: Crossbar, rng: np.random.Generator) -> float:
    """Largest difference of a transfer conductance that is found in both directions, relative to it."""
    m, n = crossbar.shape
    rows, columns = (rng.choice(size, min(size, PAIRS), replace=False) for size in (m, n))
    there = np.array([crossbar.solve(np.eye(m)[i], workers=1).bit_currents[columns] for i in rows])
    back = np.array([-crossbar.solve(np.zeros(m), np.eye(n)[j], workers=1).word_currents[rows] for j in columns]).T
    return float(np.max(np.abs(there / back - 1)))


def checks(m: int, n: int, wire: float) -> dict[str, Any]:
    """Every check of one array."""
    rng = np.random.default_rng(0)
    g, v = 1 / rng.uniform(10e3, 100e3, (m, n)), rng.uniform(0.1, 1.0, m)
    crossbar = Crossbar(g, word_resistance=wire, bit_resistance=wire)
    found = crossbar.solve(v, workers=1)
    along = np.diff(np.column_stack([v, found.word_nodes]), axis=1)
    down = np.diff(np.vstack([found.bit_nodes, np.zeros((1, n))]), axis=0)
    drop = found.word_nodes - found.bit_nodes
    dissipated = np.sum(g * drop**2) + (np.sum(along**2) + np.sum(down**2)) / wire
    row: dict[str, Any] = {
        "rows": m,
        "columns": n,
        "wire_ohm": wire,
        "loss": float(1 - found.bit_currents.sum() / (v @ g).sum()),
        "difference": float(np.max(np.abs(found.bit_currents / direct(g, v, wire) - 1))),
        "residual": balance(g, v, wire, found.word_nodes, found.bit_nodes),
        "power": float(abs(found.word_currents @ v / dissipated - 1)),
        "reciprocity": reciprocity(crossbar, rng),
        "turned": float("nan"),
        "matrix": float("nan"),
    }
    if max(m, n) <= MATRIX_MOST:
        # Wires of bit lines twice those of word lines, so that exchanging them shows.
        one = Crossbar(g, word_resistance=wire, bit_resistance=2 * wire).effective_conductance()
        turned = Crossbar(g[::-1, ::-1].T, word_resistance=2 * wire, bit_resistance=wire).effective_conductance()
        row["turned"] = float(np.max(np.abs(turned[::-1, ::-1].T / one - 1)))
        row["matrix"] = float(np.max(np.abs(v @ crossbar.effective_conductance() / found.bit_currents - 1)))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    names = ("difference", "residual", "power", "reciprocity", "turned", "matrix")
    print(f"{'array':>11} {'ohm':>5} {'loss':>7} " + " ".join(f"{name:>11}" for name in names))
    start = time.process_time()
    for size in options.sizes:
        m, n = (int(side) for side in size.split("x"))
        for wire in WIRES:
            row = checks(m, n, wire)
            rows.append(row)
            print(f"{m:>5} x {n:<4}{wire:6g} {row['loss']:7.1%} " + " ".join(f"{row[name]:11.1e}" for name in names))
    print("largest:" + " " * 18 + " ".join(f"{np.nanmax([row[name] for row in rows]):11.1e}" for name in names))
    print(f"{time.process_time() - start:.0f} CPU s")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
