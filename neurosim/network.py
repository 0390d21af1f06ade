"""Networks as data: populations of neurons joined by projections, checked when they are made. No engine is in here."""

from __future__ import annotations

import dataclasses
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.neurons import Neuron, SpikeSource
from neurosim.projection import Projection
from spice_models.errors import DescriptionError, unknown_name

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Network", "Population", "Projection"]


@dataclass(frozen=True, kw_only=True)
class Population:
    """``size`` neurons of one model.

    Parameters
    ----------
    name : str
        Unique in its network.
    size : int
        Number of neurons, at least 1.
    neuron : Neuron
        The model and its parameters.
    """

    name: str
    size: int
    neuron: Neuron

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise DescriptionError(f"a population needs a name, got {self.name!r}")
        if isinstance(self.size, bool) or not isinstance(self.size, int | np.integer) or self.size < 1:
            raise DescriptionError(f"population {self.name!r} needs a size of at least 1, got {self.size!r}")
        object.__setattr__(self, "size", int(self.size))
        if not isinstance(self.neuron, Neuron):
            raise DescriptionError(
                f"population {self.name!r} needs a neuron model such as LIF() or SFQNeuron(), got {self.neuron!r}"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Populations joined by projections.

    Parameters
    ----------
    name : str
        Used in results and messages.
    populations : sequence of Population
    projections : sequence of Projection
        Scalar weights and delays are broadcast to the sizes of both ends; a projection without a name is called
        ``"pre->post"`` (the second of a pair ``"pre->post#2"``).

    Raises
    ------
    UnknownNameError
        For a projection whose end does not exist.
    DescriptionError
        For names that occur twice, weights of the wrong shape, and projections that end in a `SpikeSource`.

    Examples
    --------
    >>> from neurosim.neurons import SFQNeuron
    >>> a = Population(name="a", size=2, neuron=SpikeSource())
    >>> b = Population(name="b", size=1, neuron=SFQNeuron())
    >>> Network(name="or", populations=[a, b], projections=[Projection(pre="a", post="b", weights=1.0)])
    Network('or': 2 populations, 3 neurons, 1 projection, 2 synapses)
    """

    name: str
    populations: Sequence[Population]
    projections: Sequence[Projection] = ()

    def __post_init__(self) -> None:
        populations = tuple(self.populations)
        object.__setattr__(self, "populations", populations)
        where = f" in network {self.name!r}"
        if not populations:
            raise DescriptionError(f"network {self.name!r} has no populations")
        _refuse_repeated("population", [p.name for p in populations], where)
        named = _with_names(self.projections)
        _refuse_repeated("projection", [str(p.name) for p in named], where)
        object.__setattr__(self, "projections", tuple(self._resolved(p) for p in named))

    def _resolved(self, projection: Projection) -> Projection:
        ends = f"projection {projection.name!r} from {projection.pre!r} to {projection.post!r}"
        sizes = {p.name: p for p in self.populations}
        for end in (projection.pre, projection.post):
            if end not in sizes:
                raise unknown_name("population", end, sizes, f" ({ends} in network {self.name!r})")
        pre, post = sizes[projection.pre], sizes[projection.post]
        if not post.neuron.accepts_spikes:
            raise DescriptionError(f"{ends} ends in a {type(post.neuron).__name__}, which takes no input")
        return projection.resolved(pre.size, post.size)

    def population(self, name: str) -> Population:
        """Return the population of that name; raises `UnknownNameError` with the nearest spelling."""
        for population in self.populations:
            if population.name == name:
                return population
        raise unknown_name("population", name, [p.name for p in self.populations], f" in network {self.name!r}")

    @property
    def inputs(self) -> tuple[Population, ...]:
        """Populations that the stimulus drives: those of `SpikeSource`."""
        return tuple(p for p in self.populations if isinstance(p.neuron, SpikeSource))

    @property
    def outputs(self) -> tuple[Population, ...]:
        """Populations from which no projection leaves, sources apart."""
        sending = {projection.pre for projection in self.projections}
        return tuple(p for p in self.populations if p.name not in sending and not isinstance(p.neuron, SpikeSource))

    @property
    def n_neurons(self) -> int:
        """Number of neurons, sources included."""
        return sum(population.size for population in self.populations)

    @property
    def n_synapses(self) -> int:
        """Number of synapses over all projections."""
        return sum(projection.connections.pre.size for projection in self.projections)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The network as a graph.

        Nodes are ``"population[i]"`` with attributes ``population``, ``index`` and ``model``; edges carry
        ``weight``, ``delay`` [s] and ``projection``.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=self.name)
        for population in self.populations:
            for i in range(population.size):
                node = f"{population.name}[{i}]"
                graph.add_node(node, population=population.name, index=i, model=type(population.neuron).__name__)
        for projection in self.projections:
            joined = projection.connections
            for pre, post, weight, delay in zip(joined.pre, joined.post, joined.weight, joined.delay, strict=True):
                graph.add_edge(
                    f"{projection.pre}[{pre}]",
                    f"{projection.post}[{post}]",
                    weight=float(weight),
                    delay=float(delay),
                    projection=projection.name,
                )
        return graph

    def weights(self, pre: str, post: str) -> NDArray[np.float64]:
        """Sum of the weights of all projections from ``pre`` to ``post``, dense, shape (n_pre, n_post)."""
        total = np.zeros((self.population(pre).size, self.population(post).size))
        for projection in self.projections:
            if (projection.pre, projection.post) == (pre, post):
                joined = projection.connections
                np.add.at(total, (joined.pre, joined.post), joined.weight)
        return total

    def to_dict(self) -> dict[str, Any]:
        """Return the network as plain numbers, strings and lists, ready for JSON; see `from_dict`."""
        from neurosim.serialisation import network_to_dict

        return network_to_dict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Network:
        """Make a network from what `to_dict` returned."""
        from neurosim.serialisation import network_from_dict

        return network_from_dict(data)

    def __repr__(self) -> str:
        counts = (
            _counted(len(self.populations), "population"),
            _counted(self.n_neurons, "neuron"),
            _counted(len(self.projections), "projection"),
            _counted(self.n_synapses, "synapse"),
        )
        return f"Network({self.name!r}: {', '.join(counts)})"

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><td>{html.escape(p.name)}</td><td>{p.size}</td><td>{html.escape(repr(p.neuron))}</td></tr>"
            for p in self.populations
        ]
        joined = [
            f"<tr><td>{html.escape(str(p.name))}</td><td>{p.connections.pre.size}</td><td>{html.escape(p.summary)}</td></tr>"
            for p in self.projections
        ]
        return (
            f"<b>{html.escape(repr(self))}</b><table><tr><th>population</th><th>size</th><th>neuron</th></tr>"
            f"{''.join(rows)}</table><table><tr><th>projection</th><th>synapses</th><th>values</th></tr>{''.join(joined)}</table>"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _with_names(projections: Sequence[Projection]) -> list[Projection]:
    taken = {p.name for p in projections if p.name is not None}
    named = []
    for projection in projections:
        if projection.name is None:
            plain = name = f"{projection.pre}->{projection.post}"
            number = 1
            while name in taken:
                number += 1
                name = f"{plain}#{number}"
            taken.add(name)
            projection = dataclasses.replace(projection, name=name)
        named.append(projection)
    return named


def _refuse_repeated(kind: str, names: list[str], where: str) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DescriptionError(f"two {kind}s are called {repeated[0]!r}{where}; each needs its own name")
