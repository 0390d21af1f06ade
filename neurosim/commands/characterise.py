"""``neurosim characterise``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from hardware.sfq.characteristics import Characteristics
    from neurosim.studies.characterise import NeuronStudy, SynapseStudy

CELLS = ("sfq-neuron", "sfq-synapse", "stochastic-synapse")


def characterise(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="sfq-neuron, sfq-synapse or stochastic-synapse.")],
    fan_in: Annotated[
        int | None,
        typer.Option("--fan-in", metavar="N", min=1, max=8, help="Most inputs of a neuron. [default: all measured, 6]"),
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure everything again: minutes for neurons of six inputs.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the pictures.")] = Path(
        "results/characterise"
    ),
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON; '-' is standard output.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Measure again, and make that what the pulse-level models use from now on."),
    ] = False,
) -> None:
    """Show what the SFQ synapse or neuron does, measured at the circuit level, with pictures.

    Most figures come from the measurements that the pulse-level models are made of; rates, strengths and energies
    are simulated now.
    """
    from rich.console import Console

    from neurosim.output_files import STANDARD_OUTPUT, check_writable, write_figure, write_json
    from neurosim.reports.characteristics import neuron_tables, synapse_tables
    from neurosim.studies.characterise import neuron_study, synapse_study
    from spice_models.errors import DescriptionError, unknown_name

    if cell not in CELLS:
        raise unknown_name("cell", cell, CELLS)
    check_writable(out / "picture.png", json_file)
    if cell == "stochastic-synapse":
        from neurosim.reports.rates import report_synapse_law

        if fan_in is not None:
            raise DescriptionError("--fan-in is for neurons: a synapse has one input")
        report_synapse_law(measure=measure or update, update=update, json_file=json_file, out=out)
        return
    characteristics = _characteristics(fan_in, measure=measure or update, update=update)
    console = Console(stderr=json_file == STANDARD_OUTPUT)
    study: NeuronStudy | SynapseStudy
    with Console(stderr=True).status("simulating") as status:
        if cell == "sfq-synapse":
            study = synapse_study(characteristics)
            tables, pictures = synapse_tables(study), _synapse_pictures(study)
        else:
            study = neuron_study(characteristics, fan_in=fan_in, report=status.update)
            tables, pictures = neuron_tables(study), _neuron_pictures(study)
    for table in tables:
        console.print(table)
        console.print()
    for name, draw in pictures.items():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        draw(figure.subplots())
        console.print(f"wrote {write_figure(out / name, figure)}", soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(json_file, study.to_dict())


def _characteristics(fan_in: int | None, *, measure: bool, update: bool) -> "Characteristics":
    """Return the shipped measurements, or new ones, which take the place of the shipped ones on request."""
    import tempfile

    from rich.console import Console
    from rich.progress import track

    from hardware.sfq import characterise as measurements
    from hardware.sfq.characteristics import data_path, load_characteristics
    from neurosim.output_files import check_writable
    from spice_models.errors import DescriptionError

    if not measure:
        return load_characteristics()
    wanted = fan_in or measurements.FAN_IN
    if update:
        check_writable(data_path())
        if wanted < measurements.FAN_IN:
            raise DescriptionError(
                f"--update with --fan-in {wanted} would lose neurons that placed networks use: take "
                f"{measurements.FAN_IN} or more, or leave out --update"
            )
    terminal = Console(stderr=True)
    measured = measurements.characterise(
        fan_in=wanted,
        progress=lambda shapes: track(
            list(shapes), "measuring neurons", console=terminal, transient=True, disable=not terminal.is_terminal
        ),
    )
    if update:
        measurements.write(measured)
        load_characteristics.cache_clear()
        return load_characteristics()
    with tempfile.TemporaryDirectory() as folder:
        return load_characteristics(measurements.write(measured, Path(folder) / "characteristics.json"))


def _synapse_pictures(study: "SynapseStudy") -> "dict[str, Callable[[Axes], Axes]]":
    from neurosim.pictures import characteristics as plotting

    return {
        "synapse_steps.png": lambda axes: plotting.plot_synapse_steps(study.characteristics, study.self_firing, axes),
        "synapse_strength.png": lambda axes: plotting.plot_strengths(study.strengths, axes),
    }


def _neuron_pictures(study: "NeuronStudy") -> "dict[str, Callable[[Axes], Axes]]":
    from neurosim.pictures import characteristics as plotting

    neurons = [n for n in study.neurons if not n.shape.refractory]
    largest = [n for n in neurons if n.shape.inhibitory == 0][-1]
    shown = largest if largest.shape.excitatory <= 3 else next(n for n in neurons if n.shape.key == "3,0")
    return {
        "neuron_threshold.png": lambda axes: plotting.plot_threshold(
            [n for n in study.neurons if n.shape.key in THRESHOLD_SHAPES], axes
        ),
        "neuron_delay.png": lambda axes: plotting.plot_delay(shown, study.laws(shown), axes),
        "neuron_inhibition.png": lambda axes: plotting.plot_inhibition(study.characteristics, axes),
        "neuron_rate.png": lambda axes: plotting.plot_rates(study.rates, axes),
    }


THRESHOLD_SHAPES = ("1,0", "2,0", "2,1", "2,0,refractory", "4,0", "6,0")
"""Shapes in the picture of thresholds, where they were measured."""
