"""Energy, time and area of crossbar operations, split by part, from a table of component costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import NoneType
from typing import Any

from hardware.rram.arguments import array_shape, instance, real, whole
from spice_models.errors import DescriptionError, unknown_name

PARTS = ("drivers", "array", "sample_hold", "adc", "digital")
"""Parts that costs are split into, in the order in which a signal passes them."""


@dataclass(frozen=True, kw_only=True)
class ComponentCosts:
    """Costs of the components around a crossbar; every value can be replaced by one's own.

    Defaults are those of ISAAC, at 32 nm: power and area of one unit of eight 128 x 128 arrays, and a cycle of 100 ns;
    an energy is power times cycle, or power over conversion rate. The paper's table was not at hand; each value is as
    quoted in public simulators that follow it [H: hwcomponents, P: PUMA's simulator]:

    - drivers 4 mW, 170 um2 for 8 x 128 of one bit [H, P];
    - sample-and-holds 10 uW [P: 9.7 nW each], 40 um2 for 8 x 128 [P];
    - eight 8-bit converters at 1.2 GS/s 16 mW, 9,600 um2 [H, P];
    - four shift-and-adds 0.2 mW, 240 um2 [H, P];
    - eight arrays 200 um2 [P]; the cycle [P].

    Not among them: buffers, routers, control, writing, and reference columns' drivers.

    Parameters
    ----------
    driver_energy, driver_area : float
        Of one 1-bit driver and one read [J], [m2]. A driver of b bits counts as ``2^b - 1`` [chosen: one element a
        level].
    sample_hold_energy, sample_hold_area : float
        Of one bit line and read [J], [m2].
    adc_energy, adc_area : float
        Of one conversion of ``adc_bits`` bits [J], and one converter [m2]; both double with each bit [chosen: Walden's
        figure of merit kept].
    adc_bits : int
        Resolution that they hold for.
    adc_rate : float
        Conversions a second of one converter.
    lines_per_adc : int
        Bit lines of one array that share a converter.
    digital_energy, digital_area : float
        Of one shift-and-add a conversion [J], and one unit, which serves one converter [m2].
    digital_time : float
        Of one addition [s].
    cell_area : float
        Of one cell without a transistor [m2].
    read_time : float
        For which the word lines are driven [s].
    source : str
        Where the values are from.

    References
    ----------
    A. Shafiee et al., ISAAC, Proc. ISCA 2016, 14-26, doi 10.1109/ISCA.2016.12, table of parameters.
    L. Kull et al., ISSCC 2013, 468-469, doi 10.1109/ISSCC.2013.6487818 (the converter: 3.1 mW by itself).
    A. Ankit et al., PUMA, Proc. ASPLOS 2019, 715-731, doi 10.1145/3297858.3304049.
    R. H. Walden, IEEE J. Sel. Areas Commun. 17, 539 (1999), doi 10.1109/49.761034.
    """

    driver_energy: float = 4e-3 / 1024 * 100e-9
    driver_area: float = 170e-12 / 1024
    sample_hold_energy: float = 10e-6 / 1024 * 100e-9
    sample_hold_area: float = 40e-12 / 1024
    adc_energy: float = 16e-3 / 8 / 1.2e9
    adc_area: float = 9600e-12 / 8
    adc_bits: int = 8
    adc_rate: float = 1.2e9
    lines_per_adc: int = 128
    digital_energy: float = 0.2e-3 / 8 / 1.2e9
    digital_area: float = 240e-12 / 4
    digital_time: float = 1 / 1.2e9
    cell_area: float = 200e-12 / 8 / 128**2
    read_time: float = 100e-9
    source: str = "ISAAC (ISCA 2016), 32 nm"

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name != "source"):
            value, what = getattr(self, name), f"{name} of a table of costs"
            if name in ("adc_bits", "lines_per_adc"):
                whole(what, value, least=1)
            elif name in ("adc_rate", "read_time"):
                real(what, value, above=0.0)
            else:
                real(what, value, least=0.0)
        instance("source of a table of costs", self.source, str, "a text that says where the values are from")

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> ComponentCosts:
        """Make one from a mapping, such as a JSON file; what it does not name keeps its default.

        Raises
        ------
        UnknownNameError
            For a name that no component has.
        DescriptionError
            For what is no mapping, and values that are no costs.
        """
        instance("a table of costs", table, Mapping, "a mapping of names to numbers, such as a JSON object")
        known = [f.name for f in fields(cls)]
        for name in table:
            if name not in known:
                raise unknown_name("component cost", str(name), known)
        changed = {"source": "given by the user"} if "source" not in table else {}
        return cls(**{**changed, **table})


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
