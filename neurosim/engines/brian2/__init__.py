"""The engine ``brian2``, interpreted or compiled."""

import importlib
import sys


def _import_without_plotting() -> None:
    """Import Brian2 without Matplotlib, which it would load for names that nothing here uses.

    On a fresh machine that takes as long as listing all fonts does. Who wants ``plot`` from Brian2 imports it first.
    """
    if {"brian2", "pylab", "matplotlib.pyplot"} & sys.modules.keys():
        return
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]
    modules["pylab"] = None
    try:
        importlib.import_module("brian2")
    finally:
        del modules["pylab"]


_import_without_plotting()
