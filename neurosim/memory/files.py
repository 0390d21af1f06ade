"""Files of a `HippocampalMemory`: what it is, in JSON, and all that decides how it goes on, in one archive."""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.atomic import write_bytes
from spice_models.errors import DescriptionError

FORMAT, VERSION = "neurofluxon-hippocampal-memory", 2
OLDER_VERSIONS = {1: {"variant": "paper", "plasticity": None}}
"""What files of older versions do not tell: those of version 1 hold memories of the paper's variant."""

TOLD = ("cues", "bits", "variant", "plasticity", "spacing", "engine")


def write_memory(path: str | Path, about: Mapping[str, Any], state: Mapping[str, NDArray[Any]]) -> Path:
    """Write a memory, whole or not at all: a crash in the middle leaves the file that was there."""
    buffer, text = io.BytesIO(), json.dumps({"format": FORMAT, "version": VERSION, **about})
    np.savez_compressed(buffer, about=np.array(text), **state)  # type: ignore[arg-type]
    return write_bytes(path, buffer.getvalue())


def read_memory(path: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what `write_memory` wrote; raises `DescriptionError` for a file that is none of ours, or damaged."""
    content = io.BytesIO(Path(path).read_bytes())
    # what a flipped bit in an archive makes of it depends on where it lies
    damage = (
        *(ValueError, KeyError, TypeError, AttributeError, EOFError, RuntimeError),
        *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
    )
    try:
        with np.load(content, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        if about["format"] != FORMAT or about["version"] not in (VERSION, *OLDER_VERSIONS):
            raise ValueError(f"format {about['format']!r}, version {about['version']!r}")
        about = {**OLDER_VERSIONS.get(about["version"], {}), **about}
        return {name: about[name] for name in TOLD}, arrays
    except damage as error:
        raise damaged(path, error) from error


def damaged(path: str | Path, error: Exception) -> DescriptionError:
    """Return what to raise for a file that does not hold a memory."""
    return DescriptionError(
        f"{path} is not a memory of format {FORMAT!r}, version {VERSION}, or it is damaged: {error}"
    )
