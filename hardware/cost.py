"""Energy, time and area of crossbar operations, split by part, from a table of component costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from hardware.component_costs import ComponentCosts
from hardware.rram.arguments import array_shape, instance, real, whole
from spice_models.errors import DescriptionError

__all__ = ["PARTS", "ComponentCosts", "CrossbarCost", "PartCost", "crossbar_cost"]

PARTS = ("drivers", "array", "sample_hold", "adc", "digital")
"""Parts that costs are split into, in the order in which a signal passes them."""


@dataclass(frozen=True, kw_only=True)
class PartCost:
    """Cost of one part.

    Parameters
    ----------
    energy : float
        Of one operation [J].
    time : float
        It adds to an operation [s].
    area : float
        [m2].
    """

    energy: float
    time: float
    area: float


@dataclass(frozen=True, kw_only=True)
class CrossbarCost:
    """Cost of one operation (one input vector through all arrays at once) by part.

    Parameters
    ----------
    parts : mapping of str to PartCost
        By the names of `PARTS`.
    operations : int
        Multiplications and additions that one operation replaces.
    source : str
        Of the component costs.
    """

    parts: Mapping[str, PartCost]
    operations: int
    source: str = field(default="")

    @property
    def energy(self) -> float:
        """Of one operation [J]."""
        return sum(part.energy for part in self.parts.values())

    @property
    def time(self) -> float:
        """From the input to the sums [s]."""
        return sum(part.time for part in self.parts.values())

    @property
    def area(self) -> float:
        """[m2]."""
        return sum(part.area for part in self.parts.values())

    @property
    def operations_per_joule(self) -> float:
        """Multiplications and additions a joule; 1e12 are one TOPS/W."""
        return self.operations / self.energy if self.energy > 0 else math.inf

    def __add__(self, other: CrossbarCost) -> CrossbarCost:
        """Return the cost of one operation after the other on hardware of their own."""
        names = [*self.parts, *(name for name in other.parts if name not in self.parts)]
        nothing = PartCost(energy=0.0, time=0.0, area=0.0)

        def sums(name: str) -> PartCost:
            one, two = self.parts.get(name, nothing), other.parts.get(name, nothing)
            return PartCost(energy=one.energy + two.energy, time=one.time + two.time, area=one.area + two.area)

        source = self.source if self.source == other.source else f"{self.source}; {other.source}"
        return CrossbarCost(
            parts={name: sums(name) for name in names}, operations=self.operations + other.operations, source=source
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and strings, ready for JSON."""
        return {
            "parts": {
                name: {"energy_j": part.energy, "time_s": part.time, "area_m2": part.area}
                for name, part in self.parts.items()
            },
            "energy_j": self.energy,
            "time_s": self.time,
            "area_m2": self.area,
            "operations": self.operations,
            "operations_per_joule": self.operations_per_joule,
            "source": self.source,
        }


def crossbar_cost(
    shapes: list[tuple[int, int]],
    *,
    array_power: float,
    operations: int,
    adc_bits: int,
    dac_bits: int = 1,
    reads: int = 1,
    costs: ComponentCosts | None = None,
) -> CrossbarCost:
    """Cost of one operation of crossbars that work side by side.

    In each read the arrays are driven at once; then the converters of an array take its bit lines in turns, and a
    shift-and-add takes up each conversion, the last of them after the last conversion. Reads do not overlap.

    Parameters
    ----------
    shapes : list of pair of int
        Word and bit lines of each array.
    array_power : float
        That the drivers deliver into all arrays during a read [W], the mean over the reads.
    operations : int
        Multiplications and additions that one operation replaces.
    adc_bits, dac_bits : int
        Resolution of converters and drivers.
    reads : int
        Of an operation: one, or as many as an input has bits where these are applied one after another.
    costs : ComponentCosts, optional
        `ComponentCosts()` if not given.
    """
    instance("shapes of arrays", shapes, list | tuple, "a list of pairs (word lines, bit lines)")
    shapes = [array_shape(shape) for shape in shapes]
    if not shapes:
        raise DescriptionError("a cost needs arrays of at least one cell each, got none")
    real("the power of arrays [W]", array_power, least=0.0)
    for what, value in {"operations": operations, "adc_bits": adc_bits, "dac_bits": dac_bits, "reads": reads}.items():
        whole(f"{what} of a cost", value, least=1)
    instance("costs", costs, (ComponentCosts, NoneType), "ComponentCosts(...), or ComponentCosts.from_table({...})")
    table = costs or ComponentCosts()
    rows, columns = sum(m for m, _ in shapes), sum(n for _, n in shapes)
    converters = sum(math.ceil(n / table.lines_per_adc) for _, n in shapes)
    turns = max(min(n, table.lines_per_adc) for _, n in shapes)
    levels, resolution = 2**dac_bits - 1, 2.0 ** (adc_bits - table.adc_bits)
    parts = {
        "drivers": PartCost(
            energy=reads * rows * levels * table.driver_energy, time=0.0, area=rows * levels * table.driver_area
        ),
        "array": PartCost(
            energy=reads * array_power * table.read_time,
            time=reads * table.read_time,
            area=sum(m * n for m, n in shapes) * table.cell_area,
        ),
        "sample_hold": PartCost(
            energy=reads * columns * table.sample_hold_energy, time=0.0, area=columns * table.sample_hold_area
        ),
        "adc": PartCost(
            energy=reads * columns * resolution * table.adc_energy,
            time=reads * turns / table.adc_rate,
            area=converters * resolution * table.adc_area,
        ),
        "digital": PartCost(
            energy=reads * columns * table.digital_energy, time=table.digital_time, area=converters * table.digital_area
        ),
    }
    return CrossbarCost(parts=parts, operations=operations, source=table.source)
