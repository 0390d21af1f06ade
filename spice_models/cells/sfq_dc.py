"""The SFQ-to-DC converter: each pulse switches a voltage on or off."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND


def sfq_dc(
    *,
    input_critical_current: float = 310e-6,
    set_escape_critical_current: float = 190e-6,
    set_critical_current: float = 217e-6,
    reset_escape_critical_current: float = 197e-6,
    reset_critical_current: float = 315e-6,
    readout_escape_critical_current: float = 143e-6,
    readout_critical_current: float = 140e-6,
    output_critical_current: float = 200e-6,
    input_inductance: float = 3.1e-12,
    branch_inductance: float = 1.7e-12,
    set_inductance: float = 4.2e-12,
    reset_inductance: float = 3.1e-12,
    damping_inductance: float = 0.7e-12,
    damping_resistance: float = 0.306,
    readout_inductance: float = 1e-12,
    output_inductance: float = 5.4e-12,
    input_bias: float = 270e-6,
    toggle_bias: float = 145e-6,
    readout_bias: float = 222e-6,
    output_bias: float = 65e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Converter whose output voltage is switched on by one pulse and off by the next.

    ::

        input --L1--o--L3--B2--o--L4--o--L7--B6--o--L8--o-- output
                    |          |      |          |      |
                    |          B4     L6         B7     B8
                    |          |      |          |      |
                    |         gnd     R1        gnd    gnd
                    |                 |
                    |                gnd
                    |
        gnd --B1----o--L2--B3--o--L5--+   (to the node of L4, L6 and L7)
                               |
                               B5
                               |
                              gnd

    I1 at B1, I2 at B4, I3 at B7, I4 at B8: bias from ground.

    A toggle flip-flop and a readout. The first pulse makes B4 slip (and B3, which keeps it from B5), the second B5
    (and B2): between them the loop B4-L4-L5-B5 holds a flux quantum. Its current together with I3 takes B6 and B7
    over their critical currents: they slip in turn and B8 follows, 207 uV on average at 50 ohm (measured). The damping
    L6-R1 takes up what B6 sends back. The first pulse at the output comes 19 ps after the one at the input, the last
    at most 9 ps after the one that switches off (measured).
    B6 counts from the output to the input.

    Measured margins, drivers and loads scaled alike: bias -26/+27, Ic -26/+32, L -34/+44 %, R beyond 45 % both ways.

    Parameters
    ----------
    input_critical_current : float
        Ic of B1 [A].
    set_escape_critical_current, reset_escape_critical_current : float
        Ic of the series junctions B3 and B2 [A].
    set_critical_current, reset_critical_current : float
        Ic of B4 and B5 [A].
    readout_escape_critical_current, readout_critical_current, output_critical_current : float
        Ic of B6, B7 and B8 [A].
    input_inductance, branch_inductance : float
        L1, and L2 and L3 [H].
    set_inductance, reset_inductance : float
        L4 and L5 [H].
    damping_inductance, damping_resistance : float
        L6 [H] and R1 [ohm].
    readout_inductance, output_inductance : float
        L7 and L8 [H].
    input_bias, toggle_bias, readout_bias, output_bias : float
        I1, I2, I3, I4 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745;
    circuit after the SFQDC of RSFQlib 2.1 (L. Schindler, Stellenbosch University, 2021, who adapted that of
    Fluxonics), without its parasitic inductances, values chosen by simulation.
    """
    cell = SubCircuit(name or "sfq_dc", ("input", "output"))
    cell.inductor("L1", "input", "split", input_inductance)
    technology.junction(cell, "B1", "split", GROUND, input_critical_current)
    technology.bias(cell, "I1", "split", input_bias)
    cell.inductor("L2", "split", "set_escape", branch_inductance)
    technology.junction(cell, "B2", "reset_escape", "set", reset_escape_critical_current)
    cell.inductor("L3", "split", "reset_escape", branch_inductance)
    technology.junction(cell, "B3", "set_escape", "reset", set_escape_critical_current)
    technology.junction(cell, "B4", "set", GROUND, set_critical_current)
    technology.bias(cell, "I2", "set", toggle_bias)
    technology.junction(cell, "B5", "reset", GROUND, reset_critical_current)
    cell.inductor("L4", "set", "state", set_inductance)
    cell.inductor("L5", "reset", "state", reset_inductance)
    cell.inductor("L6", "state", "damping", damping_inductance)
    cell.resistor("R1", "damping", GROUND, damping_resistance)
    cell.inductor("L7", "state", "readout_escape", readout_inductance)
    technology.junction(cell, "B6", "readout", "readout_escape", readout_escape_critical_current)
    technology.junction(cell, "B7", "readout", GROUND, readout_critical_current)
    technology.bias(cell, "I3", "readout", readout_bias)
    cell.inductor("L8", "readout", "output", output_inductance)
    technology.junction(cell, "B8", "output", GROUND, output_critical_current)
    technology.bias(cell, "I4", "output", output_bias)
    return cell
