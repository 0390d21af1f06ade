"""What is installed, what is missing, and what to do about it.

Every check returns a `Finding` instead of raising, so that one broken package does not hide the rest. What is required
is read from the installed distribution's own metadata: `pyproject.toml` is the one place that says it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

DISTRIBUTION = "neurofluxon"
DEADLINE = 30.0  # [s] chosen: a program that takes longer to tell its version hangs
INSTALL_NGSPICE = (
    "to check results against it: sudo apt-get install ngspice libngspice0-dev (Debian, Ubuntu); "
    "dnf install ngspice libngspice-devel (Fedora); brew install ngspice libngspice (macOS)"
)
# In a process of its own: a library that hangs or crashes while loading must not take the doctor with it.
LOAD_LIBNGSPICE = """
import pathlib
from PySpice.Spice.NgSpice.Shared import NgSpiceShared
print(NgSpiceShared.new_instance().ngspice_version)
maps = pathlib.Path("/proc/self/maps")
lines = maps.read_text().splitlines() if maps.exists() else []
print(next((line.split()[-1] for line in lines if "libngspice" in line), NgSpiceShared.LIBRARY_PATH))
"""

# In a process of its own too: a package that is broken must not hide the other findings.
ASK_COMPILED = """
from {room}.compilation import CODE
print(*CODE.kept(), sep="\\n")
"""
COMPILE = f"{sys.executable} -m {{room}}.warm"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    subject
        What was looked for.
    state
        ``ok``; ``missing``; ``broken``, which is there and does not work or is in the way.
    detail
        Version, place or reason.
    remedy
        What to do when it is not ``ok``.
    required
        Whether the toolkit cannot do its work without it.
    """

    subject: str
    state: Literal["ok", "missing", "broken"]
    detail: str = ""
    remedy: str = ""
    required: bool = False

    @property
    def fatal(self) -> bool:
        """Whether something required is not as it must be."""
        return self.required and self.state != "ok"


def examine() -> Iterator[Finding]:
    """Look at everything, cheapest first, without importing any of the packages looked at."""
    yield Finding(subject="Python", state="ok", detail=f"{sys.version.split()[0]} ({sys.executable})", required=True)
    yield from packages()
    yield from strangers()
    yield ngspice_program()
    yield ngspice_library()
    yield josim()
    yield compiler()
    yield compiled_engine()
    yield compiled_discrete_engine()
    yield compiled_crossbar()


def packages() -> Iterator[Finding]:
    """Compare the installed packages with what this distribution asks for."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
        yield Finding(subject=DISTRIBUTION, state="ok", detail=metadata.version(DISTRIBUTION), required=True)
    except metadata.PackageNotFoundError:
        remedy = f"pip install {DISTRIBUTION}, or pip install --editable . in its source folder"
        yield Finding(subject=DISTRIBUTION, state="missing", detail="not installed", remedy=remedy, required=True)
        return
    extras = [None, *(metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or [])]
    for extra in extras:
        for line in wanted:
            requirement = Requirement(line)
            marker = requirement.marker
            if extra is None and (marker is None or marker.evaluate({"extra": ""})):
                yield package(requirement, extra=None)
            elif extra and marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}):
                yield package(requirement, extra=extra)


def package(requirement: Requirement, *, extra: str | None) -> Finding:
    """Look for one package in the version asked for.

    Parameters
    ----------
    requirement
        Name and versions.
    extra
        The extra that asks for it; None for a package that is always needed.
    """
    subject = requirement.name if extra is None else f"{requirement.name} [{extra}]"
    wanted = f"{requirement.name}{requirement.specifier}"
    remedy = f"pip install '{wanted}'" if extra is None else f"pip install '{DISTRIBUTION}[{extra}]'"
    required = extra is None
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding(subject=subject, state="missing", detail="not installed", remedy=remedy, required=required)
    if not requirement.specifier.contains(version, prereleases=True):
        detail = f"{version} does not satisfy {requirement.specifier}"
        return Finding(subject=subject, state="broken", detail=detail, remedy=remedy, required=required)
    return Finding(subject=subject, state="ok", detail=version, required=required)


def strangers() -> Iterator[Finding]:
    """Find other people's distributions that carry our package names and overwrite our files when installed."""
    for name in ("neurosim", "hardware", "spice_models"):
        try:
            version = metadata.version(name)
        except (metadata.PackageNotFoundError, InvalidRequirement):
            continue
        detail = f"the unrelated distribution {name} {version} installs a package of the same name as ours"
        remedy = f"pip uninstall {name}, then pip install --force-reinstall --no-deps {DISTRIBUTION}"
        yield Finding(subject=name, state="broken", detail=detail, remedy=remedy, required=True)


def output_of(command: list[str], *, own_home: bool = True) -> str:
    """Run a program in an empty folder and return all it says.

    ngspice crashes without a HOME and obeys the ``.spiceinit`` that it finds there or in the working folder.

    Parameters
    ----------
    command
        Program and arguments.
    own_home
        Whether that folder is its HOME, too.

    Raises
    ------
    OSError, subprocess.SubprocessError
        The program cannot be run, fails or takes longer than `DEADLINE`.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "HOME": folder} if own_home else None
        done = subprocess.run(
            command,
            capture_output=True,
            check=True,
            cwd=folder,
            env=environment,
            errors="replace",
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=DEADLINE,
        )
    return done.stdout + done.stderr


def program(name: str, arguments: list[str], version: str, remedy: str) -> Finding:
    """Look for a program and ask its version; one that has none to tell is not what it is called.

    Parameters
    ----------
    name
        Name on the path.
    arguments
        What makes it tell its version.
    version
        Regular expression with one group, the version.
    remedy
        How to install it.
    """
    path = shutil.which(name)
    if path is None:
        return Finding(subject=name, state="missing", detail="not on the path", remedy=remedy)
    try:
        found = re.search(version, output_of([path, *arguments]))
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(subject=name, state="broken", detail=f"{path}: {error}", remedy=remedy)
    if found is None:
        return Finding(subject=name, state="broken", detail=f"{path} does not tell a version", remedy=remedy)
    return Finding(subject=name, state="ok", detail=f"{found[1]} ({path})")


def ngspice_program() -> Finding:
    """Look for the ngspice program, which the engine ``ngspice`` runs in batch mode."""
    return program("ngspice", ["--version"], r"ngspice-(\S+)", INSTALL_NGSPICE)


def josim() -> Finding:
    """Look for JoSIM, which the engine ``josim`` runs."""
    remedy = "to check results against it: build https://github.com/JoeyDelp/JoSIM and put josim-cli on the path"
    return program("josim-cli", ["--version"], r"v?(\d+\.\d+\S*)", remedy)


def ngspice_library() -> Finding:
    """Load libngspice through PySpice, in a process of its own."""
    subject = "libngspice"
    try:
        version, path = output_of([sys.executable, "-W", "ignore", "-c", LOAD_LIBNGSPICE]).split("\n")[:2]
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [f"exit status {error.returncode}"])[-1]
        missing = "cannot open shared object" in reason or "image not found" in reason
        state: Literal["missing", "broken"] = "missing" if missing else "broken"
        return Finding(subject=subject, state=state, detail=reason, remedy=INSTALL_NGSPICE)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Finding(subject=subject, state="broken", detail=str(error), remedy=INSTALL_NGSPICE)
    return Finding(subject=subject, state="ok", detail=f"{version} ({path})")


def compiler() -> Finding:
    """Look for the C++ compiler of Brian2's targets ``cython`` and ``cpp_standalone``."""
    path = next(filter(None, map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++"))), None)
    if path is None:
        detail = "none found: Brian2 runs with its numpy target, slower on large networks"
        return Finding(subject="C++ compiler", state="missing", detail=detail, remedy="install g++ or clang")
    return Finding(subject="C++ compiler", state="ok", detail=f"{path} (Brian2 targets cython, cpp_standalone)")


def compiled_engine() -> Finding:
    """Look for the compiled circuit engine."""
    return compiled_code("compiled engine", "spice_models.engines.native")


def compiled_discrete_engine() -> Finding:
    """Look for the compiled loop of the engine ``discrete``."""
    return compiled_code("compiled discrete engine", "neurosim.engines.vectorised")


def compiled_crossbar() -> Finding:
    """Look for the compiled solver of crossbars."""
    return compiled_code("compiled crossbar solver", "hardware.rram.array")


def compiled_code(subject: str, room: str) -> Finding:
    """Ask, in a process of its own, where compiled code is kept and whether it is there.

    Parameters
    ----------
    subject
        What the code is of.
    room
        Package with a module ``compilation`` that describes it, and a module ``warm`` that compiles it ahead.
    """
    ask = ASK_COMPILED.format(room=room)
    code = f"import sys\nsys.path = {[os.path.abspath(path) for path in sys.path]!r}\n{ask}"
    try:
        place, current, lasting = output_of([sys.executable, "-c", code], own_home=False).split("\n")[:3]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        return Finding(
            subject=subject, state="broken", detail=reason, remedy="see numba and scipy above", required=True
        )
    if lasting != "True":
        detail = "no folder for it can be written: it is compiled anew in each process"
        remedy = "set NUMBA_CACHE_DIR to a folder that you can write"
        return Finding(subject=subject, state="broken", detail=detail, remedy=remedy)
    if current != "True":
        detail = f"not compiled yet; the first run does it, and keeps it in {place}"
        return Finding(
            subject=subject,
            state="missing",
            detail=detail,
            remedy=f"to do it now: {COMPILE.format(room=room)}",
        )
    return Finding(subject=subject, state="ok", detail=f"kept in {place}")
