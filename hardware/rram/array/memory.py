"""How much memory is left for large arrays."""

from __future__ import annotations

import os
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")


def available() -> float:
    """Bytes that a process can still take without swapping; infinite where the system does not say."""
    return min(_of_machine(), _of_group())


def _of_machine() -> float:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * int(line.split()[1])
    except OSError:
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def _of_group() -> float:
    """Of a container, which the machine's figures leave out."""
    try:
        most, taken = (Path(_GROUP / f"memory.{what}").read_text(encoding="ascii") for what in ("max", "current"))
        return float(most) - float(taken)
    except (OSError, ValueError):
        return float("inf")
