"""Digits on crossbars: ideal hardware is the software, and the command tells what happened."""

import builtins
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from neurosim.cases import find_case, load_case
from neurosim.cases.crossbar_readout import CASE
from neurosim.cases.readout_study import train
from neurosim.cli import app
from spice_models.errors import DescriptionError, EngineError

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def classifier():
    return train()


def test_ideal_crossbars_of_any_size_predict_what_the_software_does(classifier):
    assert classifier.accuracy > 0.96
    for tile in ((128, 128), (19, 23)):
        np.testing.assert_array_equal(classifier.placed(tile=tile).predict(classifier.test), classifier.predictions)


def test_compensation_brings_back_what_wires_cost(classifier):
    lossy = classifier.score(classifier.placed(word_resistance=50.0))
    better = classifier.score(classifier.placed(word_resistance=50.0, compensation="fixed-point"))
    lost = classifier.accuracy - lossy
    assert lost > 0.1
    assert better - lossy > 0.8 * lost


@pytest.mark.slow
def test_the_command_runs_writes_and_refuses_what_does_not_apply(tmp_path):
    arguments = [
        "run",
        "crossbar-readout",
        "--quick",
        "--out",
        str(tmp_path / "out"),
        "--json",
        str(tmp_path / "r.json"),
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "the same class for every sample" in done.output
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"conductance.png", "drop.png", "accuracy.png"}
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["correct"]
    assert found["ideal_hardware"] == found["software"]
    assert found["recovered"][0]["part"] > 0.8
    assert set(found["sweeps"]["spread"]["accuracy"]) == {"none", "read back"}
    assert found["cost"]["energy_j"] == pytest.approx(sum(p["energy_j"] for p in found["cost"]["parts"].values()))


def test_options_of_other_cases_are_refused():
    for arguments in (["crossbar-readout", "--level", "circuit"], ["sfq-xor", "--quick"]):
        done = CliRunner().invoke(app, ["run", *arguments])
        assert done.exit_code != 0
    assert find_case("crossbar-readout") is CASE
    with pytest.raises(DescriptionError, match="neurosim run crossbar-readout"):
        load_case("crossbar-readout")


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def absent(name, *arguments, **options):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(EngineError, match=r"neurofluxon\[learn\]"):
        train()
