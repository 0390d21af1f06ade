"""Measure every cell again and write what the pulse-level models are made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hardware.sfq.characterise_cells import (
    converter_delay,
    measure_synapse,
    merger_dead_time,
    passing_delay,
)
from hardware.sfq.characterise_neuron import (
    Pair,
    measure_inhibition,
    measure_shape,
    shapes,
)
from hardware.sfq.characteristics import data_path, level_current
from spice_models.atomic import write_text

FAN_IN = 6
LINE_STAGES = 8


def characterise(
    *, fan_in: int = FAN_IN, progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None
) -> dict[str, Any]:
    """Measure all cells at the circuit level (native engine); a few minutes for neurons of up to six inputs.

    Parameters
    ----------
    fan_in : int
        Most inputs of a neuron.
    progress : callable, optional
        Wraps the list of neuron shapes, to show how far it is.
    """
    line = passing_delay("jtl", "input", "output", stages=LINE_STAGES)
    synapse = measure_synapse()
    pair = synapse_pair(synapse)
    todo = shapes(fan_in)
    neurons = {shape.key: measure_shape(shape, pair) for shape in (progress(todo) if progress else todo)}
    return {
        "driver_delay": converter_delay(),
        "line_delay": line / LINE_STAGES,
        "splitter_delay": passing_delay("splitter", "input", "output_1"),
        "merger_delay": passing_delay("merger", "input_1", "output"),
        "merger_dead_time": merger_dead_time(),
        "synapse": synapse,
        "neuron": {**measure_inhibition(), "shapes": neurons},
    }


def synapse_pair(synapse: Mapping[str, Any]) -> Pair:
    """Find the two pulses of a measured synapse in the middle of its second step."""
    current = level_current(synapse["steps"], 2)
    first, second = (np.interp(current, synapse["currents"][1], [d[k] for d in synapse["delays"][1]]) for k in (0, 1))
    return Pair(weight_current=current, gap=float(second - first))


def write(measured: dict[str, Any], path: Path | None = None) -> Path:
    """Write measurements as JSON, to the shipped file by default; [s] and [A] to four digits."""
    target = path or data_path()
    write_text(target, json.dumps(_rounded(measured), indent=1) + "\n")
    return target


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    if isinstance(value, float):
        return None if value != value else float(f"{value:.4g}")
    return value
