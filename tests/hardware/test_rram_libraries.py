"""The subcircuits of resistive cells: the same parameters as in Python, and the same loops in ngspice."""

import importlib.util
import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from hardware.rram.device import VTEAM, Filament, Yakopcic
from spice_models.cells.library import device_libraries

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "draw_hysteresis.py"
OWN = {"initial", "edge"}
NAMES = {"floor": "lowest"}  # floor is a function in ngspice
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
]


@pytest.mark.parametrize("model", [VTEAM(), Yakopcic(), Filament()], ids=lambda model: type(model).__name__)
def test_a_subcircuit_has_the_parameters_of_the_model(model):
    text = device_libraries()[f"rram_{type(model).__name__.lower()}"].read_text(encoding="ascii")
    head = re.search(r"^\.subckt (.*\n(?:\+.*\n)*)", text, flags=re.M)[1].replace("\n+", "")
    assert head.split()[:4] == [f"rram_{type(model).__name__.lower()}", "top", "bottom", "state"]
    values = {name: float(value) for name, value in re.findall(r"(\w+)=(\S+)", head)}
    expected = {NAMES.get(f.name, f.name): float(getattr(model, f.name)) for f in fields(model)}
    assert {name: value for name, value in values.items() if name not in OWN} == expected
    comments = "".join(line for line in text.splitlines(keepends=True) if line.startswith("*"))
    assert all(re.search(rf"\b{name}\b", comments) for name in values)


@pytest.mark.ngspice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="the ngspice program is not installed")
@pytest.mark.parametrize("drive", DRIVES, ids=lambda d: f"{d.library}-{d.amplitude:g}V")
def test_loops_are_those_of_python(drive):
    times, currents, states = hysteresis.in_ngspice(drive)
    expected, exact = hysteresis.in_python(drive, times)
    assert times[-1] == pytest.approx(drive.stop, rel=1e-6)
    assert np.ptp(exact) > 0.2
    assert states.min() >= -2e-3
    assert states.max() <= 1 + 2e-3
    assert np.max(np.abs(currents - expected)) < 0.01 * np.max(np.abs(expected))
    switched = hysteresis.crossings(times, exact)
    assert len(switched) >= 3
    np.testing.assert_allclose(hysteresis.crossings(times, states), switched, rtol=0.01)
