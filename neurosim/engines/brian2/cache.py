"""Where compiled Brian2 projects are kept: one folder a network, made by one process, used by any number.

A folder is compiled under another name and then renamed, so it is there whole or not at all; two processes that
compile the same at once do it twice and keep one. Programs write to folders of their own. All of it may be deleted at
any time.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from neurosim.engines.brian2.project import FAILURE, FLAGS, LAYOUT, NETWORK, PROGRAM, compiler
from neurosim.network import Network
from spice_models import errors
from spice_models.errors import EngineError
from spice_models.fingerprint import fingerprint

LOG = logging.getLogger(__name__)

VARIABLE = "NEUROFLUXON_CACHE"
"""Environment variable that names the folder for all that is kept between processes."""

SOURCES = ("project", "build", "discrete", "models", "sources")
"""Modules of this package that decide what is compiled."""

DEADLINE = 1800.0
"""A compilation that takes longer hangs [s; chosen]."""

ABANDONED = 86_400.0
"""Age at which a folder that was never finished is removed [s; chosen]."""


def cache_folder() -> Path:
    """Return the folder for compiled projects; raises `EngineError` if it cannot be written."""
    folder = _cache_place() / "brian2"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise EngineError(
            f"compiled projects cannot be kept in {folder} ({error}): set {VARIABLE} to a folder that you can write"
        ) from error
    return folder


def _cache_place() -> Path:
    for variable, inside in ((VARIABLE, ""), ("XDG_CACHE_HOME", "neurofluxon")):
        if os.environ.get(variable):
            return Path(os.environ[variable]) / inside
    try:
        home = Path.home()
    except RuntimeError as error:
        raise EngineError(
            f"there is no home folder to keep compiled projects in: set {VARIABLE} to a folder"
        ) from error
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "neurofluxon"


def project_key(network: Network, layers: Mapping[str, int], step: float) -> str:
    """Return a short text of all that is compiled in: models, rules, synapses, delays; not the weights."""
    stamp = sha256()
    for name in SOURCES:
        found = find_spec(f"{__package__}.{name}")
        assert found is not None
        assert found.origin is not None
        stamp.update(Path(found.origin).read_bytes())
    joined = [
        (p.name, p.pre, p.post, p.plasticity, p.connections.pre, p.connections.post, p.connections.delay)
        for p in network.projections
    ]
    tools = (metadata.version("brian2"), platform.system(), platform.machine(), compiler(), FLAGS, stamp.hexdigest())
    whole = fingerprint([(p.name, p.size, p.neuron) for p in network.populations], joined, dict(layers), step, tools)
    return whole[:24]


def compiled_project(network: Network, layers: Mapping[str, int], step: float) -> tuple[Path, bool]:
    """Return the folder of the compiled network, and whether it had to be compiled first.

    Raises
    ------
    EngineError
        If there is no compiler, or it fails, or nothing can be kept.
    DescriptionError
        For a network that Brian2 cannot run.
    """
    cache = cache_folder()
    folder = cache / project_key(network, layers, step)
    if (folder / LAYOUT).exists():
        return folder, False
    _remove_abandoned(cache)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
    try:
        LOG.warning("compiling network %r as a C++ program, once, some ten seconds; kept in %s", network.name, folder)
        (scratch / NETWORK).write_bytes(pickle.dumps((network, dict(layers), step)))
        _build(scratch)
        try:
            scratch.rename(folder)
        except OSError:
            # another process was faster, or half a folder is in the way
            if not (folder / LAYOUT).exists():
                shutil.rmtree(folder, ignore_errors=True)
                scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder, True


def _build(folder: Path) -> None:
    code = f"import runpy, sys; sys.path[:] = {sys.path!r}; sys.argv[1:] = [{str(folder)!r}]; " + (
        "runpy.run_module('neurosim.engines.brian2.project', run_name='__main__')"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=False,
            errors="replace",
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=DEADLINE,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"Brian2 could not be started to compile the network: {error}") from error
    if (folder / FAILURE).exists():
        failure = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
        raise getattr(errors, failure["type"], EngineError)(failure["message"])
    if done.returncode or not (folder / PROGRAM).exists():
        raise EngineError(f"Brian2 could not compile the network: {done.stderr.strip()[-600:] or 'no reason given'}")


def _remove_abandoned(cache: Path) -> None:
    for scratch in cache.glob(".new-*"):
        with suppress(FileNotFoundError):  # another process has just finished it
            if time.time() - scratch.stat().st_mtime > ABANDONED:
                shutil.rmtree(scratch, ignore_errors=True)
