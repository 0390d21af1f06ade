"""Yields: held against the Gaussian integral, the same for any workers, found again after a kill."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from spice_models.analysis import trials as trials_module
from spice_models.analysis.parameters import circuit_parameters, element_parameters, find_parameter
from spice_models.analysis.rules import pulse_count_rule
from spice_models.analysis.spreads import Spread, draw, process_spreads
from spice_models.analysis.yields import process_yield, wilson_interval
from spice_models.cells.jtl import jtl
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError, UnknownNameError
from spice_models.waveforms import PWL

TIMES = {"duration": 400e-12, "step": 5e-13}


def threshold_circuit():
    """Return a junction on 0.9 of its critical current, and one beside it that takes no part."""
    circuit = Circuit("threshold")
    for name, current in (("1", 0.9e-4), ("2", 0.1e-4)):
        circuit.junction(f"B{name}", f"n{name}", "0", critical_current=1e-4, capacitance=2e-15, resistance=2.0)
        circuit.current(f"I{name}", "0", f"n{name}", PWL((0.0, 20e-12), (0.0, current)))
    return circuit


RULE = pulse_count_rule({"B1": 0, "B2": 0})


@pytest.fixture(scope="module")
def threshold():
    return threshold_circuit()


def spread(circuit, sigma=0.08):
    return [Spread(parameter=p, sigma=sigma) for p in element_parameters(circuit) if ":" not in p.name]


def test_the_yield_of_a_threshold_is_the_gaussian_integral(threshold):
    bias = find_parameter(circuit_parameters(threshold), "I1")
    found = process_yield(threshold, RULE, spreads=[Spread(parameter=bias, sigma=0.1)], samples=1500, **TIMES)
    exact = NormalDist().cdf((1 / 0.9 - 1) / 0.1)
    assert found.low < exact < found.high
    assert found.high - found.low < 0.04
    deviates = draw([Spread(parameter=bias, sigma=0.1)], 0, 0, 1500)[0]
    ratio = 0.9 * (1 + 0.1 * deviates)
    surely = np.flatnonzero(ratio > 1.001)
    assert set(surely) <= set(found.failures) <= set(np.flatnonzero(ratio > 1))
    assert all("'B1' slipped" in reason for reason in found.failures.values())
    assert sum(found.reasons.values()) == 1500 - found.passed
    (influence,) = found.influences
    # Point-biserial correlation of a Gaussian with its own excess over a threshold.
    density = NormalDist().pdf(NormalDist().inv_cdf(exact))
    assert influence.correlation == pytest.approx(density / (exact * (1 - exact)) ** 0.5, abs=0.04)


def test_what_matters_ranks_first(threshold):
    found = process_yield(threshold, RULE, spreads=spread(threshold), samples=600, **TIMES)
    first, second, *others = found.influences
    assert {first.name, second.name} == {"B1", "I1"}
    signs = {i.name: np.sign(i.correlation) for i in (first, second)}
    assert signs == {"B1": -1, "I1": 1}
    assert all(i.score < 4 < second.score for i in others)
    data = found.to_dict()
    assert data["influences"][0]["name"] == first.name
    assert data["yield"] == found.passed / 600
    assert len(data["failures"]) == 600 - found.passed


def test_wilson_intervals_are_the_published_ones():
    # R. G. Newcombe, Stat. Med. 17, 857 (1998), doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson_interval(29, 29)[1] == 1.0


def test_samples_depend_on_the_seed_and_their_number_alone(threshold, monkeypatch):
    spreads = spread(threshold)
    assert np.array_equal(draw(spreads, 3, 0, 9)[:, 4:6], draw(spreads, 3, 4, 6))
    whole = process_yield(threshold, RULE, spreads=spreads, samples=60, seed=3, **TIMES)
    assert 0 < len(whole.failures) < 60
    with ThreadPoolExecutor(3) as pool:
        spread_out = process_yield(threshold, RULE, spreads=spreads, samples=60, seed=3, executor=pool, **TIMES)
    monkeypatch.setattr(trials_module, "LANES", 7)
    small = process_yield(threshold, RULE, spreads=spreads, samples=60, seed=3, workers=1, **TIMES)
    fewer = process_yield(threshold, RULE, spreads=spreads, samples=25, seed=3, **TIMES)
    assert whole.to_dict() == spread_out.to_dict() == small.to_dict()
    assert fewer.failures == {n: text for n, text in whole.failures.items() if n < 25}
    other = process_yield(threshold, RULE, spreads=spreads, samples=60, seed=4, **TIMES)
    assert other.failures.keys() != whole.failures.keys()


KILLED = """
import sys, time
sys.path[:0] = [{root!r}, {tests!r}]
from spice_models.analysis import trials
from spice_models.analysis.yields import process_yield
from test_yields import RULE, TIMES, spread, threshold_circuit

trials.LANES = 8
circuit = threshold_circuit()
process_yield(circuit, RULE, spreads=spread(circuit), samples=80, seed=1, state={state!r},
              progress=lambda done: time.sleep(0.2), **TIMES)
"""


def test_a_yield_goes_on_after_a_kill(threshold, tmp_path):
    state = tmp_path / "yield.json"
    here = Path(__file__).resolve()
    code = KILLED.format(root=str(here.parents[2]), tests=str(here.parent), state=str(state))
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not state.exists() and running.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    running.kill()
    _, errors = running.communicate()
    assert state.exists(), errors.decode()
    done = []
    spreads = spread(threshold)
    again = process_yield(
        threshold, RULE, spreads=spreads, samples=80, seed=1, state=state, progress=done.append, **TIMES
    )
    assert again.to_dict() == process_yield(threshold, RULE, spreads=spreads, samples=80, seed=1, **TIMES).to_dict()
    more = process_yield(threshold, RULE, spreads=spreads, samples=90, seed=1, state=state, **TIMES)
    assert more.samples == 90
    process_yield(threshold, RULE, spreads=spreads, samples=10, seed=1, state=state, **TIMES)
    after = []
    process_yield(threshold, RULE, spreads=spreads, samples=90, seed=1, state=state, progress=after.append, **TIMES)
    assert after == []
    with pytest.raises(DescriptionError, match="another study"):
        process_yield(threshold, RULE, spreads=spreads, samples=90, seed=2, state=state, **TIMES)


def test_spreads_of_a_process_reach_each_value_once_together_and_once_alone():
    circuit = bench(jtl(stages=2), {"input": [20e-12]}).circuit
    spreads = process_spreads(circuit, local={"inductance": 0.02, "critical-current": 0.05}, global_=0.1)
    named = {s.parameter.name: s for s in spreads}
    assert len(named) == len(spreads)
    assert named["bias"].sigma == named["resistance"].sigma == 0.1
    assert named["cell.B1"].sigma == 0.05
    assert set(named["cell.B1"].parameter.scales) == {"cell.B1", "cell.B1:capacitance"}
    assert named["cell.L1"].sigma == 0.02
    assert "cell.B1:resistance" not in named
    assert "cell.IB1" not in named
    alone = process_spreads(circuit, local=0.05)
    together = {key for p in circuit_parameters(circuit) if p.scope == "global" for key in p.scales}
    assert sorted(key for s in alone for key in s.parameter.scales) == sorted(together)


def test_draws_never_reach_zero_and_wrong_words_are_told(threshold):
    wide = [Spread(parameter=p, sigma=0.3) for p in element_parameters(threshold)] * 400
    assert np.all(1 + 0.3 * draw(wide, 0, 0, 5) > 0)
    with pytest.raises(UnknownNameError, match="Did you mean 'inductance'"):
        process_spreads(threshold, local={"inductanc": 0.1})
    with pytest.raises(DescriptionError, match=r"between 0 and 0\.3"):
        process_spreads(threshold, global_=0.5)
    with pytest.raises(DescriptionError, match="nothing spreads"):
        process_yield(threshold, RULE, spreads=[], **TIMES)
