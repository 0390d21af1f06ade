"""Margins of cells: found by search, checked by brute force, by another engine and against what physics says."""

import numpy as np
import pytest

from spice_models.analysis.margins import (
    Parameter,
    circuit_parameters,
    engine_batch,
    find_parameter,
    margins,
    native_batch,
    passes,
    scaled,
)
from spice_models.analysis.rules import PulseCountRule, pulse_count_rule
from spice_models.cells.jtl import jtl
from spice_models.cells.splitter import splitter
from spice_models.cells.testbench import GLOBALS, bench, global_scales
from spice_models.circuit import Circuit
from spice_models.elements import Junction
from spice_models.engines.native.engine import Batch, transient_batch
from spice_models.errors import DescriptionError, UnknownNameError
from spice_models.waveforms import bias_ramp

DURATION = 100e-12
TIMES = [20e-12, 50e-12]


@pytest.fixture(scope="module")
def line():
    return bench(jtl(stages=4), {"input": TIMES}).circuit


@pytest.fixture(scope="module")
def line_rule():
    return pulse_count_rule({"load_output.B2": 2})


@pytest.fixture(scope="module")
def line_margins(line, line_rule):
    return margins(line, line_rule, duration=DURATION)


def test_globals_are_those_of_the_bench(line):
    named = {p.name: p for p in circuit_parameters(line)}
    for name in GLOBALS:
        assert set(named[name.replace("_", "-")].scales) == set(global_scales(line, name, 1.0))
    assert [p.name for p in named.values()][:4] == ["bias", "critical-current", "inductance", "resistance"]


def test_each_current_is_a_parameter_of_its_role():
    circuit = Circuit("c")
    circuit.resistor("R1", "n", "0", 1.0)
    circuit.current("I1", "0", "n", bias_ramp(1e-3))
    circuit.current("W1", "0", "n", 1e-3, role="tuning")
    circuit.current("zero", "0", "n", 0.0, role="tuning")
    circuit.current("in", "0", "n", 1e-3, role="input")
    found = {p.name: (p.scope, set(p.scales)) for p in circuit_parameters(circuit)}
    assert found == {
        "bias": ("global", {"I1", "W1"}),
        "resistance": ("global", {"R1"}),
        "I1": ("bias-line", {"I1"}),
        "W1": ("tuning", {"W1"}),
    }


def test_bias_ends_where_junctions_switch_by_themselves(line_margins):
    # biased at 0.7 Ic: above 1 / 0.7 a junction runs by itself, and so it does with Ic below 0.7
    assert 0.39 <= line_margins["bias"].high <= 1 / 0.7 - 1 + 0.015
    assert -0.32 <= line_margins["critical-current"].low <= 0.7 - 1 + 0.02


def test_a_line_is_as_robust_as_published_cells(line_margins):
    for parameter in line_margins.margins:
        if parameter.scope == "global":
            assert parameter.low < -0.25
            assert parameter.high > 0.25
        else:
            assert parameter.width > 0.5  # neighbours help out a single stage
    assert line_margins["resistance"].high == 0.6  # the clip


def test_report_as_data(line_margins):
    data = line_margins.to_dict()
    assert data["parameters"][0] == {
        "name": "bias",
        "scope": "global",
        "low_percent": pytest.approx(100 * line_margins["bias"].low),
        "high_percent": pytest.approx(100 * line_margins["bias"].high),
    }
    assert (data["engine"], data["step_s"], data["limit_percent"]) == ("native", 1e-13, 60.0)
    assert data["tolerance_percent"] == 0.5
    assert line_margins.worst.width == min(m.width for m in line_margins.margins)


def test_brute_force_agrees_with_bisection():
    cell = bench(splitter(), {"input": TIMES}).circuit
    rule = pulse_count_rule({"load_output_1.B2": 2, "load_output_2.B2": 2})
    report = margins(cell, rule, duration=DURATION)
    evaluate = native_batch(duration=DURATION)
    deviations = np.arange(-60, 61) / 100
    for name in ("bias", "critical-current", "inductance"):
        parameter = find_parameter(circuit_parameters(cell), name)
        good = passes([cell], rule, [(parameter, 1 + d) for d in deviations], evaluate)
        outward = {sign: deviations[np.sign(deviations) == sign][::sign] for sign in (-1, 1)}
        for sign, found in ((-1, report[name].low), (1, report[name].high)):
            passed = good[np.searchsorted(deviations, outward[sign])]
            last = 0.0 if not passed[0] else outward[sign][np.argmin(np.append(passed, False)) - 1]
            assert abs(found - last) <= 0.01 + 0.005


def test_scaling_a_circuit_equals_scaling_a_batch(line):
    factors = np.array([0.85, 1.0, 1.15])
    for parameter in circuit_parameters(line)[:6]:
        scales = dict.fromkeys(parameter.scales, factors)
        together = transient_batch(line, duration=60e-12, scales=scales)
        for variant, factor in enumerate(factors):
            alone = transient_batch(scaled(line, parameter.name, factor), duration=60e-12)
            np.testing.assert_array_equal(alone.slips[:, 0], together.slips[:, variant])
            np.testing.assert_allclose(alone.times[..., 0], together.times[..., variant], rtol=1e-9)


@pytest.mark.ngspice
def test_ngspice_agrees_on_both_sides_of_a_limit(line, line_rule, line_margins):
    bias = find_parameter(circuit_parameters(line), "bias")
    points = [(bias, 1 + line_margins["bias"].low + d) for d in (0.02, -0.02)]
    for engine in ("native", "ngspice"):
        assert passes([line], line_rule, points, engine_batch(engine, duration=DURATION)).tolist() == [True, False]


def test_a_gap_further_in_ends_the_margin(line):
    ran = native_batch(duration=30e-12)
    bias = find_parameter(circuit_parameters(line), "bias")
    parameter = Parameter(name="p", scope="global", scales=bias.scales)
    factors = []

    def evaluate(circuit, scales):
        factors.append(np.atleast_1d(next(iter(scales.values()), 1.0)))
        return ran(circuit, scales)

    def rule(batches):
        return ~((factors[-1] > 1.22) & (factors[-1] < 1.29))

    found = margins(line, rule, duration=30e-12, parameters=[parameter], evaluate=evaluate)["p"]
    assert found.low == -0.6
    assert 0.215 <= found.high <= 0.22


def test_powers_of_the_factor():
    circuit = Circuit("c")
    circuit.junction("B1", "n", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    scales = {"B1": 1.0, "B1:capacitance": 1.0, "B1:resistance": -1.0}
    process = Parameter(name="area", scope="global", scales=scales)
    junction = scaled(circuit, process, 2.0)["B1"]
    assert isinstance(junction, Junction)
    assert (junction.critical_current, junction.capacitance, junction.resistance) == (2e-4, 1.4e-13, 3.5)


def test_a_window_for_each_pulse():
    times = np.array([[[10e-12, 30e-12], [30e-12, 10e-12], [np.nan, 50e-12]]])
    batch = Batch(
        junctions=("q",), times=times, slips=np.array([[2, 3]]), backward=np.zeros((1, 2), dtype=int), duration=1e-10
    )
    apart = [(5e-12, 15e-12), (25e-12, 35e-12)]
    rule = PulseCountRule(counts=[{}, {"q": 2}], windows=[{}, {"q": apart}])
    assert rule([batch, batch]).tolist() == [True, False]
    assert "outside 5e-12..1.5e-11, 2.5e-11..3.5e-11 s" in rule.explain([batch, batch], 1)
    late = PulseCountRule(counts=[{"q": 2}], windows=[{"q": [(5e-12, 15e-12), (31e-12, 35e-12)]}])
    assert late([batch]).tolist() == [False, False]


def test_windows_and_backward_pulses(line):
    batch = transient_batch(line, duration=DURATION)
    (first, last) = batch.pulses("load_output.B2")
    counts = [{"load_output.B2": 2}]
    for window, good in (((first, last), True), ((first, last - 1e-12), False), ((first + 1e-12, last), False)):
        assert PulseCountRule(counts=counts, windows=[{"load_output.B2": window}])([batch]).tolist() == [good]


def test_a_circuit_that_fails_as_it_is_is_refused(line):
    with pytest.raises(DescriptionError, match=r"'load_output\.B2' slipped 2 times, expected 3"):
        margins(line, pulse_count_rule({"load_output.B2": 3}), duration=DURATION)


def test_unknown_names_say_what_there_is(line):
    with pytest.raises(UnknownNameError, match="Did you mean 'inductance'"):
        scaled(line, "inductence", 1.1)
    with pytest.raises(UnknownNameError, match="no element 'L99'"):
        scaled(line, Parameter(name="x", scope="global", scales={"L99": 1.0}), 1.1)


def test_progress_rises_to_one(line, line_rule):
    seen: list[float] = []
    parameters = circuit_parameters(line)[:2]
    margins(line, line_rule, duration=DURATION, parameters=parameters, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
