"""``neurosim cells``: the table of cells and their SPICE libraries."""

from pathlib import Path

from typer.testing import CliRunner

from neurosim import cli
from spice_models.cells.library import CELLS


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["cells", *map(str, arguments)])


def test_every_cell_is_listed_with_its_ports():
    result = invoke()
    assert result.exit_code == 0
    for name in CELLS:
        assert f"\n{name} " in result.stdout
    assert "input output_1 output_2" in result.stdout
    assert "\nrram_vteam " in result.stdout


def test_the_path_is_a_folder_with_a_library_for_each_cell():
    folder = Path(invoke("--path").stdout.strip())
    assert {path.stem for path in folder.glob("*.lib")} == set(CELLS)


def test_libraries_are_written_in_the_dialect_asked_for(tmp_path):
    result = invoke("--write", tmp_path / "libraries", "--dialect", "josim")
    assert result.exit_code == 0, result.output
    assert {path.stem for path in (tmp_path / "libraries").iterdir()} == set(CELLS)
    assert ".subckt jtl input output" in (tmp_path / "libraries" / "jtl.lib").read_text().lower()


def test_what_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = invoke("--write", tmp_path / "file")
    assert (result.exit_code, (tmp_path / "file").read_text()) == (1, "in the way")
    assert "cannot write" in result.stderr
    wrong = invoke("--write", tmp_path / "new", "--dialect", "pspice")
    assert wrong.exit_code == 1
    assert "available: josim, ngspice" in wrong.stderr
    assert not (tmp_path / "new").exists()
