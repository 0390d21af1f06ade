"""``neurosim export``."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case, as `neurosim list` names them.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Netlist to write.")],
    pattern: Annotated[
        str | None, typer.Option(metavar="BITS", help="Input pattern, such as 01; the last if not given.")
    ] = None,
    dialect: Annotated[str, typer.Option(metavar="NAME", help="ngspice or josim.")] = "ngspice",
    scale: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PARAMETER=FACTOR",
            help="Multiply bias, critical-current, inductance, resistance, or one bias or tuning current such as "
            "neuron_o.IT; may be given several times.",
        ),
    ] = None,
    neuron: Annotated[
        str | None,
        typer.Option(metavar="POPULATION", help="Output population whose pulses are counted; the first if not given."),
    ] = None,
) -> None:
    """Write a case's circuit under one input pattern as a netlist that a simulator runs by itself.

    With ngspice (`ngspice -b FILE`) it prints `output_pulses = n` and has the phase of the output junction in rad as
    the voltage of node `output_phase`. JoSIM's writes the phases of all junctions (`josim-cli -o result.csv FILE`).
    """
    from neurosim.cases import load_case
    from neurosim.mapping.netlist import placed_netlist
    from neurosim.mapping.sfq import place
    from neurosim.output_files import check_writable

    check_writable(output)
    chosen = load_case(case)
    stimulus = chosen.stimulus(chosen.patterns[-1] if pattern is None else pattern)
    written = placed_netlist(place(chosen.network()), stimulus, output=None if neuron is None else (neuron, 0))
    if scale:
        written = written.scaled(_factors(scale))
    typer.echo(f"wrote {written.write(output, dialect)}")


def _factors(given: list[str]) -> dict[str, float]:
    from spice_models.errors import DescriptionError

    factors: dict[str, float] = {}
    for item in given:
        name, equals, value = item.partition("=")
        try:
            factor = float(value)
        except ValueError:
            equals = ""
            factor = 1.0
        if not equals or not name:
            raise DescriptionError(f"--scale {item!r}: write it as PARAMETER=FACTOR, such as bias=1.1")
        factors[name] = factors.get(name, 1.0) * factor
    return factors
