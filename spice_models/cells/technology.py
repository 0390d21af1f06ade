"""Fabrication processes: what turns a critical current into a junction, and a current into a bias line."""

from __future__ import annotations

from dataclasses import dataclass

from spice_models.circuit import Circuit
from spice_models.elements import GROUND, SourceRole
from spice_models.waveforms import bias_ramp


@dataclass(frozen=True, kw_only=True)
class Technology:
    """A process for shunted Josephson junctions: everything about a junction scales with its critical current.

    Parameters
    ----------
    name : str
        What the process is called.
    capacitance_per_ampere : float
        Junction capacitance for each ampere of Ic [F/A].
    shunt_voltage : float
        Ic times the external shunt resistance [V].
    subgap_voltage : float
        Ic times the subgap resistance of the bare junction [V].
    gap_voltage : float
        Sum of the two superconducting gaps [V]; for dialects whose junction model has a gap.
    bias_ramp : float
        Time in which bias currents rise from zero [s], so that superconducting loops start without flux.
    references : str
        Where the numbers come from.
    """

    name: str
    capacitance_per_ampere: float
    shunt_voltage: float
    subgap_voltage: float
    gap_voltage: float
    bias_ramp: float = 10e-12
    references: str = ""

    @property
    def characteristic_voltage(self) -> float:
        """Ic times shunt and subgap resistance in parallel [V]."""
        return 1 / (1 / self.shunt_voltage + 1 / self.subgap_voltage)

    def junction(self, circuit: Circuit, name: str, plus: str, minus: str, critical_current: float) -> None:
        """Add a shunted junction of ``critical_current`` [A], with the capacitance and resistance of the process."""
        circuit.junction(
            name,
            plus,
            minus,
            critical_current=critical_current,
            capacitance=self.capacitance_per_ampere * critical_current,
            resistance=self.characteristic_voltage / critical_current,
        )

    def bias(self, circuit: Circuit, name: str, node: str, current: float, role: SourceRole = "bias") -> None:
        """Add a source that drives ``current`` [A] from ground into ``node``, ramped from zero."""
        circuit.current(name, GROUND, node, bias_ramp(current, self.bias_ramp), role=role)


NIOBIUM_10KA = Technology(
    name="niobium, 10 kA/cm2, 1 um2 for 100 uA",
    capacitance_per_ampere=70e-15 / 100e-6,
    # chosen: the shunt alone gives beta_c = 1
    shunt_voltage=0.686e-3,
    subgap_voltage=160.0 * 100e-6,
    gap_voltage=2.8e-3,
    references="model jjmit of RSFQlib 2.1 (L. Schindler, Stellenbosch University, 2021) for the SFQ5ee process: "
    "S. K. Tolpygo et al., IEEE Trans. Appl. Supercond. 26, 1100110 (2016), doi 10.1109/TASC.2016.2519388",
)
"""Niobium junctions of 10 kA/cm2 with 70 fF for 100 uA, shunted for beta_c = 1: what the cells assume by default."""
