"""A network as plain numbers, strings and lists, and back: what a JSON file holds."""

from __future__ import annotations

import dataclasses
import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

from neurosim.neurons import Neuron
from neurosim.projection import Projection
from neurosim.quantities import Dimensional
from spice_models.errors import DescriptionError, unknown_name

if TYPE_CHECKING:
    from neurosim.network import Network

FORMAT = "neurofluxon-network"
VERSION = 1


def network_to_dict(network: Network) -> dict[str, Any]:
    """Return ``network`` as JSON-able data: populations with their models, projections as lists of synapses."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": network.name,
        "populations": [
            {"name": p.name, "size": p.size, "neuron": _neuron_to_dict(p.neuron)} for p in network.populations
        ],
        "projections": [_projection_to_dict(p) for p in network.projections],
    }


def network_from_dict(data: dict[str, Any]) -> Network:
    """Make a network from what `network_to_dict` returned.

    Raises
    ------
    DescriptionError
        For data of another format or version.
    """
    from neurosim.network import Network, Population

    if data.get("format") != FORMAT or data.get("version") != VERSION:
        raise DescriptionError(
            f"not a network of format {FORMAT!r}, version {VERSION}: "
            f"format {data.get('format')!r}, version {data.get('version')!r}"
        )
    try:
        populations = [
            Population(name=p["name"], size=p["size"], neuron=_neuron_from_dict(p["neuron"]))
            for p in data["populations"]
        ]
        sizes = {p.name: p.size for p in populations}
        projections = [_projection_from_dict(p, sizes) for p in data["projections"]]
        return Network(name=data["name"], populations=populations, projections=projections)
    except KeyError as error:
        raise DescriptionError(f"the network data lack {error.args[0]!r}") from error


def _models() -> dict[str, type[Neuron]]:
    # models of other files are known once those are imported
    import_module("neurosim.discrete_neurons")
    found: dict[str, type[Neuron]] = {}
    waiting = list(Neuron.__subclasses__())
    while waiting:
        model = waiting.pop()
        found[model.__name__] = model
        waiting.extend(model.__subclasses__())
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Dimensional):
        return {"value": value.value, "dimensions": list(value.dimensions)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float) and math.isinf(value):
        return {"infinite": 1 if value > 0 else -1}
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"value", "dimensions"}:
            return Dimensional(value=value["value"], dimensions=tuple(value["dimensions"]))
        if set(value) == {"infinite"}:
            return math.inf * value["infinite"]
        return {key: _restored(item) for key, item in value.items()}
    return value


def _neuron_to_dict(neuron: Any) -> dict[str, Any]:
    if not dataclasses.is_dataclass(neuron):
        raise DescriptionError(f"{type(neuron).__name__} is not a dataclass and cannot be written")
    parameters = {f.name: _plain(getattr(neuron, f.name)) for f in dataclasses.fields(neuron)}
    return {"model": type(neuron).__name__, "parameters": parameters}


def _neuron_from_dict(data: dict[str, Any]) -> Neuron:
    models = _models()
    if data["model"] not in models:
        raise unknown_name("neuron model", data["model"], models)
    model = models[data["model"]]
    try:
        return model(**{key: _restored(value) for key, value in data["parameters"].items()})
    except TypeError as error:
        raise DescriptionError(f"parameters of {data['model']} do not fit: {error}") from error


def _projection_to_dict(projection: Projection) -> dict[str, Any]:
    if projection.plasticity is not None or projection.synapse is not None:
        raise DescriptionError(
            f"projection {projection.name!r} from {projection.pre!r} to {projection.post!r} has a plasticity rule or "
            "a hardware synapse, which the file format does not hold; write the network without it"
        )
    joined = projection.connections
    return {
        "name": projection.name,
        "pre": projection.pre,
        "post": projection.post,
        "pre_index": joined.pre.tolist(),
        "post_index": joined.post.tolist(),
        "weight": joined.weight.tolist(),
        "delay": joined.delay.tolist(),
    }


def _projection_from_dict(data: dict[str, Any], sizes: dict[str, int]) -> Projection:
    for end in (data["pre"], data["post"]):
        if end not in sizes:
            raise unknown_name("population", end, sizes, f" (projection {data['name']!r})")
    shape = (sizes[data["pre"]], sizes[data["post"]])
    where = (np.array(data["pre_index"], dtype=np.int64), np.array(data["post_index"], dtype=np.int64))
    try:
        weights, delays = (
            scipy.sparse.csr_array((np.array(data[key], dtype=np.float64), where), shape=shape)
            for key in ("weight", "delay")
        )
    except ValueError as error:
        raise DescriptionError(f"synapses of projection {data['name']!r} do not fit {shape}: {error}") from error
    return Projection(pre=data["pre"], post=data["post"], weights=weights, delays=delays, name=data["name"])
