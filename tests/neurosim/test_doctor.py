"""What the doctor says of simulators that are missing or are none, and of the compiled engine."""

import re

from typer.testing import CliRunner

from neurosim import cli, doctor


def test_without_simulators_all_is_in_order(monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = CliRunner().invoke(cli.app, ["doctor", "--quick"])
    assert done.exit_code == 0, done.output
    assert re.search(r"^ngspice +optional +not on the path", done.stdout, re.MULTILINE)


def test_a_program_of_that_name_that_is_no_simulator_is_broken(tmp_path, monkeypatch):
    for name in ("ngspice", "josim-cli"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho hello\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for finding in (doctor.ngspice_program(), doctor.josim()):
        assert (finding.state, finding.fatal) == ("broken", False)
        assert "does not tell a version" in finding.detail


def test_an_engine_that_is_not_compiled_yet_comes_with_what_compiles_it(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    finding = doctor.compiled_engine()
    assert (finding.state, finding.fatal) == ("missing", False)
    assert str(tmp_path) in finding.detail
    assert finding.remedy.endswith("-m spice_models.engines.native.warm")
