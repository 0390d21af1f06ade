"""Draw the schematic of every library cell into docs/images (needs `pip install schemdraw`).

Elements and names come from the cells, their places from `cell_layouts.py`. Run it after the elements of a cell have
changed: ``python docs/draw_cells.py [--format png] [--out DIR] [CELL ...]``.
"""

from __future__ import annotations

import argparse
import os
from itertools import pairwise
from pathlib import Path

import matplotlib
import schemdraw
import schemdraw.elements as elm
from cell_layouts import LAYOUTS, Layout, Point, check

from spice_models.cells.library import CELLS, cell
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND, CurrentSource, Inductor, Junction, Mutual, Resistor

SYMBOLS = {Junction: elm.Line, Inductor: elm.Inductor, Resistor: elm.Resistor}
CROSS = 0.24  # half of the side of the cross that marks a junction
TUNING = "#d55e00"
COUPLING = "#0072b2"
ARROW = 1.15  # length of a bias arrow


def draw(name: str, path: Path) -> None:
    """Write the schematic of one cell."""
    layout = LAYOUTS[name]
    circuit = cell(name, **layout.parameters)
    check(layout, circuit)
    below = {_lower_coil(layout, circuit, mutual) for mutual in circuit.of_type(Mutual)}
    with schemdraw.Drawing(show=False) as drawing:
        drawing.config(fontsize=12, lw=1.3)
        for element in circuit:
            if isinstance(element, CurrentSource):
                _bias(drawing, layout, element)
            elif isinstance(element, Mutual):
                _coupling(drawing, layout, circuit, element)
            else:
                _element(drawing, layout, element, below)
        for port in circuit.ports:
            _port(drawing, layout, port)
        for node, place in layout.nodes.items():
            if _degree(circuit, node) > 2:
                drawing += elm.Dot(radius=0.06).at(place)
        for place in layout.dots:
            drawing += elm.Dot(radius=0.06).at(place)
    drawing.save(str(path), transparent=False, dpi=110)


def _element(
    drawing: schemdraw.Drawing, layout: Layout, element: Junction | Inductor | Resistor, below: set[str]
) -> None:
    points = layout.path(element.name, element.plus, element.minus)
    chosen = layout.segments.get(element.name, len(points) - 2)
    for k, (start, end) in enumerate(pairwise(points)):
        if k != chosen:
            drawing += elm.Line().at(start).to(end)
            continue
        drawing += SYMBOLS[type(element)]().at(start).to(end)
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if isinstance(element, Junction):
            for rise in (-CROSS, CROSS):
                drawing += elm.Line().at((x - CROSS, y - rise)).to((x + CROSS, y + rise))
        if start[0] == end[0]:
            _text(drawing, (x + 0.45, y), element.name, "left", "center")
        elif element.name in below:
            _text(drawing, (x, y - 0.38), element.name, "center", "top")
        else:
            _text(drawing, (x, y + 0.38), element.name, "center", "bottom")
    if element.minus == GROUND:
        drawing += elm.Ground().at(points[-1])


def _bias(drawing: schemdraw.Drawing, layout: Layout, source: CurrentSource) -> None:
    node = layout.nodes[source.minus]
    start, end = layout.paths.get(source.name, ((node[0], node[1] + ARROW), node))
    colour = TUNING if source.role == "tuning" else "black"
    drawing += elm.Line(arrow="->", arrowwidth=0.16, arrowlength=0.22).at(start).to(end).color(colour)
    level = start[1] == end[1]
    place = (start[0] - 0.12, start[1]) if level else (start[0], start[1] + 0.1)
    _text(drawing, place, source.name, *(("right", "center") if level else ("center", "bottom")), colour)


def _coupling(drawing: schemdraw.Drawing, layout: Layout, circuit: SubCircuit, mutual: Mutual) -> None:
    """A dot beside the end of each coil that is the positive one of the coupling, and the name between the coils."""
    coils = [_symbol_ends(layout, circuit, coil) for coil in (mutual.first, mutual.second)]
    for (x, y), (end, _) in coils:
        drawing += elm.Dot(radius=0.08).at((x + 0.22 * (end - x), y - 0.3)).color(COUPLING)
    points = [point for coil in coils for point in coil]
    centre = (sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4)
    _text(drawing, centre, mutual.name, "center", "center", COUPLING)


def _lower_coil(layout: Layout, circuit: SubCircuit, mutual: Mutual) -> str:
    return min((mutual.first, mutual.second), key=lambda coil: _symbol_ends(layout, circuit, coil)[0][1])


def _symbol_ends(layout: Layout, circuit: SubCircuit, name: str) -> tuple[Point, Point]:
    element = circuit[name]
    assert isinstance(element, Inductor)
    points = layout.path(name, element.plus, element.minus)
    chosen = layout.segments.get(name, len(points) - 2)
    return points[chosen], points[chosen + 1]


def _port(drawing: schemdraw.Drawing, layout: Layout, port: str) -> None:
    x, y = layout.nodes[port]
    left = x <= min(place[0] for place in layout.nodes.values()) or port == "clock"
    end = (x - 0.5, y) if left else (x + 0.5, y)
    drawing += elm.Line().at((x, y)).to(end)
    drawing += elm.Dot(open=True, radius=0.09).at(end)
    _text(drawing, (end[0] + (-0.25 if left else 0.25), y - 0.1), port, "right" if left else "left", "center")


def _text(
    drawing: schemdraw.Drawing, place: Point, text: str, across: str, upright: str, colour: str = "black"
) -> None:
    # theta: otherwise a label turns with the element before it
    drawing += elm.Label().at(place).theta(0).label(text, halign=across, valign=upright, color=colour, ofst=0)


def _degree(circuit: SubCircuit, node: str) -> int:
    wired = sum(node in e.nodes for e in circuit if not isinstance(e, Mutual | CurrentSource))
    return wired + (node in circuit.ports)


def main() -> None:
    """Draw the cells named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cells", nargs="*", metavar="CELL", help=f"of {', '.join(CELLS)}; all if none is given")
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    options = parser.parse_args()
    schemdraw.use("matplotlib")
    matplotlib.use("Agg")
    # the same file for the same drawing
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    matplotlib.rcParams["svg.hashsalt"] = "neurofluxon"
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.cells or CELLS:
        path = options.out / f"{name}.{options.format}"
        draw(name, path)
        print(path)


if __name__ == "__main__":
    main()
