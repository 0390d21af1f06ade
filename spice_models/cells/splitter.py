"""The splitter: one pulse in, one out of each of two outputs."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND


def splitter(
    *,
    input_critical_current: float = 260e-6,
    output_critical_current: float = 200e-6,
    input_inductance: float = 3.5e-12,
    output_inductance: float = 4e-12,
    input_bias: float = 208e-6,
    output_bias: float = 140e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Splitter: one pulse in, one out of each of two outputs, 4.4 ps later (measured).

    ::

                              +--L2--o-- output_1
                              |      |
        input --L1--o---------+      B2     I1 at B1, I2 at B2, I3 at B3: bias from ground
                    |         |      |
                    B1        |     gnd
                    |         +--L3--o-- output_2
                   gnd               |
                                     B3
                                     |
                                    gnd

    Measured margins, drivers and loads scaled alike: bias -32/+40, Ic -29/+38, L -34/+44 %, R beyond 45 % both ways.

    Parameters
    ----------
    input_critical_current, output_critical_current : float
        Ic of B1, and of B2 and B3 [A]; B1 is larger as it drives two.
    input_inductance, output_inductance : float
        L1, and L2 and L3 [H].
    input_bias, output_bias : float
        I1, and I2 and I3 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745.
    """
    cell = SubCircuit(name or "splitter", ("input", "output_1", "output_2"))
    cell.inductor("L1", "input", "middle", input_inductance)
    technology.junction(cell, "B1", "middle", GROUND, input_critical_current)
    technology.bias(cell, "I1", "middle", input_bias)
    for k, port in ((2, "output_1"), (3, "output_2")):
        cell.inductor(f"L{k}", "middle", port, output_inductance)
        technology.junction(cell, f"B{k}", port, GROUND, output_critical_current)
        technology.bias(cell, f"I{k}", port, output_bias)
    return cell
