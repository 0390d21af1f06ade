"""Waveforms against their formulas, and what they refuse."""

from math import pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spice_models.constants import FLUX_QUANTUM
from spice_models.errors import DescriptionError
from spice_models.waveforms import DC, PWL, Exponential, Noise, Pulse, Sine, bias_ramp, sfq_pulses, trapezoids

PS = 1e-12
TRAIN = Pulse(low=-1.0, high=3.0, delay=10 * PS, rise=2 * PS, fall=4 * PS, width=6 * PS, period=20 * PS)
WAVEFORMS = [
    DC(2.0),
    PWL((0, PS, 3 * PS), (1.0, 2.0, -1.0)),
    TRAIN,
    Sine(offset=1.0, amplitude=2.0, frequency=1e11, delay=3 * PS),
    Exponential(first=1.0, second=3.0, delay=5 * PS, rise=2 * PS, back=20 * PS, fall=4 * PS),
]


@pytest.mark.parametrize("waveform", WAVEFORMS, ids=lambda w: type(w).__name__)
def test_scaling_multiplies_every_value(waveform):
    times = np.linspace(0, 100 * PS, 313)
    np.testing.assert_allclose(waveform.scaled(-2.5).at(times), -2.5 * waveform.at(times), rtol=1e-12)
    assert waveform.scaled(1.0) == waveform
    assert np.shape(waveform.at(5 * PS)) == ()
    assert waveform.at(times[:, None]).shape == (313, 1)


@pytest.mark.parametrize(
    ("time", "value"), [(0, -1), (10, -1), (11, 1), (12, 3), (18, 3), (20, 1), (22, -1), (30, -1), (31, 1), (92, 3)]
)
def test_a_pulse_repeats(time, value):
    assert TRAIN.at(time * PS) == pytest.approx(value)


def test_a_pulse_without_a_period_comes_once():
    once = Pulse(high=1.0, rise=PS, fall=PS, width=0.0)
    assert once.at([0.5 * PS, PS, 1.5 * PS, 2 * PS, PS * 1000]).tolist() == pytest.approx([0.5, 1.0, 0.5, 0.0, 0.0])


def test_a_sine_starts_at_its_delay():
    wave = WAVEFORMS[3]
    assert wave.at(2 * PS) == 1.0
    assert wave.at(5 * PS) == pytest.approx(1.0 + 2.0 * sin(2 * pi * 0.2))


def test_piecewise_linear_holds_its_first_and_last_value():
    wave = PWL((1.0, 2.0), (5.0, 7.0))
    assert wave.at([0.0, 1.5, 9.0]).tolist() == [5.0, 6.0, 7.0]
    assert bias_ramp(4.0, 2.0).at([0.0, 1.0, 2.0, 3.0]).tolist() == [0.0, 2.0, 4.0, 4.0]


@given(st.lists(st.floats(10, 60), min_size=1, max_size=8), st.floats(1, 9.9))
def test_an_sfq_pulse_carries_one_flux_quantum(gaps, width):
    peaks = np.cumsum(gaps)
    wave = sfq_pulses([20 * PS + 2 * t * PS for t in peaks], width=width * PS)
    area = np.trapezoid(wave.values, wave.times)
    assert area == pytest.approx(len(gaps) * FLUX_QUANTUM, rel=1e-9)
    assert wave.at(20 * PS + 2 * peaks[0] * PS) == pytest.approx(FLUX_QUANTUM / (width * PS))
    assert wave.at(20 * PS + 2 * peaks[0] * PS + 0.5 * width * PS) == pytest.approx(FLUX_QUANTUM / (width * PS) / 2)


def test_trapezoids_start_in_any_order_and_return_to_low():
    wave = trapezoids([5.0, 1.0], high=2.0, rise=1.0, width=1.0, fall=1.0, low=0.5)
    assert wave.at([0.0, 1.5, 2.5, 3.5, 4.5, 6.5, 8.0]).tolist() == [0.5, 1.25, 2.0, 1.25, 0.5, 2.0, 0.5]
    assert trapezoids([], high=1.0, rise=1.0, width=1.0, fall=1.0) == PWL((0.0,), (0.0,))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DC(float("inf")), "dc value must hold finite numbers only"),
        (lambda: PWL((), ()), "pwl needs as many times as values: 0 and 0"),
        (lambda: PWL((0, 1), (0,)), "as many times as values: 2 and 1"),
        (lambda: PWL((0, 2, 2, 3), (0, 1, 2, 3)), "must increase from point to point, but 2 s does not"),
        (lambda: PWL((0, 1), (0, float("nan"))), "finite"),
        (lambda: Pulse(high=1.0, rise=0.0, fall=1.0, width=1.0), "positive rise and fall time"),
        (lambda: Pulse(high=1.0, rise=1.0, fall=1.0, width=1.0, period=2.0), "at least rise"),
        (lambda: Sine(amplitude=1.0, frequency=0.0), r"frequency of a sine must be positive \[Hz\], got 0"),
        (lambda: sfq_pulses([20 * PS, 27 * PS]), "start at 1.6e-11 s and 2.3e-11 s overlap: each is 8e-12 s long"),
        (lambda: sfq_pulses([4 * PS]), "start at 0 s: pulses must start after time zero"),
    ],
)
def test_waveforms_that_make_no_sense_are_refused(build, message):
    with pytest.raises(DescriptionError, match=message):
        build()


@pytest.mark.parametrize("ratio", [0.25, 1.0, 5.0])
def test_noise_has_the_density_that_it_is_given_at_any_step(ratio):
    step, amplitude, count = 1e-13, 3e-12, 2**18
    noise = Noise(amplitude=amplitude, interval=ratio * step, delay=2 * step)
    drawn = noise.drawn(np.random.default_rng(3), duration=(count + 2) * step, step=step)
    values = drawn.at((np.arange(count + 2) + 0.5) * step)
    assert np.all(values[:2] == 0)
    power = np.abs(np.fft.rfft(values[2:])) ** 2 * 2 * step / count
    frequency = np.fft.rfftfreq(count, step)
    low = frequency < 0.05 / max(step, noise.interval)
    # The mean of n exponentially distributed powers has a relative deviation of 1 / sqrt(n).
    assert np.mean(power[low][1:]) == pytest.approx(amplitude**2, rel=5 / np.sqrt(np.sum(low)) + 0.005)


def test_noise_is_the_same_from_the_same_seed_and_unknown_before_it_is_drawn():
    noise = Noise(amplitude=1e-12, interval=1e-13, delay=1e-12)
    first, again, other = (
        noise.drawn(np.random.default_rng(seed), duration=1e-10, step=1e-13).values for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.all(noise.at([0.0, 1e-12]) == 0)
    with pytest.raises(DescriptionError, match="takes a seed"):
        noise.at([2e-12])
    with pytest.raises(DescriptionError, match="positive interval"):
        Noise(amplitude=1e-12, interval=0.0)
