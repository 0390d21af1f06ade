"""Variants held to a rule: patterns side by side, variants that cannot be simulated, chunks, executors, files."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from spice_models.analysis import trials as trials_module
from spice_models.analysis.margins import circuit_parameters, find_parameter, margins
from spice_models.analysis.parameters import element_parameters, scale_factors
from spice_models.analysis.patterns import side_by_side
from spice_models.analysis.rules import PulseCountRule, pulse_count_rule
from spice_models.analysis.shmoo import shmoo
from spice_models.analysis.trials import RuleError, Trials
from spice_models.cells.jtl import jtl
from spice_models.cells.testbench import bench
from spice_models.circuit import Circuit
from spice_models.engines.native.engine import transient_batch
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from spice_models.waveforms import PWL

DURATION = 70e-12
COUNT = "load_output.B2"


def line(times):
    return bench(jtl(stages=2), {"input": times}).circuit


@pytest.fixture(scope="module")
def patterns():
    return [line([]), line([20e-12]), line([20e-12, 40e-12]), line([20e-12])]


@pytest.fixture(scope="module")
def rule():
    return pulse_count_rule({COUNT: 0}, {COUNT: 1}, {COUNT: 2}, {COUNT: 1})


def factors(circuit, variants, sigma=0.2):
    parameters = element_parameters(circuit)
    draws = np.random.default_rng(1).uniform(1 - sigma, 1 + sigma, (len(parameters), variants))
    return scale_factors(parameters, draws)


def test_patterns_side_by_side_are_the_single_circuits_to_the_last_bit(patterns):
    joined = side_by_side(patterns)
    scales = {**factors(patterns[0], 5), "drive_input": np.linspace(0.8, 1.2, 5)}
    together = joined.split(transient_batch(joined.circuit, duration=DURATION, scales=joined.scales(scales, 5)), 5)
    for circuit, batch in zip(patterns, together, strict=True):
        alone = transient_batch(circuit, duration=DURATION, scales=scales)
        np.testing.assert_array_equal(alone.slips, batch.slips)
        most = alone.times.shape[1]
        np.testing.assert_array_equal(alone.times, batch.times[:, :most])
        assert np.all(np.isnan(batch.times[:, most:]))
    assert together[2].slips[together[2].row(COUNT), 2] == 2


def test_circuits_that_differ_in_more_than_currents_are_not_joined(patterns):
    other = patterns[0].mapped(lambda e: e)
    other.resistor("R_more", other.nodes[0], "0", 1e3)
    assert side_by_side([patterns[0], other]) is None
    assert side_by_side([patterns[0], patterns[0]]).patterns == 2


def test_one_variant_that_cannot_be_simulated_fails_alone(patterns, rule):
    tried = Trials(patterns, rule, duration=DURATION)
    scales = {"cell.B1:capacitance": np.ones(9), "cell.B1:resistance": np.ones(9)}
    scales["cell.B1:resistance"][4] = -1.0
    outcomes = tried.run(9, lambda a, b: {k: v[a:b] for k, v in scales.items()}, explain=True)
    assert outcomes.passed.tolist() == [True] * 4 + [False] + [True] * 4
    assert list(outcomes.reasons) == [4]
    assert "must be positive" in outcomes.reasons[4]


def test_outcomes_do_not_depend_on_chunks_or_executors(patterns, rule, monkeypatch):
    scales = factors(patterns[0], 40, 0.5)
    whole = Trials(patterns, rule, duration=DURATION).passes(scales)
    assert 0.1 < whole.mean() < 0.9
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        spread = Trials(patterns, rule, duration=DURATION, executor=pool).passes(scales)
    monkeypatch.setattr(trials_module, "LANES", 12)
    small = Trials(patterns, rule, duration=DURATION, workers=1).passes(scales)
    np.testing.assert_array_equal(whole, spread)
    np.testing.assert_array_equal(whole, small)


def late(batches):
    times = batches[0].times[batches[0].row(COUNT)]
    return np.nanmax(times, axis=0) > 35e-12


def test_a_function_is_a_rule_and_a_wrong_answer_is_told():
    circuit = line([20e-12])
    bias = find_parameter(circuit_parameters(circuit), "bias")
    scales = scale_factors([bias], np.array([[0.9, 1.0, 1.2]]))
    late_ones = Trials(circuit, late, duration=DURATION).passes(scales)
    batch = transient_batch(circuit, duration=DURATION, scales=scales)
    assert late_ones.tolist() == [batch.pulses(COUNT, k)[0] > 35e-12 for k in range(3)]
    with pytest.raises(RuleError, match="one answer a variant"):
        Trials(circuit, lambda batches: True, duration=DURATION).passes(scales)
    with pytest.raises(UnknownNameError, match="no element 'nobody'"):
        Trials(circuit, late, duration=DURATION).passes({"nobody": np.ones(2)})
    with pytest.raises(DescriptionError, match="slipped 1 times, expected 3"):
        Trials(circuit, pulse_count_rule({COUNT: 3}), duration=DURATION).require_nominal()


@pytest.fixture(scope="module")
def threshold():
    """A junction that slips where its current exceeds its critical current, and long enough to see it near there."""
    circuit = Circuit("threshold")
    circuit.junction("B1", "n", "0", critical_current=1e-4, capacitance=2e-15, resistance=2.0)
    circuit.current("Ib", "0", "n", PWL((0.0, 20e-12), (0.0, 0.9e-4)))
    return circuit, PulseCountRule(counts=[{"B1": 0}])


def test_the_shmoo_of_a_threshold_is_its_closed_form(threshold):
    circuit, rule = threshold
    named = {p.name: p for p in circuit_parameters(circuit)}
    values = np.linspace(-0.3, 0.3, 13) + 0.007
    found = shmoo(
        circuit, rule, x=named["bias"], y=named["critical-current"], duration=400e-12, step=5e-13,
        x_deviations=values, y_deviations=values,
    )  # fmt: skip
    ratio = 0.9 * (1 + values[None, :]) / (1 + values[:, None])
    assert found.passed.shape == (13, 13)
    np.testing.assert_array_equal(found.passed[ratio < 1], True)
    np.testing.assert_array_equal(found.passed[ratio > 1.001], False)
    assert np.all((ratio < 1) | (ratio > 1.001))
    data = found.to_dict()
    assert data["passed"][0] == found.passed[0].astype(int).tolist()
    assert (data["x"], data["y"], data["x_percent"][0]) == ("bias", "critical-current", pytest.approx(-29.3))


def test_the_axes_of_a_shmoo_end_where_margins_do(patterns, rule):
    parameters = circuit_parameters(patterns[0])
    x, y = (find_parameter(parameters, name) for name in ("bias", "critical-current"))
    found = margins(patterns, rule, duration=DURATION, parameters=[x, y], tolerance=0.005)
    deviations = np.arange(-60, 61, 4) / 100
    across = shmoo(patterns, rule, x=x, y=y, duration=DURATION, x_deviations=deviations, y_deviations=[0.0])
    up = shmoo(patterns, rule, x=x, y=y, duration=DURATION, x_deviations=[0.0], y_deviations=deviations)
    for margin, passed in ((found["bias"], across.passed[0]), (found["critical-current"], up.passed[:, 0])):
        inside = (deviations >= margin.low) & (deviations <= margin.high)
        assert passed[inside].all()
        just_outside = [np.flatnonzero(inside)[0] - 1, np.flatnonzero(inside)[-1] + 1]
        for number in just_outside:
            if 0 <= number < deviations.size and -0.6 < margin.low:
                assert not passed[number]


def test_a_shmoo_goes_on_from_its_file(patterns, rule, tmp_path):
    parameters = circuit_parameters(patterns[0])
    x, y = (find_parameter(parameters, name) for name in ("bias", "inductance"))
    deviations = np.linspace(-0.5, 0.5, 6)
    options = {"duration": DURATION, "x_deviations": deviations, "y_deviations": deviations, "x": x, "y": y}
    state = tmp_path / "new" / "shmoo.json"
    whole = shmoo(patterns, rule, **options)
    kept = trials_module.LANES

    def stop(done):
        raise KeyboardInterrupt

    try:
        trials_module.LANES = 32
        with pytest.raises(KeyboardInterrupt):
            shmoo(patterns, rule, state=state, progress=stop, **options)
    finally:
        trials_module.LANES = kept
    calls = []
    again = shmoo(patterns, rule, state=state, progress=calls.append, **options)
    assert 8 / 36 < calls[0] <= 1.0
    np.testing.assert_array_equal(again.passed, whole.passed)
    with pytest.raises(DescriptionError, match="another study"):
        shmoo(patterns, rule, state=state, **{**options, "duration": 60e-12})
    state.write_text("{")
    with pytest.raises(DescriptionError, match="not a state file"):
        shmoo(patterns, rule, state=state, **options)


def test_what_no_variant_can_do_without_is_an_error(rule, patterns, monkeypatch):
    scales = {"cell.B1": np.ones(3)}
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="josim-cli"):
        Trials(patterns, rule, duration=DURATION, engine="josim").passes(scales)
    with pytest.raises(DescriptionError, match="too long"):
        Trials(patterns, rule, duration=DURATION, step=5e-12).passes(scales)
