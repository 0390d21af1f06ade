"""Where names of a netlist are looked up: parameters, models and subcircuits, from a block outwards."""

from __future__ import annotations

from collections.abc import Mapping

from spice_models.dialects.reader.blocks import Block
from spice_models.dialects.reader.expressions import ExpressionError, evaluate
from spice_models.dialects.reader.lines import Line, Warnings
from spice_models.dialects.reader.models import JunctionModel, read_model
from spice_models.errors import unknown_name
from spice_models.waveforms import Waveform


class Scope:
    """One use of a block: its own names first, then those of the block in which it is defined.

    Parameters
    ----------
    block : Block
        What is in use.
    outer : Scope or None
        That of the block around the definition; None at the top.
    given : mapping of str -> float
        Parameters that the instance sets.
    elements : mapping of str -> float
        Values of elements that the instance sets, by their labels in lower case.

    Attributes
    ----------
    waveforms : dict
        Sources that were read here, by their text: equal ones share one description.
    """

    def __init__(
        self,
        block: Block,
        outer: Scope | None,
        warnings: Warnings,
        given: Mapping[str, float] | None = None,
        elements: Mapping[str, float] | None = None,
    ) -> None:
        self.block = block
        self.outer = outer
        self.warnings = warnings
        self.elements = dict(elements or {})
        self.waveforms: dict[str, Waveform] = {}
        self._values = dict(given or {})
        self._open: list[str] = []
        self._models: dict[str, JunctionModel] = {}

    def evaluate(self, text: str, line: Line) -> float:
        """Value of an expression on a line.

        Raises
        ------
        NetlistError
            Naming the line, for an expression without a finite value.
        """
        try:
            return evaluate(text, self.value)
        except ExpressionError as error:
            raise line.error(str(error)) from error

    def value(self, name: str) -> float | None:
        """Value of a parameter, None if it is defined nowhere."""
        if name in self._values:
            return self._values[name]
        own = self.block.parameters.get(name) or self.block.defaults.get(name)
        if own is None:
            return None if self.outer is None else self.outer.value(name)
        text, line = own
        if name in self._open:
            raise line.error(f"parameter {name!r} depends on itself: {' -> '.join((*self._open, name))}")
        if len(self._open) > 100:
            raise line.error(f"parameter {name!r} depends on more than 100 others, each on the next")
        self._open.append(name)
        try:
            self._values[name] = self.evaluate(text, line)
        finally:
            self._open.pop()
        return self._values[name]

    def parameters(self) -> dict[str, float]:
        """Values of all parameters of the block itself."""
        names = (*self.block.defaults, *self.block.parameters)
        return {name: value for name in names if (value := self.value(name)) is not None}

    def model(self, name: str, line: Line) -> JunctionModel:
        """Junction model by its name.

        Raises
        ------
        NetlistError
            If there is none, with those that there are.
        """
        folded = name.lower()
        scope: Scope | None = self
        known: list[str] = []
        while scope is not None:
            if folded in scope.block.models:
                if folded not in scope._models:
                    scope._models[folded] = read_model(scope.block.models[folded], scope.evaluate, self.warnings)
                return scope._models[folded]
            known += scope.block.models
            scope = scope.outer
        raise line.error(str(unknown_name("model", name, known)))

    def subcircuit(self, name: str) -> tuple[Block, Scope] | None:
        """Subcircuit by its name and the scope in which it is defined; None if there is none."""
        scope: Scope | None = self
        while scope is not None:
            block = scope.block.subcircuits.get(name.lower())
            if block is not None:
                return block, scope
            scope = scope.outer
        return None

    def subcircuit_names(self) -> list[str]:
        """Names of all subcircuits that can be used here."""
        inner = [block.name for block in self.block.subcircuits.values()]
        return inner if self.outer is None else inner + self.outer.subcircuit_names()
