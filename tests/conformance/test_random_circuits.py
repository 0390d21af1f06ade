"""Circuits drawn at random from all elements: engines that share no code must say the same of them.

The bound is wide, as random circuits are full of corners and of junctions near their gap; what it finds are signs,
directions and factors that are wrong in some combination of elements.
"""

import numpy as np
import pytest

from spice_models.circuit import Circuit
from spice_models.elements import GapBranch
from spice_models.engines import transient, why_unavailable
from spice_models.waveforms import PWL

PS = 1e-12
BOUND = 5e-2  # twice the largest difference seen in 25 circuits
GAP = GapBranch(voltage=2.8e-3, width=1e-4, current_step=1.2e-4, normal_resistance=2.85e-3 / (2.75e-3 / 160 + 1.2e-4))


class Draw:
    """A circuit of five nodes: a tree that reaches ground, then more elements between any of them."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.circuit = Circuit("random")
        nodes = ["0"]
        for k in range(5):
            self.branch(f"b{k}", f"n{k}", str(self.rng.choice(nodes)))
            nodes.append(f"n{k}")
        for k in range(6):
            first, second = (f"n{i}" for i in self.rng.choice(5, 2, replace=False))
            self.further(k, first, second)
        for k in range(2):
            heights = self.rng.uniform(-2e-4, 2e-4, 2)
            wave = PWL((0, 4 * PS, 10 * PS, 14 * PS), (0, *heights, 2e-5))
            self.circuit.current(f"i{k}", "0", f"n{self.rng.integers(5)}", wave)

    def branch(self, name: str, plus: str, minus: str) -> None:
        kind, size = self.rng.integers(4), float(self.rng.uniform(2, 20))
        if kind == 0:
            self.circuit.inductor(name, plus, minus, size * 1e-12)
            self.circuit.resistor(f"{name}_damp", plus, "0", 20.0)
        elif kind == 1:
            self.circuit.resistor(name, plus, minus, size)
        else:
            rare = {"gap": GAP} if kind == 2 else {"phase_shift": 0.5, "second_harmonic": 0.3}
            ohms = 160.0 if kind == 2 else 7.0
            self.circuit.junction(name, plus, minus, critical_current=1e-4, capacitance=7e-14, resistance=ohms, **rare)

    def further(self, k: int, first: str, second: str) -> None:
        circuit, end, kind = self.circuit, f"x{k}", int(self.rng.integers(6))
        if kind == 0:
            circuit.capacitor(f"c{k}", first, second, 1e-13)
            return
        if kind == 1:
            circuit.transmission_line(f"t{k}", end, "0", second, "0", 5.0, float(self.rng.uniform(0.3, 6)) * PS)
        elif kind == 2:
            circuit.vcvs(f"e{k}", end, "0", first, second, 1.2)
        elif kind == 3:
            circuit.vccs(f"g{k}", first, "0", second, "0", 0.02)
            return
        elif kind == 4:
            circuit.voltage(f"v{k}", end, "0", PWL((0, 5 * PS, 6 * PS, 8 * PS), (0, 0, 5e-4, 1e-4)))
            circuit.cccs(f"f{k}", "0", second, f"v{k}", 0.5)
            circuit.ccvs(f"h{k}", f"y{k}", "0", f"v{k}", 4.0)
            circuit.resistor(f"hr{k}", f"y{k}", second, 12.0)
        else:
            circuit.phase_source(f"p{k}", end, "0", PWL((0, 10 * PS), (0, float(self.rng.uniform(-6, 6)))))
            circuit.inductor(f"pl{k}", end, first, 1e-11)
            return
        circuit.resistor(f"xr{k}", end, first, 8.0)


def engine(name: str):
    reason = why_unavailable(name)
    marks = [pytest.mark.skipif(reason is not None, reason=str(reason))]
    return pytest.param(name, marks=[*marks, pytest.mark.ngspice] if name == "ngspice" else marks, id=name)


@pytest.mark.parametrize("engine", [engine("ngspice"), engine("josim")])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_engines_agree_on_random_circuits(seed, engine):
    circuit = Draw(seed).circuit
    record = [f"voltage(n{k})" for k in range(5)]
    record += [f"current({e.name})" for e in circuit if e.name[0] in "tefvp" and not e.name.startswith("pl")]
    exact, peer = (
        transient(circuit, duration=25 * PS, step=0.0125 * PS, record=record, engine=name)
        for name in ("native", engine)
    )
    for text in record:
        inside = slice(100, -100)
        other = np.interp(exact.times, peer.times, peer[text])[inside]
        size = max(np.abs(exact[text]).max(), 1e-9)
        assert np.sqrt(np.mean((other - exact[text][inside]) ** 2)) < BOUND * size, text
