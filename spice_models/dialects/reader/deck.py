"""A user's netlist as a circuit with what it asks to be simulated and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from spice_models.circuit import SEPARATOR, Circuit
from spice_models.dialects.reader.blocks import sort_lines
from spice_models.dialects.reader.built import Built, Local
from spice_models.dialects.reader.columns import Column, all_node_phases, resolve
from spice_models.dialects.reader.commands import Tran, read_commands
from spice_models.dialects.reader.elaboration import Elaborator
from spice_models.dialects.reader.lines import Warnings, read_lines, read_text
from spice_models.dialects.reader.scopes import Scope
from spice_models.dialects.reader.sources import Times
from spice_models.dialects.reader.spreads import Spread
from spice_models.errors import NetlistError
from spice_models.waveforms import Noise


@dataclass(frozen=True, kw_only=True, eq=False)
class Deck:
    """A netlist that was read.

    Parameters
    ----------
    circuit : Circuit
        Its circuit, subcircuits as instances.
    tran : Tran or None
        Times of the run; None for a netlist without ``.tran``.
    prints : tuple of Column
        What it asks to see; the phases of all nodes if it asks for nothing.
    asked : bool
        Whether it asks for anything.
    parameters : mapping
        Values of its ``.param``, names in lower case.
    warnings : tuple of str
        What was read but has no effect, or another one than elsewhere, each with file and line.
    temperature, noise_bandwidth : float or None
        [K] and [Hz], from ``.temp`` and ``.neb``.
    spread : Spread
        From ``.spread``.
    local : mapping
        What lines of elements say of their own noise and spread, by the flattened names of the elements.
    seed : int or None
        From ``.option seed=``.
    built : Built
        How the names of the netlist lead to those of the circuit.
    """

    circuit: Circuit
    tran: Tran | None
    prints: tuple[Column, ...]
    asked: bool
    parameters: Mapping[str, float]
    warnings: tuple[str, ...]
    temperature: float | None = None
    noise_bandwidth: float | None = None
    spread: Spread = field(default_factory=Spread)
    local: Mapping[str, Local] = field(default_factory=dict)
    seed: int | None = None
    built: Built = field(repr=False)

    def where(self, named: Iterable[str]) -> str | None:
        """``FILE:LINE`` of the first flattened element or node of some names, None if there is none."""
        for name in named:
            element = name if name in self.flat else next((e.name for e in self.flat if name in e.nodes), name)
            *path, last = element.split(SEPARATOR)
            built = self.built
            for instance in path:
                built = next((b for label, b in built.instances.values() if label == instance), built)
            if last in built.lines:
                return built.lines[last].where
        return None

    @cached_property
    def random(self) -> bool:
        """Whether runs depend on a seed: by noise or by spread."""
        local = self.local.values()
        return bool(
            self.temperature
            or self.spread != Spread()
            or any(own.temp or own.spread for own in local)
            or any(isinstance(getattr(e, "waveform", None), Noise) for e in self.flat)
        )

    @cached_property
    def flat(self) -> Circuit:
        """The circuit with every instance replaced by its elements."""
        return self.circuit.flatten()


def read(source: str | Path) -> Deck:
    """Read a netlist in the dialect of JoSIM and WRspice.

    Numbers, defaults and names follow JoSIM, with these differences: expressions may stand wherever a number does,
    ``.subckt`` may have parameters and definitions inside, and what has no meaning is refused rather than skipped.
    Only what is used is looked at: a library may hold subcircuits with elements that are not supported.

    Parameters
    ----------
    source : str or Path
        A file, or the text of a netlist (anything with a line break in it).

    Raises
    ------
    NetlistError
        With file and line, for what cannot be read or is not supported.
    """
    warnings = Warnings()
    file: str | Path
    if isinstance(source, str) and "\n" in source:
        file, folder, text, name = "netlist", Path(), source, "netlist"
    else:
        path = Path(source)
        try:
            text = read_text(path)
        except OSError as error:
            raise NetlistError(f"cannot read {path}: {error.strerror or error}; give a netlist") from error
        file, folder, name = path, path.parent, path.stem
    lines = read_lines(text, file=file, folder=folder, warnings=warnings)
    top, commands = sort_lines(lines, name)
    if not top.elements:
        raise NetlistError(f"{file}: there are no elements outside of subcircuits: add some, or an instance (X...)")
    scope = Scope(top, None, warnings)
    parameters = scope.parameters()
    run = read_commands(commands, scope.evaluate, warnings)
    times = Times() if run.tran is None else Times(step=run.tran.step, stop=run.tran.stop)
    built = Elaborator(warnings, times).build(scope)
    return Deck(
        circuit=built.circuit,
        tran=run.tran,
        prints=tuple(resolve(run.outputs, built) if run.outputs else all_node_phases(built)),
        asked=bool(run.outputs),
        parameters=parameters,
        warnings=tuple(warnings.told.values()),
        temperature=run.temperature,
        noise_bandwidth=run.noise_bandwidth,
        spread=run.spread,
        local=dict(_local(built, "")),
        seed=run.seed,
        built=built,
    )


def _local(built: Built, prefix: str) -> Iterator[tuple[str, Local]]:
    yield from ((prefix + name, local) for name, local in built.local.items())
    for name, inner in built.instances.values():
        yield from _local(inner, prefix + name + SEPARATOR)
