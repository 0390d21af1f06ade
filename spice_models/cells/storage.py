"""Storage cells: a flux quantum in a superconducting loop, read destructively or not."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND


def dff(
    *,
    buffer_critical_current: float = 200e-6,
    data_escape_critical_current: float = 105e-6,
    storage_critical_current: float = 130e-6,
    readout_critical_current: float = 130e-6,
    clock_escape_critical_current: float = 140e-6,
    inductance: float = 5e-12,
    storage_inductance: float = 10.4e-12,
    buffer_bias: float = 140e-6,
    storage_bias: float = 105e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """D flip-flop: holds a pulse at ``data`` until ``clock`` reads it out and empties the cell.

    ::

        data --L1--o--L3--B3--o--L5--o-----o--L6--o-- output    I1 at B1, I2 at B2, I3 at B5,
                   |          |      |     |      |             I4 at B7: bias from ground
                   B1         B5     B6    B4     B7
                   |          |      |     |      |
                  gnd        gnd    gnd    L4    gnd
                                           |
        clock ----------------L2-----------o--B2--gnd

    A pulse at ``data`` makes B5 slip: one flux quantum sits in B5-L5-B6. The clock then makes B6 slip, which takes
    it out, and a pulse leaves through L6 5.6 ps after the clock (measured). Without it B4 slips and nothing leaves.
    Data to a full cell makes B3 slip and is lost. Data up to 0.5 ps after the clock still counts.

    Measured margins, drivers and loads scaled alike: bias -30/+39, Ic -24/+35, L -33/+37 %, R beyond 45 % both ways.

    Parameters
    ----------
    buffer_critical_current : float
        Ic of B1, B2 and B7 [A].
    data_escape_critical_current, clock_escape_critical_current : float
        Ic of the series junctions B3 and B4 [A].
    storage_critical_current, readout_critical_current : float
        Ic of B5 and B6 [A].
    inductance, storage_inductance : float
        L1 to L4 and L6, and L5 [H]; L5 times the Ic of B5 is 0.65 Phi0.
    buffer_bias, storage_bias : float
        I1, I2 and I4, and I3 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745;
    circuit after the DFF of RSFQlib 2.1 (L. Schindler, Stellenbosch University, 2021), values chosen by simulation.
    """
    cell = SubCircuit(name or "dff", ("data", "clock", "output"))
    for k, port in ((1, "data"), (2, "clock")):
        cell.inductor(f"L{k}", port, f"{port}_buffer", inductance)
        technology.junction(cell, f"B{k}", f"{port}_buffer", GROUND, buffer_critical_current)
        technology.bias(cell, f"I{k}", f"{port}_buffer", buffer_bias)
        cell.inductor(f"L{k + 2}", f"{port}_buffer", f"{port}_escape", inductance)
    technology.junction(cell, "B3", "data_escape", "storage", data_escape_critical_current)
    technology.junction(cell, "B4", "clock_escape", "readout", clock_escape_critical_current)
    technology.junction(cell, "B5", "storage", GROUND, storage_critical_current)
    technology.bias(cell, "I3", "storage", storage_bias)
    cell.inductor("L5", "storage", "readout", storage_inductance)
    technology.junction(cell, "B6", "readout", GROUND, readout_critical_current)
    cell.inductor("L6", "readout", "output", inductance)
    technology.junction(cell, "B7", "output", GROUND, buffer_critical_current)
    technology.bias(cell, "I4", "output", buffer_bias)
    return cell


def ndro(
    *,
    buffer_critical_current: float = 220e-6,
    set_escape_critical_current: float = 165e-6,
    set_critical_current: float = 215e-6,
    reset_escape_critical_current: float = 160e-6,
    reset_critical_current: float = 250e-6,
    coupling_critical_current: float = 63e-6,
    clock_escape_critical_current: float = 84e-6,
    readout_critical_current: float = 90e-6,
    inductance: float = 4.8e-12,
    storage_inductance: float = 4e-12,
    coupling_inductance: float = 1.1e-12,
    buffer_bias: float = 142e-6,
    storage_bias: float = 169e-6,
    readout_bias: float = 94e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Non-destructive readout: ``set`` fills the cell, ``reset`` empties it, ``clock`` reads it and leaves it as it is.

    ::

        set ----L1--o--L4--B4--o--L6--o--L7--o--B6--L5--o--L2-- reset
                    |          |      |      |          |
                    B1         B5     B8     B7         B2
                    |          |      |      |          |
                   gnd        gnd     L8    gnd        gnd
                                      |
                                      o  I5
                                      |
                                      L9
                                      |
        clock --L3--o--B9--L10--------o--L11--o-- output
                    |                 |       |
                    B3                B10     B11
                    |                 |       |
                   gnd               gnd     gnd

    I1, I2, I3 at B1, B2, B3; I4 at B5, I5 between L8 and L9, I6 at B11: bias from ground.

    ``set`` makes B5 slip, ``reset`` B7: between the two the loop B5-L6-L7-B7 holds a flux quantum, whose current
    through B8 helps the clock to make B10 slip, and a pulse leaves 6.4 ps after the clock (measured). B8 then slips
    too and keeps the quantum in the loop. In the empty cell B9 slips instead and nothing leaves. ``set`` to a full
    cell makes B4 slip, ``reset`` to an empty one B6. B8 counts from the readout to the loop; it slips forward at each
    pulse read out and backward at each ``reset`` of a full cell, the one junction that does so.

    Measured margins, drivers and loads scaled alike: bias -22/+22, Ic -22/+31, L -29/+44 %, R beyond 45 % both ways.

    Parameters
    ----------
    buffer_critical_current : float
        Ic of B1, B2, B3 and B11 [A].
    set_escape_critical_current, reset_escape_critical_current, clock_escape_critical_current : float
        Ic of the series junctions B4, B6 and B9 [A].
    set_critical_current, reset_critical_current : float
        Ic of B5 and B7 [A].
    coupling_critical_current, readout_critical_current : float
        Ic of B8 and B10 [A].
    inductance, storage_inductance, coupling_inductance : float
        L1 to L5, L10 and L11; L6 and L7; L8 and L9 [H].
    buffer_bias, storage_bias, readout_bias : float
        I1, I2, I3 and I6; I4; I5 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745;
    circuit after the NDRO of RSFQlib 2.1 (L. Schindler, Stellenbosch University, 2021), values chosen by simulation.
    """
    cell = SubCircuit(name or "ndro", ("set", "reset", "clock", "output"))
    for k, port in ((1, "set"), (2, "reset"), (3, "clock")):
        cell.inductor(f"L{k}", port, f"{port}_buffer", inductance)
        technology.junction(cell, f"B{k}", f"{port}_buffer", GROUND, buffer_critical_current)
        technology.bias(cell, f"I{k}", f"{port}_buffer", buffer_bias)
        if port != "clock":
            cell.inductor(f"L{k + 3}", f"{port}_buffer", f"{port}_escape", inductance)
    technology.junction(cell, "B4", "set_escape", "storage_1", set_escape_critical_current)
    technology.junction(cell, "B5", "storage_1", GROUND, set_critical_current)
    technology.bias(cell, "I4", "storage_1", storage_bias)
    technology.junction(cell, "B6", "reset_escape", "storage_2", reset_escape_critical_current)
    technology.junction(cell, "B7", "storage_2", GROUND, reset_critical_current)
    cell.inductor("L6", "storage_1", "shared", storage_inductance)
    cell.inductor("L7", "storage_2", "shared", storage_inductance)
    technology.junction(cell, "B8", "coupling", "shared", coupling_critical_current)
    cell.inductor("L8", "coupling", "centre", coupling_inductance)
    technology.bias(cell, "I5", "centre", readout_bias)
    cell.inductor("L9", "centre", "readout", coupling_inductance)
    technology.junction(cell, "B9", "clock_buffer", "clock_escape", clock_escape_critical_current)
    cell.inductor("L10", "clock_escape", "readout", inductance)
    technology.junction(cell, "B10", "readout", GROUND, readout_critical_current)
    cell.inductor("L11", "readout", "output", inductance)
    technology.junction(cell, "B11", "output", GROUND, buffer_critical_current)
    technology.bias(cell, "I6", "output", buffer_bias)
    return cell
