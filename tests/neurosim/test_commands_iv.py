"""``neurosim iv``: what it prints, writes and refuses."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from neurosim import cli
from neurosim.output_files import check_writable, write_whole
from neurosim.studies.iv import IV_FLUXES, MODULATION_BIASES
from spice_models.errors import OutputError

PICTURES = {"junction_iv.png", "squid_iv.png", "squid_modulation.png"}
PNG = b"\x89PNG\r\n\x1a\n"


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["iv", *map(str, arguments)])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iv")
    result = invoke("--out", folder / "pictures", "--json", folder / "iv.json", "--beta-c", 0.01, "--beta-c", 4)
    assert result.exit_code == 0, result.output
    return result, folder


def test_pictures_are_drawn(done):
    result, folder = done
    assert {path.name for path in (folder / "pictures").iterdir()} == PICTURES
    for name in PICTURES:
        assert (folder / "pictures" / name).read_bytes().startswith(PNG)
        assert name in result.stdout.replace("\n", "")


def test_numbers_are_those_of_the_closed_forms(done):
    data = json.loads((done[1] / "iv.json").read_text())
    overdamped, underdamped = data["junctions"]
    ic, resistance = data["critical_current_a"], overdamped["resistance_ohm"]
    current, voltage = np.array(overdamped["current_a"]), np.array(overdamped["voltage_up_v"])
    above = current > 1.01 * ic
    np.testing.assert_allclose(voltage[above], resistance * np.sqrt(current[above] ** 2 - ic**2), rtol=3e-3)
    assert not voltage[current < ic].any()
    assert underdamped["retrapping_current_a"] < 0.7 * ic < underdamped["switching_current_a"]
    squid = data["squid"]
    assert np.shape(squid["iv"]["voltage_v"]) == (len(IV_FLUXES), len(squid["iv"]["current_a"]))
    assert np.shape(squid["modulation"]["voltage_v"]) == (len(MODULATION_BIASES), len(squid["modulation"]["flux_phi0"]))
    assert squid["modulation"]["repeat_error"] < 1e-3
    assert squid["maximum_supercurrent_a"]["0"] == pytest.approx(2 * ic, rel=2e-3)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [("--critical-current", 0, "critical current must be positive"), ("--beta-c", -1, "beta_c must be positive")],
)
def test_values_that_make_no_sense_are_refused(tmp_path, option, value, message):
    result = invoke("--out", tmp_path / "pictures", option, value)
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert message in result.stderr


def test_an_unwritable_folder_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("neurosim.studies.iv.iv_study", lambda **_: pytest.fail("it ran"))
    (tmp_path / "file").write_text("in the way")
    result = invoke("--out", tmp_path / "file" / "pictures")
    assert result.exit_code == 1
    assert "choose a folder that you may write to" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_appears_whole_and_with_its_folder(tmp_path):
    target = tmp_path / "new" / "a.txt"
    check_writable(target, None)
    assert not target.parent.exists()
    assert write_whole(target, "text").read_text() == "text"
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]
    with pytest.raises(OutputError, match="it is a folder"):
        check_writable(tmp_path)
