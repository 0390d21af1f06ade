"""A few seconds that show whether each engine works here, each against an answer known in closed form."""

import math
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

from neurosim.doctor import Finding, output_of

NGSPICE_DECK = """self test: the middle of a divider
v1 top 0 dc 1
r1 top middle 1000.0
r2 middle 0 3000.0
.op
.end
"""


def run_all() -> Iterator[Finding]:
    """Run each test; one whose engine is not installed is left out, as the other checks name it already."""
    yield check("self test: Brian2", brian2_decay)
    yield check("self test: numba", numba_compiles)
    yield check("self test: native engine", native_junction)
    yield check("self test: discrete engine", discrete_neuron)
    if which("ngspice"):
        yield check("self test: ngspice", ngspice_divider, required=False)


def check(subject: str, test: Callable[[], str], *, required: bool = True) -> Finding:
    """Time one test and turn whatever it raises into a finding.

    Parameters
    ----------
    subject
        Name of the test.
    test
        Returns what it saw; raises if that is wrong.
    required
        Whether the toolkit needs what is tested.
    """
    start = time.perf_counter()
    try:
        seen = test()
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        return Finding(subject=subject, state="broken", detail=detail, remedy="see the checks above", required=required)
    return Finding(
        subject=subject, state="ok", detail=f"{seen} ({time.perf_counter() - start:.1f} s)", required=required
    )


def expect(seen: float, exact: float, tolerance: float) -> None:
    """Raise ``ArithmeticError`` where a number is further than `tolerance` (relative) from the exact one."""
    if not math.isclose(seen, exact, rel_tol=tolerance):
        raise ArithmeticError(f"got {seen:.12g}, exact is {exact:.12g}")


def brian2_decay() -> str:
    """Let a potential decay for one time constant: exp(-1)."""
    import brian2

    group = brian2.NeuronGroup(
        1,
        "dv/dt = -v / (10*ms) : 1",
        method="exact",
        dt=0.1 * brian2.ms,
        codeobj_class=brian2.codegen.runtime.NumpyCodeObject,
    )
    group.v = 1.0
    network = brian2.Network(group)
    network.run(10 * brian2.ms)
    expect(float(group.v[0]), math.exp(-1.0), 1e-9)
    return f"exp(-1) to 1e-9; default target {brian2.prefs.codegen.target!r}"


def numba_compiles() -> str:
    """Compile a loop and sum with it."""
    import numba

    @numba.njit
    def total(n: int) -> float:
        result = 0.0
        for i in range(n):
            result += i
        return result

    expect(total(1000), 499500.0, 1e-15)
    vector_math = "with" if numba.config.USING_SVML else "without"
    return f"compiles; {numba.get_num_threads()} threads, {vector_math} SVML"


def native_junction() -> str:
    """Drive an overdamped junction at twice its critical current: a mean voltage of ``R sqrt(I^2 - Ic^2)``."""
    from spice_models.circuit import Circuit
    from spice_models.constants import FLUX_QUANTUM
    from spice_models.engines.native import transient_batch
    from spice_models.engines.native.kernel import MARCH

    circuit = Circuit("junction")
    circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=1e-17, resistance=1.0)
    circuit.current("i", "0", "a", 2e-4)
    times = transient_batch(circuit, duration=1e-10, step=2e-14).pulses("q")
    mean = FLUX_QUANTUM * (len(times) - 2) / (times[-1] - times[1])
    expect(float(mean), 1e-4 * math.sqrt(3), 1e-4)
    compiled = "compiled just now" if any(loop.stats.cache_misses for loop in MARCH.values()) else "compiled before"
    return f"voltage of a junction to 1e-4; {compiled}"


def discrete_neuron() -> str:
    """Give two neurons one spike, a thousandth above and below the least weight that fires them."""
    from neurosim.discrete_neurons import DiscreteLIF
    from neurosim.network import Network, Population, Projection
    from neurosim.neurons import SpikeSource
    from neurosim.simulate import simulate
    from neurosim.stimuli import pulses

    cell = DiscreteLIF()
    populations = [
        Population(name="in", size=1, neuron=SpikeSource()),
        Population(name="cell", size=2, neuron=cell),
    ]
    weights = [[1.001 * cell.firing_weight, 0.999 * cell.firing_weight]]
    joined = Projection(pre="in", post="cell", weights=weights, delays=2 * cell.step)
    network = Network(name="self test", populations=populations, projections=[joined])
    run = simulate(network, pulses({"in": [cell.step]}, duration=9 * cell.step), engine="discrete")
    if run.counts("cell").tolist() != [1, 0]:
        raise ArithmeticError(f"got {run.counts('cell').tolist()} spikes, exact is [1, 0]")
    expect(float(run.of("cell").times[0]), 3 * cell.step, 1e-9)
    return "a neuron at its least firing weight, and below"


def ngspice_divider() -> str:
    """Solve a voltage divider with ``ngspice -n -b``: 0.75 V."""
    with tempfile.TemporaryDirectory() as folder:
        deck = Path(folder, "divider.cir")
        deck.write_text(NGSPICE_DECK)
        try:
            log = output_of(["ngspice", "-n", "-b", str(deck)])
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"ngspice failed: {(error.stderr or error.stdout).strip()[-200:]}") from None
    seen = re.search(r"^\s*middle\s+(\S+)", log, re.MULTILINE)
    if seen is None:
        raise RuntimeError(f"ngspice printed no voltage: {log.strip()[-200:]}")
    expect(float(seen[1]), 0.75, 1e-6)
    return "0.75 V from a divider"
