"""The methods of a circuit that add one element each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Real

from spice_models.elements import (
    Capacitor,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    GapBranch,
    Inductor,
    Junction,
    Mutual,
    PhaseSource,
    Primitive,
    Resistor,
    SourceRole,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
    shunt_for_beta_c,
)
from spice_models.errors import DescriptionError
from spice_models.waveforms import DC, Waveform


class ElementMethods(ABC):
    """One method a kind of element, each named after it, on top of ``add``."""

    @abstractmethod
    def add(self, element: Primitive) -> None:
        """Add an element."""

    def junction(
        self,
        name: str,
        plus: str,
        minus: str,
        *,
        critical_current: float,
        capacitance: float,
        resistance: float | None = None,
        beta_c: float | None = None,
        gap: GapBranch | None = None,
        phase_shift: float = 0.0,
        second_harmonic: float = 0.0,
    ) -> None:
        """Add a Josephson junction: Ic [A], C [F] and either R [ohm] or ``beta_c = 2 pi Ic R^2 C / Phi0``.

        ``gap``, ``phase_shift`` [rad] and ``second_harmonic`` as in `Junction`.
        """
        if (resistance is None) == (beta_c is None):
            raise DescriptionError(f"junction {name!r} needs a resistance or a beta_c, and not both")
        if beta_c is not None:
            resistance = shunt_for_beta_c(critical_current, capacitance, beta_c, name=name)
        assert resistance is not None
        self.add(
            Junction(
                name=name,
                plus=plus,
                minus=minus,
                critical_current=critical_current,
                capacitance=capacitance,
                resistance=resistance,
                gap=gap,
                phase_shift=phase_shift,
                second_harmonic=second_harmonic,
            )
        )

    def inductor(self, name: str, plus: str, minus: str, inductance: float) -> None:
        """Add an inductor [H]."""
        self.add(Inductor(name=name, plus=plus, minus=minus, inductance=inductance))

    def mutual(self, name: str, first: str, second: str, coupling: float) -> None:
        """Couple two inductors of this circuit with ``k = coupling``."""
        self.add(Mutual(name=name, first=first, second=second, coupling=coupling))

    def resistor(self, name: str, plus: str, minus: str, resistance: float) -> None:
        """Add a resistor [ohm]."""
        self.add(Resistor(name=name, plus=plus, minus=minus, resistance=resistance))

    def capacitor(self, name: str, plus: str, minus: str, capacitance: float) -> None:
        """Add a capacitor [F]."""
        self.add(Capacitor(name=name, plus=plus, minus=minus, capacitance=capacitance))

    def current(
        self, name: str, plus: str, minus: str, waveform: Waveform | float, *, role: SourceRole = "bias"
    ) -> None:
        """Add a current source [A] that drives current through itself from ``plus`` to ``minus``."""
        self.add(CurrentSource(name=name, plus=plus, minus=minus, waveform=_waveform(waveform), role=role))

    def voltage(self, name: str, plus: str, minus: str, waveform: Waveform | float) -> None:
        """Add a voltage source [V]."""
        self.add(VoltageSource(name=name, plus=plus, minus=minus, waveform=_waveform(waveform)))

    def phase_source(self, name: str, plus: str, minus: str, waveform: Waveform | float) -> None:
        """Add a source of phase [rad] between two nodes."""
        self.add(PhaseSource(name=name, plus=plus, minus=minus, waveform=_waveform(waveform)))

    def vcvs(self, name: str, plus: str, minus: str, control_plus: str, control_minus: str, gain: float) -> None:
        """Add a voltage-controlled voltage source (SPICE's E)."""
        self.add(
            VoltageControlledVoltageSource(
                name=name, plus=plus, minus=minus, control_plus=control_plus, control_minus=control_minus, gain=gain
            )
        )

    def cccs(self, name: str, plus: str, minus: str, control: str, gain: float) -> None:
        """Add a current-controlled current source (SPICE's F) that follows the voltage source ``control``."""
        self.add(CurrentControlledCurrentSource(name=name, plus=plus, minus=minus, control=control, gain=gain))

    def vccs(
        self, name: str, plus: str, minus: str, control_plus: str, control_minus: str, transconductance: float
    ) -> None:
        """Add a voltage-controlled current source [S] (SPICE's G)."""
        self.add(
            VoltageControlledCurrentSource(
                name=name,
                plus=plus,
                minus=minus,
                control_plus=control_plus,
                control_minus=control_minus,
                transconductance=transconductance,
            )
        )

    def ccvs(self, name: str, plus: str, minus: str, control: str, transresistance: float) -> None:
        """Add a current-controlled voltage source [ohm] (SPICE's H) that follows the voltage source ``control``."""
        self.add(
            CurrentControlledVoltageSource(
                name=name, plus=plus, minus=minus, control=control, transresistance=transresistance
            )
        )

    def transmission_line(
        self, name: str, plus: str, minus: str, far_plus: str, far_minus: str, impedance: float, delay: float
    ) -> None:
        """Add a lossless transmission line of impedance [ohm] and delay [s] between two ports (SPICE's T)."""
        self.add(
            TransmissionLine(
                name=name,
                plus=plus,
                minus=minus,
                far_plus=far_plus,
                far_minus=far_minus,
                impedance=impedance,
                delay=delay,
            )
        )


def _waveform(value: Waveform | float) -> Waveform:
    if isinstance(value, int | float | Real):
        return DC(float(value))
    if not hasattr(value, "at"):
        raise DescriptionError(f"a source takes a number or a waveform such as PWL, got {value!r}")
    return value
