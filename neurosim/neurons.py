"""Neuron models: frozen parameters, the equation in the docstring, the firing rate in closed form where there is one.

No engine is in here. Each engine holds one builder a model (see `neurosim.engines`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from neurosim.quantities import Dimensional, keep_dimension, si
from spice_models.errors import DescriptionError, unknown_name

# chosen: sums of decimals such as ten times 0.1 fall short of 1 by 1e-16 and must still reach a threshold of 1.
THRESHOLD_TOLERANCE = 1e-9


class Neuron:
    """What every neuron model tells the rest of the toolkit about itself."""

    accepts_spikes: ClassVar[bool] = True
    """Whether projections may end in it."""
    accepts_current: ClassVar[bool] = False
    """Whether a stimulus may give it an input current."""
    engines: ClassVar[Mapping[str, str]] = {}
    """Engine by level for networks that hold this model, where the default of the level is not the one."""

    def _strip(self, **units: str | tuple[str, ...]) -> None:
        for name, unit in units.items():
            what = f"{type(self).__name__}.{name}"
            object.__setattr__(self, name, si(getattr(self, name), unit, what))

    def _require(self, condition: bool, message: str) -> None:
        if not condition:
            raise DescriptionError(f"{type(self).__name__}: {message}")


@dataclass(frozen=True, kw_only=True)
class SpikeSource(Neuron):
    """A source that emits exactly what the stimulus says, and is silent where it says nothing."""

    accepts_spikes: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class LIF(Neuron):
    """Leaky integrate-and-fire neuron with delta synapses.

    ::

        tau dv/dt = rest - v + resistance I(t)
        spike of weight w arrives:  v <- v + w
        v > threshold:              spike, v <- reset, held for `refractory`

    where v is the membrane potential and I the input current of the stimulus. All potentials and weights share one
    unit: volts [V], or pure numbers throughout. In the refractory time v stays at ``reset`` and arriving spikes are
    lost (Brian2's ``unless refractory``).

    Parameters
    ----------
    tau : float
        Membrane time constant [s].
    threshold, reset, rest : float
        Potentials [V or 1].
    refractory : float
        Time after a spike during which v is held [s].
    resistance : float
        Membrane resistance [ohm]; with the default of 1 the current is the drive in the unit of v.
    initial : float or None
        v at t = 0 [V or 1]; None for ``rest``.

    References
    ----------
    W. Gerstner, W. M. Kistler, R. Naud, L. Paninski, Neuronal Dynamics (2014), section 1.3,
    doi 10.1017/CBO9781107447615.
    """

    accepts_current: ClassVar[bool] = True

    tau: float = 10e-3
    threshold: float = 1.0
    reset: float = 0.0
    rest: float = 0.0
    refractory: float = 0.0
    resistance: float = 1.0
    initial: float | None = None

    def __post_init__(self) -> None:
        potential = ("volt", "1")
        self._strip(
            tau="second",
            threshold=potential,
            reset=potential,
            rest=potential,
            refractory="second",
            resistance=("ohm", "1"),
        )
        if self.initial is not None:
            self._strip(initial=potential)
        self._require(0 < self.tau < math.inf, f"tau must be positive and finite [s], got {self.tau}")
        self._require(0 <= self.refractory < math.inf, f"refractory must be >= 0 [s], got {self.refractory}")
        self._require(self.reset < self.threshold, f"reset {self.reset} must lie below threshold {self.threshold}")

    def rate(self, drive: float) -> float:
        """Firing rate [Hz] under the constant drive ``resistance * I`` [V or 1].

        ``1 / (refractory + tau ln((rest + drive - reset) / (rest + drive - threshold)))``, 0 where
        ``rest + drive`` does not pass the threshold.

        Examples
        --------
        >>> round(LIF(tau=10e-3).rate(2.0), 3)
        144.27
        """
        final = self.rest + drive
        if final <= self.threshold:
            return 0.0
        return 1.0 / (self.refractory + self.tau * math.log((final - self.reset) / (final - self.threshold)))


@dataclass(frozen=True, kw_only=True)
class SFQNeuron(Neuron):
    """Accumulate-and-fire neuron on single-flux-quantum pulses.

    ::

        du/dt = -u / leak_time
        pulse of weight w arrives at t:  u <- u + w          (ignored while refractory)
        u >= threshold:                  u <- 0, one pulse leaves at t + delay

    where u is the stored flux in pulse equivalents (1 = one pulse of weight 1). Weights and u may be negative
    (inhibition that comes first lowers u below zero). Pulses that arrive at one instant are summed before u is held
    against the threshold. After firing at t the neuron ignores what arrives at ``t <= arrival < t + refractory``
    (apart from pulses summed in that same instant). The time of a spike in a result is the time at which the pulse
    leaves, t + delay. Sums reach the threshold within a relative `THRESHOLD_TOLERANCE`.

    Parameters
    ----------
    threshold : float
        Pulse equivalents that make it fire [1].
    leak_time : float
        Time constant of the leak [s]; ``math.inf`` for none.
    refractory : float
        Time after firing in which arriving pulses are lost [s].
    delay : float
        Time from the pulse that fires it to its own output pulse [s].

    References
    ----------
    The abstraction of the accumulating cells of: G. Krylov, A. J. Edwards, J. S. Friedman, E. G. Friedman,
    arXiv 2311.10721; M. A. Karamuftuoglu, A. Bozbey et al., arXiv 2402.16384.
    """

    threshold: float = 1.0
    leak_time: float = math.inf
    refractory: float = 0.0
    delay: float = 0.0

    def __post_init__(self) -> None:
        self._strip(threshold="1", leak_time="second", refractory="second", delay="second")
        self._require(0 < self.threshold < math.inf, f"threshold must be positive, got {self.threshold}")
        self._require(self.leak_time > 0, f"leak_time must be positive [s], inf for no leak, got {self.leak_time}")
        self._require(0 <= self.refractory < math.inf, f"refractory must be >= 0 [s], got {self.refractory}")
        self._require(0 <= self.delay < math.inf, f"delay must be >= 0 [s], got {self.delay}")


# Figure 2 of Izhikevich (2003): (a, b, c, d) of each cortical and thalamic cell type.
IZHIKEVICH_TYPES: Mapping[str, tuple[float, float, float, float]] = {
    "RS": (0.02, 0.2, -65.0, 8.0),
    "IB": (0.02, 0.2, -55.0, 4.0),
    "CH": (0.02, 0.2, -50.0, 2.0),
    "FS": (0.1, 0.2, -65.0, 2.0),
    "LTS": (0.02, 0.25, -65.0, 2.0),
    "TC": (0.02, 0.25, -65.0, 0.05),
    "RZ": (0.1, 0.26, -65.0, 2.0),
}


@dataclass(frozen=True, kw_only=True)
class Izhikevich(Neuron):
    """Izhikevich's two-variable neuron, in the units of the paper.

    ::

        dv/dt = 0.04 v^2 + 5 v + 140 - u + I
        du/dt = a (b v - u)
        spike of weight w arrives:  v <- v + w
        v >= 30:                    spike, v <- c, u <- u + d

    The polynomial holds only for v in millivolts and time in milliseconds, so this one model keeps the paper's
    units: v, weights, c in [mV], a in [1/ms], u, d and the current I in [mV/ms]. Times of spikes, delays and
    stimuli stay in seconds.

    Parameters
    ----------
    a, b, c, d : float
        As above; the defaults are the regular-spiking cell.
    initial : float
        v at t = 0 [mV]; u starts at ``b * initial``.

    References
    ----------
    E. M. Izhikevich, Simple model of spiking neurons, IEEE Trans. Neural Netw. 14, 1569 (2003),
    doi 10.1109/TNN.2003.820440.
    """

    accepts_current: ClassVar[bool] = True

    a: float = 0.02
    b: float = 0.2
    c: float = -65.0
    d: float = 8.0
    initial: float = -65.0

    def __post_init__(self) -> None:
        self._strip(a="1", b="1", c="1", d="1", initial="1")
        self._require(self.c < 30.0, f"the reset c = {self.c} mV must lie below the spike's peak of 30 mV")

    @classmethod
    def of_type(cls, name: str) -> Izhikevich:
        """Make a cell of a published type, one of `IZHIKEVICH_TYPES` such as ``"RS"`` or ``"FS"``."""
        if name not in IZHIKEVICH_TYPES:
            raise unknown_name("Izhikevich cell type", name, IZHIKEVICH_TYPES)
        a, b, c, d = IZHIKEVICH_TYPES[name]
        return cls(a=a, b=b, c=c, d=d)


@dataclass(frozen=True, kw_only=True)
class Equations(Neuron):
    """The user's own neuron, written as Brian2 users write it.

    Parameters
    ----------
    equations : str
        Differential equations and parameters, for example ``"dv/dt = (v_rest - v + R*I)/tau : volt"``.
    threshold, reset : str
        Condition for a spike and what happens then, for example ``"v > -50*mV"``, ``"v = v_rest"``.
    parameters : mapping of str to number or Brian2 quantity
        Constants that the strings use.
    refractory : float or str
        Time [s], or a condition.
    method : str or None
        Name of Brian2's integrator; None lets Brian2 choose.
    initial : mapping of str to number, quantity or str
        State variables at t = 0.
    target : str
        State variable to which an arriving spike adds its weight (in the SI unit of that variable).
    current : str
        Parameter that receives the stimulus' current, declared in `equations` (``"I : amp"``).
    dt : float or None
        Time step the equations want [s]; None for 0.1 ms.

    Examples
    --------
    >>> Equations(equations="dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0").target
    'v'
    """

    accepts_current: ClassVar[bool] = True

    equations: str
    threshold: str
    reset: str
    parameters: Mapping[str, float | Dimensional] = field(default_factory=dict)
    refractory: float | str = 0.0
    method: str | None = None
    initial: Mapping[str, float | str | Dimensional] = field(default_factory=dict)
    target: str = "v"
    current: str = "I"
    dt: float | None = None

    def __post_init__(self) -> None:
        parameters = {name: keep_dimension(value, f"parameter {name!r}") for name, value in self.parameters.items()}
        initial = {
            name: value if isinstance(value, str) else keep_dimension(value, f"initial value of {name!r}")
            for name, value in self.initial.items()
        }
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "initial", initial)
        if not isinstance(self.refractory, str):
            self._strip(refractory="second")
        if self.dt is not None:
            self._strip(dt="second")
            self._require(0 < self.dt < math.inf, f"dt must be positive [s], got {self.dt}")
        self._require(bool(self.equations.strip()), "equations are empty")
        self._require(bool(self.threshold.strip()), "threshold is empty")
