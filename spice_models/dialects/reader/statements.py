"""Element lines taken apart: words, nodes, options, values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spice_models.dialects.reader.lines import Line, Warnings
from spice_models.dialects.reader.scopes import Scope
from spice_models.dialects.reader.sources import Times, read_source
from spice_models.errors import NetlistError
from spice_models.waveforms import DC, Waveform

LOCAL = frozenset(("temp", "neb", "spread"))
"""Options that concern thermal noise and spread, not the element itself."""


@dataclass(slots=True, eq=False)
class Statement:
    """One element line, taken apart, and what is needed to read it.

    Parameters
    ----------
    label, name : str
        The element's name as written and in the circuit.
    nodes : sequence of str
        Its nodes in the circuit.
    rest : sequence of str
        The words after the nodes.
    named : mapping
        ``name=value`` pairs, names in lower case.
    name_of : callable
        Name in the circuit of another element by its label in lower case; None if there is none.
    fresh : callable
        A name that no element has, made from a wish.
    """

    line: Line
    label: str
    name: str
    nodes: Sequence[str]
    rest: Sequence[str]
    named: Mapping[str, str]
    scope: Scope
    times: Times
    warnings: Warnings
    name_of: Callable[[str], str | None]
    fresh: Callable[[str], str]

    def error(self, message: str) -> NetlistError:
        """Build the error for this element."""
        return self.line.error(f"{self.label}: {message}")

    def number(self, text: str) -> float:
        """Value of an expression; that which the instance gives the element, if it does."""
        if self.scope.elements:
            given = self.scope.elements.get(self.label.lower())
            if given is not None:
                return given
        return self.scope.evaluate(text, self.line)

    def options(self, *known: str) -> dict[str, str]:
        """Those of ``named`` that are known, besides those of noise and spread; refuse the others."""
        if not self.named:
            return {}
        for key in self.named:
            if key not in known and key not in LOCAL:
                raise self.error(f"{key}= is not supported; remove it")
        return {key: text for key, text in self.named.items() if key in known}

    def value(self) -> float:
        """The one number of a linear element."""
        if len(self.rest) != 1:
            raise self.line.error(
                f"{self.rest[1]!r} is not expected after the value of {self.label}; put {{ }} around an expression"
            )
        self.options()
        return self.number(self.rest[0])

    def waveform(self) -> Waveform:
        """The description of a source."""
        if self.scope.elements:
            given = self.scope.elements.get(self.label.lower())
            if given is not None:
                return DC(given)
        self.options()
        text = " ".join(self.rest)
        shape = self.scope.waveforms.get(text)
        if shape is None:
            shape = read_source(self.line, self.rest, lambda t: self.scope.evaluate(t, self.line), self.times)
            self.scope.waveforms[text] = shape
        return shape
