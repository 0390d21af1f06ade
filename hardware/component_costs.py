"""What the components around a crossbar cost: a published table, of which every value can be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hardware.rram.arguments import instance, real, whole
from spice_models.errors import unknown_name


@dataclass(frozen=True, kw_only=True)
class ComponentCosts:
    """Costs of the components around a crossbar; every value can be replaced by one's own.

    Defaults are those of ISAAC, at 32 nm: power and area of one unit of eight 128 x 128 arrays; an energy is power
    times `read_time`, or power over conversion rate. The paper's table was not at hand; each value is as quoted in
    public simulators that follow it [H: hwcomponents, P: PUMA's simulator]:

    - drivers 4 mW, 170 um2 for 8 x 128 of one bit [H, P];
    - sample-and-holds 10 uW [P: 9.7 nW each], 40 um2 for 8 x 128 [P];
    - eight 8-bit converters at 1.2 GS/s 16 mW, 9,600 um2 [H, P];
    - four shift-and-adds 0.2 mW, 240 um2 [H, P];
    - eight arrays 200 um2 [P].

    The read of 100 ns is chosen after both: in P it is one whole read of an array, its periphery included; in H a
    driver takes 0.417 pJ, its power over 106.7 ns, in which a converter gets through 128 lines. Here conversions come
    after the read, so that a time is up to twice that of a pipeline.

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
        For which the word lines are driven [s; chosen, see above].
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
