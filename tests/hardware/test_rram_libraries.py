"""The subcircuits of resistive cells: the same parameters as in Python, and the same loops in ngspice."""

import importlib.util
import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from hardware.rram.device import VTEAM, Filament, LinearCell, Yakopcic
from hardware.rram.netlists.cells import LIBRARIES, RENAMED
from spice_models.cells.library import device_libraries

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "draw_hysteresis.py"
OWN = {"initial", "edge"}
specification = importlib.util.spec_from_file_location("draw_hysteresis", SCRIPT)
hysteresis = importlib.util.module_from_spec(specification)
sys.modules["draw_hysteresis"] = hysteresis
specification.loader.exec_module(hysteresis)

DRIVES = [
    *hysteresis.DRIVES,
    hysteresis.Drive(
        library="rram_vteam", model=VTEAM(biolek=2), changed={"biolek": 2}, amplitude=0.4, frequency=1e6, initial=0.6
    ),
    hysteresis.Drive(
        library="rram_yakopcic",
        model=Yakopcic(polarity=-1, a2=0.05, negative_knee=0.2, floor=0.1),
        changed={"polarity": -1, "a2": 0.05, "negative_knee": 0.2, "lowest": 0.1},
        amplitude=0.4,
        frequency=50.0,
    ),
    hysteresis.Drive(library="rram_linear", model=LinearCell(), amplitude=1.2, frequency=2e6),
    # Without a resistor it sets within a fraction of a nanosecond, and reaches both limits of its gap.
    hysteresis.Drive(library="rram_filament", model=Filament(), amplitude=2.0, frequency=1e6),
    # It rests on the step of the smallest field while the voltage rises.
    hysteresis.Drive(library="rram_filament", model=Filament(), amplitude=2.4, frequency=1e5, series=500.0),
]


@pytest.mark.parametrize("kind", LIBRARIES, ids=lambda kind: kind.__name__)
def test_a_subcircuit_has_the_parameters_of_the_model(kind):
    model, library = kind(), LIBRARIES[kind]
    text = device_libraries()[library].read_text(encoding="ascii")
    head = re.search(r"^\.subckt (.*\n(?:\+.*\n)*)", text, flags=re.M)[1].replace("\n+", "")
    assert head.split()[:4] == [library, "top", "bottom", "state"]
    values = {name: float(value) for name, value in re.findall(r"(\w+)=(\S+)", head)}
    expected = {RENAMED.get(f.name, f.name): float(f.default) for f in fields(model) if f.name not in OWN}
    assert {name: value for name, value in values.items() if name not in OWN} == expected
    comments = "".join(line for line in text.splitlines(keepends=True) if line.startswith("*"))
    assert all(re.search(rf"\b{name}\b", comments) for name in values)


@pytest.mark.ngspice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="the ngspice program is not installed")
@pytest.mark.parametrize("drive", DRIVES, ids=lambda d: f"{d.library}-{d.amplitude:g}V-{d.series:g}ohm")
def test_loops_are_those_of_python(drive):
    times, currents, states = hysteresis.in_ngspice(drive)
    expected, exact = hysteresis.in_python(drive, times)
    assert times[-1] == pytest.approx(drive.stop, rel=1e-6)
    assert np.ptp(exact) > 0.2
    assert states.min() >= -1e-6
    assert states.max() <= 1 + 1e-6
    np.testing.assert_allclose(states, exact, atol=1e-3)
    assert np.max(np.abs(currents - expected)) < 2e-3 * np.max(np.abs(expected))
    switched = hysteresis.crossings(times, exact)
    assert len(switched) >= 1
    np.testing.assert_allclose(hysteresis.crossings(times, states), switched, rtol=1e-4)


@pytest.mark.ngspice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="the ngspice program is not installed")
def test_a_filament_closes_and_opens_its_gap_to_the_limits():
    drive = next(d for d in DRIVES if d.library == "rram_filament" and not d.series)
    times, _, states = hysteresis.in_ngspice(drive)
    assert states.max() == pytest.approx(1.0, abs=1e-6)
    assert states[times > times[np.argmax(states)]].min() == pytest.approx(0.0, abs=1e-6)
