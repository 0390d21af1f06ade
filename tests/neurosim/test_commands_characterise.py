"""``neurosim characterise``: what it prints, writes and refuses."""

import json

import pytest
from typer.testing import CliRunner

from hardware.sfq import characterise as measurements
from hardware.sfq.characteristics import data_path
from neurosim import cli
from neurosim.studies import characterise as characterise_study

PNG = b"\x89PNG\r\n\x1a\n"


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["characterise", *map(str, arguments)])


@pytest.fixture
def quick(monkeypatch):
    """Leave most circuit runs of the neuron out."""
    monkeypatch.setattr(characterise_study, "RATE_PATHWAYS", ((1, 0.8),))
    monkeypatch.setattr(characterise_study, "REFRACTORY_THRESHOLDS", (0.5,))


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """Put a copy in the place of the shipped file, and what it holds in the place of new measurements."""
    asked = []
    data = json.loads(data_path().read_text())
    copy = tmp_path / "shipped" / "characteristics.json"
    copy.parent.mkdir()
    copy.write_text("{}")

    def measure(*, fan_in, progress):
        asked.append(fan_in)
        assert list(progress([1, 2])) == [1, 2]
        return data

    monkeypatch.setattr(measurements, "characterise", measure)
    monkeypatch.setattr(measurements, "data_path", lambda: copy)
    return asked, copy, data


def check_pictures(folder, names, output):
    assert {path.name for path in folder.iterdir()} == names
    for name in names:
        assert (folder / name).read_bytes().startswith(PNG)
        assert name in output.replace("\n", "")


def test_the_synapse(tmp_path):
    result = invoke("sfq-synapse", "--out", tmp_path / "pictures", "--json", tmp_path / "synapse.json")
    assert result.exit_code == 0, result.output
    assert "pulses out" in result.stdout
    assert "[aJ]" in result.stdout
    check_pictures(tmp_path / "pictures", {"synapse_steps.png", "synapse_strength.png"}, result.stdout)
    data = json.loads((tmp_path / "synapse.json").read_text())
    levels = data["levels"]
    assert [level["level"] for level in levels] == [-1, 0, 1, 2, 3]
    shifts = [level["threshold_shift_a"] for level in levels]
    assert shifts == sorted(shifts)
    assert [len(level["delays_s"]) for level in levels] == [1, 0, 1, 2, 3]
    assert levels[1]["energy_j"] is None
    assert levels[2]["energy_j"] < levels[3]["energy_j"] < levels[4]["energy_j"]


def test_the_neuron(tmp_path, quick):
    result = invoke("sfq-neuron", "--fan-in", 2, "--out", tmp_path / "pictures", "--json", "-")
    assert result.exit_code == 0, result.output
    assert "refractory time [ps]" in result.stderr
    names = {f"neuron_{what}.png" for what in ("threshold", "delay", "inhibition", "rate")}
    check_pictures(tmp_path / "pictures", names, result.stderr)
    data = json.loads(result.stdout)
    assert {shape["shape"] for shape in data["shapes"]} == {
        f"{shape}{branch}" for shape in ("1,0", "2,0", "1,1") for branch in ("", ",refractory")
    }
    assert all(law["b_s"] > 0 for shape in data["shapes"] for law in shape["delay_laws"])
    assert data["rates"][0]["output_rate_circuit_hz"][0] == pytest.approx(data["rates"][0]["input_rate_hz"][0])
    assert data["energy_per_spike"][0]["spikes"] == 1


def test_measuring_again_leaves_what_is_shipped_alone(tmp_path, quick, shipped):
    asked, copy, _ = shipped
    result = invoke("sfq-neuron", "--measure", "--fan-in", 2, "--out", tmp_path / "pictures")
    assert (result.exit_code, asked, copy.read_text()) == (0, [2], "{}"), result.output


def test_update_replaces_what_is_shipped(tmp_path, quick, shipped, monkeypatch):
    asked, copy, data = shipped
    # the reader looks the path up where it was imported
    monkeypatch.setattr("hardware.sfq.characteristics.data_path", lambda: copy)
    result = invoke("sfq-neuron", "--update", "--out", tmp_path / "pictures")
    assert (result.exit_code, asked) == (0, [measurements.FAN_IN]), result.output
    assert json.loads(copy.read_text()) == data


def test_update_never_drops_shapes(tmp_path, shipped):
    asked, copy, _ = shipped
    result = invoke("sfq-neuron", "--update", "--fan-in", 2, "--out", tmp_path / "pictures")
    assert (result.exit_code, asked, copy.read_text()) == (1, [], "{}")
    assert "would lose neurons" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sfq-neurn"], "Did you mean 'sfq-neuron'?"),
        (["sfq-neuron", "--fan-in", "8"], "--measure measures others"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path, arguments, message):
    result = invoke(*arguments, "--out", tmp_path / "pictures")
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert message in result.stderr.replace("\n", " ")


def test_an_unwritable_folder_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(characterise_study, "synapse_study", lambda *_: pytest.fail("it ran"))
    (tmp_path / "file").write_text("in the way")
    result = invoke("sfq-synapse", "--out", tmp_path / "file" / "pictures")
    assert result.exit_code == 1
    assert "choose a folder that you may write to" in result.stderr
