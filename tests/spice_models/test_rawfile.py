import numpy as np
import pytest

from spice_models.dialects.rawfile import read_raw
from spice_models.errors import NetlistError, UnknownNameError

HEADER = """Title: * deck
Date: today
Plotname: Transient Analysis
Flags: {flags}
No. Variables: 3
No. Points: {points}
Variables:
\t0\ttime\ttime
\t1\tv(A)\tvoltage
\t2\ti(l1)\tcurrent
"""


def raw(tmp_path, table, *, flags="real", points=None, ascii_form=False, cut=0):
    table = np.asarray(table)
    text = HEADER.format(flags=flags, points=len(table) if points is None else points)
    if ascii_form:
        rows = [f" {k}\t" + "\n\t".join(repr(float(v)) for v in row) + "\n" for k, row in enumerate(table)]
        data = (text + "Values:\n" + "".join(rows)).encode()
    else:
        data = (text + "Binary:\n").encode() + table.tobytes()
    path = tmp_path / "x.raw"
    path.write_bytes(data[: len(data) - cut])
    return path


TABLE = np.array([[0.0, 1.0, 2.0], [1e-12, 1.5, -2.0], [2e-12, 1.75, 1e-300]])


@pytest.mark.parametrize("ascii_form", [False, True])
def test_both_forms_give_the_same_numbers(tmp_path, ascii_form):
    (plot,) = read_raw(raw(tmp_path, TABLE, ascii_form=ascii_form))
    assert plot.complete
    np.testing.assert_array_equal(plot.values.T, TABLE)
    np.testing.assert_array_equal(plot["V(a)"], TABLE[:, 1])
    np.testing.assert_array_equal(plot["a"], TABLE[:, 1])
    np.testing.assert_array_equal(plot["l1#branch"], TABLE[:, 2])
    with pytest.raises(UnknownNameError, match="no vector 'b'"):
        plot["b"]


def test_complex_values(tmp_path):
    table = TABLE + 1j * TABLE[::-1]
    (plot,) = read_raw(raw(tmp_path, table, flags="complex"))
    np.testing.assert_array_equal(plot.values.T, table)


def test_two_plots_in_one_file(tmp_path):
    path = raw(tmp_path, TABLE)
    path.write_bytes(path.read_bytes() * 2)
    assert [p.values.shape for p in read_raw(path)] == [(3, 3), (3, 3)]


def test_a_file_that_breaks_off_keeps_its_whole_points(tmp_path):
    (plot,) = read_raw(raw(tmp_path, TABLE, cut=10))
    assert plot.values.shape == (3, 2)
    assert not plot.complete


def test_a_run_that_was_killed_announces_no_points_yet(tmp_path):
    (plot,) = read_raw(raw(tmp_path, TABLE, points=0))
    assert plot.values.shape == (3, 3)
    assert not plot.complete


@pytest.mark.parametrize("content", [b"", b"hello\n", b"Title: x\nPlotname: y\n", b"\x00\x01\x02\n\xff\n" * 10])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "x.raw"
    path.write_bytes(content)
    with pytest.raises(NetlistError, match=r"x\.raw"):
        read_raw(path)
