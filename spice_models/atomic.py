"""Files appear whole or not at all: written under a new name, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from spice_models.errors import OutputError


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file; an interrupted or failed write leaves what was there before.

    Raises
    ------
    OutputError
        If the folder does not exist or cannot be written to.
    """
    return write_bytes(path, text.encode())


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a file of bytes, as `write_text` does; links are followed, and devices and pipes written to directly."""
    target = Path(path)
    temporary: str | None = None
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                device.write(data)
            return target
        target = target.resolve()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; give a folder that exists and that you may write to"
        ) from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
    return Path(path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
