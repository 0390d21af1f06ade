"""Simulators that lie, hang or break off: an error that says so, and nothing left running."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spice_models.circuit import Circuit
from spice_models.engines import transient, why_unavailable
from spice_models.engines.process import scratch_folder
from spice_models.errors import EngineError
from spice_models.waveforms import bias_ramp

SLEEP = shutil.which("sleep") or "sleep"
needs_ngspice = pytest.mark.skipif(why_unavailable("ngspice") is not None, reason=str(why_unavailable("ngspice")))
needs_library = pytest.mark.skipif(
    why_unavailable("ngspice-shared") is not None, reason=str(why_unavailable("ngspice-shared"))
)


def small(junctions=1):
    circuit = Circuit("small")
    for k in range(junctions):
        circuit.junction(f"q{k}", f"a{k}", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
        circuit.current(f"i{k}", "0", f"a{k}", bias_ramp(2e-4))
    return circuit


@pytest.fixture
def fake_program(tmp_path, monkeypatch):
    """Put a shell script on PATH under the name of a simulator."""

    def install(script, name="ngspice"):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")

    return install


def alive(process_id):
    """Whether a process runs; one that has died and is not yet collected does not."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(process_id, deadline=5.0):
    """Whether a process ends soon: a kill takes a moment on a busy machine."""
    end = time.monotonic() + deadline
    while alive(process_id) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(process_id)


def written_by(path, deadline=20.0):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if path.exists() and path.read_text(encoding="ascii").strip():
            return int(path.read_text(encoding="ascii"))
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def raw(points, present, last=1e-11):
    header = (
        f"Title: x\\nPlotname: Transient Analysis\\nFlags: real\\nNo. Variables: 2\\nNo. Points: {points}\\n"
        "Variables:\\n\\t0\\ttime\\ttime\\n\\t1\\tv(phase_q0)\\tvoltage\\nValues:\\n"
    )
    rows = "".join(f" {k}\\t{last * k / max(present - 1, 1)}\\n\\t0.5\\n" for k in range(present))
    return f"printf '{header}{rows}' > result.raw"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo hello", "ngspice wrote no result: hello"),
        ("echo garbage > result.raw", "not a SPICE raw file"),
        (raw(100, 40), "cut off: 40 of 100 points"),
        (raw(50, 50, last=5e-12), "stopped at 5e-12 s of 1e-11 s"),
        (raw(1, 1), "returned 1 usable time points"),
        (raw(50, 50).replace("0.5", "nan"), r"phase\(q0\) that are not finite"),
        (raw(50, 50) + "; echo 'Warning: singular matrix: check node a0'", "complained: .*singular matrix"),
        ("echo oh dear; exit 3", "status 3: oh dear"),
        ("kill -9 $$", "ended with status -9"),
    ],
)
def test_results_that_cannot_be_trusted(fake_program, script, message):
    fake_program(script)
    with pytest.raises(EngineError, match=message):
        transient(small(), duration=1e-11, engine="ngspice")


def test_a_good_result_of_the_same_script_is_taken(fake_program):
    fake_program(raw(50, 50))
    traces = transient(small(), duration=1e-11, engine="ngspice")
    assert traces.values.shape == (1, 101)
    assert traces["phase(q0)"][50] == pytest.approx(0.5)


def test_a_hang_is_killed_with_everything_it_started(fake_program, tmp_path):
    fake_program(f"{SLEEP} 60 & echo $! > {tmp_path}/pid; wait")
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"stopped after 0\.5 s: raise timeout"):
        transient(small(), duration=1e-11, engine="ngspice", timeout=0.5)
    assert time.monotonic() - start < 10
    assert gone(written_by(tmp_path / "pid"))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_leaves_no_process(fake_program, tmp_path):
    fake_program(f"{SLEEP} 60 & echo $! > {tmp_path}/pid; wait")
    code = (
        "from spice_models.circuit import Circuit; from spice_models.engines import transient\n"
        "c = Circuit('c'); c.resistor('r', 'a', '0', 1.0)\n"
        "transient(c, duration=1e-11, record=['voltage(a)'], engine='ngspice')"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        sleeper = written_by(tmp_path / "pid")
        assert alive(sleeper)
        caller.send_signal(signal.SIGINT)
        caller.wait(20)
        assert gone(sleeper)
    finally:
        caller.kill()
        caller.wait()


@pytest.mark.ngspice
@needs_ngspice
def test_the_time_reached_is_named_at_the_deadline():
    with pytest.raises(EngineError, match=r"stopped after 1 s at \S+ s of 1e-05 s"):
        transient(small(4), duration=1e-5, engine="ngspice", timeout=1.0)


@pytest.mark.ngspice
@pytest.mark.parametrize(
    "name", [pytest.param("ngspice", marks=needs_ngspice), pytest.param("ngspice-shared", marks=needs_library)]
)
def test_neither_a_missing_home_nor_start_up_files_matter(monkeypatch, tmp_path, name):
    marker = tmp_path / "was_here"
    (tmp_path / ".spiceinit").write_text(f"shell touch {marker}\n", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = transient(small(), duration=1e-11, engine=name).values
    monkeypatch.delenv("HOME")
    assert (transient(small(), duration=1e-11, engine=name).values == expected).all()
    assert not marker.exists()


@pytest.mark.ngspice
@needs_library
def test_the_shared_library_is_stopped_at_the_deadline():
    with pytest.raises(EngineError, match=r"shared library\) was stopped after 2 s"):
        transient(small(4), duration=1e-5, engine="ngspice-shared", timeout=2.0)


def test_a_library_that_cannot_be_loaded_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(tmp_path / "none.so"))
    with pytest.raises(EngineError, match="apt install ngspice libngspice0-dev"):
        transient(small(), duration=1e-11, engine="ngspice-shared")


def test_josim_complaints_and_missing_columns(fake_program):
    fake_program("echo 'E: Unknown device'; exit 255", "josim-cli")
    with pytest.raises(EngineError, match="E: Unknown device"):
        transient(small(), duration=1e-11, engine="josim")
    fake_program("printf 'time,x\\n0,0\\n1,1\\n' > result.csv", "josim-cli")
    with pytest.raises(EngineError, match=r"no column \"?P\(BQ0\)"):
        transient(small(), duration=1e-11, engine="josim")
    fake_program("printf 'time,x\\n0\\n1,1\\n' > result.csv", "josim-cli")
    with pytest.raises(EngineError, match="cannot read the result of JoSIM"):
        transient(small(), duration=1e-11, engine="josim")


def test_scratch_folders_are_removed():
    with scratch_folder() as folder:
        (folder / "x").write_text("x", encoding="ascii")
    assert not folder.exists()
