"""Sweeps: one result whatever runs them, resumed after a kill, errors kept with their points, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError, EngineError
from spice_models.fingerprint import fingerprint
from spice_models.result_store import ResultStore
from spice_models.sweep import grid, point_seeds, sweep

POINTS = grid(scale=[1.0, 2.0, 3.0], offset=[0, 1])


def draw(scale, offset, seed):
    """Return a random number that depends on the point and its seed alone."""
    return offset + scale * np.random.default_rng(seed).standard_normal()


def reciprocal(value):
    return 1 / value


def same(executor):
    return sweep(draw, POINTS, executor=executor, seed=5).values


@pytest.fixture(scope="module")
def serial():
    return sweep(draw, POINTS, seed=5).values


def test_a_seed_for_each_point_is_that_of_spawn(serial):
    children = np.random.SeedSequence(5).spawn(len(POINTS))
    seeds = [int(child.generate_state(1, np.uint64)[0]) for child in children]
    assert point_seeds(5, len(POINTS)) == seeds
    assert serial == tuple(draw(**point, seed=seed) for point, seed in zip(POINTS, seeds, strict=True))
    assert sweep(draw, POINTS[:3], seed=5).values == serial[:3]


def test_threads_and_processes_give_the_same(serial):
    with ThreadPoolExecutor(4) as pool:
        assert same(pool) == serial
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert same(pool) == serial


def test_a_dask_cluster_of_two_workers_gives_the_same(serial):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert same(client.get_executor()) == serial
        processes = set(sweep(process_id, range(8), executor=client.get_executor()))
        failing = sweep(reciprocal, [1, 0], executor=client.get_executor())
    assert len(processes) == 2
    assert os.getpid() not in processes
    assert failing.errors[1].kind == "ZeroDivisionError"


def process_id(point):
    time.sleep(0.05)
    return os.getpid()


def test_errors_are_kept_with_their_points():
    result = sweep(reciprocal, [2, 0, 4])
    assert result.values == (0.5, None, 0.25)
    ((point, error),) = result.failed
    assert (point, error.kind) == (0, "ZeroDivisionError")
    assert "reciprocal" in error.trace
    with pytest.raises(EngineError, match="point 0: ZeroDivisionError"):
        sweep(reciprocal, [2, 0, 4], on_error="raise")


def test_what_is_in_the_store_is_not_run_again(tmp_path):
    first = sweep(reciprocal, [1, 2], store=tmp_path)
    assert first.reused == 0
    again = sweep(reciprocal, [2, 5, 1, 0], store=tmp_path)
    assert (again.values, again.reused) == ((0.5, 0.2, 1.0, None), 2)
    assert sweep(reciprocal, [0.5, 1], store=tmp_path).reused == 1
    assert sweep(np.sqrt, [1, 2], store=tmp_path).reused == 0
    with ResultStore(tmp_path) as store:
        assert len(store) == 6
    for path in tmp_path.iterdir():
        path.write_bytes(b"cut off")
    assert sweep(reciprocal, [1, 2], store=tmp_path).values == first.values


def test_progress_and_wrong_words():
    seen: list[float] = []
    sweep(reciprocal, [1, 2, 4], progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(DescriptionError, match="at least 1"):
        sweep(reciprocal, [1], executor=0)
    with pytest.raises(DescriptionError, match="cannot tell one object"):
        sweep(reciprocal, [object()], store="unused")
    assert not Path("unused").exists() or not any(Path("unused").iterdir())


SLOW = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from spice_models.sweep import sweep

def slow(value):
    Path({started!r}, str(value)).touch()
    time.sleep(0.15)
    return value * value

if __name__ == "__main__":
    result = sweep(slow, range(16), executor=2, store={store!r})
    print(result.reused, sum(result.values))
"""


@pytest.fixture
def slow(tmp_path):
    """Return a script that sweeps over two processes, and the folder where each point leaves its name."""
    started, store = tmp_path / "started", tmp_path / "store"
    started.mkdir()
    script = tmp_path / "slow_sweep.py"
    root = str(Path(__file__).resolve().parents[2])
    script.write_text(SLOW.format(root=root, started=str(started), store=str(store)))
    return script, started, store


def wait_for(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def alive(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_goes_on_after_a_kill_or_ctrl_c_and_leaves_no_process(slow, number):
    script, started, store = slow
    running = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: store.exists() and any(store.glob("part-*.pkl")))
    workers = children(running.pid)
    assert len(workers) >= 2
    running.send_signal(number)
    running.communicate()
    wait_for(lambda: not any(alive(worker) for worker in workers))
    before = len(list(started.iterdir()))
    assert before < 16
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    reused, total = map(int, done.stdout.split())
    assert total == sum(k * k for k in range(16))
    assert 0 < reused <= before


def test_fingerprints_tell_values_apart():
    def circuit(value, turned=False):
        made = Circuit("c")
        resistors = [("R1", "a", value), ("R2", "b", 2.0)]
        for name, node, ohms in resistors[::-1] if turned else resistors:
            made.resistor(name, node, "0", ohms)
        return made

    assert fingerprint(circuit(1.0)) == fingerprint(circuit(1.0, turned=True)) != fingerprint(circuit(1.5))
    different = [1, 2.5, "1", None, True, [1], [[1]], [1, 1], {"a": 1}, {"a": 2}, {1}, np.ones(2), np.ones(3), len, sum]
    assert len({fingerprint(value) for value in different}) == len(different)
    for nameless in (lambda: 1, circuit, object()):
        with pytest.raises(DescriptionError, match="cannot tell one"):
            fingerprint(nameless)
    assert fingerprint(Circuit("a").flatten) != fingerprint(Circuit("b").flatten)
    assert fingerprint(np.float64(1.5), {"x": 1, "y": (2,)}) == fingerprint(1.5, {"y": [2], "x": 1.0})
