"""The event engine and the cells that pulses pass through."""

from dataclasses import dataclass, field

import pytest

from hardware.sfq import pulse_circuit
from hardware.sfq.passive import Line, Merger, Splitter
from hardware.sfq.pulse_circuit import Pulse, PulseCircuit, Wake
from spice_models.errors import DescriptionError, EngineError

PS = 1e-12


def line(delay, energy=0.0):
    return Line(delay=delay * PS, energy=energy)


def chain(*delays):
    return PulseCircuit(
        {f"line_{i}": (line(d, 1e-19), {"input": f"n{i}", "output": f"n{i + 1}"}) for i, d in enumerate(delays)}
    )


def test_delays_add():
    run = chain(2.0, 3.5, 4.0).run({"n0": [10 * PS, 30 * PS]}, until=1e-9)
    assert run.pulses["n3"] == pytest.approx((19.5 * PS, 39.5 * PS))


def test_energy_counts_pulses():
    run = chain(2.0, 3.0).run({"n0": [0.0, 20 * PS, 40 * PS]}, until=1e-9)
    assert run.energy == {"line_0": pytest.approx(3e-19), "line_1": pytest.approx(3e-19)}
    assert chain(2.0).run({}, until=1e-9).energy == {"line_0": 0.0}


def test_nothing_happens_after_the_end():
    run = chain(2.0, 30.0).run({"n0": [10 * PS, 100 * PS]}, until=50 * PS)
    assert {net: len(times) for net, times in run.pulses.items()} == {"n0": 1, "n1": 1, "n2": 1}
    assert run.pulses["n2"] == pytest.approx((42 * PS,))


def test_splitters_fan_out():
    split = Splitter(delay=4 * PS, energy=2e-19)
    run = PulseCircuit(
        {
            "first": (split, {"input": "a", "output_1": "b", "output_2": "c"}),
            "second": (split, {"input": "c", "output_1": "d", "output_2": "e"}),
        }
    ).run({"a": [10 * PS]}, until=1e-9)
    assert {net: len(times) for net, times in run.pulses.items()} == dict.fromkeys("abcde", 1)
    assert (run.pulses["b"][0], run.pulses["d"][0]) == pytest.approx((14 * PS, 18 * PS))
    assert run.energy["second"] == 2e-19


@pytest.mark.parametrize(("gap", "pulses"), [(0.0, 1), (4.9, 1), (5.1, 2), (40.0, 2)])
def test_a_merger_loses_a_pulse_within_its_dead_time(gap, pulses):
    merger = Merger(delay=6 * PS, dead_time=5 * PS)
    circuit = PulseCircuit({"merger": (merger, {"input_1": "a", "input_2": "b", "output": "c"})})
    for first, second in (("a", "b"), ("b", "a")):
        run = circuit.run({first: [20 * PS], second: [(20 + gap) * PS]}, until=1e-9)
        assert len(run.pulses["c"]) == pulses
        assert run.pulses["c"][0] == pytest.approx(26 * PS)


def test_spike_trains_of_nets():
    run = chain(2.0, 3.0).run({"n0": [10 * PS, 30 * PS]}, until=1e-9)
    trains = run.spike_trains(["n2", "n0", "nothing"], 31 * PS)
    assert trains.counts().tolist() == [1, 2, 0]
    assert trains.of(0) == pytest.approx([15 * PS])


def test_each_run_starts_at_rest():
    merger = Merger(delay=6 * PS, dead_time=5 * PS)
    circuit = PulseCircuit({"merger": (merger, {"input_1": "a", "input_2": "b", "output": "c"})})
    assert circuit.run({"a": [PS]}, until=1e-9) == circuit.run({"a": [PS]}, until=1e-9)


def test_two_readers_are_refused():
    with pytest.raises(DescriptionError, match=r"net 'a' feeds 'x' and 'y'.*splitter"):
        PulseCircuit(
            {
                "x": (line(1.0), {"input": "a", "output": "b"}),
                "y": (line(1.0), {"input": "a", "output": "c"}),
            }
        )


def test_two_drivers_are_refused():
    with pytest.raises(DescriptionError, match=r"net 'c' is driven by 'x' and 'y'.*merger"):
        PulseCircuit(
            {
                "x": (line(1.0), {"input": "a", "output": "c"}),
                "y": (line(1.0), {"input": "b", "output": "c"}),
            }
        )


@pytest.mark.parametrize(
    ("connections", "message"),
    [
        ({"input": "a"}, r"'x': ports not joined: \['output'\]"),
        ({"input": "a", "output": "b", "clock": "c"}, r"not ports of it: \['clock'\]"),
    ],
)
def test_ports_must_be_joined_and_exist(connections, message):
    with pytest.raises(DescriptionError, match=message):
        PulseCircuit({"x": (line(1.0), connections)})


def test_events_count_pulses_and_not_time():
    circuit = chain(2.0, 3.0, 4.0)
    short = circuit.run({"n0": [PS, 20 * PS]}, until=1e-9)
    long = circuit.run({"n0": [PS, 0.5]}, until=1.0)
    assert short.events == long.events == 8
    assert circuit.run({"n0": [k * 20 * PS for k in range(20)]}, until=1e-6).events == 80


def test_a_loop_that_feeds_itself_is_stopped(monkeypatch):
    monkeypatch.setattr(pulse_circuit, "MOST_EVENTS", 1000)
    merger, split = Merger(delay=6 * PS, dead_time=5 * PS), Splitter(delay=4 * PS)
    circuit = PulseCircuit(
        {
            "merger": (merger, {"input_1": "start", "input_2": "back", "output": "around"}),
            "splitter": (split, {"input": "around", "output_1": "back", "output_2": "out"}),
        }
    )
    assert len(circuit.run({"start": [0.0]}, until=95 * PS).pulses["out"]) == 9
    with pytest.raises(EngineError, match="does a loop feed itself"):
        circuit.run({"start": [0.0]}, until=1.0)


def test_pulses_at_one_time_keep_their_order():
    @dataclass
    class Recorder:
        energy: float = 0.0
        margin: float = float("inf")
        seen: list = field(default_factory=list)
        inputs = ("a", "b")
        outputs = ("out",)

        def start(self):
            return self

        def receive(self, port, time):
            self.seen.append((port, time))
            return (Wake(time + 5 * PS, 7), Pulse("out", time + PS))

        def wake(self, token, time):
            self.seen.append((token, time))
            return ()

    recorder = Recorder()
    circuit = PulseCircuit({"r": (recorder, {"a": "a", "b": "b", "out": "out"})})
    assert circuit.run({"b": [PS], "a": [PS]}, until=1e-9).pulses["out"] == (2 * PS, 2 * PS)
    assert [port for port, _ in recorder.seen] == ["b", "a", 7, 7]
    assert recorder.seen[-1][1] == pytest.approx(6 * PS)
