"""The tunable synapse: a current sets how many pulses leave for each one that enters."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND


def sfq_synapse(
    *,
    weight_current: float = 68e-6,
    driver_critical_current: float = 276e-6,
    driver_bias: float = 217e-6,
    primary_inductance: float = 3.5e-12,
    primary_resistance: float = 0.078,
    coupling: float = 0.6,
    secondary_inductance: float = 4.1e-12,
    link_inductance: float = 0.5e-12,
    multiplier_critical_current: float = 140e-6,
    damping_resistance: float = 1.39,
    damping_inductance: float = 24e-12,
    output_critical_current: float = 215e-6,
    output_bias: float = 201e-6,
    line_critical_current: float = 150e-6,
    line_bias: float = 81e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Synapse as a pulse multiplier: ``weight_current`` sets 0, 1, 2, 3 or 4 pulses out for each pulse in.

    ::

        input --Li--o--Lp--Rp-- gnd              driver BD: bias ID
                    |  )k
                    BD )    x--Ls--y--Lz--o--Lo--o-- output
                    |       |             |      |
                   gnd      +--Rx--Lx     BQ     BO        IW into x: the weight current
                            |       |     |      |         IQ, IO: bias
                            BN     gnd   gnd    gnd
                            |
                           gnd

    The pulse flips BD and leaves one flux quantum in the loop of Lp, which decays with ``Lp / Rp`` (45 ps). Its
    current, coupled into Ls, pushes current into BN; BN slips and sends a pulse out through BQ as often as the weight
    current allows while the push lasts. The slips do not remove the push, but each leaves current in Rx-Lx that holds
    BN back for a moment; this spaces the pulses. The biases of BD and BQ are near their critical currents and that of
    BO is low: part of what feeds BQ flows on to BO and BN. So one pulse in gives one out when all biases or all
    critical currents are 20 % off.

    Parameters
    ----------
    weight_current : float
        IW [A]; more current, more pulses (see `characterise sfq-synapse` for the steps).
    driver_critical_current, driver_bias : float
        BD and ID [A].
    primary_inductance, primary_resistance : float
        Lp [H], Rp [ohm].
    coupling : float
        k of Lp with Ls; the dots are such that the current in Lp pushes current into BN.
    secondary_inductance, link_inductance : float
        Ls, Lz [H].
    multiplier_critical_current : float
        BN [A].
    damping_resistance, damping_inductance : float
        Rx [ohm], Lx [H].
    output_critical_current, output_bias : float
        BQ and IQ [A].
    line_critical_current, line_bias : float
        BO and IO [A].

    References
    ----------
    Found by simulation: covariance matrix adaptation on the margins of an XOR network, with the steps of 2 and 3
    pulses kept 34 and 21 uA wide. No published circuit was copied.
    """
    cell = SubCircuit(name or "sfq_synapse", ("input", "output"))
    cell.inductor("Li", "input", "d", 4e-12)
    technology.junction(cell, "BD", "d", GROUND, driver_critical_current)
    technology.bias(cell, "ID", "d", driver_bias)
    cell.inductor("Lp", "d", "p", primary_inductance)
    cell.resistor("Rp", "p", GROUND, primary_resistance)
    technology.junction(cell, "BN", "x", GROUND, multiplier_critical_current)
    technology.bias(cell, "IW", "x", weight_current, role="tuning")
    cell.inductor("Ls", "x", "y", secondary_inductance)
    cell.mutual("K1", "Lp", "Ls", coupling)
    cell.inductor("Lz", "y", "q", link_inductance)
    cell.resistor("Rx", "x", "xl", damping_resistance)
    cell.inductor("Lx", "xl", GROUND, damping_inductance)
    technology.junction(cell, "BQ", "q", GROUND, output_critical_current)
    technology.bias(cell, "IQ", "q", output_bias)
    cell.inductor("Lo", "q", "output", 4.5e-12)
    technology.junction(cell, "BO", "output", GROUND, line_critical_current)
    technology.bias(cell, "IO", "output", line_bias)
    return cell
