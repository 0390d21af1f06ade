"""Every example runs, prints what its docstring says is seen, and the documentation draws and names what there is."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spice_models.cells.library import CELLS, cell

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = {
    "crossbar_netlist.py": r"linear: ngspice agrees within 1e-9: True.*\nfilaments: ngspice agrees within 1e-9: True",
    "frompapers/krylov_2023.py": r"every output right: True   levels agree: True",
    "image_memory.py": r"(?s)C, corrupted C\nA: .*A, corrupted A\n3: .*3, corrupted 3",
    "jtl_in_ngspice.py": r"largest difference: 0\.0\d+ ps",
    "own_equations.py": r"\d+ spikes; intervals from",
    "own_network.py": r"110 +1 +1 +1 +1\n111 +1 +1 +1 +1\n",
    "xor_three_levels.py": r"agree: the same neurons fired, equally often",
}
NEED_NGSPICE = {"crossbar_netlist.py", "jtl_in_ngspice.py"}


def test_every_example_is_listed():
    found = {str(path.relative_to(ROOT / "examples")) for path in (ROOT / "examples").rglob("*.py")}
    assert found == set(EXAMPLES)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.ngspice if name in NEED_NGSPICE else ()) for name in EXAMPLES],
)
def test_example(name, tmp_path):
    """Run as a user does: a process of its own, in a folder that is not the checkout."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(EXAMPLES[name], done.stdout), done.stdout


def test_readme_shows_the_first_example():
    code = (ROOT / "examples" / "xor_three_levels.py").read_text(encoding="utf-8").split('"""', 2)[2].strip()
    assert code in (ROOT / "README.md").read_text(encoding="utf-8")


def test_documents_link_to_files_that_exist():
    missing = []
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                missing.append(f"{page.name}: {target}")
    assert missing == []


@pytest.fixture(scope="module")
def cell_layouts():
    specification = importlib.util.spec_from_file_location("cell_layouts", ROOT / "docs" / "cell_layouts.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["cell_layouts"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["cell_layouts"]


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_has_a_drawing_of_its_own_elements(name, cell_layouts):
    layout = cell_layouts.LAYOUTS[name]
    circuit = cell(name, **layout.parameters)
    cell_layouts.check(layout, circuit)
    picture = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r"<!-- (\w+) -->", picture))
    assert {element.name for element in circuit} | set(circuit.ports) <= drawn
    assert f"images/{name}.svg" in (ROOT / "docs" / "cells.md").read_text(encoding="utf-8")
