"""A circuit from library cells on two simulators: the toolkit's own engine and ngspice.

A DC-to-SFQ converter feeds an eight-junction transmission line that ends in a resistor. Two current pulses make two
single flux quanta.

Seen: when each quantum passes the first and the last junction, on both engines, their largest difference, and the area
of each pulse over Phi0, which is 1.
"""

from spice_models.analysis.pulses import detect_pulses
from spice_models.cells.dc_sfq import dc_sfq, dc_sfq_drive
from spice_models.cells.jtl import jtl, terminator
from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.engines import transient
from spice_models.errors import EngineError

circuit = Circuit("line")
circuit.current("drive", "0", "in", dc_sfq_drive([30e-12, 60e-12]), role="input")
circuit.instance("converter", dc_sfq(), input="in", output="a")
circuit.instance("line", jtl(stages=8), input="a", output="b")
circuit.instance("end", terminator(), input="b")

watched = ["line.B1", "line.B8"]
found = {}
for engine in ("native", "ngspice"):
    try:
        traces = transient(circuit, duration=110e-12, record=[f"phase({name})" for name in watched], engine=engine)
    except EngineError as error:
        print(f"{engine}: {error}")
        continue
    found[engine] = detect_pulses(traces, junctions=watched)
    for pulse in found[engine]:
        area = pulse.area / FLUX_QUANTUM
        print(f"{engine:8} {pulse.junction}  {1e12 * pulse.time:7.3f} ps  {area:.3f} Phi0")

if len(found) == 2:
    pairs = zip(found["native"], found["ngspice"], strict=True)
    print(f"largest difference: {max(1e12 * abs(a.time - b.time) for a, b in pairs):.3f} ps")
