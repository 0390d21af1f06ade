"""What the doctor says of simulators that are missing or are none, and of the compiled engine."""

import re
import subprocess
import sys

import pytest
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


@pytest.mark.parametrize(
    ("look", "module"),
    [
        (doctor.compiled_engine, "spice_models.engines.native.warm"),
        (doctor.compiled_discrete_engine, "neurosim.engines.vectorised.warm"),
        (doctor.compiled_crossbar, "hardware.rram.array.warm"),
    ],
)
def test_an_engine_that_is_not_compiled_yet_comes_with_what_compiles_it(tmp_path, monkeypatch, look, module):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    finding = look()
    assert (finding.state, finding.fatal) == ("missing", False)
    assert str(tmp_path) in finding.detail
    assert finding.remedy.endswith(f"-m {module}")


def test_the_discrete_engine_says_that_it_compiles_and_is_found_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    command = [
        sys.executable,
        "-c",
        "from neurosim.engines.vectorised.warm import CODE, use; print(CODE.compile_ahead(use) > 0)",
    ]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    assert (first.stdout, "compiling the engine discrete: once" in first.stderr) == ("True\n", True)
    assert (second.stdout, second.stderr) == ("False\n", "")
    assert doctor.compiled_discrete_engine().state == "ok"
