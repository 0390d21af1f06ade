"""The exceptions of the toolkit: one root, each also a builtin so that ordinary handlers catch it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spice_models.engines.native.batch import Batch
    from spice_models.results import Traces

_MOST_LISTED = 60


class NeurofluxonError(Exception):
    """Root of all errors that the toolkit raises on purpose."""


class DescriptionError(NeurofluxonError, ValueError):
    """A network, circuit or stimulus that makes no sense as described."""


class UnknownNameError(NeurofluxonError, LookupError):
    """A name that does not exist where it was looked up."""


class EngineError(NeurofluxonError, RuntimeError):
    """An engine that is missing, failed, or returned something that cannot be trusted."""


class DivergenceError(EngineError):
    """A run whose values grew beyond all bounds.

    Parameters
    ----------
    message : str
        What happened and what to do.
    time : float
        When [s].
    node : str
        Where they grew fastest, if that is known.
    traces : Traces or None
        What was computed until then.
    batch : Batch or None
        The same of all variants.
    """

    def __init__(
        self, message: str, *, time: float, node: str = "", traces: Traces | None = None, batch: Batch | None = None
    ) -> None:
        super().__init__(message)
        self.time = time
        self.node = node
        self.traces = traces
        self.batch = batch


class NetlistError(NeurofluxonError, ValueError):
    """A netlist that cannot be written or read."""


class OutputError(NeurofluxonError, OSError):
    """A result that cannot be written where it was asked for."""


def unknown_name(kind: str, name: str, available: Iterable[str], where: str = "") -> UnknownNameError:
    """Build the error for a name that is not there, with what is and the nearest spelling.

    Parameters
    ----------
    kind, name
        What was looked up ("engine", "population") and the name that was not found.
    available
        The names that would have been accepted.
    where
        Added after the name, for example ``" in network 'xor'"``.
    """
    names = sorted(available)
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(names[:_MOST_LISTED]) if names else "none"
    if len(names) > _MOST_LISTED:
        listed += f" and {len(names) - _MOST_LISTED} more"
    return UnknownNameError(f"no {kind} {name!r}{where}; available: {listed}.{hint}")
