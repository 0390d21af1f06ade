"""What holds the toolkit together: imports, the wheel, and the command line."""

import json
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest
from packaging.version import Version
from typer.testing import CliRunner

import hardware.rram
import neurosim
from neurosim import cli

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("neurosim", "hardware", "spice_models")


def python(code: str, *options: str, cwd: Path | None = None) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(code: str) -> set[str]:
    """Name the top-level modules that a fresh interpreter has loaded after the code."""
    listing = "import json, sys; print('\\n' + json.dumps([name.partition('.')[0] for name in sys.modules]))"
    return set(json.loads(python(f"{code}\n{listing}").splitlines()[-1]))


def test_importing_the_circuit_level_loads_nothing_above_it():
    assert not loaded_by("import spice_models") & {"hardware", "neurosim", "brian2", "matplotlib"}


def test_importing_hardware_loads_no_networks():
    assert not loaded_by("import hardware") & {"neurosim", "brian2", "matplotlib"}


def test_importing_neurosim_is_lazy():
    assert not loaded_by("import neurosim") & {"brian2", "matplotlib", "scipy", "numpy", "networkx"}


def test_help_loads_no_numerical_package():
    code = "from neurosim.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit as e:\n    assert e.code == 0"
    assert not loaded_by(code) & {"brian2", "matplotlib", "scipy", "numpy", "numba"}


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package in (neurosim, hardware.rram) for name in package.__all__]
)
def test_public_names_resolve(package, name):
    module = import_module(package._SOURCES[name])
    assert getattr(package, name) is getattr(module, name)


@pytest.mark.parametrize("package", [neurosim, hardware.rram])
def test_public_names_are_listed_once(package):
    assert set(package.__all__) == set(package._SOURCES)
    assert set(package.__all__) <= set(dir(package))


def test_a_submodule_does_not_hide_the_function_of_its_name():
    python("from neurosim.simulate import compare\nimport neurosim.simulate\nassert callable(neurosim.simulate)")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Netwrok", "did you mean 'Network'"),
        ("commands", "import neurosim.commands"),
        ("qqq", "available: Answer, "),
    ],
)
def test_unknown_names_say_what_there_is(name, hint):
    code = f"import neurosim\ntry:\n    neurosim.{name}\nexcept AttributeError as e:\n    print(e)"
    assert hint in python(code)


def test_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert neurosim.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.slow
def test_the_wheel_holds_every_module_and_library(tmp_path):
    if Version(metadata.version("setuptools")) < Version("77"):
        pytest.skip("needs setuptools >= 77, which the extra 'dev' brings")
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    build = [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("neurofluxon-*.whl")
    subprocess.run([*pip, "install", *offline, "--target", str(target), str(wheel)], check=True)

    wanted = [path for package in PACKAGES for path in (ROOT / package).rglob("*")]
    wanted = [path.relative_to(ROOT) for path in wanted if path.suffix in {".py", ".lib"} or path.name == "py.typed"]
    assert [str(path) for path in wanted if not (target / path).is_file()] == []

    import_all = f"import sys; sys.path.insert(0, {str(target)!r}); import neurosim, hardware, spice_models as s"
    places = python(f"{import_all}; print(neurosim.__file__, hardware.__file__, s.__file__)", "-I", cwd=tmp_path)
    assert all(Path(place).is_relative_to(target) for place in places.split())
    (dist_info,) = target.glob("neurofluxon-*.dist-info")
    assert "neurosim = neurosim.cli:main" in (dist_info / "entry_points.txt").read_text()


FAILING = """
from spice_models.errors import DescriptionError

def expected(): raise DescriptionError("no junction 'B9'; available: B1, B2")
def defect(): raise RuntimeError("a defect of ours")
def interrupted(): raise KeyboardInterrupt
def missing_file(): open("/nowhere/at.all")
"""


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """Put commands that fail in different ways into the table, and return a function that calls one."""
    (tmp_path / "failing_commands.py").write_text(FAILING)
    monkeypatch.syspath_prepend(tmp_path)
    for function in ("expected", "defect", "interrupted", "missing_file"):
        monkeypatch.setitem(cli.COMMANDS, function, f"failing_commands:{function}")
    return lambda *arguments: CliRunner().invoke(cli.app, arguments)


def test_an_error_is_one_message_and_status_1(failing):
    result = failing("expected")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: no junction 'B9'; available: B1, B2\n"


@pytest.mark.parametrize("arguments", [("--debug", "expected"), ("expected", "--debug")])
def test_debug_shows_the_traceback(failing, arguments):
    assert type(failing(*arguments).exception).__name__ == "DescriptionError"


def test_a_defect_is_not_disguised(failing):
    assert isinstance(failing("defect").exception, RuntimeError)


def test_a_missing_file_is_named(failing):
    result = failing("missing_file")
    assert (result.exit_code, result.stderr) == (1, "error: /nowhere/at.all: No such file or directory\n")


def test_interrupting_exits_with_130(failing):
    assert failing("interrupted").exit_code == 130


def test_wrong_usage_exits_with_2_and_suggests():
    result = CliRunner().invoke(cli.app, ["docter"])
    assert result.exit_code == 2
    assert "did you mean 'doctor'?" in result.stderr


@pytest.mark.parametrize("command", [("run", "sfq-xor"), ("yield", "sfq-xor"), ("optimise", "sfq-xor")])
def test_a_negative_seed_is_wrong_usage(command):
    result = CliRunner().invoke(cli.app, [*command, "--seed", "-1"])
    assert result.exit_code == 2
    assert "--seed" in result.stderr


def test_commands_of_the_table_load():
    context = None
    for name in cli.Commands().list_commands(context):
        assert cli.load(name).__doc__, f"{name} has no help"


def test_doctor_finds_this_environment_in_order():
    result = CliRunner().invoke(cli.app, ["doctor", "--quick", "--json", "-"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (0, True), report
    assert {"Python", "brian2", "ngspice", "libngspice", "josim-cli"} <= {f["subject"] for f in report["findings"]}


def test_doctor_says_how_to_mend_what_is_missing(monkeypatch):
    requires = [*(metadata.requires("neurofluxon") or []), "no-such-package>=1", "numpy>=1000"]
    monkeypatch.setattr(metadata, "requires", lambda _: requires)
    result = CliRunner().invoke(cli.app, ["doctor", "--quick"])
    assert result.exit_code == 1
    assert "pip install 'no-such-package>=1'" in result.stdout
    assert "required, and not in order: no-such-package, numpy" in result.stderr


@pytest.mark.slow
def test_self_tests_pass():
    from neurosim.self_test import run_all

    assert [finding for finding in run_all() if finding.state != "ok"] == []
