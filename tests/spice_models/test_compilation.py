"""Compiled code of the native engine: complete after warming up, fresh after an edit, announced, and kept or not."""

import ast
import inspect
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import njit
from numba.core import config, event

from spice_models.cells.jtl import jtl
from spice_models.cells.testbench import bench
from spice_models.engines import transient
from spice_models.engines.native import compilation, kernel, transient_batch
from spice_models.engines.native.warm import warm

FOLDER = Path(kernel.__file__).parent


@pytest.mark.parametrize("temperature", [0.0, 4.2])
def test_after_warming_up_nothing_is_left_to_compile(temperature):
    warm()
    line = bench(jtl(), {"input": [30e-12]}).circuit
    with event.install_listener("numba:compile", event.TimingListener()) as compiling:
        transient(line, duration=60e-12, record=["phase(cell.B1)", "voltage(cell.n1)"], temperature=temperature)
        transient_batch(line, duration=60e-12, temperature=temperature)
        transient_batch(line, duration=60e-12, variants=20, temperature=temperature)
    assert not compiling.done


def test_the_loop_is_stamped_with_every_module_compiled_into_it():
    loop = kernel.MARCH[1].py_func
    stamp = inspect.getclosurevars(loop).nonlocals["stamp"]
    assert stamp == compilation.source_stamp(*kernel.COMPILED_IN)
    tree = ast.parse((FOLDER / "kernel.py").read_text())
    own = {
        node.module.rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith(compilation.PACKAGE)
    }
    assert own - {"compilation"} == set(kernel.COMPILED_IN)


@pytest.mark.parametrize("module", kernel.COMPILED_IN)
def test_what_is_compiled_into_the_loop_is_kept_with_it_alone(module):
    """Kept by itself it would be found by its own file's text, and go on in the loop after an edit of what it calls."""
    assert "cache=True" not in (FOLDER / f"{module}.py").read_text()


def test_a_stamp_changes_with_the_text_of_each_module(tmp_path, monkeypatch):
    package = tmp_path / "stamped"
    package.mkdir()
    for name in ("__init__", "one", "two"):
        (package / f"{name}.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(compilation, "PACKAGE", "stamped")
    before = compilation.source_stamp("one", "two")
    (package / "two.py").write_text("x = 2\n")
    assert compilation.source_stamp("one", "two") != before
    assert compilation.source_stamp("one") != compilation.source_stamp("two")
    with pytest.raises(ModuleNotFoundError, match=r"no module stamped\.three"):
        compilation.source_stamp("three")


def test_compiling_a_loop_is_announced_and_marked_and_other_functions_are_not(caplog, monkeypatch):
    marked = []
    monkeypatch.setattr(compilation, "mark", lambda: marked.append(True))

    def march():
        return 1

    def other():
        return 1

    with caplog.at_level(logging.WARNING, logger=compilation.PACKAGE):
        for function in (march, other):
            function.__module__ = kernel.__name__
            njit(function)()
    assert (len(caplog.messages), len(marked)) == (1, 1)
    assert caplog.messages[0].startswith("compiling the circuit engine")


def test_the_mark_says_of_which_sources_the_kept_code_is(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert not compilation.kept().current
    compilation.mark()
    now = compilation.kept()
    assert (now.current, now.lasting, now.folder.is_relative_to(tmp_path)) == (True, True, True)
    monkeypatch.setattr(compilation, "source_stamp", lambda *modules: 1)
    assert not compilation.kept().current


def test_where_no_folder_can_be_written_the_engine_still_loads():
    code = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = [caching.UserProvidedCacheLocator]\n"
        "import numba, os, spice_models.engines.native\n"
        "print(numba.config.CACHE_DIR, os.path.isdir(numba.config.CACHE_DIR))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    folder, there = done.stdout.split()
    assert there == "True"
    assert not Path(folder).exists()
    assert "set NUMBA_CACHE_DIR" in done.stderr
