"""Measure the cells of rate-coded networks again, and write what their pulse-level models are made of."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hardware.sfq.measure_rate_neuron import measure_rate_neuron
from hardware.sfq.measure_synapse import measure_law
from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE, stochastic_path
from spice_models.atomic import write_text

TEMPERATURES = (1.0, 2.0, 4.2, 6.0, 10.0)
RATES = (5e9, 10e9, 20e9, 30e9, 40e9)
RATE = 20e9
"""Temperatures [K], rates [Hz], and the rate of the laws against temperature [chosen]."""


def measure_stochastic(
    *, pulses: int = 40, copies: int = 16, seed: int = 0, report: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """Measure synapse and rate neuron at the circuit level (native engine, with noise); about a minute.

    Parameters
    ----------
    pulses, copies : int
        Pulses of each train, and trains at each current.
    seed : int
        Of the noise.
    report : callable
        Told what comes next.
    """
    fits, counts, delays = [], [], []
    for k, temperature in enumerate(TEMPERATURES):
        report(f"stochastic synapse at {temperature:g} K")
        fit, points, delay = measure_law(temperature, rate=RATE, pulses=pulses, copies=copies, seed=seed + k)
        fits.append(fit)
        counts.append(points)
        delays.append(delay)
    by_rate = []
    for k, rate in enumerate(RATES):
        report(f"stochastic synapse at {rate * 1e-9:g} GHz")
        by_rate.append(
            measure_law(NOMINAL_TEMPERATURE, rate=rate, pulses=pulses, copies=copies, seed=seed + 100 + k)[0]
        )
    report("rate neuron")
    neuron = measure_rate_neuron(TEMPERATURES, seed=seed)
    plain = {f.name: getattr(neuron, f.name) for f in dataclasses.fields(neuron) if f.name != "threshold"}
    return {
        "synapse": {
            "rate": RATE,
            "temperatures": list(TEMPERATURES),
            "midpoints": [fit.law.midpoint for fit in fits],
            "gray_zones": [fit.law.gray_zone for fit in fits],
            "midpoint_errors": [fit.midpoint_error for fit in fits],
            "gray_zone_errors": [fit.gray_zone_error for fit in fits],
            "deviances": [fit.deviance for fit in fits],
            "degrees": [fit.degrees for fit in fits],
            "by_rate": {
                "rates": list(RATES),
                "midpoints": [fit.law.midpoint for fit in by_rate],
                "gray_zones": [fit.law.gray_zone for fit in by_rate],
                "midpoint_errors": [fit.midpoint_error for fit in by_rate],
                "gray_zone_errors": [fit.gray_zone_error for fit in by_rate],
            },
            "delay": float(np.median(delays)),
            "counts": counts,
        },
        "neuron": {
            "temperatures": neuron.threshold.temperatures.tolist(),
            "midpoints": neuron.threshold.midpoints.tolist(),
            "gray_zones": neuron.threshold.gray_zones.tolist(),
            **plain,
        },
    }


def write_stochastic(measured: dict[str, Any], path: Path | None = None) -> Path:
    """Write measurements as JSON, to the shipped file by default; floats to four digits."""
    target = path or stochastic_path()
    write_text(target, json.dumps(_rounded(measured), indent=1) + "\n")
    return target


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
