"""Neuromorphic networks, described once and evaluated as spiking model, as hardware and as circuit.

The names below are loaded at first use, so that ``import neurosim`` costs next to nothing and Brian2 or Matplotlib
are imported only by the call that needs them.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosim.compare import Comparison
    from neurosim.discrete_neurons import DiscreteLIF
    from neurosim.hippocampal_memory import HippocampalMemory
    from neurosim.mapping.freezing import frozen
    from neurosim.mapping.netlist import netlist
    from neurosim.mapping.rram import place
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
    "Comparison",
    "DiscreteLIF",
    "Equations",
    "HippocampalMemory",
    "Izhikevich",
    "Network",
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
    "HippocampalMemory": "neurosim.hippocampal_memory",
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


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it (PEP 562)."""
    if name in _SOURCES:
        value = getattr(import_module(_SOURCES[name]), name)
        globals()[name] = value
        return value
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    from difflib import get_close_matches
    from importlib.util import find_spec

    if find_spec(f"{__name__}.{name}") is not None:
        hint = f"it is a module, import it with 'import {__name__}.{name}'"
    elif close := get_close_matches(name, __all__, n=1):
        hint = f"did you mean {close[0]!r}?"
    else:
        hint = f"available: {', '.join(__all__)}"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; {hint}")


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """A package whose functions are not hidden by a submodule of the same name.

    Importing the module ``neurosim.simulate`` makes Python bind it as ``neurosim.simulate``, where users expect the
    function; that one assignment is ignored, and the module stays available to ``from neurosim.simulate import ...``.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _SOURCES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
