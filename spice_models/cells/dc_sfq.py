"""The DC-to-SFQ converter: current pulses in, single flux quanta out."""

from __future__ import annotations

from collections.abc import Sequence

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND
from spice_models.waveforms import PWL, trapezoids


def dc_sfq(
    *,
    critical_current: float = 225e-6,
    output_critical_current: float = 200e-6,
    input_inductance: float = 3.9e-12,
    series_inductance: float = 0.6e-12,
    output_inductance: float = 3e-12,
    bias: float = 137.5e-6,
    output_bias: float = 140e-6,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Converter that emits one pulse at each rising edge of its input current, 7.4 ps after it starts (measured).

    ::

        input --o--L2--B1--o--L3--o-- output      I1 at B2, I2 at B3: bias from ground
                |          |      |
                L1         B2     B3
                |          |      |
               gnd        gnd    gnd

    The rising input current makes B2 slip and sends a pulse out; the falling one makes the series junction B1 slip
    and resets the loop. B1 counts from the middle to the input, so that it too slips forward.

    Measured margins, drivers and loads scaled alike: bias -32/+45, Ic -34/+38, L -34/+44 % (pulses
    50 ps apart), R beyond 45 % both ways.

    Parameters
    ----------
    critical_current, output_critical_current : float
        Ic of B1 and B2, and of B3 [A].
    input_inductance, series_inductance, output_inductance : float
        L1, L2, L3 [H].
    bias, output_bias : float
        I1 and I2 [A].

    References
    ----------
    K. K. Likharev and V. K. Semenov, IEEE Trans. Appl. Supercond. 1, 3 (1991), doi 10.1109/77.80745; values after the
    DCSFQ of RSFQlib 2.1 (L. Schindler, Stellenbosch University, 2021), without its parasitic inductances.
    """
    cell = SubCircuit(name or "dc_sfq", ("input", "output"))
    cell.inductor("L1", "input", GROUND, input_inductance)
    cell.inductor("L2", "input", "series", series_inductance)
    technology.junction(cell, "B1", "middle", "series", critical_current)
    technology.junction(cell, "B2", "middle", GROUND, critical_current)
    technology.bias(cell, "I1", "middle", bias)
    cell.inductor("L3", "middle", "output", output_inductance)
    technology.junction(cell, "B3", "output", GROUND, output_critical_current)
    technology.bias(cell, "I2", "output", output_bias)
    return cell


def dc_sfq_drive(times: Sequence[float]) -> PWL:
    """Current [A] into a `dc_sfq` that gives one pulse for each of ``times`` [s], the starts of its rising edges.

    600 uA trapezoids, 5 ps up, 7 ps flat, 5 ps down: they must start at least 18 ps apart; margins of 20 % on bias,
    Ic, L and R need 20 ps (measured).
    """
    return trapezoids(times, high=600e-6, rise=5e-12, width=7e-12, fall=5e-12)
