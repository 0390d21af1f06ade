"""Circuits of pulse-level cells joined by wires, and the event loop that runs them.

A pulse is a time at a net. Each net is driven by one output port and read by one input port, as SFQ fan-out needs a
splitter. Cells answer an event with pulses on their outputs or with a later call of themselves, so the cost grows
with the number of pulses and not with time.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from spice_models.errors import DescriptionError, EngineError
from spice_models.results import SpikeTrains

MOST_EVENTS = 10_000_000


@dataclass(frozen=True)
class Pulse:
    """A pulse that leaves by an output port at a time [s]."""

    port: str
    time: float


@dataclass(frozen=True)
class Wake:
    """A call that a cell wants at a time [s]; ``token`` tells it which."""

    time: float
    token: int


Reaction = Iterable[Pulse | Wake]


class CellState(Protocol):
    """One cell during one run."""

    energy: float
    """Energy taken from the bias sources so far [J]."""

    margin: float
    """Smallest distance of a decision from its threshold so far [A]; infinite where nothing was decided."""

    def receive(self, port: str, time: float) -> Reaction:
        """Take a pulse at an input port."""

    def wake(self, token: int, time: float) -> Reaction:
        """Take a call that was asked for."""


class CellModel(Protocol):
    """A pulse-level cell: its ports, and a fresh state for each run."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Input ports."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Output ports."""

    def start(self) -> CellState:
        """Return the state at rest."""


@dataclass(frozen=True, kw_only=True)
class PulseRun:
    """What happened: pulses on every net, energy [J] from the bias sources and margin [A] of the decisions by cell."""

    pulses: Mapping[str, tuple[float, ...]]
    energy: Mapping[str, float]
    margin: Mapping[str, float]
    events: int

    def spike_trains(self, nets: Sequence[str], duration: float) -> SpikeTrains:
        """Pulses on some nets as spike trains, those after ``duration`` [s] left out."""
        return SpikeTrains.from_lists([[t for t in self.pulses.get(n, ()) if t <= duration] for n in nets], duration)


class PulseCircuit:
    """Cells joined at nets.

    Parameters
    ----------
    cells : mapping of name -> (model, connections)
        ``connections`` joins each port of the model to a net by name.

    Raises
    ------
    DescriptionError
        For a port that is not joined or does not exist, and for a net with two drivers or two readers.
    """

    def __init__(self, cells: Mapping[str, tuple[CellModel, Mapping[str, str]]]) -> None:
        self._models = {name: model for name, (model, _) in cells.items()}
        self._reader: dict[str, tuple[str, str]] = {}
        self._nets: dict[tuple[str, str], str] = {}
        driver: dict[str, str] = {}
        for name, (model, connections) in cells.items():
            ports = {*model.inputs, *model.outputs}
            if ports != set(connections):
                raise DescriptionError(
                    f"cell {name!r}: ports not joined: {sorted(ports - set(connections)) or 'none'}; "
                    f"not ports of it: {sorted(set(connections) - ports) or 'none'}"
                )
            for port in model.inputs:
                net = connections[port]
                if net in self._reader:
                    raise DescriptionError(
                        f"net {net!r} feeds {self._reader[net][0]!r} and {name!r}: an SFQ pulse drives one input, "
                        "put a splitter in"
                    )
                self._reader[net] = (name, port)
            for port in model.outputs:
                net = connections[port]
                if net in driver:
                    raise DescriptionError(f"net {net!r} is driven by {driver[net]!r} and {name!r}: put a merger in")
                driver[net] = name
                self._nets[name, port] = net

    def run(self, pulses: Mapping[str, Sequence[float]], *, until: float) -> PulseRun:
        """Send pulses into nets and follow them until a time [s].

        Parameters
        ----------
        pulses : mapping of net -> times [s]
            What enters from outside.
        """
        states = {name: model.start() for name, model in self._models.items()}
        seen: dict[str, list[float]] = {}
        order = itertools.count()
        queue: list[tuple[float, int, str, int]] = []  # time, order, net or cell, token (-1: a pulse on the net)
        for net, times in pulses.items():
            for time in times:
                heapq.heappush(queue, (float(time), next(order), net, -1))
        events = 0
        while queue and queue[0][0] <= until:
            time, _, where, token = heapq.heappop(queue)
            events += 1
            if events > MOST_EVENTS:
                raise EngineError(f"more than {MOST_EVENTS} events before {time:g} s: does a loop feed itself?")
            if token < 0:
                seen.setdefault(where, []).append(time)
                if where not in self._reader:
                    continue
                name, port = self._reader[where]
                reaction = states[name].receive(port, time)
            else:
                name = where
                reaction = states[name].wake(token, time)
            for event in reaction:
                if isinstance(event, Wake):
                    heapq.heappush(queue, (event.time, next(order), name, event.token))
                else:
                    heapq.heappush(queue, (event.time, next(order), self._nets[name, event.port], -1))
        return PulseRun(
            pulses={net: tuple(times) for net, times in seen.items()},
            energy={name: state.energy for name, state in states.items()},
            margin={name: state.margin for name, state in states.items()},
            events=events,
        )
