from math import asin, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spice_models.analysis.pulses import count_pulses, detect_pulses, pulse_trains
from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.errors import DescriptionError
from spice_models.results import Traces

DT = 1e-13
WIDTH = 1e-12  # of a step [s]


def phase_of(steps, length=2000, rest=0.3):
    """Phase with a smooth 2 pi step of either sign at each (time, sign)."""
    times = DT * np.arange(length)
    return rest + sum(sign * (pi + 2 * np.arctan(np.sinh((times - t) / WIDTH))) for t, sign in steps)


def traces(**phases):
    names = tuple(f"phase({name})" for name in phases)
    return Traces(values=np.array(list(phases.values())), dt=DT, names=names, units=("rad",) * len(names))


def test_time_sign_and_area_of_clean_steps():
    found = detect_pulses(traces(q=phase_of([(5.003e-11, 1), (1.2e-10, 1)], rest=0.0)))
    assert [p.sign for p in found] == [1, 1]
    assert [p.time for p in found] == pytest.approx([5.003e-11, 1.2e-10], abs=1e-17)
    assert [p.area for p in found] == pytest.approx([FLUX_QUANTUM] * 2, rel=1e-6)


def test_energy_is_that_of_the_resistance():
    circuit = Circuit("one")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    (pulse,) = detect_pulses(traces(q=phase_of([(1e-10, 1)])), circuit)
    # phase' = 2 sech(t / w) / w, so the integral of V^2 / R is 8 / (w R) (Phi0 / 2 pi)^2.
    assert pulse.energy == pytest.approx(8 / (WIDTH * 7.0) * (FLUX_QUANTUM / (2 * pi)) ** 2, rel=2e-3)
    assert np.isnan(detect_pulses(traces(q=phase_of([(1e-10, 1)])))[0].energy)


def test_steps_down_are_told_apart():
    data = traces(q=phase_of([(5e-11, 1), (1e-10, -1), (1.5e-10, -1)]))
    assert [p.sign for p in detect_pulses(data)] == [1, -1, -1]
    assert count_pulses(data) == {"q": -1}
    assert pulse_trains(data).counts().tolist() == [1]
    assert [p.area / FLUX_QUANTUM for p in detect_pulses(data)] == pytest.approx([1, -1, -1], rel=1e-5)


def test_ringing_about_the_crossing_is_one_pulse():
    times = DT * np.arange(2000)
    ringing = 0.6 * np.sin(2 * pi * times / 3e-12) * np.exp(-(((times - 1e-10) / 6e-12) ** 2))
    rise = 2 * pi / (1 + np.exp(-(times - 1e-10) / 6e-12))
    data = traces(q=rise + ringing)
    crossings = np.count_nonzero(np.diff(np.signbit(data["phase(q)"] - pi)))
    assert crossings > 1
    assert [p.sign for p in detect_pulses(data)] == [1]


def test_a_biased_junction_at_rest_and_one_below_the_crossing_give_nothing():
    data = traces(rest=np.full(500, asin(0.95)), near=np.linspace(0, 3.0, 500))
    assert detect_pulses(data) == []
    assert count_pulses(data) == {"rest": 0, "near": 0}


def test_a_phase_that_starts_wound_up_counts_from_there():
    assert count_pulses(traces(q=phase_of([(1e-10, 1)], rest=6 * pi + 0.5))) == {"q": 1}


def test_trains_are_numbered_in_the_order_asked_for():
    data = traces(a=phase_of([(5e-11, 1)]), b=phase_of([(6e-11, 1), (1e-10, 1)]))
    trains = pulse_trains(data, ["b", "a"])
    assert trains.counts().tolist() == [2, 1]
    assert trains.duration == pytest.approx(1.999e-10)


def test_traces_without_phases_are_refused():
    data = Traces(values=np.zeros((1, 5)), dt=DT, names=("voltage(a)",), units=("V",))
    with pytest.raises(DescriptionError, match="record 'phase"):
        detect_pulses(data)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([-1, 1])), max_size=12), st.floats(-1.2, 1.2))
def test_the_net_count_is_the_winding(gaps_and_signs, rest):
    steps, time = [], 1.2e-11
    for gap, sign in gaps_and_signs:
        steps.append((time, sign))
        time += (12 + gap) * 1e-12
    data = traces(q=phase_of(steps, rest=rest))
    found = detect_pulses(data)
    assert [p.sign for p in found] == [sign for _, sign in steps]
    assert [p.time for p in found] == pytest.approx([t for t, _ in steps], abs=WIDTH)
    assert sum(p.area for p in found) == pytest.approx(sum(s for _, s in steps) * FLUX_QUANTUM, abs=0.02 * FLUX_QUANTUM)
