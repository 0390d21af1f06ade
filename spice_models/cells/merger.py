"""The merger (confluence buffer): a pulse at either of two inputs gives one at the output."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND


def merger(
    *,
    input_critical_current: float = 200e-6,
    escape_critical_current: float = 130e-6,
    output_critical_current: float = 200e-6,
    input_inductance: float = 5e-12,
    escape_inductance: float = 0.8e-12,
    output_inductance: float = 6.5e-12,
    input_bias: float = 60e-6,
    middle_bias: float = 175e-6,
    output_bias: float = 130e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Merger, or confluence buffer: a pulse at either input gives one at the output, 6.4 ps later (measured).

    ::

        input_1 --L1--n1--B3--L3--+
                      |           |
                      B1          o--L5--o-- output     I1 at n1, I2 at n2, I3 at o,
                      |           |      |              I4 at the output: bias from ground
                     gnd          |      B5
        input_2 --L2--n2--B4--L4--+      |
                      |                 gnd
                      B2
                      |
                     gnd

    No pulse leaves through the other input: its series junction (B3 or B4, "escape") slips instead of B1 or B2.
    Two pulses at different inputs less than 4.9 ps apart give one at the output (measured dead time), later ones
    give two, the second of them up to 2.1 ps late. In the last 0.4 ps below the limit an escape junction slips and
    slips back. B3 and B4 count from the middle to the inputs.

    Measured margins, drivers and loads scaled alike: bias -30/+37, Ic -27/+38, L -34/+44 %, R beyond 45 % both ways.

    Parameters
    ----------
    input_critical_current, escape_critical_current, output_critical_current : float
        Ic of B1 and B2, of B3 and B4, and of B5 [A].
    input_inductance, escape_inductance, output_inductance : float
        L1 and L2, L3 and L4, and L5 [H].
    input_bias, middle_bias, output_bias : float
        I1 and I2, I3, and I4 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745
    (the confluence buffer); values chosen by simulation.
    """
    cell = SubCircuit(name or "merger", ("input_1", "input_2", "output"))
    for k in (1, 2):
        cell.inductor(f"L{k}", f"input_{k}", f"n{k}", input_inductance)
        technology.junction(cell, f"B{k}", f"n{k}", GROUND, input_critical_current)
        technology.bias(cell, f"I{k}", f"n{k}", input_bias)
        technology.junction(cell, f"B{k + 2}", f"escape_{k}", f"n{k}", escape_critical_current)
        cell.inductor(f"L{k + 2}", f"escape_{k}", "middle", escape_inductance)
    technology.bias(cell, "I3", "middle", middle_bias)
    cell.inductor("L5", "middle", "output", output_inductance)
    technology.junction(cell, "B5", "output", GROUND, output_critical_current)
    technology.bias(cell, "I4", "output", output_bias)
    return cell
