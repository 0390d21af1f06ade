"""Optimisation: it centres windows whose middle is known, comes out the same again, and goes on after Ctrl-C."""

import numpy as np
import pytest

from spice_models.analysis import generations
from spice_models.analysis.ideal_drive import ideally_driven
from spice_models.analysis.optimisation import IdealDriveWarning, MarginScore, Variable, optimise
from spice_models.analysis.parameters import (
    Parameter,
    circuit_parameters,
    element_parameters,
    find_parameter,
    with_factors,
)
from spice_models.analysis.rules import pulse_count_rule
from spice_models.analysis.trials import Trials
from spice_models.cells.jtl import jtl
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError, EngineError
from spice_models.waveforms import PWL

TIMES = {"duration": 300e-12, "step": 5e-13}
WINDOWS = {"u": (1.2, 0.7), "v": (1.15, 0.75)}
"""Currents over Ic of a junction that must slip and of one that must not: the factor of both must lie between."""


SOFTNESS = 0.03


def middle(name):
    """Return the factor at which the soft minimum of both margins of a window is largest, in closed form."""
    low, high = (1 / current for current in WINDOWS[name])
    return (low + high) / (2 + SOFTNESS * np.log(high / low))


@pytest.fixture(scope="module")
def windows():
    circuit = Circuit("windows")
    for name, currents in WINDOWS.items():
        for which, current in zip(("slips", "rests"), currents, strict=True):
            node = f"{name}_{which}"
            circuit.junction(f"B_{node}", node, "0", critical_current=1e-4, capacitance=2e-15, resistance=2.0)
            circuit.current(f"I_{node}", "0", node, PWL((0.0, 20e-12), (0.0, current * 1e-4)))
    return circuit


def in_window(batches):
    (batch,) = batches
    good = [batch.slips[batch.row(f"B_{name}_slips")] > 0 for name in WINDOWS]
    good += [batch.slips[batch.row(f"B_{name}_rests")] == 0 for name in WINDOWS]
    return np.all(good, axis=0)


def pair(name):
    return Parameter(name=name, scales={f"I_{name}_slips": 1.0, f"I_{name}_rests": 1.0})


@pytest.fixture(scope="module")
def search(windows):
    probes = tuple(pair(name) for name in WINDOWS)
    return {
        "circuits": windows,
        "rule": in_window,
        "variables": [Variable(parameter=p, low=0.7, high=1.5) for p in probes],
        "score": MarginScore(probes=probes, limit=0.4, tolerance=0.001, softness=SOFTNESS),
        **TIMES,
    }


@pytest.mark.parametrize(("method", "generations"), [("cma", 16), ("differential-evolution", 20)])
def test_windows_are_centred(search, method, generations):
    if method == "cma":
        pytest.importorskip("cma")
    found = optimise(**search, method=method, generations=generations, seed=2)
    for name in WINDOWS:
        assert found.factors[name] == pytest.approx(middle(name), rel=0.01)
    # The narrower window is v, with half its width over its middle as margin.
    high, low = WINDOWS["v"]
    widest = (high - low) / (high + low)
    assert found.after.worst.width == pytest.approx(widest, abs=0.012)
    assert found.before.worst.width == pytest.approx(1 - 1 / 1.15, abs=0.006)
    assert [g.best_so_far for g in found.history] == sorted(g.best_so_far for g in found.history)
    assert found.score_after == found.history[-1].best_so_far > found.score_before
    applied = found.applied(search["circuits"])["I_u_rests"].waveform.values[-1]
    assert applied == pytest.approx(0.7e-4 * found.factors["u"], rel=1e-12)
    data = found.to_dict()
    assert data["variables"][0]["factor"] == found.factors["u"]
    assert data["margins_after"]["parameters"][0]["name"] == "u"


def test_a_circuit_that_does_not_work_is_mended(search):
    variables = [Variable(parameter=pair("u"), low=0.7, high=1.5)]
    broken = with_factors(search["circuits"], {"I_u_slips": 0.75, "I_u_rests": 0.75})
    options = {**search, "circuits": broken, "variables": variables}
    found = optimise(**options, generations=6, population=8)
    assert found.method == "differential-evolution"
    assert found.before is None
    assert -1 <= found.score_before < 0 < found.score_after
    assert found.after.worst.low < 0 < found.after.worst.high


def test_the_score_is_a_soft_minimum_of_the_margins(search, windows):
    trials = Trials(windows, in_window, **TIMES)
    score = search["score"]
    variables = [pair(name) for name in WINDOWS]
    scores, _ = score(trials, variables, np.array([[1.0, middle("u"), 0.75], [1.0, middle("v"), 1.0]]))
    expected = []
    for u, v in ((1.0, 1.0), (middle("u"), middle("v"))):
        sides = []
        for factor, (high, low) in zip((u, v), WINDOWS.values(), strict=True):
            sides += [1 - 1 / (high * factor), 1 / (low * factor) - 1]
        sides = np.minimum(sides, score.limit)
        expected.append(-score.softness * np.log(np.mean(np.exp(-sides / score.softness))))
    assert scores[:2] == pytest.approx(expected, abs=0.004)
    assert scores[2] == -1.0  # no neighbour at 5 % works either
    assert np.all(
        score.soft_minimum(np.array([[0.1, 0.1], [0.1, 0.3]]))
        == pytest.approx([0.1, 0.1 - SOFTNESS * np.log(0.5 + 0.5 * np.exp(-0.2 / SOFTNESS))])
    )


@pytest.mark.parametrize("method", ["cma", "differential-evolution"])
def test_a_search_goes_on_from_its_file(search, method, tmp_path):
    if method == "cma":
        pytest.importorskip("cma")
    options = {**search, "method": method, "population": 6, "seed": 5}
    whole = optimise(**options, generations=4)
    state = tmp_path / "search.json"

    def interrupt(number, generation):
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimise(**options, generations=4, state=state, progress=interrupt)
    again = optimise(**options, generations=4, state=state)
    assert (again.factors, again.history) == (whole.factors, whole.history)
    assert 0 < again.evaluations < whole.evaluations
    assert optimise(**options, generations=3, state=state).history == whole.history[:3]
    with pytest.raises(DescriptionError, match="another study"):
        optimise(**{**options, "seed": 6}, generations=4, state=state)


def test_ideal_sources_are_told(windows, search):
    made = bench(jtl(stages=2), {"input": [20e-12]})
    assert set(ideally_driven(made.circuit).values()) == {"drive_input"}
    assert ideally_driven(made.circuit, ["cell.B1", "cell.B2"]) == {}
    bare = bench(jtl(stages=2), {}, currents={"input": [20e-12]}).circuit
    assert ideally_driven(bare, ["cell.B1", "cell.B2"]) == {"cell.B1": "drive_input"}
    assert ideally_driven(windows) == {}
    junction = find_parameter(element_parameters(bare), "cell.B1")
    rule = pulse_count_rule({"load_output.B1": 0})
    with pytest.warns(IdealDriveWarning, match=r"'cell\.B1' is under optimisation"):
        found = optimise(
            bare, rule, variables=[Variable(parameter=junction, low=0.9, high=1.1)], generations=1, population=5,
            duration=20e-12,
        )  # fmt: skip
    assert "real cell" in found.notes[0]


def test_wrong_words_are_told(search, windows, monkeypatch):
    bias = find_parameter(circuit_parameters(windows), "bias")
    with pytest.raises(DescriptionError, match="must hold 1"):
        Variable(parameter=bias, low=1.1, high=1.2)
    with pytest.raises(DescriptionError, match="at least two variables"):
        optimise(**{**search, "variables": [Variable(parameter=bias)]}, method="cma")
    with pytest.raises(DescriptionError, match="different names"):
        optimise(**{**search, "variables": [Variable(parameter=bias)] * 2})
    monkeypatch.setattr(generations, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match="neurofluxon"):
        optimise(**search, method="cma")
