"""The stochastic synapse: thermal noise decides whether a pulse passes, a current how often."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND
from spice_models.errors import DescriptionError


def stochastic_synapse(
    *,
    weight_current: float = 78e-6,
    driver_critical_current: float = 200e-6,
    series_critical_current: float = 100e-6,
    ground_critical_current: float = 100e-6,
    output_critical_current: float = 200e-6,
    input_inductance: float = 5e-12,
    series_inductance: float = 2e-12,
    output_inductance: float = 4e-12,
    stages: int = 6,
    bias_fraction: float = 0.7,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Synapse as a decision: each pulse either passes or is blocked, with a probability that ``weight_current`` sets.

    ::

        input --L1--d--L2--a--BA--x--L3--o1--L4--o2-- ... --L8-- output     I1 at d, I2 .. I7 at o1 .. output: bias
                    |             |      |       |              |
                    BD            BB     B1      B2             B6         from ground; IW into x: the weight current
                    |             |      |       |              |
                   gnd           gnd    gnd     gnd            gnd

    The pulse raises the phase of node a by 2 pi. Either BA slips, and the pulse is gone (blocked), or BB does, and it
    goes on to the output (passed). The nearer BB is biased to its critical current, the likelier it is the one:

    ``p(IW) = (1 + erf(sqrt(pi) (IW - I0) / dI)) / 2``

    with midpoint I0 and gray zone dI, the range of currents over which noise decides; without noise a step. The slips
    of BA and BB add up to the pulses that entered. BA counts from a to x. The line of six stages behind x keeps the
    bias of what follows out of the decision: with two, the input of a neuron moved the midpoint by 5 to 7 uA, with
    four by 0.4 uA (measured; the gray zone at 4.2 K is 9 uA).

    Parameters
    ----------
    weight_current : float
        IW [A]; more current, more pulses pass.
    driver_critical_current, series_critical_current, ground_critical_current, output_critical_current : float
        BD, BA, BB, and each B1 .. B6 [A].
    input_inductance, series_inductance, output_inductance : float
        L1, L2, and each L3 .. L8 [H].
    stages : int
        Number of stages of the line behind x.
    bias_fraction : float
        Bias of BD and B1 .. B6 over their Ic.

    Raises
    ------
    DescriptionError
        For a cell without a stage.

    References
    ----------
    The abstraction, a spike passed or blocked by thermal noise, is that of A. J. Edwards, G. Krylov, J. S. Friedman,
    E. G. Friedman, Neuromorph. Comput. Eng. 4, 014005 (2024), doi 10.1088/2634-4386/ad207a; the circuit is not theirs:
    values chosen by simulation.
    """
    if stages < 1:
        raise DescriptionError(f"a stochastic synapse needs at least one stage behind it, got {stages}")
    cell = SubCircuit(name or "stochastic_synapse", ("input", "output"))
    cell.inductor("L1", "input", "d", input_inductance)
    technology.junction(cell, "BD", "d", GROUND, driver_critical_current)
    technology.bias(cell, "I1", "d", bias_fraction * driver_critical_current)
    cell.inductor("L2", "d", "a", series_inductance)
    technology.junction(cell, "BA", "a", "x", series_critical_current)
    technology.junction(cell, "BB", "x", GROUND, ground_critical_current)
    technology.bias(cell, "IW", "x", weight_current, role="tuning")
    node = "x"
    for k in range(1, stages + 1):
        end = "output" if k == stages else f"o{k}"
        cell.inductor(f"L{k + 2}", node, end, output_inductance)
        technology.junction(cell, f"B{k}", end, GROUND, output_critical_current)
        technology.bias(cell, f"I{k + 1}", end, bias_fraction * output_critical_current)
        node = end
    return cell
