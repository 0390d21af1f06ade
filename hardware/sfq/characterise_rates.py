"""Measure a synapse and a neuron in operation: output rate, refractory time and energy; circuit and pulse model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.characteristics import Characteristics
from hardware.sfq.neuron_shape import Shape
from hardware.sfq.pulse_circuit import PulseCircuit, PulseRun
from hardware.sfq.pulse_models import pulse_model
from spice_models.analysis.energy import bias_energy, bias_records
from spice_models.cells.sfq_neuron import sfq_neuron
from spice_models.cells.sfq_synapse import sfq_synapse
from spice_models.cells.testbench import Bench, bench
from spice_models.circuit import Circuit, SubCircuit
from spice_models.elements import CurrentSource
from spice_models.engines.native import run, transient_batch

Floats = NDArray[np.float64]
START = 60e-12  # first pulse [s], after the bias ramps
SETTLE = 250e-12  # time given to the last answer [s]
LEAST_PULSES = 8
OBSERVED = 3e-9  # length of a train of input pulses, at least [s; chosen]
RATES = (1e9, 2e9, 3e9, 4e9, 5e9, 6e9, 7e9, 8e9, 9e9, 10e9, 11e9, 12e9)
"""Input rates [1/s]; the synapse keeps its count up to about eight thousand million a second."""
CLOSEST, FARTHEST = 18e-12, 258e-12  # intervals of a pair of pulses; a driver takes no closer ones [s]
COARSE, FINE = 8e-12, 0.5e-12
NEURON_OUTPUT = "cell.neuron.BO2"


@dataclass(frozen=True, kw_only=True)
class Pathway:
    """A synapse into a neuron of one input.

    Parameters
    ----------
    level : int
        Pulses that the synapse sends for each one that enters.
    threshold : float
        Of the neuron, in pulse equivalents.
    characteristics : Characteristics
        Measurements from which the tuning currents and the pulse-level model follow.
    """

    level: int
    threshold: float
    characteristics: Characteristics

    @property
    def refractory(self) -> bool:
        """Whether the neuron has its refractory branch: as in a placed network, where a synapse sends several."""
        return self.level > 1

    @property
    def weight_current(self) -> float:
        """Weight current of the synapse [A]."""
        return self.characteristics.weight_current(self.level)

    @property
    def threshold_current(self) -> float:
        """Threshold current of the neuron [A]."""
        return self.characteristics.threshold_current(
            excitatory=1, inhibitory=0, threshold=self.threshold, refractory=self.refractory
        )

    def bench(self, times: Sequence[float]) -> Bench:
        """Return the circuit, with current pulses into its driver at ``times`` [s]."""
        cell = SubCircuit("pathway", ("input", "output"))
        cell.instance("synapse", sfq_synapse(weight_current=self.weight_current), input="input", output="joint")
        neuron = sfq_neuron(excitatory=1, threshold_current=self.threshold_current, refractory=self.refractory)
        cell.instance("neuron", neuron, exc_1="joint", output="output")
        return bench(cell, {"input": times})

    def pulse_run(self, times: Sequence[float], until: float) -> PulseRun:
        """Run the pulse-level model: nets ``input``, ``joint`` and ``output``, cells ``synapse`` and ``neuron``."""
        neuron = {
            "excitatory": 1,
            "threshold_current": self.threshold_current,
            "refractory": self.refractory,
        }
        circuit = PulseCircuit(
            {
                "synapse": (
                    pulse_model("sfq_synapse", {"weight_current": self.weight_current}, self.characteristics),
                    {"input": "input", "output": "joint"},
                ),
                "neuron": (
                    pulse_model("sfq_neuron", neuron, self.characteristics),
                    {"exc_1": "joint", "output": "output"},
                ),
            }
        )
        return circuit.run({"input": times}, until=until)


@dataclass(frozen=True, kw_only=True, eq=False)
class RateCurve:
    """Output rate against input rate of one `Pathway` [1/s], at the circuit level and of the pulse-level model."""

    level: int
    threshold: float
    refractory: bool
    input_rates: Floats
    circuit: Floats
    model: Floats


def measure_rates(pathway: Pathway, rates: Sequence[float] = RATES) -> RateCurve:
    """Answer of a pathway to regular trains of at least 3 ns: output pulses over input pulses, times the rate.

    Parameters
    ----------
    pathway : Pathway
    rates : sequence of float
        Input rates [1/s], below those of pulses 18 ps apart.
    """
    circuit, model = [], []
    for rate in rates:
        count = max(LEAST_PULSES, round(OBSERVED * rate))
        times = [START + k / rate for k in range(count)]
        table = pathway.bench(times)
        duration = times[-1] + SETTLE
        batch = transient_batch(table.circuit, duration=duration)
        entered = batch.pulses(table.inputs["input"])
        circuit.append(rate * len(batch.pulses(NEURON_OUTPUT)) / count)
        model.append(rate * len(pathway.pulse_run(entered.tolist(), duration).pulses.get("output", ())) / count)
    return RateCurve(
        level=pathway.level,
        threshold=pathway.threshold,
        refractory=pathway.refractory,
        input_rates=np.array(rates),
        circuit=np.array(circuit),
        model=np.array(model),
    )


@dataclass(frozen=True, kw_only=True)
class RefractoryTime:
    """Shortest interval [s] from which on the second of two pulses at one input is answered too; NaN above 258 ps."""

    threshold: float
    circuit: float
    model: float


def measure_refractory_time(
    shape: Shape, thresholds: Sequence[float], characteristics: Characteristics
) -> list[RefractoryTime]:
    """Refractory time of a neuron at some thresholds in pulse equivalents, of which one pulse reaches each.

    The pulses come straight from a driver, which takes no intervals below 18 ps: that is the least answer.
    """
    currents = np.array(
        [
            characteristics.threshold_current(
                excitatory=shape.excitatory, inhibitory=shape.inhibitory, threshold=t, refractory=shape.refractory
            )
            for t in thresholds
        ]
    )
    reference = 100e-6
    parameters = {"excitatory": shape.excitatory, "inhibitory": shape.inhibitory, "refractory": shape.refractory}
    cell = SubCircuit("alone", (neuron := sfq_neuron(threshold_current=reference, **parameters)).ports)  # type: ignore[arg-type]
    cell.instance("neuron", neuron, **{port: port for port in neuron.ports})
    idle: dict[str, list[float]] = {port: [] for port in neuron.ports if port != "output"}

    def answered(interval: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        table = bench(cell, idle | {"exc_1": [START, START + interval]})
        duration = START + interval + SETTLE
        scales = {"cell.neuron.IT": currents / reference}
        batch = transient_batch(table.circuit, duration=duration, scales=scales)
        entered = batch.pulses(table.inputs["exc_1"]).tolist()
        circuit = [len(batch.pulses(NEURON_OUTPUT, v)) == 2 for v in range(len(currents))]
        model = []
        for current in currents:
            one = pulse_model("sfq_neuron", {**parameters, "threshold_current": float(current)}, characteristics)
            alone = PulseCircuit({"neuron": (one, {port: port for port in neuron.ports})})
            model.append(len(alone.run({"exc_1": entered}, until=duration).pulses.get("output", ())) == 2)
        return np.array(circuit), np.array(model)

    coarse = np.arange(CLOSEST, FARTHEST + COARSE / 2, COARSE).tolist()
    tables = np.array([answered(interval) for interval in coarse])
    found = np.full(tables.shape[1:], np.nan)
    for k, v in np.ndindex(found.shape):
        silent = np.flatnonzero(~tables[:, k, v])
        first = int(silent[-1]) + 1 if len(silent) else 0
        if first == 0:
            found[k, v] = CLOSEST
        elif first < len(coarse):
            low, high = coarse[first - 1], coarse[first]
            while high - low > FINE:
                middle = 0.5 * (low + high)
                low, high = (low, middle) if answered(middle)[k][v] else (middle, high)
            found[k, v] = high
    return [
        RefractoryTime(threshold=t, circuit=float(found[0, v]), model=float(found[1, v]))
        for v, t in enumerate(thresholds)
    ]


@dataclass(frozen=True, kw_only=True)
class PulseEnergy:
    """Energy [J] from the bias sources of a pathway's cells for one pulse in, at the circuit level and of the model."""

    level: int
    spikes: int
    synapse: float
    synapse_model: float
    neuron: float
    neuron_model: float


def measure_energy(pathway: Pathway) -> PulseEnergy:
    """Work of each cell's bias and tuning sources from before one input pulse until all has settled."""
    table = pathway.bench([START])
    traces = run(
        table.circuit,
        duration=START + 2 * SETTLE,
        record=[*bias_records(table.circuit), f"phase({NEURON_OUTPUT})"],
        every=2,
    )
    entered = transient_batch(table.circuit, duration=START + 2 * SETTLE).pulses(table.inputs["input"])
    model = pathway.pulse_run(entered.tolist(), START + 2 * SETTLE)
    phase = traces[f"phase({NEURON_OUTPUT})"]
    before = int(np.searchsorted(traces.times, START - 10e-12))
    synapse, neuron = (
        bias_energy(traces, _sources_of(table.circuit, f"cell.{name}."), start=START - 10e-12)
        for name in ("synapse", "neuron")
    )
    return PulseEnergy(
        level=pathway.level,
        spikes=round(float(phase[-1] - phase[before]) / (2 * np.pi)),
        synapse=synapse,
        synapse_model=model.energy["synapse"],
        neuron=neuron,
        neuron_model=model.energy["neuron"],
    )


def _sources_of(circuit: Circuit, prefix: str) -> Circuit:
    part = Circuit("sources")
    for element in circuit:
        if isinstance(element, CurrentSource) and element.name.startswith(prefix):
            part.add(element)
    return part
