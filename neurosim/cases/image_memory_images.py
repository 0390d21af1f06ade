"""Images for a memory of bits: black and white digits, what is shown of them, and the cells that show it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError, EngineError

Bools = NDArray[np.bool_]

SIDE = 8
PIXELS = SIDE * SIDE
"""Of scikit-learn's digits."""

THRESHOLD = 8
"""Of 16 grey levels; from here on a pixel is on [chosen: half]."""

RANDOM_QUARTER = "random quarter"

FRAGMENTS = ("top half", "bottom half", "left half", "right half", "middle quarter", RANDOM_QUARTER)
"""Parts of an image that can be shown by themselves."""


def load_images(count: int) -> tuple[Bools, NDArray[np.int64]]:
    """Return the first digits of each class of scikit-learn's 1,797, thresholded, all of them different.

    Parameters
    ----------
    count : int
        A multiple of ten.

    Returns
    -------
    images : array of bool, shape (count, 64)
        Row by row, digits 0 to 9 in turn.
    labels : array, shape (count,)

    Raises
    ------
    EngineError
        Without scikit-learn.

    References
    ----------
    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998), doi 10.24432/C50P49.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise EngineError(
            "case 'image-memory' takes its images from scikit-learn, which is not installed: "
            "pip install 'neurofluxon[learn]'"
        ) from error
    if count < 10 or count % 10:
        raise DescriptionError(f"as many images of each digit: a multiple of ten, not {count}")
    grey, labels = load_digits(return_X_y=True)
    _, first = np.unique(grey >= THRESHOLD, axis=0, return_index=True)
    first.sort()
    chosen = np.array([first[labels[first] == digit][: count // 10] for digit in range(10)]).T.ravel()
    return grey[chosen] >= THRESHOLD, labels[chosen].astype(np.int64)


def bits_of(image: Bools, known: Bools | None = None, *, off_cells: bool = True) -> frozenset[int]:
    """Return the bits that show an image: two cells a pixel, as the ON and OFF cells of a retina.

    Bit p stands for "pixel p is on", bit ``pixels + p`` for "pixel p is off"; a pixel that is not known shows neither.

    Parameters
    ----------
    image : array of bool, shape (pixels,)
    known : array of bool, shape (pixels,), optional
        Pixels that are shown; all of them if not given.
    off_cells : bool
        Whether the cells of dark pixels take part.
    """
    seen = np.ones_like(image) if known is None else known
    on, off = image & seen, ~image & seen & off_cells
    return frozenset(np.flatnonzero(np.concatenate([on, off])).tolist())


def image_of(bits: frozenset[int], pixels: int) -> Bools:
    """Return the image whose ON cells are among the bits."""
    image = np.zeros(pixels, dtype=bool)
    image[[bit for bit in bits if bit < pixels]] = True
    return image


def corrupt(images: Bools, kind: str, part: float, generator: np.random.Generator) -> tuple[Bools, Bools]:
    """Corrupt a part of the pixels of each image, chosen at random.

    Parameters
    ----------
    images : array of bool, shape (images, pixels)
    kind : str
        ``"erased"``: nothing is known of them; ``"flipped"``: black for white.
    part : float
        Of the pixels, rounded to whole ones.
    generator : Generator

    Returns
    -------
    shown, known : array of bool, shape (images, pixels)
    """
    order = np.argsort(generator.random(images.shape), axis=1)
    chosen = order < round(part * images.shape[1])
    if kind == "flipped":
        return images ^ chosen, np.ones_like(images)
    return images.copy(), ~chosen


def fragment(images: Bools, name: str, generator: np.random.Generator) -> Bools:
    """Return which pixels of each image a fragment shows; the random quarter is another one for each."""
    if name == RANDOM_QUARTER:
        return np.argsort(generator.random(images.shape), axis=1) < PIXELS // 4
    window = np.zeros((SIDE, SIDE), dtype=bool)
    half = slice(SIDE // 2), slice(SIDE // 2, None)
    middle = slice(SIDE // 4, -SIDE // 4)
    window[
        {
            "top half": (half[0], slice(None)),
            "bottom half": (half[1], slice(None)),
            "left half": (slice(None), half[0]),
            "right half": (slice(None), half[1]),
            "middle quarter": (middle, middle),
        }[name]
    ] = True
    return np.broadcast_to(window.ravel(), images.shape).copy()
