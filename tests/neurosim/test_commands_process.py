"""``neurosim shmoo``, ``yield``, ``optimise``, and ``margins`` of a netlist of one's own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from neurosim import cli
from neurosim.studies.circuit import FileRule, file_rule, find_one, find_parameters, load_study
from spice_models.errors import DescriptionError, UnknownNameError

NETLIST = """* a junction on 0.9 of its critical current, which must not slip
.model jj jj(rtype=0, icrit=100u, cap=2f, rn=2)
B1 n 0 jj
IB 0 n pwl(0 0 20p 90u)
LX n x 10p
RX x 0 1meg
.tran 0.5p 300p
"""
RULE = """
def at_rest(batches):
    (batch,) = batches
    return batch.slips[batch.row("B1")] == 0

def broken(batches):
    return batches[7]

def single(batches):
    return True

number = 3
"""


@pytest.fixture
def netlist(tmp_path):
    path = tmp_path / "threshold.cir"
    path.write_text(NETLIST)
    return path


def invoke(*arguments):
    return CliRunner().invoke(cli.app, list(map(str, arguments)))


def done(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result


def test_margins_of_a_netlist(netlist, tmp_path):
    done("margins", netlist, "--json", tmp_path / "m.json", "--out", tmp_path)
    data = json.loads((tmp_path / "m.json").read_text())
    found = {p["name"]: p for p in data["parameters"]}
    # It slips above Ic: a bias 1/0.9 of its own, or an Ic of 0.9.
    assert found["bias"]["high_percent"] == pytest.approx(100 * (1 / 0.9 - 1), abs=0.6)
    assert found["critical-current"]["low_percent"] == pytest.approx(-10, abs=0.6)
    assert (found["bias"]["low_percent"], data["case"], data["patterns"]) == (-60.0, "threshold", 1)
    assert (tmp_path / "margins_threshold.png").read_bytes().startswith(b"\x89PNG")


def test_a_rule_may_be_a_function_of_ones_own(netlist, tmp_path):
    (tmp_path / "rules.py").write_text(RULE)
    expected = done("margins", netlist, "--expect", "B1=0", "--parameter", "bias", "--json", "-").stdout
    own = done(
        "margins", netlist, "--rule", f"{tmp_path}/rules.py:at_rest", "--parameter", "bias", "--json", "-"
    ).stdout
    assert json.loads(own) == json.loads(expected)
    for wrong in ("rules.py:at_rest", f"{tmp_path}/rules.py:missing", f"{tmp_path}/rules.py:number"):
        assert invoke("margins", netlist, "--rule", wrong).exit_code == 1
    for name, message in (("broken", "IndexError"), ("single", "one answer a variant")):
        result = invoke("margins", netlist, "--rule", f"{tmp_path}/rules.py:{name}", "--parameter", "bias")
        assert result.exit_code == 1
        assert message in " ".join(result.stderr.split())
    first = file_rule(f"{tmp_path}/rules.py:at_rest")
    (tmp_path / "rules.py").write_text(RULE + "\n")
    assert first != file_rule(f"{tmp_path}/rules.py:at_rest")
    assert isinstance(first, FileRule)


def test_shmoo(netlist, tmp_path):
    options = ("--x", "bias", "--y", "critical-current", "--points", 5, "--span", 0.22, "--state", tmp_path / "s.json")
    result = done("shmoo", netlist, *options, "--out", tmp_path, "--json", tmp_path / "shmoo.json")
    data = json.loads((tmp_path / "shmoo.json").read_text())
    assert data["x_percent"] == data["y_percent"] == [-22, -11, 0, 11, 22]
    works = [[int(0.9 * (1 + x / 100) < 1 + y / 100) for x in data["x_percent"]] for y in data["y_percent"]]
    assert data["passed"] == works
    assert "critical-current over bias" in result.stdout
    assert (tmp_path / "shmoo_threshold.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(done("shmoo", netlist, *options, "--json", "-").stdout) == data


def test_yield(netlist, tmp_path):
    options = ("--samples", 60, "--local", "bias=0.1", "--global", "critical-current=0.05", "--seed", 2)
    result = done("yield", netlist, *options, "--out", tmp_path, "--json", tmp_path / "y.json")
    data = json.loads((tmp_path / "y.json").read_text())
    assert {i["name"]: i["sigma_percent"] for i in data["influences"]} == {"IB": 10, "critical-current": 5}
    assert 0.6 < data["yield"] < 1
    assert f"{data['passed']} of 60" in result.stdout
    assert (tmp_path / "yield_threshold.png").read_bytes().startswith(b"\x89PNG")


def test_optimise(netlist, tmp_path):
    options = ("--vary", "IB@0.5:1.1", "--probe", "bias", "--generations", 3, "--population", 6, "--limit", 0.5)
    best = tmp_path / "best.cir"
    result = done("optimise", netlist, *options, "--out", tmp_path, "--json", tmp_path / "o.json", "-o", best)
    data = json.loads((tmp_path / "o.json").read_text())
    assert (data["method"], len(data["history"])) == ("differential-evolution", 3)
    (variable,) = data["variables"]
    assert 0.5 <= variable["factor"] < 1
    assert data["score_after"] > data["score_before"]
    assert "IB" in result.stdout
    (after,) = data["margins_after"]["parameters"]
    (again,) = json.loads(done("margins", best, "--parameter", "bias", "--json", "-").stdout)["parameters"]
    assert again == after
    assert (tmp_path / "optimise_threshold.png").read_bytes().startswith(b"\x89PNG")


def test_words_for_parameters(netlist):
    study = load_study(str(netlist))
    assert [p.name for p in find_parameters("?B", study)] == ["IB"]
    assert find_one("all=LX,B1", study).scales == {"LX": 1.0, "B1": 1.0, "B1:capacitance": 1.0}
    with pytest.raises(UnknownNameError, match="Did you mean 'bias'"):
        find_one("bios", study)
    with pytest.raises(DescriptionError, match=r"to join them"):
        find_one("*X", study)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["margins", "sfq-xorr"], "Did you mean 'sfq-xor'"),
        (["margins", "absent.cir"], "cannot read absent.cir"),
        (["margins", "sfq-xor", "--expect", "B1=2"], "are for netlists"),
        (["margins", "{file}", "--expect", "B1"], "JUNCTION=PULSES"),
        (["margins", "{file}", "--window", "B1=20p"], "START..STOP"),
        (["margins", "{file}", "--expect", "B1=0", "--rule", "{file}:f"], "no Python file"),
        (["margins", "{file}", "--expect", "B1=2"], "slipped 0 times, expected 2"),
        (["yield", "{file}", "--local", "5%"], "--local takes SIGMA"),
        (["yield", "{file}", "--local", "0.1", "--local", "bias=0.1"], "one SIGMA for all kinds"),
        (["optimise", "{file}", "--vary", "IB@1"], "LOW:HIGH"),
        (["optimise", "{file}", "--vary", "IB", "--method", "luck"], "available: cma, differential-evolution"),
        (["shmoo", "{file}", "--x", "bias", "--y", "bios"], "Did you mean 'bias'"),
        (["shmoo", "{file}", "--x", "bias", "--y", "IB", "--json", "/dev/null/x"], "cannot write"),
    ],
)
def test_wrong_words_say_what_there_is(arguments, message, netlist):
    result = invoke(*(word.replace("{file}", str(netlist)) for word in arguments))
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())


def test_the_example_of_the_page_runs():
    page = (Path(__file__).resolve().parents[2] / "docs" / "processes.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    names: dict[str, Any] = {}
    exec(code.replace("samples=500", "samples=50").replace("generations=5", "generations=2"), names)
    assert 0.5 < names["chart"].fraction < 1
    assert names["chips"].samples == 50
    assert names["better"].score_after >= names["better"].score_before
    assert names["better"].notes == ()


def test_nothing_but_results_is_printed_when_piped(netlist):
    result = done("yield", netlist, "--samples", 8, "--local", "bias=0.1")
    assert "\r" not in result.output
    assert "\x1b" not in result.output
