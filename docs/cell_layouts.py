"""Where the nodes of each library cell stand in its drawing, and which way its elements go.

`docs/draw_cells.py` takes the elements from the cells themselves, so a drawing cannot show an element that the cell
does not have. `check` says whether a layout still fits the cell; a test calls it for every cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND, CurrentSource, Mutual

Point = tuple[float, float]
DROP = 1.9
"""Length of an element that hangs from a node to ground."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Drawing of one cell.

    Parameters
    ----------
    nodes : mapping of node to point
    paths : mapping of element to points
        From the first to the second node of the element, for those that do not go straight; the symbol is on the
        segment `segments` names, the last if it names none. A path to ground ends where the ground symbol is.
    segments : mapping of element to int
    dots : tuple of points
        Further places where wires join.
    parameters : mapping
        Of the cell that is drawn.
    """

    nodes: Mapping[str, Point]
    paths: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    segments: Mapping[str, int] = field(default_factory=dict)
    dots: tuple[Point, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)

    def path(self, name: str, first: str, second: str) -> tuple[Point, ...]:
        """Points of an element from its first to its second node."""
        if name in self.paths:
            return self.paths[name]
        start = self.nodes[first]
        return (start, (start[0], start[1] - DROP) if second == GROUND else self.nodes[second])


LAYOUTS: dict[str, Layout] = {
    "jtl": Layout(nodes={"input": (0, 0), "n1": (2.4, 0), "output": (4.8, 0)}),
    "terminator": Layout(nodes={"input": (0, 0)}),
    "splitter": Layout(
        nodes={"input": (0, 0), "middle": (2.4, 0), "output_1": (6.2, 2.4), "output_2": (6.2, -2.4)},
        paths={
            "L2": ((2.4, 0), (3.8, 0), (3.8, 2.4), (6.2, 2.4)),
            "L3": ((2.4, 0), (3.8, 0), (3.8, -2.4), (6.2, -2.4)),
        },
        dots=((3.8, 0),),
    ),
    "stochastic_synapse": Layout(
        nodes={
            "input": (0, 0),
            "d": (2.4, 0),
            "a": (4.8, 0),
            "x": (7.2, 0),
            "o1": (9.6, 0),
            "o2": (12.0, 0),
            "o3": (14.4, 0),
            "o4": (16.8, 0),
            "o5": (19.2, 0),
            "output": (21.6, 0),
        },
    ),
    "merger": Layout(
        nodes={
            "input_1": (0, 2.4),
            "n1": (2.4, 2.4),
            "escape_1": (4.8, 2.4),
            "input_2": (0, -2.4),
            "n2": (2.4, -2.4),
            "escape_2": (4.8, -2.4),
            "middle": (7.2, 0),
            "output": (9.6, 0),
        },
        paths={
            "L3": ((4.8, 2.4), (7.2, 2.4), (7.2, 0)),
            "L4": ((4.8, -2.4), (7.2, -2.4), (7.2, 0)),
            "I3": ((6.0, 0), (7.2, 0)),
        },
        segments={"L3": 0, "L4": 0},
    ),
    "dc_sfq": Layout(nodes={"input": (0, 0), "series": (2.4, 0), "middle": (4.8, 0), "output": (7.2, 0)}),
    "dff": Layout(
        nodes={
            "data": (0, 0),
            "data_buffer": (2.4, 0),
            "data_escape": (4.8, 0),
            "storage": (7.2, 0),
            "readout": (9.6, 0),
            "output": (13.2, 0),
            "clock": (0, -4.4),
            "clock_buffer": (2.4, -4.4),
            "clock_escape": (4.8, -4.4),
        },
        paths={
            "B4": ((4.8, -4.4), (7.2, -4.4), (10.8, -4.4), (10.8, 0), (9.6, 0)),
            "L6": ((9.6, 0), (10.8, 0), (13.2, 0)),
        },
        segments={"B4": 0},
        dots=((10.8, 0),),
    ),
    "ndro": Layout(
        nodes={
            "set": (0, 0),
            "set_buffer": (2.4, 0),
            "set_escape": (4.8, 0),
            "storage_1": (7.2, 0),
            "shared": (9.6, 0),
            "storage_2": (12.0, 0),
            "reset_escape": (14.4, 0),
            "reset_buffer": (16.8, 0),
            "reset": (19.2, 0),
            "coupling": (9.6, -2.1),
            "centre": (9.6, -4.2),
            "readout": (9.6, -6.3),
            "clock": (2.4, -6.3),
            "clock_buffer": (4.8, -6.3),
            "clock_escape": (7.2, -6.3),
            "output": (12.0, -6.3),
        },
        paths={"I5": ((8.4, -4.2), (9.6, -4.2))},
    ),
    "sfq_dc": Layout(
        nodes={
            "input": (0, 0),
            "split": (2.4, 0),
            "reset_escape": (6.0, 2.4),
            "set_escape": (6.0, -2.4),
            "set": (8.4, 2.4),
            "reset": (8.4, -2.4),
            "state": (10.8, 0),
            "damping": (12.0, -2.1),
            "readout_escape": (14.4, 0),
            "readout": (16.8, 0),
            "output": (19.2, 0),
        },
        paths={
            "L2": ((2.4, 0), (3.6, 0), (3.6, -2.4), (6.0, -2.4)),
            "L3": ((2.4, 0), (3.6, 0), (3.6, 2.4), (6.0, 2.4)),
            "L4": ((8.4, 2.4), (10.8, 2.4), (10.8, 0)),
            "L5": ((8.4, -2.4), (10.8, -2.4), (10.8, 0)),
            "L6": ((10.8, 0), (12.0, 0), (12.0, -2.1)),
            "L7": ((10.8, 0), (12.0, 0), (14.4, 0)),
        },
        segments={"L4": 0, "L5": 0},
        dots=((3.6, 0), (12.0, 0)),
    ),
    "sfq_neuron": Layout(
        nodes={
            "exc_1": (0, 2.4),
            "d1": (2.4, 2.4),
            "s1": (4.8, 2.4),
            "exc_2": (0, -2.4),
            "d2": (2.4, -2.4),
            "s2": (4.8, -2.4),
            "x": (8.4, 0),
            "r": (9.9, -2.1),
            "y": (13.5, 0),
            "q": (15.9, 0),
            "o": (18.3, 0),
            "output": (20.7, 0),
            "inh_1": (0, -7.0),
            "h1": (2.4, -7.0),
            "b1": (4.8, -7.0),
            "p": (11.1, -1.5),
        },
        paths={
            "RS1": ((4.8, 2.4), (7.2, 2.4), (7.2, 0), (8.4, 0)),
            "RS2": ((4.8, -2.4), (7.2, -2.4), (7.2, 0), (8.4, 0)),
            "LR": ((8.4, 0), (9.9, 0), (9.9, -2.1)),
            "LQ": ((13.5, 0), (11.1, 0), (8.4, 0)),
            "RB1": ((4.8, -7.0), (7.2, -7.0), (11.1, -7.0), (11.1, -1.5)),
            "LP": ((11.1, -1.5), (13.5, -1.5)),
        },
        segments={"RS1": 0, "RS2": 0, "LQ": 0, "RB1": 0},
        dots=((7.2, 0), (9.9, 0)),
        parameters={"excitatory": 2, "inhibitory": 1, "refractory": True},
    ),
    "sfq_synapse": Layout(
        nodes={
            "input": (0, 3.0),
            "d": (2.4, 3.0),
            "p": (9.6, 1.5),
            "x": (4.8, 0),
            "xl": (6.3, -2.1),
            "y": (9.6, 0),
            "q": (13.2, 0),
            "output": (15.6, 0),
        },
        paths={
            "Lp": ((2.4, 3.0), (7.2, 3.0), (7.2, 1.5), (9.6, 1.5)),
            "Rp": ((9.6, 1.5), (9.6, 3.0), (12.0, 3.0)),
            "Rx": ((4.8, 0), (6.3, 0), (6.3, -2.1)),
            "Ls": ((4.8, 0), (7.2, 0), (9.6, 0)),
        },
        dots=((6.3, 0),),
    ),
}


def check(layout: Layout, cell: SubCircuit) -> None:
    """Raise ValueError if the nodes or paths of a layout are not those of the cell."""
    if set(layout.nodes) != set(cell.nodes):
        raise ValueError(f"{cell.name}: nodes differ: {sorted(set(layout.nodes) ^ set(cell.nodes))}")
    names = {element.name for element in cell}
    if unknown := {*layout.paths, *layout.segments} - names:
        raise ValueError(f"{cell.name}: no such elements: {sorted(unknown)}")
    for element in cell:
        if isinstance(element, Mutual) or element.name not in layout.paths:
            continue
        path = layout.paths[element.name]
        if isinstance(element, CurrentSource):
            right = path[-1] == layout.nodes[element.minus]
        else:
            first, second = element.nodes
            right = path[0] == layout.nodes[first] and (second == GROUND or path[-1] == layout.nodes[second])
        if not right:
            raise ValueError(f"{cell.name}: the path of {element.name} does not join the nodes {element.nodes}")
