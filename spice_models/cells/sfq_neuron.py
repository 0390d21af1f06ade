"""The neuron: adds up pulses in leaky storage branches and fires one pulse at a threshold."""

from __future__ import annotations

from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.circuit import SubCircuit
from spice_models.elements import GROUND
from spice_models.errors import DescriptionError

MAX_EXCITATORY = 8


def sfq_neuron(
    *,
    excitatory: int = 2,
    inhibitory: int = 0,
    threshold_current: float = 150e-6,
    storage_inductance: float = 8.5e-12,
    storage_resistance: float = 0.331,
    driver_critical_current: float = 239e-6,
    driver_bias: float = 106e-6,
    threshold_critical_current: float = 139e-6,
    output_inductance: float = 6.1e-12,
    output_critical_current: float = 168e-6,
    output_bias: float = 109e-6,
    inhibited_output_bias: float | None = None,
    inhibition_critical_current: float = 251e-6,
    inhibition_bias: float = 176e-6,
    inhibition_branch_inductance: float | None = None,
    inhibition_branch_resistance: float | None = None,
    inhibition_primary_inductance: float | None = None,
    inhibition_secondary_inductance: float = 5.1e-12,
    inhibition_coupling: float = 0.6,
    line_critical_current: float = 287e-6,
    line_bias: float = 165e-6,
    refractory: bool = False,
    refractory_inductance: float = 12e-12,
    refractory_resistance: float = 0.12,
    technology: Technology = NIOBIUM_10KA,
    name: str | None = None,
) -> SubCircuit:
    """Accumulate-and-fire neuron with a leaky storage branch for each excitatory input and one inhibitory port group.

    ::

        exc_i --Le--d_i--Ls--Rs--+                      one branch an excitatory input, BE_i to gnd at d_i
                                 |
                                 x----Lq (Lz without inhibition)---q--Lo1--o--Lo2--o-- output
                                 |    )k                           |       |       |
                    IT --------> BN   Lp                           BQ      BO1     BO2
                                 |    |
                                gnd  gnd                           x --Lr--Rr-- gnd
        inh_j --Lh--h_j--Lb--Rb--+ top of Lp            one branch an inhibitory input, BH_j to gnd at h_j

    A pulse at ``exc_i`` flips BE_i and leaves a flux quantum in its branch: a current ``Phi0 / Ls`` into x that leaks
    away with about ``(Ls + Lx) / Rs``, Lx what x offers (40 ps for two inputs, longer for more). When the threshold
    current IT and the branches together reach what BN holds, BN slips: this sends the pulse out through BQ and takes
    one flux quantum back out of every branch, the idle ones too: the negative current they are left with is the
    refractory time. With ``refractory`` the branch Lr-Rr is there as well, whose current holds BN back for ``Lr / Rr``
    (100 ps): then the several pulses of a synapse of weight 2 or 3 mostly give one spike, at the cost of some margin.
    A pulse at ``inh_j`` leaves current in Lp, which drives current in the loop BN-Lq-BQ against BN. It lasts, so that
    inhibition may come up to 40 ps before the excitation. One inhibitory input is built strong: it takes back about
    half of one pulse (0.8 with one excitatory input, 0.4 with five), and a second one adds little. Several share Lp and
    are built weaker (about a quarter of a pulse each), so that they add up without ever tipping BQ. BQ has little bias
    where there is inhibition, as what that takes from BN it adds to BQ; more branches at x take more of BN's pulse away
    and need more bias, or BN slips and BQ does not.

    Parameters
    ----------
    excitatory, inhibitory : int
        Number of inputs of each kind: ports ``exc_1 ..``, ``inh_1 ..``, then ``output``.
    threshold_current : float
        IT [A]; more current, fewer pulses needed.
    storage_inductance, storage_resistance : float
        Ls [H], Rs [ohm]: unit strength and leak.
    driver_critical_current, driver_bias : float
        Each BE and its bias [A].
    threshold_critical_current : float
        BN [A].
    output_inductance : float
        Lq of a neuron without inhibition [H].
    output_critical_current, output_bias, inhibited_output_bias : float
        BQ [A], its bias without and with inhibition [A]; the latter, if not given, 31 uA for one inhibitory input and
        44 uA for several, and 12 or 6 uA more for each excitatory input after the first and for the refractory branch.
    inhibition_critical_current, inhibition_bias : float
        Each BH and its bias [A].
    inhibition_branch_inductance, inhibition_branch_resistance : float
        Lb [H], Rb [ohm]; 1 pH and 0.091 ohm for one inhibitory input, 4 pH and 0.2 ohm for several if not given.
    inhibition_primary_inductance, inhibition_secondary_inductance, inhibition_coupling : float
        Lp (4.8 pH for one inhibitory input, 8 pH for several if not given), Lq of a neuron with inhibition [H], and
        their coupling.
    line_critical_current, line_bias : float
        BO1 and BO2, and their bias [A].
    refractory : bool
        Whether Lr and Rr are there.
    refractory_inductance, refractory_resistance : float
        Lr [H], Rr [ohm].

    References
    ----------
    Found by simulation (covariance matrix adaptation on the margins of an XOR network); the principle of a threshold
    junction with resistor-inductor storage is that of S. Karamuftuoglu and A. Bozbey's soma (see the documentation),
    the circuit is not theirs.
    """
    if not 1 <= excitatory <= MAX_EXCITATORY:
        raise DescriptionError(f"a neuron takes 1..{MAX_EXCITATORY} excitatory inputs, got {excitatory}")
    if inhibitory < 0:
        raise DescriptionError(f"a neuron takes 0 or more inhibitory inputs, got {inhibitory}")
    several = inhibitory > 1
    branch_inductance = _given(inhibition_branch_inductance, 4e-12 if several else 1e-12)
    branch_resistance = _given(inhibition_branch_resistance, 0.2 if several else 0.091)
    primary_inductance = _given(inhibition_primary_inductance, 8e-12 if several else 4.8e-12)
    load = excitatory - 1 + int(refractory)
    pulled_bias = _given(inhibited_output_bias, 44e-6 + 6e-6 * load if several else 31e-6 + 12e-6 * load)
    ports = [f"exc_{i}" for i in range(1, excitatory + 1)] + [f"inh_{j}" for j in range(1, inhibitory + 1)]
    cell = SubCircuit(name or "sfq_neuron", (*ports, "output"))
    for i in range(1, excitatory + 1):
        cell.inductor(f"LE{i}", f"exc_{i}", f"d{i}", 4e-12)
        technology.junction(cell, f"BE{i}", f"d{i}", GROUND, driver_critical_current)
        technology.bias(cell, f"IE{i}", f"d{i}", driver_bias)
        cell.inductor(f"LS{i}", f"d{i}", f"s{i}", storage_inductance)
        cell.resistor(f"RS{i}", f"s{i}", "x", storage_resistance)
    technology.junction(cell, "BN", "x", GROUND, threshold_critical_current)
    technology.bias(cell, "IT", "x", threshold_current, role="tuning")
    if refractory:
        cell.inductor("LR", "x", "r", refractory_inductance)
        cell.resistor("RR", "r", GROUND, refractory_resistance)
    if inhibitory:
        for j in range(1, inhibitory + 1):
            cell.inductor(f"LH{j}", f"inh_{j}", f"h{j}", 4e-12)
            technology.junction(cell, f"BH{j}", f"h{j}", GROUND, inhibition_critical_current)
            technology.bias(cell, f"IH{j}", f"h{j}", inhibition_bias)
            cell.inductor(f"LB{j}", f"h{j}", f"b{j}", branch_inductance)
            cell.resistor(f"RB{j}", f"b{j}", "p", branch_resistance)
        cell.inductor("LP", "p", GROUND, primary_inductance)
        cell.inductor("LQ", "y", "x", inhibition_secondary_inductance)
        cell.mutual("K1", "LP", "LQ", inhibition_coupling)
        cell.inductor("LZ", "y", "q", 0.5e-12)
    else:
        cell.inductor("LZ", "x", "q", output_inductance)
    technology.junction(cell, "BQ", "q", GROUND, output_critical_current)
    technology.bias(cell, "IQ", "q", pulled_bias if inhibitory else output_bias)
    for k, (start, end) in enumerate((("q", "o"), ("o", "output")), start=1):
        cell.inductor(f"LO{k}", start, end, 4.5e-12)
        technology.junction(cell, f"BO{k}", end, GROUND, line_critical_current)
        technology.bias(cell, f"IO{k}", end, line_bias)
    return cell


def _given(value: float | None, default: float) -> float:
    return default if value is None else value
