"""Energy of one operation of a memory on crossbars, and that of published content-addressable memories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.cost import ComponentCosts
from hardware.rram.layers.converters import ADC
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.layer import CrossbarLayer
from hardware.rram.layers.read_energy import ReadEnergy
from neurosim.cases.crossbar_recall_memory import OPERATIONS, StoredMemory
from neurosim.models.hippocampal_cam import INDEX, STORE
from neurosim.models.hippocampal_operations import Operation

FAST_READ = 10e-9
"""Time of a read in the second account [s; chosen]: arrays and drivers take a tenth of what they take in 100 ns."""

PARTS = {"array": "array", "drivers": "drivers", "adc": "comparators"}
"""What is counted, by the names of `hardware.cost` and here: a neuron is a comparator, a converter of one bit."""


@dataclass(frozen=True, kw_only=True)
class OperationEnergy:
    """Mean energy of one kind of query.

    Parameters
    ----------
    size : int
        Of the memory, cues and bits.
    query : str
        A name of `OPERATIONS`.
    read_time : float
        For which word lines are driven [s].
    parts : mapping of str to float
        Energy by part [J].
    """

    size: int
    query: str
    read_time: float
    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        """Of one operation [J]."""
        return sum(self.parts.values())

    @property
    def per_bit(self) -> float:
        """Over all stored bits, as such memories are compared [J]."""
        return self.total / self.size**2

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and strings."""
        return {
            "size": self.size,
            "query": self.query,
            "read_time_s": self.read_time,
            "parts_j": dict(self.parts),
            "energy_j": self.total,
            "energy_per_bit_j": self.per_bit,
        }


@dataclass(frozen=True, kw_only=True)
class Published:
    """A figure of a published memory.

    Parameters
    ----------
    what, technology, bits : str
        Cell, process and array.
    energy : str
        A bit and search [fJ], as published; empty where none was found.
    counted : str
        How it was got and for what.
    source : str
    """

    what: str
    technology: str
    bits: str
    energy: str
    counted: str
    source: str

    def to_dict(self) -> dict[str, str]:
        """Return it as strings."""
        return asdict(self)


QUOTED = "as quoted by others; the paper itself was not at hand"
"""Where a figure was found."""

FEFET_SUPPLEMENT = (
    "J. Chen et al., Low-power edge detection based on ferroelectric field-effect transistor, supplement, table S2"
)

PUBLISHED = (
    Published(
        what="RRAM TCAM, 3T1R1C, charge domain",
        technology="180 nm",
        bits="64 x 64",
        energy="1.71 (match), 4.69 (miss)",
        counted="worst averages of the array with its controllers; simulated and fabricated",
        source="arXiv 2401.09207, abstract",
    ),
    Published(
        what="CMOS TCAM, adaptive match lines",
        technology="65 nm",
        bits="128 x 64",
        energy="0.6",
        counted="fabricated; what is counted was not found",
        source="Lee et al. 2021, title: A 65-nm 0.6-fJ/Bit/Search Ternary CAM Using an Adaptive Match-Line Discharge",
    ),
    Published(
        what="CMOS CAM for near matches (HD-CAM)",
        technology="65 nm",
        bits="512 x 64 a bank",
        energy="0.19",
        counted=f"fabricated; {QUOTED}",
        source="E. Garzon et al., IEEE J. Solid-State Circuits 60(8), 3009 (2025)",
    ),
    Published(
        what="FeFET TCAM, 2FeFET-1T",
        technology="45 nm models",
        bits="not found",
        energy="0.195",
        counted=f"circuit simulation; {QUOTED}",
        source="Y. Qian et al., DATE 2021, doi 10.23919/DATE51398.2021.9474234",
    ),
    Published(
        what="FeFET CAM of five states, 2FeFET",
        technology="not found",
        bits="not found",
        energy="2.5",
        counted="measured cells; what is counted was not found",
        source=FEFET_SUPPLEMENT,
    ),
    Published(
        what="CMOS TCAM, 16T",
        technology="not found",
        bits="not found",
        energy="1.98",
        counted=QUOTED,
        source=f"reference 20 in {FEFET_SUPPLEMENT}",
    ),
    Published(
        what="RRAM TCAM, 5T-2R",
        technology="not found",
        bits="not found",
        energy="3.0",
        counted=QUOTED,
        source=f"reference 21 in {FEFET_SUPPLEMENT}",
    ),
    Published(
        what="MTJ TCAM, 6T-2MTJ",
        technology="90 nm (a smaller prototype)",
        bits="256 x 144",
        energy="1.04",
        counted=f"circuit simulation with 2.8 % of the cells active; {QUOTED}",
        source="S. Matsunaga et al., VLSI Circuits 2011",
    ),
    Published(
        what="PCM TCAM, 2T2R",
        technology="90 nm",
        bits="1 Mbit",
        energy="",
        counted="energy not found (1.9 ns a match)",
        source="J. Li et al. 2014, doi 10.1109/JSSC.2013.2292055",
    ),
    Published(
        what="memristor analog CAM, 6T2M",
        technology="16 nm rules",
        bits="simulated to 64 columns, 512 rows",
        energy="",
        counted="energy not found",
        source="C. Li et al. 2020, doi 10.1038/s41467-020-15254-4",
    ),
    Published(
        what="FeFET TCAM, 2FeFET",
        technology="not found",
        bits="not found",
        energy="",
        counted="energy not found",
        source="K. Ni et al. 2019, doi 10.1038/s41928-019-0321-3",
    ),
)
"""A bit and search, with where each figure was read; none is from memory."""


def operation_energies(
    memory: StoredMemory, hardware: CrossbarHardware, costs: ComponentCosts
) -> list[OperationEnergy]:
    """Mean energy of recalls and searches of a memory on this hardware, one read each.

    What a search for all bits needs besides, the gate and the inhibition that it lets through, is digital and not
    counted, as all else that is not on the arrays.
    """
    binary = replace(hardware, adc=ADC(bits=1))
    weights = {str(p.name): p.weights for p in memory.network.projections}
    layers = {
        name: CrossbarLayer(np.asarray(weights[name]), hardware=binary, input_range=(0.0, 1.0))
        for name in (STORE, INDEX)
    }
    found = []
    for query in OPERATIONS:
        meter = ReadEnergy(layers[STORE if query == "recall" else INDEX], costs=costs)
        for operation in memory.queries[query]:
            meter.count(_driven(operation, memory.size))
        parts = {name: meter.parts[part] / meter.reads for part, name in PARTS.items()}
        found.append(OperationEnergy(size=memory.size, query=query, read_time=costs.read_time, parts=parts))
    return found


def _driven(operation: Operation, size: int) -> NDArray[np.float64]:
    """Word lines that an operation drives, ones and zeros."""
    lines = np.zeros(size)
    lines[sorted(operation.bits) if operation.cue is None else [operation.cue]] = 1.0
    return lines


def accounts() -> tuple[ComponentCosts, ComponentCosts]:
    """Component costs as published, and with a shorter read: what is power times time shrinks with it."""
    slow = ComponentCosts()
    shorter = FAST_READ / slow.read_time
    fast = replace(slow, read_time=FAST_READ, driver_energy=slow.driver_energy * shorter)
    return slow, fast
