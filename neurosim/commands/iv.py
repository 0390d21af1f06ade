"""``neurosim iv``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from neurosim.studies.iv import IVStudy


def iv(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the pictures.")] = Path("results/iv"),
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the curves as JSON; '-' is standard output.")
    ] = None,
    critical_current: Annotated[float, typer.Option(help="Of each junction [A].")] = 100e-6,
    beta_c: Annotated[
        list[float] | None,
        typer.Option(help="Damping of a junction; may be given several times. [default: 0.01 1 10]"),
    ] = None,
    beta_l: Annotated[float, typer.Option(help="2 L Ic / Phi0 of the SQUID.")] = 1.0,
) -> None:
    """Draw the I-V curve of a junction and of a dc SQUID, and how flux modulates the SQUID's voltage.

    The SQUID's junctions have the smallest of the given beta_c.
    """
    from matplotlib.figure import Figure
    from rich.console import Console

    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from neurosim.pictures import circuit as plotting_circuit
    from neurosim.studies.iv import iv_study

    check_writable(out / "junction_iv.png", json_file)
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    with Console(stderr=True).status("simulating"):
        study = iv_study(critical_current=critical_current, beta_c=beta_c or (0.01, 1.0, 10.0), beta_l=beta_l)
    console.print(_table(study))
    pictures = {
        "junction_iv.png": plotting_circuit.plot_junction_iv,
        "squid_iv.png": plotting_circuit.plot_squid_iv,
        "squid_modulation.png": plotting_circuit.plot_squid_modulation,
    }
    for name, draw in pictures.items():
        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        draw(study, figure.subplots())
        console.print(f"wrote {write_figure(out / name, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, study.to_dict())


def _table(study: "IVStudy") -> "Table":
    import numpy as np
    from rich.table import Table

    from spice_models.analysis.iv import overdamped_voltage, squid_critical_current
    from spice_models.constants import FLUX_QUANTUM

    table = Table(box=None, pad_edge=False)
    for heading in ("what", "simulated", "closed form"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    unit = study.squid.critical_current
    for curve in study.junctions:
        junction = curve.junction
        table.add_row(f"junction, beta_c {junction.beta_c:.3g}, R {junction.resistance:.4g} ohm", "", "")
        twice = np.interp(2 * unit, curve.current, curve.up)
        exact = float(overdamped_voltage(2 * unit, unit, junction.resistance))
        table.add_row("  voltage at 2 Ic [µV]", f"{1e6 * twice:.2f}", f"{1e6 * exact:.2f} without capacitance")
        between = f"{1e6 * curve.largest_supercurrent:.5g} to {1e6 * curve.switching_current:.5g}"
        table.add_row("  switches at [µA]", between, f"{1e6 * unit:.5g}")
        table.add_row("  keeps a voltage down to [µA]", f"{1e6 * curve.retrapping_current:.5g}", "")
    squid = study.squid
    table.add_row(f"SQUID, beta_L {squid.beta_l:g}, L {1e12 * squid.inductance:.4g} pH", "", "")
    for flux, value in zip((0.0, 0.5), study.supercurrent, strict=True):
        exact = float(squid_critical_current(flux * FLUX_QUANTUM, unit))
        table.add_row(
            f"  supercurrent at {flux:g} Phi0 [µA]", f"{1e6 * value:.2f}", f"{1e6 * exact:.2f} without inductance"
        )
    swing = float(np.max(np.ptp(study.modulation, axis=1)))
    table.add_row("  largest voltage swing [µV]", f"{1e6 * swing:.2f}", "")
    table.add_row("  voltages one Phi0 apart differ by", f"{100 * study.modulation_error:.2g} %", "0")
    return table
