"""Neuromorphic networks, described once and evaluated as spiking model, as hardware and as circuit.

The names below are loaded at first use, so that ``import neurosim`` costs next to nothing and Brian2 or Matplotlib
are imported only by the call that needs them.
"""

from typing import TYPE_CHECKING

from spice_models.public_names import lazily

if TYPE_CHECKING:
    from neurosim.compare import Comparison
    from neurosim.discrete_neurons import DiscreteLIF
    from neurosim.mapping.freezing import frozen
    from neurosim.mapping.netlist import netlist
    from neurosim.mapping.rram import place
    from neurosim.memory.crossbars import CrossbarMemory
    from neurosim.memory.hippocampal import HippocampalMemory
    from neurosim.models.hippocampal_operations import Answer, Operation
    from neurosim.network import Network, Population, Projection
    from neurosim.neurons import LIF, Equations, Izhikevich, SFQNeuron, SpikeSource
    from neurosim.plasticity import PairSTDP
    from neurosim.run import Run
    from neurosim.simulate import compare, simulate, simulate_batch
    from neurosim.stimuli import Stimulus, currents, poisson, pulses, regular
    from neurosim.stimulus import merge, sequence
    from neurosim.stochastic import RateNeuron, StochasticSynapse
    from neurosim.sweep import sweep
    from spice_models.results import SpikeTrains, Traces

__version__ = "0.1.0"

__all__ = [
    "LIF",
    "Answer",
    "Comparison",
    "CrossbarMemory",
    "DiscreteLIF",
    "Equations",
    "HippocampalMemory",
    "Izhikevich",
    "Network",
    "Operation",
    "PairSTDP",
    "Population",
    "Projection",
    "RateNeuron",
    "Run",
    "SFQNeuron",
    "SpikeSource",
    "SpikeTrains",
    "Stimulus",
    "StochasticSynapse",
    "Traces",
    "compare",
    "currents",
    "frozen",
    "merge",
    "netlist",
    "place",
    "poisson",
    "pulses",
    "regular",
    "sequence",
    "simulate",
    "simulate_batch",
    "sweep",
]

_SOURCES = {
    "Network": "neurosim.network",
    "Population": "neurosim.network",
    "Projection": "neurosim.network",
    "LIF": "neurosim.neurons",
    "SFQNeuron": "neurosim.neurons",
    "Equations": "neurosim.neurons",
    "Izhikevich": "neurosim.neurons",
    "SpikeSource": "neurosim.neurons",
    "RateNeuron": "neurosim.stochastic",
    "StochasticSynapse": "neurosim.stochastic",
    "DiscreteLIF": "neurosim.discrete_neurons",
    "PairSTDP": "neurosim.plasticity",
    "CrossbarMemory": "neurosim.memory.crossbars",
    "Answer": "neurosim.models.hippocampal_operations",
    "HippocampalMemory": "neurosim.memory.hippocampal",
    "Operation": "neurosim.models.hippocampal_operations",
    "Stimulus": "neurosim.stimuli",
    "currents": "neurosim.stimuli",
    "poisson": "neurosim.stimuli",
    "pulses": "neurosim.stimuli",
    "regular": "neurosim.stimuli",
    "merge": "neurosim.stimulus",
    "sequence": "neurosim.stimulus",
    "simulate": "neurosim.simulate",
    "simulate_batch": "neurosim.simulate",
    "compare": "neurosim.simulate",
    "sweep": "neurosim.sweep",
    "Comparison": "neurosim.compare",
    "frozen": "neurosim.mapping.freezing",
    "netlist": "neurosim.mapping.netlist",
    "place": "neurosim.mapping.rram",
    "Run": "neurosim.run",
    "SpikeTrains": "spice_models.results",
    "Traces": "spice_models.results",
}


__getattr__, __dir__ = lazily(__name__, _SOURCES)
