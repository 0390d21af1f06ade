"""The XOR and logic cases through all levels, and the commands that run and export them."""

import dataclasses
import json

import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from neurosim import cases, cli
from neurosim.cases import find_case, load_case, pattern_case, sfq_logic, sfq_xor
from neurosim.cases.margin_study import margin_study
from neurosim.engines.circuit import run_native_batch
from neurosim.pictures import plotting
from spice_models.analysis.margins import circuit_parameters, native_batch, passes
from spice_models.errors import UnknownNameError

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def xor():
    return sfq_xor.run(engine="native")


def test_xor_is_right_at_every_level_and_the_levels_agree(xor):
    assert xor.levels == ("architecture", "behavioral", "circuit")
    assert xor.correct
    assert xor.agreement
    assert [run.outputs for run in xor.runs if run.run.level == "circuit"] == [(0,), (1,), (1,), (0,)]


def test_behavioral_times_are_those_of_the_circuit(xor):
    assert xor.spike_time_difference < 2e-12


def test_decisions_have_margins(xor):
    assert set(xor.margins) == set(sfq_xor.PATTERNS)
    assert all(margin.relative >= 0.1 for margin in xor.margins.values())
    assert xor.margins["01"].current == "neuron_o.IT"


def test_json_has_what_scripts_read(xor):
    data = json.loads(json.dumps(xor.to_dict()))
    assert data["case"] == "sfq-xor"
    assert data["agreement"] is True
    assert data["junctions"] > 50
    assert 0 < data["spike_time_difference_s"] < 2e-12
    (run,) = [r for r in data["runs"] if (r["level"], r["pattern"]) == ("circuit", "01")]
    assert (run["engine"], run["expected"], run["output"], run["output_spikes"], run["correct"]) == (
        "native", 1, 1, 1, True,
    )  # fmt: skip
    assert 20e-12 < run["latency_s"] < 200e-12
    assert 1e-18 < run["energy_j"] < 1e-16


@pytest.mark.ngspice
def test_xor_on_ngspice():
    result = sfq_xor.run(["circuit"], engine="ngspice", patterns=["01", "11"], margins=False)
    assert [run.run.label for run in result.runs] == ["circuit/ngspice"] * 2
    assert result.correct


def test_three_inputs_are_right_in_all_patterns_by_the_same_code():
    result = sfq_logic.run(engine="native", margins=False)
    assert result.patterns == tuple(sfq_logic.PATTERNS)
    assert result.correct
    assert result.agreement
    assert result.spike_time_difference < 2e-12


@pytest.mark.parametrize("module", [sfq_xor, sfq_logic])
@pytest.mark.parametrize("parameter", ["bias", "critical-current", "inductance", "resistance"])
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_every_pattern_stays_right_when_a_global_parameter_is_off(module, parameter, factor):
    network = module.network()
    stimuli = [module.stimulus(p) for p in module.PATTERNS]
    runs = run_native_batch(network, stimuli, seeds=[0] * len(stimuli), scale={parameter: factor})
    assert [pattern_case.outputs(network, run) for run in runs] == list(module.PATTERNS.values())


def test_a_timeout_reaches_the_simulator_and_is_refused_where_there_is_none(tmp_path, monkeypatch):
    script = tmp_path / "ngspice"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    words = ["run", "sfq-xor", "--level", "circuit", "--pattern", "01", "--timeout"]
    stopped = RUNNER.invoke(cli.app, [*words, "0.5", "--engine", "ngspice"])
    assert stopped.exit_code == 1
    assert "0.5 s" in stopped.stderr
    for more, message in ((["5"], "give engine ngspice"), (["0", "--engine", "ngspice"], "must be a positive number")):
        refused = RUNNER.invoke(cli.app, [*words, *more])
        assert refused.exit_code == 1
        assert message in refused.stderr


def test_weights_of_several_pulses_come_with_a_note(xor):
    assert xor.notes == ()
    network = sfq_xor.network()
    strong = [dataclasses.replace(p, weights=2 * p.weights) for p in network.projections[-2:]]
    case = dataclasses.replace(
        sfq_xor.CASE,
        network=lambda: dataclasses.replace(network, projections=(*network.projections[:-2], *strong)),
    )
    (note,) = case.run(["circuit"], patterns=["00"], margins=False).notes
    assert "less than it says" in note
    assert "+2 from h1[0] to o[0], -2 from h2[0] to o[0]" in note


def test_every_parameter_of_the_xor_can_be_20_percent_off():
    circuits, rule, duration = margin_study(load_case("sfq-xor"))
    points = [(p, factor) for p in circuit_parameters(circuits[0]) for factor in (0.8, 1.2)]
    passed = passes(circuits, rule, points, native_batch(duration=duration))
    assert [f"{p.name} x {factor}" for (p, factor), good in zip(points, passed, strict=True) if not good] == []


def test_unknown_names_say_what_there_is():
    with pytest.raises(UnknownNameError, match="sfq-xor"):
        load_case("sfq-xnor")
    with pytest.raises(UnknownNameError, match=r"no pattern '22'.*01"):
        sfq_xor.stimulus("22")
    with pytest.raises(UnknownNameError, match="behavioral"):
        sfq_xor.run(["behavioural"])


def test_every_case_of_the_table_loads():
    assert all(find_case(name).name == name for name in cases.CASES)


def test_run_writes_table_json_and_pictures(tmp_path):
    words = ["run", "sfq-xor", "--level", "circuit", "--engine", "native", "--pattern", "01", "--pattern", "11"]
    done = RUNNER.invoke(cli.app, [*words, "--json", str(tmp_path / "r.json"), "--out", str(tmp_path / "pictures")])
    assert done.exit_code == 0, done.output
    assert "every output is right" in done.output
    assert "decision" in done.output
    assert json.loads((tmp_path / "r.json").read_text())["correct"] is True
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == {
        "network.png", "spikes.png", "phases.png", "voltages.png",
    }  # fmt: skip


def test_run_fails_where_an_output_is_wrong(monkeypatch):
    wrong = dataclasses.replace(sfq_xor.CASE, expected={**sfq_xor.PATTERNS, "01": (0,)})
    monkeypatch.setattr(sfq_xor, "CASE", wrong)
    done = RUNNER.invoke(cli.app, ["run", "sfq-xor", "--level", "circuit", "--engine", "native", "--pattern", "01"])
    assert done.exit_code == 1
    assert "wrong: circuit 01" in done.output


def test_list_names_the_cases():
    done = RUNNER.invoke(cli.app, ["list"])
    assert done.exit_code == 0
    assert "sfq-xor" in done.output
    assert "sfq-logic" in done.output


def test_export_writes_a_scaled_deck(tmp_path):
    path = tmp_path / "xor.cir"
    words = ["export", "sfq-xor", "--pattern", "01", "--dialect", "ngspice", "--scale", "bias=1.1", "-o", str(path)]
    assert RUNNER.invoke(cli.app, words).exit_code == 0
    assert "output_phase" in path.read_text()
    refused = RUNNER.invoke(cli.app, [*words[:6], "--scale", "bias", "-o", str(path)])
    assert refused.exit_code == 1
    assert "PARAMETER=FACTOR" in refused.output


def test_export_into_a_folder_that_cannot_be_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    done = RUNNER.invoke(cli.app, ["export", "sfq-xor", "-o", str(tmp_path / "file" / "xor.cir")])
    assert done.exit_code == 1
    assert "cannot write" in done.output


def test_pictures_are_labelled(xor):
    axes = Figure().subplots(1, 2)
    raster = plotting.plot_raster([run.run for run in xor.runs if run.pattern == "01"], axes[0])
    assert raster.get_xlabel() == "time [ps]"
    assert [label.get_text() for label in raster.get_yticklabels()] == ["o", "h2", "h1", "b", "a"]
    drawn = plotting.plot_network(sfq_xor.network(), axes[1])
    assert {text.get_text() for text in drawn.texts} >= {"a", "b", "h1", "h2", "o"}
