"""A network of rate neurons and stochastic synapses placed on SFQ cells.

Each spike fans out through splitters, passes or is blocked by a synapse, and fans in through mergers to the exciting or
the inhibiting port of a neuron. Weights and thresholds become currents; nothing is timed, since rates are what counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hardware.sfq.rate_neuron import RATE_NEURON
from hardware.sfq.stochastic_data import StochasticData, load_stochastic
from neurosim.mapping.fan_out import Split, Tree, balanced
from neurosim.mapping.names import Names, neuron_names
from neurosim.mapping.placement import DRIVER_JUNCTION, OUTPUT_JUNCTION, PlacedCell, PlacedInput
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.stochastic import RateNeuron, StochasticSynapse, network_temperature
from spice_models.circuit import SEPARATOR
from spice_models.errors import DescriptionError

Neuron = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class PlacedRates:
    """A network of rate neurons on SFQ cells, for any engine.

    Parameters
    ----------
    network : Network
        What was placed.
    cells : tuple of PlacedCell
    inputs : tuple of PlacedInput
    junctions : mapping of neuron to str
        Junction of the flattened circuit whose 2 pi steps are the spikes of each neuron, inputs included.
    outputs : mapping of neuron to str
        Net that its spikes leave on.
    synapses : mapping of str to StochasticSynapse
        By the name of the cell.
    temperature : float
        [K].
    """

    network: Network
    cells: tuple[PlacedCell, ...]
    inputs: tuple[PlacedInput, ...]
    junctions: Mapping[Neuron, str]
    outputs: Mapping[Neuron, str]
    synapses: Mapping[str, StochasticSynapse]
    temperature: float

    @property
    def tuning(self) -> dict[str, float]:
        """Weight and threshold currents [A] by their names in the flattened circuit."""
        weights = {f"{name}.IW": synapse.weight_current for name, synapse in self.synapses.items()}
        return weights | {
            f"{cell.name}.IT": float(cell.parameters["threshold_current"])
            for cell in self.cells
            if cell.kind == "sfq_neuron"
        }


def place_rates(network: Network, *, data: StochasticData | None = None) -> PlacedRates:
    """Place a network of `SpikeSource` and `RateNeuron`, joined by `StochasticSynapse`, on SFQ cells.

    Parameters
    ----------
    network : Network
        Weights are +1 (exciting) or -1 (inhibiting). Leaks, inhibition and delays are those of the cells.
    data : StochasticData, optional
        Measurements that turn thresholds into currents; the shipped ones if not given.

    Raises
    ------
    DescriptionError
        For other models, weights and synapses, for synapses at several temperatures, and for a neuron without input.
    """
    data = data or load_stochastic()
    _check(network)
    names = neuron_names(network)
    lister = _Lister(Names(names.values()))
    wishes = _wishes(network)
    temperature = network_temperature([wish.synapse for wish in wishes])
    cells, junctions = Names(), {}
    inputs = []
    synapses = {}
    arriving: dict[tuple[Neuron, str], list[str]] = defaultdict(list)
    leaving: dict[Neuron, list[int]] = defaultdict(list)
    for k, wish in enumerate(wishes):
        leaving[wish.pre].append(k)
    for population in network.populations:
        for index in range(population.size):
            neuron = (population.name, index)
            name = names[neuron]
            if isinstance(population.neuron, SpikeSource):
                driver, net = f"driver_{name}", f"{name}_current"
                junctions[neuron] = f"{driver}{SEPARATOR}{DRIVER_JUNCTION}"
                inputs.append(
                    PlacedInput(
                        population=population.name, index=index, cell=driver, net=net, junction=junctions[neuron]
                    )
                )
                lister.add(driver, "dc_sfq", {}, {"input": net, "output": name})
            else:
                junctions[neuron] = f"neuron_{name}{SEPARATOR}{OUTPUT_JUNCTION}"
            ends = lister.split(name, len(leaving[neuron]))
            for k, net in zip(leaving[neuron], ends, strict=True):
                wish = wishes[k]
                cell = cells.new(f"synapse_{name}_{names[wish.post]}")
                end = lister.net(f"{cell}_out")
                parameters = {"weight_current": wish.synapse.weight_current}
                lister.add(cell, "stochastic_synapse", parameters, {"input": net, "output": end})
                synapses[cell] = wish.synapse
                arriving[wish.post, "exc_1" if wish.weight > 0 else "inh_1"].append(end)
    for population in network.populations:
        model = population.neuron
        if not isinstance(model, RateNeuron):
            continue
        for index in range(population.size):
            neuron = (population.name, index)
            if not arriving[neuron, "exc_1"]:
                raise DescriptionError(f"neuron {population.name}[{index}] of network {network.name!r} has no input")
            parameters = {**RATE_NEURON, "threshold_current": data.neuron.threshold_current(model.threshold)}
            joined = {
                port: lister.merge(f"{names[neuron]}_{port}", arriving[neuron, port]) for port in ("exc_1", "inh_1")
            }
            lister.add(f"neuron_{names[neuron]}", "sfq_neuron", parameters, {**joined, "output": names[neuron]})
    return PlacedRates(
        network=network,
        cells=tuple(lister.cells),
        inputs=tuple(inputs),
        junctions=junctions,
        outputs=dict(names),
        synapses=synapses,
        temperature=temperature,
    )


@dataclass(frozen=True, kw_only=True)
class _Wish:
    pre: Neuron
    post: Neuron
    weight: float
    synapse: StochasticSynapse


def _wishes(network: Network) -> list[_Wish]:
    wishes = []
    for projection in network.projections:
        joined = projection.connections
        for pre, post, weight in zip(joined.pre, joined.post, joined.weight, strict=True):
            ends = f"projection {projection.name!r} from {projection.pre}[{pre}] to {projection.post}[{post}]"
            if weight not in (1.0, -1.0):
                raise DescriptionError(
                    f"{ends}: a stochastic synapse has a weight of +1 or -1 and a weight_current for the share that "
                    f"passes, got a weight of {weight:g}"
                )
            if not isinstance(projection.synapse, StochasticSynapse):
                raise DescriptionError(f"{ends}: rate neurons are joined by synapse=StochasticSynapse(weight_current=)")
            wishes.append(
                _Wish(
                    pre=(projection.pre, int(pre)),
                    post=(projection.post, int(post)),
                    weight=float(weight),
                    synapse=projection.synapse,
                )
            )
    return wishes


def _check(network: Network) -> None:
    for p in network.populations:
        if not isinstance(p.neuron, SpikeSource | RateNeuron):
            raise DescriptionError(
                f"population {p.name!r} of network {network.name!r} is of {type(p.neuron).__name__}; networks for "
                "rates on SFQ hardware hold SpikeSource and RateNeuron only"
            )
    for projection in network.projections:
        if projection.plasticity is not None:
            raise DescriptionError(
                f"projection {projection.name!r} is plastic; place the network with the currents it has learned"
            )


@dataclass
class _Lister:
    """Cells in the making, and names of the nets between them."""

    names: Names
    cells: list[PlacedCell] = field(default_factory=list)

    def net(self, name: str) -> str:
        return self.names.new(name)

    def add(self, name: str, kind: str, parameters: Mapping[str, float], connections: Mapping[str, str]) -> None:
        self.cells.append(PlacedCell(name=name, kind=kind, parameters=parameters, connections=connections))

    def split(self, net: str, ends: int) -> list[str]:
        """Fan a net out into as many, through splitters; one that nothing reads ends in a resistor."""
        if ends == 0:
            end = self.net(f"{net}_end")
            self.add(f"line_{net}", "jtl", {"stages": 1}, {"input": net, "output": end})
            self.add(f"end_{net}", "terminator", {}, {"input": end})
            return []
        found: dict[int, str] = {}
        waiting: list[tuple[str, Tree]] = [(net, balanced(dict.fromkeys(range(ends), 0.0)))]
        count = 0
        while waiting:
            at, node = waiting.pop(0)
            if not isinstance(node, Split):
                found[node] = at
                continue
            count += 1
            joined = {"input": at}
            for port, branch in (("output_1", node.first), ("output_2", node.second)):
                joined[port] = self.net(f"{net}_split")
                waiting.append((joined[port], branch))
            self.add(f"splitter_{net}_{count}", "splitter", {}, joined)
        return [found[k] for k in range(ends)]

    def merge(self, net: str, ends: Sequence[str]) -> str:
        """Bring nets together into one, through mergers, and name it; where there are none, one that nothing drives."""
        level = list(ends) or [self.net(net)]
        count = 0
        while len(level) > 1:
            pairs = list(zip(level[::2], level[1::2], strict=False))
            rest = level[2 * len(pairs) :]
            level = []
            for first, second in pairs:
                count += 1
                level.append(self.net(f"{net}_merged"))
                self.add(f"merger_{net}_{count}", "merger", {}, dict(input_1=first, input_2=second, output=level[-1]))
            level += rest
        return level[0]
