"""``neurosim margins``: the margins of a case, as table, picture and JSON."""

import json

import pytest
from typer.testing import CliRunner

from neurosim import cli
from neurosim.cases import load_case
from neurosim.cases.margin_study import margin_study
from spice_models.elements import CurrentSource
from spice_models.engines.native import transient_batch

QUICK = ["--tolerance", "0.025", "--limit", "0.1"]


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["margins", *map(str, arguments)])


def test_a_case_becomes_circuits_that_differ_in_their_inputs_alone():
    circuits, rule, duration = margin_study(load_case("sfq-xor"))
    assert len(circuits) == 4
    for circuit in circuits[1:]:
        different = [a.name for a, b in zip(circuits[0], circuit, strict=True) if a != b]
        assert different
        for name in different:
            source = circuit[name]
            assert isinstance(source, CurrentSource)
            assert source.role == "input"
    (output,) = rule.counts[0]
    assert [count[output] for count in rule.counts] == [0, 1, 1, 0]
    batches = [transient_batch(circuit, duration=duration) for circuit in circuits]
    assert rule(batches).tolist() == [True]
    assert rule(batches[::-1]).tolist() == [True]
    assert rule([batches[1], batches[0], *batches[2:]]).tolist() == [False]


def test_margins_of_some_parameters(tmp_path):
    result = invoke(
        "sfq-xor", "--parameter", "bias", "--parameter", "neuron_o.IT", *QUICK,
        "--out", tmp_path / "charts", "--json", tmp_path / "margins.json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    data = json.loads((tmp_path / "margins.json").read_text())
    assert (data["case"], data["engine"], data["patterns"], data["limit_percent"]) == ("sfq-xor", "native", 4, 10.0)
    assert data["parameters"] == [
        {"name": "bias", "scope": "global", "low_percent": -10.0, "high_percent": 10.0},
        {"name": "neuron_o.IT", "scope": "tuning", "low_percent": -10.0, "high_percent": 10.0},
    ]
    assert (tmp_path / "charts" / "margins_sfq-xor.png").read_bytes().startswith(b"\x89PNG")
    assert "neuron_o.IT" in result.stdout


def test_globals_alone_on_standard_output():
    result = invoke("sfq-xor", "--globals-only", "--tolerance", "0.05", "--limit", "0.05", "--json", "-")
    assert result.exit_code == 0, result.output
    names = [p["name"] for p in json.loads(result.stdout)["parameters"]]
    assert names == ["bias", "critical-current", "inductance", "resistance"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sfq-xorr"], "Did you mean 'sfq-xor'"),
        (["sfq-xor", "--parameter", "inductanc"], "Did you mean 'inductance'"),
        (["sfq-xor", "--globals-only", "--limit", "1.5"], "tolerance <= limit < 1"),
    ],
)
def test_wrong_words_say_what_there_is(arguments, message):
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr


def test_an_unwritable_target_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("spice_models.analysis.margins.margins", lambda *_, **__: pytest.fail("it ran"))
    result = invoke("sfq-xor", "--json", tmp_path)
    assert result.exit_code == 1
    assert "it is a folder" in result.stderr
