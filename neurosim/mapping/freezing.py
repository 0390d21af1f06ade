"""A network that has learned as one that no longer does: the form in which it goes onto hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.network import Network
from neurosim.projection import Projection
from spice_models.errors import DescriptionError, unknown_name


def frozen(network: Network, weights: Mapping[str, ArrayLike] | None = None) -> Network:
    """Return the network without plasticity, with weights that it has learned.

    Parameters
    ----------
    network : Network
    weights : mapping of str to array, optional
        By name of a plastic projection, in the unit of its weights: a matrix (n_pre, n_post), or a list as engines
        return it in ``run.details["final_weights"]``. Projections that are not named keep those of the network.

    Raises
    ------
    UnknownNameError
        For a projection that does not learn, or does not exist.
    DescriptionError
        For weights of another shape.

    Examples
    --------
    >>> from neurosim.models.hippocampal_cam import STORE, network
    >>> memory = frozen(network(2, 3), {STORE: [[6e-9, 0, 6e-9], [0, 6e-9, 0]]})
    >>> [p.name for p in memory.projections if p.plasticity is not None]
    []
    """
    given = dict(weights or {})
    learning = [str(p.name) for p in network.projections if p.plasticity is not None]
    for name in given:
        if name not in learning:
            raise unknown_name("plastic projection", name, learning, f" in network {network.name!r}")
    changed = [
        replace(projection, weights=_matrix(projection, given.get(str(projection.name))), plasticity=None)
        if projection.plasticity is not None
        else projection
        for projection in network.projections
    ]
    return Network(name=network.name, populations=network.populations, projections=changed)


def _matrix(projection: Projection, learned: ArrayLike | None) -> NDArray[np.float64]:
    joined = projection.connections
    shape: tuple[int, int] = projection.weights.shape
    values = np.asarray(joined.weight if learned is None else learned, dtype=np.float64)
    if values.shape == shape:
        return values
    if values.shape != joined.pre.shape:
        raise DescriptionError(
            f"weights of projection {projection.name!r} must be a matrix of shape {shape} or a list of its "
            f"{joined.pre.size} synapses, got shape {values.shape}"
        )
    matrix = np.zeros(shape)
    matrix[joined.pre, joined.post] = values
    return matrix
