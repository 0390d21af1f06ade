"""Compiled code: complete after warming up, fresh after an edit of what it calls, announced once, and kept or not."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import event

import hardware
from hardware.rram import Crossbar, solve_law
from hardware.rram.array import compilation as crossbars
from hardware.rram.array.warm import use as warm_crossbars
from hardware.rram.device.array import CellLawAt
from hardware.rram.device.filament import Filament
from neurosim.engines.vectorised import compilation as discrete
from spice_models.cells.jtl import jtl
from spice_models.cells.testbench import bench
from spice_models.engines import transient
from spice_models.engines.native import compilation as circuits
from spice_models.engines.native import transient_batch
from spice_models.engines.native.warm import use as warm_circuits

ROOMS = (circuits, discrete, crossbars)


@pytest.mark.parametrize("temperature", [0.0, 4.2])
def test_after_warming_up_nothing_of_the_circuit_engine_is_left_to_compile(temperature):
    warm_circuits()
    line = bench(jtl(), {"input": [30e-12]}).circuit
    with event.install_listener("numba:compile", event.TimingListener()) as compiling:
        transient(line, duration=60e-12, record=["phase(cell.B1)", "voltage(cell.n1)"], temperature=temperature)
        transient_batch(line, duration=60e-12, temperature=temperature)
        transient_batch(line, duration=60e-12, variants=20, temperature=temperature)
    assert not compiling.done


def test_after_warming_up_nothing_of_the_crossbar_solvers_is_left_to_compile():
    warm_crossbars()
    cells = np.geomspace(1e-6, 1e-4, 42).reshape(7, 6)
    wires = {"word_resistance": np.ones((7, 7)), "bit_resistance": 1.0, "word_ends": "both", "bit_ends": "first"}
    lost = Crossbar(np.geomspace(1e-9, 1.0, 42).reshape(7, 6), word_resistance=1e3, bit_resistance=1e3)
    with event.install_listener("numba:compile", event.TimingListener()) as compiling:
        for array in (Crossbar(cells, **wires), Crossbar(cells.T.tolist()), lost):
            floating = np.where(np.arange(array.shape[0]) == 1, np.nan, 0.2)
            array.currents(np.ones((3, array.shape[0])))
            array.solve(floating)
            array.gradient(np.ones(array.shape[0]), np.ones(array.shape[1]))
            array.effective_conductance()
        solve_law(lost, CellLawAt(Filament(), np.full((7, 6), 0.5)), np.full(7, 0.2))
    assert not compiling.done


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_compiled_together_becomes_stale_together(room):
    """Kept by itself a function would go on after an edit of what it calls, and so would one of a file left out."""
    folder, root = Path(room.__file__).parent, Path(hardware.__file__).parents[1]
    assert {file for file in folder.glob("*.py") if "@CODE.keep" in file.read_text()} <= set(room.CODE.sources)
    for source in room.CODE.sources:
        assert "cache=True" not in source.read_text()
        tree = ast.parse(source.read_text())
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        origin = {alias.name: root / f"{node.module.replace('.', '/')}.py" for node in imports for alias in node.names}
        compiled = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.decorator_list]
        used = {node.id for function in compiled for node in ast.walk(function) if isinstance(node, ast.Name)}
        ours = {origin[name] for name in used & origin.keys() - {"CODE"} if origin[name].exists()}
        assert ours <= set(room.CODE.sources)


PACKAGE = {
    "__init__": "",
    "compilation": """
from pathlib import Path
from spice_models.compiled_code import CompiledCode
sources = [Path(__file__).with_name(f"{name}.py") for name in ("inner", "outer")]
CODE = CompiledCode("small", sources=sources, slow={"outer": "outer once"}, log="small")
""",
    "inner": """
from small.compilation import CODE
@CODE.keep
def inner(x):
    return x + 1.0
""",
    "outer": """
from small.compilation import CODE
from small.inner import inner
@CODE.keep
def outer(x):
    return 10.0 * inner(x)
""",
}


def test_an_edit_of_what_a_function_calls_has_it_compiled_anew_with_a_word(tmp_path):
    (tmp_path / "small").mkdir()
    for name, text in PACKAGE.items():
        (tmp_path / "small" / f"{name}.py").write_text(text)
    code = (
        "from small.compilation import CODE; from small.outer import outer\n"
        "print(CODE.kept().current, CODE.compile_ahead(lambda: outer(1.0)) > 0, outer(1.0), CODE.kept().current)"
    )

    def run():
        path = os.pathsep.join([str(tmp_path), *sys.path])
        environment = os.environ | {"PYTHONPATH": path, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        return done.stdout.strip(), done.stderr.strip()

    assert run() == ("False True 20.0 True", "compiling outer once")
    assert run() == ("True False 20.0 True", "")
    inner = tmp_path / "small" / "inner.py"
    inner.write_text(PACKAGE["inner"].replace("1.0", "2.0"))
    assert run() == ("False True 30.0 True", "compiling outer once")
    assert len(list((tmp_path / "kept").glob("*/small*"))) == 1


@pytest.mark.parametrize(
    "module",
    ["spice_models.engines.native.engine", "hardware.rram.array.crossbar", "spice_models.dialects.reader.digits"],
)
def test_where_no_folder_can_be_written_compiled_code_still_loads(module):
    code = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = [caching.UserProvidedCacheLocator]\n"
        f"import numba, os, {module}\n"
        "print(numba.config.CACHE_DIR, os.path.isdir(numba.config.CACHE_DIR))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    folder, there = done.stdout.split()
    assert there == "True"
    assert not Path(folder).exists()
    assert done.stderr.count("set NUMBA_CACHE_DIR") == 1
